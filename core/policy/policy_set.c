#include "policy/policy_set.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "policy/widening.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct loading {
    struct policy_set *set;
    struct diag *diag;
};

/* Loads a folder with one version; what of it is good for something becomes a part of the set. */
static void add_version(void *owner, const char *folder)
{
    struct loading *loading = owner;
    struct policy_set *set = loading->set;
    struct policy *policy;

    (void)!policy_load(folder, loading->diag, &policy);
    if (!policy)
        return;
    set->versions = mem_resize(set->versions, (set->count + 1) * sizeof(struct policy *));
    set->versions[set->count++] = policy;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool is_folder(const char *path)
{
    struct stat stat_of;

    return stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
}

bool policy_set_folders(const char *folder, void (*each)(void *owner, const char *path),
                        void *owner)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, alphasort);
    bool found = false;

    for (int i = 0; i < count; i++) {
        char *path = mem_format("%s/%s", folder, entries[i]->d_name);

        if (is_folder(path)) {
            found = true;
            each(owner, path);
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    return found;
}

/* The folder itself is a version when it has a policy.lua, or when nothing else is one. */
static void add_versions(struct policy_set *set, const char *folder, struct diag *diag)
{
    struct loading loading = {.set = set, .diag = diag};
    char *own = mem_format("%s/policy.lua", folder);

    if (!policy_set_folders(folder, add_version, &loading) || access(own, F_OK) == 0)
        add_version(&loading, folder);
    free(own);
}

static int compare_days(const void *a, const void *b)
{
    const struct policy *left = *(struct policy *const *)a;
    const struct policy *right = *(struct policy *const *)b;

    if (left->effective_ms != right->effective_ms)
        return left->effective_ms < right->effective_ms ? -1 : 1;
    return strcmp(left->file, right->file);
}

static void check_pair(const struct policy *one, const struct policy *other, struct diag *diag)
{
    if (one->version && other->version && strcmp(one->version, other->version) == 0)
        diag_add(diag, other->file, other->version_line,
                 "version: \"%s\" is the version of %s, too; give each one of its own",
                 other->version, one->file);
    if (one->effective_ms == other->effective_ms)
        diag_add(diag, other->file, other->effective_line,
                 "effective: %s is in effect from the same day on; give each version a day of its "
                 "own, as effective = \"2026-01-31\"",
                 one->file);
}

static void check_together(const struct policy_set *set, struct diag *diag)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct policy *policy = set->versions[i];
        const char *id = set->versions[0]->id;

        if (policy->id && id && strcmp(policy->id, id) != 0)
            diag_add(diag, policy->file, policy->id_line,
                     "id: \"%s\" is the id of %s; versions of one policy have the same", id,
                     set->versions[0]->file);
        for (size_t earlier = 0; earlier < i; earlier++)
            check_pair(set->versions[earlier], policy, diag);
    }
}

static const struct policy *current_at(const struct policy_set *set, int64_t now_ms)
{
    const struct policy *current = NULL;

    for (size_t i = 0; i < set->count && set->versions[i]->effective_ms <= now_ms; i++)
        current = set->versions[i];
    return current;
}

int policy_set_load(const char *folder, int64_t now_ms, struct diag *diag, struct policy_set **out)
{
    struct policy_set *set = mem_alloc(sizeof *set);
    size_t complaints = diag->count;

    *out = set;
    add_versions(set, folder, diag);
    if (set->count > 0) {
        qsort(set->versions, set->count, sizeof(struct policy *), compare_days);
        check_together(set, diag);
        set->current = current_at(set, now_ms);
    }
    if (set->count > 0 && !set->current) {
        diag_add(diag, set->versions[0]->file, set->versions[0]->effective_line,
                 "effective: this is the first version, and its day (UTC) is still to come; write "
                 "one that is in effect already, or put the earlier version beside it");
        set->current = set->versions[0];
    }
    if (diag->count == complaints)
        return 0;
    if (!set->current) {
        policy_set_free(set);
        *out = NULL;
    }
    return ERR_INVALID;
}

void policy_set_free(struct policy_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        policy_free(set->versions[i]);
    free(set->versions);
    free(set);
}

bool policy_set_same(const struct policy_set *a, const struct policy_set *b)
{
    bool same = a->count == b->count && strcmp(a->current->version, b->current->version) == 0;

    for (size_t i = 0; same && i < a->count; i++)
        same = policy_same(a->versions[i], b->versions[i]);
    return same;
}

const struct policy *policy_set_find(const struct policy_set *set, const char *version)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->versions[i]->version, version) == 0)
            return set->versions[i];
    return NULL;
}

static size_t place_of(const struct policy_set *set, const struct policy *policy)
{
    size_t place = 0;

    while (set->versions[place] != policy)
        place++;
    return place;
}

const struct policy *policy_set_next(const struct policy_set *set)
{
    size_t place = place_of(set, set->current) + 1;

    return place < set->count ? set->versions[place] : NULL;
}

const struct policy *policy_set_before(const struct policy_set *set, const struct policy *policy)
{
    size_t place = place_of(set, policy);

    return place > 0 ? set->versions[place - 1] : NULL;
}

bool policy_set_is_material(const struct policy_set *set, const struct policy *policy)
{
    const struct policy *before = policy_set_before(set, policy);

    return before && (policy->material || widening_read(before, policy, NULL, NULL, NULL) > 0);
}

/*
 * What widened and was taken back in between asks nobody; what was marked does. Each version that
 * asks has a deadline of its own, and the first one counts.
 */
struct standing policy_set_between(const struct policy_set *set, const struct policy *accepted,
                                   const struct policy *current, int64_t now_ms)
{
    size_t last = place_of(set, current);
    bool asks = widening_read(accepted, current, NULL, NULL, NULL) > 0;
    int64_t deadline_ms = INT64_MAX;

    for (size_t i = place_of(set, accepted) + 1; i <= last; i++) {
        const struct policy *version = set->versions[i];

        asks = asks || version->material;
        if (policy_set_is_material(set, version) &&
            version->effective_ms + version->grace_ms < deadline_ms)
            deadline_ms = version->effective_ms + version->grace_ms;
    }
    if (!asks)
        return (struct standing){.kind = STANDING_GOES_ON};
    if (deadline_ms == INT64_MAX || now_ms >= deadline_ms)
        return (struct standing){.kind = STANDING_ASK};
    return (struct standing){.kind = STANDING_GRACE, .deadline_ms = deadline_ms};
}

struct standing policy_set_standing(const struct policy_set *set, const char *version,
                                    const char *sha256, int64_t now_ms)
{
    const struct policy *accepted = policy_set_find(set, version);

    if (!accepted || !policy_has_text(accepted, sha256))
        return (struct standing){.kind = STANDING_ASK};
    if (accepted == set->current)
        return (struct standing){.kind = STANDING_CURRENT};
    return policy_set_between(set, accepted, set->current, now_ms);
}
