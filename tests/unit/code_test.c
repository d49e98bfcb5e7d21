#include "consent/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE_MS = 60 * 1000, BEGIN_MS = 5000, PLACES = 4096 };

static struct code_holder holder_of(unsigned number)
{
    struct code_holder holder = {.protocol = 754};

    memcpy(holder.player.bytes, &number, sizeof number);
    snprintf(holder.name, sizeof holder.name, "Player%u", number);
    return holder;
}

static void issue(struct codes *codes, unsigned number, uint64_t now_ms, char *text)
{
    struct code_holder holder = holder_of(number);

    codes_issue(codes, &holder, now_ms, text);
}

static void a_code_lives_for_ten_minutes(void **state)
{
    struct codes *codes = codes_new();
    char text[CODE_TEXT_BYTES];
    struct code_holder *holder;

    (void)state;
    issue(codes, 7, BEGIN_MS, text);
    holder = codes_find(codes, text, BEGIN_MS + 10 * MINUTE_MS - 1);
    assert_non_null(holder);
    assert_string_equal(holder->name, "Player7");
    assert_null(codes_find(codes, text, BEGIN_MS + 10 * MINUTE_MS));
    codes_free(codes);
}

static void a_code_is_good_for_one_answer(void **state)
{
    struct codes *codes = codes_new();
    char text[CODE_TEXT_BYTES];

    (void)state;
    issue(codes, 7, BEGIN_MS, text);
    assert_non_null(codes_find(codes, text, BEGIN_MS));
    codes_end(codes, text);
    assert_null(codes_find(codes, text, BEGIN_MS));
    codes_free(codes);
}

static void a_code_proves_its_owner_once_and_nobody_else(void **state)
{
    struct codes *codes = codes_new();
    struct uuid owner = holder_of(7).player;
    struct uuid other = holder_of(8).player;
    char text[CODE_TEXT_BYTES];

    (void)state;
    issue(codes, 7, BEGIN_MS, text);
    for (int i = 0; i < 4; i++)
        assert_false(codes_prove(codes, text, &other, BEGIN_MS));
    assert_true(codes_prove(codes, text, &owner, BEGIN_MS));
    assert_false(codes_prove(codes, text, &owner, BEGIN_MS));
    issue(codes, 7, BEGIN_MS, text);
    for (int i = 0; i < 5; i++)
        assert_false(codes_prove(codes, text, &other, BEGIN_MS));
    assert_false(codes_prove(codes, text, &owner, BEGIN_MS));
    codes_free(codes);
}

/* The half that is wrong counts; what fits no code at all does not. */
static void five_wrong_ones_end_a_code(void **state)
{
    struct codes *codes = codes_new();
    char text[CODE_TEXT_BYTES];
    char wrong[CODE_TEXT_BYTES];

    (void)state;
    issue(codes, 7, BEGIN_MS, text);
    memcpy(wrong, text, sizeof wrong);
    wrong[CODE_TEXT_BYTES - 2] = wrong[CODE_TEXT_BYTES - 2] == 'A' ? 'B' : 'A';
    for (int i = 0; i < 4; i++)
        assert_null(codes_find(codes, wrong, BEGIN_MS));
    assert_non_null(codes_find(codes, text, BEGIN_MS));
    assert_null(codes_find(codes, wrong, BEGIN_MS));
    assert_null(codes_find(codes, text, BEGIN_MS));
    codes_free(codes);
}

static void another_code_of_a_player_ends_the_older_one(void **state)
{
    struct codes *codes = codes_new();
    char older[CODE_TEXT_BYTES];
    char newer[CODE_TEXT_BYTES];

    (void)state;
    issue(codes, 7, BEGIN_MS, older);
    issue(codes, 7, BEGIN_MS + 1, newer);
    assert_null(codes_find(codes, older, BEGIN_MS + 1));
    assert_non_null(codes_find(codes, newer, BEGIN_MS + 1));
    codes_free(codes);
}

static void when_all_places_are_taken_the_oldest_ends(void **state)
{
    struct codes *codes = codes_new();
    char oldest[CODE_TEXT_BYTES];
    char second[CODE_TEXT_BYTES];
    char text[CODE_TEXT_BYTES];

    (void)state;
    issue(codes, 1, BEGIN_MS, oldest);
    issue(codes, 2, BEGIN_MS + 1, second);
    for (unsigned i = 3; i <= PLACES + 1; i++)
        issue(codes, i, BEGIN_MS + i, text);
    assert_null(codes_find(codes, oldest, BEGIN_MS + PLACES + 1));
    assert_non_null(codes_find(codes, second, BEGIN_MS + PLACES + 1));
    assert_non_null(codes_find(codes, text, BEGIN_MS + PLACES + 1));
    codes_free(codes);
}

static void a_code_is_typed_as_people_type(void **state)
{
    struct codes *codes = codes_new();
    char text[CODE_TEXT_BYTES];
    char typed[2 * CODE_TEXT_BYTES];

    (void)state;
    issue(codes, 7, BEGIN_MS, text);
    snprintf(typed, sizeof typed, " %.4s %s ", text, text + 5);
    for (char *at = typed; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    assert_non_null(codes_find(codes, typed, BEGIN_MS));
    assert_null(codes_find(codes, "", BEGIN_MS));
    snprintf(typed, sizeof typed, "%s2", text);
    assert_null(codes_find(codes, typed, BEGIN_MS));
    codes_free(codes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_lives_for_ten_minutes),
        cmocka_unit_test(a_code_is_good_for_one_answer),
        cmocka_unit_test(a_code_proves_its_owner_once_and_nobody_else),
        cmocka_unit_test(five_wrong_ones_end_a_code),
        cmocka_unit_test(another_code_of_a_player_ends_the_older_one),
        cmocka_unit_test(when_all_places_are_taken_the_oldest_ends),
        cmocka_unit_test(a_code_is_typed_as_people_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
