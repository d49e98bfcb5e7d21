#include "crypto/random.h"

#include "crypto/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { RANDOM_BYTES_MAX = 256 }; /* up to here the kernel gives all or nothing */

void random_bytes(uint8_t *out, size_t len)
{
    if (len > RANDOM_BYTES_MAX || getrandom(out, len, 0) != (ssize_t)len) {
        fprintf(stderr, "sekisho: the system gives no random bytes\n");
        abort();
    }
}

void random_hex(char *out, size_t bytes)
{
    uint8_t raw[RANDOM_BYTES_MAX];

    random_bytes(raw, bytes);
    hex_encode(slice_of(raw, bytes), out);
}
