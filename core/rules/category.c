#include "rules/category.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A value of at most `most` belongs to the step; the last one has no bound. */
struct step {
    long most;
    const char *name;
};

static const struct step durations[] = {{299, "under 5 minutes"},
                                        {1799, "5 to 30 minutes"},
                                        {7199, "30 minutes to 2 hours"},
                                        {0, "over 2 hours"}};
static const struct step pings[] = {
    {49, "under 50 ms"}, {149, "50 to 150 ms"}, {299, "150 to 300 ms"}, {0, "over 300 ms"}};
static const struct step counts[] = {
    {0, "none"}, {10, "1 to 10"}, {50, "11 to 50"}, {0, "over 50"}};
static const struct step releases[] = {
    {5, "1.7"},    {47, "1.8"},   {110, "1.9"},  {210, "1.10"}, {316, "1.11"}, {340, "1.12"},
    {404, "1.13"}, {498, "1.14"}, {578, "1.15"}, {754, "1.16"}, {756, "1.17"}, {758, "1.18"},
    {762, "1.19"}, {766, "1.20"}, {774, "1.21"}, {777, "26"},   {0, "newer"}};

#define STEPS(steps) (steps), sizeof(steps) / sizeof(steps)[0]

static const char *step_of(const struct step *steps, size_t count, long value)
{
    size_t i = 0;

    while (i + 1 < count && value > steps[i].most)
        i++;
    return steps[i].name;
}

static long number_of(struct slice text)
{
    char digits[24] = "";

    if (text.len < sizeof digits)
        memcpy(digits, text.data, text.len);
    return strtol(digits, NULL, 10);
}

/* Of a list with commas between its names. */
static long length_of(struct slice list)
{
    long length = list.len > 0;

    for (size_t i = 0; i < list.len; i++)
        length += list.data[i] == ',';
    return length;
}

/* The loader or client that a brand names; what players make up themselves is "other". */
static const char *software_of(struct slice brand)
{
    static const char *const known[] = {"vanilla", "neoforge", "forge", "fml",
                                        "quilt",   "fabric",   "lunar", "badlion",
                                        "labymod", "feather",  "geyser"};
    char *lower = mem_strndup((const char *)brand.data, brand.len);
    const char *found = "other";

    for (char *at = lower; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strstr(lower, known[i])) {
            found = known[i];
            break;
        }
    free(lower);
    return found;
}

static const char *family_of(struct slice address)
{
    return memchr(address.data, ':', address.len) ? "ipv6" : "ipv4";
}

/* The value up to the first of `ends`, in lower case. */
static void put_start(struct slice value, const char *ends, struct buf *out)
{
    for (size_t i = 0; i < value.len && !strchr(ends, value.data[i]); i++)
        buf_append_byte(out, (uint8_t)tolower(value.data[i]));
}

void category_put(const struct field_value *value, struct buf *out)
{
    struct slice bytes = value->bytes;

    switch ((int)value->field) {
    case FIELD_CONNECTION_IP: buf_append_str(out, family_of(bytes)); break;
    case FIELD_CLIENT_PROTOCOL:
        buf_append_str(out, step_of(STEPS(releases), number_of(bytes)));
        break;
    case FIELD_CLIENT_BRAND: buf_append_str(out, software_of(bytes)); break;
    case FIELD_CLIENT_MODS:
    case FIELD_CLIENT_CHANNELS:
        buf_append_str(out, step_of(STEPS(counts), length_of(bytes)));
        break;
    case FIELD_SESSION_DURATION:
        buf_append_str(out, step_of(STEPS(durations), number_of(bytes)));
        break;
    case FIELD_SESSION_PING: buf_append_str(out, step_of(STEPS(pings), number_of(bytes))); break;
    case FIELD_CLIENT_LOCALE: put_start(bytes, "_-", out); break;
    case FIELD_SESSION_START: put_start(bytes, "Tt", out); break;
    case FIELD_CHAT_COMMAND: put_start(bytes, " ", out); break;
    default: break;
    }
}
