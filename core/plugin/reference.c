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
    {"required?", "boolean",
     "Nobody comes in while it does not run, or fails to answer to player.login."},
};

/* What the shapes of words call by a name. */
static const struct {
    const char *name, *type, *what;
} shapes[] = {
    {"handler_options", "{ priority?: integer, stops?: boolean }", "Of `on`."},
    {"command_options",
     "{ description?: string, permission?: string, aliases?: string[], arguments?: "
     "command_argument[] }",
     "Of `command`. `permission`: who may (docs/permissions.md), else everybody."},
    {"command_argument",
     "{ [1]: string, [2]: "
     "\"word\"|\"integer\"|\"player\"|\"person\"|\"server\"|\"choice\"|\"greedy\", "
     "optional?: boolean, min?: integer, max?: integer, choices?: string[], complete?: fun(player: "
     "player, "
     "beginning: string, before: { [string]: string }): string[] }",
     "Its name and its kind. `greedy` is all the rest of the line; `complete` knows words."},
    {"command_handler", "fun(player: player, arguments: table): text|nil",
     "Of `command`: what was typed, by the arguments' names: texts, integers, or a player. What it "
     "returns, the player reads."},
    {"dialog_input",
     "{ [1]: string, [2]: \"text\"|\"box\", label: string, max?: integer, lines?: integer, value?: "
     "string, ticked?: boolean }",
     "Its name in the answer and its kind; `max`, `lines` and `value` of a text, `ticked` of a "
     "box."},
    {"dialog_button", "{ [1]: string, [2]?: fun(player: player, answer: table) }",
     "What stands on it, and what it does."},
    {"event_result",
     "{ kind: \"allowed\"|\"denied\"|\"redirected\"|\"replaced\", server?: string }",
     "Of `event.result`."},
    {"http_answer", "{ status: integer, body: string }", "Of `http`: any status is an answer."},
    {"kept_row", "{ key: string, value: any }", "Of `store.list` and `player:list`."},
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

/* A row of a table, in which a | of the type would end the cell. */
static void print_row(const char *name, const char *type, const char *what, FILE *out)
{
    fprintf(out, "| `%s` | `", name);
    for (const char *at = type; *at; at++)
        fprintf(out, "%s%c", *at == '|' ? "\\" : "", *at);
    fprintf(out, "` | %s |\n", what);
}

void api_print_more_reference(const struct api_group *const *groups, FILE *out)
{
    for (size_t i = 0; groups[i]; i++)
        print_group(groups[i], out);
}

void api_print_reference(FILE *out)
{
    fprintf(
        out,
        "# Plugins: every word\n\nMade by `sekisho plugin reference` from the tables that "
        "register the words; [plugins.md](plugins.md) is the guide.\nTypes are written as "
        "LuaLS has them: `?` may be left out, `|` is or. A `text` is a string, a number, a value, "
        "what `..` joins of\nthem, `text { ... }` or `translated { ... }`.\n"
        "\n## The manifest\n\n| key | type | what |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < sizeof manifest / sizeof manifest[0]; i++)
        print_row(manifest[i].name, manifest[i].type, manifest[i].what, out);
    print_events(out);
    fprintf(out, "\n## Tables that words take and give\n\n| name | type | what |\n"
                 "| --- | --- | --- |\n");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        print_row(shapes[i].name, shapes[i].type, shapes[i].what, out);
    api_print_more_reference(api_of_plugins, out);
}

static void print_names(FILE *out)
{
    fprintf(out, "---@alias event_name");
    for (int kind = 1; kind < EVENTS; kind++)
        fprintf(out, "%s\"%s\"", kind == 1 ? " " : "|", event_info((enum event_kind)kind)->name);
    fprintf(out, "\n\n---@alias field_name");
    for (int field = 1; field < FIELDS; field++)
        fprintf(out, "%s\"%s\"", field == 1 ? " " : "|", field_name((enum field)field));
    fprintf(out, "\n\n---@alias text string|number|value|joined|styled|translated\n");
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        fprintf(out, "\n---%s\n---@alias %s %s\n", shapes[i].what, shapes[i].name, shapes[i].type);
    fprintf(out, "\n---@class manifest\n");
    for (size_t i = 0; i < sizeof manifest / sizeof manifest[0]; i++)
        fprintf(out, "---%s\n---@field %s %s\n", manifest[i].what, manifest[i].name,
                manifest[i].type);
}

/* So that an editor knows what a handler of each event is given. */
static void print_overloads_of_on(FILE *out)
{
    for (int kind = 1; kind < EVENTS; kind++) {
        const struct event_info *info = event_info((enum event_kind)kind);
        const char *given = info->player                   ? "player: player, event: event"
                            : kind == EVENT_PLUGIN_RESTORE ? "state: any"
                            : kind == EVENT_PLUGIN_SAVE    ? ""
                                                           : "event: event";
        const char *returned = kind == EVENT_PLUGIN_SAVE ? ": any" : "";

        fprintf(out, "---@overload fun(event: \"%s\", handler: fun(%s)%s)\n", info->name, given,
                returned);
        fprintf(out,
                "---@overload fun(event: \"%s\", options: handler_options, handler: fun(%s)%s)\n",
                info->name, given, returned);
    }
}

/* The end of the first of several types or parameters: a comma outside of brackets, or the end. */
static const char *end_of_first(const char *list)
{
    int depth = 0;

    for (; *list && depth >= 0; list++) {
        if (strchr("([{", *list))
            depth++;
        else if (strchr(")]}", *list) && --depth < 0)
            break;
        else if (*list == ',' && depth == 0)
            break;
    }
    return list;
}

static const char *next_of(const char *end)
{
    return *end == ',' ? end + 2 : NULL;
}

/* "name?: type" as a line of its own. */
static void print_parameter(const char *parameter, const char *end, FILE *out)
{
    const char *colon = strstr(parameter, ": ");

    fprintf(out, "---@param %.*s %.*s\n", (int)(colon - parameter), parameter,
            (int)(end - colon - 2), colon + 2);
}

/* "(a: b, c?: d): e, f" as LuaLS declares a function, each thing in a line of its own. */
static void print_function(const struct api_group *group, const struct api_word *word, FILE *out)
{
    const char *first = word->shape + 1;
    const char *end = first;
    const char *at;

    for (at = *first == ')' ? NULL : first; at; at = next_of(end)) {
        end = end_of_first(at);
        print_parameter(at, end, out);
    }
    for (at = strncmp(end, "): ", 3) == 0 ? end + 3 : NULL; at; at = next_of(end)) {
        end = end_of_first(at);
        fprintf(out, "---@return %.*s\n", (int)(end - at), at);
    }
    fprintf(out, "function ");
    if (group->kind != API_WORDS)
        fprintf(out, "%s%c", group->name, group->kind == API_CLASS ? ':' : '.');
    fprintf(out, "%s(", word->name);
    for (at = *first == ')' ? NULL : first; at; at = next_of(end)) {
        end = end_of_first(at);
        fprintf(out, "%s%.*s", at == first ? "" : ", ", (int)strcspn(at, "?:"), at);
    }
    fprintf(out, ") end\n\n");
}

/* Options may be left out although the handler behind them may not. */
static void print_overloads(const struct api_word *word, FILE *out)
{
    const char *options = strstr(word->shape, "options?: ");
    const char *handler = options ? strstr(options, ", handler: ") : NULL;

    if (strcmp(word->name, "on") == 0)
        print_overloads_of_on(out);
    else if (handler)
        fprintf(out, "---@overload fun%.*s%s\n", (int)(options - word->shape), word->shape,
                handler + 2);
}

static void print_properties(const struct api_group *class, FILE *out)
{
    fprintf(out, "---@class %s\n", class->name);
    for (size_t i = 0; i < class->count; i++) {
        const struct api_word *word = &class->words[i];

        if (!api_is_function(word))
            fprintf(out, "---%s\n---@field %s %s\n", word->what, word->name, word->shape);
        else if (strcmp(word->name, "__concat") == 0)
            fprintf(out, "---@operator concat(text): joined\n");
    }
    fprintf(out, "local %s = {}\n\n", class->name);
}

void api_print_more_types(const struct api_group *const *groups, FILE *out)
{
    for (size_t i = 0; groups[i]; i++) {
        const struct api_group *group = groups[i];

        if (group->kind == API_CLASS) /* in a block: `player` is a word of tests, too */
            fprintf(out, "\ndo");
        if (group->kind != API_WORDS)
            fprintf(out, "\n---%s\n", group->what);
        if (group->kind == API_CLASS)
            print_properties(group, out);
        else if (group->kind == API_TABLE)
            fprintf(out, "%s = {}\n\n", group->name);
        for (size_t j = 0; j < group->count; j++) {
            const struct api_word *word = &group->words[j];

            if (api_is_meta(word) || !api_is_function(word))
                continue;
            fprintf(out, "---%s\n", word->what);
            print_overloads(word, out);
            print_function(group, word, out);
        }
        if (group->kind == API_CLASS)
            fprintf(out, "end\n");
    }
}

void api_print_types(FILE *out)
{
    fprintf(out, "---@meta\n-- Made by `sekisho plugin types`: what plugins and their tests can "
                 "call, for editors (LuaLS).\n\n");
    print_names(out);
    fputc('\n', out);
    api_print_more_types(api_of_plugins, out);
}
