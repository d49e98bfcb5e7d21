/*
 * What is kept of a player, by the rules of the server that they are with. Every value passes them
 * here; there is no other way from a session to the store.
 */
#include "base/clock.h"
#include "protocol/mods.h"
#include "protocol/wire.h"
#include "session/phases.h"
#include "session/usage.h"

#include <stdio.h>
#include <string.h>

enum { CHAT_CHARS_MAX = 32767 };

/* FNV-1a, 64 bits. */
static const uint64_t FNV_OFFSET = 0xcbf29ce484222325;
static const uint64_t FNV_PRIME = 0x100000001b3;

/* Puts a value before the rules, and what they leave of it into the store. */
static void keep(struct backend *backend, enum field field, struct slice value)
{
    struct session *session = backend->session;
    struct worker *worker = session->worker;
    const struct rules *rules = worker_rules(worker, backend->server);
    struct field_value typed = {.field = field, .bytes = value};
    struct rules_subject subject = told_subject(backend);
    struct rules_record kept;
    struct store_observation observation;
    const char *version;
    char form[RULES_FORM_BYTES];

    if (!rules_record(rules, &subject, &typed, &kept))
        return;
    version = addition_version(session, backend->server, kept.purpose);
    observation = (struct store_observation){
        .player = session->profile.uuid,
        .server = backend_server(backend)->name,
        .field = field_name(field),
        .purpose = kept.purpose,
        .policy_version = version ? version : session->agreed.terms.version,
        .rules_hash = rules_hash(rules),
        .form = rules_kept_form(rules, field, form),
        .counted = kept.counted,
        .counts_players = conf_publishes(worker->conf, kept.purpose),
        .value = buf_slice(&kept.text),
        .observed_at_ms = clock_wall_ms(),
    };
    observation.expires_at_ms = observation.observed_at_ms + kept.keep_ms;
    store_observe(worker->store, &observation);
    usage_note(worker->usage, rules, backend->server, RULES_COLLECT, field);
    buf_free(&kept.text);
}

/* Asked before a value is made ready: most rules keep little. */
static bool collects(const struct backend *backend, enum field field)
{
    return rules_collects(worker_rules(backend->session->worker, backend->server), field);
}

void kept_state(struct session *session, enum field field, struct slice value)
{
    uint64_t *last = &session->backend->kept[field];
    uint64_t hash = FNV_OFFSET;

    if (!collects(session->backend, field))
        return;
    for (size_t i = 0; i < value.len; i++)
        hash = (hash ^ value.data[i]) * FNV_PRIME;
    if (*last != hash)
        keep(session->backend, field, value);
    *last = hash;
}

static void keep_number(struct backend *backend, enum field field, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)number);
    keep(backend, field, slice_str(text));
}

void kept_visit_begins(struct session *session)
{
    struct backend *backend = session->backend;
    char uuid[UUID_TEXT_BYTES];
    char now[CLOCK_TEXT_BYTES];

    uuid_format(&session->profile.uuid, uuid);
    clock_format(clock_wall_ms(), now);
    keep(backend, FIELD_PLAYER_UUID, slice_str(uuid));
    keep(backend, FIELD_PLAYER_NAME, slice_str(session->profile.name));
    keep(backend, FIELD_CONNECTION_IP, slice_str(session->address));
    keep(backend, FIELD_CONNECTION_HOSTNAME, slice_str(session->host));
    keep_number(backend, FIELD_CLIENT_PROTOCOL, session->protocol);
    keep(backend, FIELD_SESSION_START, slice_str(now));
    keep(backend, FIELD_SESSION_SERVER, slice_str(backend_server(backend)->name));
}

void kept_visit_ends(struct backend *backend)
{
    struct session *session = backend->session;
    uint64_t seconds = (session_now(session) - backend->linked_at_ms) / 1000;
    int ping = -1;

    keep_number(backend, FIELD_SESSION_DURATION, (int64_t)seconds);
    if (collects(backend, FIELD_SESSION_PING))
        ping = conn_round_trip_ms(session->client);
    if (ping >= 0)
        keep_number(backend, FIELD_SESSION_PING, ping);
}

void kept_settings(struct session *session)
{
    const struct settings *settings = &session->settings;
    const struct {
        enum field field;
        int since;
        int32_t value;
    } numbers[] = {
        {FIELD_CLIENT_VIEW_DISTANCE, 0, settings->view_distance},
        {FIELD_CLIENT_CHAT_MODE, 0, settings->chat_mode},
        {FIELD_CLIENT_CHAT_COLORS, 0, settings->chat_colors},
        {FIELD_CLIENT_SKIN_PARTS, SETTINGS_WITH_SKIN_PARTS, settings->skin_parts},
        {FIELD_CLIENT_MAIN_HAND, SETTINGS_WITH_MAIN_HAND, settings->main_hand},
        {FIELD_CLIENT_TEXT_FILTERING, SETTINGS_WITH_TEXT_FILTERING, settings->text_filtering},
        {FIELD_CLIENT_SERVER_LISTING, SETTINGS_WITH_SERVER_LISTING, settings->server_listing},
        {FIELD_CLIENT_PARTICLES, SETTINGS_WITH_PARTICLES, settings->particles},
    };

    kept_state(session, FIELD_CLIENT_LOCALE, slice_str(settings->locale));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char text[12];

        if (session->protocol < numbers[i].since || !collects(session->backend, numbers[i].field))
            continue;
        snprintf(text, sizeof text, "%d", numbers[i].value);
        kept_state(session, numbers[i].field, slice_str(text));
    }
}

/* Names with a zero behind each, as names with commas between them. */
void kept_channels(struct session *session)
{
    struct buf list = {0};

    if (session->channels.len == 0 || !collects(session->backend, FIELD_CLIENT_CHANNELS))
        return;
    buf_append(&list, session->channels.data, session->channels.len - 1);
    for (size_t i = 0; i < list.len; i++)
        if (list.data[i] == 0)
            list.data[i] = ',';
    kept_state(session, FIELD_CLIENT_CHANNELS, buf_slice(&list));
    buf_free(&list);
}

/* Of a mod loader's handshake: `channel` and what was said on it; other messages say nothing. */
void kept_mods(struct session *session, struct slice channel, struct slice data)
{
    struct buf list = {0};

    if (collects(session->backend, FIELD_CLIENT_MODS) && mods_read(channel, data, &list))
        kept_state(session, FIELD_CLIENT_MODS, buf_slice(&list));
    buf_free(&list);
}

bool kept_wants_packs(const struct session *session)
{
    return collects(session->backend, FIELD_CLIENT_RESOURCE_PACK);
}

void kept_pack(struct session *session, const struct packet_in *packet)
{
    const char *answer = pack_answer(packet);

    if (answer && kept_wants_packs(session))
        keep(session->backend, FIELD_CLIENT_RESOURCE_PACK, slice_str(answer));
}

/* A private message is nobody's but its writer's and its reader's. */
void kept_chat(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    bool command = packet->kind != PACKET_PLAY_S_CHAT;
    struct slice line;

    if (!collects(session->backend, FIELD_CHAT_MESSAGE) &&
        !collects(session->backend, FIELD_CHAT_COMMAND))
        return;
    line = slice_skip_spaces(reader_string(&reader, CHAT_CHARS_MAX));
    if (!reader_ok(&reader))
        return;
    if (!command && line.len > 0 && line.data[0] == '/') {
        command = true;
        line = slice_skip_spaces(slice_of(line.data + 1, line.len - 1));
    }
    if (!command)
        keep(session->backend, FIELD_CHAT_MESSAGE, line);
    else if (!conf_is_private_command(session->worker->conf, line))
        keep(session->backend, FIELD_CHAT_COMMAND, line);
}
