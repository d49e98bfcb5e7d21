/*
 * The catalogue of everything that could be learnt about a player, and the only type in which
 * personal data travels. A field value cannot be formatted into a log line; rules.h turns it into
 * bytes for a store or a backend, and asks the rules first.
 */
#ifndef SEKISHO_RULES_FIELD_H
#define SEKISHO_RULES_FIELD_H

#include "base/slice.h"

enum field {
    FIELD_NONE = 0,
#define FIELD(id, name, class, needed, neutral, kind, most, kept_as, told_as, where) FIELD_##id,
#include "rules/fields.def"
#undef FIELD
    FIELDS,
};

/*
 * Borrowed. Numbers and choices travel as decimal text, addresses as text without port, UUIDs with
 * dashes.
 */
struct field_value {
    enum field field;
    struct slice bytes;
};

enum field_form {
    FIELD_FORM_NONE = 0,
    FIELD_FORM_FULL,
    FIELD_FORM_DROP,
    FIELD_FORM_COUNT,     /* a tally of values a day, with no person attached */
    FIELD_FORM_FLAG,      /* whether there is anything */
    FIELD_FORM_BUCKET,    /* a number's neighbourhood */
    FIELD_FORM_TRUNCATE,  /* an address without its last bits */
    FIELD_FORM_PSEUDONYM, /* keyed, another one on every server */
    FIELD_FORM_CATEGORY,  /* the kind of value, of a few */
    FIELD_FORM_FUNCTION,  /* what a function of the rules answers */
    FIELD_FORMS,
};

enum field_class { FIELD_IDENTIFYING = 1, FIELD_QUASI, FIELD_CONTENT };

enum field_kind { FIELD_TEXT = 1, FIELD_NUMBER, FIELD_ADDRESS, FIELD_LOCALE };

/* A row of fields.def, where its parts are explained. */
struct field_info {
    const char *name;
    enum field_class class;
    bool needed;
    const char *neutral;
    enum field_kind kind;
    int64_t most;
    unsigned kept_as, told_as; /* bit FORM for each form that fits */
    const char *where;
};

/* Returns borrowed static data. */
const struct field_info *field_info(enum field field);

/* UUID and name, of which one leads to the other. */
static inline bool field_is_identity(enum field field)
{
    return field == FIELD_PLAYER_UUID || field == FIELD_PLAYER_NAME;
}

/* What players write in inquiries: kept for the purpose "inquiry" and no other. */
static inline bool field_is_inquiry(enum field field)
{
    return field >= FIELD_INQUIRY_COMPANY && field <= FIELD_INQUIRY_MESSAGE;
}

/* "connection.ip". Returns borrowed static text. */
const char *field_name(enum field field);

/* FIELD_NONE when there is no such field. */
enum field field_by_name(const char *name);

/* The name nearest to one that is not there, or NULL. Returns borrowed static text. */
const char *field_nearest(const char *name);

/* Whether this text can stand on the wire as a value of the field. */
bool field_takes(enum field field, const char *text);

/* The word that rules use. Returns borrowed static text. */
const char *field_form_name(enum field_form form);
enum field_form field_form_by_name(const char *name); /* NONE: there is no such one */

enum { FIELD_FORMS_TEXT_BYTES = 128 };

/* The words of all forms in a set of bits, with commas between them. Returns `out`. */
const char *field_forms_text(unsigned forms, char out[static FIELD_FORMS_TEXT_BYTES]);

/* In words, for admins: "quasi-identifying". Returns borrowed static text. */
const char *field_class_name(enum field_class class);

#endif
