/*
 * Everything that a plugin can call, in tables from which it is registered and from which the
 * reference and the editors' types are made: a word that has no text does not build.
 */
#ifndef SEKISHO_PLUGIN_API_H
#define SEKISHO_PLUGIN_API_H

#include "script/word.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum api_kind {
    API_WORDS = 1, /* globals */
    API_TABLE,     /* a global table of functions */
    API_CLASS,     /* methods and properties of an object */
};

struct api_group {
    const char *name; /* of the table or class; of API_WORDS a heading */
    enum api_kind kind;
    const char *what;
    const struct api_word *words;
    size_t count;
};

#define API_COUNT(words) (sizeof(words) / sizeof((words)[0]))

/* Lists end with NULL. What plugins have; and in cli/plugin_test_words.h, what their tests have. */
extern const struct api_group *const api_of_plugins[];

/* Registers all. The classes' metatables lie in the state's registry, by their groups' addresses.
 */
void api_offer(lua_State *lua, const struct api_group *const *groups);

/* What Lua or another host of plugins calls `elsewhere` is called so here; NULL: nothing known. */
const char *api_name_of(const char *elsewhere);

/* Makes the userdata on the top of the stack an object of the class. */
void api_become(lua_State *lua, const struct api_group *class);

/* luaL_error, said so that a compiler knows it: it does not return. */
_Noreturn void api_fail(lua_State *lua, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * There is a table at `index` that is the same each time it is read: none with a metatable, whose
 * functions would run in between.
 */
void api_check_plain(lua_State *lua, int index);

/* The object at `index`, or an error that says what was expected. */
void *api_check(lua_State *lua, int index, const struct api_group *class);

/* The same, NULL when it is another value. */
void *api_test(lua_State *lua, int index, const struct api_group *class);

bool api_is_function(const struct api_word *word); /* else a property */

/* Names with two underlines are for Lua itself: how an object is joined, how it is shown. */
bool api_is_meta(const struct api_word *word);

/*
 * reference.c: docs/plugins-reference.md and the types that editors read. First of plugins; then
 * what other groups add, those of tests.
 */
void api_print_reference(FILE *out);
void api_print_types(FILE *out);
void api_print_more_reference(const struct api_group *const *groups, FILE *out);
void api_print_more_types(const struct api_group *const *groups, FILE *out);

/* The groups, each in the file of its words. */
extern const struct api_group api_base;       /* base_words.c */
extern const struct api_group api_texts;      /* base_words.c; rules have them, too */
extern const struct api_group api_pattern;    /* base_words.c; the same */
extern const struct api_group api_log;        /* base_words.c */
extern const struct api_group api_event;      /* event_words.c */
extern const struct api_group api_player;     /* player.c */
extern const struct api_group api_timer;      /* timer.c */
extern const struct api_group api_value;      /* value.c */
extern const struct api_group api_boss_bar;   /* screen_words.c */
extern const struct api_group api_mixed;      /* text.c */
extern const struct api_group api_styled;     /* text.c */
extern const struct api_group api_translated; /* text.c */
extern const struct api_group api_person;     /* store_words.c */
extern const struct api_group api_store;      /* store_words.c */
extern const struct api_group api_http;       /* http_words.c */
extern const struct api_group api_json;       /* json.c */

#endif
