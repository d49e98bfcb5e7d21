#include "cli/pretend_screen.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { POSITION_ACTION_BAR = 2 };

/* What a text component says. */
static void add_plain(const json_t *json, struct buf *out)
{
    const json_t *item;
    size_t i;

    if (json_is_string(json))
        buf_append_str(out, json_string_value(json));
    if (json_is_object(json)) {
        add_plain(json_object_get(json, "text"), out);
        add_plain(json_object_get(json, "extra"), out);
    }
    json_array_foreach(json, i, item)
    {
        add_plain(item, out);
    }
}

char *pretend_plain(const json_t *json)
{
    struct buf plain = {0};

    add_plain(json, &plain);
    return plain.len > 0 ? buf_take_text(&plain) : NULL;
}

json_t *pretend_read_component(struct reader *reader)
{
    struct slice text = reader_string(reader, WIRE_STRING_CHARS_MAX);

    return json_loadb((const char *)text.data, text.len, JSON_DECODE_ANY, NULL);
}

/* Returns owned; NULL: it says nothing. */
static char *read_text(struct reader *reader)
{
    json_t *json = pretend_read_component(reader);
    char *said = pretend_plain(json);

    json_decref(json);
    return said;
}

static void add_click(struct pretend_client *client, const json_t *json, const json_t *event)
{
    const char *action = json_string_value(json_object_get(event, "action"));
    const char *line = json_string_value(json_object_get(event, "value"));
    struct pretend_click *click;
    struct buf label = {0};

    if (!action || !line ||
        (strcmp(action, "run_command") != 0 && strcmp(action, "suggest_command") != 0))
        return;
    add_plain(json, &label);
    click = mem_alloc(sizeof *click);
    *click = (struct pretend_click){.next = client->clicks,
                                    .label = buf_take_text(&label),
                                    .line = mem_strdup(line),
                                    .begins = action[0] == 's'};
    client->clicks = click;
}

static void find_clicks(struct pretend_client *client, const json_t *json)
{
    const json_t *item;
    size_t i;

    if (json_object_get(json, "clickEvent"))
        add_click(client, json, json_object_get(json, "clickEvent"));
    json_array_foreach(json_object_get(json, "extra"), i, item)
    {
        find_clicks(client, item);
    }
}

static void replace(char **place, char *text)
{
    free(*place);
    *place = text;
}

void pretend_see_title(struct pretend_client *client, struct reader *reader)
{
    switch (reader_varint(reader)) {
    case 0: replace(&client->title, read_text(reader)); break;
    case 1: replace(&client->subtitle, read_text(reader)); break;
    case 2: replace(&client->action_bar, read_text(reader)); break;
    case 4:
    case 5:
        replace(&client->title, NULL);
        replace(&client->subtitle, NULL);
        break;
    default: break;
    }
}

void pretend_see_boss_bar(struct pretend_client *client, struct reader *reader)
{
    reader_uuid(reader);
    switch (reader_varint(reader)) {
    case 0:
    case 3: replace(&client->boss_bar, read_text(reader)); break;
    case 1: replace(&client->boss_bar, NULL); break;
    default: break;
    }
}

void pretend_see_chat(struct pretend_client *client, struct reader *reader)
{
    json_t *json = pretend_read_component(reader);
    char *text = pretend_plain(json);

    if (reader_u8(reader) == POSITION_ACTION_BAR) {
        replace(&client->action_bar, text);
    } else if (text) {
        find_clicks(client, json);
        pretend_add_line(&client->messages, text);
    }
    json_decref(json);
}

void pretend_see_goodbye(struct pretend_client *client, struct reader *reader)
{
    replace(&client->goodbye, read_text(reader));
    client->gone = true;
}

void pretend_see_tab_list(struct pretend_client *client, struct reader *reader)
{
    replace(&client->header, read_text(reader));
    replace(&client->footer, read_text(reader));
}
