/*
 * How a server is told that a player was erased. All of it can hold a secret or a player's name on
 * its way, so what would carry those in the open is refused.
 */
#include "base/mem.h"
#include "conf/parts.h"
#include "net/address.h"
#include "net/url.h"

#include <stdlib.h>
#include <string.h>

enum { COMMAND_BYTES_MAX = 1000 };

static const char *const words[] = {"{name}", "{uuid}"};

/* The first brace at or behind `text` that begins none of the words; NULL: there is none. */
static const char *stray_brace(const char *text)
{
    while ((text = strchr(text, '{'))) {
        size_t len = 0;

        for (size_t i = 0; i < CONF_COUNT(words); i++)
            if (strncmp(text, words[i], strlen(words[i])) == 0)
                len = strlen(words[i]);
        if (len == 0)
            return text;
        text += len;
    }
    return NULL;
}

static bool is_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

static void read_command(struct table_reader *reader, void *into)
{
    struct conf_on_erasure *on_erasure = into;
    const char *text = reader_text(reader, "a command as \"whitelist remove {name}\"");

    if (!text)
        return;
    if (strlen(text) > COMMAND_BYTES_MAX || !is_line(text))
        reader_complain(reader, "a command is one line of at most %d bytes", COMMAND_BYTES_MAX);
    else if (stray_brace(text))
        reader_complain(reader, "{name} and {uuid} are all that can stand in braces");
    else if (!strstr(text, words[0]) && !strstr(text, words[1]))
        reader_complain(reader, "nothing says who was erased; write {name} or {uuid} where the "
                                "player belongs, as \"whitelist remove {name}\"");
    else
        on_erasure->command = mem_strdup(text);
}

static void read_rcon_address(struct table_reader *reader, void *into)
{
    struct conf_on_erasure *on_erasure = into;

    conf_read_address(reader, &on_erasure->rcon);
    if (on_erasure->rcon.host && on_erasure->rcon.port == 0)
        reader_complain(reader, "nobody can be reached at port 0; write the server's rcon.port");
}

static void read_rcon(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "address", .kind = READER_CUSTOM, .read = read_rcon_address},
        {.name = "password_file",
         .kind = READER_STRING,
         .offset = offsetof(struct conf_on_erasure, secret_file)},
        {.name = "command", .kind = READER_CUSTOM, .read = read_command},
    };
    struct conf_on_erasure *on_erasure = into;
    size_t complaints = reader->diag->count;

    reader_table(reader, keys, CONF_COUNT(keys), into);
    conf_want_address(reader, &on_erasure->rcon, complaints);
    if (reader->diag->count > complaints)
        return;
    if (!on_erasure->secret_file)
        reader_complain(reader, "the password is missing; write the server's rcon.password into a "
                                "file of mode 0600, and add password_file = \"config/NAME.rcon\"");
    if (!on_erasure->command)
        reader_complain(reader, "what to say is missing; add command = \"whitelist remove "
                                "{name}\", or what makes the server forget a player");
}

/* Whether what goes there stays on this machine. */
static bool is_loopback(const char *url)
{
    struct cidr v4, v6;
    struct sockaddr_storage number;
    int port;
    char *host = url_host(slice_str(url), &port);
    bool local = host && strcmp(host, "localhost") == 0;

    if (host && cidr_parse("127.0.0.0/8", &v4) == 0 && cidr_parse("::1", &v6) == 0 &&
        address_parse(slice_str(host), 0, &number) == 0)
        local =
            cidr_has(&v4, (struct sockaddr *)&number) || cidr_has(&v6, (struct sockaddr *)&number);
    free(host);
    return local;
}

static void read_webhook(struct table_reader *reader, void *into)
{
    struct conf_on_erasure *on_erasure = into;
    char *url = conf_read_url(reader, "a web address as \"https://example.net/erased\"");

    if (url && strncmp(url, "https:", 6) != 0 && !is_loopback(url))
        reader_complain(reader, "players' names would go there for everybody on the way to read; "
                                "write https://");
    on_erasure->webhook = url;
}

void conf_read_on_erasure(struct table_reader *reader, void *into)
{
    static const struct reader_key keys[] = {
        {.name = "rcon", .kind = READER_CUSTOM, .read = read_rcon},
        {.name = "webhook", .kind = READER_CUSTOM, .read = read_webhook},
        {.name = "secret_file",
         .kind = READER_STRING,
         .offset = offsetof(struct conf_on_erasure, secret_file)},
    };
    struct conf_on_erasure *on_erasure = &((struct conf_server *)into)->on_erasure;
    size_t complaints = reader->diag->count;
    bool rcon, webhook;

    on_erasure->line = reader_line(reader);
    reader_table(reader, keys, CONF_COUNT(keys), on_erasure);
    rcon = on_erasure->rcon.host;
    webhook = on_erasure->webhook;
    if (reader->diag->count > complaints)
        return;
    if (rcon == webhook)
        reader_complain(reader, "a server is told in one way; write either rcon = { ... } or "
                                "webhook = \"https://...\"");
    else if (!on_erasure->secret_file)
        reader_complain(reader, "nothing shows who sends the webhook; write a secret of 32 and "
                                "more random characters into a file of mode 0600, and add "
                                "secret_file = \"config/NAME.secret\"");
}

void conf_free_on_erasure(struct conf_on_erasure *on_erasure)
{
    free(on_erasure->rcon.host);
    free(on_erasure->command);
    free(on_erasure->webhook);
    free(on_erasure->secret_file);
}
