/*
 * One server's table in the configuration.
 */
#include "conf/parts.h"

#include "base/mem.h"
#include "net/host.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_CHARS_MAX = 64 };

static void read_forwarding(struct table_reader *reader, void *into)
{
    static const struct conf_choice choices[] = {{"none", CONF_FORWARDING_NONE},
                                                 {"legacy", CONF_FORWARDING_LEGACY},
                                                 {"bungeeguard", CONF_FORWARDING_BUNGEEGUARD},
                                                 {"modern", CONF_FORWARDING_MODERN}};
    struct conf_server *server = into;
    int value = (int)server->forwarding;

    conf_read_choice(reader, choices, CONF_COUNT(choices), &value);
    server->forwarding = (enum conf_forwarding)value;
}

static void read_proxy_header(struct table_reader *reader, void *into)
{
    static const struct conf_choice choices[] = {{"v1", PROXY_HEADER_V1}, {"v2", PROXY_HEADER_V2}};
    struct conf_server *server = into;
    int value = (int)server->proxy_header;

    conf_read_choice(reader, choices, CONF_COUNT(choices), &value);
    server->proxy_header = (enum proxy_header_version)value;
}

/* A star stands for one or more labels, and only in front. */
static bool is_host_pattern(const char *text)
{
    const char *name = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
    size_t len = strlen(name);

    return len > 0 && len <= HOST_CHARS_MAX && !strpbrk(name, "* :/\t") && name[len - 1] != '.';
}

static bool is_ascii(const char *text)
{
    while (*text && !(*text & 0x80))
        text++;
    return !*text;
}

static void read_host(struct table_reader *reader, void *into)
{
    struct conf_server *server = into;
    const char *text = reader_text(reader, "a host name in quotes");

    if (!text)
        return;
    if (!is_host_pattern(text)) {
        reader_complain(reader,
                        "\"%s\" is no host name; write it without port and last dot, as "
                        "\"play.example.net\" or \"*.example.net\"",
                        text);
        return;
    }
    if (!is_ascii(text)) {
        reader_complain(reader,
                        "players' games send \"%s\" in ASCII; write it so, with xn-- in front of "
                        "each such part (idn2 on the command line tells how)",
                        text);
        return;
    }
    server->hosts = mem_resize(server->hosts, (server->host_count + 1) * sizeof *server->hosts);
    server->hosts[server->host_count++] = host_normal(slice_str(text));
}

static void read_hosts(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_host);
}

static void read_server_address(struct table_reader *reader, void *into)
{
    struct conf_server *server = into;

    conf_read_address(reader, &server->address);
    if (server->address.host && server->address.port == 0)
        reader_complain(reader, "nobody can be reached at port 0; write the server's own");
}

static void read_rules_path(struct table_reader *reader, void *into)
{
    struct conf_server *server = into;
    const char *text = reader_text(reader, "the path of a rule file");

    if (text && !server->rules)
        server->rules = mem_strdup(text);
}

static const struct reader_key server_keys[] = {
    {.name = "address", .kind = READER_CUSTOM, .read = read_server_address},
    {.name = "rules", .kind = READER_CUSTOM, .read = read_rules_path},
    {.name = "policy", .kind = READER_STRING, .offset = offsetof(struct conf_server, policy)},
    {.name = "forwarding", .kind = READER_CUSTOM, .read = read_forwarding},
    {.name = "forwarding_secret_file",
     .kind = READER_STRING,
     .offset = offsetof(struct conf_server, forwarding_secret_file)},
    {.name = "proxy_protocol", .kind = READER_CUSTOM, .read = read_proxy_header},
    {.name = "hosts", .kind = READER_CUSTOM, .read = read_hosts},
    {.name = "third_party",
     .kind = READER_BOOL,
     .offset = offsetof(struct conf_server, third_party)},
    {.name = "newer_releases",
     .kind = READER_BOOL,
     .offset = offsetof(struct conf_server, newer_releases)},
    {.name = "on_erasure", .kind = READER_CUSTOM, .read = conf_read_on_erasure},
    {.name = "shadow", .kind = READER_BOOL, .offset = offsetof(struct conf_server, has_shadow)},
};

static bool is_server_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return len > 0 && len <= NAME_CHARS_MAX && name[len] == 0;
}

/* scripts/lobby.shadow.lua beside scripts/lobby.lua. */
static void name_shadow(struct table_reader *reader, struct conf_server *server)
{
    static const char end[] = ".lua";
    size_t len = server->rules ? strlen(server->rules) : 0;

    if (!server->has_shadow)
        return;
    if (len < sizeof end || strcmp(server->rules + len - (sizeof end - 1), end) != 0)
        reader_complain(reader, "shadow needs rules = \"NAME.lua\", beside which NAME.shadow.lua "
                                "runs");
    else
        server->shadow =
            mem_format("%.*s.shadow.lua", (int)(len - (sizeof end - 1)), server->rules);
}

static bool needs_secret(const struct conf_server *server)
{
    return server->forwarding == CONF_FORWARDING_MODERN ||
           server->forwarding == CONF_FORWARDING_BUNGEEGUARD;
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
    reader_table(reader, server_keys, CONF_COUNT(server_keys), server);
    name_shadow(reader, server);
    if (server->forwarding_secret_file && !needs_secret(server))
        reader_complain(reader, "forwarding_secret_file has no use without forwarding = \"modern\" "
                                "or \"bungeeguard\"; add one of them");
    conf_want_address(reader, &server->address, complaints);
}

/* One host name of a server. */
struct claim {
    const char *host;
    const struct conf_server *server;
};

static int compare_claims(const void *a, const void *b)
{
    const struct claim *left = a;
    const struct claim *right = b;
    int order = strcmp(left->host, right->host);

    return order != 0 ? order : (left->server > right->server) - (left->server < right->server);
}

static int hosts_line(const struct table_reader *reader, const struct conf_server *server)
{
    char *path = mem_format("servers.%s.hosts", server->name);
    int line = script_locate(reader->script, path);

    free(path);
    return line;
}

/* A host name leads to one server, and stands there once. */
static void check_claims(struct table_reader *reader, const struct claim *claims, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct conf_server *server = claims[i].server;
        const struct conf_server *first = claims[i - 1].server;

        if (strcmp(claims[i - 1].host, claims[i].host) != 0)
            continue;
        diag_add(reader->diag, reader->file, hosts_line(reader, server),
                 "servers.%s.hosts: \"%s\" stands in servers.%s.hosts at line %d already; take one "
                 "of them out",
                 server->name, claims[i].host, first->name, hosts_line(reader, first));
    }
}

void conf_read_servers(struct table_reader *reader, void *into)
{
    struct conf *conf = into;
    struct claim *claims = NULL;
    size_t count = 0;

    reader_each(reader, into, read_server);
    for (size_t i = 0; i < conf->server_count; i++) {
        const struct conf_server *server = &conf->servers[i];

        claims = mem_resize(claims, (count + server->host_count + 1) * sizeof *claims);
        for (size_t host = 0; host < server->host_count; host++)
            claims[count++] = (struct claim){server->hosts[host], server};
    }
    if (count > 0)
        qsort(claims, count, sizeof *claims, compare_claims);
    check_claims(reader, claims, count);
    free(claims);
}

void conf_fill_in_secret(struct conf_server *server, const char *path)
{
    if (!server->forwarding_secret_file && needs_secret(server))
        server->forwarding_secret_file = mem_strdup(path);
}

bool conf_server_is_open(const struct conf_server *server)
{
    return !needs_secret(server) && !host_is_here(server->address.host);
}

void conf_free_server(struct conf_server *server)
{
    for (size_t i = 0; i < server->host_count; i++)
        free(server->hosts[i]);
    free(server->hosts);
    free(server->rules);
    free(server->policy);
    free(server->shadow);
    free(server->forwarding_secret_file);
    conf_free_on_erasure(&server->on_erasure);
    free(server->address.host);
    free(server->name);
}
