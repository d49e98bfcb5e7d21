/* What a client types of a command: completed, and read. The first byte chooses the version. */
#include "protocol/wire.h"
#include "session/argument.h"
#include "session/phases.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool complete(const struct command *command, struct session *session, size_t argument,
                     struct completion *into)
{
    (void)command, (void)session;
    for (size_t i = 0; i <= argument + 1; i++)
        completion_add(into, completion_word(into, i));
    if (argument == 0)
        return false;
    completion_end(into);
    return true;
}

static const char *const modes[] = {"easy", "Hard"};
static const struct argument arguments[] = {
    {.name = "word", .kind = ARGUMENT_WORD, .completes = true},
    {.name = "n", .kind = ARGUMENT_INTEGER, .min = -5, .max = 10},
    {.name = "mode", .kind = ARGUMENT_CHOICE, .words = modes, .word_count = 2},
    {.name = "where", .kind = ARGUMENT_SERVER},
    {.name = "who", .kind = ARGUMENT_PLAYER, .optional = true},
    {.name = "why", .kind = ARGUMENT_TEXT, .optional = true, .completes = true},
};
static const struct command play = {.name = "play",
                                    .owner = "fuzz",
                                    .places = COMMAND_WAITING,
                                    .arguments = arguments,
                                    .argument_count = sizeof arguments / sizeof arguments[0],
                                    .complete = complete};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int protocols[] = {4, 47, 107, 340, 393, 754, 764, 775};
    struct conf_server servers[] = {{.name = (char[]){"lobby"}}, {.name = (char[]){"l\xC3\xB6"}}};
    struct conf conf = {.servers = servers, .server_count = 2};
    struct worker worker = {.conf = &conf, .loop = uv_default_loop()};
    struct session session = {.worker = &worker, .state = SESSION_WAIT};
    struct argument_value values[COMMAND_ARGUMENTS_MAX];
    struct argument_fault fault;
    struct packet_in packet = {.body = slice_of(data + 1, size > 0 ? size - 1 : 0)};
    char *why;

    worker.commands = commands_new();
    if (commands_add(worker.commands, &play, &why) < 0)
        abort();
    session.protocol = protocols[size > 0 ? data[0] % (sizeof protocols / sizeof protocols[0]) : 0];
    (void)command_completed(&session, &packet);
    (void)arguments_read(&session, &play, packet.body, values, &fault);
    commands_free(worker.commands);
    return 0;
}
