/* The language of a visitor's browser: Accept-Language, RFC 9110, 12.5.4. */
#ifndef SEKISHO_WEB_LANGUAGE_H
#define SEKISHO_WEB_LANGUAGE_H

#include "policy/policy.h"

/*
 * The text that fits the header's ranges best: by their weights, equal ones in their order, each
 * as a player's locale fits (policy_text_match); the default one for "*" and when nothing fits. The
 * header may be NULL or nonsense; of more than 32 ranges the rest is not read. Returns borrowed.
 */
const struct policy_text *language_text(const struct policy *policy, const char *header);

#endif
