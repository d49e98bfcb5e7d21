#include "plugin/timer.h"

#include "base/clock.h"
#include "base/mem.h"
#include "plugin/alarm.h"
#include "plugin/api.h"
#include "plugin/host.h"
#include "plugin/task.h"

#include <ctype.h>
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SECONDS_MAX = 366 * 24 * 3600,
    TIMERS_MAX = 4096, /* of one plugin */
    EVERY_MS_MIN = 50,
    NO_MINUTE = -1,
    LATE_MS = 1000,    /* rather than a moment before its time */
    SAME_SECONDS = 30, /* the wall and the loop do not go at the same pace */
    DATE_BYTES = 512,
};

static const int64_t last_second = 253402300799; /* of the year 9999 */

/* Of `after`, `every` and `at`. */
struct timer {
    struct registration registration;
    struct alarm alarm;
    int function;
    uint64_t ms;
    bool repeats;
    int minute;        /* of the day, at which it is called instead; negative: none */
    struct task *task; /* the last call, as long as it waits */
};

/* What Lua holds of one. */
struct timer_box {
    struct timer *timer;
};

/* At least a moment: libuv would ring again and again what is due at once, and see to nothing else.
 */
static uint64_t check_ms(lua_State *lua, int index)
{
    lua_Number seconds = luaL_checknumber(lua, index);
    uint64_t ms;

    luaL_argcheck(lua, isfinite(seconds) && seconds >= 0 && seconds <= SECONDS_MAX, index,
                  "a number of seconds is meant, a year at most");
    ms = (uint64_t)(seconds * 1000);
    return ms > 0 ? ms : 1;
}

static void remove_timer(struct registration *registration)
{
    struct timer *timer = (struct timer *)(void *)registration;
    lua_State *lua = script_lua(registration->plugin->script);
    struct timer_box *box;

    lua_rawgetp(lua, LUA_REGISTRYINDEX, timer);
    box = lua_touserdata(lua, -1);
    if (box)
        box->timer = NULL;
    lua_pop(lua, 1);
    lua_pushnil(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, timer);
    luaL_unref(lua, LUA_REGISTRYINDEX, timer->function);
    registration_unlink(registration);
    registration->plugin->timer_count--;
    if (timer->task)
        timer->task->owner = NULL;
    alarm_close(&timer->alarm);
}

static void on_called(struct task *task, bool ok)
{
    struct timer *timer = task->owner;

    (void)ok;
    if (!timer)
        return;
    timer->task = NULL;
    if (!timer->repeats)
        remove_timer(&timer->registration);
}

/* What plugins take for now: seconds since 1970. */
static time_t wall_seconds(const struct plugins *host)
{
    return (time_t)((clock_wall_ms() + (int64_t)host->ahead_ms) / 1000);
}

/* Until the clock of this machine shows it next; the same minute is tomorrow's. */
static uint64_t ms_until(const struct plugins *host, int minute)
{
    time_t now = wall_seconds(host);
    struct tm day;
    time_t then;

    localtime_r(&now, &day);
    day.tm_hour = minute / 60;
    day.tm_min = minute % 60;
    day.tm_sec = 0;
    day.tm_isdst = -1;
    then = mktime(&day);
    if (then <= now + SAME_SECONDS) {
        day.tm_mday++;
        day.tm_hour = minute / 60; /* mktime moves it where the clock skips it */
        day.tm_min = minute % 60;
        day.tm_isdst = -1;
        then = mktime(&day);
    }
    return (uint64_t)(then - now) * 1000 + LATE_MS;
}

static void on_time(struct alarm *alarm)
{
    struct timer *timer = alarm->owner;
    struct plugins *host = timer->registration.plugin->host;

    if (timer->minute >= 0)
        alarm_set(alarm, ms_until(host, timer->minute), 0);
    if (timer->task)
        return; /* the last call still waits */
    timer->task = task_new(timer->registration.plugin, timer->function, on_called, timer);
    if (timer->task)
        task_start(timer->task, 0);
    tasks_settle(host);
}

static void begin_timer(struct registration *registration)
{
    struct timer *timer = (struct timer *)(void *)registration;

    if (timer->minute >= 0)
        alarm_set(&timer->alarm, ms_until(registration->plugin->host, timer->minute), 0);
    else
        alarm_set(&timer->alarm, timer->ms, timer->repeats ? timer->ms : 0);
}

/* Of the function at 2. */
static int begin(lua_State *lua, uint64_t ms, bool repeats, int minute)
{
    struct plugin *plugin = plugin_of(lua);
    struct timer_box *box;
    struct timer *timer;

    luaL_checktype(lua, 2, LUA_TFUNCTION);
    if (plugin->timer_count == TIMERS_MAX)
        return luaL_error(lua, "this plugin has more than %d timers at once", TIMERS_MAX);
    lua_settop(lua, 2);
    box = lua_newuserdatauv(lua, sizeof *box, 0);
    box->timer = NULL;
    api_become(lua, &api_timer);
    lua_insert(lua, 2);
    timer = mem_alloc(sizeof *timer);
    timer->ms = ms;
    timer->repeats = repeats;
    timer->minute = minute;
    timer->function = LUA_NOREF;
    alarm_init(&timer->alarm, plugin->host, on_time, timer);
    plugin->timer_count++;
    plugin_register(plugin, &timer->registration, begin_timer, remove_timer);
    timer->function = luaL_ref(lua, LUA_REGISTRYINDEX);
    box->timer = timer;
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, timer);
    return 1;
}

int timer_after(lua_State *lua)
{
    return begin(lua, check_ms(lua, 1), false, NO_MINUTE);
}

int timer_every(lua_State *lua)
{
    uint64_t ms = check_ms(lua, 1);

    if (ms < EVERY_MS_MIN)
        return luaL_error(lua, "every %d ms is the most often that a function can be called",
                          EVERY_MS_MIN);
    return begin(lua, ms, true, NO_MINUTE);
}

/* "04:30" */
static int check_minute(lua_State *lua)
{
    const char *text = luaL_checkstring(lua, 1);
    bool is_one = strlen(text) == sizeof "04:30" - 1 && text[2] == ':';
    int minute = 0;

    for (size_t i = 0; is_one && i < sizeof "04:30" - 1; i++)
        is_one = i == 2 || isdigit((unsigned char)text[i]);
    if (is_one)
        minute = ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
    if (!is_one || minute >= 24 * 60 || text[3] > '5')
        luaL_error(lua, "\"%s\" is no time of the day; write it as \"04:30\"", text);
    return minute;
}

int timer_at(lua_State *lua)
{
    return begin(lua, 0, true, check_minute(lua));
}

int timer_now(lua_State *lua)
{
    lua_pushinteger(lua, (lua_Integer)wall_seconds(plugin_of(lua)->host));
    return 1;
}

/* strftime's letters, of which others may have no meaning. */
static void check_format(lua_State *lua, const char *format)
{
    for (const char *at = strchr(format, '%'); at; at = strchr(at + 2, '%'))
        if (!at[1] || !strchr("aAbBdFHIjmMpRSTuyYZz%", at[1]))
            luaL_error(lua, "date: \"%%\" is followed by one of aAbBdFHIjmMpRSTuyYZz%%");
}

int timer_date(lua_State *lua)
{
    const char *format = luaL_optstring(lua, 1, "%F %T");
    time_t when = (time_t)luaL_optinteger(lua, 2, (lua_Integer)wall_seconds(plugin_of(lua)->host));
    /* By a pointer: compilers want formats that they can check, and this one is checked here. */
    size_t (*write)(char *, size_t, const char *, const struct tm *) = strftime;
    char text[DATE_BYTES];
    struct tm day;

    luaL_argcheck(lua, when >= 0 && when <= last_second, 2, "a time is meant, as of now()");
    check_format(lua, format);
    localtime_r(&when, &day);
    lua_pushlstring(lua, text, write(text, sizeof text, format, &day));
    return 1;
}

static int timer_cancel(lua_State *lua)
{
    struct timer_box *box = api_check(lua, 1, &api_timer);

    if (box->timer)
        remove_timer(&box->timer->registration);
    return 0;
}

/* One that waits; its memory goes when libuv is done with it. */
struct nap {
    struct alarm alarm;
    uint64_t task;
};

static void end_nap(void *waited)
{
    struct nap *nap = waited;

    alarm_close(&nap->alarm);
}

bool timer_naps(const struct task *task)
{
    return task->cancel == end_nap;
}

static void on_awake(struct alarm *alarm)
{
    struct nap *nap = alarm->owner;
    struct task *task = task_find(alarm->host, nap->task);

    end_nap(nap);
    if (task)
        task_resume(task, 0);
}

int timer_sleep(lua_State *lua)
{
    uint64_t ms = check_ms(lua, 1);
    struct task *task = task_waits(lua);
    struct nap *nap = mem_alloc(sizeof *nap);

    nap->task = task->id;
    alarm_init(&nap->alarm, task->plugin->host, on_awake, nap);
    alarm_set(&nap->alarm, ms, 0);
    task->cancel = end_nap;
    task->waited = nap;
    return lua_yield(lua, 0);
}

static const struct api_word words[] = {
    {"cancel", "()", "It calls nothing any more.", timer_cancel},
};

const struct api_group api_timer = {"timer", API_CLASS, "A function that is called later.", words,
                                    API_COUNT(words)};
