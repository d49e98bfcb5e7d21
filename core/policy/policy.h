/*
 * One version of the community's privacy policy: a folder with policy.lua (identity, purposes,
 * languages) and one Markdown text a language. Immutable once loaded. policy_set.h has all
 * versions.
 */
#ifndef SEKISHO_POLICY_POLICY_H
#define SEKISHO_POLICY_POLICY_H

#include "base/diag.h"
#include "policy/document.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    POLICY_TEXT_BYTES_MAX = 64 * 1024, /* one language */
    POLICY_SHA256_TEXT_BYTES = 65,
    POLICY_PURPOSES_MAX = 30,
    POLICY_PURPOSE_CHARS_MAX = 32,
    POLICY_LANGUAGE_CHARS_MAX = 16,
};

/* A set of purposes: bit i stands for policy->purposes[i]. */
typedef uint32_t policy_purposes;

/* What a purpose is called on the screen, in one language. */
struct policy_title {
    char *language;
    char *title;
};

struct policy_purpose {
    char *name; /* as rules cite it: "service" */
    struct policy_title *titles;
    size_t title_count;
    bool optional;
    int64_t keep_ms; /* the longest that a rule may keep data for this purpose */
    int line;
};

struct policy_text {
    char *language; /* lower-case tag as clients send it: "ja", "pt_br" */
    char *title;
    char *markdown;                        /* the file without BOM, lines ending in LF */
    char sha256[POLICY_SHA256_TEXT_BYTES]; /* of that; hex */
    struct document *document;
};

struct policy {
    char *id;
    char *version;
    char *effective;      /* date, YYYY-MM-DD; NULL: in effect from the start */
    int64_t effective_ms; /* its first moment in UTC, wall time; INT64_MIN for NULL */
    int64_t grace_ms;     /* from then on: so long who accepted less goes on with that */
    bool material;        /* who accepted an earlier one is asked, even when nothing widened */
    char **third_parties; /* who learns of players, besides the community's own servers */
    size_t third_party_count;
    struct policy_purpose *purposes; /* in the order of the file */
    size_t purpose_count;
    struct policy_text *texts;
    size_t text_count;
    size_t default_text; /* index into texts */
    char *url;           /* where the same text stands on the web; NULL: nowhere */

    /* Where it is from. */
    char *file;                            /* policy.lua */
    char sha256[POLICY_SHA256_TEXT_BYTES]; /* of that file; hex */
    int id_line, version_line, effective_line;
};

/*
 * Loads the folder. Returns 0 and an owned policy, or ERR_INVALID with at least one entry in `diag`
 * (a missing language names the file that was looked for); then `*out` is NULL, or a policy with
 * all its purposes: owned, too, and good for looking for mistakes in rules, and for nothing else.
 */
int policy_load(const char *folder, struct diag *diag, struct policy **out)
    __attribute__((warn_unused_result));
void policy_free(struct policy *policy);

/*
 * The text for a client's locale ("ja_jp", "ja-JP", may be NULL or nonsense): the exact tag, then
 * its language, then another region of the language. NULL when there is none of these. Returns
 * borrowed until policy_free.
 */
const struct policy_text *policy_text_match(const struct policy *policy, const char *locale);

/* The same, or else the default text. */
const struct policy_text *policy_text_for(const struct policy *policy, const char *locale);

/* What players call the purpose in this language; its name where it has no title. Borrowed. */
const char *policy_purpose_title(const struct policy_purpose *purpose, const char *language);

/* The purpose of this name, or NULL. */
const struct policy_purpose *policy_purpose_find(const struct policy *policy, const char *name);

/* The name of a purpose nearest to one that is not there, or NULL. Borrowed. */
const char *policy_purpose_nearest(const struct policy *policy, const char *name);

/* The same purposes, by name, as bits of another version; what that has not is left out. */
policy_purposes policy_purposes_carry(const struct policy *from, const struct policy *to,
                                      policy_purposes purposes);

/* The purposes that nobody can opt out of. */
policy_purposes policy_required(const struct policy *policy);

/* Purposes as names with commas between them, as records hold them; unknown names are passed over.
 */
policy_purposes policy_purposes_read(const struct policy *policy, const char *names);
void policy_purposes_write(const struct policy *policy, policy_purposes purposes, char *out,
                           size_t out_bytes);

/* The text of exactly this language, or NULL. */
const struct policy_text *policy_text_find(const struct policy *policy, struct slice language);

/* The text of this hash (any language) that is part of the policy as it stands, or NULL. */
const struct policy_text *policy_text_by_hash(const struct policy *policy, const char *sha256);

/* True when there is one. */
bool policy_has_text(const struct policy *policy, const char *sha256);

/* Whether two were loaded from files with the same contents. */
bool policy_same(const struct policy *a, const struct policy *b);

#endif
