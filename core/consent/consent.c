#include "consent/consent.h"

#include "base/clock.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const decisions[] = {[CONSENT_ACCEPTED] = "accepted",
                                        [CONSENT_DECLINED] = "declined",
                                        [CONSENT_WITHDRAWN] = "withdrawn",
                                        [CONSENT_TIMED_OUT] = "timed_out"};
static const char *const methods[] = {[CONSENT_METHOD_DIALOG] = "dialog",
                                      [CONSENT_METHOD_BOOK] = "book",
                                      [CONSENT_METHOD_CHAT] = "chat",
                                      [CONSENT_METHOD_WEB] = "web"};
static const char *const identities[] = {[CONSENT_IDENTITY_VERIFIED] = "verified",
                                         [CONSENT_IDENTITY_OFFLINE] = "offline",
                                         [CONSENT_IDENTITY_FORWARDED] = "forwarded"};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

static const char *name_of(const char *const *names, size_t count, size_t value)
{
    return value > 0 && value < count ? names[value] : "none";
}

/* 0, which is none in every enumeration, when nothing has this name. */
static size_t by_name(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

const char *consent_decision_name(enum consent_decision decision)
{
    return name_of(decisions, COUNT(decisions), decision);
}

bool consent_counts(const struct consent_record *record)
{
    return record->decision == CONSENT_ACCEPTED || record->decision == CONSENT_WITHDRAWN;
}

bool consent_has_purpose(const struct consent_record *record, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = record->purposes; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    return false;
}

const char *consent_method_name(enum consent_method method)
{
    return name_of(methods, COUNT(methods), method);
}

const char *consent_identity_name(enum consent_identity identity)
{
    return name_of(identities, COUNT(identities), identity);
}

enum consent_decision consent_decision_by_name(const char *name)
{
    return (enum consent_decision)by_name(decisions, COUNT(decisions), name);
}

enum consent_method consent_method_by_name(const char *name)
{
    return (enum consent_method)by_name(methods, COUNT(methods), name);
}

enum consent_identity consent_identity_by_name(const char *name)
{
    return (enum consent_identity)by_name(identities, COUNT(identities), name);
}

/* "a,b" as ["a", "b"]. */
static json_t *purposes_json(const char *purposes)
{
    json_t *list = json_array();

    for (const char *at = purposes; *at;) {
        size_t len = strcspn(at, ",");

        json_array_append_new(list, json_stringn(at, len));
        at += len + (at[len] == ',' ? 1 : 0);
    }
    return list;
}

static json_t *time_json(int64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(wall_ms, text);
    return json_string(text);
}

json_t *consent_facts(const struct consent_record *record)
{
    return json_pack("{ss ss ss ss ss ss so ss si ss so ss ss ss}", "decision",
                     consent_decision_name(record->decision), "policy", record->policy,
                     "policy_version", record->policy_version, "policy_sha256",
                     record->policy_sha256, "language", record->language, "method",
                     consent_method_name(record->method), "purposes",
                     purposes_json(record->purposes), "server", record->server, "protocol",
                     (int)record->protocol, "identity", consent_identity_name(record->identity),
                     "shown_at", time_json(record->shown_at_ms), "nonce", record->nonce, "action",
                     record->action, "scope_sha256", record->scope_sha256);
}

json_t *consent_personal(const struct consent_record *record)
{
    char player[UUID_TEXT_BYTES];

    uuid_format(&record->player, player);
    return json_pack("{ss ss}", "player_uuid", player, "player_name", record->name);
}

static const char *text_at(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));

    return text ? text : "";
}

static void read_text(const json_t *json, const char *key, char *out, size_t size)
{
    snprintf(out, size, "%s", text_at(json, key));
}

/* ["a", "b"] as "a,b". */
static void read_purposes(const json_t *list, char *out, size_t size)
{
    size_t len = 0;
    size_t i;
    json_t *name;

    out[0] = '\0';
    json_array_foreach(list, i, name)
    {
        const char *text = json_string_value(name);

        if (text && len + strlen(text) + 2 <= size)
            len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? "," : "", text);
    }
}

void consent_read(const json_t *facts, const json_t *personal, int64_t decided_ms,
                  struct consent_record *out)
{
    *out = (struct consent_record){.decided_at_ms = decided_ms};
    out->erased = !personal || uuid_parse(text_at(personal, "player_uuid"), &out->player) < 0;
    read_text(personal, "player_name", out->name, sizeof out->name);
    out->decision = consent_decision_by_name(text_at(facts, "decision"));
    read_text(facts, "policy", out->policy, sizeof out->policy);
    read_text(facts, "policy_version", out->policy_version, sizeof out->policy_version);
    read_text(facts, "policy_sha256", out->policy_sha256, sizeof out->policy_sha256);
    read_text(facts, "language", out->language, sizeof out->language);
    out->method = consent_method_by_name(text_at(facts, "method"));
    out->identity = consent_identity_by_name(text_at(facts, "identity"));
    read_purposes(json_object_get(facts, "purposes"), out->purposes, sizeof out->purposes);
    read_text(facts, "server", out->server, sizeof out->server);
    out->protocol = (int32_t)json_integer_value(json_object_get(facts, "protocol"));
    if (clock_parse(text_at(facts, "shown_at"), &out->shown_at_ms) < 0)
        out->shown_at_ms = 0;
    read_text(facts, "nonce", out->nonce, sizeof out->nonce);
    read_text(facts, "action", out->action, sizeof out->action);
    read_text(facts, "scope_sha256", out->scope_sha256, sizeof out->scope_sha256);
}

json_t *consent_json(const struct consent_record *record)
{
    json_t *json = consent_facts(record);

    if (record->erased)
        json_object_update_new(json,
                               json_pack("{sn sn sb}", "player_uuid", "player_name", "erased", 1));
    else
        json_object_update_new(json, consent_personal(record));
    json_object_set_new(json, "policy_id", json_string(record->policy));
    json_object_set_new(json, "record", json_integer(record->seq));
    json_object_set_new(json, "decided_at", time_json(record->decided_at_ms));
    return json;
}

void consent_print_json(const struct consent_record *record, FILE *out)
{
    json_t *json = consent_json(record);

    json_dumpf(json, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(json);
}
