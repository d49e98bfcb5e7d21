/*
 * Time for plugins: words that wait, and functions that are called later.
 */
#ifndef SEKISHO_PLUGIN_TIMER_H
#define SEKISHO_PLUGIN_TIMER_H

#include <lua.h>
#include <stdbool.h>

struct task;

int timer_sleep(lua_State *lua);
int timer_after(lua_State *lua);
int timer_every(lua_State *lua);
int timer_at(lua_State *lua);
int timer_now(lua_State *lua);
int timer_date(lua_State *lua);

/* Whether it waits in `sleep`: for time alone. */
bool timer_naps(const struct task *task);

#endif
