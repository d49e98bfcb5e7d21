#include "session/argument.h"

#include "session/phases.h"

#include <stdlib.h>
#include <strings.h>

enum { INTEGER_CHARS_MAX = 11, DESCRIBED_WORDS_MAX = 20 };

struct slice argument_next(struct slice *line)
{
    struct slice word = slice_skip_spaces(*line);
    const uint8_t *end = word.len > 0 ? memchr(word.data, ' ', word.len) : NULL;

    if (end)
        word.len = (size_t)(end - word.data);
    *line = slice_of(word.data + word.len, (size_t)(line->data + line->len - word.data) - word.len);
    return word;
}

struct session *argument_player(const struct session *asker, struct slice name)
{
    struct session *found = NULL;
    struct buf known = {0};

    for (struct session *other = asker->worker->first; other && !found; other = other->next) {
        buf_clear(&known);
        if (told_to(asker, other, FIELD_PLAYER_NAME, &known) && known.len == name.len &&
            strncasecmp((const char *)known.data, (const char *)name.data, name.len) == 0)
            found = other;
    }
    buf_free(&known);
    return found;
}

static bool read_integer(struct slice word, const struct argument *argument,
                         struct argument_value *value)
{
    char text[INTEGER_CHARS_MAX + 1];
    char *end;
    long number;

    if (word.len > INTEGER_CHARS_MAX || word.data[0] == '+')
        return false;
    memcpy(text, word.data, word.len);
    text[word.len] = 0;
    number = strtol(text, &end, 10);
    if (end != text + word.len || number < argument->min || number > argument->max)
        return false;
    value->number = (int32_t)number;
    return true;
}

static bool read_choice(const struct conf *conf, struct slice word, const struct argument *argument,
                        struct argument_value *value)
{
    const char *choice;

    for (size_t i = 0; (choice = argument_word(conf, argument, i)); i++) {
        if (word.len != strlen(choice) ||
            strncasecmp(choice, (const char *)word.data, word.len) != 0)
            continue;
        value->index = i;
        value->text = slice_str(choice);
        return true;
    }
    return false;
}

/* The message that says what is wrong with a word; MESSAGES: nothing is. */
static enum message read_word(const struct session *session, struct slice word,
                              const struct argument *argument, struct argument_value *value)
{
    const struct conf *conf = session->worker->conf;

    value->given = true;
    value->text = word;
    switch (argument->kind) {
    case ARGUMENT_INTEGER:
        return read_integer(word, argument, value) ? MESSAGES : MESSAGE_ARGUMENT_NUMBER;
    case ARGUMENT_SERVER:
        return read_choice(conf, word, argument, value) ? MESSAGES : MESSAGE_SERVER_UNKNOWN;
    case ARGUMENT_CHOICE:
        return read_choice(conf, word, argument, value) ? MESSAGES : MESSAGE_ARGUMENT_CHOICE;
    case ARGUMENT_PLAYER:
        value->player = argument_player(session, word);
        return value->player ? MESSAGES : MESSAGE_ARGUMENT_PLAYER;
    case ARGUMENT_PERSON: value->player = argument_player(session, word); break;
    case ARGUMENT_NONE:
    case ARGUMENT_WORD:
    case ARGUMENT_TEXT: break;
    }
    return MESSAGES;
}

bool arguments_read(const struct session *session, const struct command *command, struct slice line,
                    struct argument_value *values, struct argument_fault *fault)
{
    for (size_t i = 0; i < command->argument_count; i++) {
        const struct argument *argument = &command->arguments[i];
        struct slice rest = slice_skip_spaces(line);
        struct slice word = argument_next(&line);

        values[i] = (struct argument_value){0};
        *fault = (struct argument_fault){MESSAGE_ARGUMENT_MISSING, argument};
        if (word.len == 0 && !argument->optional)
            return false;
        if (word.len == 0)
            continue;
        if (argument->kind == ARGUMENT_TEXT) {
            word = rest;
            line.len = 0;
        }
        fault->message = read_word(session, word, argument, &values[i]);
        if (fault->message != MESSAGES)
            return false;
    }
    *fault = (struct argument_fault){MESSAGE_ARGUMENT_TOO_MUCH, NULL};
    return argument_next(&line).len == 0;
}

void arguments_usage(const struct command *command, struct buf *out)
{
    buf_append_format(out, "/%s", command->name);
    for (size_t i = 0; i < command->argument_count; i++)
        buf_append_format(out, command->arguments[i].optional ? " [%s]" : " <%s>",
                          command->arguments[i].name);
}

static void describe_words(const struct conf *conf, const struct argument *argument,
                           struct buf *out)
{
    const char *word;

    for (size_t i = 0; i < DESCRIBED_WORDS_MAX && (word = argument_word(conf, argument, i)); i++)
        buf_append_format(out, "%s%s", i > 0 ? ", " : "", word);
    if (argument_word(conf, argument, DESCRIBED_WORDS_MAX))
        buf_append_str(out, ", ...");
}

/* "(1 ... 5)", "(1 ...)", "(... 5)" */
static void describe_bounds(const struct argument *argument, struct buf *out)
{
    buf_append_str(out, " (");
    if (argument->min > INT32_MIN)
        buf_append_format(out, "%d ", argument->min);
    buf_append_str(out, "...");
    if (argument->max < INT32_MAX)
        buf_append_format(out, " %d", argument->max);
    buf_append_str(out, ")");
}

void argument_describe(const struct conf *conf, const struct argument *argument, struct buf *out)
{
    buf_append_str(out, argument->name);
    if (argument->kind == ARGUMENT_INTEGER &&
        (argument->min > INT32_MIN || argument->max < INT32_MAX)) {
        describe_bounds(argument, out);
    } else if (argument->kind == ARGUMENT_CHOICE || argument->kind == ARGUMENT_SERVER) {
        buf_append_str(out, " (");
        describe_words(conf, argument, out);
        buf_append_str(out, ")");
    }
}
