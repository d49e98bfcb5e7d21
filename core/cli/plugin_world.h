/*
 * The world of one test of a plugin: a Sekisho of its own with the operator's rules and policy, an
 * empty store, the plugins under test, and pretended players and servers (cli/pretend.h). Its
 * loop turns only while a word of the test waits for something.
 */
#ifndef SEKISHO_CLI_PLUGIN_WORLD_H
#define SEKISHO_CLI_PLUGIN_WORLD_H

#include "base/buf.h"
#include "cli/answers.h"
#include "cli/pretend.h"
#include "conf/conf.h"
#include "session/worker.h"

#include <uv.h>

struct plugin_world {
    uv_loop_t loop;
    uv_timer_t beat; /* so that a turn of the loop does not wait for ever */
    struct conf conf;
    char local[16];              /* this machine */
    struct conf_server *servers; /* owned, as the next */
    char **hosts;                /* a name of each one's own */
    char ***host_lists;          /* that name, and those of the configuration */
    struct conf_listener listener;
    struct cidr here;
    struct worker *worker;
    struct pretend pretend;
    struct answers answers; /* to requests */
    uint16_t port;          /* of Sekisho */
    char *folder;           /* of the store, the log and the permissions */
    struct buf permissions; /* the groups in that file, so far */
    int log;                /* where standard error went before; -1: it did not change */
};

/*
 * The plugin files are loaded in this order; `settings` is what the file with those of the last one
 * says, NULL: what is configured. NULL and entries in `diag` where it cannot be.
 */
struct plugin_world *plugin_world_new(const struct conf *conf, const char *const *plugins,
                                      size_t plugin_count, const char *settings, struct diag *diag);
void plugin_world_free(struct plugin_world *world); /* accepts NULL */

/* plugin_guest.c: whom to let join; borrowed. NULL: the usual. */
struct plugin_guest {
    const char *name, *locale, *server, *host, *address;
    const char *permissions;  /* as Lua lists them: "\"hub.use\", "; "" none */
    policy_purposes purposes; /* optional ones that they agreed to */
    bool newcomer;            /* accepted nothing yet */
};

/*
 * A player joins, who accepted everything unless they are a newcomer; returns when they stand in a
 * world, were put out, or wait. Borrowed until plugin_world_free.
 */
struct pretend_client *plugin_world_join(struct plugin_world *world,
                                         const struct plugin_guest *guest);

/*
 * Somebody looks at the server list, having typed this host. Returns when there is an answer, or
 * when there will be none. Borrowed as above.
 */
struct pretend_client *plugin_world_ping(struct plugin_world *world, const char *host,
                                         const char *address);

/* Lets everything happen that is to happen now. */
void plugin_world_settle(struct plugin_world *world);

/* The same until `is_so` says that it is, or some seconds have gone. Returns what it says then. */
bool plugin_world_wait(struct plugin_world *world, bool (*is_so)(void *owner), void *owner);

/* Whether a call of a plugin waits for something that comes by itself. */
bool plugin_world_is_busy(const struct plugin_world *world);

/* Puts the plugins' time forward: what is due meanwhile happens, in its order. */
void plugin_world_advance(struct plugin_world *world, uint64_t ms);

/* What Sekisho logged. Returns owned. */
char *plugin_world_log(const struct plugin_world *world);

/* The server that a player is with, or NULL. */
const char *plugin_world_server(const struct plugin_world *world,
                                const struct pretend_client *client);

#endif
