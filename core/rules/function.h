/*
 * A function in a rule file. It is given one value, and answers for it alone: what it leaves
 * behind is undone (script_freeze). One that fails answers nothing, which denies.
 */
#ifndef SEKISHO_RULES_FUNCTION_H
#define SEKISHO_RULES_FUNCTION_H

#include "base/buf.h"
#include "rules/field.h"
#include "script/script.h"

#include <stdbool.h>

/*
 * Hears what goes wrong in functions, with the message, which can hold the value: where values are
 * made up. Both texts are borrowed for the call.
 */
struct function_listener {
    void (*heard)(void *owner, struct script_place place, const char *message);
    void *owner;
};

struct function {
    struct function *next;
    struct script *script;
    const char *server;
    int index;                                /* in the list of functions in the registry */
    struct script_place place;                /* of the rule */
    const struct function_listener *listener; /* NULL: the log, without the message */
    int overruns;
    bool reported;
    bool off; /* ran for too long too often */
};

/* Before script_run: makes the list. After it: closes it, and freezes the script. */
void functions_begin(struct script *script);
void functions_end(struct script *script);

/* Takes the function on the top of the stack, which stays there. Returns owned. */
struct function *function_new(struct script *script, const char *server, struct script_place place);

/* True when it answers something that counts as true. */
bool function_test(struct function *function, const struct field_value *value);

/*
 * Appends its answer; returns whether there was one. What is to be `told` to a server has to fit
 * the wire.
 */
bool function_make(struct function *function, const struct field_value *value, bool told,
                   struct buf *out);

#endif
