#include "protocol/nbt_json.h"

enum nbt_tag nbt_json_tag(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT: return NBT_COMPOUND;
    case JSON_ARRAY: return NBT_LIST;
    case JSON_STRING: return NBT_STRING;
    case JSON_INTEGER: return NBT_INT;
    case JSON_REAL: return NBT_DOUBLE;
    case JSON_TRUE:
    case JSON_FALSE: return NBT_BYTE;
    case JSON_NULL: break;
    }
    return NBT_END;
}

/* Jansson's iterators take what they do not change as changeable. */
static json_t *mutable_json(const json_t *json)
{
    union {
        const json_t *in;
        json_t *out;
    } same = {.in = json};

    return same.out;
}

/* NBT lists have elements of one kind: in a mixed one, what is no component becomes one. */
static void put_list(const json_t *json, const char *name, struct buf *out)
{
    size_t count = json_array_size(json);
    enum nbt_tag tag = count ? nbt_json_tag(json_array_get(json, 0)) : NBT_END;

    for (size_t i = 1; i < count; i++)
        if (nbt_json_tag(json_array_get(json, i)) != tag)
            tag = NBT_COMPOUND;
    nbt_list(out, name, tag, tag == NBT_END ? 0 : (int32_t)count);
    for (size_t i = 0; i < count && tag != NBT_END; i++) {
        const json_t *element = json_array_get(json, i);
        const char *text = json_string_value(element);

        if (tag != NBT_COMPOUND || json_is_object(element)) {
            nbt_json(out, NULL, element);
        } else {
            nbt_cstr(out, "text", text ? text : "");
            nbt_end(out);
        }
    }
}

static void put_compound(const json_t *json, const char *name, struct buf *out)
{
    nbt_compound(out, name);
    for (void *at = json_object_iter(mutable_json(json)); at;
         at = json_object_iter_next(mutable_json(json), at))
        nbt_json(out, json_object_iter_key(at), json_object_iter_value(at));
    nbt_end(out);
}

void nbt_json(struct buf *out, const char *name, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT: put_compound(json, name, out); break;
    case JSON_ARRAY: put_list(json, name, out); break;
    case JSON_STRING: nbt_cstr(out, name, json_string_value(json)); break;
    case JSON_INTEGER: nbt_int(out, name, (int32_t)json_integer_value(json)); break;
    case JSON_REAL: nbt_double(out, name, json_real_value(json)); break;
    case JSON_TRUE: nbt_byte(out, name, 1); break;
    case JSON_FALSE: nbt_byte(out, name, 0); break;
    case JSON_NULL: break;
    }
}
