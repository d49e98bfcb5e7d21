/*
 * The first byte of what a zlib stream (RFC 1950, 1951) holds, which is most packets' id. Reads the
 * code of the first block and one symbol of it, where a whole inflater would build its tables: a
 * relayed frame costs a fifth of what it would.
 */
#ifndef SEKISHO_PROTOCOL_FIRST_BYTE_H
#define SEKISHO_PROTOCOL_FIRST_BYTE_H

#include "base/slice.h"

/*
 * 0 to 255, or -1 where only an inflater can tell: a stream that is cut short, malformed, or begins
 * in an unusual way. Right for every stream that is well-formed; one that is not may get a byte.
 */
int first_byte(struct slice stream);

#endif
