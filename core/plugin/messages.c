#include "plugin/messages.h"

#include "base/log.h"
#include "base/mem.h"
#include "plugin/alarm.h"
#include "plugin/host.h"
#include "plugin/json.h"
#include "plugin/task.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOPIC_CHARS_MAX = 100,
    MESSAGE_BYTES_MAX = 64 * 1024,
    PER_SECOND_MAX = 100, /* of one plugin */
    LISTENERS_MAX = 100,  /* the same */
    WAITING_MAX = 64,     /* calls of one listener: whoever sends more is not heard */
};

struct listener {
    struct registration registration;
    struct listener *next; /* of the host, in the order in which they began to listen */
    uint64_t serial;
    char *topic;
    int function;
    int waiting; /* of its calls */
    bool warned; /* that there are too many */
};

/* On its way: it goes with the plugin that sent it. */
struct publication {
    struct registration registration;
    struct alarm alarm;
    char *topic, *text;
};

/* Words of a-z, 0-9, _ and - with dots between. */
static const char *check_topic(lua_State *lua)
{
    const char *topic = luaL_checkstring(lua, 1);
    size_t len = strlen(topic);

    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)topic[i]) && !isdigit((unsigned char)topic[i]) &&
            !strchr("_-.", topic[i]))
            len = 0;
    if (len == 0 || len > TOPIC_CHARS_MAX || !strchr(topic, '.'))
        luaL_error(lua, "a topic is the name of the plugin that publishes it, a dot, and what it "
                        "is about: \"stats.changed\"");
    return topic;
}

static void begin_listener(struct registration *registration)
{
    struct listener *listener = (struct listener *)(void *)registration;
    struct plugins *host = registration->plugin->host;
    struct listener **place = &host->listeners;

    listener->serial = ++host->last_serial;
    while (*place)
        place = &(*place)->next;
    *place = listener;
}

static void remove_listener(struct registration *registration)
{
    struct listener *listener = (struct listener *)(void *)registration;
    struct plugin *plugin = registration->plugin;
    struct listener **place = &plugin->host->listeners;

    while (*place && *place != listener)
        place = &(*place)->next;
    if (*place)
        *place = listener->next;
    for (struct task *task = plugin->tasks; task; task = task->next)
        if (task->owner == listener)
            task->owner = NULL;
    registration_unlink(registration);
    plugin->listener_count--;
    luaL_unref(script_lua(plugin->script), LUA_REGISTRYINDEX, listener->function);
    free(listener->topic);
    free(listener);
}

int message_listen(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);
    const char *topic = check_topic(lua);
    struct listener *listener;
    int function;

    luaL_checktype(lua, 2, LUA_TFUNCTION);
    if (plugin->listener_count == LISTENERS_MAX)
        return luaL_error(
            lua,
            "this plugin listens %d times already; is `on_message` in a loop, or in a "
            "handler?",
            LISTENERS_MAX);
    lua_settop(lua, 2);
    function = luaL_ref(lua, LUA_REGISTRYINDEX);
    listener = mem_alloc(sizeof *listener);
    listener->topic = mem_strdup(topic);
    listener->function = function;
    plugin->listener_count++;
    plugin_register(plugin, &listener->registration, begin_listener, remove_listener);
    return 0;
}

bool message_listens(const struct plugin *plugin, const struct plugin *to)
{
    size_t len = strlen(to->name);

    for (const struct listener *each = plugin->host->listeners; each; each = each->next)
        if (each->registration.plugin == plugin && strncmp(each->topic, to->name, len) == 0 &&
            each->topic[len] == '.')
            return true;
    return false;
}

static void remove_message(struct registration *registration)
{
    struct publication *message = (struct publication *)(void *)registration;

    if (message->alarm.host->handed == message)
        message->alarm.host->handed = NULL;
    registration_unlink(registration);
    free(message->topic);
    free(message->text);
    alarm_close(&message->alarm);
}

static void on_heard(struct task *task, bool ok)
{
    struct listener *listener = task->owner;

    (void)ok;
    if (!listener)
        return;
    listener->waiting--;
    listener->warned = listener->warned && listener->waiting > 0;
}

/* Nobody can have another plugin switched off by making its calls wait. */
static bool is_swamped(struct listener *listener)
{
    if (listener->waiting < WAITING_MAX)
        return false;
    if (!listener->warned)
        log_warn("plugin=%s %d of its calls for messages on \"%s\" wait; until one is done, it "
                 "hears no more of them",
                 listener->registration.plugin->name, WAITING_MAX, listener->topic);
    listener->warned = true;
    return true;
}

static void hand_over(const struct publication *message, struct listener *listener)
{
    struct task *task = is_swamped(listener) ? NULL
                                             : task_new(listener->registration.plugin,
                                                        listener->function, on_heard, listener);
    uint64_t begun = uv_hrtime();

    if (!task)
        return;
    listener->waiting++;
    mask_learn_from(&listener->registration.plugin->learnt, &message->registration.plugin->learnt,
                    message->text);
    (void)json_push_value(task->thread, slice_str(message->text));
    lua_remove(task->thread, -2); /* what it was read from */
    lua_pushstring(task->thread, message->registration.plugin->name);
    begun = uv_hrtime() - begun;
    task_start(task, 2);
    plugin_charge(message->registration.plugin, begun);
}

/*
 * Behind this one, and no newer than that. Listeners come and go while they are called, and so may
 * the plugin that sent.
 */
static struct listener *next_listener(const struct plugins *host, uint64_t serial, uint64_t newest,
                                      const char *topic)
{
    struct listener *listener = host->listeners;

    while (listener && (listener->serial <= serial || strcmp(listener->topic, topic) != 0))
        listener = listener->next;
    return listener && listener->serial <= newest ? listener : NULL;
}

static void on_due(struct alarm *alarm)
{
    struct publication *message = alarm->owner;
    struct plugins *host = alarm->host;
    uint64_t newest = host->last_serial;
    uint64_t serial = 0;
    struct listener *listener;

    host->handed = message;
    while (host->handed && (listener = next_listener(host, serial, newest, message->topic))) {
        serial = listener->serial;
        hand_over(message, listener);
    }
    if (host->handed)
        remove_message(&message->registration);
    tasks_settle(host);
}

int message_publish(lua_State *lua)
{
    struct plugin *plugin = plugin_of(lua);
    const char *topic = check_topic(lua);
    size_t own = strlen(plugin->name);
    struct publication *message;
    struct slice text;

    luaL_checkany(lua, 2);
    if (strncmp(topic, plugin->name, own) != 0 || topic[own] != '.')
        return luaL_error(lua, "publish: this plugin's topics begin with \"%s.\"", plugin->name);
    /* Plugins that answer each other for ever are slow about it. */
    if (!plugin_rate_take(plugin, &plugin->messages, PER_SECOND_MAX))
        return luaL_error(lua, "publish: more than %d messages within a second", PER_SECOND_MAX);
    lua_settop(lua, 2);
    text = json_push_text(lua, 2, NULL, NULL);
    if (text.len > MESSAGE_BYTES_MAX)
        return luaL_error(lua, "publish: a message has 64 KiB at most, as JSON");
    message = mem_alloc(sizeof *message);
    message->topic = mem_strdup(topic);
    message->text = mem_strndup((const char *)text.data, text.len);
    alarm_init(&message->alarm, plugin->host, on_due, message);
    alarm_set(&message->alarm, 0, 0);
    plugin_register(plugin, &message->registration, NULL, remove_message);
    return 0;
}
