/*
 * What a server is told about a player. Every value passes the server's rules here; there is no
 * other way from a session to a backend.
 */
#include "protocol/packet.h"
#include "session/phases.h"
#include "session/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WITH_LOWER_CASE_LOCALE = 315 }; /* 1.11 */

static const struct rules *rules_of(const struct backend *backend)
{
    return worker_rules(backend->session->worker, backend->server);
}

static struct rules_subject subject_at(const struct session *session, size_t server)
{
    struct rules_subject subject = {.player = session->profile.uuid,
                                    .purposes = session->purposes,
                                    .allowed = grant_allows(session->grant, server)};

    if (session->accepted)
        addition_tell(session, server, &subject);
    return subject;
}

struct rules_subject told_subject(const struct backend *backend)
{
    return subject_at(backend->session, backend->server);
}

/* The one of several values of a field that has this number. */
static void forward_one(const struct backend *backend, enum field field, size_t number,
                        struct slice value, struct buf *out)
{
    struct field_value typed = {.field = field, .bytes = value};
    struct rules_subject subject = told_subject(backend);
    size_t start = out->len;
    enum field_form form = rules_forward(rules_of(backend), &subject, &typed, out);

    if (form != FIELD_FORM_NONE)
        usage_note(backend->session->worker->usage, rules_of(backend), backend->server,
                   RULES_FORWARD, field);

    mirror_note(backend,
                &(struct mirror_value){.field = field,
                                       .number = number,
                                       .form = form,
                                       .bytes = slice_of(out->data + start, out->len - start)});
}

static void forward(const struct backend *backend, enum field field, struct slice value,
                    struct buf *out)
{
    forward_one(backend, field, 0, value, out);
}

void told_host(const struct backend *backend, struct buf *out)
{
    forward(backend, FIELD_CONNECTION_HOSTNAME, slice_str(backend->session->host), out);
}

void told_address(const struct backend *backend, struct buf *out)
{
    forward(backend, FIELD_CONNECTION_IP, slice_str(backend->session->address), out);
}

bool told_is_pseudonymous(const struct backend *backend)
{
    struct rules_subject subject = told_subject(backend);

    return rules_pseudonymous(rules_of(backend), &subject);
}

/*
 * The key is signed for an account, and other servers know whose it is. A server that has it
 * insists on every line that was signed.
 */
const struct profile_key *told_key(const struct backend *backend)
{
    return backend->keyless || told_is_pseudonymous(backend) ? NULL : backend->session->profile.key;
}

static void tell_uuid(const struct backend *backend, struct profile *out)
{
    char own[UUID_TEXT_BYTES];
    struct buf told = {0};

    uuid_format(&backend->session->profile.uuid, own);
    forward(backend, FIELD_PLAYER_UUID, slice_str(own), &told);
    if (uuid_parse(buf_text(&told), &out->uuid) < 0)
        out->uuid = (struct uuid){0};
    buf_free(&told);
}

static void tell_name(const struct backend *backend, struct profile *out)
{
    struct buf told = {0};

    forward(backend, FIELD_PLAYER_NAME, slice_str(backend->session->profile.name), &told);
    snprintf(out->name, sizeof out->name, "%s", buf_text(&told));
    buf_free(&told);
}

/* Who would be asked before they could come to the server is not known there. */
static bool is_known_at(const struct session *player, size_t server)
{
    return player->state == SESSION_RELAY && !player->closing &&
           (player->backend->server == server || addition_part(player, server) == 0);
}

bool told_to(const struct session *reader, const struct session *player, enum field field,
             struct buf *out)
{
    struct field_value raw = {.field = field};
    struct rules_subject subject;
    struct buf known = {0};
    size_t start = out->len;

    if (reader->state == SESSION_RELAY && is_known_at(player, reader->backend->server) &&
        known_field(player, field, &known)) {
        raw.bytes = buf_slice(&known);
        subject = subject_at(player, reader->backend->server);
        rules_forward(worker_rules(reader->worker, reader->backend->server), &subject, &raw, out);
    }
    buf_free(&known);
    return out->len > start;
}

/* A property that the rules leave nothing of is left out with its name and signature. */
static void tell_skin(const struct backend *backend, struct profile *out)
{
    const struct profile *own = &backend->session->profile;
    struct buf told = {0};

    for (size_t i = 0; i < own->property_count; i++) {
        const struct profile_property *property = &own->properties[i];
        struct slice signature = {0};

        buf_clear(&told);
        forward_one(backend, FIELD_PLAYER_SKIN, i, slice_str(property->value), &told);
        if (property->signature)
            signature = slice_str(property->signature);
        if (told.len > 0)
            profile_add_property(out, slice_str(property->name), buf_slice(&told), signature);
    }
    buf_free(&told);
}

void told_profile(const struct backend *backend, struct profile *out)
{
    *out = (struct profile){.proof = backend->session->profile.proof};
    tell_uuid(backend, out);
    tell_name(backend, out);
    tell_skin(backend, out);
}

/* From the version `since` on, which has it on the wire. */
static void neutral_int(const struct session *session, enum field field, int since,
                        struct buf *scratch, int32_t *value)
{
    char text[12];

    if (session->protocol < since)
        return;
    snprintf(text, sizeof text, "%d", *value);
    buf_clear(scratch);
    forward(session->backend, field, slice_str(text), scratch);
    *value = (int32_t)strtol(buf_text(scratch), NULL, 10);
}

/* A neutral "en_us" is "en_US" to a server from before 1.11. */
static void put_locale(const struct session *session, struct buf *scratch, struct settings *out)
{
    struct slice own = slice_str(session->settings.locale);
    size_t len;

    buf_clear(scratch);
    forward(session->backend, FIELD_CLIENT_LOCALE, own, scratch);
    len = scratch->len < sizeof out->locale ? scratch->len : sizeof out->locale - 1;
    memset(out->locale, 0, sizeof out->locale);
    memcpy(out->locale, scratch->data, len);
    if (session->protocol < WITH_LOWER_CASE_LOCALE && strcmp(out->locale, "en_us") == 0 &&
        !slice_equal(own, buf_slice(scratch)))
        memcpy(out->locale, "en_US", 6);
}

static struct settings allowed_settings(const struct session *session)
{
    struct settings told = session->settings;
    struct buf scratch = {0};
    int32_t view_distance = told.view_distance;
    int32_t skin_parts = told.skin_parts;
    int32_t colors = told.chat_colors;
    int32_t filtering = told.text_filtering;
    int32_t listing = told.server_listing;

    put_locale(session, &scratch, &told);
    neutral_int(session, FIELD_CLIENT_VIEW_DISTANCE, 0, &scratch, &view_distance);
    neutral_int(session, FIELD_CLIENT_CHAT_MODE, 0, &scratch, &told.chat_mode);
    neutral_int(session, FIELD_CLIENT_CHAT_COLORS, 0, &scratch, &colors);
    /* 1.7 has the first of them alone, the cape. */
    neutral_int(session, FIELD_CLIENT_SKIN_PARTS, 0, &scratch, &skin_parts);
    neutral_int(session, FIELD_CLIENT_MAIN_HAND, SETTINGS_WITH_MAIN_HAND, &scratch,
                &told.main_hand);
    neutral_int(session, FIELD_CLIENT_TEXT_FILTERING, SETTINGS_WITH_TEXT_FILTERING, &scratch,
                &filtering);
    neutral_int(session, FIELD_CLIENT_SERVER_LISTING, SETTINGS_WITH_SERVER_LISTING, &scratch,
                &listing);
    neutral_int(session, FIELD_CLIENT_PARTICLES, SETTINGS_WITH_PARTICLES, &scratch,
                &told.particles);
    told.view_distance = (int8_t)view_distance;
    told.skin_parts = (uint8_t)skin_parts;
    told.chat_colors = colors != 0;
    told.text_filtering = filtering != 0;
    told.server_listing = listing != 0;
    buf_free(&scratch);
    return told;
}

void told_settings(struct session *session, int id, struct buf *packets)
{
    struct settings told = allowed_settings(session);
    size_t mark = packet_begin(packets, id);

    settings_write(session->protocol, &told, packets);
    packet_end(packets, mark);
}

void told_brand(struct session *session, int id, struct buf *packets)
{
    struct buf told = {0};
    size_t mark = packet_begin(packets, id);

    forward(session->backend, FIELD_CLIENT_BRAND, buf_slice(&session->brand), &told);
    brand_write(session->protocol, buf_slice(&told), packets);
    packet_end(packets, mark);
    buf_free(&told);
}

void told_protocol(const struct backend *backend)
{
    char text[12];

    snprintf(text, sizeof text, "%d", backend->session->protocol);
    mirror_note(backend, &(struct mirror_value){.field = FIELD_CLIENT_PROTOCOL,
                                                .form = FIELD_FORM_FULL,
                                                .bytes = slice_str(text)});
}

void told_anew(struct session *session)
{
    struct buf packets = {0};

    if (session->state != SESSION_RELAY || !session->backend->joined ||
        session->up != PROTOCOL_PLAY || session->down != PROTOCOL_PLAY)
        return;
    if (session->has_settings)
        told_settings(session, packet_map_id(session->map, PACKET_PLAY_S_SETTINGS), &packets);
    if (session->brand.len > 0)
        told_brand(session, packet_map_id(session->map, PACKET_PLAY_S_CUSTOM_PAYLOAD), &packets);
    backend_send(session->backend, &packets);
    buf_free(&packets);
}
