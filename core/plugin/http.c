#include "plugin/http.h"

#include "base/err.h"
#include "base/mem.h"
#include "net/fetch.h"
#include "plugin/host.h"
#include "plugin/task.h"
#include "policy/policies.h"
#include "store/provisions.h"

#include <stdlib.h>
#include <string.h>

struct http {
    struct plugins *host;
    struct fetcher *fetcher;
    struct http_request *first; /* that are under way */
};

void http_request_free(struct http_request *request)
{
    if (!request)
        return;
    free(request->url);
    for (size_t i = 0; i < request->header_count; i++)
        free(request->headers[i]);
    buf_wipe(&request->body); /* it may hold something of a player */
    json_decref(request->fields);
    free(request->to);
    free(request->reason);
    free(request->purpose);
    free(request);
}

/* Out of the list, and its memory goes. */
static void end(struct http *http, struct http_request *request)
{
    struct http_request **place = &http->first;

    while (*place != request)
        place = &(*place)->next;
    *place = request->next;
    http_request_free(request);
}

/* The task goes on, if there still is one that waits. */
static void fail(struct http *http, struct http_request *request, const char *why)
{
    struct task *task = task_find(http->host, request->task);

    end(http, request);
    if (task)
        task_resume_without(task, why);
}

static const char *why_not(const struct fetch_result *result)
{
    switch (result->err) {
    case ERR_TOO_LARGE: return "the answer is longer than 256 KiB";
    case ERR_REFUSED:
        return "the name stands for an address of a private network; declare the address itself "
               "in hosts, if it is meant";
    default: return result->reason;
    }
}

static void on_fetched(void *owner, void *asked, const struct fetch_result *result)
{
    struct http *http = owner;
    struct http_request *request = asked;
    struct task *task = task_find(http->host, request->task);
    lua_State *lua = task ? task->thread : NULL;

    if (result->err < 0) {
        fail(http, request, why_not(result));
        return;
    }
    end(http, request);
    if (!task)
        return;
    lua_newtable(lua);
    lua_pushinteger(lua, result->status);
    lua_setfield(lua, -2, "status");
    lua_pushlstring(lua, (const char *)result->body.data, result->body.len);
    lua_setfield(lua, -2, "body");
    task_resume(task, 1);
}

static void send_it(struct http *http, struct http_request *request)
{
    const char *headers[HTTP_HEADERS_MAX + 1] = {NULL};
    struct fetch_ask ask = {.url = request->url,
                            .method = request->method,
                            .headers = headers,
                            .body = buf_slice(&request->body),
                            .timeout_ms = request->timeout_ms,
                            .body_bytes_max = HTTP_BODY_BYTES_MAX,
                            .only_public = request->only_public};

    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = request->headers[i];
    request->is_kept = http->host->http_stays;
    if (!request->is_kept && fetcher_ask(http->fetcher, &ask, request) < 0)
        fail(http, request, "the address cannot be asked");
}

/* Of an answer of the store; NULL: the request has gone, or whoever waited for it. */
static struct http_request *request_of(const struct worker *worker, uint64_t task)
{
    struct http *http = worker->plugins ? worker->plugins->http : NULL;
    struct http_request *request = http ? http->first : NULL;

    while (request && request->task != task)
        request = request->next;
    if (!request || task_find(http->host, task))
        return request;
    end(http, request);
    return NULL;
}

static void on_provided(void *owner, uint64_t id, int err, const struct store_provided *provided)
{
    struct worker *worker = owner;
    struct http_request *request = request_of(worker, id);

    if (!request)
        return;
    if (err < 0)
        fail(worker->plugins->http, request,
             "the ledger cannot be written, and nothing leaves without its entry");
    else if (provided->refusal)
        fail(worker->plugins->http, request, provided->refusal);
    else
        send_it(worker->plugins->http, request);
}

/* NULL: what they accepted permits it. Else owned. */
static char *flaw_of_permission(const struct worker *worker, const struct http_request *request,
                                const struct consent_record *record)
{
    const struct policy_set *set = policies_of_purpose(worker->policies, request->purpose);
    const struct policy *policy = NULL;

    if (!record || record->decision != CONSENT_ACCEPTED)
        return mem_format("the player accepted nothing that is in force");
    if (set)
        policy = policy_set_find(set, record->policy_version);
    if (!policy)
        return mem_format("the player accepted version %s of a policy that is not there any more",
                          record->policy_version);
    if (provision_is_permitted(policy, request->purpose, request->to))
        return NULL;
    return mem_format("what the player accepted does not permit this: \"%s\" is no optional "
                      "purpose, and the policy does not name \"%s\" among its third_parties",
                      request->purpose, request->to);
}

static void on_consent(void *owner, uint64_t id, int err, const struct consent_record *record)
{
    struct worker *worker = owner;
    struct http_request *request = request_of(worker, id);
    struct store_wanted wanted;
    char *flaw;

    if (!request)
        return;
    if (err < 0 && err != ERR_NOT_FOUND) {
        fail(worker->plugins->http, request, "what the player agreed to cannot be read");
        return;
    }
    flaw = flaw_of_permission(worker, request, record);
    if (flaw) {
        fail(worker->plugins->http, request, flaw);
        free(flaw);
        return;
    }
    wanted = (struct store_wanted){.player = request->player,
                                   .provision = {.to = request->to,
                                                 .ground = PROVISION_PERMISSION,
                                                 .reason = request->reason,
                                                 .purpose = request->purpose},
                                   .in_hand = request->fields,
                                   .policy = record->policy,
                                   .policy_version = record->policy_version};
    store_provide(worker->store, id, &wanted, on_provided);
}

static struct http *http_of(struct plugins *host)
{
    if (!host->http) {
        host->http = mem_alloc(sizeof *host->http);
        host->http->host = host;
        host->http->fetcher = fetcher_new(host->worker->loop, on_fetched, host->http);
    }
    return host->http;
}

void http_begin(struct plugins *host, struct http_request *request, uint64_t task)
{
    struct http *http = http_of(host);
    const struct policy_set *set;

    request->task = task;
    request->next = http->first;
    http->first = request;
    if (!request->fields) {
        send_it(http, request);
        return;
    }
    set = policies_of_purpose(host->worker->policies, request->purpose);
    store_consent_find(host->worker->store, task, &request->player, set ? set->current->id : "",
                       on_consent);
}

const struct http_request *http_kept(const struct plugins *host)
{
    const struct http_request *oldest = NULL;

    for (const struct http_request *each = host->http ? host->http->first : NULL; each;
         each = each->next)
        if (each->is_kept)
            oldest = each;
    return oldest;
}

void http_answer(struct plugins *host, const struct http_request *request,
                 const struct fetch_result *result)
{
    on_fetched(host->http, (void *)(uintptr_t)request, result);
}

size_t http_count(const struct plugin *plugin)
{
    const struct http *http = plugin->host->http;
    size_t count = 0;

    for (const struct http_request *each = http ? http->first : NULL; each; each = each->next) {
        const struct task *task = task_find(plugin->host, each->task);

        count += task && task->plugin == plugin;
    }
    return count;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    fetcher_close(http->fetcher);
    while (http->first)
        end(http, http->first);
    free(http);
}
