/*
 * Rules on trial: they look at what the real ones look at, what they would do is compared, and
 * nothing comes of it but a count. No value is kept.
 */
#ifndef SEKISHO_RULES_SHADOW_H
#define SEKISHO_RULES_SHADOW_H

#include "rules/rules.h"
#include "rules/scope.h"

struct shadow;

/* Loads what `server->shadow` names, as rules_load does. Returns 0 and owned, or ERR_INVALID. */
int shadow_load(const struct conf_server *server, const struct policy *policy,
                const uint8_t key[static RULES_KEY_BYTES], struct diag *diag, struct shadow **out)
    __attribute__((warn_unused_result));
void shadow_free(struct shadow *shadow);

/* The rules on trial. Borrowed. */
const struct rules *shadow_rules(const struct shadow *shadow);

/* One value met both: counted when they do not do the same with it. */
void shadow_note(struct shadow *shadow, enum rules_word word, enum field field, bool same);

uint64_t shadow_differences(const struct shadow *shadow, enum rules_word word, enum field field);

/* The same of something that the server would do to a client: may it now, would it then? */
void shadow_note_act(struct shadow *shadow, enum act act, bool now, bool then);

/* How often the rules on trial would have `allowed` (or else refused) what the real ones did not.
 */
uint64_t shadow_act_differences(const struct shadow *shadow, enum act act, bool allowed);

#endif
