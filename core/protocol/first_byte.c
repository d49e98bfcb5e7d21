#include "protocol/first_byte.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

enum {
    HEAD_BYTES = 2,
    METHOD_DEFLATE = 8,
    DICTIONARY = 0x20,
    BLOCK_FIXED = 1,
    BLOCK_DYNAMIC = 2,
    LITERALS = 256,          /* symbols below are bytes; others end a block or repeat what was */
    SYMBOLS = 288,           /* in all, of which two are never used */
    SYMBOLS_MIN = 257,       /* that a block has a code for */
    LENS_MAX = SYMBOLS + 32, /* with those of distances */
    CODE_BITS_MAX = 15,
    LENGTH_SYMBOLS = 19, /* of the code in which the lengths of the codes are written */
    LENGTH_BITS_MAX = 7,
    LENGTH_TABLE = 1 << LENGTH_BITS_MAX,
    REPEAT_LAST = 16, /* symbols above repeat a zero */
};

/* Bits come from the low end of each byte. Past the end they are zeros, and `missing` is set. */
struct bits {
    const uint8_t *at, *end;
    uint64_t held;
    unsigned count;
    bool missing;
};

/* Makes sure of 32 bits, as far as there are any. */
static inline void refill(struct bits *bits)
{
    uint64_t next = 0;

    if (bits->count >= 32)
        return;
    if (bits->end - bits->at >= 8) {
        memcpy(&next, bits->at, sizeof next);
        bits->held |= le64toh(next) << bits->count;
        bits->at += (63 - bits->count) / 8;
        bits->count |= 56;
        return;
    }
    for (; bits->count <= 56 && bits->at < bits->end; bits->count += 8)
        bits->held |= (uint64_t)*bits->at++ << bits->count;
}

static void drop(struct bits *bits, unsigned count)
{
    if (bits->count < count) {
        bits->missing = true;
        bits->count = count;
    }
    bits->held >>= count;
    bits->count -= count;
}

static unsigned take(struct bits *bits, unsigned count)
{
    unsigned value;

    refill(bits);
    value = (unsigned)(bits->held & ((1U << count) - 1));
    drop(bits, count);
    return value;
}

static unsigned reversed(unsigned code, unsigned len)
{
    unsigned out = 0;

    for (; len > 0; len--, code >>= 1)
        out = out << 1 | (code & 1);
    return out;
}

/* What the next bits stand for in the code of lengths: a symbol and how long its code is. */
struct entry {
    uint8_t symbol, len; /* 0: nothing has this code */
};

/* Returns false where more codes were given away than there are. */
static bool build_table(const uint8_t lens[LENGTH_SYMBOLS], struct entry table[LENGTH_TABLE])
{
    unsigned code = 0;

    memset(table, 0, LENGTH_TABLE * sizeof *table);
    for (unsigned len = 1; len <= LENGTH_BITS_MAX; len++, code <<= 1)
        for (unsigned symbol = 0; symbol < LENGTH_SYMBOLS; symbol++) {
            if (lens[symbol] != len)
                continue;
            if (code >> len)
                return false;
            for (unsigned at = reversed(code++, len); at < LENGTH_TABLE; at += 1U << len)
                table[at] = (struct entry){.symbol = (uint8_t)symbol, .len = (uint8_t)len};
        }
    return true;
}

/* Reads the code of lengths. Returns false where it is none. */
static bool read_table(struct bits *bits, unsigned written, struct entry table[LENGTH_TABLE])
{
    static const uint8_t order[LENGTH_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                  11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lens[LENGTH_SYMBOLS] = {0};

    for (unsigned i = 0; i < written; i++)
        lens[order[i]] = (uint8_t)take(bits, 3);
    return build_table(lens, table);
}

/* How long the code of each symbol is; 0: it has none. Returns false where they are none. */
static bool read_lens(struct bits *bits, uint8_t lens[LENS_MAX])
{
    static const uint8_t extra_bits[] = {2, 3, 7}, repeats_min[] = {3, 3, 11};
    struct entry table[LENGTH_TABLE];
    unsigned symbols = take(bits, 5) + SYMBOLS_MIN;
    unsigned count = symbols + take(bits, 5) + 1;

    if (!read_table(bits, take(bits, 4) + 4, table))
        return false;
    for (unsigned at = 0; at < count;) {
        struct entry entry;
        unsigned repeats;

        refill(bits);
        entry = table[bits->held % LENGTH_TABLE];
        drop(bits, entry.len);
        if (entry.len == 0 || bits->missing)
            return false;
        if (entry.symbol < REPEAT_LAST) {
            lens[at++] = entry.symbol;
            continue;
        }
        repeats = repeats_min[entry.symbol - REPEAT_LAST] +
                  take(bits, extra_bits[entry.symbol - REPEAT_LAST]);
        if (repeats > count - at || (entry.symbol == REPEAT_LAST && at == 0))
            return false;
        memset(lens + at, entry.symbol == REPEAT_LAST ? lens[at - 1] : 0, repeats);
        at += repeats;
    }
    /* Behind the symbols stand the distances, which the first byte has none of. */
    memset(lens + symbols, 0, LENS_MAX - symbols);
    return true;
}

static void fixed_lens(uint8_t lens[SYMBOLS])
{
    memset(lens, 8, SYMBOLS);
    memset(lens + 144, 9, 256 - 144);
    memset(lens + 256, 7, 280 - 256);
}

/* The symbol whose code comes, or -1. Codes of one length follow each other as symbols do. */
static int read_symbol(struct bits *bits, const uint8_t lens[SYMBOLS])
{
    /* Two, since neighbours often have the same: one would wait for the other. */
    uint16_t even[CODE_BITS_MAX + 1] = {0}, odd[CODE_BITS_MAX + 1] = {0};
    unsigned code = 0, first = 0;

    for (unsigned symbol = 0; symbol < SYMBOLS; symbol += 2) {
        even[lens[symbol]]++;
        odd[lens[symbol + 1]]++;
    }
    for (unsigned len = 1; len <= CODE_BITS_MAX; len++) {
        unsigned count = even[len] + odd[len];

        code = code << 1 | take(bits, 1);
        first <<= 1;
        if (code < first + count) {
            unsigned rank = code - first;
            unsigned symbol = 0;

            for (; lens[symbol] != len || rank > 0; symbol++)
                rank -= lens[symbol] == len;
            return (int)symbol;
        }
        first += count;
    }
    return -1;
}

static int first_symbol(struct bits *bits)
{
    uint8_t lens[LENS_MAX] = {0};

    take(bits, 1); /* whether it is the last block */
    switch (take(bits, 2)) {
    case BLOCK_FIXED: fixed_lens(lens); break;
    case BLOCK_DYNAMIC:
        if (!read_lens(bits, lens))
            return -1;
        break;
    default: return -1; /* stored, which is rare */
    }
    return read_symbol(bits, lens);
}

int first_byte(struct slice stream)
{
    struct bits bits = {.at = stream.data + HEAD_BYTES, .end = stream.data + stream.len};
    int symbol;

    if (stream.len < HEAD_BYTES || (stream.data[0] & 0x0f) != METHOD_DEFLATE ||
        (stream.data[1] & DICTIONARY) || (stream.data[0] << 8 | stream.data[1]) % 31 != 0)
        return -1;
    symbol = first_symbol(&bits);
    return symbol < LITERALS && !bits.missing ? symbol : -1;
}
