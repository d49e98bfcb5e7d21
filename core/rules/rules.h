/*
 * What one server may learn and keep: its rule file, checked against the policy and compiled into
 * a decision table that is read without entering Lua. Immutable once loaded.
 */
#ifndef SEKISHO_RULES_RULES_H
#define SEKISHO_RULES_RULES_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/uuid.h"
#include "conf/conf.h"
#include "policy/policy.h"
#include "rules/acts.h"
#include "rules/field.h"
#include "script/script.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { RULES_KEY_BYTES = 32 };

/* The two words of a rule file that say what happens to a field. */
enum rules_word { RULES_COLLECT = 1, RULES_FORWARD };

/* As rules write it. Returns borrowed static text. */
const char *rules_word_name(enum rules_word word);

struct function_listener;
struct rules;

/*
 * Loads a server's rule file (none: everything is denied). `key` is this installation's secret,
 * from which each server's pseudonym key is derived. Returns 0 and owned rules, or ERR_INVALID with
 * entries in `diag`. Keeps `server` and `policy`.
 */
int rules_load(const struct conf_server *server, const struct policy *policy,
               const uint8_t key[static RULES_KEY_BYTES], struct diag *diag, struct rules **out)
    __attribute__((warn_unused_result));
void rules_free(struct rules *rules);

/*
 * What only shows between servers: that two of them could tell by a cookie that it is the same
 * player, where one is to know players by pseudonym. Entries go to `diag`.
 */
void rules_check_together(struct rules *const *rules, size_t count, struct diag *diag);

/* What goes wrong in functions is told there and not logged. Keeps it. */
void rules_listen(struct rules *rules, const struct function_listener *listener);

/* Whose rules they are. Borrowed. */
const struct conf_server *rules_server(const struct rules *rules);

/* The files that were read, the shadow's among them. Borrowed until rules_free. */
size_t rules_file_count(const struct rules *rules);
const char *rules_file(const struct rules *rules, size_t index);

/* SHA-256 (hex) of the rule file, and of what it includes, as loaded. Returns borrowed until
 * rules_free. */
const char *rules_hash(const struct rules *rules);

/* What the server may do to clients (acts.h). Returns borrowed until rules_free. */
const struct acts *rules_acts(const struct rules *rules);

/*
 * Whether it may do so to one who agreed to `accepted` (scope_acts; NULL: to nothing): by the rules
 * and by what was accepted. Name, host and port as in acts.h.
 */
bool rules_allow_name(const struct rules *rules, const struct acts *accepted, enum act act,
                      struct slice name);
bool rules_allow_host(const struct rules *rules, const struct acts *accepted, enum act act,
                      const char *host, int port);

/*
 * Which rules of a server are no wider than what a person accepted: bit FIELD, for each word.
 * scope.h finds out.
 */
struct rules_allowance {
    uint64_t collect, forward;
};

#define RULES_ALL ((struct rules_allowance){UINT64_MAX, UINT64_MAX})

/* Whose data it is, and what this person agreed to. */
struct rules_subject {
    struct uuid player;
    policy_purposes purposes;
    struct rules_allowance allowed;
};

/*
 * Appends to `out` what the server is told instead of or as `value`: the value itself, its reduced
 * form, or the field's neutral value. Stand-ins are stable for one person. Returns the form;
 * FIELD_FORM_NONE: the neutral value.
 */
enum field_form rules_forward(const struct rules *rules, const struct rules_subject *subject,
                              const struct field_value *value, struct buf *out);

/*
 * Whether the server knows this person by pseudonym: UUID and name alike, since either leads to the
 * other. Then nothing else may tell who it is: no skin, no chat key.
 */
bool rules_pseudonymous(const struct rules *rules, const struct rules_subject *subject);

/* Whether anything is kept of a field: asked before a value is made ready. */
bool rules_collects(const struct rules *rules, enum field field);

/* What is to be kept of one value. */
struct rules_record {
    const char *purpose; /* borrowed until rules_free */
    int64_t keep_ms;
    bool counted;    /* kept as a tally of values, with no person attached */
    struct buf text; /* the reduced value; the caller frees it */
};

/* The form in which a field is kept, as rules write it: "truncate(24, 48)". Returns `out`. */
enum { RULES_FORM_BYTES = 96 };
const char *rules_kept_form(const struct rules *rules, enum field field,
                            char out[static RULES_FORM_BYTES]);

/* Fills `*out` and returns true when the rules keep this field; else false and `*out` is {0}. */
bool rules_record(const struct rules *rules, const struct rules_subject *subject,
                  const struct field_value *value, struct rules_record *out);

/* Where the rule stands that keeps or tells a field; NULL: there is none, or it drops the field.
 * Borrowed until rules_free. */
const struct script_place *rules_place(const struct rules *rules, enum rules_word word,
                                       enum field field);

/* `sekisho review`: the same as rules_print, of what is kept or told by a rule, as Markdown. */
void rules_print_markdown(const struct rules *rules, FILE *out);

/* `sekisho check`: a line a field that is kept or forwarded. */
void rules_print(const struct rules *rules, FILE *out);

/* `sekisho shadow`: what the rules on trial would have changed so far; nothing without any. */
void rules_print_shadow(const struct rules *rules, FILE *out);

/* `sekisho explain SERVER FIELD`: the decision, the rule's file:line, and why. */
void rules_explain(const struct rules *rules, enum field field, FILE *out);

/* The same of what the server would do to a client; name, host and port as in acts.h. */
void rules_explain_act(const struct rules *rules, enum act act, const char *name, int port,
                       FILE *out);

#endif
