#include "conf/conf.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "script/table_reader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_GAME_PORT = 25565,
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
    NAME_CHARS_MAX = 64,
    HOST_CHARS_MAX = 253,
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* "host:port", "[v6]:port" or "host". Returns false after a complaint. */
static bool parse_address(struct table_reader *reader, const char *text, struct conf_address *out)
{
    const char *host = text;
    const char *end = strchr(text, ':');
    char *port_end;
    long port = DEFAULT_GAME_PORT;

    if (text[0] == '[') {
        host = text + 1;
        end = strchr(host, ']');
    }
    if (!end && text[0] != '[')
        end = text + strlen(text);
    if (!end || end == host || (size_t)(end - host) > HOST_CHARS_MAX) {
        reader_complain(
            reader, "\"%s\" is no address; write \"HOST:PORT\", or \"[2001:db8::1]:PORT\"", text);
        return false;
    }
    out->host = mem_strndup(host, (size_t)(end - host));
    if (*end == ']')
        end++;
    if (*end == ':') {
        port = isdigit((unsigned char)end[1]) ? strtol(end + 1, &port_end, 10) : -1;
        if (port < 0 || port > UINT16_MAX || *port_end)
            port = -1;
    } else if (*end) {
        port = -1;
    }
    if (port >= 0) {
        out->port = (uint16_t)port;
        return true;
    }
    reader_complain(reader,
                    "\"%s\" has no port that can be used; write one from 0 to 65535, and an "
                    "IPv6 address in brackets",
                    text);
    free(out->host);
    out->host = NULL;
    return false;
}

static void read_address(struct table_reader *reader, void *into)
{
    struct conf_address *address = into;
    const char *text = reader_text(reader, "an address as \"127.0.0.1:25565\"");

    if (text)
        (void)parse_address(reader, text, address);
}

/* An address that is mandatory got either a value or a complaint. */
static void want_address(struct table_reader *reader, const struct conf_address *address,
                         size_t complaints)
{
    if (!address->host && reader->diag->count == complaints)
        reader_complain(reader, "the address is missing; add address = \"HOST:PORT\"");
}

static const struct reader_key listener_keys[] = {
    {.name = "address", .kind = READER_CUSTOM, .read = read_address},
    {.name = "proxy_protocol",
     .kind = READER_BOOL,
     .offset = offsetof(struct conf_listener, proxy_protocol)},
};

static void read_listener(struct table_reader *reader, void *into)
{
    struct conf *conf = into;
    struct conf_listener *listener;
    size_t complaints = reader->diag->count;

    conf->listeners =
        mem_resize(conf->listeners, (conf->listener_count + 1) * sizeof *conf->listeners);
    listener = &conf->listeners[conf->listener_count++];
    *listener = (struct conf_listener){0};
    if (lua_istable(reader->lua, -1)) {
        reader_table(reader, listener_keys, COUNT(listener_keys), listener);
        want_address(reader, &listener->address, complaints);
    } else {
        read_address(reader, &listener->address);
    }
}

static void read_listen(struct table_reader *reader, void *into)
{
    bool is_list = lua_istable(reader->lua, -1) && lua_rawlen(reader->lua, -1) > 0;

    if (is_list)
        reader_list(reader, into, read_listener);
    else
        read_listener(reader, into);
}

struct choice {
    const char *name;
    int value;
};

static void read_choice(struct table_reader *reader, const struct choice *choices, size_t count,
                        int *out)
{
    const char *text = reader_text(reader, "one of the words that it knows");
    char known[128] = "";

    if (!text)
        return;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(known);

        if (strcmp(choices[i].name, text) == 0) {
            *out = choices[i].value;
            return;
        }
        snprintf(known + len, sizeof known - len, "%s\"%s\"", i ? ", " : "", choices[i].name);
    }
    reader_complain(reader, "\"%s\" is not known; write one of %s", text, known);
}

static void read_auth(struct table_reader *reader, void *into)
{
    static const struct choice choices[] = {{"online", CONF_AUTH_ONLINE},
                                            {"offline", CONF_AUTH_OFFLINE}};
    struct conf *conf = into;
    int value = (int)conf->auth;

    read_choice(reader, choices, COUNT(choices), &value);
    conf->auth = (enum conf_auth)value;
}

static void read_forwarding(struct table_reader *reader, void *into)
{
    static const struct choice choices[] = {{"none", CONF_FORWARDING_NONE},
                                            {"legacy", CONF_FORWARDING_LEGACY},
                                            {"modern", CONF_FORWARDING_MODERN}};
    struct conf_server *server = into;
    int value = (int)server->forwarding;

    read_choice(reader, choices, COUNT(choices), &value);
    server->forwarding = (enum conf_forwarding)value;
}

static void read_host(struct table_reader *reader, void *into)
{
    struct conf_server *server = into;
    const char *text = reader_text(reader, "a host name in quotes");
    char *host;

    if (!text)
        return;
    host = mem_strdup(text);
    for (char *c = host; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    server->hosts = mem_resize(server->hosts, (server->host_count + 1) * sizeof *server->hosts);
    server->hosts[server->host_count++] = host;
}

static void read_hosts(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_host);
}

static void read_server_address(struct table_reader *reader, void *into)
{
    struct conf_server *server = into;

    read_address(reader, &server->address);
}

static void read_rules_path(struct table_reader *reader, void *into)
{
    struct conf_server *server = into;
    const char *text = reader_text(reader, "the path of a rule file");

    server->rules_line = reader_line(reader);
    if (text && !server->rules)
        server->rules = mem_strdup(text);
}

static const struct reader_key server_keys[] = {
    {.name = "address", .kind = READER_CUSTOM, .read = read_server_address},
    {.name = "rules", .kind = READER_CUSTOM, .read = read_rules_path},
    {.name = "forwarding", .kind = READER_CUSTOM, .read = read_forwarding},
    {.name = "hosts", .kind = READER_CUSTOM, .read = read_hosts},
    {.name = "third_party",
     .kind = READER_BOOL,
     .offset = offsetof(struct conf_server, third_party)},
};

static bool is_server_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return len > 0 && len <= NAME_CHARS_MAX && name[len] == 0;
}

static void read_server(struct table_reader *reader, const char *name, void *into)
{
    struct conf *conf = into;
    struct conf_server *server;
    size_t complaints = reader->diag->count;

    if (!is_server_name(name)) {
        reader_complain(reader,
                        "this is no name for a server; use up to %d letters, digits, _ and -",
                        NAME_CHARS_MAX);
        return;
    }
    conf->servers = mem_resize(conf->servers, (conf->server_count + 1) * sizeof *conf->servers);
    server = &conf->servers[conf->server_count++];
    *server = (struct conf_server){
        .name = mem_strdup(name), .forwarding = CONF_FORWARDING_NONE, .line = reader_line(reader)};
    reader_table(reader, server_keys, COUNT(server_keys), server);
    want_address(reader, &server->address, complaints);
}

static void read_servers(struct table_reader *reader, void *into)
{
    reader_each(reader, into, read_server);
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
        reader_complain(reader, "there is no server \"%s\"; name one of servers", name);
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

    reader_table(reader, keys, COUNT(keys), into);
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

    reader_table(reader, keys, COUNT(keys), into);
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

    read_address(reader, &conf->web);
}

static void read_public_url(struct table_reader *reader, void *into)
{
    struct conf *conf = into;
    const char *text = reader_text(reader, "a web address as \"https://privacy.example.net\"");
    size_t len = text ? strlen(text) : 0;

    if (!text)
        return;
    if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0) {
        reader_complain(reader, "\"%s\" is no web address; it begins with https:// or http://",
                        text);
        return;
    }
    while (len > 0 && text[len - 1] == '/')
        len--;
    conf->web_public_url = mem_strndup(text, len);
}

static void read_web(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "address", .kind = READER_CUSTOM, .read = read_web_address},
        {.name = "public_url", .kind = READER_CUSTOM, .read = read_public_url},
    };
    struct conf *conf = into;
    size_t complaints = reader->diag->count;

    reader_table(reader, keys, COUNT(keys), into);
    want_address(reader, &conf->web, complaints);
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

    reader_table(reader, keys, COUNT(keys), into);
}

/* Keys are read in the order of their names: "servers" before "try", which names them. */
static const struct reader_key conf_keys[] = {
    {.name = "listen", .kind = READER_CUSTOM, .read = read_listen},
    {.name = "auth", .kind = READER_CUSTOM, .read = read_auth},
    {.name = "session_server",
     .kind = READER_STRING,
     .offset = offsetof(struct conf, session_server)},
    {.name = "servers", .kind = READER_CUSTOM, .read = read_servers},
    {.name = "try", .kind = READER_CUSTOM, .read = read_try},
    {.name = "forwarding_secret_file",
     .kind = READER_STRING,
     .offset = offsetof(struct conf, forwarding_secret_file)},
    {.name = "policy", .kind = READER_STRING, .offset = offsetof(struct conf, policy)},
    {.name = "plugins", .kind = READER_STRING, .offset = offsetof(struct conf, plugins)},
    {.name = "store", .kind = READER_CUSTOM, .read = read_store},
    {.name = "gate", .kind = READER_CUSTOM, .read = read_gate},
    {.name = "limits", .kind = READER_CUSTOM, .read = read_limits},
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
        .connections_per_ip = 8,
        .logins_per_ip = 5,
        .logins_window_ms = 10 * SECOND,
        .login_timeout_ms = 30 * SECOND,
        .status_max_players = 100,
    };
    return conf;
}

/* What stands nowhere in the file: where to listen, and in which order to try the servers. */
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
}

int conf_load(const char *path, struct diag *diag, struct conf **out)
{
    struct table_reader reader = {.file = path, .diag = diag};
    struct conf *conf = NULL;
    size_t complaints = diag->count;
    int err = script_open(path, diag, &reader.script);

    if (err < 0)
        return err;
    reader.lua = script_lua(reader.script);
    err = script_run(reader.script, 1, diag);
    if (err < 0)
        goto done;
    conf = new_with_defaults(path);
    if (lua_istable(reader.lua, -1))
        reader_table(&reader, conf_keys, COUNT(conf_keys), conf);
    else
        diag_add(diag, path, 0,
                 "returns no table; the file has to be: return { KEY = VALUE, ... }");
    fill_in(conf);
    err = diag->count > complaints ? ERR_INVALID : 0;
done:
    script_free(reader.script);
    if (err < 0)
        conf_free(conf);
    else
        *out = conf;
    return err;
}

static void free_server(struct conf_server *server)
{
    for (size_t i = 0; i < server->host_count; i++)
        free(server->hosts[i]);
    free(server->hosts);
    free(server->rules);
    free(server->address.host);
    free(server->name);
}

void conf_free(struct conf *conf)
{
    if (!conf)
        return;
    for (size_t i = 0; i < conf->listener_count; i++)
        free(conf->listeners[i].address.host);
    for (size_t i = 0; i < conf->server_count; i++)
        free_server(&conf->servers[i]);
    free(conf->listeners);
    free(conf->servers);
    free(conf->try_order);
    free(conf->session_server);
    free(conf->forwarding_secret_file);
    free(conf->policy);
    free(conf->plugins);
    free(conf->store);
    free(conf->status_description);
    free(conf->web.host);
    free(conf->web_public_url);
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
