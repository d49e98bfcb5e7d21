#include "cli/dossier.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char format[] = "sekisho-export-1";

/*
 * ISO/IEC TS 27560:2023, by the names of its elements, and where they are in an export.
 * MAPS(ELEMENT OF THE SPECIFICATION, WHERE IT IS HERE)
 */
static const struct mapping {
    const char *element, *here;
} mappings[] = {
    {"schema_version", "format"},
    {"record_id", "consents[].record"},
    {"pii_principal_id", "player.subject, which the ledger cites; player.player_uuid"},
    {"privacy_notice", "consents[].policy_sha256, texts[] of that sha256"},
    {"language", "consents[].language"},
    {"purpose", "consents[].purposes"},
    {"purpose_type", "not recorded; the text explains each purpose"},
    {"lawful_basis", "consent, always"},
    {"pii_information.pii_type", "held[].field, under the rules of consents[].scope_sha256"},
    {"pii_information.pii_attribute_id", "held[].field"},
    {"pii_information.pii_optional", "purposes of the policy that are optional"},
    {"pii_controllers", "consents[].policy, whose text names the operator"},
    {"collection_method", "the game's protocol; fields are described in docs/rules.md"},
    {"processing_method", "the text"},
    {"storage_locations", "the text"},
    {"retention_period", "held[].expires_at"},
    {"service", "consents[].server, held[].server"},
    {"recipient_third_parties", "the text; entries of the ledger of kind provision"},
    {"withdrawal_method", "/privacy withdraw in the game; the text"},
    {"privacy_rights", "/privacy in the game; requests[]"},
    {"party_identification", "the text"},
    {"event_time", "consents[].decided_at; shown_at for the notice"},
    {"validity_duration", "until withdrawn, or until a newer text needs a new answer"},
    {"entity_id", "player.subject"},
    {"event_type", "consents[].method, consents[].action, consents[].identity, consents[].nonce"},
    {"event_state", "consents[].decision"},
};

static json_t *person_json(const struct store_person *person)
{
    char uuid[UUID_TEXT_BYTES];

    uuid_format(&person->player, uuid);
    return json_pack("{ss ss ss}", "player_uuid", uuid, "player_name", person->name, "subject",
                     person->subject);
}

/* Adds a list; false: it could not be read. */
static bool add(json_t *dossier, const char *key, json_t *list)
{
    return list && json_object_set_new(dossier, key, list) == 0;
}

json_t *dossier_new(struct desk *desk, const struct store_person *person)
{
    json_t *dossier = json_pack("{so}", "player", person_json(person));

    if (add(dossier, "consents", desk_consents(desk, &person->player)) &&
        add(dossier, "held", desk_held(desk, &person->player)) &&
        add(dossier, "counted", desk_counted(desk, &person->player)) &&
        add(dossier, "visited", desk_visited(desk, &person->player)) &&
        add(dossier, "requests", desk_requests(desk, &person->player)))
        return dossier;
    json_decref(dossier);
    return NULL;
}

static bool has_text(const json_t *texts, const char *sha256)
{
    json_t *text;
    size_t i;

    json_array_foreach(texts, i, text)
    {
        if (strcmp(json_string_value(json_object_get(text, "sha256")), sha256) == 0)
            return true;
    }
    return false;
}

/* Each once; of one that is not kept any more, the hash. */
static json_t *texts_of(struct desk *desk, const json_t *consents)
{
    json_t *texts = json_array();
    json_t *consent;
    size_t i;

    json_array_foreach(consents, i, consent)
    {
        const char *sha256 = json_string_value(json_object_get(consent, "policy_sha256"));
        json_t *text = has_text(texts, sha256) ? NULL : desk_document(desk, sha256);

        if (!text && !has_text(texts, sha256))
            text = json_pack("{ss}", "sha256", sha256);
        if (text)
            json_array_append_new(texts, text);
    }
    return texts;
}

static json_t *mapping_json(void)
{
    json_t *fields = json_object();

    for (size_t i = 0; i < sizeof mappings / sizeof mappings[0]; i++)
        json_object_set_new(fields, mappings[i].element, json_string(mappings[i].here));
    return json_pack("{ss so}", "specification", "ISO/IEC TS 27560:2023", "fields", fields);
}

json_t *dossier_export(struct desk *desk, const struct store_person *person)
{
    json_t *dossier = dossier_new(desk, person);
    char now[CLOCK_TEXT_BYTES];

    if (!dossier)
        return NULL;
    clock_format(clock_wall_ms(), now);
    json_object_set_new(dossier, "format", json_string(format));
    json_object_set_new(dossier, "exported_at", json_string(now));
    json_object_set_new(dossier, "texts", texts_of(desk, json_object_get(dossier, "consents")));
    json_object_set_new(dossier, "mapping", mapping_json());
    if (add(dossier, "ledger", desk_ledger(desk, &person->player)))
        return dossier;
    json_decref(dossier);
    return NULL;
}

static const char *at(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));

    return text ? text : "";
}

/* A text that somebody else wrote: what would steer a terminal is escaped. */
static void print_foreign(const json_t *text, FILE *out)
{
    if (text)
        json_dumpf(text, out, JSON_ENCODE_ANY);
}

static void print_consents(const json_t *consents, FILE *out)
{
    json_t *consent;
    size_t i;

    fprintf(out, "consents: %zu\n", json_array_size(consents));
    json_array_foreach(consents, i, consent)
    {
        char *purposes = json_dumps(json_object_get(consent, "purposes"), 0);

        fprintf(out, "  %s  %s %s %s (%s) by %s, identity %s, for %s\n", at(consent, "decided_at"),
                at(consent, "decision"), at(consent, "policy"), at(consent, "policy_version"),
                at(consent, "language"), at(consent, "method"), at(consent, "identity"), purposes);
        free(purposes);
    }
}

static void print_held(const json_t *held, FILE *out)
{
    const json_t *value;
    json_t *one;
    size_t i;

    fprintf(out, "values: %zu\n", json_array_size(held));
    json_array_foreach(held, i, one)
    {
        value = json_object_get(one, "value");
        fprintf(out, "  %s  %s for %s until %s: ", at(one, "server"), at(one, "field"),
                at(one, "purpose"), at(one, "expires_at"));
        print_foreign(value ? value : json_object_get(one, "value_hex"), out);
        fprintf(out, "%s%s\n", at(one, "corrected_at")[0] ? " corrected " : "",
                at(one, "corrected_at"));
    }
}

/* Of one who came before that was noted, nobody knows where they were. */
static void print_visited(const json_t *visited, FILE *out)
{
    json_t *server;
    size_t i;

    fprintf(out, "was sent to servers: %s", json_array_size(visited) == 0 ? "none" : "");
    json_array_foreach(visited, i, server)
    {
        const char *name = json_string_value(server);

        fprintf(out, "%s%s", i > 0 ? ", " : "", name[0] ? name : "any that there were");
    }
    fprintf(out, "\n");
}

void dossier_print_request(const json_t *request, FILE *out)
{
    const json_t *value = json_object_get(request, "value");

    fprintf(out, "%" PRId64 "  %s of %s  %s since %s, due %s%s, proof %s",
            (int64_t)json_integer_value(json_object_get(request, "request")), at(request, "of"),
            json_is_true(json_object_get(request, "erased")) ? "somebody erased"
                                                             : at(request, "player_name"),
            at(request, "state"), at(request, "changed_at"), at(request, "due_at"),
            json_is_true(json_object_get(request, "overdue")) ? " OVERDUE" : "",
            at(request, "proof"));
    if (at(request, "by")[0]) {
        fprintf(out, ", by ");
        print_foreign(json_object_get(request, "by"), out);
    }
    if (value) {
        fprintf(out, "; %s %s -> ", at(request, "server"), at(request, "field"));
        print_foreign(value, out);
    }
    if (at(request, "reason")[0]) {
        fprintf(out, "; ");
        print_foreign(json_object_get(request, "reason"), out);
    }
    fprintf(out, "\n");
}

void dossier_print(const json_t *dossier, FILE *out)
{
    const json_t *player = json_object_get(dossier, "player");
    const json_t *requests = json_object_get(dossier, "requests");
    json_t *request;
    size_t i;

    fprintf(out, "player: %s, %s\nin the ledger: %s\n", at(player, "player_name"),
            at(player, "player_uuid"), at(player, "subject"));
    print_consents(json_object_get(dossier, "consents"), out);
    print_held(json_object_get(dossier, "held"), out);
    fprintf(out, "counted this month: %zu\n", json_array_size(json_object_get(dossier, "counted")));
    print_visited(json_object_get(dossier, "visited"), out);
    fprintf(out, "requests: %zu\n", json_array_size(requests));
    json_array_foreach(requests, i, request)
    {
        fprintf(out, "  ");
        dossier_print_request(request, out);
    }
}
