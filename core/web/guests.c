#include "web/guests.h"

#include "base/mem.h"
#include "net/address.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIFE_MS = 20000,
    ALL_MAX = 192, /* below what libmicrohttpd accepts: who leaves does so a turn later */
    ADDRESS_MAX = 48,
};

struct guest {
    struct guest *previous, *next;
    MHD_socket socket;
    uint64_t entered_at_ms;
    uint8_t address[ADDRESS_KEY_BYTES];
    bool sent_away;
};

/* libmicrohttpd finds the socket at its end, and closes it. */
static void send_away(struct guests *guests, struct guest *guest)
{
    guest->sent_away = true;
    guests->count--;
    shutdown(guest->socket, SHUT_RDWR);
}

static bool is_of(const struct guest *guest, const uint8_t address[static ADDRESS_KEY_BYTES])
{
    return memcmp(guest->address, address, ADDRESS_KEY_BYTES) == 0;
}

static struct guest *oldest(const struct guests *guests, const uint8_t *address)
{
    struct guest *guest = guests->first;

    while (guest && (guest->sent_away || (address && !is_of(guest, address))))
        guest = guest->next;
    return guest;
}

static int count_of(const struct guests *guests, const uint8_t address[static ADDRESS_KEY_BYTES])
{
    int count = 0;

    for (struct guest *guest = guests->first; guest; guest = guest->next)
        count += !guest->sent_away && is_of(guest, address) ? 1 : 0;
    return count;
}

struct guest *guests_enter(struct guests *guests, struct MHD_Connection *connection,
                           uint64_t now_ms)
{
    struct guest *guest = mem_alloc(sizeof *guest);

    guest->entered_at_ms = now_ms;
    guest->socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    address_key(
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
        guest->address);
    if (count_of(guests, guest->address) >= ADDRESS_MAX)
        send_away(guests, oldest(guests, guest->address));
    else if (guests->count >= ALL_MAX)
        send_away(guests, oldest(guests, NULL));
    guest->previous = guests->last;
    if (guests->last)
        guests->last->next = guest;
    else
        guests->first = guest;
    guests->last = guest;
    guests->count++;
    return guest;
}

void guests_leave(struct guests *guests, struct guest *guest)
{
    if (guest->previous)
        guest->previous->next = guest->next;
    else
        guests->first = guest->next;
    if (guest->next)
        guest->next->previous = guest->previous;
    else
        guests->last = guest->previous;
    guests->count -= guest->sent_away ? 0 : 1;
    free(guest);
}

int64_t guests_expire(struct guests *guests, uint64_t now_ms)
{
    struct guest *guest = oldest(guests, NULL);

    while (guest && now_ms - guest->entered_at_ms >= LIFE_MS) {
        send_away(guests, guest);
        guest = oldest(guests, NULL);
    }
    return guest ? (int64_t)(guest->entered_at_ms + LIFE_MS - now_ms) : -1;
}
