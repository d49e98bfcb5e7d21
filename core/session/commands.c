#include "session/commands.h"

#include "base/err.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "session/argument.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct commands {
    const struct command **list; /* owned, what it holds is borrowed */
    size_t count;
};

/* With these a newcomer answers; nothing else may look as if it did. */
static const char *const reserved[] = {"accept", "decline"};

static void append(struct commands *commands, const struct command *command)
{
    commands->list = mem_resize(commands->list, (commands->count + 1) * sizeof(struct command *));
    commands->list[commands->count++] = command;
}

struct commands *commands_new(void)
{
    struct commands *commands = mem_alloc(sizeof *commands);

    append(commands, &servers_command);
    append(commands, &privacy_says);
    return commands;
}

void commands_free(struct commands *commands)
{
    if (!commands)
        return;
    free(commands->list);
    free(commands);
}

static bool is_named(struct slice name, const char *own)
{
    return name.len == strlen(own) && strncasecmp((const char *)name.data, own, name.len) == 0;
}

const struct command *commands_find(const struct commands *commands, struct slice name)
{
    for (size_t i = 0; i < commands->count; i++) {
        const struct command *command = commands->list[i];

        if (is_named(name, command->name))
            return command;
        for (size_t alias = 0; alias < command->alias_count; alias++)
            if (is_named(name, command->aliases[alias]))
                return command;
    }
    return NULL;
}

bool command_answers(struct slice line)
{
    struct slice name = argument_next(&line);
    bool answers = is_named(name, privacy_says.name);

    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        answers = answers || is_named(name, reserved[i]);
    return answers;
}

const struct command *commands_at(const struct commands *commands, size_t index)
{
    return index < commands->count ? commands->list[index] : NULL;
}

static bool is_word(const char *text)
{
    if (!slice_is_utf8(slice_str(text)))
        return false;
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == '/' || *at == ':' || *at == 0x7F)
            return false;
    return text[0] != 0 && strlen(text) <= COMMAND_NAME_BYTES_MAX;
}

/* NULL: it may have this name. */
static char *trouble_with_name(const struct commands *commands, const char *name,
                               const char *passed)
{
    const struct command *taken = commands_find(commands, slice_str(name));

    if (!is_word(name))
        return mem_format("\"%s\" is no name for a command; write a word of at most %d bytes "
                          "without slash, colon or space",
                          name, COMMAND_NAME_BYTES_MAX);
    if (taken && (!passed || strcmp(taken->owner, passed) != 0))
        return mem_format("/%s is a command of %s already; choose another name", name,
                          taken->owner);
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (is_named(slice_str(name), reserved[i]))
            return mem_format("/%s answers the privacy policy; choose another name", name);
    return NULL;
}

/* An alias, by its number, that is the name or another alias. */
static char *trouble_with_alias(const struct command *command, size_t index)
{
    const char *alias = command->aliases[index];
    bool again = strcasecmp(alias, command->name) == 0;

    for (size_t i = 0; i < index; i++)
        again = again || strcasecmp(alias, command->aliases[i]) == 0;
    return again ? mem_format("/%s has the name \"%s\" twice; leave one out", command->name, alias)
                 : NULL;
}

static char *trouble_with_argument(const struct command *command, size_t index)
{
    const struct argument *argument = &command->arguments[index];

    if (!is_word(argument->name))
        return mem_format("\"%s\" is no name for an argument; write a word of at most %d bytes "
                          "without slash, colon or space",
                          argument->name, COMMAND_NAME_BYTES_MAX);
    for (size_t i = 0; i < index; i++)
        if (strcmp(command->arguments[i].name, argument->name) == 0)
            return mem_format("two arguments are named \"%s\"; rename one", argument->name);
    if (argument->kind == ARGUMENT_CHOICE && argument->word_count == 0)
        return mem_format("the argument \"%s\" has no choices; name some", argument->name);
    if (argument->kind == ARGUMENT_TEXT && index + 1 < command->argument_count)
        return mem_format("the argument \"%s\" takes all the rest of the line; put it last",
                          argument->name);
    if (argument->kind == ARGUMENT_INTEGER && argument->min > argument->max)
        return mem_format("the argument \"%s\" can be no number: its min is above its max",
                          argument->name);
    if (!argument->optional && index > 0 && command->arguments[index - 1].optional)
        return mem_format("the argument \"%s\" stands behind an optional one; make it optional, "
                          "too, or put it in front",
                          argument->name);
    for (size_t i = 0; argument->kind == ARGUMENT_CHOICE && i < argument->word_count; i++)
        if (!is_word(argument->words[i]))
            return mem_format("the argument \"%s\" has a choice that cannot be typed as one "
                              "word: \"%s\"",
                              argument->name, argument->words[i]);
    return NULL;
}

static char *trouble_with(const struct commands *commands, const struct command *command,
                          const char *passed)
{
    char *trouble = trouble_with_name(commands, command->name, passed);

    for (size_t i = 0; !trouble && i < command->alias_count; i++)
        trouble = trouble_with_name(commands, command->aliases[i], passed);
    for (size_t i = 0; !trouble && i < command->alias_count; i++)
        trouble = trouble_with_alias(command, i);
    if (!trouble && command->alias_count > COMMAND_ALIASES_MAX)
        trouble = mem_format("/%s has more than %d other names; leave some out", command->name,
                             COMMAND_ALIASES_MAX);
    if (!trouble && command->argument_count > COMMAND_ARGUMENTS_MAX)
        trouble = mem_format("/%s has more than %d arguments; leave some out", command->name,
                             COMMAND_ARGUMENTS_MAX);
    for (size_t i = 0; !trouble && i < command->argument_count; i++)
        trouble = trouble_with_argument(command, i);
    return trouble;
}

int commands_check(const struct commands *commands, const struct command *command,
                   const char *passed, char **why)
{
    *why = trouble_with(commands, command, passed);
    return *why ? ERR_INVALID : 0;
}

int commands_add(struct commands *commands, const struct command *command, char **why)
{
    *why = trouble_with(commands, command, NULL);
    if (*why)
        return ERR_INVALID;
    append(commands, command);
    return 0;
}

void commands_remove(struct commands *commands, const struct command *command)
{
    size_t kept = 0;

    for (size_t i = 0; i < commands->count; i++)
        if (commands->list[i] != command)
            commands->list[kept++] = commands->list[i];
    commands->count = kept;
}

const char *argument_word(const struct conf *conf, const struct argument *argument, size_t index)
{
    if (argument->kind == ARGUMENT_SERVER)
        return index < conf->server_count ? conf->servers[index].name : NULL;
    return index < argument->word_count ? argument->words[index] : NULL;
}
