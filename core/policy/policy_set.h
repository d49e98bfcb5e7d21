/*
 * All versions of one policy, and which of them is in effect. Its folder holds one version, or
 * folders with one each, or both. Immutable once loaded: when a day comes on which another version
 * is in effect, the set is loaded anew.
 */
#ifndef SEKISHO_POLICY_POLICY_SET_H
#define SEKISHO_POLICY_POLICY_SET_H

#include "policy/policy.h"

struct policy_set {
    struct policy **versions; /* in the order in which they come into effect */
    size_t count;
    const struct policy *current; /* the latest whose day has come */
};

/*
 * Loads all versions; `now_ms` (wall time) says which is current. Returns 0 and an owned set, or
 * ERR_INVALID with all that is wrong in `diag`; then `*out` is NULL, or a set whose current version
 * is good for looking for mistakes in rules, and for nothing else: owned, too.
 */
int policy_set_load(const char *folder, int64_t now_ms, struct diag *diag, struct policy_set **out)
    __attribute__((warn_unused_result));
void policy_set_free(struct policy_set *set);

/* The folders inside, each of which has to be a version; whether there are any. */
bool policy_set_folders(const char *folder, void (*each)(void *owner, const char *path),
                        void *owner);

/* Whether two sets say the same, and the same version is current. */
bool policy_set_same(const struct policy_set *a, const struct policy_set *b);

/* The version of this name, or NULL. Borrowed. */
const struct policy *policy_set_find(const struct policy_set *set, const char *version);

/* The first version that comes after the current one; NULL: none is known. Borrowed. */
const struct policy *policy_set_next(const struct policy_set *set);

/* The version that comes into effect before this one; NULL: it is the first. Borrowed. */
const struct policy *policy_set_before(const struct policy_set *set, const struct policy *policy);

/* Whether a version asks those who accepted the one before it: it widens that, or says so. */
bool policy_set_is_material(const struct policy_set *set, const struct policy *policy);

/* What an acceptance counts for. */
enum standing_kind {
    STANDING_NONE = 0,
    STANDING_ASK,     /* nothing: the player is asked */
    STANDING_CURRENT, /* it is of the current version */
    STANDING_GOES_ON, /* of an earlier one that allows no less: the player is told */
    STANDING_GRACE,   /* the player goes on with what was accepted, until the deadline */
};

struct standing {
    enum standing_kind kind;
    int64_t deadline_ms; /* GRACE: from this wall time on it is ASK */
};

/*
 * Of who accepted the text of this hash as a part of this version, at a wall time. A version or a
 * text that the set does not have, or no longer has, counts for nothing.
 */
struct standing policy_set_standing(const struct policy_set *set, const char *version,
                                    const char *sha256, int64_t now_ms);

/*
 * The same between two versions of the set, as if `current` were in effect; GOES_ON, too, when they
 * are the same.
 */
struct standing policy_set_between(const struct policy_set *set, const struct policy *accepted,
                                   const struct policy *current, int64_t now_ms);

#endif
