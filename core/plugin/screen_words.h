/*
 * What a plugin shows a player (session/screen.h) and asks of the client: methods of `player`.
 */
#ifndef SEKISHO_PLUGIN_SCREEN_WORDS_H
#define SEKISHO_PLUGIN_SCREEN_WORDS_H

#include "plugin/plugin.h"

#include <lua.h>

int screen_word_send(lua_State *lua);
int screen_word_action_bar(lua_State *lua);
int screen_word_title(lua_State *lua);
int screen_word_clear_title(lua_State *lua);
int screen_word_boss_bar(lua_State *lua);
int screen_word_tab_list(lua_State *lua);
int screen_word_sound(lua_State *lua);
int screen_word_book(lua_State *lua);
int screen_word_message(lua_State *lua);
int screen_word_message_server(lua_State *lua);
int screen_word_transfer(lua_State *lua);

/* cookie_words.c */
int cookie_word_set(lua_State *lua);
int cookie_word_get(lua_State *lua);

/* connect_word.c */
int connect_word(lua_State *lua);

/* dialog_words.c */
int dialog_word(lua_State *lua);

/* Pushes what a function of session/screen.h returned: true, or false and why not. */
int screen_words_result(lua_State *lua, int err);

/* The plugin is gone: so is what it left on the screens. */
void screen_words_forget(struct plugin *plugin);

#endif
