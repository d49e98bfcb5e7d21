/*
 * The decision table inside `struct rules`, shared by the loader, which fills it, and by those who
 * read it: rules.c for players, report.c for admins.
 */
#ifndef SEKISHO_RULES_DECISION_H
#define SEKISHO_RULES_DECISION_H

#include "crypto/hash.h"
#include "rules/acts.h"
#include "rules/rules.h"

/* One `collect` or `forward`. `form` is NONE where no rule names the field. */
struct decision {
    enum field_form form;
    uint8_t v4_bits, v6_bits; /* TRUNCATE: what is left of an address */
    uint8_t purpose;          /* index into the policy's */
    int64_t keep_ms;          /* collect only */
    int line;
};

struct rules {
    const struct conf_server *server;
    const struct policy *policy;
    uint8_t key[SHA256_BYTES]; /* of this server's pseudonyms */
    char hash[SHA256_TEXT_BYTES];
    struct decision collect[FIELDS];
    struct decision forward[FIELDS];
    struct acts *acts; /* owned */
};

/*
 * What the server is told of the identity where no rule forbids or allows: its own servers know
 * the players, third parties do not. An unnamed UUID follows the name.
 */
enum field_form decision_identity_form(const struct rules *rules, enum field field);

/* Checks that no rule gives away what another one hides. Entries go to `diag`. */
void decision_check_identity(const struct rules *rules, struct diag *diag);

/* Evaluates the rule file into both tables. What is wrong becomes an entry in `diag`. */
void decision_load(struct rules *rules, struct diag *diag);

/* True when this person agreed to the purpose of the decision. */
static inline bool decision_applies(const struct decision *decision,
                                    const struct rules_subject *subject)
{
    return decision->form != FIELD_FORM_NONE && (subject->purposes >> decision->purpose & 1);
}

#endif
