/*
 * The decision table inside `struct rules`, shared by the loader, which fills it, and by those who
 * read it: rules.c for players, report.c for admins, scope.c for what players agreed to.
 */
#ifndef SEKISHO_RULES_DECISION_H
#define SEKISHO_RULES_DECISION_H

#include "crypto/hash.h"
#include "rules/acts.h"
#include "rules/form.h"
#include "rules/scope.h"
#include "script/script.h"

struct function;
struct shadow;

/* One `collect` or `forward`. Its form is NONE where no rule names the field. */
struct decision {
    struct form form;
    struct function *maker; /* FUNCTION: what makes the value; borrowed from the rules, like when */
    struct function *when;  /* NULL: always */
    uint8_t purpose;        /* index into the policy's */
    int64_t keep_ms;        /* collect only */
    struct script_place place;
};

struct rules {
    const struct conf_server *server;
    const struct policy *policy;
    uint8_t key[SHA256_BYTES]; /* of this server's pseudonyms */
    char hash[SHA256_TEXT_BYTES];
    struct script *script;      /* NULL: there is no rule file */
    struct function *functions; /* a list; owned */
    struct decision collect[FIELDS];
    struct decision forward[FIELDS];
    struct shadow *shadow; /* rules on trial; NULL: there are none */
    struct acts *acts;     /* owned */
};

enum { DECISION_TEXT_BYTES = 192 };

/* What is kept of a field, or told, in words: "full for service, 7d". */
void decision_text(const struct rules *rules, enum rules_word word, enum field field,
                   char out[static DECISION_TEXT_BYTES]);

/* The rule of a field; its form is NONE where there is none. */
static inline const struct decision *decision_of(const struct rules *rules, enum rules_word word,
                                                 enum field field)
{
    return word == RULES_COLLECT ? &rules->collect[field] : &rules->forward[field];
}

/*
 * What the server is told of the identity where no rule forbids or allows: its own servers know
 * the players, third parties do not. An unnamed UUID follows the name.
 */
const struct form *decision_identity_form(const struct rules *rules, enum field field);

/* Checks that no rule gives away what another one hides. Entries go to `diag`. */
void decision_check_identity(const struct rules *rules, struct diag *diag);

/* Evaluates the rule file into both tables. What is wrong becomes an entry in `diag`. */
void decision_load(struct rules *rules, struct diag *diag);

#endif
