/*
 * Events that wait: of one player, behind one that its handlers are not done with. A queue is the
 * person's, so that who logs in anew is heard to go before they are heard to come; before it is
 * known who it is, the connection's.
 */
#ifndef SEKISHO_PLUGIN_EVENT_QUEUE_H
#define SEKISHO_PLUGIN_EVENT_QUEUE_H

#include "base/table.h"
#include "session/events.h"

struct plugins;

/* In their order. {0}: none. */
struct event_list {
    struct event *first, *last;
};

void event_list_append(struct event_list *list, struct event *event); /* takes it */
struct event *event_list_take(struct event_list *list); /* the first; there is one. Owned. */

struct event_queue {
    struct table_node node; /* of the host */
    bool held;              /* by a dispatch that waits */
    struct event_list events;
};

/* Behind which the event has to wait; NULL: nothing holds it up. */
struct event_queue *event_queue_of(struct plugins *host, const struct event *event);

/* The event waits itself: its queue, made when there is none. NULL: it is about nobody. */
struct event_queue *event_queue_hold(struct plugins *host, const struct event *event);

/* An empty one. */
void event_queue_free(struct plugins *host, struct event_queue *queue);

#endif
