#include "plugin/event_queue.h"

#include "base/mem.h"
#include "plugin/host.h"

#include <stdlib.h>
#include <string.h>

void event_list_append(struct event_list *list, struct event *event)
{
    event->next = NULL;
    if (list->first)
        list->last->next = event;
    else
        list->first = event;
    list->last = event;
}

struct event *event_list_take(struct event_list *list)
{
    struct event *event = list->first;

    list->first = event->next;
    event->next = NULL;
    return event;
}

/* Empty: it is about nobody. */
static struct slice queue_key(const struct event *event)
{
    static const struct uuid nobody;

    if (memcmp(event->player.bytes, nobody.bytes, UUID_BYTES) != 0)
        return slice_of(event->player.bytes, UUID_BYTES);
    return slice_of((const uint8_t *)&event->session, event->session ? sizeof event->session : 0);
}

struct event_queue *event_queue_of(struct plugins *host, const struct event *event)
{
    struct slice key = queue_key(event);
    void *node = key.len > 0 ? table_find(&host->queues, key.data, key.len) : NULL;

    return node;
}

struct event_queue *event_queue_hold(struct plugins *host, const struct event *event)
{
    struct event_queue *queue = event_queue_of(host, event);
    struct slice key = queue_key(event);

    if (!queue && key.len > 0) {
        queue = mem_alloc(sizeof *queue);
        table_insert(&host->queues, &queue->node, key.data, key.len);
    }
    if (queue)
        queue->held = true;
    return queue;
}

void event_queue_free(struct plugins *host, struct event_queue *queue)
{
    table_remove(&host->queues, &queue->node);
    free(queue);
}
