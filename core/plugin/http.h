/*
 * HTTP requests of plugins: to hosts that they declare, and none is redirected. What carries
 * something of a player passes the provision gate first: the player's permission is looked for,
 * then the entry in the ledger is on the disk, then the request leaves.
 */
#ifndef SEKISHO_PLUGIN_HTTP_H
#define SEKISHO_PLUGIN_HTTP_H

#include "base/buf.h"
#include "base/uuid.h"
#include "net/fetch.h"
#include "plugin/plugin.h"

#include <jansson.h>

enum {
    HTTP_BODY_BYTES_MAX = 256 * 1024, /* of an answer; and of what is sent, a text in Lua */
    HTTP_HEADERS_MAX = 32,
    HTTP_AT_ONCE_MAX = 16, /* of one plugin */
};

struct http;
struct plugins;

/* A request; to free, unless it was begun. */
struct http_request {
    struct http_request *next;
    uint64_t task; /* who waits for it */
    char *url;     /* owned, as are all texts but the method, which is static */
    const char *method;
    char *headers[HTTP_HEADERS_MAX + 1];
    size_t header_count;
    struct buf body;
    bool only_public; /* as fetch_ask */
    bool is_kept;     /* it would leave now, were this no test */
    uint64_t timeout_ms;
    struct uuid player; /* whom it is about, with `fields` */
    json_t *fields;     /* a list of what is sent of them, for the ledger; NULL: about nobody */
    char *to, *reason, *purpose;
};

void http_request_free(struct http_request *request); /* accepts NULL */

/*
 * Takes the request. When it is done the task goes on, with a table (status, body) or with nil and
 * a text that says why not.
 */
void http_begin(struct plugins *host, struct http_request *request, uint64_t task);

/*
 * For tests, where `plugins.http_stays` says that nothing leaves: the oldest request that would
 * have, or NULL; and what comes back for it. Borrowed until http_answer.
 */
const struct http_request *http_kept(const struct plugins *host);
void http_answer(struct plugins *host, const struct http_request *request,
                 const struct fetch_result *result);

/* How many of the plugin's requests are under way. */
size_t http_count(const struct plugin *plugin);

/* Forgets all requests. Accepts NULL. */
void http_close(struct http *http);

#endif
