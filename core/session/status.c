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
#include <uv.h>

enum {
    FAVICON_SIDE = 64,
    FAVICON_BYTES_MAX = 20 * 1024, /* its base64 form stays under a string's 32,767 */
    PNG_SIZE_OFFSET = 16,          /* width and height in the IHDR chunk */
    LEGACY_PROTOCOL = 127,         /* "newer than any version before 1.7" */
};

static const char version_name[] = "Sekisho 1.7.2-26.3";

/* Of favicon-NAME.png, for plugins. */
struct named_favicon {
    char *name;
    char *url;
};

struct status {
    char *description;
    char *favicon; /* data URL; NULL: none */
    struct named_favicon *named;
    size_t named_count;
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

/* Returns owned; NULL when there is none. */
static char *favicon_load(const char *folder, const char *name)
{
    char *path = mem_format("%s/%s", folder, name);
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

/* The NAME of favicon-NAME.png, owned; NULL: it is another file. */
static char *favicon_name(const char *file)
{
    static const char begin[] = "favicon-";
    static const char end[] = ".png";
    size_t len = strlen(file);

    if (len < sizeof begin + sizeof end - 1 || strncmp(file, begin, sizeof begin - 1) != 0 ||
        strcmp(file + len - (sizeof end - 1), end) != 0)
        return NULL;
    return mem_strndup(file + sizeof begin - 1, len - (sizeof begin - 1) - (sizeof end - 1));
}

static void favicons_load(struct status *status, const char *folder)
{
    uv_fs_t scan;
    uv_dirent_t entry;

    if (uv_fs_scandir(NULL, &scan, folder, 0, NULL) >= 0) {
        while (uv_fs_scandir_next(&scan, &entry) >= 0) {
            char *name = favicon_name(entry.name);
            char *url = name ? favicon_load(folder, entry.name) : NULL;

            if (!url) {
                free(name);
                continue;
            }
            status->named =
                mem_resize(status->named, (status->named_count + 1) * sizeof *status->named);
            status->named[status->named_count++] = (struct named_favicon){name, url};
        }
    }
    uv_fs_req_cleanup(&scan);
}

const char *status_favicon(const struct status *status, const char *name)
{
    for (size_t i = 0; i < status->named_count; i++)
        if (strcmp(status->named[i].name, name) == 0)
            return status->named[i].url;
    return NULL;
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
    const char *slash = strrchr(conf->path, '/');
    char *folder = slash ? mem_strndup(conf->path, (size_t)(slash - conf->path)) : mem_strdup(".");

    status->favicon = favicon_load(folder, "favicon.png");
    favicons_load(status, folder);
    free(folder);
    status->max_players = conf->status_max_players;
    return status;
}

void status_free(struct status *status)
{
    if (!status)
        return;
    free(status->description);
    free(status->favicon);
    for (size_t i = 0; i < status->named_count; i++) {
        free(status->named[i].name);
        free(status->named[i].url);
    }
    free(status->named);
    buf_free(&status->json);
    free(status);
}

void status_answer_free(struct status_answer *answer)
{
    if (!answer)
        return;
    text_free(answer->description);
    free(answer->version);
    free(answer->hover);
    free(answer);
}

static json_t *description_of(const struct text *description, int protocol)
{
    struct buf text = {0};
    json_t *json;

    text_write_json(description, protocol, &text);
    json = json_loadb((const char *)text.data, text.len, JSON_DECODE_ANY, NULL);
    buf_free(&text);
    return json;
}

/* As players whose names are lines: that is what a client shows. */
static json_t *hover_of(const char *lines)
{
    json_t *list = json_array();

    while (*lines) {
        size_t len = strcspn(lines, "\n");

        json_array_append_new(list, json_pack("{ss%ss}", "name", lines, len, "id",
                                              "00000000-0000-0000-0000-000000000000"));
        lines += len + (lines[len] == '\n');
    }
    return list;
}

/* A number that no client has: it shows the version's name in place of the players. */
enum { NO_PROTOCOL = -1 };

static void change(json_t *json, int protocol, const struct status_answer *answer)
{
    json_t *players = json_object_get(json, "players");

    if (answer->description)
        json_object_set_new(json, "description", description_of(answer->description, protocol));
    if (answer->version)
        json_object_set_new(json, "version",
                            json_pack("{sssi}", "name", answer->version, "protocol", NO_PROTOCOL));
    if (answer->online >= 0)
        json_object_set_new(players, "online", json_integer(answer->online));
    if (answer->max >= 0)
        json_object_set_new(players, "max", json_integer(answer->max));
    if (answer->hover)
        json_object_set_new(players, "sample", hover_of(answer->hover));
    if (answer->favicon)
        json_object_set_new(json, "favicon", json_string(answer->favicon));
}

void status_write(const struct status *status, int protocol, int players,
                  const struct status_answer *answer, struct buf *out)
{
    /* Every protocol from the oldest on is served, so each client sees its own number. */
    json_t *json = json_pack("{s{sssi}s{sisi}s{ss}sb}", "version", "name", version_name, "protocol",
                             protocol < PROTOCOL_OLDEST ? PROTOCOL_NEWEST : protocol, "players",
                             "max", status->max_players, "online", players, "description", "text",
                             status->description, "enforcesSecureChat", 0);
    char *text;

    if (status->favicon)
        json_object_set_new(json, "favicon", json_string(status->favicon));
    if (answer)
        change(json, protocol, answer);
    text = json_dumps(json, JSON_COMPACT);
    buf_append_str(out, text);
    free(text);
    json_decref(json);
}

struct slice status_json(struct status *status, int protocol, int players)
{
    if (status->json.len == 0 || status->protocol != protocol || status->players != players) {
        status->protocol = protocol;
        status->players = players;
        buf_clear(&status->json);
        status_write(status, protocol, players, NULL, &status->json);
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
