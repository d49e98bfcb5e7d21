#include "consent/provision.h"

#include "base/slice.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const grounds[] = {"", "permission", "law", "abuse", "other"};

enum { GROUNDS = sizeof grounds / sizeof grounds[0] };

const char *provision_ground_name(enum provision_ground ground)
{
    return grounds[ground];
}

enum provision_ground provision_ground_by_name(const char *name)
{
    for (int i = PROVISION_PERMISSION; i < GROUNDS; i++)
        if (strcmp(grounds[i], name) == 0)
            return (enum provision_ground)i;
    return PROVISION_NONE;
}

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* In any case, and not as a part of a longer word: names can be short. */
static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = text; len > 0 && (at = strcasestr(at, word)); at++)
        if ((at == text || !is_letter(at[-1])) && !is_letter(at[len]))
            return true;
    return false;
}

const char *provision_text_flaw(const char *text, const char *name, const char *uuid)
{
    size_t len = strlen(text);

    if (text[strspn(text, " ")] == 0)
        return "is empty";
    if (text[0] == ' ' || text[len - 1] == ' ')
        return "begins or ends with a space";
    if (len > PROVISION_TEXT_BYTES_MAX)
        return "is longer than 500 bytes";
    if (!slice_is_utf8(slice_str(text)))
        return "is no UTF-8";
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            return "has a control character in it";
    if (name && (has_word(text, name) || has_word(text, uuid)))
        return "names the player, and would stand in the ledger for good; say it without the name "
               "and the UUID";
    return NULL;
}

static bool names_party(const struct policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->third_party_count; i++)
        if (strcmp(policy->third_parties[i], name) == 0)
            return true;
    return false;
}

bool provision_is_permitted(const struct policy *policy, const char *purpose, const char *to)
{
    const struct policy_purpose *found = policy_purpose_find(policy, purpose);

    return found && (found->optional || names_party(policy, to));
}

json_t *provision_facts(const struct provision *provision)
{
    json_t *facts = json_pack("{ss ss ss ss}", "to", provision->to, "ground",
                              provision_ground_name(provision->ground), "reason", provision->reason,
                              "purpose", provision->purpose);

    if (!facts)
        abort();
    return facts;
}
