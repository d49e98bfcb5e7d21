#include "store/held_for.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_TEXTS = 16 };

/* columns of HELD_FOR */
enum { SERVER, VALUE, FORM, POLICY_VERSION, RULES_HASH, OBSERVED_AT, EXPIRES_AT, CORRECTED_AT };

static const char inquiry[] = "inquiry";

static json_t *time_json(int64_t at_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(at_ms, text);
    return json_string(text);
}

/* What is read and how it came there; `held` is borrowed from a row, or owned. */
struct found {
    struct store_held held;
    const char *form, *rules_hash;
};

/* A corrected value has the form that whoever corrected it gave it. */
static const char *form_of(sqlite3_stmt *row)
{
    const char *form = sql_column_str(row, FORM);

    if (sqlite3_column_int64(row, CORRECTED_AT) != 0)
        return "as corrected";
    return form[0] ? form : "as kept";
}

static struct found found_in(sqlite3_stmt *row, const char *field)
{
    size_t len = (size_t)sqlite3_column_bytes(row, VALUE);

    return (struct found){
        .held = {.server = sql_column_str(row, SERVER),
                 .field = field,
                 .policy_version = sql_column_str(row, POLICY_VERSION),
                 .value = slice_of(len ? sqlite3_column_blob(row, VALUE) : "", len),
                 .observed_at_ms = sqlite3_column_int64(row, OBSERVED_AT),
                 .expires_at_ms = sqlite3_column_int64(row, EXPIRES_AT)},
        .form = form_of(row),
        .rules_hash = sql_column_str(row, RULES_HASH),
    };
}

static json_t *value_json(const struct found *found)
{
    const struct store_held *held = &found->held;
    json_t *value = json_stringn((const char *)held->value.data, held->value.len);
    json_t *json = json_object();
    char *hex;

    json_object_set_new(json, "field", json_string(held->field));
    json_object_set_new(json, "server", json_string(held->server));
    json_object_set_new(json, "form", json_string(found->form));
    if (value) {
        json_object_set_new(json, "value", value);
    } else { /* no UTF-8 */
        hex = mem_alloc(2 * held->value.len + 1);
        hex_encode(held->value, hex);
        json_object_set_new(json, "value_hex", json_string(hex));
        free(hex);
    }
    json_object_set_new(json, "observed_at", time_json(held->observed_at_ms));
    json_object_set_new(json, "expires_at", time_json(held->expires_at_ms));
    json_object_set_new(json, "policy_version", json_string(held->policy_version));
    json_object_set_new(json, "rules_sha256", json_string(found->rules_hash));
    return json;
}

static bool is_text(const json_t *object, const char *key, const char *text)
{
    return strcmp(json_string_value(json_object_get(object, key)), text) == 0;
}

/* One more value in this form. */
static void count_form(json_t *fields, const struct found *found)
{
    const struct store_held *held = &found->held;
    json_t *one;
    size_t i;

    json_array_foreach(fields, i, one)
    {
        if (is_text(one, "field", held->field) && is_text(one, "server", held->server) &&
            is_text(one, "form", found->form)) {
            json_integer_set(json_object_get(one, "values"),
                             json_integer_value(json_object_get(one, "values")) + 1);
            return;
        }
    }
    json_array_append_new(fields, json_pack("{ss ss ss si}", "field", held->field, "server",
                                            held->server, "form", found->form, "values", 1));
}

static void take(const struct found *found, json_t *values, json_t *fields)
{
    json_array_append_new(values, value_json(found));
    count_form(fields, found);
}

static bool is_of_inquiries(const char *field)
{
    return strncmp(field, "inquiry.", strlen("inquiry.")) == 0;
}

/* What a player wrote is sealed, and in no table of values. */
static int take_inquiries(struct sqlite *db, const struct held_question *question,
                          const char *field, json_t *values, json_t *fields)
{
    struct store_held page[PAGE_TEXTS];
    int64_t after = 0;
    int count;

    while ((count = sqlite_inquiry_held_page(db, question->player, &after, page, PAGE_TEXTS)) > 0) {
        for (int i = 0; i < count; i++) {
            struct found found = {.held = page[i], .form = "full", .rules_hash = ""};

            if (strcmp(page[i].field, field) == 0 && page[i].expires_at_ms > question->now_ms)
                take(&found, values, fields);
            sqlite_held_free(&page[i]);
        }
    }
    return count;
}

static int bind_question(struct sqlite *db, enum statement which,
                         const struct held_question *question, const char *field,
                         sqlite3_stmt **out)
{
    int err = sql_prepare(db, which, out);

    if (err < 0)
        return err;
    sql_text(*out, 1, question->subject);
    sql_text(*out, 2, field);
    sql_text(*out, 3, question->purpose);
    sqlite3_bind_int64(*out, 4, question->now_ms);
    return 0;
}

/* Whether there is anything of this field at all, for whatever purpose. */
static bool is_in_inquiries(struct sqlite *db, const struct held_question *question,
                            const char *field)
{
    json_t *values = json_array();
    json_t *fields = json_array();
    bool found =
        take_inquiries(db, question, field, values, fields) == 0 && json_array_size(values) > 0;

    json_decref(values);
    json_decref(fields);
    return found;
}

char *held_else(struct sqlite *db, const struct held_question *question, const char *field)
{
    char *purposes = NULL;
    sqlite3_stmt *row;

    if (is_of_inquiries(field))
        return mem_strdup(strcmp(question->purpose, inquiry) != 0 &&
                                  is_in_inquiries(db, question, field)
                              ? inquiry
                              : "");
    if (bind_question(db, SQL_HELD_ELSE, question, field, &row) == 0 && sql_step(db, row) > 0) {
        purposes = mem_strdup(sql_column_str(row, 0));
        sql_reset(row);
    }
    return purposes ? purposes : mem_strdup("");
}

static int refuse(struct sqlite *db, const struct held_question *question, const char *field)
{
    char *others = held_else(db, question, field);
    int err = others[0] ? ERR_REFUSED : ERR_NOT_FOUND;

    if (err == ERR_REFUSED)
        log_warn("purpose: %s was asked for under \"%s\", and is held for %s; it was not read",
                 field, question->purpose, others);
    free(others);
    return err;
}

static int take_values(struct sqlite *db, const struct held_question *question, const char *field,
                       json_t *values, json_t *fields)
{
    sqlite3_stmt *row;
    int err = bind_question(db, SQL_HELD_FOR, question, field, &row);

    while (err >= 0 && (err = sql_step(db, row)) > 0) {
        struct found found = found_in(row, field);

        take(&found, values, fields);
    }
    return err;
}

int held_for(struct sqlite *db, const struct held_question *question, const char *field,
             json_t *values, json_t *fields)
{
    size_t before = json_array_size(values);
    int err = 0;

    if (!is_of_inquiries(field))
        err = take_values(db, question, field, values, fields);
    else if (strcmp(question->purpose, inquiry) == 0)
        err = take_inquiries(db, question, field, values, fields);
    if (err < 0)
        return err;
    return json_array_size(values) > before ? 0 : refuse(db, question, field);
}
