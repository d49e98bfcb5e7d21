/*
 * The plugin channels that a client registered. A client says them once, so they are kept for the
 * servers to come. Source: minecraft.wiki, "Plugin channels" (REGISTER, and minecraft:register from
 * 1.13 on: names with zero bytes between them).
 */
#include "protocol/packet.h"
#include "protocol/settings.h"
#include "session/phases.h"

#include <stdlib.h>
#include <string.h>

enum { WITH_NAMESPACE = 393, CHANNELS_BYTES_MAX = 32767, CHANNELS_MAX = 1024 };

/* The next name of a list, and `rest` behind it. */
static struct slice next_name(struct slice *rest)
{
    const uint8_t *end = rest->len > 0 ? memchr(rest->data, 0, rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    struct slice name = slice_of(rest->data, len);

    *rest = slice_of(rest->data + len + (end ? 1 : 0), rest->len - len - (end ? 1 : 0));
    return name;
}

struct names {
    struct slice at[CHANNELS_MAX];
    size_t count;
};

static void take_apart(struct slice list, struct names *names)
{
    names->count = 0;
    while (list.len > 0 && names->count < CHANNELS_MAX) {
        struct slice name = next_name(&list);

        if (name.len > 0)
            names->at[names->count++] = name;
    }
}

static int compare(const void *left, const void *right)
{
    const struct slice *a = left;
    const struct slice *b = right;
    int order = memcmp(a->data, b->data, a->len < b->len ? a->len : b->len);

    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* As long as there is room; the one before it is the last that was added. */
static void add(struct buf *set, struct slice name, struct slice *last)
{
    if (slice_equal(name, *last) || set->len + name.len + 1 > CHANNELS_BYTES_MAX)
        return;
    buf_append_slice(set, name);
    buf_append_byte(set, 0);
    *last = name;
}

/*
 * The names of both, or those that were known and not said. Both are in order, so this costs what
 * they are long: whoever floods with lists does not hold up others.
 */
static void merge(const struct names *known, const struct names *said, bool adds, struct buf *out)
{
    struct slice last = {0};
    size_t i = 0;
    size_t j = 0;

    while (i < known->count || j < said->count) {
        int order = i == known->count  ? 1
                    : j == said->count ? -1
                                       : compare(&known->at[i], &said->at[j]);

        if (adds || order < 0)
            add(out, order <= 0 ? known->at[i] : said->at[j], &last);
        i += order <= 0;
        j += order >= 0;
    }
}

static bool adds_to(struct slice channel)
{
    return slice_is(channel, "minecraft:register") || slice_is(channel, "REGISTER");
}

bool channels_are_listed(struct slice channel)
{
    return adds_to(channel) || slice_is(channel, "minecraft:unregister") ||
           slice_is(channel, "UNREGISTER");
}

bool channels_remember(struct session *session, struct slice channel, struct slice data)
{
    struct names known;
    struct names said;
    struct buf set = {0};

    if (!channels_are_listed(channel))
        return false;
    take_apart(buf_slice(&session->channels), &known);
    take_apart(data, &said);
    qsort(said.at, said.count, sizeof said.at[0], compare);
    merge(&known, &said, adds_to(channel), &set);
    buf_free(&session->channels);
    session->channels = set;
    return true;
}

void channels_filter(const struct backend *backend, struct slice names, enum act act,
                     struct buf *out)
{
    for (int count = 0; names.len > 0 && count < CHANNELS_MAX; count++) {
        struct slice name = next_name(&names);

        if (name.len == 0 || !acts_allow(backend, act, name))
            continue;
        if (out->len > 0)
            buf_append_byte(out, 0);
        buf_append_slice(out, name);
    }
}

void channels_put(struct session *session, int id, struct buf *packets)
{
    struct buf told = {0};
    size_t mark;

    channels_filter(session->backend, buf_slice(&session->channels), ACT_TO_CLIENT, &told);
    if (told.len > 0)
        mirror_note(session->backend, &(struct mirror_value){.field = FIELD_CLIENT_CHANNELS,
                                                             .form = FIELD_FORM_FULL,
                                                             .bytes = buf_slice(&told)});
    /* Servers send nothing to whom has not registered for it, and plugins listen, too. */
    if (event_wanted(session->worker, EVENT_MESSAGE_SERVER))
        channels_filter(session->backend, buf_slice(&session->worker->events.channels),
                        ACT_TO_CLIENT, &told);
    if (told.len > 0) {
        mark = packet_begin(packets, id);
        custom_payload_write(session->protocol,
                             session->protocol >= WITH_NAMESPACE ? "minecraft:register"
                                                                 : "REGISTER",
                             buf_slice(&told), packets);
        packet_end(packets, mark);
    }
    buf_free(&told);
}
