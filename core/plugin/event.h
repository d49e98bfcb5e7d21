/*
 * An event as its handlers see it: what happened, and what they make of it.
 */
#ifndef SEKISHO_PLUGIN_EVENT_H
#define SEKISHO_PLUGIN_EVENT_H

#include "session/events.h"

#include <lua.h>

/* Pushes it. It can be used until event_let_go, or for looking only after that. */
void event_push(lua_State *lua, struct event *event);

/* The handler that was given it last has ended. */
void event_let_go(lua_State *lua, struct event *event);

/* For methods: the event at 1, or an error where it is over. Borrowed. */
struct event *event_check(lua_State *lua);

/* Raises an error where it is of another kind. */
void event_check_kind(lua_State *lua, const struct event *event, enum event_kind kind);

int event_show(lua_State *lua); /* event_show.c */

#endif
