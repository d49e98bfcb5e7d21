#include "conf/parts.h"

#include "base/mem.h"
#include "net/listener.h"
#include "net/url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_GAME_PORT = 25565, HOST_CHARS_MAX = 253 };

/* Of the letters that a name or a number may have; "%" stands before an IPv6 address's interface.
 */
static bool is_host(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-._:%", text[i]))
            return false;
    return len > 0 && len <= HOST_CHARS_MAX;
}

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
    if (!end || !is_host(host, (size_t)(end - host))) {
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

void conf_read_address(struct table_reader *reader, void *into)
{
    struct conf_address *address = into;
    const char *text = reader_text(reader, "an address as \"127.0.0.1:25565\"");

    if (text)
        (void)parse_address(reader, text, address);
}

void conf_read_own_address(struct table_reader *reader, void *into)
{
    struct conf_address *address = into;
    struct sockaddr_storage number;

    conf_read_address(reader, address);
    if (!address->host || listener_parse(address->host, address->port, &number) == 0)
        return;
    reader_complain(reader,
                    "\"%s\" is a name; to listen write the number of an address of this machine, "
                    "as \"127.0.0.1:%u\", or \"0.0.0.0:%u\" for all of them",
                    address->host, address->port, address->port);
    free(address->host);
    address->host = NULL;
}

void conf_want_address(struct table_reader *reader, const struct conf_address *address,
                       size_t complaints)
{
    if (!address->host && reader->diag->count == complaints)
        reader_complain(reader, "the address is missing; add address = \"HOST:PORT\"");
}

char *conf_read_url(struct table_reader *reader, const char *expected)
{
    const char *text = reader_text(reader, expected);
    char *url = text ? url_normal(slice_str(text)) : NULL;
    size_t len = url ? strlen(url) : 0;

    if (text && !url)
        reader_complain(
            reader, "\"%s\" is no web address; write https:// or http:// and a host name", text);
    while (len > 0 && url[len - 1] == '/')
        url[--len] = '\0';
    return url;
}

void conf_read_choice(struct table_reader *reader, const struct conf_choice *choices, size_t count,
                      int *out)
{
    char known[128] = "one of ";
    const char *text;

    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(known);

        snprintf(known + len, sizeof known - len, "%s\"%s\"", i ? ", " : "", choices[i].name);
    }
    text = reader_text(reader, known);
    if (!text)
        return;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(choices[i].name, text) == 0) {
            *out = choices[i].value;
            return;
        }
    }
    reader_complain(reader, "\"%s\" is not known; write %s", text, known);
}
