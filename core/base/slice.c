#include "base/slice.h"

/* Length of the well-formed sequence at `p`, or 0 (Unicode 15, table 3-7). */
static size_t utf8_sequence(const uint8_t *p, size_t left)
{
    static const struct {
        uint8_t lead_lo, lead_hi, second_lo, second_hi, len;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    if (p[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (p[0] < forms[i].lead_lo || p[0] > forms[i].lead_hi)
            continue;
        if (left < forms[i].len || p[1] < forms[i].second_lo || p[1] > forms[i].second_hi)
            return 0;
        for (size_t k = 2; k < forms[i].len; k++)
            if ((p[k] & 0xC0) != 0x80)
                return 0;
        return forms[i].len;
    }
    return 0;
}

bool slice_is_utf8(struct slice text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t len = utf8_sequence(text.data + at, text.len - at);

        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

int slice_number(struct slice text)
{
    enum { DIGITS_MAX = 5 };
    int number = 0;

    for (size_t i = 0; i < text.len && i < DIGITS_MAX; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            break;
        number = number * 10 + (text.data[i] - '0');
    }
    return number;
}
