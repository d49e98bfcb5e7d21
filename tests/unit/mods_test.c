#include "protocol/mods.h"

#include "fixture.h"
#include "protocol/wire.h"

/* The list in a message; NULL: it holds none. */
static char *mods_in(const char *channel, const struct buf *data)
{
    struct buf list = {0};

    if (mods_read(slice_str(channel), buf_slice(data), &list))
        return buf_take_text(&list);
    assert_int_equal(list.len, 0);
    buf_free(&list);
    return NULL;
}

static void assert_mods(const char *channel, struct buf *data, const char *expected)
{
    char *list = mods_in(channel, data);

    if (expected)
        assert_string_equal(list ? list : "no list", expected);
    else
        assert_null(list);
    free(list);
    buf_free(data);
}

static void put_text(struct buf *data, const char *text)
{
    wire_put_string(data, slice_str(text));
}

static void forge_names_its_mods(void **state)
{
    struct buf data = {0};

    (void)state;
    buf_append(&data, "\x02\x02", 2);
    put_text(&data, "jei");
    put_text(&data, "1.0");
    put_text(&data, "create");
    put_text(&data, "");
    assert_mods("FML|HS", &data, "jei@1.0,create");
    buf_append(&data, "\x01\x01", 2);
    assert_mods("FML|HS", &data, NULL);
}

enum phases { MAP, TWO_SETS };
enum version { TEXT, MAYBE };

/* A channel as NeoForge's query has it, whose direction is said where the path is "one-way". */
static void put_channel(struct buf *data, const char *name, enum version version)
{
    bool one_way = strstr(name, "one-way");

    put_text(data, name);
    if (version == MAYBE)
        wire_put_bool(data, !one_way);
    if (version == TEXT || !one_way)
        put_text(data, "1");
    wire_put_bool(data, one_way);
    if (one_way)
        wire_put_varint(data, 1);
    wire_put_bool(data, true);
}

static struct buf query(enum phases phases, enum version version)
{
    struct buf data = {0};

    if (phases == MAP) {
        wire_put_varint(&data, 2);
        wire_put_varint(&data, 4);
    }
    wire_put_varint(&data, 2);
    put_channel(&data, "neoforge:registry", version);
    put_channel(&data, "jei:config", version);
    if (phases == MAP)
        wire_put_varint(&data, 1);
    wire_put_varint(&data, 4);
    put_channel(&data, "jei:one-way", version);
    put_channel(&data, "create:main", version);
    put_channel(&data, "minecraft:brand", version);
    put_channel(&data, "je:x", version);
    return data;
}

static void neoforge_names_the_mods_that_have_channels(void **state)
{
    static const struct {
        enum phases phases;
        enum version version;
    } layouts[] = {{TWO_SETS, MAYBE}, {MAP, MAYBE}, {MAP, TEXT}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf data = query(layouts[i].phases, layouts[i].version);

        assert_mods("neoforge:register", &data, "create,je,jei,neoforge");
    }
}

static void what_is_no_query_is_no_list(void **state)
{
    struct buf whole = query(MAP, TEXT);
    struct buf data = {0};

    (void)state;
    for (size_t len = 1; len < whole.len; len++) {
        buf_append(&data, whole.data, len);
        assert_mods("neoforge:register", &data, NULL);
    }
    buf_append_slice(&data, buf_slice(&whole));
    assert_mods("neoforge:network", &data, NULL);
    buf_append(&data, "\xFF\xFF\xFF\xFF\x07", 5);
    assert_mods("neoforge:register", &data, NULL);
    buf_append(&data, "\x00", 1);
    assert_mods("neoforge:register", &data, "");
    buf_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forge_names_its_mods),
        cmocka_unit_test(neoforge_names_the_mods_that_have_channels),
        cmocka_unit_test(what_is_no_query_is_no_list),
    };

    return cmocka_run_group_tests_name("mods", tests, NULL, NULL);
}
