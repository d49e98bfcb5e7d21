/*
 * What follows from published numbers, by trying all that could have led to them: an attacker who
 * knows how they are made, and nothing else, must not learn of a group that it is of 1 to k - 1
 * players. That the group is empty is no player's.
 */
#include "consent/figures.h"

#include "fixture.h"

enum { K = 3, VALUES = 3, MOST = 8, TEXT_BYTES = 256 };

/* How many players stand in each row. */
struct counts {
    int of[VALUES];
};

static void publish(const struct counts *counts, char out[static TEXT_BYTES])
{
    static const char *const values[VALUES] = {"a", "b", "c"};
    struct figures figures = {0};
    json_t *table;
    char *text;

    for (size_t i = 0; i < VALUES; i++)
        if (counts->of[i] > 0)
            figures_add(&figures, slice_str(values[i]), counts->of[i]);
    table = figures_publish(&figures, 1, K);
    text = table ? json_dumps(table, JSON_COMPACT | JSON_SORT_KEYS) : mem_strdup("nothing");
    assert_true(strlen(text) < TEXT_BYTES);
    snprintf(out, TEXT_BYTES, "%s", text);
    free(text);
    json_decref(table);
    figures_clear(&figures);
}

/* All vectors with up to `most` in each row; the index is in that base. */
static struct counts counts_at(size_t index, int most)
{
    struct counts counts;

    for (size_t i = 0; i < VALUES; i++) {
        counts.of[i] = (int)(index % (size_t)(most + 1));
        index /= (size_t)(most + 1);
    }
    return counts;
}

static int sum(const struct counts *counts, unsigned rows)
{
    int players = 0;

    for (size_t i = 0; i < VALUES; i++)
        players += rows >> i & 1 ? counts->of[i] : 0;
    return players;
}

static bool is_small(int players)
{
    return players > 0 && players < K;
}

struct world {
    struct counts counts;
    char published[TEXT_BYTES];
};

static size_t make_worlds(int most, struct world **out)
{
    size_t count = 1;

    for (size_t i = 0; i < VALUES; i++)
        count *= (size_t)(most + 1);
    *out = mem_array(count, sizeof **out);
    for (size_t i = 0; i < count; i++) {
        (*out)[i].counts = counts_at(i, most);
        publish(&(*out)[i].counts, (*out)[i].published);
    }
    return count;
}

/* Whether another world looks the same, and these rows hold another number of players in it. */
static bool is_open(const struct world *worlds, size_t count, const struct world *real,
                    unsigned rows)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(worlds[i].published, real->published) == 0 &&
            sum(&worlds[i].counts, rows) != sum(&real->counts, rows))
            return true;
    return false;
}

static void no_small_group_follows_from_a_table(void **state)
{
    struct world *worlds;
    size_t count = make_worlds(MOST, &worlds);
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (unsigned rows = 1; rows < 1 << VALUES; rows++) {
            if (!is_small(sum(&worlds[i].counts, rows)))
                continue;
            tried++;
            assert_true(is_open(worlds, count, &worlds[i], rows));
        }
    }
    assert_true(tried > 500);
    free(worlds);
}

/* A subset of the same players, row by row: another table, or another month. */
static bool is_within(const struct counts *part, const struct counts *whole)
{
    for (size_t i = 0; i < VALUES; i++)
        if (part->of[i] > whole->of[i])
            return false;
    return true;
}

static bool difference_is_open(const struct world *worlds, size_t count, const struct world *whole,
                               const struct world *part, unsigned rows)
{
    int real = sum(&whole->counts, rows) - sum(&part->counts, rows);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(worlds[i].published, whole->published) != 0)
            continue;
        for (size_t j = 0; j < count; j++)
            if (strcmp(worlds[j].published, part->published) == 0 &&
                is_within(&worlds[j].counts, &worlds[i].counts) &&
                sum(&worlds[i].counts, rows) - sum(&worlds[j].counts, rows) != real)
                return true;
    }
    return false;
}

/* The attacker knows, too, that nobody of the smaller one is missing from the larger one. */
static void no_small_group_follows_from_the_difference_of_two(void **state)
{
    enum { FEWER = 5 };
    struct world *worlds;
    size_t count = make_worlds(FEWER, &worlds);
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            if (!is_within(&worlds[j].counts, &worlds[i].counts))
                continue;
            for (unsigned rows = 1; rows < 1 << VALUES; rows++) {
                if (!is_small(sum(&worlds[i].counts, rows) - sum(&worlds[j].counts, rows)))
                    continue;
                tried++;
                assert_true(difference_is_open(worlds, count, &worlds[i], &worlds[j], rows));
            }
        }
    }
    assert_true(tried > 500);
    free(worlds);
}

static void assert_published(const struct counts *counts, const char *expected)
{
    char text[TEXT_BYTES];

    publish(counts, text);
    assert_string_equal(text, expected);
}

static void rows_are_rounded_down_and_small_ones_are_not_named(void **state)
{
    (void)state;
    assert_published(&(struct counts){{2, 0, 0}}, "nothing");
    assert_published(&(struct counts){{1, 1, 1}}, "{\"players\":3,\"tables\":[[]]}");
    assert_published(&(struct counts){{4, 7, 2}},
                     "{\"players\":12,\"tables\":[[{\"players\":6,\"value\":\"b\"},"
                     "{\"players\":3,\"value\":\"a\"}]]}");
}

/* 5 + 5 + 2 would be the only way to 12 players. */
static void a_total_that_gives_all_away_is_lowered_for_all_tables_of_the_same_players(void **state)
{
    struct figures tables[2] = {0};
    json_t *published;

    (void)state;
    assert_published(&(struct counts){{5, 5, 2}},
                     "{\"players\":9,\"tables\":[[{\"players\":3,\"value\":\"a\"},"
                     "{\"players\":3,\"value\":\"b\"}]]}");
    figures_add(&tables[0], slice_str("x"), 12);
    figures_add(&tables[1], slice_str("a"), 5);
    figures_add(&tables[1], slice_str("b"), 5);
    figures_add(&tables[1], slice_str("c"), 2);
    published = figures_publish(tables, 2, K);
    assert_int_equal(json_integer_value(json_object_get(published, "players")), 9);
    json_decref(published);
    figures_clear(&tables[0]);
    figures_clear(&tables[1]);
}

/* Who is ahead by one is not told. */
static void the_order_tells_no_more_than_the_numbers(void **state)
{
    char one[TEXT_BYTES], two[TEXT_BYTES];

    (void)state;
    publish(&(struct counts){{4, 5, 0}}, one);
    publish(&(struct counts){{5, 4, 0}}, two);
    assert_string_equal(one, two);
}

static void what_is_no_text_is_one_row(void **state)
{
    struct figures figures = {0};
    json_t *table;

    (void)state;
    figures_add(&figures, slice_of("\xff", 1), 2);
    figures_add(&figures, slice_of("a\0b", 3), 2);
    table = figures_publish(&figures, 1, K);
    assert_int_equal(json_array_size(json_array_get(json_object_get(table, "tables"), 0)), 1);
    json_decref(table);
    figures_clear(&figures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_small_group_follows_from_a_table),
        cmocka_unit_test(no_small_group_follows_from_the_difference_of_two),
        cmocka_unit_test(rows_are_rounded_down_and_small_ones_are_not_named),
        cmocka_unit_test(a_total_that_gives_all_away_is_lowered_for_all_tables_of_the_same_players),
        cmocka_unit_test(the_order_tells_no_more_than_the_numbers),
        cmocka_unit_test(what_is_no_text_is_one_row),
    };

    return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
