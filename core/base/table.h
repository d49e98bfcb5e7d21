/*
 * A hash table of nodes that live inside their owners' structs. Keys are short byte strings; the
 * hash is keyed by a random seed, so peers cannot choose keys that collide.
 */
#ifndef SEKISHO_BASE_TABLE_H
#define SEKISHO_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { TABLE_KEY_BYTES = 16 };

struct table_node {
    struct table_node *next;
    uint8_t key[TABLE_KEY_BYTES];
    size_t key_len;
};

struct table {
    struct table_node **buckets;
    size_t bucket_count; /* a power of two, or 0 while empty */
    size_t count;
    uint64_t seed;
};

void table_init(struct table *table, uint64_t seed);

/* Frees the buckets, not the nodes. Accepts {0}. */
void table_free(struct table *table);

/* The node with this key (at most TABLE_KEY_BYTES), or NULL. */
struct table_node *table_find(const struct table *table, const void *key, size_t key_len);

/* Adds a node under a key that is not in the table; keeps it until table_remove. */
void table_insert(struct table *table, struct table_node *node, const void *key, size_t key_len);

void table_remove(struct table *table, struct table_node *node);

#endif
