/*
 * Source: minecraft.wiki, "Minecraft Forge Handshake": FML|HS ModList (discriminator 2, name and
 * version of each), fml:handshake ModListReply (discriminator 2, names) inside fml:loginwrapper.
 * NeoForge: ModdedNetworkQueryPayload and its components, as its releases 20.4 to 21 write them.
 */
#include "protocol/mods.h"

#include "base/mem.h"
#include "protocol/wire.h"

#include <stdlib.h>
#include <string.h>

enum { MOD_LIST = 2, MODS_MAX = 4096, LIST_BYTES_MAX = 65535 };

static bool read_list(struct reader *reader, bool with_versions, struct buf *out)
{
    int32_t count = reader_varint(reader);
    size_t start = out->len;

    if (count < 0 || count > MODS_MAX)
        return false;
    for (int32_t i = 0; i < count && reader_ok(reader); i++) {
        struct slice name = reader_string(reader, WIRE_STRING_CHARS_MAX);
        struct slice version = {0};

        if (with_versions)
            version = reader_string(reader, WIRE_STRING_CHARS_MAX);
        if (out->len - start + name.len + version.len + 2 > LIST_BYTES_MAX)
            break;
        if (i > 0)
            buf_append_byte(out, ',');
        buf_append_slice(out, name);
        if (version.len > 0)
            buf_append_byte(out, '@');
        buf_append_slice(out, version);
    }
    if (!reader_ok(reader))
        out->len = start;
    return reader_ok(reader);
}

/* The mods whose channels there are. */
struct owners {
    struct slice *names; /* borrowed from what was read; with repeats */
    size_t count;
};

/* A channel's namespace is the id of its mod. */
static void add_owner(struct slice channel, struct owners *owners)
{
    const uint8_t *colon = channel.len > 0 ? memchr(channel.data, ':', channel.len) : NULL;
    struct slice name = slice_of(channel.data, colon ? (size_t)(colon - channel.data) : 0);

    if (name.len == 0 || slice_is(name, "minecraft") || slice_is(name, "c") ||
        owners->count == MODS_MAX)
        return;
    if (!owners->names)
        owners->names = mem_array(MODS_MAX, sizeof *owners->names);
    owners->names[owners->count++] = name;
}

static int compare_names(const void *a, const void *b)
{
    const struct slice *left = a;
    const struct slice *right = b;
    size_t shorter = left->len < right->len ? left->len : right->len;
    int order = memcmp(left->data, right->data, shorter);

    return order ? order : (left->len > right->len) - (left->len < right->len);
}

/* Each once, in an order of our own: the client's is another one each time. */
static void put_owners(struct owners *owners, struct buf *out)
{
    size_t start = out->len;

    if (owners->count > 0)
        qsort(owners->names, owners->count, sizeof *owners->names, compare_names);
    for (size_t i = 0; i < owners->count; i++) {
        struct slice name = owners->names[i];

        if (i > 0 && slice_equal(name, owners->names[i - 1]))
            continue;
        if (out->len > start)
            buf_append_byte(out, ',');
        buf_append_slice(out, name);
    }
}

/* What differs between the releases of NeoForge. */
enum layout {
    BY_PHASE = 1,        /* lists with their phase in front; else one for each of two phases */
    MAYBE_A_VERSION = 2, /* a bool says whether there is one */
};

static void read_channel(struct reader *reader, unsigned layout, struct owners *owners)
{
    add_owner(reader_string(reader, WIRE_STRING_CHARS_MAX), owners);
    if (!(layout & MAYBE_A_VERSION) || reader_bool(reader))
        reader_string(reader, WIRE_STRING_CHARS_MAX);
    if (reader_bool(reader))
        reader_varint(reader); /* the direction */
    reader_bool(reader);       /* whether the other side may lack it */
}

static bool read_channels(struct slice data, unsigned layout, struct owners *owners)
{
    struct reader reader = reader_of(data);
    int32_t phases = layout & BY_PHASE ? reader_varint(&reader) : 2;

    owners->count = 0;
    for (int32_t phase = 0; phase < phases && reader_ok(&reader); phase++) {
        int32_t count;

        if (layout & BY_PHASE)
            reader_varint(&reader);
        count = reader_varint(&reader);
        for (int32_t i = 0; i < count && reader_ok(&reader); i++)
            read_channel(&reader, layout, owners);
    }
    return reader_done(&reader);
}

/* The layout that fits to the last byte is the one that was meant. */
static bool read_query(struct slice data, struct buf *out)
{
    static const unsigned layouts[] = {BY_PHASE, BY_PHASE | MAYBE_A_VERSION, MAYBE_A_VERSION};
    struct owners owners = {0};
    bool found = false;

    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0] && !found; i++)
        found = read_channels(data, layouts[i], &owners);
    if (found)
        put_owners(&owners, out);
    free(owners.names);
    return found;
}

bool mods_are_listed(struct slice channel)
{
    return slice_is(channel, "FML|HS") || slice_is(channel, "neoforge:register");
}

bool mods_read(struct slice channel, struct slice data, struct buf *out)
{
    struct reader reader = reader_of(data);

    if (slice_is(channel, "neoforge:register"))
        return read_query(data, out);
    if (slice_is(channel, "FML|HS"))
        return reader_u8(&reader) == MOD_LIST && read_list(&reader, true, out);
    if (!slice_is(channel, "fml:loginwrapper") ||
        !slice_is(reader_string(&reader, WIRE_STRING_CHARS_MAX), "fml:handshake"))
        return false;
    reader_varint(&reader); /* its length */
    return reader_varint(&reader) == MOD_LIST && read_list(&reader, false, out);
}
