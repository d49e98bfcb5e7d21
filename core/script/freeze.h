/*
 * Makes what a script left behind unchangeable, so that a function of it is a function: what it
 * answers depends on what it is given, and nothing that it was given can be found again later.
 */
#ifndef SEKISHO_SCRIPT_FREEZE_H
#define SEKISHO_SCRIPT_FREEZE_H

#include <lua.h>
#include <stddef.h>

/* The outer variables of all functions, as they are set before each call. */
struct frozen {
    int *cells;   /* index of the variable within its function */
    size_t count; /* functions and values stand by pairs in a list in the registry */
    int list;     /* its reference there */
};

/* `functions`: a table on the stack that holds what will be called, beside the globals. */
void freeze(lua_State *lua, int functions, struct frozen *out);
void frozen_restore(lua_State *lua, const struct frozen *frozen);
void frozen_free(struct frozen *frozen);

#endif
