#include "identity/forwarding.h"

#include "base/err.h"
#include "crypto/hash.h"
#include "fixture.h"

static const char secret[] = "correct horse battery staple";

/* Everything that can be forwarded; the signature of "plain" is absent, not empty. */
static struct profile notch(void)
{
    struct profile profile = {.proof = CONSENT_IDENTITY_VERIFIED, .name = "Notch"};

    assert_int_equal(uuid_parse("069a79f4-44e9-4726-a5be-fca90e38aaf5", &profile.uuid), 0);
    profile_add_property(&profile, slice_str("textures"), slice_str("dmFsdWU="), slice_str("c2ln"));
    profile_add_property(&profile, slice_str("plain"), slice_str("x"), (struct slice){0});
    profile.key = mem_alloc(sizeof *profile.key);
    profile.key->expires_at_ms = 1700000000123;
    buf_append(&profile.key->der, "\x30\x82\x01\x22", 4);
    buf_append(&profile.key->signature, "\xa1\xb2\xc3", 3);
    return profile;
}

static void assert_answer(const struct profile *profile, enum forwarding_version version,
                          const char *hex)
{
    struct forwarding told = {
        .profile = profile, .address = slice_str("203.0.113.7"), .key = profile->key};
    struct buf out = {0};
    char text[1024];

    assert_int_equal(forwarding_modern(slice_str(secret), version, &told, &out), 0);
    assert_true(out.len * 2 < sizeof text);
    hex_encode(buf_slice(&out), text);
    assert_string_equal(text, hex);
    buf_free(&out);
}

/* The bytes were put together and signed by another program (node:crypto), from Velocity's layout.
 */
static void the_answer_has_velocitys_bytes(void **state)
{
    struct profile profile = notch();

    (void)state;
    assert_answer(&profile, FORWARDING_DEFAULT,
                  "b8c4b122ae35cc426d0766c9a8dea610ae83a8558723ebf9329f97dc9359fd15010b3230332e302e"
                  "3131332e37069a79f444e94726a5befca90e38aaf5054e6f7463680208746578747572657308646d"
                  "46736457553d010463326c6e05706c61696e017800");
    assert_answer(&profile, FORWARDING_WITH_KEY,
                  "4003a78e80b88c15d567d26776d642ec7c356a614b66a4a7d6138c568aabc8cd020b3230332e302e"
                  "3131332e37069a79f444e94726a5befca90e38aaf5054e6f7463680208746578747572657308646d"
                  "46736457553d010463326c6e05706c61696e0178000000018bcfe5687b043082012203a1b2c3");
    assert_answer(&profile, FORWARDING_WITH_HOLDER,
                  "9265a731e99a7935ab9c1232bb97b9c1cb211a3230971bb39be4dc1349387d36030b3230332e302e"
                  "3131332e37069a79f444e94726a5befca90e38aaf5054e6f7463680208746578747572657308646d"
                  "46736457553d010463326c6e05706c61696e0178000000018bcfe5687b043082012203a1b2c300");
    profile.key->has_holder =
        uuid_parse("853c80ef-3c37-49fd-aa49-938b674adae6", &profile.key->holder) == 0;
    assert_answer(&profile, FORWARDING_WITH_HOLDER,
                  "6fbe04c4507567e7e249cd4527c69326f474d7a74942725d8ee7497399719cbf030b3230332e302e"
                  "3131332e37069a79f444e94726a5befca90e38aaf5054e6f7463680208746578747572657308646d"
                  "46736457553d010463326c6e05706c61696e0178000000018bcfe5687b043082012203a1b2c30185"
                  "3c80ef3c3749fdaa49938b674adae6");
    assert_answer(&profile, FORWARDING_LAZY_SESSION,
                  "d9257bef7077438b48cb4ae0dc9d8b3ad18c89221b569ee6a2eae531ce1f066e040b3230332e302e"
                  "3131332e37069a79f444e94726a5befca90e38aaf5054e6f7463680208746578747572657308646d"
                  "46736457553d010463326c6e05706c61696e017800");
    profile_free(&profile);
}

static void an_answer_over_the_limit_is_refused(void **state)
{
    struct profile profile = notch();
    struct forwarding told = {.profile = &profile, .address = slice_str("203.0.113.7")};
    struct buf large = {0};
    struct buf out = {0};

    (void)state;
    memset(buf_reserve(&large, FORWARDING_ANSWER_BYTES_MAX), 'x', FORWARDING_ANSWER_BYTES_MAX);
    large.len = FORWARDING_ANSWER_BYTES_MAX;
    profile_add_property(&profile, slice_str("large"), buf_slice(&large), (struct slice){0});
    assert_int_equal(forwarding_modern(slice_str(secret), FORWARDING_DEFAULT, &told, &out),
                     ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    assert_int_equal(forwarding_legacy(&told, &out), ERR_TOO_LARGE);
    buf_free(&large);
    buf_free(&out);
    profile_free(&profile);
}

/* Each row: the request's one byte, protocol, key, and what Velocity answers with. */
static void versions_are_chosen_as_velocity_does(void **state)
{
    static const struct {
        uint8_t highest;
        int protocol;
        bool has_key;
        int expected;
    } rows[] = {
        {1, 393, false, 1},
        {4, 758, false, 1},
        {2, 759, true, 2},
        {2, 759, false, 1},
        {1, 759, true, 1},
        {4, 759, true, 2},
        {2, 760, true, 1},
        {3, 760, true, 3},
        {4, 760, true, 3},
        {3, 760, false, 1},
        {3, 761, false, 1},
        {4, 761, false, 4},
        {4, 775, true, 4},
        {5, 775, false, 4},
        {127, 775, false, 4},
        {0, 775, false, ERR_UNSUPPORTED},
        {128, 775, false, ERR_UNSUPPORTED},
        {255, 775, false, ERR_UNSUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(
            forwarding_choose(slice_of(&rows[i].highest, 1), rows[i].protocol, rows[i].has_key),
            rows[i].expected);
    assert_int_equal(forwarding_choose((struct slice){0}, 775, false), FORWARDING_DEFAULT);
    assert_int_equal(forwarding_choose(slice_of("\1\1", 2), 775, false), ERR_UNSUPPORTED);
}

/* BungeeCord's: properties only where there are any, an absent signature is absent. */
static void the_legacy_host_has_bungeecords_form(void **state)
{
    static const char plain[] = "localhost\0fd00::1\0"
                                "069a79f444e94726a5befca90e38aaf5";
    static const char full[] =
        "localhost\0"
        "203.0.113.7\0"
        "069a79f444e94726a5befca90e38aaf5\0"
        "[{\"name\":\"textures\",\"value\":\"dmFsdWU=\",\"signature\":\"c2ln\"},"
        "{\"name\":\"plain\",\"value\":\"x\"}]";
    struct profile profile = notch();
    struct profile bare = {.uuid = profile.uuid};
    struct forwarding told = {.profile = &bare, .address = slice_str("fd00::1")};
    struct buf host = {0};

    (void)state;
    buf_append_str(&host, "localhost");
    assert_int_equal(forwarding_legacy(&told, &host), 0);
    assert_true(slice_equal(buf_slice(&host), slice_of(plain, sizeof plain - 1)));
    buf_clear(&host);
    buf_append_str(&host, "localhost");
    told = (struct forwarding){.profile = &profile, .address = slice_str("203.0.113.7")};
    assert_int_equal(forwarding_legacy(&told, &host), 0);
    assert_true(slice_equal(buf_slice(&host), slice_of(full, sizeof full - 1)));
    buf_free(&host);
    profile_free(&profile);
}

static void assert_property(const struct profile *profile, size_t at, const char *name,
                            const char *value)
{
    assert_true(at < profile->property_count);
    assert_string_equal(profile->properties[at].name, name);
    assert_string_equal(profile->properties[at].value, value);
    assert_string_equal(profile->properties[at].signature, "");
}

static void markers_and_tokens_become_properties(void **state)
{
    struct profile profile = {0};

    (void)state;
    forwarding_add_marker(&profile, (struct slice){0});
    assert_int_equal(profile.property_count, 0);
    forwarding_add_marker(&profile, slice_of("\0FML\0", 5));
    assert_property(&profile, 0, "forgeClient", "true");
    forwarding_add_marker(&profile, slice_of("\0FML2\0", 6));
    assert_property(&profile, 1, "extraData", "\1FML2\1");
    forwarding_add_token(&profile, slice_str(secret));
    assert_property(&profile, 2, "bungeeguard-token", secret);
    forwarding_wipe_token(&profile);
    assert_property(&profile, 2, "bungeeguard-token", "");
    profile_free(&profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_has_velocitys_bytes),
        cmocka_unit_test(an_answer_over_the_limit_is_refused),
        cmocka_unit_test(versions_are_chosen_as_velocity_does),
        cmocka_unit_test(the_legacy_host_has_bungeecords_form),
        cmocka_unit_test(markers_and_tokens_become_properties),
    };

    return cmocka_run_group_tests_name("forwarding", tests, NULL, NULL);
}
