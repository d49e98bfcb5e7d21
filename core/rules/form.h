/*
 * The reduced forms of a value. Pseudonyms are HMAC-SHA256 under a key, never a bare hash: a list
 * of all addresses or names does not undo them.
 */
#ifndef SEKISHO_RULES_FORM_H
#define SEKISHO_RULES_FORM_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "rules/field.h"

/* An address without its last bits; what is no address becomes nothing. */
void form_truncate(struct slice address, unsigned v4_bits, unsigned v6_bits, struct buf *out);

/* 32 hex digits that stand for this value of this field. */
void form_pseudonym(const uint8_t key[static SHA256_BYTES], const struct field_value *value,
                    struct buf *out);

/* An address in fd00::/8 (private, RFC 4193) that stands for `who` under `label`. */
void form_address(const uint8_t key[static SHA256_BYTES], const char *label, struct slice who,
                  struct buf *out);

/* A UUID (version 8 of RFC 9562: made as the maker likes) that stands for `who`, with dashes. */
void form_uuid(const uint8_t key[static SHA256_BYTES], struct slice who, struct buf *out);

/* A valid player's name of 16 characters that stands for `who`: 70 bits of it are the keyed hash.
 */
void form_name(const uint8_t key[static SHA256_BYTES], struct slice who, struct buf *out);

#endif
