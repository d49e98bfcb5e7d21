#include "cli/pretend.h"

#include "base/err.h"
#include "base/mem.h"
#include "net/address.h"
#include "net/dial.h"
#include "protocol/packets.h"
#include "protocol/settings.h"
#include "protocol/text.h"
#include "protocol/wire.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INTENT_LOGIN = 2,
    DIAL_MS = 5000,
    CHANNEL_CHARS_MAX = 256,
    LINE_CHARS_MAX = 32767,
    POSITION_ACTION_BAR = 2,
};

static const char local_host[] = "127.0.0.1";

static void add_line(struct pretend_lines *lines, char *line)
{
    lines->list = mem_resize(lines->list, (lines->count + 1) * sizeof *lines->list);
    lines->list[lines->count++] = line;
}

static void free_lines(struct pretend_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->list[i]);
    free(lines->list);
}

static char *copy(struct slice text)
{
    return mem_strndup((const char *)text.data, text.len);
}

static size_t begin(struct buf *packets, enum packet_kind kind)
{
    return packet_begin(packets, packet_id(kind, PRETEND_PROTOCOL));
}

static void send_to(struct pretend_peer *peer, struct buf *packets)
{
    struct slice list = buf_slice(packets);
    struct buf frames = {0};
    struct slice packet;

    while (peer->conn && packet_next(&list, &packet))
        (void)!frame_write(peer->of->codec, packet, peer->threshold, &frames);
    if (peer->conn)
        conn_write(peer->conn, buf_slice(&frames));
    buf_free(&frames);
    buf_free(packets);
}

static void hang_up(struct pretend_peer *peer)
{
    conn_close(peer->conn);
    peer->conn = NULL;
}

static size_t on_bytes(void *owner, struct slice bytes)
{
    struct pretend_peer *peer = owner;
    size_t used = 0;

    while (peer->conn && used < bytes.len) {
        struct slice rest = slice_of(bytes.data + used, bytes.len - used);
        struct frame frame;
        struct slice whole;
        struct buf body = {0};
        struct reader reader;
        int err = frame_read_head(rest, peer->threshold >= 0, PACKET_BYTES_MAX, &frame);
        int32_t id;

        if (err < 0 || rest.len < frame.whole_len ||
            frame_open(peer->of->codec, rest, &frame, FRAME_INFLATED_MAX, &whole) < 0)
            break;
        reader = reader_of(whole);
        id = reader_varint(&reader);
        buf_append_slice(&body, reader_rest(&reader)); /* the codec writes answers meanwhile */
        peer->of->heard++;
        peer->packet(peer, id, buf_slice(&body));
        buf_free(&body);
        used += frame.whole_len;
    }
    return peer->conn ? used : bytes.len;
}

static void on_drained(void *owner)
{
    (void)owner;
}

static void on_ended(void *owner, int err)
{
    struct pretend_peer *peer = owner;

    (void)err;
    peer->of->heard++;
    hang_up(peer);
    if (peer->is_client)
        ((struct pretend_client *)peer->owner)->gone = true;
}

static const struct conn_events events = {
    .received = on_bytes, .drained = on_drained, .ended = on_ended};

/* What a text component says. */
static void add_plain(const json_t *json, struct buf *out)
{
    const json_t *item;
    size_t i;

    if (json_is_string(json))
        buf_append_str(out, json_string_value(json));
    if (json_is_object(json)) {
        add_plain(json_object_get(json, "text"), out);
        add_plain(json_object_get(json, "extra"), out);
    }
    json_array_foreach(json, i, item)
    {
        add_plain(item, out);
    }
}

/* Returns owned; NULL: it says nothing. */
static char *plain_of(const json_t *json)
{
    struct buf plain = {0};
    char *said = NULL;

    add_plain(json, &plain);
    if (plain.len > 0)
        said = copy(buf_slice(&plain));
    buf_free(&plain);
    return said;
}

/* Returns owned. */
static json_t *read_component(struct reader *reader)
{
    struct slice text = reader_string(reader, WIRE_STRING_CHARS_MAX);

    return json_loadb((const char *)text.data, text.len, JSON_DECODE_ANY, NULL);
}

/* Returns owned; NULL: it says nothing. */
static char *read_text(struct reader *reader)
{
    json_t *json = read_component(reader);
    char *said = plain_of(json);

    json_decref(json);
    return said;
}

static void add_click(struct pretend_client *client, const json_t *json, const json_t *event)
{
    const char *action = json_string_value(json_object_get(event, "action"));
    const char *line = json_string_value(json_object_get(event, "value"));
    struct pretend_click *click;
    struct buf label = {0};

    if (!action || !line || (strcmp(action, "run_command") && strcmp(action, "suggest_command")))
        return;
    add_plain(json, &label);
    click = mem_alloc(sizeof *click);
    *click = (struct pretend_click){.next = client->clicks,
                                    .label = copy(buf_slice(&label)),
                                    .line = mem_strdup(line),
                                    .begins = action[0] == 's'};
    client->clicks = click;
    buf_free(&label);
}

static void find_clicks(struct pretend_client *client, const json_t *json)
{
    const json_t *item;
    size_t i;

    if (json_object_get(json, "clickEvent"))
        add_click(client, json, json_object_get(json, "clickEvent"));
    json_array_foreach(json_object_get(json, "extra"), i, item)
    {
        find_clicks(client, item);
    }
}

static void replace(char **place, char *text)
{
    free(*place);
    *place = text;
}

static void send_arrival(struct pretend_client *client)
{
    struct settings settings = {.view_distance = 10, .skin_parts = 0x7F, .main_hand = 1};
    struct buf packets = {0};
    size_t mark = begin(&packets, PACKET_PLAY_S_SETTINGS);

    snprintf(settings.locale, sizeof settings.locale, "%s", client->locale);
    settings_write(PRETEND_PROTOCOL, &settings, &packets);
    packet_end(&packets, mark);
    mark = begin(&packets, PACKET_PLAY_S_CUSTOM_PAYLOAD);
    wire_put_cstr(&packets, "MC|Brand");
    wire_put_cstr(&packets, "vanilla");
    packet_end(&packets, mark);
    send_to(&client->peer, &packets);
}

static void on_title(struct pretend_client *client, struct reader *reader)
{
    switch (reader_varint(reader)) {
    case 0: replace(&client->title, read_text(reader)); break;
    case 1: replace(&client->subtitle, read_text(reader)); break;
    case 2: replace(&client->action_bar, read_text(reader)); break;
    case 4:
    case 5:
        replace(&client->title, NULL);
        replace(&client->subtitle, NULL);
        break;
    default: break;
    }
}

static void on_boss_bar(struct pretend_client *client, struct reader *reader)
{
    reader_uuid(reader);
    switch (reader_varint(reader)) {
    case 0:
    case 3: replace(&client->boss_bar, read_text(reader)); break;
    case 1: replace(&client->boss_bar, NULL); break;
    default: break;
    }
}

static void on_chat(struct pretend_client *client, struct reader *reader)
{
    json_t *json = read_component(reader);
    char *text = plain_of(json);

    if (reader_u8(reader) == POSITION_ACTION_BAR) {
        replace(&client->action_bar, text);
    } else if (text) {
        find_clicks(client, json);
        add_line(&client->messages, text);
    }
    json_decref(json);
}

static void on_goodbye(struct pretend_client *client, struct reader *reader)
{
    replace(&client->goodbye, read_text(reader));
    client->gone = true;
}

static void send_back(struct pretend_peer *peer, enum packet_kind kind, struct slice body)
{
    struct buf packets = {0};
    size_t mark = begin(&packets, kind);

    buf_append_slice(&packets, body);
    packet_end(&packets, mark);
    send_to(peer, &packets);
}

static void on_played(struct pretend_client *client, enum packet_kind kind, struct slice body)
{
    struct reader reader = reader_of(body);

    switch ((int)kind) {
    case PACKET_PLAY_C_JOIN_GAME:
        client->joined = true;
        send_arrival(client);
        break;
    case PACKET_PLAY_C_KEEP_ALIVE: send_back(&client->peer, PACKET_PLAY_S_KEEP_ALIVE, body); break;
    case PACKET_PLAY_C_POSITION: /* in the waiting room that they stand there is waited for */
        send_back(&client->peer, PACKET_PLAY_S_FLYING, slice_str("\x01"));
        break;
    case PACKET_PLAY_C_CHAT: on_chat(client, &reader); break;
    case PACKET_PLAY_C_TITLE: on_title(client, &reader); break;
    case PACKET_PLAY_C_BOSS_BAR: on_boss_bar(client, &reader); break;
    case PACKET_PLAY_C_TAB_HEADER:
        replace(&client->header, read_text(&reader));
        replace(&client->footer, read_text(&reader));
        break;
    case PACKET_PLAY_C_NAMED_SOUND:
        add_line(&client->sounds, copy(reader_string(&reader, CHANNEL_CHARS_MAX)));
        break;
    case PACKET_PLAY_C_CUSTOM_PAYLOAD:
        add_line(&client->channels, copy(reader_string(&reader, CHANNEL_CHARS_MAX)));
        add_line(&client->payloads, copy(reader_rest(&reader)));
        break;
    case PACKET_PLAY_C_DISCONNECT: on_goodbye(client, &reader); break;
    default: break;
    }
}

static void on_client_packet(struct pretend_peer *peer, int id, struct slice body)
{
    struct pretend_client *client = peer->owner;
    enum packet_kind kind =
        packet_map_kind(packet_map_of(PRETEND_PROTOCOL),
                        peer->playing ? PROTOCOL_PLAY : PROTOCOL_LOGIN, PROTOCOL_CLIENTBOUND, id);
    struct reader reader = reader_of(body);

    if (peer->playing)
        on_played(client, kind, body);
    else if (kind == PACKET_LOGIN_C_COMPRESS)
        peer->threshold = reader_varint(&reader);
    else if (kind == PACKET_LOGIN_C_DISCONNECT)
        on_goodbye(client, &reader);
    else if (kind == PACKET_LOGIN_C_SUCCESS) {
        peer->playing = true;
        send_arrival(client); /* where it waits for a server, its language is known */
    }
}

static void on_dialed(void *owner, int err, struct conn *conn)
{
    struct pretend_peer *peer = owner;
    struct pretend_client *client = peer->owner;
    struct buf packets = {0};
    char *header =
        mem_format("PROXY TCP%d %s %s 40000 25565\r\n", strchr(client->address, ':') ? 6 : 4,
                   client->address, strchr(client->address, ':') ? "::1" : local_host);
    size_t mark;

    client->dial = NULL;
    peer->conn = conn;
    if (err == 0 && conn_start(conn) == 0) {
        conn_write(conn, slice_str(header));
        mark = packet_begin(&packets, 0);
        wire_put_varint(&packets, PRETEND_PROTOCOL);
        wire_put_cstr(&packets, client->host);
        wire_put_u16(&packets, 25565);
        wire_put_varint(&packets, INTENT_LOGIN);
        packet_end(&packets, mark);
        mark = begin(&packets, PACKET_LOGIN_S_START);
        wire_put_cstr(&packets, client->name);
        packet_end(&packets, mark);
        send_to(peer, &packets);
    } else {
        client->gone = true;
    }
    free(header);
}

struct pretend_client *pretend_new(struct pretend *pretend, const char *name)
{
    struct pretend_client *client = mem_alloc(sizeof *client);

    client->next = pretend->clients;
    pretend->clients = client;
    client->name = mem_strdup(name);
    client->peer = (struct pretend_peer){.of = pretend,
                                         .threshold = FRAME_UNCOMPRESSED,
                                         .packet = on_client_packet,
                                         .is_client = true,
                                         .owner = client};
    return client;
}

void pretend_connect(struct pretend_client *client, uint16_t port)
{
    struct dial_target target = {.host = local_host, .port = port, .timeout_ms = DIAL_MS};

    client->peer.of->acting = client;
    client->dial = dial_start(client->peer.of->hub, &target, &events, &client->peer, on_dialed);
}

void pretend_type(struct pretend_client *client, const char *line)
{
    struct buf packets = {0};
    size_t mark = begin(&packets, PACKET_PLAY_S_CHAT);

    client->peer.of->acting = client;
    wire_put_cstr(&packets, line);
    packet_end(&packets, mark);
    send_to(&client->peer, &packets);
}

void pretend_message(struct pretend_client *client, const char *channel, struct slice data)
{
    struct buf packets = {0};
    size_t mark = begin(&packets, PACKET_PLAY_S_CUSTOM_PAYLOAD);

    wire_put_cstr(&packets, channel);
    buf_append_slice(&packets, data);
    packet_end(&packets, mark);
    send_to(&client->peer, &packets);
}

void pretend_leave(struct pretend_client *client)
{
    hang_up(&client->peer);
    client->gone = true;
}

void pretend_kick(struct pretend_client *client, const char *words)
{
    struct text *text = text_new(words);
    struct buf packets = {0};
    size_t mark = begin(&packets, PACKET_PLAY_C_DISCONNECT);

    text_write(text, PRETEND_PROTOCOL, PROTOCOL_PLAY, &packets);
    packet_end(&packets, mark);
    text_free(text);
    client->peer.of->acting = client;
    if (client->server)
        send_to(client->server, &packets);
    else
        buf_free(&packets);
}

/* The rules may have it called otherwise: then it is who does something now. */
static struct pretend_client *client_of(const struct pretend *pretend, struct slice name)
{
    struct pretend_client *client = pretend->clients;

    while (client && !slice_is(name, client->name))
        client = client->next;
    return client ? client : pretend->acting;
}

static void send_welcome(struct pretend_peer *peer, struct slice name)
{
    struct buf packets = {0};
    size_t mark = begin(&packets, PACKET_LOGIN_C_SUCCESS);

    wire_put_cstr(&packets, "00000000-0000-0000-0000-000000000000");
    wire_put_string(&packets, name);
    packet_end(&packets, mark);
    mark = begin(&packets, PACKET_PLAY_C_JOIN_GAME);
    wire_put_i32(&packets, 1); /* entity */
    wire_put_u8(&packets, 0);  /* survival */
    wire_put_i32(&packets, 0); /* the overworld */
    wire_put_u8(&packets, 1);  /* easy */
    wire_put_u8(&packets, 20);
    wire_put_cstr(&packets, "default");
    wire_put_bool(&packets, false);
    packet_end(&packets, mark);
    send_to(peer, &packets);
    peer->playing = true;
}

static void on_server_packet(struct pretend_peer *peer, int id, struct slice body)
{
    struct pretend_guest *guest = peer->owner;
    struct reader reader = reader_of(body);
    struct slice name;

    if (!peer->greeted) {
        peer->greeted = true;
    } else if (!peer->playing) {
        name = reader_string(&reader, LINE_CHARS_MAX);
        guest->client = client_of(peer->of, name);
        if (guest->client)
            guest->client->server = peer;
        send_welcome(peer, name);
    } else if (id == packet_id(PACKET_PLAY_S_CHAT, PRETEND_PROTOCOL) && guest->client) {
        add_line(&guest->client->said, copy(reader_string(&reader, LINE_CHARS_MAX)));
    }
}

static void on_connected(void *owner, struct listener *listener)
{
    struct pretend *pretend = owner;
    struct pretend_guest *guest = mem_alloc(sizeof *guest);

    guest->next = pretend->guests;
    pretend->guests = guest;
    guest->peer = (struct pretend_peer){.of = pretend,
                                        .threshold = FRAME_UNCOMPRESSED,
                                        .packet = on_server_packet,
                                        .owner = guest,
                                        .conn = conn_new(pretend->hub, &events, &guest->peer)};
    if (listener_accept(listener, conn_handle(guest->peer.conn)) < 0 ||
        conn_start(guest->peer.conn) < 0)
        hang_up(&guest->peer);
}

int pretend_open(struct pretend *pretend, struct conn_hub *hub, struct codec *codec)
{
    struct sockaddr_storage address;
    char text[ADDRESS_TEXT_BYTES];
    int err = listener_parse(local_host, 0, &address);

    *pretend = (struct pretend){.hub = hub, .codec = codec};
    if (err == 0)
        err = listener_open(hub->loop, &address, 0, on_connected, pretend, &pretend->listener);
    if (err < 0)
        return ERR_IO;
    listener_address(pretend->listener, text);
    pretend->server_port = (uint16_t)strtoul(strrchr(text, ':') + 1, NULL, 10);
    return 0;
}

static void free_client(struct pretend_client *client)
{
    char *texts[] = {client->name,     client->locale, client->host,     client->address,
                     client->goodbye,  client->title,  client->subtitle, client->action_bar,
                     client->boss_bar, client->header, client->footer};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    while (client->clicks) {
        struct pretend_click *click = client->clicks;

        client->clicks = click->next;
        free(click->label);
        free(click->line);
        free(click);
    }
    free_lines(&client->messages);
    free_lines(&client->said);
    free_lines(&client->sounds);
    free_lines(&client->channels);
    free_lines(&client->payloads);
    dial_cancel(client->dial);
    hang_up(&client->peer);
    free(client);
}

void pretend_close(struct pretend *pretend)
{
    while (pretend->clients) {
        struct pretend_client *client = pretend->clients;

        pretend->clients = client->next;
        free_client(client);
    }
    while (pretend->guests) {
        struct pretend_guest *guest = pretend->guests;

        pretend->guests = guest->next;
        hang_up(&guest->peer);
        free(guest);
    }
    listener_close(pretend->listener);
    pretend->listener = NULL;
}
