/* The tree against its definition in RFC 9162, for every size, index and older size up to a few. */
#include "consent/merkle.h"

#include "fixture.h"

#include <string.h>

enum { LEAVES = 40 };

static struct merkle_hash leaves[LEAVES];

static void make_leaves(void)
{
    for (uint8_t i = 0; i < LEAVES; i++)
        leaves[i] = merkle_leaf(slice_of(&i, 1));
}

static struct merkle_hash root_over(size_t count)
{
    struct merkle tree = {0};

    for (size_t i = 0; i < count; i++)
        merkle_append(&tree, &leaves[i]);
    return merkle_root(&tree);
}

static void assert_hex(struct merkle_hash hash, const char *expected)
{
    char text[2 * SHA256_BYTES + 1];

    hex_encode(slice_of(hash.bytes, SHA256_BYTES), text);
    assert_string_equal(text, expected);
}

/* The vectors that implementations of RFC 6962 share. */
static void roots_are_those_of_the_standard(void **state)
{
    static const uint8_t second[] = {0x00};
    struct merkle tree = {0};
    struct merkle_hash leaf;

    (void)state;
    assert_hex(merkle_root(&tree),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    leaf = merkle_leaf((struct slice){0});
    merkle_append(&tree, &leaf);
    assert_hex(merkle_root(&tree),
               "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    leaf = merkle_leaf(slice_of(second, sizeof second));
    merkle_append(&tree, &leaf);
    assert_hex(merkle_root(&tree),
               "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

static void every_leaf_is_proven_and_no_other(void **state)
{
    struct merkle_hash path[MERKLE_PATH_MAX];

    (void)state;
    make_leaves();
    for (size_t size = 1; size <= LEAVES; size++) {
        struct merkle_hash root = root_over(size);

        for (size_t i = 0; i < size; i++) {
            size_t len = merkle_inclusion(leaves, size, i, path);

            assert_true(merkle_includes(&root, size, i, &leaves[i], path, len));
            assert_false(merkle_includes(&root, size, i, &leaves[(i + 1) % LEAVES], path, len));
            assert_false(merkle_includes(&root, size, size, &leaves[i], path, len));
            if (len > 0) {
                path[len - 1].bytes[0] ^= 1;
                assert_false(merkle_includes(&root, size, i, &leaves[i], path, len));
                assert_false(merkle_includes(&root, size, i, &leaves[i], path, len - 1));
            }
        }
    }
}

static void every_older_root_is_extended_and_no_other(void **state)
{
    struct merkle_hash path[MERKLE_PATH_MAX];

    (void)state;
    make_leaves();
    for (size_t size = 1; size <= LEAVES; size++) {
        struct merkle_hash root = root_over(size);

        for (size_t old = 1; old <= size; old++) {
            struct merkle_hash before = root_over(old);
            size_t len = merkle_consistency(leaves, size, old, path);

            assert_true(merkle_extends(&before, old, &root, size, path, len));
            before.bytes[5] ^= 1;
            assert_false(merkle_extends(&before, old, &root, size, path, len));
            before.bytes[5] ^= 1;
            root.bytes[5] ^= 1;
            assert_false(merkle_extends(&before, old, &root, size, path, len));
            root.bytes[5] ^= 1;
            if (len > 0)
                assert_false(merkle_extends(&before, old, &root, size, path, len - 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_the_standard),
        cmocka_unit_test(every_leaf_is_proven_and_no_other),
        cmocka_unit_test(every_older_root_is_extended_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
