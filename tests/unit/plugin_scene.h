/* What plugins keep, on a real database in a folder of the test's own. */
#ifndef SEKISHO_TESTS_UNIT_PLUGIN_SCENE_H
#define SEKISHO_TESTS_UNIT_PLUGIN_SCENE_H

#include "rights_scene.h"
#include "store/plugin_data.h"

static const int64_t never = 0;

struct plugin_scene {
    struct scene base;      /* is the store's owner */
    int64_t number, before; /* before a player's answer came */
};

/* A player who agreed to these purposes of the policy "community". */
static inline void answer_policy(struct scene *scene, uint16_t player, const char *name,
                                 const char *purposes, enum consent_decision decision)
{
    struct consent_record record = {.player = player_of(player),
                                    .decision = decision,
                                    .policy = "community",
                                    .policy_version = "1",
                                    .method = CONSENT_METHOD_DIALOG,
                                    .identity = CONSENT_IDENTITY_VERIFIED,
                                    .decided_at_ms = clock_wall_ms()};

    snprintf(record.name, sizeof record.name, "%s", name);
    snprintf(record.purposes, sizeof record.purposes, "%s", purposes);
    scene->err = WAITING;
    store_consent_put(scene->store, 0, &record, on_done);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
}

static inline struct store_plugin_row row_of(const char *plugin, const char *key, const char *value)
{
    return (struct store_plugin_row){.plugin = plugin,
                                     .key = key,
                                     .value = slice_str(value),
                                     .written_at_ms = clock_wall_ms(),
                                     .expires_at_ms = never};
}

static inline struct store_plugin_row row_of_player(const struct uuid *player, const char *key,
                                                    const char *value)
{
    struct store_plugin_row row = row_of("greeter", key, value);

    row.player = player;
    row.policy = "community";
    row.purpose = "service";
    row.expires_at_ms = row.written_at_ms + day_ms;
    return row;
}

static inline void on_nothing(void *owner, uint64_t id, int err)
{
    (void)owner;
    (void)id;
    assert_int_equal(err, 0);
}

static inline int put_row(struct scene *scene, const struct store_plugin_row *row)
{
    scene->err = WAITING;
    store_plugin_put(scene->store, 0, row, on_done);
    wait_for_answer(scene);
    return scene->err;
}

static inline int put(struct scene *scene, const char *plugin, const char *key, const char *value)
{
    struct store_plugin_row row = row_of(plugin, key, value);

    return put_row(scene, &row);
}

static inline int put_of(struct scene *scene, uint16_t number, const char *key, const char *value)
{
    struct uuid player = player_of(number);
    struct store_plugin_row row = row_of_player(&player, key, value);

    return put_row(scene, &row);
}

static inline void on_row(void *owner, uint64_t id, int err, const struct store_plugin_row *row)
{
    struct scene *scene = owner;
    bool is_list = id == 1;

    if (row)
        buf_append_format(&scene->values, "%s=%.*s%s%s ", row->key, (int)row->value.len,
                          (const char *)row->value.data, row->field[0] ? " " : "", row->field);
    if (!row || !is_list)
        scene->err = err;
}

/* "key=value ", or "" for none. */
static const char *get_row(struct scene *scene, const struct store_plugin_row *row)
{
    buf_clear(&scene->values);
    scene->err = WAITING;
    store_plugin_get(scene->store, 0, row, on_row);
    wait_for_answer(scene);
    assert_true(scene->err == 0 || scene->err == ERR_NOT_FOUND);
    return buf_text(&scene->values);
}

static const char *get(struct scene *scene, const char *plugin, const char *key)
{
    struct store_plugin_row row = row_of(plugin, key, "");

    return get_row(scene, &row);
}

static const char *get_of(struct scene *scene, uint16_t number, const char *key)
{
    struct uuid player = player_of(number);
    struct store_plugin_row row = row_of_player(&player, key, "");

    return get_row(scene, &row);
}

static const char *list_rows(struct scene *scene, const struct store_plugin_row *row,
                             const char *after, int max)
{
    buf_clear(&scene->values);
    scene->err = WAITING;
    store_plugin_list(scene->store, 1, row, after, max, on_row);
    wait_for_answer(scene);
    assert_int_equal(scene->err, 0);
    return buf_text(&scene->values);
}

static const char *list(struct scene *scene, const char *prefix, const char *after, int max)
{
    struct store_plugin_row row = row_of("greeter", prefix, "");

    return list_rows(scene, &row, after, max);
}

static inline int delete_row(struct scene *scene, const struct store_plugin_row *row)
{
    scene->err = WAITING;
    store_plugin_delete(scene->store, 0, row, on_done);
    wait_for_answer(scene);
    return scene->err;
}

static inline void on_number(void *owner, uint64_t id, int err, int64_t number)
{
    struct scene *scene = owner;

    (void)id;
    scene->err = err;
    ((struct plugin_scene *)owner)->number = number;
}

static inline int add(struct plugin_scene *scene, const struct store_plugin_row *row,
                      int64_t number)
{
    scene->base.err = WAITING;
    store_plugin_add(scene->base.store, 0, row, number, on_number);
    wait_for_answer(&scene->base);
    return scene->base.err;
}

static inline int64_t count(struct plugin_scene *scene, const struct store_plugin_row *row)
{
    scene->base.err = WAITING;
    store_plugin_count(scene->base.store, 0, row, on_number);
    wait_for_answer(&scene->base);
    assert_int_equal(scene->base.err, 0);
    return scene->number;
}

#endif
