/*
 * /privacy data: what is held of a player, by server, field and purpose, and until when. Who wants
 * to correct something chooses it from the same list.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "session/privacy.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_BYTES = 96 };

/* All values of one field that one server keeps for one purpose. */
struct held_line {
    struct held_line *next;
    char *server, *field, *purpose;
    char *latest; /* its beginning */
    unsigned count;
    int64_t expires_at_ms; /* of the one that is kept the longest */
};

struct held_list {
    struct held_line *lines;
    bool to_correct;
    enum message first; /* what is said above a list that is not empty */
};

static void free_line(struct held_line *line)
{
    free(line->server);
    free(line->field);
    free(line->purpose);
    free(line->latest);
    free(line);
}

void held_free(struct session *session)
{
    struct held_list *list = session->privacy.held;

    while (list && list->lines) {
        struct held_line *line = list->lines;

        list->lines = line->next;
        free_line(line);
    }
    free(list);
    session->privacy.held = NULL;
}

static struct held_line *line_of(struct held_list *list, const struct store_held *held)
{
    struct held_line **at = &list->lines;

    while (*at &&
           (strcmp((*at)->server, held->server) != 0 || strcmp((*at)->field, held->field) != 0 ||
            strcmp((*at)->purpose, held->purpose) != 0))
        at = &(*at)->next;
    if (!*at) {
        *at = mem_alloc(sizeof **at);
        (*at)->server = mem_strdup(held->server);
        (*at)->field = mem_strdup(held->field);
        (*at)->purpose = mem_strdup(held->purpose);
    }
    return *at;
}

/* Its beginning, up to a whole character. */
static char *beginning_of(struct slice value)
{
    size_t len = value.len;

    if (len <= SHOWN_BYTES)
        return mem_strndup((const char *)value.data, len);
    len = SHOWN_BYTES;
    while (len > 0 && (value.data[len] & 0xC0) == 0x80)
        len--;
    return mem_format("%.*s…", (int)len, (const char *)value.data);
}

/* Neither what comes from the account nor what nobody observed: an inquiry, a plugin's. */
static bool is_correctable(const struct store_held *held)
{
    return held->can_be_corrected && !field_is_identity(field_by_name(held->field));
}

static void add(struct held_list *list, const struct store_held *held)
{
    struct held_line *line;

    if (list->to_correct && !is_correctable(held))
        return;
    line = line_of(list, held);
    free(line->latest); /* the oldest comes first */
    line->latest = beginning_of(held->value);
    line->count++;
    if (held->expires_at_ms > line->expires_at_ms)
        line->expires_at_ms = held->expires_at_ms;
}

static const char *label_of(const struct session *session, const struct held_line *line)
{
    enum field field = field_by_name(line->field);

    return field ? privacy_field_label(session, field) : line->field;
}

/* "IP address: 10.0.0.0 (2), game, service, until 2026-12-01". */
static void tell(const struct session *session, const struct held_line *line, struct page *page)
{
    char day[CLOCK_DAY_BYTES];
    char *value;

    clock_format_day(line->expires_at_ms, day);
    value = mem_format("%s (×%u) | %s%s%s | %s %s", line->latest, line->count, line->server,
                       line->server[0] ? " | " : "", privacy_purpose_label(session, line->purpose),
                       privacy_words_for(session, MESSAGE_DATA_UNTIL), day);
    page_tell(page, label_of(session, line), value);
    free(value);
}

static void offer_correction(const struct session *session, const struct held_line *line,
                             struct page *page)
{
    char *words = mem_format("correct %s", line->field);

    for (size_t i = 0; i < page->action_count; i++) {
        if (strcmp(page->actions[i].words, words) == 0) {
            free(words);
            return;
        }
    }
    page_act(page, label_of(session, line), words);
}

static void show_list(struct session *session, const struct held_list *list)
{
    enum message title = list->to_correct ? MESSAGE_PRIVACY_CORRECT : MESSAGE_PRIVACY_DATA;
    struct page page = privacy_page(session, title);

    page_say(&page, privacy_words_for(session, list->lines        ? list->first
                                               : list->to_correct ? MESSAGE_CORRECT_NOTHING
                                                                  : MESSAGE_DATA_NOTHING));
    for (const struct held_line *line = list->lines; line; line = line->next) {
        tell(session, line, &page);
        if (list->to_correct)
            offer_correction(session, line, &page);
    }
    if (list->lines && !list->to_correct) {
        page_act(&page, privacy_words_for(session, MESSAGE_PRIVACY_EXPORT), mem_strdup("export"));
        page_act(&page, privacy_words_for(session, MESSAGE_PRIVACY_CORRECT), mem_strdup("correct"));
        page_act(&page, privacy_words_for(session, MESSAGE_PRIVACY_ERASE), mem_strdup("erase"));
    }
    privacy_show(session, &page);
}

static void on_held(void *owner, uint64_t id, int err, const struct store_held *held)
{
    struct session *session = worker_session(owner, id);
    struct held_list *list = session ? session->privacy.held : NULL;

    if (!list)
        return;
    if (held) {
        add(list, held);
        return;
    }
    if (err < 0)
        privacy_line(session, MESSAGE_NO_ANSWER);
    else
        show_list(session, list);
    held_free(session);
}

/* One list at a time. */
static void list_held(struct session *session, bool to_correct, enum message first)
{
    if (session->privacy.held)
        return;
    session->privacy.held = mem_alloc(sizeof *session->privacy.held);
    session->privacy.held->to_correct = to_correct;
    session->privacy.held->first = first;
    store_held_list(session->worker->store, session->id, &session->profile.uuid, on_held);
}

void privacy_data(struct session *session, const struct asked *asked)
{
    (void)asked;
    list_held(session, false, MESSAGE_DATA_INTRO);
}

void privacy_list_to_correct(struct session *session, enum message first)
{
    list_held(session, true, first);
}
