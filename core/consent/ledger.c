#include "consent/ledger.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1 };

static json_t *hex_json(struct slice bytes)
{
    char *text = mem_alloc(2 * bytes.len + 1);
    json_t *json;

    hex_encode(bytes, text);
    json = json_string(text);
    free(text);
    return json;
}

json_t *ledger_hash_json(const struct merkle_hash *hash)
{
    return hex_json(slice_of(hash->bytes, SHA256_BYTES));
}

int ledger_hash_read(const json_t *json, struct merkle_hash *out)
{
    const char *text = json_string_value(json);

    return text ? hex_decode(text, out->bytes, SHA256_BYTES) : ERR_MALFORMED;
}

static json_t *time_json(int64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(wall_ms, text);
    return json_string(text);
}

char *ledger_entry_write(const struct ledger_entry *entry)
{
    json_t *json =
        json_pack("{si sI so ss ss so sO}", "v", FORMAT, "seq", (json_int_t)entry->seq, "at",
                  time_json(entry->at_ms), "kind", entry->kind, "writer", entry->writer, "prev",
                  ledger_hash_json(&entry->previous), "facts", entry->facts);
    char *line;

    if (entry->subject[0])
        json_object_set_new(json, "subject", json_string(entry->subject));
    if (entry->sealed.len > 0)
        json_object_set_new(json, "sealed", hex_json(buf_slice(&entry->sealed)));
    line = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(json);
    if (!line)
        abort();
    return line;
}

static int read_text(const json_t *json, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, key));

    if (!text || strlen(text) >= size)
        return ERR_MALFORMED;
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int read_sealed(const json_t *json, struct buf *out)
{
    const char *text = json_string_value(json);
    size_t len;

    if (!json)
        return 0;
    if (!text)
        return ERR_MALFORMED;
    len = strlen(text) / 2;
    if (hex_decode(text, buf_reserve(out, len + 1), len) < 0)
        return ERR_MALFORMED;
    out->len = len;
    return 0;
}

static int read_members(const json_t *json, struct ledger_entry *out)
{
    char at[CLOCK_TEXT_BYTES];
    json_t *facts = json_object_get(json, "facts");

    if (json_integer_value(json_object_get(json, "v")) != FORMAT || !json_is_object(facts) ||
        read_text(json, "at", at, sizeof at) < 0 || clock_parse(at, &out->at_ms) < 0 ||
        read_text(json, "kind", out->kind, sizeof out->kind) < 0 ||
        read_text(json, "writer", out->writer, sizeof out->writer) < 0 ||
        ledger_hash_read(json_object_get(json, "prev"), &out->previous) < 0 ||
        read_sealed(json_object_get(json, "sealed"), &out->sealed) < 0)
        return ERR_MALFORMED;
    if (json_object_get(json, "subject") &&
        read_text(json, "subject", out->subject, sizeof out->subject) < 0)
        return ERR_MALFORMED;
    out->seq = json_integer_value(json_object_get(json, "seq"));
    out->facts = json_incref(facts);
    return 0;
}

int ledger_entry_read(const char *line, struct ledger_entry *out)
{
    json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    int err;

    *out = (struct ledger_entry){0};
    err = json ? read_members(json, out) : ERR_MALFORMED;
    json_decref(json);
    if (err < 0)
        ledger_entry_free(out);
    return err;
}

void ledger_entry_free(struct ledger_entry *entry)
{
    json_decref(entry->facts);
    buf_free(&entry->sealed);
    *entry = (struct ledger_entry){0};
}

void ledger_writer(const uint8_t key[static SIGN_PUBLIC_BYTES],
                   char out[static LEDGER_WRITER_BYTES])
{
    uint8_t digest[SHA256_BYTES];

    sha256(slice_of(key, SIGN_PUBLIC_BYTES), digest);
    hex_encode(slice_of(digest, (LEDGER_WRITER_BYTES - 1) / 2), out);
}

/* What is signed. Returns owned. */
static char *head_line(const struct ledger_head *head)
{
    json_t *json = json_pack("{si so so sI}", "v", FORMAT, "at", time_json(head->at_ms), "root",
                             ledger_hash_json(&head->root), "size", (json_int_t)head->size);
    char *line = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

    json_decref(json);
    if (!line)
        abort();
    return line;
}

void ledger_head_sign(struct ledger_head *head, const struct sign_key *key)
{
    char *line = head_line(head);

    sign_key_public(key, head->public_key);
    sign(key, slice_str(line), head->signature);
    free(line);
}

bool ledger_head_holds(const struct ledger_head *head)
{
    char *line = head_line(head);
    bool holds = sign_verify(head->public_key, slice_str(line), head->signature);

    free(line);
    return holds;
}

json_t *ledger_head_json(const struct ledger_head *head)
{
    char *line = head_line(head);
    json_t *json = json_pack("{ss so so}", "signed", line, "public_key",
                             hex_json(slice_of(head->public_key, SIGN_PUBLIC_BYTES)), "signature",
                             hex_json(slice_of(head->signature, SIGN_SIGNATURE_BYTES)));

    free(line);
    return json;
}

static int read_signed(const char *line, struct ledger_head *out)
{
    json_t *json = line ? json_loads(line, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *at = json_string_value(json_object_get(json, "at"));
    char *again;
    int err = ERR_MALFORMED;

    if (at && clock_parse(at, &out->at_ms) == 0 &&
        ledger_hash_read(json_object_get(json, "root"), &out->root) == 0) {
        out->size = json_integer_value(json_object_get(json, "size"));
        /* What is signed is the line; only what says the same in another way is refused. */
        again = head_line(out);
        err = strcmp(again, line) == 0 ? 0 : ERR_MALFORMED;
        free(again);
    }
    json_decref(json);
    return err;
}

int ledger_head_read(const json_t *json, struct ledger_head *out)
{
    const char *key = json_string_value(json_object_get(json, "public_key"));
    const char *signature = json_string_value(json_object_get(json, "signature"));

    *out = (struct ledger_head){0};
    if (!key || !signature || hex_decode(key, out->public_key, SIGN_PUBLIC_BYTES) < 0 ||
        hex_decode(signature, out->signature, SIGN_SIGNATURE_BYTES) < 0)
        return ERR_MALFORMED;
    return read_signed(json_string_value(json_object_get(json, "signed")), out);
}
