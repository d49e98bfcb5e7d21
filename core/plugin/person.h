/*
 * Somebody whom the store knows, connected or not: what plugins can do with a player (player.h) as
 * with a person who is away. Their words are those of what the plugin keeps of them.
 */
#ifndef SEKISHO_PLUGIN_PERSON_H
#define SEKISHO_PLUGIN_PERSON_H

#include "base/uuid.h"
#include "plugin/player.h"

#include <lua.h>

/* The player or person at `index`, or an error. Borrowed from Lua's object. */
const struct uuid *person_check(lua_State *lua, int index);

/* The word `person` (waits). */
int person_look_up(lua_State *lua);

int person_get(lua_State *lua);
int person_put(lua_State *lua);
int person_delete(lua_State *lua);
int person_add(lua_State *lua);
int person_list(lua_State *lua);

/* Of players and of persons. */
#define PERSON_WORDS                                                                               \
    {"hash", "(): string",                                                                         \
     "A stable pseudonym: the same for this player in this plugin always, another one in every "   \
     "other plugin, and nothing that leads back to them.",                                         \
     player_hash},                                                                                 \
        {"get", "(key: string): any, string|nil",                                                  \
         "What the plugin keeps of them under the key; nil for nothing. Waits.", person_get},      \
        {"put",                                                                                    \
         "(key: string, value: any, options: { purpose: string, keep?: string|integer }): "        \
         "boolean|nil, "                                                                           \
         "string|nil",                                                                             \
         "Keeps a value of theirs: nil, a boolean, a number, a text, a table of such, or one of "  \
         "their own values. For a purpose of the policy that they agree to, and as long as "       \
         "`keep` "                                                                                 \
         "(\"30d\", or seconds; else as long as the policy keeps for the purpose). They see it "   \
         "in /privacy "                                                                            \
         "data; it ends with their consent. true, or nil and why not. Waits.",                     \
         person_put},                                                                              \
        {"delete", "(key: string): boolean|nil, string|nil",                                       \
         "Deletes what is kept under the key; false where there is nothing. Waits.",               \
         person_delete},                                                                           \
        {"add",                                                                                    \
         "(key: string, number: integer, options: { purpose: string, keep?: string|integer }): "   \
         "integer|nil, string|nil",                                                                \
         "Adds to a whole number, which begins with 0, and says what it is then. Waits.",          \
         person_add},                                                                              \
    {                                                                                              \
        "list",                                                                                    \
            "(prefix?: string, options?: { after?: string, limit?: integer }): "                   \
            "{ key: string, value: any }[]|nil, string|nil",                                       \
            "What is kept of them under keys that begin so, sorted by key; `after`: behind this "  \
            "key; 100, or up to `limit` of 1000. Waits.",                                          \
            person_list                                                                            \
    }

#endif
