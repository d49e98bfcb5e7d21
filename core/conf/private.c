/*
 * The commands that carry private messages. What players say to one another is never kept.
 */
#include "base/mem.h"
#include "conf/parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { COMMAND_WORD_BYTES = 32 };

/* Vanilla's, and those of the plugins that most servers have. */
static const char *const usual[] = {
    "msg", "tell",  "w",       "whisper", "teammsg", "tm",     "m",    "pm",    "dm",       "t",
    "r",   "reply", "message", "mail",    "er",      "ereply", "emsg", "etell", "ewhisper", "email",
};

static void add(struct conf *conf, const char *name)
{
    size_t at = conf->private_command_count++;

    conf->private_commands =
        mem_resize(conf->private_commands, (at + 1) * sizeof *conf->private_commands);
    conf->private_commands[at] = mem_strdup(name);
    for (char *letter = conf->private_commands[at]; *letter; letter++)
        *letter = (char)tolower((unsigned char)*letter);
}

void conf_add_usual_private_commands(struct conf *conf)
{
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        add(conf, usual[i]);
}

static void read_one(struct table_reader *reader, void *into)
{
    const char *text = reader_text(reader, "a command in quotes, without its slash");

    if (!text)
        return;
    if (text[0] == 0 || strpbrk(text, "/ :"))
        reader_complain(reader, "\"%s\" is no command; write it without slash, as \"whisper\"",
                        text);
    else
        add(into, text);
}

void conf_read_private_commands(struct table_reader *reader, void *into)
{
    reader_list(reader, into, read_one);
}

/* The first word, without the name of a plugin before it ("minecraft:msg"), in lower case. */
static void command_word(struct slice line, char out[static COMMAND_WORD_BYTES])
{
    size_t len = 0;

    for (size_t i = 0; i < line.len && line.data[i] != ' '; i++) {
        if (line.data[i] == ':')
            len = 0;
        else if (len + 1 < COMMAND_WORD_BYTES)
            out[len++] = (char)tolower(line.data[i]);
    }
    out[len] = 0;
}

/* What /execute runs in the end. */
static struct slice innermost(struct slice line)
{
    static const char run[] = " run ";
    const uint8_t *at;

    while ((at = memmem(line.data, line.len, run, sizeof run - 1))) {
        at += sizeof run - 1;
        line = slice_skip_spaces(slice_of(at, line.len - (size_t)(at - line.data)));
    }
    return line;
}

bool conf_is_private_command(const struct conf *conf, struct slice line)
{
    char word[COMMAND_WORD_BYTES];

    command_word(line, word);
    if (strcmp(word, "execute") == 0)
        command_word(innermost(line), word);
    for (size_t i = 0; i < conf->private_command_count; i++)
        if (strcmp(conf->private_commands[i], word) == 0)
            return true;
    return false;
}

void conf_free_private_commands(struct conf *conf)
{
    for (size_t i = 0; i < conf->private_command_count; i++)
        free(conf->private_commands[i]);
    free(conf->private_commands);
}
