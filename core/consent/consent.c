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

void consent_print_json(const struct consent_record *record, FILE *out)
{
    char player[UUID_TEXT_BYTES];
    char shown_at[CLOCK_TEXT_BYTES];
    char decided_at[CLOCK_TEXT_BYTES];
    json_t *json;

    uuid_format(&record->player, player);
    clock_format(record->shown_at_ms, shown_at);
    clock_format(record->decided_at_ms, decided_at);
    json =
        json_pack("{ss ss ss ss ss ss ss so ss si ss ss ss ss ss ss}", "player_uuid", player,
                  "player_name", record->name, "decision", consent_decision_name(record->decision),
                  "policy_version", record->policy_version, "policy_sha256", record->policy_sha256,
                  "language", record->language, "method", consent_method_name(record->method),
                  "purposes", purposes_json(record->purposes), "server", record->server, "protocol",
                  (int)record->protocol, "identity", consent_identity_name(record->identity),
                  "shown_at", shown_at, "decided_at", decided_at, "nonce", record->nonce, "action",
                  record->action, "scope_sha256", record->scope_sha256);
    json_dumpf(json, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(json);
}
