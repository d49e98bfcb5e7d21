/*
 * Files of Lua that an admin wrote, in a state of their own: text only, an environment that its
 * owner fills, a cap on memory and a budget of instructions that nothing in the script can escape.
 * A script answers: it has no I/O, no state that outlives an evaluation and no way to wait.
 *
 * Life: script_open reads the file and makes the state; the owner offers words; script_run
 * evaluates it once; the owner reads what it left on the Lua stack. Where functions of the script
 * are to be called later: script_freeze, then script_call as often as wanted. script_free.
 */
#ifndef SEKISHO_SCRIPT_SCRIPT_H
#define SEKISHO_SCRIPT_SCRIPT_H

#include "base/diag.h"
#include "base/slice.h"

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

enum { SCRIPT_FILES_MAX = 32 /* included ones with it */ };

struct script;

/* What one evaluation or call may use up. */
struct script_budget {
    int64_t instructions;
    size_t block_bytes; /* one table */
    int ms;             /* of this thread's time */
};

struct script_limits {
    size_t memory_bytes; /* all that the state holds */
    size_t text_bytes;   /* one text: a single instruction can read it to its end */
    struct script_budget run, call;
};

/* Of rules, configuration and policies: who writes them answers, and nobody waits long. */
extern const struct script_limits script_limits_usual;

/*
 * Returns 0 and an owned script, or ERR_INVALID with an entry in `diag` that names the file. Keeps
 * `limits`.
 */
int script_open(const char *path, const struct script_limits *limits, struct diag *diag,
                struct script **out) __attribute__((warn_unused_result));
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

/*
 * The same by parts, nothing being left of its values: a word of the owner's may yield, and the
 * file goes on where it stands with the next call. Returns 1 when it did; 0 at the end of the file;
 * or ERR_INVALID as script_run does. The budget is that of a whole run each time.
 */
int script_step(struct script *script, struct diag *diag) __attribute__((warn_unused_result));

/*
 * For a word of the script's, while script_run runs: evaluates another file in the same state and
 * on the same budget, and returns true with `results` values on the stack; false, and none, when
 * it was or is being evaluated. Raises Lua's error where it cannot.
 */
bool script_include(lua_State *lua, const char *path, int results);

/* Where the script stands inside a C function that it called. */
struct script_place {
    const char *file; /* borrowed until script_free */
    int line;         /* 0 when there is none */
};

struct script_place script_place(lua_State *lua);

/* What was read, the file itself first. Borrowed until script_free. */
struct slice script_source(const struct script *script, size_t index);
const char *script_path(const struct script *script, size_t index);
size_t script_source_count(const struct script *script);

/*
 * Where the value at `path` ("gate.timeout") stands in the table that the file returns; the line
 * of the nearest table around it when the key is not written there.
 */
int script_locate(const struct script *script, const char *path);

/*
 * After script_run: from here on nothing that the script's functions do outlives a call. Tables
 * they can reach are read-only; their outer variables are as they are now at the start of each
 * call. So no value that one call was given can turn up in another. What the owner refers to in
 * the registry is found through the functions in the list at `functions` on the stack.
 */
void script_freeze(struct script *script, int functions);

enum script_fault_kind {
    SCRIPT_FAULT_ERROR = 1,
    SCRIPT_FAULT_TIME,
    SCRIPT_FAULT_MEMORY,
};

struct script_fault {
    enum script_fault_kind kind;
    struct script_place place;
    const char *message; /* may hold what the call was given; borrowed until the next call */
};

/*
 * Calls body(lua) with `argument` as its only one (a light userdata), protected and on a budget of
 * a few milliseconds at most. Returns 0, or ERR_INVALID and why. The stack is left empty.
 */
int script_call(struct script *script, lua_CFunction body, void *argument,
                struct script_fault *fault) __attribute__((warn_unused_result));

/*
 * The same for a coroutine of the state, `thread`, which begins or goes on with what lies on its
 * stack (lua_resume). Returns 0 when it is done, with `*results` values left on its stack; 1 when
 * it waits for something; or ERR_INVALID and why, with a traceback on the top of its stack. Other
 * than script_call it may not stand within a call.
 */
int script_resume(struct script *script, lua_State *thread, int arguments, int *results,
                  struct script_fault *fault) __attribute__((warn_unused_result));

/* Bytes that the state holds. */
size_t script_memory(const struct script *script);

/* From here on a call may take what script_run may: for scripts on which nobody waits. */
void script_be_patient(struct script *script);

/* For a word whose work Lua does not count: costs this many instructions, and looks at the time. */
void script_spend(lua_State *lua, int instructions);

/* The same where no error may be raised: false when the budget is used up. */
bool script_may_spend(struct script *script, int instructions);

/*
 * From here on, until the function that is called now says the other, no call into Lua fails for
 * want of memory or time: for C that owns something meanwhile. What is allocated counts. May be
 * nested.
 */
void script_own(lua_State *lua);
void script_own_no_more(lua_State *lua);

/* Whether the file was read, and functions are called now. */
bool script_is_frozen(lua_State *lua);

/*
 * What the owner's words need, by a key that is an address of the owner's own. NULL takes it back:
 * a word that is called without it raises an error with this message.
 */
void script_lend(lua_State *lua, const void *key, void *thing);
void *script_lent(lua_State *lua, const void *key, const char *message);

/* The script that this state belongs to. */
struct script *script_of(lua_State *lua);

#endif
