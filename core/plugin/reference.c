/*
 * All words and events, for people and for editors: `sekisho plugin reference` and `types`.
 */
#include "plugin/api.h"
#include "rules/field.h"
#include "session/events.h"

#include <string.h>

/* What plugin { ... } takes: manifest.c reads it. */
static const struct {
    const char *name, *type, *what;
} manifest[] = {
    {"name", "string", "A word of a-z, 0-9, - and _; no two plugins share one."},
    {"version", "string", "As \"1.0.0\"."},
    {"reads?", "{ [field_name]: string }", "Fields of a player, and the purpose for each."},
    {"channels?", "string[]", "Plugin channels on which it hears and talks."},
    {"hosts?", "{ [integer|string]: string|{ reason: string, purpose: string, to?: string } }",
     "Whom it talks to by HTTP; why, and for which purpose, where something of players is sent."},
    {"depends?", "string[]", "Plugins that have to be there, and are loaded before it."},
    {"optional?", "boolean", "It is loaded only where it has settings."},
};

static void print_name(const struct api_group *group, const struct api_word *word, FILE *out)
{
    if (group->kind == API_CLASS)
        fprintf(out, "%s%c", group->name, api_is_function(word) ? ':' : '.');
    else if (group->kind == API_TABLE)
        fprintf(out, "%s.", group->name);
    fprintf(out, "%s%s%s", word->name, api_is_function(word) ? "" : ": ", word->shape);
}

static void print_group(const struct api_group *group, FILE *out)
{
    fprintf(out, "\n## %s%s\n\n%s\n", group->kind == API_CLASS ? "Objects: " : "", group->name,
            group->what);
    for (size_t i = 0; i < group->count; i++) {
        if (api_is_meta(&group->words[i]))
            continue;
        fprintf(out, "\n`");
        print_name(group, &group->words[i], out);
        fprintf(out, "`\\\n%s\n", group->words[i].what);
    }
}

static void print_results(unsigned results, FILE *out)
{
    static const struct {
        unsigned result;
        const char *word;
    } words[] = {
        {EVENT_DENIED, "deny"},
        {EVENT_REDIRECTED, "redirect"},
        {EVENT_REPLACED, "replace"},
    };
    const char *between = "";

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!(results & words[i].result))
            continue;
        fprintf(out, "%s`%s`", between, words[i].word);
        between = ", ";
    }
}

static void print_events(FILE *out)
{
    fprintf(out, "\n## Events\n\n| event | of a player | what may be made of it | what |\n"
                 "| --- | --- | --- | --- |\n");
    for (int kind = 1; kind < EVENTS; kind++) {
        const struct event_info *info = event_info((enum event_kind)kind);

        fprintf(out, "| `%s` | %s | ", info->name, info->player ? "yes" : "no");
        print_results(info->results, out);
        fprintf(out, " | %s |\n", info->what);
    }
}

void api_print_reference(FILE *out)
{
    fprintf(out, "# Plugins: every word\n\nMade by `sekisho plugin reference` from the tables that "
                 "register the words; [plugins.md](plugins.md) is the guide.\nTypes are written as "
                 "LuaLS has them: `?` may be left out, `|` is or. A `text` is a string, a value, "
                 "what `..` joins of\nthem, `text { ... }` or `translated { ... }`.\n"
                 "\n## The manifest\n\n| key | type | what |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < sizeof manifest / sizeof manifest[0]; i++) {
        fprintf(out, "| `%s` | `", manifest[i].name);
        for (const char *at = manifest[i].type; *at; at++)
            fprintf(out, "%s%c", *at == '|' ? "\\" : "", *at);
        fprintf(out, "` | %s |\n", manifest[i].what);
    }
    print_events(out);
    for (size_t i = 0; api_group_at(i); i++)
        print_group(api_group_at(i), out);
}

static void print_names(FILE *out)
{
    fprintf(out, "---@alias event_name");
    for (int kind = 1; kind < EVENTS; kind++)
        fprintf(out, "%s\"%s\"", kind == 1 ? " " : "|", event_info((enum event_kind)kind)->name);
    fprintf(out, "\n\n---@alias field_name");
    for (int field = 1; field < FIELDS; field++)
        fprintf(out, "%s\"%s\"", field == 1 ? " " : "|", field_name((enum field)field));
    fprintf(out, "\n\n---@alias text string|value|joined|styled|translated\n\n"
                 "---@class manifest\n");
    for (size_t i = 0; i < sizeof manifest / sizeof manifest[0]; i++)
        fprintf(out, "---%s\n---@field %s %s\n", manifest[i].what, manifest[i].name,
                manifest[i].type);
}

/* So that an editor knows what a handler of each event is given. */
static void print_on(const struct api_word *word, FILE *out)
{
    fprintf(out, "---%s\n", word->what);
    for (int kind = 1; kind < EVENTS; kind++) {
        const struct event_info *info = event_info((enum event_kind)kind);
        const char *given = info->player                   ? "player: player, event: event"
                            : kind == EVENT_PLUGIN_RESTORE ? "state: any"
                            : kind == EVENT_PLUGIN_SAVE    ? ""
                                                           : "event: event";

        fprintf(out, "---@overload fun(event: \"%s\", handler: fun(%s)%s)\n", info->name, given,
                kind == EVENT_PLUGIN_SAVE ? ": any" : "");
    }
    fprintf(out, "---@param event event_name\n---@param options { priority?: integer }\n"
                 "---@param handler function\nfunction on(event, options, handler) end\n\n");
}

/* "(a: b): c" as a function that is declared, or as the type of a field. */
static void print_type(const struct api_group *group, const struct api_word *word, FILE *out)
{
    bool alone = word->shape[1] == ')';
    bool in_table = group->kind == API_TABLE;

    if (group->kind == API_CLASS && api_is_function(word))
        fprintf(out, "---%s\n---@field %s fun(self: %s%s%s\n", word->what, word->name, group->name,
                alone ? "" : ", ", word->shape + 1);
    else if (group->kind == API_CLASS)
        fprintf(out, "---%s\n---@field %s %s\n", word->what, word->name, word->shape);
    else if (strcmp(word->name, "on") == 0)
        print_on(word, out);
    else
        fprintf(out, "---%s\n---@type fun%s\n%s%s%s = nil\n\n", word->what, word->shape,
                in_table ? group->name : "", in_table ? "." : "", word->name);
}

void api_print_types(FILE *out)
{
    fprintf(out, "---@meta\n-- Made by `sekisho plugin types`: what plugins can call, for editors "
                 "(LuaLS).\n\n");
    print_names(out);
    for (size_t i = 0; api_group_at(i); i++) {
        const struct api_group *group = api_group_at(i);

        if (group->kind == API_CLASS)
            fprintf(out, "\n---%s\n---@class %s\n", group->what, group->name);
        else if (group->kind == API_TABLE)
            fprintf(out, "\n---%s\n%s = {}\n\n", group->what, group->name);
        else
            fputc('\n', out);
        for (size_t j = 0; j < group->count; j++)
            if (!api_is_meta(&group->words[j]))
                print_type(group, &group->words[j], out);
    }
}
