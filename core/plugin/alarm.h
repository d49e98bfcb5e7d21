/*
 * What rings after a time. A host's alarms can be put forward: tests of plugins do not wait.
 */
#ifndef SEKISHO_PLUGIN_ALARM_H
#define SEKISHO_PLUGIN_ALARM_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct plugins;

struct alarm {
    struct alarm *next, *previous; /* of the host, set or not */
    struct plugins *host;
    uv_timer_t clock;
    void (*ring)(struct alarm *alarm);
    void *owner; /* freed when libuv is done with the clock */
};

/* `owner` is allocated and holds the alarm: alarm_close frees it. */
void alarm_init(struct alarm *alarm, struct plugins *host, void (*ring)(struct alarm *alarm),
                void *owner);

/* Rings after so many milliseconds, and every `every_ms` from then on unless that is 0. */
void alarm_set(struct alarm *alarm, uint64_t ms, uint64_t every_ms);

/* It rings no more; its owner is freed, later. */
void alarm_close(struct alarm *alarm);

/*
 * Puts all alarms forward to when the next one is due, which rings, and takes that from `*ms`.
 * False: none is due within them, and all were put forward by what was left.
 */
bool alarms_forward(struct plugins *host, uint64_t *ms);

#endif
