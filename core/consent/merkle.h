/*
 * The Merkle tree of RFC 9162 (that of RFC 6962) over the hashes of records: its root stands for
 * all of them, a short path proves that one is among them, or that an older root stood for the
 * first of them.
 */
#ifndef SEKISHO_CONSENT_MERKLE_H
#define SEKISHO_CONSENT_MERKLE_H

#include "crypto/hash.h"

#include <stddef.h>

enum { MERKLE_PATH_MAX = 64 };

struct merkle_hash {
    uint8_t bytes[SHA256_BYTES];
};

/* Roots of whole subtrees, all that is needed to append: `nodes[i]` where bit i of `size` is set.
 */
struct merkle {
    uint64_t size;
    struct merkle_hash nodes[MERKLE_PATH_MAX];
};

/* The hash of a leaf with this content. */
struct merkle_hash merkle_leaf(struct slice content);

void merkle_append(struct merkle *tree, const struct merkle_hash *leaf);
struct merkle_hash merkle_root(const struct merkle *tree); /* of the empty tree: of nothing */

/* The path from leaf `index` to the root over all `count`. Returns its length. */
size_t merkle_inclusion(const struct merkle_hash *leaves, size_t count, size_t index,
                        struct merkle_hash path[static MERKLE_PATH_MAX]);
bool merkle_includes(const struct merkle_hash *root, uint64_t size, uint64_t index,
                     const struct merkle_hash *leaf, const struct merkle_hash *path, size_t len);

/* The path from the root over the first `old` to that over all `count`. Returns its length. */
size_t merkle_consistency(const struct merkle_hash *leaves, size_t count, size_t old,
                          struct merkle_hash path[static MERKLE_PATH_MAX]);
bool merkle_extends(const struct merkle_hash *old_root, uint64_t old_size,
                    const struct merkle_hash *root, uint64_t size, const struct merkle_hash *path,
                    size_t len);

#endif
