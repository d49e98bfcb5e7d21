/*
 * One file of Lua that an admin wrote, in a state of its own: text only, an environment that its
 * owner fills, a cap on memory and a budget of instructions that nothing in the script can escape.
 * A script answers: it has no I/O, no state that outlives it and no way to wait.
 *
 * Life: script_open reads the file and makes the state; the owner offers words; script_run
 * evaluates it once; the owner reads what it left on the Lua stack; script_free.
 */
#ifndef SEKISHO_SCRIPT_SCRIPT_H
#define SEKISHO_SCRIPT_SCRIPT_H

#include "base/diag.h"
#include "base/slice.h"

#include <lua.h>

enum {
    SCRIPT_FILE_BYTES_MAX = 1024 * 1024,
    SCRIPT_MEMORY_BYTES_MAX = 16 * 1024 * 1024,
    SCRIPT_BLOCK_BYTES_MAX = 1024 * 1024, /* one text, one table */
    SCRIPT_INSTRUCTIONS_MAX = 10 * 1000 * 1000,
    SCRIPT_RUN_MS_MAX = 2000, /* where single instructions are slow: long texts compared */
};

struct script;

/* Returns 0 and an owned script, or ERR_INVALID with an entry in `diag` that names the file. */
int script_open(const char *path, struct diag *diag, struct script **out)
    __attribute__((warn_unused_result));
void script_free(struct script *script);

/*
 * The state. Its environment is empty, and has no metatables; a name that is not there is an error
 * that says so. Before script_run, words are added with lua_setglobal.
 */
lua_State *script_lua(struct script *script);

/*
 * Evaluates the file once; `results` values are left on the stack. On failure (syntax, error,
 * budget, memory) adds an entry with file and line to `diag`, leaves nothing, and returns
 * ERR_INVALID. From then on the state belongs to the owner: cap and budget are lifted.
 */
int script_run(struct script *script, int results, struct diag *diag)
    __attribute__((warn_unused_result));

/* The line that runs now, inside a C function that the script called; 0 when there is none. */
int script_line(lua_State *lua);

/* The file as it was read. Borrowed until script_free. */
struct slice script_source(const struct script *script);

/*
 * Where the value at `path` ("gate.timeout") stands in the table that the file returns; the line
 * of the nearest table around it when the key is not written there.
 */
int script_locate(const struct script *script, const char *path);

#endif
