/*
 * The reduced forms of a value. Pseudonyms are HMAC-SHA256 under a key, never a bare hash: a list
 * of all addresses or names does not undo them.
 */
#ifndef SEKISHO_RULES_FORM_H
#define SEKISHO_RULES_FORM_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "rules/field.h"

/* A form with what it was given: truncate(24, 48), count(category). */
struct form {
    enum field_form kind; /* NONE, or anything but COUNT */
    bool counted;         /* tallied in this form, with no person attached */
    uint8_t v4_bits, v6_bits;
    int64_t width;    /* BUCKET */
    int64_t epoch_ms; /* PSEUDONYM: another one in each; 0: always the same */
};

enum { FORM_TEXT_BYTES = 96 };

/* As rules write it. Returns `out`. */
const char *form_text(const struct form *form, char out[static FORM_TEXT_BYTES]);

/*
 * Appends the value in a form that needs no script and no person: any but DROP, COUNT and FUNCTION.
 * `now_ms` is wall time.
 */
void form_put(const struct form *form, const uint8_t key[static SHA256_BYTES], int64_t now_ms,
              const struct field_value *value, struct buf *out);

/* The key in the epoch of `now_ms`; the key itself where the form knows no epochs. */
void form_epoch_key(const struct form *form, const uint8_t key[static SHA256_BYTES], int64_t now_ms,
                    uint8_t out[static SHA256_BYTES]);

/* An address in fd00::/8 (private, RFC 4193) that stands for `who` under `label`. */
void form_address(const uint8_t key[static SHA256_BYTES], const char *label, struct slice who,
                  struct buf *out);

/* A UUID (version 8 of RFC 9562: made as the maker likes) that stands for `who`, with dashes. */
void form_uuid(const uint8_t key[static SHA256_BYTES], struct slice who, struct buf *out);

/* A valid player's name of 16 characters that stands for `who`: 70 bits of it are the keyed hash.
 */
void form_name(const uint8_t key[static SHA256_BYTES], struct slice who, struct buf *out);

#endif
