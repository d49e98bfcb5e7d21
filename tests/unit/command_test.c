/* Commands: the list of them, what stands behind one, and their nodes in a client's tree. */
#include "session/argument.h"

#include "base/err.h"
#include "fixture.h"
#include "gate/tree.h"
#include "session/phases.h"

static const char *const modes[] = {"easy", "Hard"};
static const struct argument arguments[] = {
    {.name = "n", .kind = ARGUMENT_INTEGER, .min = -5, .max = 10},
    {.name = "mode", .kind = ARGUMENT_CHOICE, .optional = true, .words = modes, .word_count = 2},
    {.name = "where", .kind = ARGUMENT_SERVER, .optional = true},
    {.name = "why", .kind = ARGUMENT_TEXT, .optional = true},
};
static const struct command play = {
    .name = "play", .owner = "a test", .arguments = arguments, .argument_count = 4};

static struct conf_server servers[] = {{.name = (char[]){"lobby"}}, {.name = (char[]){"survival"}}};
static const struct conf conf = {.servers = servers, .server_count = 2};
static struct worker worker = {.conf = &conf};
static struct session session = {.worker = &worker};
static struct argument_value values[COMMAND_ARGUMENTS_MAX];
static struct argument_fault fault;

static bool reads(const struct command *command, const char *line)
{
    return arguments_read(&session, command, slice_str(line), values, &fault);
}

static void assert_fault(const char *line, enum message message, const struct argument *argument)
{
    assert_false(reads(&play, line));
    assert_int_equal(fault.message, message);
    assert_ptr_equal(fault.argument, argument);
}

static void arguments_are_read_by_their_kinds(void **state)
{
    (void)state;
    assert_true(reads(&play, "7"));
    assert_int_equal(values[0].number, 7);
    assert_false(values[1].given || values[2].given || values[3].given);
    assert_true(reads(&play, "  -5   HARD  survival   all  the rest"));
    assert_int_equal(values[0].number, -5);
    assert_int_equal(values[1].index, 1);
    assert_true(slice_is(values[1].text, "Hard"));
    assert_int_equal(values[2].index, 1);
    assert_true(slice_is(values[3].text, "all  the rest"));
}

static void what_does_not_fit_is_named(void **state)
{
    static const char *const numbers[] = {
        "x", "11", "-6", "1x", "0x5", "+1", "-", "1.0", "99999999999", "999999999999999999999"};

    (void)state;
    assert_fault("", MESSAGE_ARGUMENT_MISSING, &arguments[0]);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_fault(numbers[i], MESSAGE_ARGUMENT_NUMBER, &arguments[0]);
    assert_fault("1 medium", MESSAGE_ARGUMENT_CHOICE, &arguments[1]);
    assert_fault("1 eas", MESSAGE_ARGUMENT_CHOICE, &arguments[1]);
    assert_fault("1 easy nowhere", MESSAGE_SERVER_UNKNOWN, &arguments[2]);
}

static void what_is_too_much_is_told(void **state)
{
    struct command short_play = play;

    (void)state;
    short_play.argument_count = 2;
    assert_false(reads(&short_play, "1 easy lobby"));
    assert_int_equal(fault.message, MESSAGE_ARGUMENT_TOO_MUCH);
    assert_null(fault.argument);
}

static void nobody_is_known_to_who_is_with_no_server(void **state)
{
    static const struct argument who = {.name = "who", .kind = ARGUMENT_PLAYER};
    struct command find = {.name = "find", .arguments = &who, .argument_count = 1};
    struct session other = {.worker = &worker, .profile = {.name = "Anna"}};

    (void)state;
    worker.first = &other;
    assert_false(reads(&find, "Anna"));
    assert_int_equal(fault.message, MESSAGE_ARGUMENT_PLAYER);
    worker.first = NULL;
}

static void usage_and_bounds_are_put_into_words(void **state)
{
    struct buf out = {0};

    (void)state;
    arguments_usage(&play, &out);
    assert_string_equal(buf_text(&out), "/play <n> [mode] [where] [why]");
    buf_clear(&out);
    argument_describe(&conf, &arguments[0], &out);
    assert_string_equal(buf_text(&out), "n (-5 ... 10)");
    buf_clear(&out);
    argument_describe(
        &conf,
        &(struct argument){.name = " n", .kind = ARGUMENT_INTEGER, .min = 1, .max = INT32_MAX},
        &out);
    argument_describe(
        &conf,
        &(struct argument){.name = " n", .kind = ARGUMENT_INTEGER, .min = INT32_MIN, .max = 5},
        &out);
    assert_string_equal(buf_text(&out), " n (1 ...) n (... 5)");
    buf_clear(&out);
    argument_describe(&conf, &arguments[2], &out);
    assert_string_equal(buf_text(&out), "where (lobby, survival)");
    buf_free(&out);
}

static void assert_refused(struct commands *commands, const struct command *command,
                           const char *part)
{
    char *why;

    assert_int_equal(commands_add(commands, command, &why), ERR_INVALID);
    if (!strstr(why, part))
        fail_msg("\"%s\" is not in: %s", part, why);
    free(why);
}

static void a_name_belongs_to_one_command(void **state)
{
    static const char *const aliases[] = {"game", "PLAY2"};
    struct commands *commands = commands_new();
    struct command first = play;
    struct command second = {.name = "other", .owner = "another test"};
    char *why;

    (void)state;
    first.aliases = aliases;
    first.alias_count = 2;
    assert_int_equal(commands_add(commands, &first, &why), 0);
    assert_ptr_equal(commands_find(commands, slice_str("play2")), &first);
    assert_ptr_equal(commands_find(commands, slice_str("Play")), &first);
    second.name = "GAME";
    assert_refused(commands, &second, "/GAME is a command of a test already");
    second.name = "server";
    assert_refused(commands, &second, "of Sekisho itself already");
    second.name = "accept";
    assert_refused(commands, &second, "answers the privacy policy");
    commands_remove(commands, &first);
    commands_remove(commands, &first);
    assert_null(commands_find(commands, slice_str("play")));
    second.name = "game";
    assert_int_equal(commands_add(commands, &second, &why), 0);
    commands_free(commands);
}

static void what_cannot_be_typed_is_no_command(void **state)
{
    static const char *const names[] = {"", "a b", "/a", "a:b", "a\n", "\xff"};
    static const struct argument text_first[] = {{.name = "t", .kind = ARGUMENT_TEXT},
                                                 {.name = "n", .kind = ARGUMENT_WORD}};
    static const struct argument optional_first[] = {
        {.name = "a", .kind = ARGUMENT_WORD, .optional = true},
        {.name = "b", .kind = ARGUMENT_WORD}};
    struct commands *commands = commands_new();
    struct command command = {.owner = "a test"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        command.name = names[i];
        assert_refused(commands, &command, "is no name for a command");
    }
    command = (struct command){.name = "x", .arguments = text_first, .argument_count = 2};
    assert_refused(commands, &command, "put it last");
    command.arguments = optional_first;
    assert_refused(commands, &command, "behind an optional one");
    command.name = "ロビー";
    command.argument_count = 0;
    assert_int_equal(commands_add(commands, &command, &(char *){NULL}), 0);
    assert_ptr_equal(commands_find(commands, slice_str("ロビー")), &command);
    commands_free(commands);
}

/* "Command Data" at minecraft.wiki: flags, children, name, parser, its properties. */
static void nodes_are_written_as_the_version_has_them(void **state)
{
    static const char *const names[] = {"go", "g"};
    static const char *const words[] = {"a", "b"};
    static const struct tree_argument parts[] = {
        {.kind = TREE_LITERALS, .words = words, .word_count = 2},
        {.name = "n", .kind = TREE_INTEGER, .min = 1, .max = 256},
        {.name = "w", .kind = TREE_WORD, .asks = true, .optional = true}};
    static const uint8_t expected[] = "\x07"
                                      "\x00"
                                      "\x02\x01\x02" /* the root */
                                      "\x01\x02\x03\x04\x02"
                                      "go"
                                      "\x01\x02\x03\x04\x01"
                                      "g" /* go, g */
                                      "\x01\x01\x05\x01"
                                      "a"
                                      "\x01\x01\x05\x01"
                                      "b" /* a, b */
                                      "\x06\x01\x06\x01"
                                      "n"
                                      "\x03\x03\x00\x00\x00\x01\x00\x00\x01\x00" /* n */
                                      "\x16\x00\x01"
                                      "w"
                                      "\x05\x00"
                                      "\x14"
                                      "minecraft:ask_server"; /* w; the root's number */
    struct tree_command command = {
        .names = names, .name_count = 2, .arguments = parts, .argument_count = 3};
    struct tree tree = {.protocol = 759, .next = 1};
    struct buf out = {0};

    (void)state;
    tree_add(&tree, &command);
    tree_put(&tree, &out);
    assert_int_equal(out.len, sizeof expected);
    assert_memory_equal(out.data, expected, sizeof expected);
    tree_free(&tree);
    tree = (struct tree){.protocol = 758, .next = 1};
    tree_add(&tree, &command);
    assert_non_null(memmem(tree.nodes.data, tree.nodes.len,
                           "\x11"
                           "brigadier:integer\x03",
                           19));
    assert_non_null(memmem(tree.nodes.data, tree.nodes.len,
                           "\x10"
                           "brigadier:string\x00",
                           18));
    tree_free(&tree);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_read_by_their_kinds),
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(what_is_too_much_is_told),
        cmocka_unit_test(nobody_is_known_to_who_is_with_no_server),
        cmocka_unit_test(usage_and_bounds_are_put_into_words),
        cmocka_unit_test(a_name_belongs_to_one_command),
        cmocka_unit_test(what_cannot_be_typed_is_no_command),
        cmocka_unit_test(nodes_are_written_as_the_version_has_them),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
