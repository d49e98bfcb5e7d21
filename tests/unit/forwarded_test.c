#include "base/err.h"
#include "crypto/hash.h"
#include "fixture.h"
#include "identity/forwarded.h"
#include "net/address.h"
#include "protocol/wire.h"

static const struct slice shared = {(const uint8_t *)"the shared secret", 17};

/* Made and signed by Python's hmac and hashlib. */
static const char answer_of_python[] =
    "\xd2\x72\x57\xc2\x7e\x30\x43\x91\xe1\x77\x80\x28\x22\x7c\x51\x22"
    "\xfe\x28\xff\xe6\xcf\xff\xf6\x22\x19\xd0\x2c\xe1\x88\xd0\x43\x77"
    "\x01\x0b"
    "203.0.113.7"
    "\x06\x9a\x79\xf4\x44\xe9\x47\x26\xa5\xbe\xfc\xa9\x0e\x38\xaa\xf5"
    "\x06"
    "Seki_1"
    "\x01\x08"
    "textures"
    "\x04"
    "e30="
    "\x01\x04"
    "c2ln";

struct told {
    int32_t version;
    const char *address;
    const char *name;
    int32_t properties;
};

static const struct told usual = {.version = 1, .address = "203.0.113.7", .name = "Seki"};

static void put_told(const struct told *told, struct buf *out)
{
    struct uuid uuid = {{1, 2, 3}};

    wire_put_varint(out, told->version);
    wire_put_cstr(out, told->address);
    wire_put_uuid(out, &uuid);
    wire_put_cstr(out, told->name);
    wire_put_varint(out, told->properties);
    for (int32_t i = 0; i < told->properties; i++) {
        wire_put_cstr(out, "name");
        wire_put_cstr(out, "value");
        wire_put_bool(out, false);
    }
}

static void put_key(struct buf *out)
{
    wire_put_i64(out, 1700000000000);
    wire_put_cstr(out, "key");
    wire_put_cstr(out, "signature");
}

/* Signs what follows and reads it; frees `data`. */
static int read_signed(struct buf *data)
{
    uint8_t signature[SHA256_BYTES];
    struct forwarded forwarded;
    struct buf answer = {0};
    int err;

    hmac_sha256(shared, buf_slice(data), signature);
    buf_append(&answer, signature, sizeof signature);
    buf_append_slice(&answer, buf_slice(data));
    err = forwarded_read(shared, buf_slice(&answer), &forwarded);
    profile_free(&forwarded.profile);
    buf_free(&answer);
    buf_free(data);
    return err;
}

static int read_told(struct told told)
{
    struct buf data = {0};

    put_told(&told, &data);
    return read_signed(&data);
}

static void an_answer_says_who_and_from_where(void **state)
{
    struct slice answer = slice_of(answer_of_python, sizeof answer_of_python - 1);
    struct forwarded forwarded;
    char text[UUID_TEXT_BYTES];
    char host[ADDRESS_TEXT_BYTES];

    (void)state;
    assert_int_equal(forwarded_read(shared, answer, &forwarded), 0);
    uuid_format(&forwarded.profile.uuid, text);
    address_host((const struct sockaddr *)&forwarded.address, host);
    assert_string_equal(text, "069a79f4-44e9-4726-a5be-fca90e38aaf5");
    assert_string_equal(host, "203.0.113.7");
    assert_string_equal(forwarded.profile.name, "Seki_1");
    assert_int_equal(forwarded.profile.proof, CONSENT_IDENTITY_FORWARDED);
    assert_int_equal(forwarded.profile.property_count, 1);
    assert_string_equal(forwarded.profile.properties[0].value, "e30=");
    assert_string_equal(forwarded.profile.properties[0].signature, "c2ln");
    profile_free(&forwarded.profile);
}

static void every_changed_byte_breaks_the_signature(void **state)
{
    char changed[sizeof answer_of_python];
    struct forwarded forwarded;

    (void)state;
    for (size_t i = 0; i < sizeof answer_of_python - 1; i++) {
        memcpy(changed, answer_of_python, sizeof changed);
        changed[i] ^= 1;
        assert_int_equal(forwarded_read(shared, slice_of(changed, sizeof changed - 1), &forwarded),
                         ERR_REFUSED);
        assert_true(forwarded_read(shared, slice_of(answer_of_python, i), &forwarded) < 0);
    }
    assert_int_equal(forwarded_read(slice_str("another secret"),
                                    slice_of(changed, sizeof changed - 1), &forwarded),
                     ERR_REFUSED);
}

static void versions_with_a_key_are_read_behind_it(void **state)
{
    (void)state;
    for (int32_t version = 1; version <= 4; version++) {
        struct buf plain = {0};
        struct buf keyed = {0};
        struct told told = usual;

        told.version = version;
        put_told(&told, &plain);
        put_told(&told, &keyed);
        put_key(&keyed);
        if (version == 3)
            wire_put_bool(&keyed, false);
        assert_int_equal(read_signed(&plain), version == 1 || version == 4 ? 0 : ERR_MALFORMED);
        assert_int_equal(read_signed(&keyed), version == 2 || version == 3 ? 0 : ERR_MALFORMED);
    }
    for (int32_t version = 0; version <= 5; version += 5) {
        struct told told = usual;

        told.version = version;
        assert_int_equal(read_told(told), ERR_UNSUPPORTED);
    }
}

static void what_is_signed_is_still_checked(void **state)
{
    struct told told = usual;

    (void)state;
    assert_int_equal(read_told(told), 0);
    told.properties = PROFILE_PROPERTIES_MAX;
    assert_int_equal(read_told(told), 0);
    told.properties = PROFILE_PROPERTIES_MAX + 1;
    assert_int_equal(read_told(told), ERR_MALFORMED);
    told = usual;
    told.name = "a name";
    assert_int_equal(read_told(told), ERR_MALFORMED);
    told.name = "";
    assert_int_equal(read_told(told), ERR_MALFORMED);
    told.name = "seventeen_letters";
    assert_int_equal(read_told(told), ERR_MALFORMED);
    told = usual;
    told.address = "localhost";
    assert_int_equal(read_told(told), ERR_MALFORMED);
    told.address = "";
    assert_int_equal(read_told(told), ERR_MALFORMED);
    told.address = "2001:db8::7";
    assert_int_equal(read_told(told), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_says_who_and_from_where),
        cmocka_unit_test(every_changed_byte_breaks_the_signature),
        cmocka_unit_test(versions_with_a_key_are_read_behind_it),
        cmocka_unit_test(what_is_signed_is_still_checked),
    };

    return cmocka_run_group_tests_name("forwarded", tests, NULL, NULL);
}
