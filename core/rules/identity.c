/*
 * The decisions about who a player is, which hang together: a name leads to its UUID and a UUID to
 * its name (in offline mode by a hash, for an account by a public service), and a skin's properties
 * carry both. So a server knows all of them or none.
 */
#include "rules/decision.h"

enum field_form decision_identity_form(const struct rules *rules, enum field field)
{
    enum field_form form = rules->forward[field].form;

    if (form != FIELD_FORM_NONE)
        return form;
    if (rules->server->third_party)
        return FIELD_FORM_PSEUDONYM;
    return field == FIELD_PLAYER_UUID ? decision_identity_form(rules, FIELD_PLAYER_NAME)
                                      : FIELD_FORM_FULL;
}

/* The line of the first of the rules that there is. */
static int line_of(const struct rules *rules, enum field first, enum field second)
{
    int line = rules->forward[first].line;

    return line > 0 ? line : rules->forward[second].line;
}

void decision_check_identity(const struct rules *rules, struct diag *diag)
{
    const char *file = rules->server->rules;
    enum field_form uuid = decision_identity_form(rules, FIELD_PLAYER_UUID);
    enum field_form name = decision_identity_form(rules, FIELD_PLAYER_NAME);

    if (uuid == FIELD_FORM_PSEUDONYM && name == FIELD_FORM_FULL)
        diag_add(diag, file, line_of(rules, FIELD_PLAYER_UUID, FIELD_PLAYER_NAME),
                 "player.uuid is a pseudonym and player.name is told in full: the name leads to "
                 "the UUID (in offline mode it is made from the name, an account's is public); "
                 "forward both in the same form");
    else if (uuid == FIELD_FORM_FULL && name == FIELD_FORM_PSEUDONYM)
        diag_add(diag, file, line_of(rules, FIELD_PLAYER_UUID, FIELD_PLAYER_NAME),
                 "player.uuid is told in full and player.name is a pseudonym: the UUID leads to "
                 "the name (an account's is public); forward both in the same form");
    else if (uuid == FIELD_FORM_PSEUDONYM &&
             rules->forward[FIELD_PLAYER_SKIN].form == FIELD_FORM_FULL)
        diag_add(diag, file, rules->forward[FIELD_PLAYER_SKIN].line,
                 "player.skin is told in full where player.uuid and player.name are pseudonyms: "
                 "the skin's property carries the account's id and name; take this line out, or "
                 "forward player.uuid and player.name in full");
}

/* To this server some players are pseudonyms at least. */
static bool hides_players(const struct rules *rules)
{
    for (enum field field = FIELD_PLAYER_UUID; field <= FIELD_PLAYER_NAME; field++) {
        const struct decision *decision = &rules->forward[field];

        if (decision_identity_form(rules, field) == FIELD_FORM_PSEUDONYM ||
            (decision->form != FIELD_FORM_NONE &&
             rules->policy->purposes[decision->purpose].optional))
            return true;
    }
    return false;
}

static void check_pair(const struct rules *one, const struct rules *two, struct diag *diag)
{
    const char *pattern;
    int line;

    if ((hides_players(one) || hides_players(two)) &&
        acts_share_cookie(one->acts, two->acts, &pattern, &line))
        diag_add(diag, one->server->rules, line,
                 "cookie \"%s\" can be handed over between the servers %s and %s: it shows that it "
                 "is the same player, where server %s is to know players by pseudonym; give each "
                 "of them cookies of its own",
                 pattern, one->server->name, two->server->name,
                 hides_players(one) ? one->server->name : two->server->name);
}

void rules_check_together(struct rules *const *rules, size_t count, struct diag *diag)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            check_pair(rules[i], rules[j], diag);
}
