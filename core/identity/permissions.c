#include "identity/permissions.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/table.h"
#include "script/table_reader.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PERMISSION_BYTES_MAX = 128, DEFAULT_DEPTH = INT_MAX };

static const char usual_path[] = "config/permissions.lua";

/* "staff.find", or with `open` all that begins with "staff." */
struct entry {
    char *text; /* without "-" in front and "*" behind; owned */
    bool open;
    bool takes;
};

struct entries {
    struct entry *list; /* owned */
    size_t count;
};

/* A group whose entries count for another one, so many steps away. */
struct source {
    size_t group;
    int depth;
};

struct parent {
    char *name; /* owned */
    int line;
    const struct group *group; /* when all were read */
};

struct group {
    char *name; /* owned */
    struct entries entries;
    struct parent *parents; /* owned */
    size_t parent_count;
    struct source *sources; /* itself, and all that it inherits; owned; none: not known yet */
    size_t source_count;
    size_t member_count;
};

/* By UUID, or by name in lower case, each in a table of its own. */
struct member {
    struct table_node node; /* first: a node is its member */
    struct member *next;    /* in permissions->members */
    size_t *groups;         /* owned */
    size_t group_count;
};

struct permissions {
    char *path;        /* owned; NULL: there is no file */
    struct buf source; /* what stands in it */
    struct group *groups;
    size_t group_count;
    struct entries defaults;
    struct member *members; /* owned */
    struct table by_uuid, by_name;
};

/* What reads a group needs of the file around it. */
struct reading {
    struct permissions *permissions;
    struct group *group;
    size_t index;  /* of it */
    size_t number; /* of the member being read */
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Words with dots between; the first does not begin with "-". `len` bytes of it. */
static bool is_name(const char *text, size_t len)
{
    if (len == 0 || len > PERMISSION_BYTES_MAX || text[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        bool at_word = i == 0 || text[i - 1] == '.';

        if (text[i] == '.' ? at_word || i + 1 == len : !is_letter(text[i]))
            return false;
    }
    return true;
}

bool permission_is_name(const char *text)
{
    return is_name(text, strlen(text));
}

/* False: it is none. */
static bool entry_of(const char *text, struct entry *out)
{
    size_t len;

    out->takes = text[0] == '-';
    text += out->takes ? 1 : 0;
    len = strlen(text);
    out->open = len > 0 && text[len - 1] == '*';
    if (out->open)
        len--;
    if (out->open && len == 0)
        out->text = mem_strdup("");
    else if (out->open ? len > 1 && text[len - 1] == '.' && is_name(text, len - 1)
                       : is_name(text, len))
        out->text = mem_strndup(text, len);
    else
        return false;
    return true;
}

static void read_entry(struct table_reader *reader, void *into)
{
    const char *text = reader_text(reader, "a permission as \"hub.use\"");
    struct entries *entries = into;
    struct entry entry;

    if (!text)
        return;
    if (!entry_of(text, &entry)) {
        reader_complain(reader,
                        "\"%s\" is no permission; write words of a-z, 0-9, _ and - with dots "
                        "between them, as \"hub.use\"; \"hub.*\" for all behind, \"-hub.use\" to "
                        "take away",
                        text);
        return;
    }
    entries->list = mem_resize(entries->list, (entries->count + 1) * sizeof *entries->list);
    entries->list[entries->count++] = entry;
}

static void read_entries(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_entry);
}

static void read_permissions(struct table_reader *reader, void *into)
{
    struct reading *reading = into;

    read_entries(reader, &reading->group->entries);
}

static void read_parent(struct table_reader *reader, void *into)
{
    const char *name = reader_text(reader, "the name of a group");
    struct group *group = into;
    struct parent *parent;

    if (!name)
        return;
    group->parents = mem_resize(group->parents, (group->parent_count + 1) * sizeof *group->parents);
    parent = &group->parents[group->parent_count++];
    *parent = (struct parent){.name = mem_strdup(name), .line = reader_line(reader)};
}

static void read_inherits(struct table_reader *reader, void *into)
{
    struct reading *reading = into;

    reader_list(reader, reading->group, read_parent);
}

/* Also names that other mods' clients bring, as ".Steve". False: it is none. */
static bool key_of_name(const char *text, char key[static TABLE_KEY_BYTES])
{
    size_t len = strlen(text);

    if (len == 0 || len > PROFILE_NAME_CHARS_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
        key[i] = (char)tolower((unsigned char)text[i]);
    }
    return true;
}

static struct member *member_of(struct permissions *permissions, struct table *table,
                                const void *key, size_t len)
{
    struct table_node *node = table_find(table, key, len);
    struct member *member;

    if (node)
        return (struct member *)node;
    member = mem_alloc(sizeof *member);
    member->next = permissions->members;
    permissions->members = member;
    table_insert(table, &member->node, key, len);
    return member;
}

/* False: they stand in it already. */
static bool put_in(struct member *member, size_t group)
{
    for (size_t i = 0; i < member->group_count; i++)
        if (member->groups[i] == group)
            return false;
    member->groups = mem_resize(member->groups, (member->group_count + 1) * sizeof *member->groups);
    member->groups[member->group_count++] = group;
    return true;
}

/* Complaints name nobody: they go to logs. */
static void read_member(struct table_reader *reader, void *into)
{
    const char *text = reader_text(reader, "a player's UUID or name");
    struct reading *reading = into;
    struct permissions *permissions = reading->permissions;
    char name[TABLE_KEY_BYTES];
    struct member *member;
    struct uuid uuid;

    reading->number++;
    if (!text)
        return;
    if (uuid_parse(text, &uuid) == 0) {
        member = member_of(permissions, &permissions->by_uuid, uuid.bytes, UUID_BYTES);
    } else if (key_of_name(text, name)) {
        member = member_of(permissions, &permissions->by_name, name, strlen(text));
    } else {
        reader_complain(reader,
                        "number %zu is no player; write a UUID, or a name of at most %d characters",
                        reading->number, PROFILE_NAME_CHARS_MAX);
        return;
    }
    if (put_in(member, reading->index))
        reading->group->member_count++;
    else
        reader_complain(reader, "number %zu stands in the group twice; take one out",
                        reading->number);
}

static void read_members(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_member);
}

static const struct reader_key group_keys[] = {
    {.name = "inherits", .kind = READER_CUSTOM, .read = read_inherits},
    {.name = "permissions", .kind = READER_CUSTOM, .read = read_permissions},
    {.name = "members", .kind = READER_CUSTOM, .read = read_members},
};

static void read_group(struct table_reader *reader, const char *name, void *into)
{
    struct permissions *permissions = into;
    struct reading reading = {.permissions = permissions, .index = permissions->group_count};

    permissions->groups =
        mem_resize(permissions->groups, (permissions->group_count + 1) * sizeof(struct group));
    reading.group = &permissions->groups[permissions->group_count++];
    *reading.group = (struct group){.name = mem_strdup(name)};
    reader_table(reader, group_keys, sizeof group_keys / sizeof group_keys[0], &reading);
}

static void read_groups(struct table_reader *reader, void *into)
{
    reader_each(reader, into, read_group);
}

static void read_defaults(struct table_reader *reader, void *into)
{
    struct permissions *permissions = into;

    read_entries(reader, &permissions->defaults);
}

static const struct reader_key file_keys[] = {
    {.name = "groups", .kind = READER_CUSTOM, .read = read_groups},
    {.name = "default", .kind = READER_CUSTOM, .read = read_defaults},
};

static const struct group *find_group(const struct permissions *permissions, const char *name)
{
    for (size_t i = 0; i < permissions->group_count; i++)
        if (strcmp(permissions->groups[i].name, name) == 0)
            return &permissions->groups[i];
    return NULL;
}

static void check_parents(const struct permissions *permissions, struct diag *diag)
{
    for (size_t i = 0; i < permissions->group_count; i++) {
        const struct group *group = &permissions->groups[i];

        for (size_t parent = 0; parent < group->parent_count; parent++) {
            const char *name = group->parents[parent].name;
            char advice[DIAG_ADVICE_BYTES];
            const char *nearest = diag_nearest_in(name, permissions->groups,
                                                  permissions->group_count, sizeof(struct group));

            group->parents[parent].group = find_group(permissions, name);
            if (!group->parents[parent].group)
                diag_add(diag, permissions->path, group->parents[parent].line,
                         "there is no group \"%s\"; %s", name,
                         diag_advice(advice, nearest, "name one of groups"));
        }
    }
}

static void add_source(struct group *group, struct source source)
{
    for (size_t i = 0; i < group->source_count; i++) {
        if (group->sources[i].group != source.group)
            continue;
        if (source.depth < group->sources[i].depth)
            group->sources[i].depth = source.depth;
        return;
    }
    group->sources = mem_resize(group->sources, (group->source_count + 1) * sizeof *group->sources);
    group->sources[group->source_count++] = source;
}

/* False: a group that it inherits has to be settled first. */
static bool settle(const struct permissions *permissions, struct group *group)
{
    for (size_t i = 0; i < group->parent_count; i++)
        if (group->parents[i].group->source_count == 0)
            return false;
    add_source(group, (struct source){.group = (size_t)(group - permissions->groups)});
    for (size_t i = 0; i < group->parent_count; i++) {
        const struct group *parent = group->parents[i].group;

        for (size_t source = 0; source < parent->source_count; source++)
            add_source(group, (struct source){.group = parent->sources[source].group,
                                              .depth = parent->sources[source].depth + 1});
    }
    return true;
}

/* Round by round; what is left in the end inherits itself. */
static void settle_all(const struct permissions *permissions, struct diag *diag)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (size_t i = 0; i < permissions->group_count; i++)
            if (permissions->groups[i].source_count == 0 &&
                settle(permissions, &permissions->groups[i]))
                moved = true;
    }
    for (size_t i = 0; i < permissions->group_count; i++)
        if (permissions->groups[i].source_count == 0)
            diag_add(diag, permissions->path, permissions->groups[i].parents[0].line,
                     "the group \"%s\" inherits itself in the end; break the circle",
                     permissions->groups[i].name);
}

static int read_file(struct permissions *permissions, struct diag *diag)
{
    struct table_reader reader = {.file = permissions->path, .diag = diag};
    size_t complaints = diag->count;
    int err = script_open(permissions->path, &script_limits_usual, diag, &reader.script);

    if (err < 0)
        return err;
    buf_append_slice(&permissions->source, script_source(reader.script, 0));
    reader.lua = script_lua(reader.script);
    err = script_run(reader.script, 1, diag);
    if (err == 0 && !lua_istable(reader.lua, -1)) {
        diag_add(diag, permissions->path, 0,
                 "returns no table; the file has to be: return { groups = { ... } }");
    } else if (err == 0) {
        reader_check_keys(&reader);
        reader_table(&reader, file_keys, sizeof file_keys / sizeof file_keys[0], permissions);
        check_parents(permissions, diag);
    }
    script_free(reader.script);
    if (diag->count == complaints)
        settle_all(permissions, diag);
    return diag->count > complaints ? ERR_INVALID : 0;
}

int permissions_load(const struct conf *conf, struct diag *diag, struct permissions **out)
{
    const char *path = conf->permissions ? conf->permissions : usual_path;
    struct permissions *permissions = mem_alloc(sizeof *permissions);
    int err;

    *out = NULL;
    if (conf->permissions || access(path, F_OK) == 0)
        permissions->path = mem_strdup(path);
    err = permissions->path ? read_file(permissions, diag) : 0;
    if (err < 0)
        permissions_free(permissions);
    else
        *out = permissions;
    return err;
}

static void free_entries(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        free(entries->list[i].text);
    free(entries->list);
}

static void free_group(struct group *group)
{
    for (size_t i = 0; i < group->parent_count; i++)
        free(group->parents[i].name);
    free(group->parents);
    free_entries(&group->entries);
    free(group->sources);
    free(group->name);
}

void permissions_free(struct permissions *permissions)
{
    if (!permissions)
        return;
    while (permissions->members) {
        struct member *member = permissions->members;

        permissions->members = member->next;
        free(member->groups);
        free(member);
    }
    for (size_t i = 0; i < permissions->group_count; i++)
        free_group(&permissions->groups[i]);
    free(permissions->groups);
    free_entries(&permissions->defaults);
    table_free(&permissions->by_uuid);
    table_free(&permissions->by_name);
    buf_free(&permissions->source);
    free(permissions->path);
    free(permissions);
}

/* The entry that decides so far; NULL: none fits. */
struct ruling {
    const struct entry *entry;
    size_t weight; /* the more specific, the more */
    int depth;
};

static bool outweighs(const struct ruling *a, const struct ruling *b)
{
    if (!b->entry || a->weight != b->weight)
        return !b->entry || a->weight > b->weight;
    return a->depth != b->depth ? a->depth < b->depth : a->entry->takes;
}

static void consider(const struct entries *entries, int depth, const char *permission,
                     struct ruling *ruling)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->list[i];
        size_t len = strlen(entry->text);
        struct ruling other = {
            .entry = entry, .weight = entry->open ? len : SIZE_MAX, .depth = depth};
        bool fits = entry->open ? strncmp(permission, entry->text, len) == 0
                                : strcmp(permission, entry->text) == 0;

        if (fits && outweighs(&other, ruling))
            *ruling = other;
    }
}

static void consider_member(const struct permissions *permissions, const struct table_node *node,
                            const char *permission, struct ruling *ruling)
{
    const struct member *member = (const struct member *)node;

    for (size_t i = 0; member && i < member->group_count; i++) {
        const struct group *group = &permissions->groups[member->groups[i]];

        for (size_t source = 0; source < group->source_count; source++)
            consider(&permissions->groups[group->sources[source].group].entries,
                     group->sources[source].depth, permission, ruling);
    }
}

bool permission_allows(const struct permissions *permissions, const struct profile *profile,
                       const char *permission)
{
    bool proven =
        profile->proof == CONSENT_IDENTITY_VERIFIED || profile->proof == CONSENT_IDENTITY_FORWARDED;
    char name[TABLE_KEY_BYTES];
    struct ruling ruling = {0};

    if (!permissions)
        return false;
    consider(&permissions->defaults, DEFAULT_DEPTH, permission, &ruling);
    consider_member(permissions, table_find(&permissions->by_uuid, profile->uuid.bytes, UUID_BYTES),
                    permission, &ruling);
    if (proven && key_of_name(profile->name, name))
        consider_member(permissions, table_find(&permissions->by_name, name, strlen(profile->name)),
                        permission, &ruling);
    return ruling.entry && !ruling.entry->takes;
}

const char *permissions_path(const struct permissions *permissions)
{
    return permissions->path;
}

bool permissions_same(const struct permissions *a, const struct permissions *b)
{
    return slice_equal(buf_slice(&a->source), buf_slice(&b->source));
}

const char *permissions_warning(const struct permissions *permissions, enum conf_auth auth)
{
    if (auth != CONF_AUTH_OFFLINE || !permissions->members)
        return NULL;
    return "permissions: with auth = \"offline\" nobody proves who they are: members by name do "
           "not count, and who joins under the name that a member's UUID is made of has what the "
           "member has; use auth = \"online\"";
}

void permissions_print(const struct permissions *permissions, FILE *out)
{
    if (!permissions->path)
        return;
    fprintf(out, "permissions %s: %zu for everybody\n", permissions->path,
            permissions->defaults.count);
    for (size_t i = 0; i < permissions->group_count; i++)
        fprintf(out, "  group   %-14s members %zu, permissions %zu\n", permissions->groups[i].name,
                permissions->groups[i].member_count, permissions->groups[i].entries.count);
}
