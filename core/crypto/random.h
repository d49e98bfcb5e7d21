/*
 * Unguessable bytes from the system. Without them nothing here can be safe, so a failure ends the
 * process with a message.
 */
#ifndef SEKISHO_CRYPTO_RANDOM_H
#define SEKISHO_CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_bytes(uint8_t *out, size_t len);

/* `bytes` random bytes as lower-case hex; `out` takes two characters for each, and a zero. */
void random_hex(char *out, size_t bytes);

#endif
