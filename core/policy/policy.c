#include "policy/policy.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_purpose(struct policy_purpose *purpose)
{
    for (size_t i = 0; i < purpose->title_count; i++) {
        free(purpose->titles[i].language);
        free(purpose->titles[i].title);
    }
    free(purpose->titles);
    free(purpose->name);
}

void policy_free(struct policy *policy)
{
    if (!policy)
        return;
    for (size_t i = 0; i < policy->purpose_count; i++)
        free_purpose(&policy->purposes[i]);
    for (size_t i = 0; i < policy->text_count; i++) {
        free(policy->texts[i].language);
        free(policy->texts[i].title);
        free(policy->texts[i].markdown);
        document_free(policy->texts[i].document);
    }
    for (size_t i = 0; i < policy->third_party_count; i++)
        free(policy->third_parties[i]);
    free(policy->third_parties);
    free(policy->purposes);
    free(policy->texts);
    free(policy->file);
    free(policy->id);
    free(policy->version);
    free(policy->effective);
    free(policy->url);
    free(policy);
}

/* "ja_JP" and "ja-JP" are "ja_jp" here; what does not fit is cut. */
static void fold_locale(const char *locale, char out[static POLICY_LANGUAGE_CHARS_MAX + 1])
{
    size_t i = 0;

    for (; locale && locale[i] && i < POLICY_LANGUAGE_CHARS_MAX; i++)
        out[i] = locale[i] == '-' ? '_' : (char)tolower((unsigned char)locale[i]);
    out[i] = 0;
}

const struct policy_text *policy_text_match(const struct policy *policy, const char *locale)
{
    char folded[POLICY_LANGUAGE_CHARS_MAX + 1];
    const struct policy_text *language = NULL;
    const struct policy_text *region = NULL;
    size_t len;

    fold_locale(locale, folded);
    len = strcspn(folded, "_");
    for (size_t i = 0; len > 0 && i < policy->text_count; i++) {
        const struct policy_text *text = &policy->texts[i];

        if (strcmp(text->language, folded) == 0)
            return text;
        if (strncmp(text->language, folded, len) != 0)
            continue;
        if (text->language[len] == 0)
            language = text;
        else if (text->language[len] == '_' && !region)
            region = text;
    }
    return language ? language : region;
}

const struct policy_text *policy_text_for(const struct policy *policy, const char *locale)
{
    const struct policy_text *text = policy_text_match(policy, locale);

    return text ? text : &policy->texts[policy->default_text];
}

const struct policy_purpose *policy_purpose_find(const struct policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->purpose_count; i++)
        if (strcmp(policy->purposes[i].name, name) == 0)
            return &policy->purposes[i];
    return NULL;
}

const char *policy_purpose_nearest(const struct policy *policy, const char *name)
{
    return diag_nearest_in(name, policy->purposes, policy->purpose_count, sizeof *policy->purposes);
}

const char *policy_purpose_title(const struct policy_purpose *purpose, const char *language)
{
    for (size_t i = 0; i < purpose->title_count; i++)
        if (strcmp(purpose->titles[i].language, language) == 0)
            return purpose->titles[i].title;
    return purpose->name;
}

policy_purposes policy_required(const struct policy *policy)
{
    policy_purposes required = 0;

    for (size_t i = 0; i < policy->purpose_count; i++)
        if (!policy->purposes[i].optional)
            required |= (policy_purposes)1 << i;
    return required;
}

policy_purposes policy_purposes_carry(const struct policy *from, const struct policy *to,
                                      policy_purposes purposes)
{
    policy_purposes carried = 0;

    for (size_t i = 0; i < to->purpose_count; i++) {
        const struct policy_purpose *old = policy_purpose_find(from, to->purposes[i].name);

        if (old && (purposes >> (old - from->purposes) & 1))
            carried |= (policy_purposes)1 << i;
    }
    return carried;
}

policy_purposes policy_purposes_read(const struct policy *policy, const char *names)
{
    policy_purposes found = 0;

    for (size_t len = strcspn(names, ","); *names; names += len, len = strcspn(names, ",")) {
        for (size_t i = 0; i < policy->purpose_count; i++)
            if (strlen(policy->purposes[i].name) == len &&
                strncmp(policy->purposes[i].name, names, len) == 0)
                found |= (policy_purposes)1 << i;
        len += names[len] == ',';
    }
    return found;
}

void policy_purposes_write(const struct policy *policy, policy_purposes purposes, char *out,
                           size_t out_bytes)
{
    size_t len = 0;

    out[0] = 0;
    for (size_t i = 0; i < policy->purpose_count; i++) {
        int added;

        if (!(purposes >> i & 1))
            continue;
        added =
            snprintf(out + len, out_bytes - len, "%s%s", len ? "," : "", policy->purposes[i].name);
        if (added < 0 || (size_t)added >= out_bytes - len) {
            out[len] = 0; /* whole names only */
            return;
        }
        len += (size_t)added;
    }
}

const struct policy_text *policy_text_find(const struct policy *policy, struct slice language)
{
    for (size_t i = 0; i < policy->text_count; i++)
        if (slice_is(language, policy->texts[i].language))
            return &policy->texts[i];
    return NULL;
}

const struct policy_text *policy_text_by_hash(const struct policy *policy, const char *sha256)
{
    for (size_t i = 0; i < policy->text_count; i++)
        if (strcmp(policy->texts[i].sha256, sha256) == 0)
            return &policy->texts[i];
    return NULL;
}

bool policy_has_text(const struct policy *policy, const char *sha256)
{
    return policy_text_by_hash(policy, sha256) != NULL;
}

bool policy_same(const struct policy *a, const struct policy *b)
{
    bool same = strcmp(a->sha256, b->sha256) == 0 && a->text_count == b->text_count;

    for (size_t i = 0; same && i < a->text_count; i++)
        same = strcmp(a->texts[i].sha256, b->texts[i].sha256) == 0;
    return same;
}
