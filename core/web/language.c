#include "web/language.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { RANGES_MAX = 32, RANGE_CHARS_MAX = 35, WEIGHT_ONE = 1000 };

struct range {
    char tag[RANGE_CHARS_MAX + 1];
    int weight; /* in thousandths; 0: not wanted */
};

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* "1", "0.8", "0.125"; what is none of these counts as not wanted. */
static int read_weight(const char *at)
{
    int weight = 0;
    int unit = WEIGHT_ONE / 10;

    if (*at == '1')
        return WEIGHT_ONE;
    if (at[0] != '0' || at[1] != '.')
        return 0;
    for (at += 2; isdigit((unsigned char)*at) && unit > 0; at++, unit /= 10)
        weight += (*at - '0') * unit;
    return weight;
}

/* One range of the list, which ends at `end`. */
static bool read_range(const char *at, const char *end, struct range *out)
{
    size_t len;

    at = skip_blanks(at);
    len = strcspn(at, ";, \t");
    if (len == 0 || len > RANGE_CHARS_MAX)
        return false;
    memcpy(out->tag, at, len);
    out->tag[len] = 0;
    out->weight = WEIGHT_ONE;
    at = skip_blanks(at + len);
    if (at >= end || *at != ';')
        return true;
    at = skip_blanks(at + 1);
    if (tolower((unsigned char)at[0]) == 'q' && at[1] == '=')
        out->weight = read_weight(at + 2);
    return true;
}

static size_t read_ranges(const char *header, struct range *ranges)
{
    size_t count = 0;

    while (header && *header && count < RANGES_MAX) {
        size_t len = strcspn(header, ",");

        if (read_range(header, header + len, &ranges[count]))
            count++;
        header += header[len] ? len + 1 : len;
    }
    return count;
}

/* The first of the heaviest. NULL: none is left that is wanted. */
static struct range *heaviest(struct range *ranges, size_t count)
{
    struct range *best = NULL;

    for (size_t i = 0; i < count; i++)
        if (ranges[i].weight > 0 && (!best || ranges[i].weight > best->weight))
            best = &ranges[i];
    return best;
}

const struct policy_text *language_text(const struct policy *policy, const char *header)
{
    struct range ranges[RANGES_MAX];
    size_t count = read_ranges(header, ranges);
    const struct policy_text *text = NULL;
    struct range *range;

    while (!text && (range = heaviest(ranges, count)) != NULL) {
        range->weight = 0;
        text = strcmp(range->tag, "*") == 0 ? policy_text_for(policy, NULL)
                                            : policy_text_match(policy, range->tag);
    }
    return text ? text : policy_text_for(policy, NULL);
}
