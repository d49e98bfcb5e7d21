#include "store/held_for.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* columns of HELD_FOR */
enum { SERVER, VALUE, FORM, POLICY_VERSION, RULES_HASH, OBSERVED_AT, EXPIRES_AT, CORRECTED_AT };

static json_t *time_json(int64_t at_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(at_ms, text);
    return json_string(text);
}

/* A corrected value has the form that whoever corrected it gave it. */
static const char *form_of(sqlite3_stmt *row)
{
    const char *form = sql_column_str(row, FORM);

    if (sqlite3_column_int64(row, CORRECTED_AT) != 0)
        return "as corrected";
    return form[0] ? form : "as kept";
}

static json_t *value_json(const char *field, sqlite3_stmt *row)
{
    size_t len = (size_t)sqlite3_column_bytes(row, VALUE);
    const char *bytes = len ? sqlite3_column_blob(row, VALUE) : "";
    json_t *value = json_stringn(bytes, len); /* NULL where it is no UTF-8 */
    json_t *json = json_object();
    char *hex;

    json_object_set_new(json, "field", json_string(field));
    json_object_set_new(json, "server", json_string(sql_column_str(row, SERVER)));
    json_object_set_new(json, "form", json_string(form_of(row)));
    if (value) {
        json_object_set_new(json, "value", value);
    } else {
        hex = mem_alloc(2 * len + 1);
        hex_encode(slice_of(bytes, len), hex);
        json_object_set_new(json, "value_hex", json_string(hex));
        free(hex);
    }
    json_object_set_new(json, "observed_at", time_json(sqlite3_column_int64(row, OBSERVED_AT)));
    json_object_set_new(json, "expires_at", time_json(sqlite3_column_int64(row, EXPIRES_AT)));
    json_object_set_new(json, "policy_version", json_string(sql_column_str(row, POLICY_VERSION)));
    json_object_set_new(json, "rules_sha256", json_string(sql_column_str(row, RULES_HASH)));
    return json;
}

static bool is_text(const json_t *object, const char *key, const char *text)
{
    return strcmp(json_string_value(json_object_get(object, key)), text) == 0;
}

/* One more value in this form. */
static void count_form(json_t *fields, const char *field, sqlite3_stmt *row)
{
    const char *server = sql_column_str(row, SERVER);
    const char *form = form_of(row);
    json_t *one;
    size_t i;

    json_array_foreach(fields, i, one)
    {
        if (is_text(one, "field", field) && is_text(one, "server", server) &&
            is_text(one, "form", form)) {
            json_integer_set(json_object_get(one, "values"),
                             json_integer_value(json_object_get(one, "values")) + 1);
            return;
        }
    }
    json_array_append_new(fields, json_pack("{ss ss ss si}", "field", field, "server", server,
                                            "form", form, "values", 1));
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

char *held_else(struct sqlite *db, const struct held_question *question, const char *field)
{
    char *purposes = NULL;
    sqlite3_stmt *row;

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

int held_for(struct sqlite *db, const struct held_question *question, const char *field,
             json_t *values, json_t *fields)
{
    size_t before = json_array_size(values);
    sqlite3_stmt *row;
    int err = bind_question(db, SQL_HELD_FOR, question, field, &row);

    while (err >= 0 && (err = sql_step(db, row)) > 0) {
        json_array_append_new(values, value_json(field, row));
        count_form(fields, field, row);
    }
    if (err < 0)
        return err;
    return json_array_size(values) > before ? 0 : refuse(db, question, field);
}
