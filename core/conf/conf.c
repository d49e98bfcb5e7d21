#include "conf/parts.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_GAME_PORT = 25565,
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
};

#define DAY (INT64_C(24) * HOUR)

static void trust(struct conf_listener *listener, const struct cidr *network)
{
    listener->trusted =
        mem_resize(listener->trusted, (listener->trusted_count + 1) * sizeof *listener->trusted);
    listener->trusted[listener->trusted_count++] = *network;
}

static void read_trusted_network(struct table_reader *reader, void *into)
{
    const char *text = reader_text(reader, "a network as \"10.0.0.0/8\"");
    struct cidr network;

    if (!text)
        return;
    if (cidr_parse(text, &network) < 0)
        reader_complain(reader,
                        "\"%s\" is no network; write an address, or one with the number of its "
                        "bits, as \"10.0.0.0/8\" or \"2001:db8::/32\"",
                        text);
    else
        trust(into, &network);
}

static void read_trusted(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_trusted_network);
}

static const struct reader_key listener_keys[] = {
    {.name = "address", .kind = READER_CUSTOM, .read = conf_read_own_address},
    {.name = "proxy_protocol",
     .kind = READER_BOOL,
     .offset = offsetof(struct conf_listener, proxy_protocol)},
    {.name = "trusted", .kind = READER_CUSTOM, .read = read_trusted},
};

/* Who says where players come from stands on this machine, unless it was said who else does. */
static void trust_loopback(struct conf_listener *listener)
{
    static const char *const loopback[] = {"127.0.0.0/8", "::1"};
    struct cidr network;

    for (size_t i = 0; i < CONF_COUNT(loopback); i++)
        if (cidr_parse(loopback[i], &network) == 0)
            trust(listener, &network);
}

/* Nobody else listens there: one of the first `count` listeners. Port 0 is another one each time.
 */
static void check_alone(struct table_reader *reader, const struct conf *conf,
                        const struct conf_address *address, size_t count)
{
    char text[CONF_ADDRESS_BYTES];

    for (size_t i = 0; i < count && address->host && address->port != 0; i++) {
        const struct conf_address *other = &conf->listeners[i].address;

        if (other->host && other->port == address->port && strcmp(other->host, address->host) == 0)
            reader_complain(reader, "%s stands in \"listen\" already; choose another port",
                            conf_address_text(address, text));
    }
}

static void read_listener(struct table_reader *reader, void *into)
{
    struct conf *conf = into;
    struct conf_listener *listener;
    size_t complaints = reader->diag->count;

    conf->listeners =
        mem_resize(conf->listeners, (conf->listener_count + 1) * sizeof *conf->listeners);
    listener = &conf->listeners[conf->listener_count++];
    *listener = (struct conf_listener){.line = reader_line(reader)};
    if (lua_istable(reader->lua, -1)) {
        reader_table(reader, listener_keys, CONF_COUNT(listener_keys), listener);
        conf_want_address(reader, &listener->address, complaints);
        if (listener->trusted_count > 0 && !listener->proxy_protocol)
            reader_complain(reader, "trusted has no use without proxy_protocol = true; add that");
        if (listener->trusted_count == 0)
            trust_loopback(listener);
    } else {
        conf_read_own_address(reader, &listener->address);
    }
    check_alone(reader, conf, &listener->address, conf->listener_count - 1);
}

static void read_listen(struct table_reader *reader, void *into)
{
    bool is_list = lua_istable(reader->lua, -1) && lua_rawlen(reader->lua, -1) > 0;

    if (is_list)
        reader_list(reader, into, read_listener);
    else
        read_listener(reader, into);
}

static void read_auth(struct table_reader *reader, void *into)
{
    static const struct conf_choice choices[] = {{"online", CONF_AUTH_ONLINE},
                                                 {"offline", CONF_AUTH_OFFLINE},
                                                 {"forwarded", CONF_AUTH_FORWARDED}};
    struct conf *conf = into;
    int value = (int)conf->auth;

    conf_read_choice(reader, choices, CONF_COUNT(choices), &value);
    conf->auth = (enum conf_auth)value;
}

/* Read after the servers, whatever the order in the file: see conf_keys. */
static void read_try_name(struct table_reader *reader, void *into)
{
    struct conf *conf = into;
    const char *name = reader_text(reader, "the name of a server");
    const struct conf_server *server = name ? conf_server_find(conf, name) : NULL;

    if (!name)
        return;
    if (!server) {
        char advice[DIAG_ADVICE_BYTES];

        reader_complain(
            reader, "there is no server \"%s\"; %s", name,
            diag_advice(advice, conf_server_nearest(conf, name), "name one of servers"));
        return;
    }
    for (size_t i = 0; i < conf->try_count; i++) {
        if (&conf->servers[conf->try_order[i]] == server) {
            reader_complain(reader, "\"%s\" stands here twice; take one out", name);
            return;
        }
    }
    conf->try_order = mem_resize(conf->try_order, (conf->try_count + 1) * sizeof *conf->try_order);
    conf->try_order[conf->try_count++] = (size_t)(server - conf->servers);
}

static void read_try(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_try_name);
}

static void read_gate(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "timeout",
         .kind = READER_DURATION,
         .min = SECOND,
         .max = 24 * HOUR,
         .offset = offsetof(struct conf, gate_timeout_ms)},
    };

    reader_table(reader, keys, CONF_COUNT(keys), into);
}

static void read_requests(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "due",
         .kind = READER_DURATION,
         .min = DAY,
         .max = 365 * DAY,
         .offset = offsetof(struct conf, requests_due_ms)},
    };

    reader_table(reader, keys, CONF_COUNT(keys), into);
}

/* "5/10s": so many within that time. */
static void read_rate(struct table_reader *reader, void *into)
{
    struct conf *conf = into;
    const char *text = reader_text(reader, "a rate as \"5/10s\"");
    char *end;
    long count;
    int64_t window_ms;

    if (!text)
        return;
    count = strtol(text, &end, 10);
    if (end == text || *end != '/' || count < 1 || count > 1000000 ||
        clock_parse_duration(end + 1, &window_ms) < 0 || window_ms < 1 || window_ms > HOUR) {
        reader_complain(reader,
                        "\"%s\" is no rate; write NUMBER/TIME, as \"5/10s\" for five in ten "
                        "seconds",
                        text);
        return;
    }
    conf->logins_per_ip = (int)count;
    conf->logins_window_ms = window_ms;
}

static void read_limits(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "connections_per_ip",
         .kind = READER_INT,
         .min = 1,
         .max = 1000000,
         .offset = offsetof(struct conf, connections_per_ip)},
        {.name = "logins_per_ip", .kind = READER_CUSTOM, .read = read_rate},
        {.name = "login_timeout",
         .kind = READER_DURATION,
         .min = SECOND,
         .max = 10 * MINUTE,
         .offset = offsetof(struct conf, login_timeout_ms)},
    };

    reader_table(reader, keys, CONF_COUNT(keys), into);
}

static void read_store(struct table_reader *reader, void *into)
{
    static const char prefix[] = "sqlite:";
    struct conf *conf = into;
    const char *text = reader_text(reader, "a store as \"sqlite:data/sekisho.db\"");
    const char *path =
        text && strncmp(text, prefix, sizeof prefix - 1) == 0 ? text + sizeof prefix - 1 : NULL;

    if (!text)
        return;
    /* What SQLite would take for something else than a file keeps no records. */
    if (!path || !path[0] || path[0] == ':' || strncmp(path, "file:", 5) == 0) {
        reader_complain(reader, "\"%s\" is no store; write \"sqlite:PATH\" with the path of a file",
                        text);
        return;
    }
    free(conf->store);
    conf->store = mem_strdup(text);
}

static void read_web_address(struct table_reader *reader, void *into)
{
    struct conf *conf = into;

    conf->web_line = reader_line(reader);
    conf_read_own_address(reader, &conf->web);
    check_alone(reader, conf, &conf->web, conf->listener_count);
}

static void read_public_url(struct table_reader *reader, void *into)
{
    struct conf *conf = into;

    conf->web_public_url =
        conf_read_url(reader, "a web address as \"https://privacy.example.net\"");
}

static void read_session_server(struct table_reader *reader, void *into)
{
    struct conf *conf = into;
    char *url = conf_read_url(reader, "a web address as \"https://sessionserver.mojang.com\"");

    if (!url)
        return;
    free(conf->session_server);
    conf->session_server = url;
}

static void read_web(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "address", .kind = READER_CUSTOM, .read = read_web_address},
        {.name = "public_url", .kind = READER_CUSTOM, .read = read_public_url},
    };
    struct conf *conf = into;
    size_t complaints = reader->diag->count;

    reader_table(reader, keys, CONF_COUNT(keys), into);
    conf_want_address(reader, &conf->web, complaints);
    if (!conf->web_public_url && reader->diag->count == complaints)
        reader_complain(reader, "how players reach the page is missing; add public_url = "
                                "\"https://privacy.example.net\"");
}

static void read_status(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "description",
         .kind = READER_STRING,
         .max = 1000,
         .offset = offsetof(struct conf, status_description)},
        {.name = "max_players",
         .kind = READER_INT,
         .min = 0,
         .max = 1000000,
         .offset = offsetof(struct conf, status_max_players)},
    };

    reader_table(reader, keys, CONF_COUNT(keys), into);
}

/* Keys are read in the order of their names: "servers" before "try", which names them. */
static const struct reader_key conf_keys[] = {
    {.name = "listen", .kind = READER_CUSTOM, .read = read_listen},
    {.name = "auth", .kind = READER_CUSTOM, .read = read_auth},
    {.name = "session_server", .kind = READER_CUSTOM, .read = read_session_server},
    {.name = "prevent_proxy_connections",
     .kind = READER_BOOL,
     .offset = offsetof(struct conf, prevent_proxy_connections)},
    {.name = "accept_transfers",
     .kind = READER_BOOL,
     .offset = offsetof(struct conf, accept_transfers)},
    {.name = "servers", .kind = READER_CUSTOM, .read = conf_read_servers},
    {.name = "try", .kind = READER_CUSTOM, .read = read_try},
    {.name = "forwarding_secret_file",
     .kind = READER_STRING,
     .offset = offsetof(struct conf, forwarding_secret_file)},
    {.name = "policy", .kind = READER_STRING, .offset = offsetof(struct conf, policy)},
    {.name = "plugins", .kind = READER_STRING, .offset = offsetof(struct conf, plugins)},
    {.name = "private_commands", .kind = READER_CUSTOM, .read = conf_read_private_commands},
    {.name = "store", .kind = READER_CUSTOM, .read = read_store},
    {.name = "gate", .kind = READER_CUSTOM, .read = read_gate},
    {.name = "requests", .kind = READER_CUSTOM, .read = read_requests},
    {.name = "limits", .kind = READER_CUSTOM, .read = read_limits},
    {.name = "statistics", .kind = READER_CUSTOM, .read = conf_read_statistics},
    {.name = "review", .kind = READER_CUSTOM, .read = conf_read_review},
    {.name = "status", .kind = READER_CUSTOM, .read = read_status},
    {.name = "web", .kind = READER_CUSTOM, .read = read_web},
};

static struct conf *new_with_defaults(const char *path)
{
    struct conf *conf = mem_alloc(sizeof *conf);

    *conf = (struct conf){
        .path = mem_strdup(path),
        .auth = CONF_AUTH_ONLINE,
        .session_server = mem_strdup("https://sessionserver.mojang.com"),
        .forwarding_secret_file = mem_strdup("config/forwarding.secret"),
        .policy = mem_strdup("config/policy"),
        .plugins = mem_strdup("plugins"),
        .store = mem_strdup("sqlite:data/sekisho.db"),
        .gate_timeout_ms = 10 * MINUTE,
        .requests_due_ms = 30 * DAY,
        .connections_per_ip = 8,
        .logins_per_ip = 5,
        .logins_window_ms = 10 * SECOND,
        .login_timeout_ms = 30 * SECOND,
        .statistics_k = 10,
        .review_every_ms = INT64_C(180) * 24 * HOUR,
        .status_max_players = 100,
    };
    return conf;
}

/*
 * What stands nowhere in the file: where to listen, in which order to try the servers, and the
 * secret that they have in common.
 */
static void fill_in(struct conf *conf)
{
    if (conf->listener_count == 0) {
        conf->listeners = mem_array(1, sizeof *conf->listeners);
        conf->listeners[0].address.host = mem_strdup("0.0.0.0");
        conf->listeners[0].address.port = DEFAULT_GAME_PORT;
        conf->listener_count = 1;
    }
    if (conf->try_count == 0 && conf->server_count > 0) {
        conf->try_order = mem_array(conf->server_count, sizeof *conf->try_order);
        for (size_t i = 0; i < conf->server_count; i++)
            conf->try_order[i] = i;
        conf->try_count = conf->server_count;
    }
    for (size_t i = 0; i < conf->server_count; i++)
        conf_fill_in_secret(&conf->servers[i], conf->forwarding_secret_file);
}

int conf_load(const char *path, struct diag *diag, struct conf **out)
{
    struct table_reader reader = {.file = path, .diag = diag};
    struct conf *conf = NULL;
    size_t complaints = diag->count;
    int err = script_open(path, &script_limits_usual, diag, &reader.script);

    *out = NULL;
    if (err < 0)
        return err;
    reader.lua = script_lua(reader.script);
    err = script_run(reader.script, 1, diag);
    if (err < 0)
        goto done;
    if (!lua_istable(reader.lua, -1)) {
        diag_add(diag, path, 0,
                 "returns no table; the file has to be: return { KEY = VALUE, ... }");
        err = ERR_INVALID;
        goto done;
    }
    conf = new_with_defaults(path);
    reader_check_keys(&reader);
    reader_table(&reader, conf_keys, CONF_COUNT(conf_keys), conf);
    fill_in(conf);
    conf_add_usual_private_commands(conf);
    err = diag->count > complaints ? ERR_INVALID : 0;
done:
    script_free(reader.script);
    *out = conf;
    return err;
}

void conf_free(struct conf *conf)
{
    if (!conf)
        return;
    for (size_t i = 0; i < conf->listener_count; i++) {
        free(conf->listeners[i].address.host);
        free(conf->listeners[i].trusted);
    }
    for (size_t i = 0; i < conf->server_count; i++)
        conf_free_server(&conf->servers[i]);
    free(conf->listeners);
    free(conf->servers);
    free(conf->try_order);
    free(conf->session_server);
    free(conf->forwarding_secret_file);
    free(conf->policy);
    free(conf->plugins);
    free(conf->store);
    conf_free_statistics(conf);
    free(conf->status_description);
    free(conf->web.host);
    free(conf->web_public_url);
    conf_free_private_commands(conf);
    free(conf->path);
    free(conf);
}

const struct conf_server *conf_server_find(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->server_count; i++)
        if (strcmp(conf->servers[i].name, name) == 0)
            return &conf->servers[i];
    return NULL;
}

const char *conf_server_nearest(const struct conf *conf, const char *name)
{
    return diag_nearest_in(name, conf->servers, conf->server_count, sizeof *conf->servers);
}

const char *conf_address_text(const struct conf_address *address,
                              char out[static CONF_ADDRESS_BYTES])
{
    snprintf(out, CONF_ADDRESS_BYTES, strchr(address->host, ':') ? "[%s]:%u" : "%s:%u",
             address->host, address->port);
    return out;
}
