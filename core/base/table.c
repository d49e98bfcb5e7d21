#include "base/table.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_FIRST_BUCKETS = 64 };

/* Keyed multiply-and-fold over the padded key. */
static uint64_t hash_key(uint64_t seed, const void *key, size_t key_len)
{
    uint64_t words[2] = {0, 0};
    uint64_t hash = seed ^ key_len;

    memcpy(words, key, key_len);
    for (int i = 0; i < 2; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32 ^ seed >> 17;
    }
    return hash * UINT64_C(0xD6E8FEB86659FD93) >> 16;
}

void table_init(struct table *table, uint64_t seed)
{
    *table = (struct table){.seed = seed | 1};
}

void table_free(struct table *table)
{
    free(table->buckets);
    *table = (struct table){0};
}

static struct table_node **bucket_of(const struct table *table, const void *key, size_t key_len)
{
    return &table->buckets[hash_key(table->seed, key, key_len) & (table->bucket_count - 1)];
}

struct table_node *table_find(const struct table *table, const void *key, size_t key_len)
{
    if (table->count == 0)
        return NULL;
    for (struct table_node *node = *bucket_of(table, key, key_len); node; node = node->next)
        if (node->key_len == key_len && memcmp(node->key, key, key_len) == 0)
            return node;
    return NULL;
}

static void table_grow(struct table *table)
{
    struct table old = *table;

    table->bucket_count = old.bucket_count ? old.bucket_count * 2 : TABLE_FIRST_BUCKETS;
    table->buckets = mem_array(table->bucket_count, sizeof(struct table_node *));
    for (size_t i = 0; i < old.bucket_count; i++) {
        struct table_node *node = old.buckets[i];

        while (node) {
            struct table_node *next = node->next;
            struct table_node **bucket = bucket_of(table, node->key, node->key_len);

            node->next = *bucket;
            *bucket = node;
            node = next;
        }
    }
    free(old.buckets);
}

void table_insert(struct table *table, struct table_node *node, const void *key, size_t key_len)
{
    struct table_node **bucket;

    if (table->count >= table->bucket_count)
        table_grow(table);
    memcpy(node->key, key, key_len);
    node->key_len = key_len;
    bucket = bucket_of(table, key, key_len);
    node->next = *bucket;
    *bucket = node;
    table->count++;
}

void table_remove(struct table *table, struct table_node *node)
{
    struct table_node **link = bucket_of(table, node->key, node->key_len);

    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    table->count--;
}
