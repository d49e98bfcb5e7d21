/*
 * The decisions about who a player is, which hang together: a name leads to its UUID and a UUID to
 * its name (in offline mode by a hash, for an account by a public service), and a skin's properties
 * carry both. So a server knows all of them or none.
 */
#include "rules/decision.h"

const struct form *decision_identity_form(const struct rules *rules, enum field field)
{
    static const struct form pseudonym = {.kind = FIELD_FORM_PSEUDONYM};
    static const struct form full = {.kind = FIELD_FORM_FULL};

    if (rules->forward[field].form.kind != FIELD_FORM_NONE)
        return &rules->forward[field].form;
    if (rules->server->third_party)
        return &pseudonym;
    return field == FIELD_PLAYER_UUID ? decision_identity_form(rules, FIELD_PLAYER_NAME) : &full;
}

/* The place of the first of the rules that there is. */
static struct script_place place_of(const struct rules *rules, enum field first, enum field second)
{
    const struct decision *named = &rules->forward[first];

    return named->form.kind != FIELD_FORM_NONE ? named->place : rules->forward[second].place;
}

void decision_check_identity(const struct rules *rules, struct diag *diag)
{
    struct script_place place = place_of(rules, FIELD_PLAYER_UUID, FIELD_PLAYER_NAME);
    const struct form *uuid = decision_identity_form(rules, FIELD_PLAYER_UUID);
    const struct form *name = decision_identity_form(rules, FIELD_PLAYER_NAME);
    bool uuid_hidden = uuid->kind == FIELD_FORM_PSEUDONYM;
    bool name_hidden = name->kind == FIELD_FORM_PSEUDONYM;

    if (uuid_hidden && !name_hidden)
        diag_add(diag, place.file, place.line,
                 "player.uuid is a pseudonym and player.name is told in full: the name leads to "
                 "the UUID (in offline mode it is made from the name, an account's is public); "
                 "forward both in the same form");
    else if (!uuid_hidden && name_hidden)
        diag_add(diag, place.file, place.line,
                 "player.uuid is told in full and player.name is a pseudonym: the UUID leads to "
                 "the name (an account's is public); forward both in the same form");
    else if (uuid_hidden && uuid->epoch_ms != name->epoch_ms)
        diag_add(
            diag, place.file, place.line,
            "the pseudonyms of player.uuid and player.name last for different times, so one would "
            "lead from an old to a new one of the other; give both the same time");
    else if (uuid_hidden && rules->forward[FIELD_PLAYER_SKIN].form.kind == FIELD_FORM_FULL)
        diag_add(diag, rules->forward[FIELD_PLAYER_SKIN].place.file,
                 rules->forward[FIELD_PLAYER_SKIN].place.line,
                 "player.skin is told in full where player.uuid and player.name are pseudonyms: "
                 "the skin's property carries the account's id and name; take this line out, or "
                 "forward player.uuid and player.name in full");
}

/* To this server some players are pseudonyms at least. */
static bool hides_players(const struct rules *rules)
{
    for (enum field field = FIELD_PLAYER_UUID; field <= FIELD_PLAYER_NAME; field++) {
        const struct decision *decision = &rules->forward[field];

        if (decision_identity_form(rules, field)->kind == FIELD_FORM_PSEUDONYM ||
            (decision->form.kind != FIELD_FORM_NONE &&
             rules->policy->purposes[decision->purpose].optional))
            return true;
    }
    return false;
}

static void check_pair(const struct rules *one, const struct rules *two, struct diag *diag)
{
    const struct act_rule *shared = acts_share_cookie(one->acts, two->acts);

    if (shared && (hides_players(one) || hides_players(two)))
        diag_add(diag, shared->place.file, shared->place.line,
                 "cookie \"%s\" can be handed over between the servers %s and %s: it shows that it "
                 "is the same player, where server %s is to know players by pseudonym; give each "
                 "of them cookies of its own",
                 shared->pattern, one->server->name, two->server->name,
                 hides_players(one) ? one->server->name : two->server->name);
}

void rules_check_together(struct rules *const *rules, size_t count, struct diag *diag)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            check_pair(rules[i], rules[j], diag);
}
