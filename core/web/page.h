/*
 * The acceptance page as HTML: plain, without scripts, and everything that comes from a text or a
 * visitor escaped. Each function returns a whole document, owned.
 */
#ifndef SEKISHO_WEB_PAGE_H
#define SEKISHO_WEB_PAGE_H

#include "gate/messages.h"
#include "policy/policy.h"

/* What a page is for: in whose language, under which title. */
struct page {
    const struct policy *policy;
    const struct policy_text *text;
};

/* The form for a code, below a sentence. */
char *page_code(const struct page *page, enum message sentence);

/* The policy with check boxes and the two answers; `code` goes back with the answer. */
char *page_policy(const struct page *page, const char *code);

/* One sentence. */
char *page_sentence(const struct page *page, enum message sentence);

#endif
