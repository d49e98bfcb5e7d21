/* What a plugin learnt of players is not in what is logged of it, nor a part of it. */
#include "fixture.h"
#include "plugin/mask.h"

#include <stdlib.h>

static void assert_masked(const struct mask *mask, const char *line, const char *expected)
{
    char *masked = mask_apply(mask, line);

    assert_string_equal(masked, expected);
    free(masked);
}

static void whole_texts_and_parts_of_words_are_hidden(void **state)
{
    struct mask mask = {0};

    (void)state;
    assert_masked(&mask, "nothing is known", "nothing is known");
    mask_learn(&mask, "chat.message", slice_str("I live in Kakegawa, at the river"));
    mask_learn(&mask, "player.name", slice_str("Bob"));
    assert_masked(&mask, "said: I live in Kakegawa, at the river", "said: <chat.message>");
    assert_masked(&mask, "said: i LIVE in kakegawa, at the river!", "said: <chat.message>!");
    assert_masked(&mask, "bob is at the door", "<player.name> is at the door");
    assert_masked(&mask, "cut: akegaw", "cut: <chat.message>");
    assert_masked(&mask, "\u00a7cKake\u00a7lgawa", "\u00a7c<chat.message>\u00a7l<chat.message>");
    assert_masked(&mask, "it is in the log, at least", "it is in the log, at least");
    mask_free(&mask);
}

static void characters_are_hidden_whole(void **state)
{
    struct mask mask = {0};

    (void)state;
    mask_learn(&mask, "chat.message", slice_str("掛川に住んでいます"));
    assert_masked(&mask, "場所: 掛川", "場所: <chat.message>");
    assert_masked(&mask, "川が近い", "川が近い");
    mask_free(&mask);
}

static void only_the_last_texts_are_known(void **state)
{
    struct mask mask = {0};
    char text[16];

    (void)state;
    for (int i = 0; i <= MASK_TEXTS_MAX; i++) {
        snprintf(text, sizeof text, "w%dx", i);
        mask_learn(&mask, "chat.message", slice_str(text));
    }
    assert_masked(&mask, "w0x w1x w64x", "w0x <chat.message> <chat.message>");
    mask_free(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_texts_and_parts_of_words_are_hidden),
        cmocka_unit_test(characters_are_hidden_whole),
        cmocka_unit_test(only_the_last_texts_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
