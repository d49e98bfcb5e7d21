/*
 * Source: minecraft.wiki, "Minecraft Forge Handshake": FML|HS ModList (discriminator 2, name and
 * version of each), fml:handshake ModListReply (discriminator 2, names) inside fml:loginwrapper.
 */
#include "protocol/mods.h"

#include "protocol/wire.h"

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

bool mods_are_listed(struct slice channel)
{
    return slice_is(channel, "FML|HS");
}

bool mods_read(struct slice channel, struct slice data, struct buf *out)
{
    struct reader reader = reader_of(data);

    if (mods_are_listed(channel))
        return reader_u8(&reader) == MOD_LIST && read_list(&reader, true, out);
    if (!slice_is(channel, "fml:loginwrapper") ||
        !slice_is(reader_string(&reader, WIRE_STRING_CHARS_MAX), "fml:handshake"))
        return false;
    reader_varint(&reader); /* its length */
    return reader_varint(&reader) == MOD_LIST && read_list(&reader, false, out);
}
