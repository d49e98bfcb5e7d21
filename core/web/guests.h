/*
 * The open connections to the page. Each is for one request, which has to be whole, and answered,
 * within a time; and nobody can keep the others out by opening many: who comes later takes the
 * place of the oldest, of the same address first. So slow ones cost themselves, and a web server in
 * front, which is one address for everybody, is never refused.
 */
#ifndef SEKISHO_WEB_GUESTS_H
#define SEKISHO_WEB_GUESTS_H

#include <microhttpd.h>
#include <stdint.h>

struct guest; /* one connection; kept by libmicrohttpd as its socket's context */

/* In the order in which they came. `{0}` is empty. */
struct guests {
    struct guest *first, *last;
    int count;
};

/* A connection is open. Returns owned, for guests_leave. */
struct guest *guests_enter(struct guests *guests, struct MHD_Connection *connection,
                           uint64_t now_ms) __attribute__((warn_unused_result));

/* It is closed. Takes `guest`. */
void guests_leave(struct guests *guests, struct guest *guest);

/* Ends those whose time is over. Returns the milliseconds until the next is due; -1: nobody. */
int64_t guests_expire(struct guests *guests, uint64_t now_ms);

#endif
