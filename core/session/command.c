/*
 * What players type of the commands that Sekisho answers itself: it never reaches the game server.
 */
#include "identity/permissions.h"
#include "protocol/signed_chat.h"
#include "protocol/wire.h"
#include "session/argument.h"
#include "session/phases.h"
#include "session/screen.h"

#include <string.h>
#include <strings.h>

enum {
    COMMAND_CHARS_MAX = 32767,
    WITH_COMMAND_PACKET = 759,
};

void command_say(struct session *session, struct text *line)
{
    if (command_may_answer(session))
        session_say(session, line);
    else
        text_free(line);
}

/* Between two phases there is no packet for it, and before a world no screen. */
bool command_may_answer(const struct session *session)
{
    return session->down == PROTOCOL_PLAY && session->spawned && !session->reconfiguring &&
           !session->closing && session->state != SESSION_FINISH;
}

static struct slice without_spaces(struct slice text)
{
    text = slice_skip_spaces(text);
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

bool command_is(struct slice line, const char *name, struct slice *argument)
{
    size_t len = strlen(name);

    if (line.len < len || strncasecmp((const char *)line.data, name, len) != 0 ||
        (line.len > len && line.data[len] != ' '))
        return false;
    *argument = without_spaces(slice_of(line.data + len, line.len - len));
    return true;
}

static unsigned place_of(const struct session *session)
{
    if (session->state == SESSION_RELAY)
        return COMMAND_IN_GAME;
    return session->state == SESSION_WAIT ? COMMAND_WAITING : COMMAND_AT_GATE;
}

static bool is_permitted(const struct session *session, const struct command *command)
{
    return !command->permission ||
           permission_allows(session->worker->permissions, &session->profile, command->permission);
}

bool command_is_for(const struct session *session, const struct command *command)
{
    return (command->places & place_of(session)) && is_permitted(session, command);
}

static const char *words(const struct session *session, enum message message)
{
    return message_text(message, session_locale(session));
}

/* How the command is typed, behind a line of its own. */
static void say_usage(struct session *session, const struct command *command, struct buf *line)
{
    buf_append_format(line, "\n%s ", words(session, MESSAGE_COMMAND_USAGE));
    arguments_usage(command, line);
    if (command->description)
        buf_append_format(line, "\n%s", command->description);
    command_say(session, text_new_slice(buf_slice(line)));
}

static void say_fault(struct session *session, const struct command *command,
                      const struct argument_fault *fault)
{
    struct buf line = {0};

    buf_append_str(&line, words(session, fault->message));
    if (fault->argument) {
        buf_append_str(&line, " ");
        argument_describe(session->worker->conf, fault->argument, &line);
    }
    say_usage(session, command, &line);
    buf_free(&line);
}

static void run(struct session *session, const struct command *command, struct slice rest)
{
    struct argument_value values[COMMAND_ARGUMENTS_MAX];
    struct argument_fault fault;

    if (command->run_line)
        command->run_line(session, rest);
    else if (!pace_may_say(session))
        return;
    else if (!is_permitted(session, command))
        command_say(session, text_new(words(session, MESSAGE_COMMAND_FORBIDDEN)));
    else if (arguments_read(session, command, rest, values, &fault))
        command->run(command, session, values);
    else
        say_fault(session, command, &fault);
}

/* What a player may not use is Sekisho's all the same: a server does not read it. */
bool command_run(struct session *session, struct slice line)
{
    struct slice rest = line;
    struct slice name = argument_next(&rest);
    const struct command *command = commands_find(session->worker->commands, name);

    if (screen_typed(session, line))
        return true;
    if (!command || !(command->places & place_of(session)) || name.data != line.data)
        return false;
    run(session, command, without_spaces(rest));
    return true;
}

/*
 * The client counts the signed messages that it has seen with each line; a server that is not
 * told of them kicks the player later. What a swallowed line said goes on by itself.
 */
void command_swallowed(struct session *session, const struct packet_in *packet)
{
    struct buf packets = {0};
    size_t mark;
    int32_t seen =
        signed_chat_seen(session->protocol, packet->kind != PACKET_PLAY_S_CHAT, packet->body);

    if (seen == 0 || session->backend->phase != BACKEND_LINKED)
        return;
    mark = packet_begin(&packets, packet_map_id(session->map, PACKET_PLAY_S_CHAT_ACKNOWLEDGEMENT));
    wire_put_varint(&packets, seen);
    packet_end(&packets, mark);
    backend_send(session->backend, &packets);
    buf_free(&packets);
}

bool command_typed(struct session *session, const struct packet_in *packet)
{
    struct reader reader = reader_of(packet->body);
    struct slice line = reader_string(&reader, COMMAND_CHARS_MAX);

    if (!reader_ok(&reader))
        return false;
    if (packet->kind == PACKET_PLAY_S_CHAT) {
        /* From 1.19 on chat is signed, and commands have a packet of their own. */
        if (session->protocol >= WITH_COMMAND_PACKET || line.len == 0 || line.data[0] != '/')
            return false;
        return command_run(session, slice_of(line.data + 1, line.len - 1));
    }
    if (!command_run(session, line))
        return false;
    command_swallowed(session, packet);
    return true;
}
