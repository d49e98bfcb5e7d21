#include "base/err.h"
#include "fixture.h"
#include "script/locate.h"
#include "script/script.h"
#include "script/source.h"

#include <lauxlib.h>

/* Runs a file with these bytes; the script is owned, NULL when it could not be opened. */
static struct script *run(void **state, struct slice source, int *err, struct diag *diag)
{
    char *path = fixture_file(*state, "script.lua", source);
    struct script *script = NULL;

    *diag = (struct diag){0};
    *err = script_open(path, &script_limits_usual, diag, &script);
    if (*err == 0)
        *err = script_run(script, 1, diag);
    free(path);
    return script;
}

/* That `source` fails, with one entry at this line. */
static void assert_fails(void **state, const char *source, int line, const char *part)
{
    struct diag diag;
    int err;
    struct script *script = run(state, slice_str(source), &err, &diag);

    assert_int_equal(err, ERR_INVALID);
    assert_int_equal(diag.count, 1);
    assert_true(fixture_told(&diag, line, part));
    assert_int_equal(lua_gettop(script_lua(script)), 0);
    diag_free(&diag);
    script_free(script);
}

static void a_result_is_left_on_the_stack(void **state)
{
    struct diag diag;
    int err;
    struct script *script = run(state,
                                slice_str("local sum = 0\n"
                                          "for _, n in ipairs { 1, 2, 3 } do\n"
                                          "  sum = sum + n\n"
                                          "end\n"
                                          "return sum"),
                                &err, &diag);

    assert_int_equal(err, 0);
    assert_int_equal(lua_gettop(script_lua(script)), 1);
    assert_int_equal(lua_tointeger(script_lua(script), 1), 6);
    script_free(script);
}

static void an_error_names_its_line(void **state)
{
    assert_fails(state, "local a = 1\nreturn a +", 2, "unexpected symbol");
    assert_fails(state, "\n\nreturn (nil)()", 3, "attempt to call a nil value");
    assert_fails(state, "return tonumber('1', 99)", 1, "base out of range");
}

static void an_endless_loop_is_stopped_where_it_runs(void **state)
{
    assert_fails(state, "local a = 0\n\nwhile true do a = a + 1 end", 3, "endless loop");
    assert_fails(state, "local function f() return f() end\nreturn f()", 1, "endless loop");
    assert_fails(state, "goto again\n::again:: goto again", 2, "endless loop");
}

static void long_texts_do_not_stretch_the_budget(void **state)
{
    assert_fails(state,
                 "local text = 'x'\n"
                 "for _ = 1, 14 do text = text .. text end\n"
                 "local other\n"
                 "for i = 1, 2000000 do other = text .. i end\n",
                 4, "endless loop");
    assert_fails(state,
                 "local text = 'x'\n"
                 "for _ = 1, 14 do text = text .. text end\n"
                 "local one, other = text .. 'a', text .. 'b'\n"
                 "for i = 1, 20000000 do local is = one < other end\n",
                 4, "endless loop");
}

static void a_memory_hog_is_stopped(void **state)
{
    assert_fails(state, "local t = {}\nfor i = 1, 1e9 do t[i] = { i } end", -1, "memory");
    assert_fails(state, "local s = 'x'\nwhile true do s = s .. s end", -1, "32 KiB for one text");
}

static void deep_recursion_is_an_error(void **state)
{
    /* Lua's own stack ends it, or the cap on memory, whichever comes first. */
    assert_fails(state, "local function f() return 1 + f() end\nreturn f()", 0, "memory");
}

static void a_name_that_is_not_there_is_an_error(void **state)
{
    assert_fails(state, "return {\n  listen = adress,\n}", 2, "there is no \"adress\" here");
}

static void nothing_that_reaches_outside_is_there(void **state)
{
    static const char *const absent[] = {
        "io",     "os",       "debug",        "package",      "string",   "table",
        "utf8",   "math",     "coroutine",    "load",         "loadfile", "dofile",
        "pcall",  "xpcall",   "error",        "require",      "print",    "collectgarbage",
        "rawset", "rawequal", "getmetatable", "setmetatable", "_G",       "warn",
    };

    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        char *source = mem_format("return %s", absent[i]);
        char *message = mem_format("there is no \"%s\" here", absent[i]);

        assert_fails(state, source, 1, message);
        free(source);
        free(message);
    }
    assert_fails(state, "return ('x'):rep(10)", 1, "attempt to index a string value");
}

static void bytecode_is_refused(void **state)
{
    struct buf code = {0};
    struct diag diag;
    int err;
    struct script *script;

    buf_append(&code, "\x1BLua\x54\x00\x19\x93\r\n\x1A\n\x04\x08\x08xV", 17);
    script = run(state, buf_slice(&code), &err, &diag);
    assert_int_equal(err, ERR_INVALID);
    assert_true(fixture_told(&diag, -1, "is compiled already"));
    diag_free(&diag);
    script_free(script);
    buf_free(&code);
}

static void files_that_cannot_be_read_are_named(void **state)
{
    char *missing = mem_format("%s/missing.lua", (char *)*state);
    struct buf large = {0};
    struct diag diag = {0};
    struct script *script = NULL;
    int err;

    assert_int_equal(script_open(missing, &script_limits_usual, &diag, &script), ERR_INVALID);
    assert_string_equal(diag.entries[0].file, missing);
    assert_true(fixture_told(&diag, 0, "cannot be read: No such file"));
    diag_free(&diag);
    assert_int_equal(script_open(*state, &script_limits_usual, &diag, &script), ERR_INVALID);
    assert_true(fixture_told(&diag, 0, "is a folder; a file is meant"));
    diag_free(&diag);
    memset(buf_reserve(&large, SOURCE_BYTES_MAX + 1), ' ', SOURCE_BYTES_MAX + 1);
    large.len = SOURCE_BYTES_MAX + 1;
    script = run(state, buf_slice(&large), &err, &diag);
    assert_int_equal(err, ERR_INVALID);
    assert_true(fixture_told(&diag, 0, "larger than 1024 KiB"));
    diag_free(&diag);
    buf_free(&large);
    free(missing);
}

static int note_line(lua_State *lua)
{
    lua_pushinteger(lua, script_place(lua).line);
    return 1;
}

static void a_word_of_the_owner_knows_the_line_that_runs(void **state)
{
    char *path = fixture_file(*state, "script.lua", slice_str("\n\nreturn here()"));
    struct diag diag = {0};
    struct script *script;

    assert_int_equal(script_open(path, &script_limits_usual, &diag, &script), 0);
    lua_pushcfunction(script_lua(script), note_line);
    lua_setglobal(script_lua(script), "here");
    assert_int_equal(script_run(script, 1, &diag), 0);
    assert_int_equal(lua_tointeger(script_lua(script), -1), 3);
    script_free(script);
    free(path);
}

static const char located[] = "-- gate = { timeout = 1 }\n"          /* 1 */
                              "local note = 'return { gate = 2 }'\n" /* 2 */
                              "--[[ return { gate = 3 } ]]\n"        /* 3 */
                              "return {\n"                           /* 4 */
                              "  listen = \"gate = 4\",\n"           /* 5 */
                              "  limits = { timeout = '1s' },\n"     /* 6 */
                              "  gate = {\n"                         /* 7 */
                              "    inner = { timeout = [[\n}]] },\n" /* 8 */
                              "    timeout = '2s', -- here\n"        /* 10 */
                              "  },\n"                               /* 11 */
                              "  [\"a-b\"] = 1 == 2, ['c'] = {\n"    /* 12 */
                              "    d = 1 },\n"                       /* 13 */
                              "}\n";

static void keys_are_found_in_the_text(void **state)
{
    struct slice source = slice_str(located);

    (void)state;
    assert_int_equal(locate_key(source, "listen"), 5);
    assert_int_equal(locate_key(source, "limits.timeout"), 6);
    assert_int_equal(locate_key(source, "gate"), 7);
    assert_int_equal(locate_key(source, "gate.inner.timeout"), 8);
    assert_int_equal(locate_key(source, "gate.timeout"), 10);
    assert_int_equal(locate_key(source, "a-b"), 12);
    assert_int_equal(locate_key(source, "c.d"), 13);
}

static void a_key_that_is_not_written_gets_the_table_around_it(void **state)
{
    struct slice source = slice_str(located);

    (void)state;
    assert_int_equal(locate_key(source, ""), 4);
    assert_int_equal(locate_key(source, "timeout"), 4);
    assert_int_equal(locate_key(source, "gate.missing"), 7);
    assert_int_equal(locate_key(source, "gate.inner.missing.more"), 8);
    assert_int_equal(locate_key(slice_str("x"), "a"), 1);
    assert_int_equal(locate_key(slice_str(""), "a"), 1);
    assert_int_equal(locate_key(slice_str("return { a = x, { b = 1 } }\n, { b = 2 }"), "a.b"), 1);
}

static void a_table_in_a_row_is_not_the_value_before_it(void **state)
{
    (void)state;
    assert_int_equal(locate_key(slice_str("return {\n a = x,\n { b = 1 } }"), "a.b"), 2);
}

static void note_repeat(void *owner, const struct locate_repeat *repeat)
{
    buf_append_format(owner, "%.*s %d %d;", (int)repeat->key.len, (const char *)repeat->key.data,
                      repeat->line, repeat->first_line);
}

static void assert_repeats(const char *source, const char *expected)
{
    struct buf found = {0};

    locate_repeats(slice_str(source), note_repeat, &found);
    assert_string_equal(buf_text(&found), expected);
    buf_free(&found);
}

static void a_key_that_stands_twice_in_one_table_is_found(void **state)
{
    (void)state;
    assert_repeats("return { a = 1,\n b = 2,\n a = 3 }", "a 3 1;");
    assert_repeats("return { a = { x = 1 },\n b = { x = 2,\n ['x'] = 3 },\n a = 4 }",
                   "x 3 2;a 4 1;");
    assert_repeats("return { a = 1, a = 2, a = 3 }", "a 1 1;a 1 1;");
}

static void what_only_looks_like_a_key_is_none(void **state)
{
    (void)state;
    assert_repeats(located, "");
    assert_repeats("local a = 1\na = 2\nlocal t = { a = 1, a = 2 }\nreturn { t = t }", "");
    assert_repeats("return { a = b == c, b = a == c, d = x <= y, e = x <= y }", "");
    assert_repeats("return { a = '{ a = 1 }', -- a = 2\n b = [[ a = 3 ]] }", "");
    assert_repeats("return { [1] = 1, [1] = 2, [x] = 1, [x] = 2 }", "");
    assert_repeats("return { a = { x = 1 }, b = { x = 1 }, { x = 1 }, { x = 1 } }", "");
    assert_repeats("return { f = function() local a = 1; a = 2 end }", "");
    assert_repeats("", "");
    assert_repeats("return } } a = 1, a = 2", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_is_left_on_the_stack),
        cmocka_unit_test(an_error_names_its_line),
        cmocka_unit_test(an_endless_loop_is_stopped_where_it_runs),
        cmocka_unit_test(long_texts_do_not_stretch_the_budget),
        cmocka_unit_test(a_memory_hog_is_stopped),
        cmocka_unit_test(deep_recursion_is_an_error),
        cmocka_unit_test(a_name_that_is_not_there_is_an_error),
        cmocka_unit_test(nothing_that_reaches_outside_is_there),
        cmocka_unit_test(bytecode_is_refused),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(a_word_of_the_owner_knows_the_line_that_runs),
        cmocka_unit_test(keys_are_found_in_the_text),
        cmocka_unit_test(a_key_that_is_not_written_gets_the_table_around_it),
        cmocka_unit_test(a_table_in_a_row_is_not_the_value_before_it),
        cmocka_unit_test(a_key_that_stands_twice_in_one_table_is_found),
        cmocka_unit_test(what_only_looks_like_a_key_is_none),
    };

    return cmocka_run_group_tests_name("script", tests, fixture_folder, fixture_no_folder);
}
