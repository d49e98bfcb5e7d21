#include "rules/field.h"

#include "base/diag.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>

enum {
    FULL = 1 << FIELD_FORM_FULL,
    DROP = 1 << FIELD_FORM_DROP,
    COUNT = 1 << FIELD_FORM_COUNT,
    FLAG = 1 << FIELD_FORM_FLAG,
    BUCKET = 1 << FIELD_FORM_BUCKET,
    TRUNCATE = 1 << FIELD_FORM_TRUNCATE,
    PSEUDONYM = 1 << FIELD_FORM_PSEUDONYM,
    CATEGORY = 1 << FIELD_FORM_CATEGORY,
    FUNCTION = 1 << FIELD_FORM_FUNCTION,
    KEPT = FULL | DROP | FLAG | FUNCTION, /* what fits everything that can be kept */
};

static const struct field_info infos[FIELDS] = {
#define FIELD(id, name, class, needed, neutral, kind, most, kept_as, told_as, where)               \
    [FIELD_##id] = {name,   FIELD_##class, needed,    neutral, FIELD_##kind,                       \
                    (most), (kept_as),     (told_as), where},
#include "rules/fields.def"
#undef FIELD
};

const struct field_info *field_info(enum field field)
{
    return &infos[field];
}

const char *field_name(enum field field)
{
    return infos[field].name;
}

enum field field_by_name(const char *name)
{
    for (int field = FIELD_NONE + 1; field < FIELDS; field++)
        if (strcmp(infos[field].name, name) == 0)
            return (enum field)field;
    return FIELD_NONE;
}

const char *field_nearest(const char *name)
{
    return diag_nearest_in(name, &infos[FIELD_NONE + 1], FIELDS - 1, sizeof infos[0]);
}

static bool is_address(const char *text)
{
    uint8_t bytes[16];

    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool is_locale(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_' && *at != '-')
            return false;
    return *text != 0;
}

bool field_takes(enum field field, const char *text)
{
    const struct field_info *info = &infos[field];
    long long number;
    char *end;

    switch (info->kind) {
    case FIELD_NUMBER:
        number = strtoll(text, &end, 10);
        return *end == 0 && end != text && number >= 0 && number <= info->most;
    case FIELD_ADDRESS: return is_address(text);
    case FIELD_LOCALE: return is_locale(text) && (int64_t)strlen(text) <= info->most;
    case FIELD_TEXT: return (int64_t)strlen(text) <= info->most;
    }
    return false;
}

const char *field_form_name(enum field_form form)
{
    static const char *const names[FIELD_FORMS] = {
        [FIELD_FORM_NONE] = "none",         [FIELD_FORM_FULL] = "full",
        [FIELD_FORM_DROP] = "drop",         [FIELD_FORM_COUNT] = "count",
        [FIELD_FORM_FLAG] = "flag",         [FIELD_FORM_BUCKET] = "bucket",
        [FIELD_FORM_TRUNCATE] = "truncate", [FIELD_FORM_PSEUDONYM] = "pseudonym",
        [FIELD_FORM_CATEGORY] = "category", [FIELD_FORM_FUNCTION] = "function",
    };

    return names[form];
}

enum field_form field_form_by_name(const char *name)
{
    for (int form = FIELD_FORM_NONE + 1; form < FIELD_FORMS; form++)
        if (strcmp(field_form_name((enum field_form)form), name) == 0)
            return (enum field_form)form;
    return FIELD_FORM_NONE;
}

const char *field_forms_text(unsigned forms, char out[static FIELD_FORMS_TEXT_BYTES])
{
    size_t len = 0;

    out[0] = 0;
    for (int form = FIELD_FORM_NONE + 1; form < FIELD_FORMS; form++)
        if (forms >> form & 1)
            len += (size_t)snprintf(out + len, FIELD_FORMS_TEXT_BYTES - len, "%s%s",
                                    len > 0 ? ", " : "", field_form_name((enum field_form)form));
    return out;
}

const char *field_class_name(enum field_class class)
{
    static const char *const names[] = {
        [FIELD_IDENTIFYING] = "identifying",
        [FIELD_QUASI] = "quasi-identifying",
        [FIELD_CONTENT] = "content",
    };

    return names[class];
}
