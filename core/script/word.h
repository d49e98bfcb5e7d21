/*
 * A word that scripts can call, with what is said of it: the tables of these are what is
 * registered, and what the reference and the editors' types are made of.
 */
#ifndef SEKISHO_SCRIPT_WORD_H
#define SEKISHO_SCRIPT_WORD_H

#include <lua.h>

struct api_word {
    const char *name;
    /*
     * As LuaLS writes it: of a function "(text: text, seconds?: number): boolean", of a property
     * its type, "string|nil".
     */
    const char *shape;
    const char *what;
    lua_CFunction function; /* of a property: pushes it; the object is its only argument */
};

#endif
