#include "cli/pretend.h"

#include "base/err.h"
#include "base/mem.h"
#include "cli/pretend_peer.h"
#include "cli/pretend_screen.h"
#include "net/address.h"
#include "net/dial.h"
#include "protocol/packets.h"
#include "protocol/settings.h"
#include "protocol/text.h"
#include "protocol/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INTENT_STATUS = 1,
    INTENT_LOGIN = 2,
    DIAL_MS = 5000,
    CHANNEL_CHARS_MAX = 256,
    LINE_CHARS_MAX = 32767,
};

static const char local_host[] = "127.0.0.1";

void pretend_add_line(struct pretend_lines *lines, char *line)
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

static void send_arrival(struct pretend_client *client)
{
    struct settings settings = {.view_distance = 10, .skin_parts = 0x7F, .main_hand = 1};
    struct buf packets = {0};
    size_t mark = pretend_begin(&packets, PACKET_PLAY_S_SETTINGS);

    snprintf(settings.locale, sizeof settings.locale, "%s", client->locale);
    settings_write(PRETEND_PROTOCOL, &settings, &packets);
    packet_end(&packets, mark);
    mark = pretend_begin(&packets, PACKET_PLAY_S_CUSTOM_PAYLOAD);
    wire_put_cstr(&packets, "MC|Brand");
    wire_put_cstr(&packets, "vanilla");
    packet_end(&packets, mark);
    pretend_send(&client->peer, &packets);
}

static void send_back(struct pretend_peer *peer, enum packet_kind kind, struct slice body)
{
    struct buf packets = {0};
    size_t mark = pretend_begin(&packets, kind);

    buf_append_slice(&packets, body);
    packet_end(&packets, mark);
    pretend_send(peer, &packets);
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
    case PACKET_PLAY_C_CHAT: pretend_see_chat(client, &reader); break;
    case PACKET_PLAY_C_TITLE: pretend_see_title(client, &reader); break;
    case PACKET_PLAY_C_BOSS_BAR: pretend_see_boss_bar(client, &reader); break;
    case PACKET_PLAY_C_TAB_HEADER: pretend_see_tab_list(client, &reader); break;
    case PACKET_PLAY_C_NAMED_SOUND:
        pretend_add_line(&client->sounds, copy(reader_string(&reader, CHANNEL_CHARS_MAX)));
        break;
    case PACKET_PLAY_C_CUSTOM_PAYLOAD:
        pretend_add_line(&client->channels, copy(reader_string(&reader, CHANNEL_CHARS_MAX)));
        pretend_add_line(&client->payloads, copy(reader_rest(&reader)));
        break;
    case PACKET_PLAY_C_DISCONNECT: pretend_see_goodbye(client, &reader); break;
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

    if (client->asks)
        client->answer = pretend_read_component(&reader);
    else if (peer->playing)
        on_played(client, kind, body);
    else if (kind == PACKET_LOGIN_C_COMPRESS)
        peer->threshold = reader_varint(&reader);
    else if (kind == PACKET_LOGIN_C_DISCONNECT)
        pretend_see_goodbye(client, &reader);
    else if (kind == PACKET_LOGIN_C_SUCCESS) {
        peer->playing = true;
        send_arrival(client); /* where it waits for a server, its language is known */
    }
}

/* The handshake, and what follows it. */
static void introduce(struct pretend_client *client)
{
    struct buf packets = {0};
    size_t mark = packet_begin(&packets, 0);

    wire_put_varint(&packets, PRETEND_PROTOCOL);
    wire_put_cstr(&packets, client->host);
    wire_put_u16(&packets, 25565);
    wire_put_varint(&packets, client->asks ? INTENT_STATUS : INTENT_LOGIN);
    packet_end(&packets, mark);
    mark = client->asks ? packet_begin(&packets, 0) : pretend_begin(&packets, PACKET_LOGIN_S_START);
    if (!client->asks)
        wire_put_cstr(&packets, client->name);
    packet_end(&packets, mark);
    pretend_send(&client->peer, &packets);
}

static void on_dialed(void *owner, int err, struct conn *conn)
{
    struct pretend_peer *peer = owner;
    struct pretend_client *client = peer->owner;
    char *header =
        mem_format("PROXY TCP%d %s %s 40000 25565\r\n", strchr(client->address, ':') ? 6 : 4,
                   client->address, strchr(client->address, ':') ? "::1" : local_host);

    client->dial = NULL;
    peer->conn = conn;
    if (err == 0 && conn_start(conn) == 0) {
        conn_write(conn, slice_str(header));
        introduce(client);
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
    client->dial =
        dial_start(client->peer.of->hub, &target, &pretend_events, &client->peer, on_dialed);
}

void pretend_type(struct pretend_client *client, const char *line)
{
    struct buf packets = {0};
    size_t mark = pretend_begin(&packets, PACKET_PLAY_S_CHAT);

    client->peer.of->acting = client;
    wire_put_cstr(&packets, line);
    packet_end(&packets, mark);
    pretend_send(&client->peer, &packets);
}

void pretend_message(struct pretend_client *client, const char *channel, struct slice data)
{
    struct buf packets = {0};
    size_t mark = pretend_begin(&packets, PACKET_PLAY_S_CUSTOM_PAYLOAD);

    wire_put_cstr(&packets, channel);
    buf_append_slice(&packets, data);
    packet_end(&packets, mark);
    pretend_send(&client->peer, &packets);
}

void pretend_leave(struct pretend_client *client)
{
    pretend_hang_up(&client->peer);
    client->gone = true;
}

void pretend_kick(struct pretend_client *client, const char *words)
{
    struct text *text = text_new(words);
    struct buf packets = {0};
    size_t mark = pretend_begin(&packets, PACKET_PLAY_C_DISCONNECT);

    text_write(text, PRETEND_PROTOCOL, PROTOCOL_PLAY, &packets);
    packet_end(&packets, mark);
    text_free(text);
    client->peer.of->acting = client;
    if (client->server)
        pretend_send(client->server, &packets);
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
    size_t mark = pretend_begin(&packets, PACKET_LOGIN_C_SUCCESS);

    wire_put_cstr(&packets, "00000000-0000-0000-0000-000000000000");
    wire_put_string(&packets, name);
    packet_end(&packets, mark);
    mark = pretend_begin(&packets, PACKET_PLAY_C_JOIN_GAME);
    wire_put_i32(&packets, 1); /* entity */
    wire_put_u8(&packets, 0);  /* survival */
    wire_put_i32(&packets, 0); /* the overworld */
    wire_put_u8(&packets, 1);  /* easy */
    wire_put_u8(&packets, 20);
    wire_put_cstr(&packets, "default");
    wire_put_bool(&packets, false);
    packet_end(&packets, mark);
    pretend_send(peer, &packets);
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
        pretend_add_line(&guest->client->said, copy(reader_string(&reader, LINE_CHARS_MAX)));
    }
}

static void on_connected(void *owner, struct listener *listener)
{
    struct pretend *pretend = owner;
    struct pretend_guest *guest = mem_alloc(sizeof *guest);

    guest->next = pretend->guests;
    pretend->guests = guest;
    guest->peer =
        (struct pretend_peer){.of = pretend,
                              .threshold = FRAME_UNCOMPRESSED,
                              .packet = on_server_packet,
                              .owner = guest,
                              .conn = conn_new(pretend->hub, &pretend_events, &guest->peer)};
    if (listener_accept(listener, conn_handle(guest->peer.conn)) < 0 ||
        conn_start(guest->peer.conn) < 0)
        pretend_hang_up(&guest->peer);
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
    json_decref(client->answer);
    free_lines(&client->messages);
    free_lines(&client->said);
    free_lines(&client->sounds);
    free_lines(&client->channels);
    free_lines(&client->payloads);
    dial_cancel(client->dial);
    pretend_hang_up(&client->peer);
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
        pretend_hang_up(&guest->peer);
        free(guest);
    }
    listener_close(pretend->listener);
    pretend->listener = NULL;
}
