/*
 * The plugin channels that a client registered. A client says them once, so they are kept for the
 * servers to come. Source: minecraft.wiki, "Plugin channels" (REGISTER, and minecraft:register from
 * 1.13 on: names with zero bytes between them).
 */
#include "protocol/packet.h"
#include "protocol/settings.h"
#include "session/phases.h"

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

/* Takes a name out of the set, if it is there. */
static void forget(struct buf *channels, struct slice name)
{
    struct slice rest = buf_slice(channels);

    while (rest.len > 0) {
        struct slice known = next_name(&rest);

        if (!slice_equal(known, name))
            continue;
        memmove(channels->data + (known.data - channels->data), rest.data, rest.len);
        channels->len -= known.len + 1;
        return;
    }
}

static size_t names_in(struct slice rest)
{
    size_t names = 0;

    for (; rest.len > 0; names++)
        next_name(&rest);
    return names;
}

static void remember(struct buf *channels, struct slice name)
{
    forget(channels, name);
    if (channels->len + name.len + 1 > CHANNELS_BYTES_MAX ||
        names_in(buf_slice(channels)) >= CHANNELS_MAX)
        return;
    buf_append_slice(channels, name);
    buf_append_byte(channels, 0);
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
    bool adds = adds_to(channel);

    if (!channels_are_listed(channel))
        return false;
    for (int names = 0; data.len > 0 && names < CHANNELS_MAX; names++) {
        struct slice name = next_name(&data);

        if (name.len > 0)
            (adds ? remember : forget)(&session->channels, name);
    }
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
    if (told.len > 0) {
        mirror_note(session->backend, &(struct mirror_value){.field = FIELD_CLIENT_CHANNELS,
                                                             .form = FIELD_FORM_FULL,
                                                             .bytes = buf_slice(&told)});
        mark = packet_begin(packets, id);
        custom_payload_write(session->protocol,
                             session->protocol >= WITH_NAMESPACE ? "minecraft:register"
                                                                 : "REGISTER",
                             buf_slice(&told), packets);
        packet_end(packets, mark);
    }
    buf_free(&told);
}
