#include "base/err.h"
#include "identity/account.h"
#include "protocol/encryption.h"

#include "fixture.h"

#define ID "\"id\":\"4566e69fc90748ee8d71d7ba5aa00d20\""
#define SKIN "{\"name\":\"textures\",\"value\":\"e30=\",\"signature\":\"c2ln\"}"

static int read_as(const char *name, const char *json, struct profile *profile)
{
    return account_read(slice_str(json), name, profile);
}

static void a_profile_is_read_as_the_service_spells_it(void **state)
{
    struct profile profile;
    char uuid[UUID_TEXT_BYTES];

    (void)state;
    assert_int_equal(read_as("thinkOFDEATH",
                             "{" ID ",\"name\":\"Thinkofdeath\",\"properties\":[" SKIN
                             ",{\"name\":\"plain\",\"value\":\"\",\"signature\":null}],\"more\":1}",
                             &profile),
                     0);
    uuid_format(&profile.uuid, uuid);
    assert_string_equal(uuid, "4566e69f-c907-48ee-8d71-d7ba5aa00d20");
    assert_string_equal(profile.name, "Thinkofdeath");
    assert_int_equal(profile.proof, CONSENT_IDENTITY_VERIFIED);
    assert_int_equal(profile.property_count, 2);
    assert_string_equal(profile.properties[0].signature, "c2ln");
    assert_null(profile.properties[1].signature);
    profile_free(&profile);
    assert_int_equal(read_as("A", "{" ID ",\"name\":\"A\"}", &profile), 0);
    profile_free(&profile);
}

static void anything_else_is_no_profile(void **state)
{
    static const char *const answers[] = {
        "",
        "null",
        "[]",
        "{}",
        "\"Steve\"",
        "<html>",
        "{" ID ",\"name\":\"Alex\"}",
        "{" ID ",\"name\":\"Steve2\"}",
        "{" ID ",\"name\":\"Steve\\u0000\"}",
        "{" ID ",\"name\":5}",
        "{" ID "}",
        "{\"name\":\"Steve\"}",
        "{\"id\":null,\"name\":\"Steve\"}",
        "{\"id\":\"4566e69fc90748ee8d71d7ba5aa00d2\",\"name\":\"Steve\"}",
        "{\"id\":\"4566e69fc90748ee8d71d7ba5aa00d2x\",\"name\":\"Steve\"}",
        "{\"id\":\"4566e69f-c907-48ee-8d71-d7ba5aa00d20\",\"name\":\"Steve\"}",
        "{" ID "," ID ",\"name\":\"Steve\"}",
        "{" ID ",\"name\":\"Steve\",\"properties\":{}}",
        "{" ID ",\"name\":\"Steve\",\"properties\":[1]}",
        "{" ID ",\"name\":\"Steve\",\"properties\":[{\"name\":\"a\"}]}",
        "{" ID ",\"name\":\"Steve\",\"properties\":[{\"name\":\"a\",\"value\":1}]}",
        "{" ID
        ",\"name\":\"Steve\",\"properties\":[{\"name\":\"a\",\"value\":\"\",\"signature\":1}]}",
        "{" ID ",\"name\":\"Steve\",\"properties\":[" SKIN "," SKIN "," SKIN "," SKIN "," SKIN
        "," SKIN "," SKIN "," SKIN "," SKIN "," SKIN "," SKIN "," SKIN "," SKIN "," SKIN "," SKIN
        "," SKIN "," SKIN "]}",
        "{" ID ",\"name\":\"Steve\"}x",
    };
    struct profile profile;

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        assert_int_equal(read_as("Steve", answers[i], &profile), ERR_MALFORMED);
        assert_int_equal(profile.proof, CONSENT_IDENTITY_NONE);
        assert_null(profile.properties);
    }
}

static void a_property_is_bounded(void **state)
{
    struct buf json = {0};
    struct profile profile;

    (void)state;
    buf_append_str(&json,
                   "{" ID ",\"name\":\"Steve\",\"properties\":[{\"name\":\"a\",\"value\":\"");
    for (int i = 0; i <= PROFILE_PROPERTY_CHARS_MAX; i++)
        buf_append_byte(&json, 'A');
    buf_append_str(&json, "\"}]}");
    assert_int_equal(read_as("Steve", buf_text(&json), &profile), ERR_MALFORMED);
    buf_free(&json);
}

static void names_are_letters_digits_and_underscores(void **state)
{
    static const char *const bad[] = {"",   "a b", "a-b", ".a", "\xc3\xa9", "12345678901234567",
                                      "a\n"};

    (void)state;
    assert_true(account_name_valid(slice_str("a")));
    assert_true(account_name_valid(slice_str("Az09_56789012345")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(account_name_valid(slice_str(bad[i])));
    assert_false(account_name_valid(slice_of("a\0b", 3)));
}

static void requests_have_the_form_of_their_version(void **state)
{
    static const int protocols[] = {5, 47, 766};
    static const char *const wanted[] = {"\0\0\2DE\0\1T", "\0\2DE\1T", "\0\2DE\1T\1"};
    static const size_t lens[] = {8, 6, 7};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf out = {0};

        encryption_request_write(protocols[i], slice_str("DE"), slice_str("T"), &out);
        assert_int_equal(out.len, lens[i]);
        assert_memory_equal(out.data, wanted[i], out.len);
        buf_free(&out);
    }
}

static void responses_are_read_by_version(void **state)
{
    static const struct {
        int protocol;
        size_t len;
        const char *body;
        bool is_signed;
    } good[] = {
        {4, 7, "\0\2SE\0\1T", false}, {47, 5, "\2SE\1T", false},
        {758, 5, "\2SE\1T", false},   {759, 6, "\2SE\1\1T", false},
        {761, 5, "\2SE\1T", false},   {760, 14, "\2SE\0\0\0\0\0\0\0\0\52\1G", true},
    };
    struct encryption_response response;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct slice body = slice_of(good[i].body, good[i].len);

        assert_int_equal(encryption_response_read(good[i].protocol, body, &response), 0);
        assert_true(slice_is(response.secret, "SE"));
        assert_int_equal(response.is_signed, good[i].is_signed);
        assert_true(slice_is(response.is_signed ? response.signature : response.token,
                             response.is_signed ? "G" : "T"));
        assert_int_equal(response.salt, response.is_signed ? 42 : 0);
        for (size_t len = 0; len < body.len; len++)
            assert_int_equal(
                encryption_response_read(good[i].protocol, slice_of(body.data, len), &response),
                ERR_MALFORMED);
    }
    assert_int_equal(encryption_response_read(47, slice_of("\2SE\1TX", 6), &response),
                     ERR_MALFORMED);
    assert_int_equal(encryption_response_read(47, slice_of("\0\1T", 3), &response), ERR_MALFORMED);
    assert_int_equal(
        encryption_response_read(47, slice_of("\xff\xff\xff\xff\x0f\1T", 7), &response),
        ERR_MALFORMED);
}

static void keys_of_759_and_760_are_kept(void **state)
{
    static const char with_key[] = "\1\0\0\0\0\0\0\0\7\3DER\3SIG";
    static const char with_holder[] = "\1\0\0\0\0\0\0\0\7\3DER\3SIG\1ABCDEFGHIJKLMNOP";
    struct profile profile = {0};
    struct reader reader = reader_of(slice_of(with_key, sizeof with_key - 1));

    (void)state;
    assert_int_equal(profile_read_key(&profile, 759, &reader), 0);
    assert_int_equal(profile.key->expires_at_ms, 7);
    assert_true(slice_is(buf_slice(&profile.key->der), "DER"));
    assert_true(slice_is(buf_slice(&profile.key->signature), "SIG"));
    assert_false(profile.key->has_holder);
    for (size_t len = 0; len < sizeof with_holder - 1; len++) {
        reader = reader_of(slice_of(with_holder, len));
        assert_int_equal(profile_read_key(&profile, 760, &reader), ERR_MALFORMED);
    }
    reader = reader_of(slice_of(with_holder, sizeof with_holder - 1));
    assert_int_equal(profile_read_key(&profile, 760, &reader), 0);
    assert_memory_equal(profile.key->holder.bytes, "ABCDEFGHIJKLMNOP", UUID_BYTES);
    profile_free(&profile);
    reader = reader_of(slice_of("\0", 1));
    assert_int_equal(profile_read_key(&profile, 759, &reader), 0);
    assert_null(profile.key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_is_read_as_the_service_spells_it),
        cmocka_unit_test(anything_else_is_no_profile),
        cmocka_unit_test(a_property_is_bounded),
        cmocka_unit_test(names_are_letters_digits_and_underscores),
        cmocka_unit_test(requests_have_the_form_of_their_version),
        cmocka_unit_test(responses_are_read_by_version),
        cmocka_unit_test(keys_of_759_and_760_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
