#include "plugin/alarm.h"

#include "plugin/host.h"

#include <stdlib.h>

static void on_time(uv_timer_t *clock)
{
    struct alarm *alarm = clock->data;

    alarm->ring(alarm);
}

void alarm_init(struct alarm *alarm, struct plugins *host, void (*ring)(struct alarm *alarm),
                void *owner)
{
    *alarm = (struct alarm){.host = host, .next = host->alarms, .ring = ring, .owner = owner};
    if (host->alarms)
        host->alarms->previous = alarm;
    host->alarms = alarm;
    alarm->clock.data = alarm;
    uv_timer_init(host->worker->loop, &alarm->clock);
}

void alarm_set(struct alarm *alarm, uint64_t ms, uint64_t every_ms)
{
    uv_timer_start(&alarm->clock, on_time, ms, every_ms);
}

static void on_closed(uv_handle_t *clock)
{
    const struct alarm *alarm = clock->data;

    free(alarm->owner);
}

void alarm_close(struct alarm *alarm)
{
    if (alarm->previous)
        alarm->previous->next = alarm->next;
    else
        alarm->host->alarms = alarm->next;
    if (alarm->next)
        alarm->next->previous = alarm->previous;
    uv_close((uv_handle_t *)&alarm->clock, on_closed);
}

/* NULL: nothing is going to ring. */
static struct alarm *next_due(struct plugins *host)
{
    struct alarm *first = NULL;

    for (struct alarm *alarm = host->alarms; alarm; alarm = alarm->next)
        if (uv_is_active((uv_handle_t *)&alarm->clock) &&
            (!first || uv_timer_get_due_in(&alarm->clock) < uv_timer_get_due_in(&first->clock)))
            first = alarm;
    return first;
}

static void put_forward(struct plugins *host, uint64_t ms)
{
    host->ahead_ms += ms;
    for (struct alarm *alarm = host->alarms; alarm; alarm = alarm->next) {
        uint64_t left = uv_timer_get_due_in(&alarm->clock);

        if (uv_is_active((uv_handle_t *)&alarm->clock))
            uv_timer_start(&alarm->clock, on_time, left > ms ? left - ms : 0,
                           uv_timer_get_repeat(&alarm->clock));
    }
}

bool alarms_forward(struct plugins *host, uint64_t *ms)
{
    struct alarm *first = next_due(host);
    uint64_t due = first ? uv_timer_get_due_in(&first->clock) : 0;

    if (!first || due > *ms) {
        put_forward(host, *ms);
        *ms = 0;
        return false;
    }
    put_forward(host, due);
    *ms -= due;
    uv_timer_stop(&first->clock);
    if (uv_timer_get_repeat(&first->clock) > 0)
        uv_timer_again(&first->clock);
    first->ring(first);
    return true;
}
