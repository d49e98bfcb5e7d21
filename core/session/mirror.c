/*
 * What each server was told about a player in this session, value by value as it was sent. It is
 * kept in memory, for /privacy mirror alone, and goes with the session.
 */
#include "base/mem.h"
#include "session/privacy.h"

#include <stdlib.h>
#include <string.h>

/* A session that goes round many servers forgets the oldest; a long value its end. */
enum { ENTRIES_MAX = 256, VALUE_BYTES_MAX = 256 };

struct mirror_entry {
    struct mirror_entry *next;
    size_t server;
    enum field field;
    size_t number;
    enum field_form form;
    size_t len; /* of the whole value */
    char value[];
};

static struct mirror_entry **find(struct session *session, size_t server,
                                  const struct mirror_value *value)
{
    struct mirror_entry **at = &session->mirror;

    while (*at && ((*at)->server != server || (*at)->field != value->field ||
                   (*at)->number != value->number))
        at = &(*at)->next;
    return at;
}

static void take_out(struct session *session, struct mirror_entry **at)
{
    struct mirror_entry *entry = *at;

    if (!entry)
        return;
    *at = entry->next;
    free(entry);
    session->mirrored--;
}

static void forget_oldest(struct session *session)
{
    struct mirror_entry **at = &session->mirror;

    while (*at && (*at)->next)
        at = &(*at)->next;
    take_out(session, at);
}

/* Cut behind a whole character. */
static size_t cut(struct slice bytes)
{
    size_t len = bytes.len;

    if (len <= VALUE_BYTES_MAX)
        return len;
    len = VALUE_BYTES_MAX;
    while (len > 0 && (bytes.data[len] & 0xC0) == 0x80)
        len--;
    return len;
}

void mirror_note(const struct backend *backend, const struct mirror_value *value)
{
    struct session *session = backend->session;
    struct mirror_entry **at = find(session, backend->server, value);
    size_t len = cut(value->bytes);
    struct mirror_entry *entry = mem_alloc(sizeof *entry + len + 1);

    if (*at)
        take_out(session, at);
    else if (session->mirrored >= ENTRIES_MAX)
        forget_oldest(session);
    entry->server = backend->server;
    entry->field = value->field;
    entry->number = value->number;
    entry->form = value->form;
    entry->len = value->bytes.len;
    for (size_t i = 0; i < len; i++)
        entry->value[i] = value->bytes.data[i] == 0 ? ' ' : (char)value->bytes.data[i];
    entry->next = session->mirror;
    session->mirror = entry;
    session->mirrored++;
}

void mirror_free(struct session *session)
{
    while (session->mirror)
        take_out(session, &session->mirror);
}

static enum message words_of(enum field_form form)
{
    switch (form) {
    case FIELD_FORM_FULL: return MESSAGE_FORM_FULL;
    case FIELD_FORM_PSEUDONYM: return MESSAGE_FORM_PSEUDONYM;
    case FIELD_FORM_TRUNCATE: return MESSAGE_FORM_TRUNCATE;
    case FIELD_FORM_NONE:
    case FIELD_FORM_DROP: return MESSAGE_FORM_NEUTRAL;
    case FIELD_FORM_COUNT:
    case FIELD_FORM_FLAG:
    case FIELD_FORM_BUCKET:
    case FIELD_FORM_CATEGORY:
    case FIELD_FORM_FUNCTION:
    case FIELD_FORMS: break;
    }
    return MESSAGE_FORM_CHANGED;
}

static void show(const struct session *session, const struct mirror_entry *entry, struct page *page)
{
    const char *locale = session_locale(session);
    const char *value = entry->len > 0 ? entry->value : message_text(MESSAGE_NOTHING, locale);
    char *line = mem_format("%s%s (%s)", value, strlen(value) < entry->len ? "…" : "",
                            message_text(words_of(entry->form), locale));

    page_tell(page, privacy_field_label(session, entry->field), line);
    free(line);
}

static void head(const struct session *session, size_t server, struct page *page)
{
    struct text *line = text_new(session->worker->conf->servers[server].name);

    line->bold = true;
    page_add(page, line);
}

/* By server and field, in the catalogue's order. */
void mirror_show(const struct session *session, struct page *page)
{
    for (size_t server = 0; server < session->worker->conf->server_count; server++) {
        bool named = false;

        for (int field = FIELD_NONE + 1; field < FIELDS; field++) {
            for (const struct mirror_entry *entry = session->mirror; entry; entry = entry->next) {
                if (entry->server != server || entry->field != (enum field)field)
                    continue;
                if (!named)
                    head(session, server, page);
                named = true;
                show(session, entry, page);
            }
        }
    }
}
