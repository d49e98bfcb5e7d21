/*
 * What rules cost: a decision that is read from the table, one that asks a function, and the
 * settings of a client made ready for a server with and without rules. FOLDER takes the rule file.
 * Part of `make bench`.
 */
#include "rules/rules.h"

#include "base/mem.h"
#include "protocol/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 200 * 1000, RUNS = 10, SAMPLES = 20 * 1000 };

static struct policy_purpose purposes[] = {{.name = (char[]){"service"}, .keep_ms = 86400000}};
static const struct policy policy = {.purposes = purposes, .purpose_count = 1};
static const uint8_t key[RULES_KEY_BYTES] = {1};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static char name[] = "game";
static struct conf_server server = {.name = name};

static struct rules *load(const char *folder, const char *text)
{
    struct diag diag = {0};
    struct rules *rules;
    FILE *file;

    free(server.rules);
    server.rules = mem_format("%s/rules.lua", folder);
    file = fopen(server.rules, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
    if (rules_load(&server, &policy, key, &diag, &rules) < 0) {
        diag_print(&diag, stderr);
        exit(EXIT_FAILURE);
    }
    return rules;
}

static int compare(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;

    return (*left > *right) - (*left < *right);
}

/*
 * Nanoseconds: the mean of one question to the rules, its answer going into a buffer that is there.
 * Of the quietest of some runs: what else the machine does is not the rules' cost.
 */
static double forward_ns(const struct rules *rules, enum field field, const char *value)
{
    struct rules_subject subject = {.purposes = 1, .allowed = RULES_ALL};
    struct field_value typed = {.field = field, .bytes = slice_str(value)};
    struct buf out = {0};
    int64_t least = INT64_MAX;

    for (int run = 0; run < RUNS; run++) {
        int64_t begun = now_ns();
        int64_t took;

        for (int i = 0; i < ROUNDS; i++) {
            buf_clear(&out);
            rules_forward(rules, &subject, &typed, &out);
        }
        took = now_ns() - begun;
        least = took < least ? took : least;
    }
    buf_free(&out);
    return (double)least / ROUNDS;
}

/* Nanoseconds: the median, of single calls. */
static int64_t median_ns(const struct rules *rules, enum field field, const char *value)
{
    struct rules_subject subject = {.purposes = 1, .allowed = RULES_ALL};
    struct field_value typed = {.field = field, .bytes = slice_str(value)};
    int64_t *samples = mem_array(SAMPLES, sizeof *samples);
    struct buf out = {0};
    int64_t median;

    for (int i = 0; i < SAMPLES; i++) {
        int64_t begun = now_ns();

        buf_clear(&out);
        rules_forward(rules, &subject, &typed, &out);
        samples[i] = now_ns() - begun;
    }
    qsort(samples, SAMPLES, sizeof *samples, compare);
    median = samples[SAMPLES / 2];
    free(samples);
    buf_free(&out);
    return median;
}

/* Nanoseconds: the settings of a client read and written again, asking `rules` for their parts. */
static double settings_ns(const struct rules *rules)
{
    static const enum field fields[] = {
        FIELD_CLIENT_LOCALE,         FIELD_CLIENT_CHAT_MODE, FIELD_CLIENT_CHAT_COLORS,
        FIELD_CLIENT_SKIN_PARTS,     FIELD_CLIENT_MAIN_HAND, FIELD_CLIENT_TEXT_FILTERING,
        FIELD_CLIENT_SERVER_LISTING, FIELD_CLIENT_PARTICLES,
    };
    struct rules_subject subject = {.purposes = 1, .allowed = RULES_ALL};
    struct settings settings = {.locale = "ja_jp", .view_distance = 10, .skin_parts = 127};
    struct buf body = {0};
    struct buf out = {0};
    int64_t begun = now_ns();

    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&body);
        settings_write(775, &settings, &body);
        if (settings_read(775, buf_slice(&body), &settings) < 0)
            abort();
        for (size_t field = 0; rules && field < sizeof fields / sizeof fields[0]; field++) {
            struct field_value typed = {.field = fields[field], .bytes = slice_str("1")};

            buf_clear(&out);
            rules_forward(rules, &subject, &typed, &out);
        }
    }
    buf_free(&body);
    buf_free(&out);
    return (double)(now_ns() - begun) / ROUNDS;
}

int main(int argc, char **argv)
{
    struct rules *rules;

    if (argc != 2) {
        fprintf(stderr, "usage: rules FOLDER\n");
        return EXIT_FAILURE;
    }
    rules = load(argv[1], "forward 'client.locale' { form = full }\n"
                          "forward 'client.brand' { form = function(ctx) return lower(ctx.value) "
                          "end }\n");
    printf("rules: a decision from the table, forwarded  %7.1f ns\n",
           forward_ns(rules, FIELD_CLIENT_LOCALE, "ja_jp"));
    printf("rules: a decision from the table, denied     %7.1f ns\n",
           forward_ns(rules, FIELD_CONNECTION_HOSTNAME, "play.example.net"));
    printf("rules: a function of a rule, the median      %7.1f ns\n",
           (double)median_ns(rules, FIELD_CLIENT_BRAND, "Fabric"));
    printf("rules: a client's settings without rules     %7.1f ns\n", settings_ns(NULL));
    printf("rules: a client's settings with rules        %7.1f ns\n", settings_ns(rules));
    rules_free(rules);
    return EXIT_SUCCESS;
}
