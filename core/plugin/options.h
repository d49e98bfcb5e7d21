/*
 * Tables that words take: { progress = 0.5, color = "red" }. Whatever is not as it has to be raises
 * an error that names the key, and the nearest one of a key that there is not.
 */
#ifndef SEKISHO_PLUGIN_OPTIONS_H
#define SEKISHO_PLUGIN_OPTIONS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* The table at `index` (an absolute one), and what may stand in it beside its list. */
struct options {
    lua_State *lua;
    int index;
    const char *word; /* for errors: "boss_bar" */
};

enum { OPTIONS_LIST = -1 };

/* The keys that a table may have. */
struct options_keys {
    const char *word; /* for errors: "boss_bar" */
    const char *const *names;
    size_t count;
    lua_Integer places;    /* so many may stand at its numbers; OPTIONS_LIST: any */
    const char *otherwise; /* what an error ends with when none is near; NULL: all that are known */
};

/* Raises an error where the table at `index` (an absolute one) has another key. */
void options_check_keys(lua_State *lua, int index, const struct options_keys *keys);

/* Raises an error unless there is a table, with no other keys than these beside its list. */
void options_check(const struct options *options, const char *const *keys, size_t count);

/* The same of the last argument of a word, which may be left out: then it is an empty table. */
void options_check_last(const struct options *options, const char *const *keys, size_t count);

double options_number(const struct options *options, const char *key, double otherwise, double min,
                      double max);
bool options_flag(const struct options *options, const char *key, bool otherwise);

/* The index of what is named; `otherwise` where nothing is. */
int options_choice(const struct options *options, const char *key, const char *const *names,
                   size_t count, int otherwise);

/*
 * Pushes what is there, checked to be a text. Returns the bytes that it may take (text_check); 0:
 * there is nothing, and nil was pushed.
 */
size_t options_text(const struct options *options, const char *key);

#endif
