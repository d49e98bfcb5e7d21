#include "consent/merkle.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { OF_LEAF = 0, OF_NODE = 1 };

static struct merkle_hash node_of(const struct merkle_hash *left, const struct merkle_hash *right)
{
    uint8_t content[1 + 2 * SHA256_BYTES] = {OF_NODE};
    struct merkle_hash out;

    memcpy(content + 1, left->bytes, SHA256_BYTES);
    memcpy(content + 1 + SHA256_BYTES, right->bytes, SHA256_BYTES);
    sha256(slice_of(content, sizeof content), out.bytes);
    return out;
}

static bool equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, SHA256_BYTES) == 0;
}

struct merkle_hash merkle_leaf(struct slice content)
{
    static const uint8_t mark[] = {OF_LEAF};
    struct merkle_hash out;

    sha256_two(slice_of(mark, sizeof mark), content, out.bytes);
    return out;
}

void merkle_append(struct merkle *tree, const struct merkle_hash *leaf)
{
    struct merkle_hash hash = *leaf;
    size_t level = 0;

    for (; tree->size >> level & 1; level++)
        hash = node_of(&tree->nodes[level], &hash);
    tree->nodes[level] = hash;
    tree->size++;
}

struct merkle_hash merkle_root(const struct merkle *tree)
{
    struct merkle_hash root = {{0}};
    bool begun = false;

    if (tree->size == 0)
        sha256((struct slice){0}, root.bytes);
    for (size_t level = 0; level < MERKLE_PATH_MAX; level++) {
        if (!(tree->size >> level & 1))
            continue;
        root = begun ? node_of(&tree->nodes[level], &root) : tree->nodes[level];
        begun = true;
    }
    return root;
}

static struct merkle_hash root_of(const struct merkle_hash *leaves, size_t count)
{
    struct merkle tree = {0};

    for (size_t i = 0; i < count; i++)
        merkle_append(&tree, &leaves[i]);
    return merkle_root(&tree);
}

/* The largest power of two below `count`, which is above 1: where the tree divides. */
static size_t split(size_t count)
{
    size_t left = 1;

    while (left * 2 < count)
        left *= 2;
    return left;
}

static void turn(struct merkle_hash *path, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        struct merkle_hash other = path[i];

        path[i] = path[len - 1 - i];
        path[len - 1 - i] = other;
    }
}

size_t merkle_inclusion(const struct merkle_hash *leaves, size_t count, size_t index,
                        struct merkle_hash path[static MERKLE_PATH_MAX])
{
    size_t len = 0;

    while (count > 1) {
        size_t left = split(count);
        bool goes_left = index < left;

        path[len++] = goes_left ? root_of(leaves + left, count - left) : root_of(leaves, left);
        leaves += goes_left ? 0 : left;
        index -= goes_left ? 0 : left;
        count = goes_left ? left : count - left;
    }
    turn(path, len);
    return len;
}

/* RFC 9162, 2.1.3.2 */
bool merkle_includes(const struct merkle_hash *root, uint64_t size, uint64_t index,
                     const struct merkle_hash *leaf, const struct merkle_hash *path, size_t len)
{
    struct merkle_hash hash = *leaf;
    uint64_t last = size - 1;

    if (index >= size)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (last == 0)
            return false;
        if ((index & 1) || index == last) {
            hash = node_of(&path[i], &hash);
            for (; !(index & 1) && index != 0; last >>= 1)
                index >>= 1;
        } else {
            hash = node_of(&hash, &path[i]);
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && equal(&hash, root);
}

size_t merkle_consistency(const struct merkle_hash *leaves, size_t count, size_t old,
                          struct merkle_hash path[static MERKLE_PATH_MAX])
{
    size_t len = 0;
    bool known = true; /* the old root is that of the part that is looked at */

    if (old == 0 || old == count)
        return 0;
    while (old < count) {
        size_t left = split(count);
        bool goes_left = old <= left;

        path[len++] = goes_left ? root_of(leaves + left, count - left) : root_of(leaves, left);
        known = known && goes_left;
        leaves += goes_left ? 0 : left;
        old -= goes_left ? 0 : left;
        count = goes_left ? left : count - left;
    }
    if (!known)
        path[len++] = root_of(leaves, count);
    turn(path, len);
    return len;
}

/* RFC 9162, 2.1.4.2 */
bool merkle_extends(const struct merkle_hash *old_root, uint64_t old_size,
                    const struct merkle_hash *root, uint64_t size, const struct merkle_hash *path,
                    size_t len)
{
    uint64_t first = old_size - 1;
    uint64_t last = size - 1;
    struct merkle_hash of_first;
    struct merkle_hash of_last;
    size_t at = 0;

    if (old_size == 0 || old_size > size)
        return old_size == 0 && len == 0;
    if (old_size == size)
        return len == 0 && equal(old_root, root);
    for (; first & 1; last >>= 1)
        first >>= 1;
    if (first > 0 && len == 0)
        return false;
    of_first = first == 0 ? *old_root : path[at++];
    of_last = of_first;
    for (; at < len; at++) {
        if (last == 0)
            return false;
        if ((first & 1) || first == last) {
            of_first = node_of(&path[at], &of_first);
            of_last = node_of(&path[at], &of_last);
            for (; !(first & 1) && first != 0; last >>= 1)
                first >>= 1;
        } else {
            of_last = node_of(&of_last, &path[at]);
        }
        first >>= 1;
        last >>= 1;
    }
    return last == 0 && equal(&of_first, old_root) && equal(&of_last, root);
}
