#include "consent/code.h"

#include "base/mem.h"
#include "crypto/random.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum {
    HALF = 4,
    CODE_CHARS = 2 * HALF,
    CODES_MAX = 4096,
    TRIES_MAX = 5,
    LIFE_MS = 10 * 60 * 1000,
};

/* Without letters and digits that look alike. */
static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

struct code {
    char text[CODE_CHARS]; /* without the dash; a zero in front: the place is free */
    int wrong;
    uint64_t issued_at_ms;
    struct code_holder holder;
};

struct codes {
    struct code places[CODES_MAX];
};

struct codes *codes_new(void)
{
    return mem_alloc(sizeof(struct codes));
}

void codes_free(struct codes *codes)
{
    free(codes);
}

static bool is_alive(const struct code *code, uint64_t now_ms)
{
    return code->text[0] && code->wrong < TRIES_MAX && now_ms - code->issued_at_ms < LIFE_MS;
}

/* The first half, which has to be alone, and the place of it. */
static struct code *find_first_half(struct codes *codes, const char *text)
{
    for (size_t i = 0; i < CODES_MAX; i++)
        if (codes->places[i].text[0] && memcmp(codes->places[i].text, text, HALF) == 0)
            return &codes->places[i];
    return NULL;
}

static void draw(struct codes *codes, char out[static CODE_CHARS])
{
    uint8_t random[CODE_CHARS];
    char drawn[CODE_CHARS];

    do {
        random_bytes(random, sizeof random);
        for (size_t i = 0; i < CODE_CHARS; i++)
            drawn[i] = alphabet[random[i] % (sizeof alphabet - 1)];
    } while (find_first_half(codes, drawn));
    memcpy(out, drawn, CODE_CHARS);
}

/* The place of this player's older code, else a free one, else the oldest. */
static struct code *place_for(struct codes *codes, const struct uuid *player, uint64_t now_ms)
{
    struct code *best = &codes->places[0];

    for (size_t i = 0; i < CODES_MAX; i++) {
        struct code *code = &codes->places[i];

        if (code->text[0] && uuid_equal(&code->holder.player, player))
            return code;
        if (is_alive(best, now_ms) &&
            (!is_alive(code, now_ms) || code->issued_at_ms < best->issued_at_ms))
            best = code;
    }
    return best;
}

void codes_issue(struct codes *codes, const struct code_holder *holder, uint64_t now_ms,
                 char text[static CODE_TEXT_BYTES])
{
    struct code *code = place_for(codes, &holder->player, now_ms);

    *code = (struct code){.issued_at_ms = now_ms, .holder = *holder};
    draw(codes, code->text);
    memcpy(text, code->text, HALF);
    text[HALF] = '-';
    memcpy(text + HALF + 1, code->text + HALF, HALF);
    text[CODE_TEXT_BYTES - 1] = 0;
}

/* As typed by a person: spaces and dashes do not matter, nor does the case. */
static bool normalise(const char *text, char out[static CODE_CHARS])
{
    size_t len = 0;

    for (; *text; text++) {
        if (*text == '-' || *text == ' ')
            continue;
        if (len == CODE_CHARS)
            return false;
        out[len++] = (char)toupper((unsigned char)*text);
    }
    return len == CODE_CHARS;
}

/* NULL: it does not count. */
static struct code *find(struct codes *codes, const char *text, uint64_t now_ms)
{
    char typed[CODE_CHARS];
    struct code *code;

    if (!normalise(text, typed))
        return NULL;
    code = find_first_half(codes, typed);
    if (!code || !is_alive(code, now_ms))
        return NULL;
    if (CRYPTO_memcmp(code->text + HALF, typed + HALF, HALF) == 0)
        return code;
    code->wrong++;
    return NULL;
}

struct code_holder *codes_find(struct codes *codes, const char *text, uint64_t now_ms)
{
    struct code *code = find(codes, text, now_ms);

    return code ? &code->holder : NULL;
}

bool codes_prove(struct codes *codes, const char *text, const struct uuid *player, uint64_t now_ms)
{
    struct code *code = find(codes, text, now_ms);
    bool proves = code && uuid_equal(&code->holder.player, player);

    if (proves)
        *code = (struct code){0};
    else if (code)
        code->wrong++;
    return proves;
}

void codes_end(struct codes *codes, const char *text)
{
    char typed[CODE_CHARS];
    struct code *code = normalise(text, typed) ? find_first_half(codes, typed) : NULL;

    if (code)
        *code = (struct code){0};
}
