/*
 * What a player may go on to type, of the commands that Sekisho answers itself. Up to 1.12.2 a
 * client asks for all of it by tab, and a server's answer is added to; from 1.13 on it knows the
 * command tree and asks about those arguments alone that say so. Layouts: minecraft-data, packet
 * tab_complete.
 */
#include "base/mem.h"
#include "protocol/wire.h"
#include "session/argument.h"
#include "session/phases.h"

#include <stdlib.h>
#include <strings.h>

enum {
    WITH_COMMAND_TREE = 393,
    COMPLETE_CHARS_MAX = 32767,
    MATCHES_MAX = 100,
    LARGE_BYTES = PACKET_BYTES_MAX / 2, /* what is larger passes as it is */
};

/* What was asked, and the answer as it grows. */
struct completion {
    const struct worker *worker;
    uint64_t session, serial;
    int protocol;
    int32_t transaction; /* from 393 on */
    int32_t before;      /* UTF-16 units in front of the last word, which is being completed */
    struct slice words[COMMAND_ARGUMENTS_MAX + 1]; /* in `typed` */
    size_t last;
    int32_t count;
    struct buf matches;
    uint8_t typed[]; /* behind the command's name */
};

static bool begins_with(struct slice text, struct slice beginning)
{
    return text.len >= beginning.len &&
           (beginning.len == 0 ||
            strncasecmp((const char *)text.data, (const char *)beginning.data, beginning.len) == 0);
}

void completion_add(struct completion *completion, struct slice word)
{
    if (completion->count == MATCHES_MAX || !begins_with(word, completion->words[completion->last]))
        return;
    completion->count++;
    wire_put_string(&completion->matches, word);
    if (completion->protocol >= WITH_COMMAND_TREE)
        wire_put_bool(&completion->matches, false); /* tooltip */
}

struct slice completion_word(const struct completion *completion, size_t argument)
{
    return argument <= completion->last ? completion->words[argument] : slice_of("", 0);
}

static void add_players(struct session *session, struct completion *completion)
{
    struct buf name = {0};

    for (struct session *other = session->worker->first; other; other = other->next) {
        buf_clear(&name);
        if (told_to(session, other, FIELD_PLAYER_NAME, &name))
            completion_add(completion, buf_slice(&name));
    }
    buf_free(&name);
}

static void add_words(struct session *session, const struct argument *argument,
                      struct completion *completion)
{
    const char *word;

    for (size_t i = 0; (word = argument_word(session->worker->conf, argument, i)); i++)
        completion_add(completion, slice_str(word));
}

/* In UTF-16 units, as clients count. */
static int32_t units(struct slice text)
{
    int32_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += (text.data[i] & 0xC0) == 0x80 ? 0 : text.data[i] >= 0xF0 ? 2 : 1;
    return count;
}

static void answer(struct session *session, const struct completion *completion)
{
    struct buf packets = {0};
    size_t mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_C_TAB_COMPLETE));

    if (completion->protocol >= WITH_COMMAND_TREE) {
        wire_put_varint(&packets, completion->transaction);
        wire_put_varint(&packets, completion->before);
        wire_put_varint(&packets, units(completion->words[completion->last]));
    }
    wire_put_varint(&packets, completion->count);
    buf_append_slice(&packets, buf_slice(&completion->matches));
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
}

void completion_end(struct completion *completion)
{
    struct session *session = worker_session(completion->worker, completion->session);

    if (session && session->completion == completion->serial && command_may_answer(session))
        answer(session, completion);
    buf_free(&completion->matches);
    free(completion);
}

/* Cuts what was typed into words; a space alone begins one. Of more than any command takes the last
 * counts. */
static void split(struct completion *completion, struct slice line)
{
    completion->words[0] = argument_next(&line);
    while (line.len > 0) {
        completion->last += completion->last < COMMAND_ARGUMENTS_MAX;
        completion->words[completion->last] = argument_next(&line);
    }
}

/* `rest` stands behind the name in `typed`. */
static struct completion *completion_new(struct session *session, int32_t transaction,
                                         struct slice typed, struct slice rest)
{
    struct completion *completion = mem_alloc(sizeof *completion + rest.len);

    completion->worker = session->worker;
    completion->session = session->id;
    completion->serial = session->completion;
    completion->protocol = session->protocol;
    completion->transaction = transaction;
    memcpy(completion->typed, rest.data, rest.len);
    split(completion, slice_of(completion->typed, rest.len));
    completion->before =
        units(slice_of(typed.data, typed.len - completion->words[completion->last].len));
    return completion;
}

/* For the argument that the last word belongs to. Takes the completion. */
static void complete(struct session *session, const struct command *command,
                     struct completion *completion)
{
    size_t index = completion->last;
    const struct argument *argument = &command->arguments[index];

    if (index < command->argument_count) {
        switch (argument->kind) {
        case ARGUMENT_PLAYER:
        case ARGUMENT_PERSON: add_players(session, completion); break;
        case ARGUMENT_SERVER:
        case ARGUMENT_CHOICE: add_words(session, argument, completion); break;
        case ARGUMENT_WORD:
        case ARGUMENT_TEXT:
            if (argument->completes && command->complete(command, session, index, completion))
                return;
            break;
        case ARGUMENT_NONE:
        case ARGUMENT_INTEGER: break;
        }
    }
    completion_end(completion);
}

/* "/na": a server answers that, and ours is added to it. */
static void remember(struct session *session, struct slice typed)
{
    if (session->protocol < WITH_COMMAND_TREE && typed.len < sizeof session->completing)
        memcpy(session->completing, typed.data, typed.len);
}

bool command_completed(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    bool with_tree = session->protocol >= WITH_COMMAND_TREE;
    int32_t transaction = with_tree ? reader_varint(&reader) : 0;
    struct slice typed = reader_string(&reader, COMPLETE_CHARS_MAX);
    const struct command *command;
    struct completion *completion;
    struct slice line = typed;

    memset(session->completing, 0, sizeof session->completing);
    session->completion++;
    if (!reader_ok(&reader) || line.len == 0 || (line.data[0] != '/' && !with_tree))
        return false;
    if (line.data[0] == '/')
        line = slice_of(line.data + 1, line.len - 1);
    command = commands_find(session->worker->commands, argument_next(&line));
    if (line.len == 0)
        remember(session, typed);
    if (line.len == 0 || !command)
        return false;
    completion = completion_new(session, transaction, typed, line);
    if (command_is_for(session, command) && pace_may_complete(session))
        complete(session, command, completion);
    else
        completion_end(completion);
    return true;
}

/* "/NAME", if it begins as what was typed. Returns how many were put. */
static int32_t put_name(struct slice typed, const char *name, struct buf *out)
{
    char *line = mem_format("/%s", name);
    bool fits = begins_with(slice_str(line), typed);

    if (fits)
        wire_put_cstr(out, line);
    free(line);
    return fits ? 1 : 0;
}

static int32_t put_names(const struct session *session, struct slice typed, struct buf *out)
{
    const struct command *command;
    int32_t count = 0;

    for (size_t i = 0; (command = commands_at(session->worker->commands, i)); i++) {
        if (!command_is_for(session, command))
            continue;
        count += put_name(typed, command->name, out);
        for (size_t alias = 0; alias < command->alias_count; alias++)
            count += put_name(typed, command->aliases[alias], out);
    }
    return count;
}

/* Ours behind `count` matches of somebody else's. */
static void answer_with_names(struct session *session, int32_t count, struct slice matches)
{
    struct buf names = {0};
    struct buf packets = {0};
    size_t mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_C_TAB_COMPLETE));

    count += put_names(session, slice_str(session->completing), &names);
    session->completing[0] = 0;
    wire_put_varint(&packets, count);
    buf_append_slice(&packets, matches);
    buf_append_slice(&packets, buf_slice(&names));
    packet_end(&packets, mark);
    session_send(session, &packets);
    buf_free(&packets);
    buf_free(&names);
}

bool command_add_completion(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    int32_t count = reader_varint(&reader);
    struct slice rest = reader_rest(&reader);

    if (!reader_ok(&reader) || count < 0 || (size_t)count > rest.len || rest.len > LARGE_BYTES)
        return false;
    answer_with_names(session, count, rest);
    return true;
}

void command_completed_alone(struct session *session, const struct packet_in *packet)
{
    if (!command_completed(session, packet) && session->completing[0] &&
        pace_may_complete(session) && command_may_answer(session))
        answer_with_names(session, 0, slice_of("", 0));
}
