#include "session/status.h"

#include "base/log.h"
#include "base/mem.h"
#include "protocol/packets.h"
#include "protocol/wire.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    FAVICON_SIDE = 64,
    FAVICON_BYTES_MAX = 20 * 1024, /* its base64 form stays under a string's 32,767 */
    PNG_SIZE_OFFSET = 16,          /* width and height in the IHDR chunk */
    LEGACY_PROTOCOL = 127,         /* "newer than any version before 1.7" */
};

static const char version_name[] = "Sekisho 1.7.2-26.3";

struct status {
    char *description;
    char *favicon; /* data URL; NULL: none */
    int max_players;
    struct buf json; /* for these two */
    int protocol;
    int players;
};

static bool is_favicon(struct slice file)
{
    static const uint8_t magic[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    struct reader size;

    if (file.len < PNG_SIZE_OFFSET + 8 || memcmp(file.data, magic, sizeof magic) != 0)
        return false;
    size = reader_of(slice_of(file.data + PNG_SIZE_OFFSET, 8));
    return reader_i32(&size) == FAVICON_SIDE && reader_i32(&size) == FAVICON_SIDE;
}

static char *favicon_url(struct slice file)
{
    static const char prefix[] = "data:image/png;base64,";
    char *url = mem_alloc(sizeof prefix + (file.len + 2) / 3 * 4);

    memcpy(url, prefix, sizeof prefix - 1);
    EVP_EncodeBlock((unsigned char *)url + sizeof prefix - 1, file.data, (int)file.len);
    return url;
}

/* favicon.png in the folder of the configuration file. Returns owned; NULL when there is none. */
static char *favicon_load(const char *conf_path)
{
    const char *slash = strrchr(conf_path, '/');
    int folder_len = slash ? (int)(slash - conf_path) + 1 : 0;
    char *path = mem_format("%.*sfavicon.png", folder_len, conf_path);
    uint8_t *bytes = mem_alloc(FAVICON_BYTES_MAX + 1);
    FILE *file = fopen(path, "rbe");
    char *url = NULL;

    if (file) {
        struct slice png = slice_of(bytes, fread(bytes, 1, FAVICON_BYTES_MAX + 1, file));

        if (png.len <= FAVICON_BYTES_MAX && is_favicon(png))
            url = favicon_url(png);
        else
            log_warn("%s is not shown: it has to be a PNG of 64 x 64 pixels and at most %d bytes",
                     path, FAVICON_BYTES_MAX);
        fclose(file);
    }
    free(bytes);
    free(path);
    return url;
}

void status_describe(struct status *status, const char *description)
{
    free(status->description);
    status->description = mem_strdup(description);
    buf_clear(&status->json);
}

struct status *status_new(const struct conf *conf)
{
    struct status *status = mem_alloc(sizeof *status);

    status->favicon = favicon_load(conf->path);
    status->max_players = conf->status_max_players;
    return status;
}

void status_free(struct status *status)
{
    if (!status)
        return;
    free(status->description);
    free(status->favicon);
    buf_free(&status->json);
    free(status);
}

static void render_json(struct status *status)
{
    json_t *json = json_pack("{s{sssi}s{sisi}s{ss}sb}", "version", "name", version_name, "protocol",
                             status->protocol, "players", "max", status->max_players, "online",
                             status->players, "description", "text", status->description,
                             "enforcesSecureChat", 0);
    char *text;

    if (status->favicon)
        json_object_set_new(json, "favicon", json_string(status->favicon));
    text = json_dumps(json, JSON_COMPACT);
    buf_clear(&status->json);
    buf_append_str(&status->json, text);
    free(text);
    json_decref(json);
}

struct slice status_json(struct status *status, int protocol, int players)
{
    /* Every protocol from the oldest on is served, so each client sees its own number. */
    if (protocol < PROTOCOL_OLDEST)
        protocol = PROTOCOL_NEWEST;
    if (status->json.len == 0 || status->protocol != protocol || status->players != players) {
        status->protocol = protocol;
        status->players = players;
        render_json(status);
    }
    return buf_slice(&status->json);
}

enum status_ping status_ping_of(struct slice bytes, bool complete)
{
    if (bytes.len == 0 || bytes.data[0] != 0xFE)
        return STATUS_PING_NONE;
    if (bytes.len == 1)
        return complete ? STATUS_PING_BETA : STATUS_PING_PARTIAL;
    if (bytes.data[1] != 0x01)
        return STATUS_PING_NONE;
    if (bytes.len == 2)
        return complete ? STATUS_PING_LEGACY : STATUS_PING_PARTIAL;
    /* A handshake of 254 bytes begins with FE 01 too, and then has packet id 0. */
    return bytes.data[2] == 0xFA ? STATUS_PING_LEGACY : STATUS_PING_NONE;
}

/* UTF-8 as UTF-16; what is outside the basic plane, these old clients cannot draw. */
static void put_utf16(struct buf *out, struct slice text)
{
    utf8proc_int32_t code;

    for (size_t at = 0; at < text.len;) {
        utf8proc_ssize_t size =
            utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(text.len - at), &code);

        wire_put_u16(out, size < 1 || code > 0xFFFF ? 0xFFFD : (uint16_t)code);
        at += size < 1 ? 1 : (size_t)size;
    }
}

void status_legacy(struct status *status, enum status_ping ping, int players, struct buf *out)
{
    struct buf text = {0};
    struct buf wide = {0};

    if (ping == STATUS_PING_BETA) {
        /* The separator is the colour sign, so the description must not hold one. */
        for (const char *p = status->description; *p; p++)
            if (memcmp(p, "\xC2\xA7", 2) == 0)
                p++;
            else
                buf_append_byte(&text, (uint8_t)*p);
        buf_append_format(&text, "\xC2\xA7%d\xC2\xA7%d", players, status->max_players);
    } else {
        buf_append_format(&text,
                          "\xC2\xA7"
                          "1%c%d%c%s%c%s%c%d%c%d",
                          0, LEGACY_PROTOCOL, 0, version_name, 0, status->description, 0, players,
                          0, status->max_players);
    }
    put_utf16(&wide, buf_slice(&text));
    wire_put_u8(out, 0xFF);
    wire_put_u16(out, (uint16_t)(wide.len / 2));
    buf_append_slice(out, buf_slice(&wide));
    buf_free(&text);
    buf_free(&wide);
}
