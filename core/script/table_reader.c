#include "script/table_reader.h"

#include "base/clock.h"
#include "base/mem.h"
#include "script/locate.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 1000 };

int reader_line(const struct table_reader *reader)
{
    return script_locate(reader->script, reader->path);
}

void reader_complain(struct table_reader *reader, const char *format, ...)
{
    va_list args;
    char *message = NULL;

    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        abort();
    va_end(args);
    diag_add(reader->diag, reader->file, reader_line(reader), "%s%s%s", reader->path,
             reader->path[0] ? ": " : "", message);
    free(message);
}

void reader_wants(struct table_reader *reader, const char *expected)
{
    reader_complain(reader, "this is a %s; write %s",
                    lua_typename(reader->lua, lua_type(reader->lua, -1)), expected);
}

const char *reader_text(struct table_reader *reader, const char *expected)
{
    const char *text;
    size_t len;

    if (lua_type(reader->lua, -1) != LUA_TSTRING) {
        reader_wants(reader, expected);
        return NULL;
    }
    text = lua_tolstring(reader->lua, -1, &len);
    if (strlen(text) == len && slice_is_utf8(slice_of(text, len)))
        return text;
    reader_complain(reader, "this text is no UTF-8, or has a zero byte in it; mend that");
    return NULL;
}

/* Goes into the key `name`; returns what reader_leave needs. */
static size_t enter(struct table_reader *reader, const char *name)
{
    size_t len = strlen(reader->path);

    snprintf(reader->path + len, sizeof reader->path - len, "%s%s", len ? "." : "", name);
    return len;
}

static void leave(struct table_reader *reader, size_t len)
{
    reader->path[len] = 0;
}

static void read_int(struct table_reader *reader, const struct reader_key *key, int *out)
{
    int is_integer;
    lua_Integer value = lua_tointegerx(reader->lua, -1, &is_integer);

    if (lua_type(reader->lua, -1) != LUA_TNUMBER || !is_integer)
        reader_wants(reader, "a whole number");
    else if (value < key->min || value > key->max)
        reader_complain(reader, "%lld is out of range; write a number from %lld to %lld",
                        (long long)value, (long long)key->min, (long long)key->max);
    else
        *out = (int)value;
}

static void read_duration(struct table_reader *reader, const struct reader_key *key, int64_t *out)
{
    const char *text = reader_text(reader, "a time as \"30s\" or \"10m\"");
    int64_t value;

    if (!text)
        return;
    if (clock_parse_duration(text, &value) < 0)
        reader_complain(reader,
                        "\"%s\" is no time; write one as \"500ms\", \"30s\", \"10m\", "
                        "\"12h\" or \"180d\"",
                        text);
    else if (value < key->min || value > key->max)
        reader_complain(reader, "\"%s\" is out of range; write from %lld s to %lld s", text,
                        (long long)key->min / 1000, (long long)key->max / 1000);
    else
        *out = value;
}

static void read_value(struct table_reader *reader, const struct reader_key *key, void *into)
{
    void *field = (char *)into + key->offset;
    const char *text;

    switch (key->kind) {
    case READER_STRING:
        text = reader_text(reader, "a text in quotes");
        if (text && key->max > 0 && (int64_t)strlen(text) > key->max) {
            reader_complain(reader, "this is too long; write at most %lld bytes",
                            (long long)key->max);
        } else if (text) {
            free(*(char **)field);
            *(char **)field = mem_strdup(text);
        }
        break;
    case READER_BOOL:
        if (lua_isboolean(reader->lua, -1))
            *(bool *)field = lua_toboolean(reader->lua, -1);
        else
            reader_wants(reader, "true or false");
        break;
    case READER_INT: read_int(reader, key, field); break;
    case READER_DURATION: read_duration(reader, key, field); break;
    case READER_CUSTOM: key->read(reader, into); break;
    }
}

static void complain_of_repeat(void *owner, const struct locate_repeat *repeat)
{
    struct table_reader *reader = owner;

    diag_add(reader->diag, reader->file, repeat->line,
             "the key \"%.*s\" stands in this table at line %d already; take one of them out",
             (int)repeat->key.len, (const char *)repeat->key.data, repeat->first_line);
}

void reader_check_keys(struct table_reader *reader)
{
    locate_repeats(script_source(reader->script, 0), complain_of_repeat, reader);
}

static const struct reader_key *find_key(const struct reader_key *keys, size_t count,
                                         const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static void complain_of_key(struct table_reader *reader, const struct reader_key *keys,
                            size_t count, const char *name)
{
    size_t len = enter(reader, name);
    char advice[DIAG_ADVICE_BYTES];
    int line = reader_line(reader);

    leave(reader, len);
    diag_add(reader->diag, reader->file, line, "there is no key \"%s\" here; %s", name,
             diag_advice(advice, diag_nearest_in(name, keys, count, sizeof *keys), "take it out"));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the table on the top, sorted; *out_count of them, owned; the names are Lua's. */
static const char **sorted_names(struct table_reader *reader, size_t *out_count)
{
    const char **names = NULL;
    size_t count = 0;

    for (lua_pushnil(reader->lua); lua_next(reader->lua, -2); lua_pop(reader->lua, 1)) {
        if (lua_type(reader->lua, -2) != LUA_TSTRING) {
            reader_complain(reader, "a value here has no name; write NAME = VALUE");
            continue;
        }
        names = mem_resize(names, (count + 1) * sizeof *names);
        names[count++] = lua_tostring(reader->lua, -2);
    }
    if (count > 0)
        qsort(names, count, sizeof *names, compare_names);
    *out_count = count;
    return names;
}

void reader_each(struct table_reader *reader, void *into,
                 void (*read)(struct table_reader *reader, const char *key, void *into))
{
    size_t count;
    const char **names;

    if (!lua_istable(reader->lua, -1)) {
        reader_wants(reader, "a table in { }");
        return;
    }
    names = sorted_names(reader, &count);
    for (size_t i = 0; i < count; i++) {
        size_t len = enter(reader, names[i]);

        lua_getfield(reader->lua, -1, names[i]);
        read(reader, names[i], into);
        lua_pop(reader->lua, 1);
        leave(reader, len);
    }
    free(names);
}

struct keyed {
    const struct reader_key *keys;
    size_t count;
    void *into;
};

static void read_named(struct table_reader *reader, const char *name, void *into)
{
    const struct keyed *keyed = into;
    const struct reader_key *key = find_key(keyed->keys, keyed->count, name);
    size_t len = strlen(reader->path);
    size_t name_len = strlen(name);

    if (key) {
        read_value(reader, key, keyed->into);
        return;
    }
    /* The complaint is the table's, whose keys these are. */
    reader->path[len > name_len ? len - name_len - 1 : 0] = 0;
    complain_of_key(reader, keyed->keys, keyed->count, name);
}

void reader_table(struct table_reader *reader, const struct reader_key *keys, size_t count,
                  void *into)
{
    struct keyed keyed = {.keys = keys, .count = count, .into = into};

    reader_each(reader, &keyed, read_named);
}

void reader_list(struct table_reader *reader, void *into,
                 void (*read)(struct table_reader *reader, void *into))
{
    lua_Unsigned count;

    if (!lua_istable(reader->lua, -1)) {
        reader_wants(reader, "a list as { \"one\", \"two\" }");
        return;
    }
    count = lua_rawlen(reader->lua, -1);
    if (count > LIST_MAX)
        reader_complain(reader, "this list has more than %d values; shorten it", LIST_MAX);
    for (lua_Unsigned i = 1; i <= count && i <= LIST_MAX; i++) {
        lua_rawgeti(reader->lua, -1, (lua_Integer)i);
        read(reader, into);
        lua_pop(reader->lua, 1);
    }
    lua_pushnil(reader->lua);
    while (lua_next(reader->lua, -2)) {
        lua_pop(reader->lua, 1);
        if (lua_isinteger(reader->lua, -1) && (lua_Unsigned)lua_tointeger(reader->lua, -1) <= count)
            continue;
        reader_complain(reader, "this is a list; write its values without names, all in a row");
        lua_pop(reader->lua, 1);
        break;
    }
}
