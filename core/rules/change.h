/*
 * What differs between the rules of all servers as they were and as they are to be, rule by rule.
 */
#ifndef SEKISHO_RULES_CHANGE_H
#define SEKISHO_RULES_CHANGE_H

#include "rules/acts.h"
#include "rules/ruleset.h"

enum change_reach {
    CHANGE_ALIKE = 1, /* another way to the same */
    CHANGE_LESS,
    CHANGE_MORE, /* of what who accepted the old rules did not agree to: scope.h says why */
};

enum { CHANGE_TEXT_BYTES = 192 };

/* One rule. Borrowed for the call, like what it points to. */
struct change {
    enum change_reach reach;
    enum rules_word word;
    enum field field;
    const char *why;           /* MORE: in what; else NULL */
    const struct rules *after; /* NULL: the server is gone */
    char before_text[CHANGE_TEXT_BYTES];
    char after_text[CHANGE_TEXT_BYTES];
};

/* One thing that a server may do to clients, or no longer. */
struct change_act {
    bool more;                 /* not yet to those who accepted the old rules */
    const struct rules *after; /* NULL: the server is gone */
    enum act act;
    const struct act_rule *rule;
};

/* Called server by server: first `server` (the name; which of both have it), then what differs. */
struct change_reader {
    void (*server)(void *owner, const char *name, bool before, bool after);
    void (*rule)(void *owner, const struct change *change);
    void (*act)(void *owner, const struct change_act *act);
    void *owner;
};

void changes_read(const struct ruleset *before, const struct ruleset *after,
                  const struct change_reader *reader);

#endif
