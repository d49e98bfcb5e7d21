#include "consent/task.h"

#include <string.h>

enum { FIRST_REST_MS = 2000 };

static const char *const states[] = {
    [TASK_NONE] = "",     [TASK_PREPARED] = "prepared",
    [TASK_OPEN] = "open", [TASK_STUCK] = "needs a person",
    [TASK_DONE] = "done", [TASK_DROPPED] = "dropped",
};

enum { STATES = sizeof states / sizeof states[0] };

const char *task_state_name(enum task_state state)
{
    return states[state];
}

enum task_state task_state_by_name(const char *name)
{
    for (int i = TASK_PREPARED; i < STATES; i++)
        if (strcmp(states[i], name) == 0)
            return (enum task_state)i;
    return TASK_NONE;
}

int64_t task_rest_ms(int attempts, uint32_t chance)
{
    int64_t most = FIRST_REST_MS;

    for (int i = 1; i < attempts && most < TASK_REST_MS_MAX; i++)
        most *= 2;
    if (most > TASK_REST_MS_MAX)
        most = TASK_REST_MS_MAX;
    return most / 2 + chance % (most / 2 + 1);
}
