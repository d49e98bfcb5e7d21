#include "consent/request.h"

#include "base/clock.h"

#include <string.h>

static const char *const kinds[] = {[DATA_REQUEST_NONE] = "none",
                                    [DATA_REQUEST_DISCLOSURE] = "disclosure",
                                    [DATA_REQUEST_CORRECTION] = "correction",
                                    [DATA_REQUEST_ERASURE] = "erasure",
                                    [DATA_REQUEST_STOP] = "stop"};
static const char *const states[] = {
    [DATA_REQUEST_NOWHERE] = "none",      [DATA_REQUEST_RECEIVED] = "received",
    [DATA_REQUEST_VERIFIED] = "verified", [DATA_REQUEST_RUNNING] = "running",
    [DATA_REQUEST_DONE] = "done",         [DATA_REQUEST_FAILED] = "failed",
    [DATA_REQUEST_REFUSED] = "refused",   [DATA_REQUEST_CANCELLED] = "cancelled"};
static const char *const proofs[] = {[DATA_REQUEST_UNPROVEN] = "none",
                                     [DATA_REQUEST_BY_SESSION] = "session",
                                     [DATA_REQUEST_BY_CODE] = "code",
                                     [DATA_REQUEST_BY_OPERATOR] = "operator"};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

static size_t by_name(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

const char *data_request_kind_name(enum data_request_kind kind)
{
    return kinds[kind < COUNT(kinds) ? kind : 0];
}

const char *data_request_state_name(enum data_request_state state)
{
    return states[state < COUNT(states) ? state : 0];
}

const char *data_request_proof_name(enum data_request_proof proof)
{
    return proofs[proof < COUNT(proofs) ? proof : 0];
}

enum data_request_kind data_request_kind_by_name(const char *name)
{
    return (enum data_request_kind)by_name(kinds, COUNT(kinds), name);
}

enum data_request_state data_request_state_by_name(const char *name)
{
    return (enum data_request_state)by_name(states, COUNT(states), name);
}

enum data_request_proof data_request_proof_by_name(const char *name)
{
    return (enum data_request_proof)by_name(proofs, COUNT(proofs), name);
}

enum data_request_state data_request_next(enum data_request_state state,
                                          enum data_request_event event)
{
    static const struct {
        enum data_request_state from;
        enum data_request_event event;
        enum data_request_state to;
    } moves[] = {
        {DATA_REQUEST_RECEIVED, DATA_REQUEST_VERIFY, DATA_REQUEST_VERIFIED},
        {DATA_REQUEST_RECEIVED, DATA_REQUEST_FAIL, DATA_REQUEST_FAILED},
        {DATA_REQUEST_RECEIVED, DATA_REQUEST_REFUSE, DATA_REQUEST_REFUSED},
        {DATA_REQUEST_RECEIVED, DATA_REQUEST_CANCEL, DATA_REQUEST_CANCELLED},
        {DATA_REQUEST_VERIFIED, DATA_REQUEST_RUN, DATA_REQUEST_RUNNING},
        {DATA_REQUEST_VERIFIED, DATA_REQUEST_REFUSE, DATA_REQUEST_REFUSED},
        {DATA_REQUEST_VERIFIED, DATA_REQUEST_CANCEL, DATA_REQUEST_CANCELLED},
        {DATA_REQUEST_RUNNING, DATA_REQUEST_FINISH, DATA_REQUEST_DONE},
    };

    for (size_t i = 0; i < COUNT(moves); i++)
        if (moves[i].from == state && moves[i].event == event)
            return moves[i].to;
    return DATA_REQUEST_NOWHERE;
}

bool data_request_is_open(const struct data_request *request)
{
    return request->state == DATA_REQUEST_RECEIVED || request->state == DATA_REQUEST_VERIFIED ||
           request->state == DATA_REQUEST_RUNNING;
}

bool data_request_is_overdue(const struct data_request *request, int64_t now_ms)
{
    return data_request_is_open(request) &&
           (now_ms >= request->due_at_ms || now_ms < request->received_at_ms);
}

static json_t *time_json(int64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(wall_ms, text);
    return json_string(text);
}

json_t *data_request_facts(const struct data_request *request)
{
    return json_pack("{sI ss ss ss so so}", "request", (json_int_t)request->number, "of",
                     data_request_kind_name(request->kind), "state",
                     data_request_state_name(request->state), "proof",
                     data_request_proof_name(request->proof), "received_at",
                     time_json(request->received_at_ms), "due_at", time_json(request->due_at_ms));
}

static void set_text(json_t *json, const char *key, const char *text)
{
    if (text[0])
        json_object_set_new(json, key, json_string(text));
}

json_t *data_request_json(const struct data_request *request, int64_t now_ms)
{
    json_t *json = data_request_facts(request);
    char player[UUID_TEXT_BYTES];

    uuid_format(&request->player, player);
    json_object_set_new(json, "changed_at", time_json(request->changed_at_ms));
    json_object_set_new(json, "overdue", json_boolean(data_request_is_overdue(request, now_ms)));
    json_object_set_new(json, "subject", json_string(request->subject));
    json_object_set_new(json, "erased", json_boolean(request->erased));
    if (!request->erased) {
        json_object_set_new(json, "player_uuid", json_string(player));
        json_object_set_new(json, "player_name", json_string(request->name));
    }
    set_text(json, "server", request->server);
    set_text(json, "field", request->field);
    set_text(json, "value", request->value);
    set_text(json, "by", request->by);
    set_text(json, "reason", request->reason);
    return json;
}
