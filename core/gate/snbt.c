#include "gate/snbt.h"

#include "protocol/nbt.h"

#include <assert.h>
#include <stdlib.h>

enum { SNBT_NAME_MAX = 64 };

static void put_value(struct buf *out, const char **at, const char *name);

/* Takes the quoted text at the cursor, borrowed from it. */
static struct slice take_quoted(const char **at)
{
    const char *start = *at + 1;
    const char *end = strchr(start, '\'');

    assert(**at == '\'' && end);
    *at = end + 1;
    return slice_of(start, (size_t)(end - start));
}

/* From behind the brace to behind the closing one. */
static void put_fields(struct buf *out, const char **at)
{
    while (**at != '}') {
        char name[SNBT_NAME_MAX];
        struct slice quoted = take_quoted(at);

        assert(quoted.len < sizeof name && **at == ':');
        memcpy(name, quoted.data, quoted.len);
        name[quoted.len] = '\0';
        ++*at;
        put_value(out, at, name);
        if (**at == ',')
            ++*at;
    }
    ++*at;
}

static enum nbt_tag number_tag(char suffix)
{
    switch (suffix) {
    case 'b': return NBT_BYTE;
    case 'l': return NBT_LONG;
    case 'f': return NBT_FLOAT;
    case 'd': return NBT_DOUBLE;
    default: return NBT_INT;
    }
}

static enum nbt_tag tag_at(const char *at)
{
    if (*at == '{')
        return NBT_COMPOUND;
    if (*at == '[')
        return NBT_LIST;
    if (*at == '\'')
        return NBT_STRING;
    return number_tag(at[strspn(at, "-+.e0123456789")]);
}

static void put_number(struct buf *out, const char **at, const char *name)
{
    enum nbt_tag tag = tag_at(*at);
    char *end;
    double real = strtod(*at, &end);
    long long whole = strtoll(*at, NULL, 10);

    if (tag == NBT_BYTE)
        nbt_byte(out, name, (int8_t)whole);
    else if (tag == NBT_LONG)
        nbt_long(out, name, whole);
    else if (tag == NBT_FLOAT)
        nbt_float(out, name, (float)real);
    else if (tag == NBT_DOUBLE)
        nbt_double(out, name, real);
    else
        nbt_int(out, name, (int32_t)whole);
    *at = end + (tag == NBT_INT ? 0 : 1);
}

/* The count is known at the end only: its four bytes are the last of the list's head. */
static void put_list(struct buf *out, const char **at, const char *name)
{
    uint32_t count = 0;
    size_t head_end;

    ++*at;
    nbt_list(out, name, **at == ']' ? NBT_END : tag_at(*at), 0);
    head_end = out->len;
    while (**at != ']') {
        put_value(out, at, NULL);
        count++;
        if (**at == ',')
            ++*at;
    }
    ++*at;
    for (unsigned i = 0; i < 4; i++)
        out->data[head_end - 1 - i] = (uint8_t)(count >> (8 * i));
}

static void put_value(struct buf *out, const char **at, const char *name)
{
    if (**at == '{') {
        ++*at;
        nbt_compound(out, name);
        put_fields(out, at);
        nbt_end(out);
    } else if (**at == '[') {
        put_list(out, at, name);
    } else if (**at == '\'') {
        nbt_string(out, name, take_quoted(at));
    } else {
        put_number(out, at, name);
    }
}

void snbt_fields(struct buf *out, const char *text)
{
    const char *at = text + 1;

    assert(*text == '{');
    put_fields(out, &at);
}
