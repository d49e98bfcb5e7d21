/* /server: the list of servers, and the way from one to another. */
#include "base/mem.h"
#include "gate/notice.h"
#include "session/phases.h"

#include <stdlib.h>

static const char word[] = "server";

static bool is_here(const struct session *session, size_t server)
{
    return session->state == SESSION_RELAY && server == session->backend->server;
}

static void list_servers(struct session *session)
{
    const struct conf *conf = session->worker->conf;
    struct text *line = text_new(message_text(MESSAGE_SERVERS, session_locale(session)));

    for (size_t i = 0; i < conf->server_count; i++) {
        const char *name = conf->servers[i].name;
        struct text *entry;

        text_add(line, text_new(" "));
        entry = text_add(line, text_new(name));
        if (is_here(session, i)) {
            char *here =
                mem_format(" (%s)", message_text(MESSAGE_SERVER_HERE, session_locale(session)));

            entry->bold = true;
            text_add(line, text_new(here));
            free(here);
        } else {
            char *command = mem_format("/%s %s", word, name);

            entry->underlined = true;
            text_set_click(entry, TEXT_CLICK_RUN_COMMAND, command);
            free(command);
        }
    }
    command_say(session, line);
}

static void go_to(struct session *session, struct slice name)
{
    const struct conf *conf = session->worker->conf;

    for (size_t i = 0; i < conf->server_count; i++) {
        if (!slice_is(name, conf->servers[i].name))
            continue;
        if (is_here(session, i))
            list_servers(session);
        else
            (void)wish_go(session, i, &(struct wish){0});
        return;
    }
    command_say(session, text_new(message_text(MESSAGE_SERVER_UNKNOWN, session_locale(session))));
    list_servers(session);
}

static void run(struct session *session, struct slice argument)
{
    if (argument.len == 0)
        list_servers(session);
    else
        go_to(session, argument);
}

static const struct argument arguments[] = {
    {.name = "server", .kind = ARGUMENT_SERVER, .optional = true}};

const struct command servers_command = {.name = word,
                                        .places = COMMAND_WAITING | COMMAND_IN_GAME,
                                        .arguments = arguments,
                                        .argument_count = 1,
                                        .owner = "Sekisho itself",
                                        .run_line = run};
