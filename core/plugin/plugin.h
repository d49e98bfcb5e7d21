/*
 * One plugin: a Lua state of its own, what it declared, everything that it registered, and what it
 * has cost.
 *
 * Life: plugin_open reads the file up to its manifest, plugin_read_on the rest of it. What it
 * registers meanwhile waits: plugin_begin puts all of it into effect, so that one that does not
 * load, or is only looked at, has done nothing. Its tasks (task.h) run whenever something happens;
 * plugin_free takes out all that it registered. A plugin may ask for its own end: it is freed when
 * nothing of it runs any more.
 */
#ifndef SEKISHO_PLUGIN_PLUGIN_H
#define SEKISHO_PLUGIN_PLUGIN_H

#include "base/diag.h"
#include "plugin/mask.h"
#include "rules/field.h"
#include "script/script.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PLUGIN_NAME_CHARS_MAX = 32,
    PLUGIN_MEMORY_BYTES = 32 * 1024 * 1024,
    PLUGIN_TEXT_BYTES = 256 * 1024,
    PLUGIN_FAULTS_MAX = 20,
};

struct plugin_file;
struct plugins;
struct task;
struct worker;

/* Something that a plugin registered: the first member of what it is. */
struct registration {
    struct registration *next, *previous;
    struct plugin *plugin;
    bool begun;
    void (*begin)(struct registration *registration); /* puts it into effect; NULL: nothing to do */
    void (*remove)(struct registration *registration); /* takes it out, and frees it */
};

/* That the plugin reads a field, and for which purpose. */
struct plugin_read {
    enum field field;
    char *purpose;
};

/* Whom it talks to by HTTP, and sends players to; the rest is NULL where nothing of players is sent
 * there. */
struct plugin_host {
    char *pattern; /* "api.example.net", "*.example.net", "127.0.0.1" */
    char *to;      /* as the policy's third_parties name them; else as the pattern */
    char *reason, *purpose;
};

struct plugin_figures {
    uint64_t calls;
    uint64_t busy_ns; /* that the loop was held by it, by the clock: also when it was read */
    uint64_t errors;
    uint64_t overruns; /* calls that were too slow or waited for too long */
};

/* When things went wrong last: too many within some time, and the plugin is switched off. */
struct plugin_faults {
    uint64_t at_ms[PLUGIN_FAULTS_MAX];
    size_t count;
};

/* How long it kept the thread, of late. */
struct plugin_share {
    uint64_t since_ms;
    int64_t thread_ns; /* that the thread had worked by then */
    int64_t ns;
};

/* How often something was done within the second that began then. */
struct plugin_rate {
    uint64_t since_ms;
    int count;
};

struct plugin {
    struct plugin *next;
    struct plugins *host;
    struct plugin_file *file; /* NULL: it is not the folder's yet */
    char *path;
    struct diag *diag; /* where what is wrong with it is told; NULL when it has been read */
    char *name;        /* as it declared; NULL before */
    char *version;
    struct plugin_read *reads;
    size_t read_count;
    struct plugin_host *hosts;
    size_t host_count;
    char **depends; /* plugins that are loaded before it */
    size_t depend_count;
    char **channels; /* plugin channels that it listens and talks on */
    size_t channel_count;
    bool optional;        /* it is not loaded where it has no settings */
    int line;             /* of its manifest */
    char *settings;       /* where they were looked for; NULL: it has not asked for any */
    char *settings_found; /* SHA-256 of the file; NULL: there is none */
    struct script *script;
    struct registration *registrations; /* newest first */
    struct task *tasks;                 /* that have begun and are not done */
    size_t task_count;
    size_t timer_count;
    size_t handler_count;
    size_t listener_count;
    size_t command_count;
    size_t list_count;                  /* of the store, that it waits for */
    struct plugin_rate messages, lines; /* that it published, that it logged */
    struct task *running;               /* which of them stands in Lua now */
    lua_State *spare;                   /* a coroutine that is done, for the next task */
    int spare_reference;
    bool active; /* what it registers is in effect at once */
    bool off;    /* switched off: it stays in the list, and says why */
    bool leaving;
    char *why_off;
    struct mask learnt; /* of players, in plain */
    struct plugin_faults errors, overruns;
    struct plugin_share share;
    int fault_line; /* of the last error: the same place is told shortly */
    struct plugin_figures figures;
};

/*
 * Reads the file up to its manifest. Returns 0, or ERR_INVALID with entries in `diag`. `*out` is
 * owned either way: what it was made of can be looked at.
 */
int plugin_open(struct plugins *host, const char *path, struct diag *diag, struct plugin **out)
    __attribute__((warn_unused_result));

/* The rest of the file. */
int plugin_read_on(struct plugin *plugin, struct diag *diag) __attribute__((warn_unused_result));

void plugin_begin(struct plugin *plugin);

/* Takes out all that it registered and ends its tasks; frees it. Nothing of it may run. */
void plugin_free(struct plugin *plugin);

/* It misbehaves: nothing of it runs from here on. Nobody is disconnected. Keeps a copy of `why`. */
void plugin_switch_off(struct plugin *plugin, const char *why);

/* Of a Lua state, or of a coroutine in it. */
struct plugin *plugin_of(lua_State *lua);
struct worker *plugin_worker(lua_State *lua);

/* Adds it to what the plugin has registered; `begin` is called at once or when it begins. */
void plugin_register(struct plugin *plugin, struct registration *registration,
                     void (*begin)(struct registration *registration),
                     void (*remove)(struct registration *registration));

/* For `remove`: takes it out of the list. */
void registration_unlink(struct registration *registration);

/* The purpose for which it reads a field; NULL: it does not. */
const char *plugin_purpose(const struct plugin *plugin, enum field field);

/* Whether it says that it hears and talks on this plugin channel. */
bool plugin_has_channel(const struct plugin *plugin, const char *channel);

/* What it says of a host (in the form of host_normal) that it talks to, or NULL. Borrowed. */
const struct plugin_host *plugin_host_find(const struct plugin *plugin, const char *name);

/* Counts one more; false: it is more than `max` within a second. */
bool plugin_rate_take(struct plugin *plugin, struct plugin_rate *rate, int max);

/* A line in the log, at a level of base/log.h, without what it may have learnt of a player. */
void plugin_log(struct plugin *plugin, int level, const char *text);

/* It kept the loop's thread for so long: too much of that within some time, and it is switched off.
 */
void plugin_charge(struct plugin *plugin, uint64_t ns);

/* It took too long: counts that, too. */
void plugin_overrun(struct plugin *plugin);

/*
 * Something of the plugin went wrong: counts it and says so, with a traceback where it is not the
 * place of the last time. The message is told without what the plugin may have learnt of a player.
 */
void plugin_fault(struct plugin *plugin, const struct script_fault *fault, const char *traceback);

#endif
