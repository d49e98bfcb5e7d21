/*
 * What settings have to be beside their type, as the plugin says: settings(defaults, {
 * server = "server", purpose = "purpose", places = { min = 1 }, messages = function(value) ... end
 * }).
 */
#ifndef SEKISHO_PLUGIN_SETTING_CHECKS_H
#define SEKISHO_PLUGIN_SETTING_CHECKS_H

#include <lua.h>

/* Raises an error where the table at `checks` says what there is not, or of no key of `defaults`.
 */
void setting_checks_read(lua_State *lua, int checks, int defaults);

/*
 * Whether the value on the top is as the check below it wants. NULL: it is; else what is wrong with
 * it, behind the setting's name. Borrowed from what is pushed.
 */
const char *setting_flaw(lua_State *lua);

#endif
