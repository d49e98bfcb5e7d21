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
#define FIELD(id, name, class, needed, neutral, forms, where) FIELD_##id,
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

/* "connection.ip". Returns borrowed static text. */
const char *field_name(enum field field);

/* FIELD_NONE when there is no such field. */
enum field field_by_name(const char *name);

#endif
