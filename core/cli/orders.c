#include "cli/orders.h"

#include "consent/code.h"
#include "consent/request.h"

#include <stdio.h>
#include <string.h>

/* "withdrawn UUID", "erased UUID": the store was changed by another program. */
static bool tell(struct worker *worker, struct control_request *request, const char *player,
                 void (*about)(struct worker *worker, const struct uuid *player))
{
    struct uuid uuid;
    bool ok = uuid_parse(player, &uuid) == 0;

    if (ok)
        about(worker, &uuid);
    control_answer(request, ok, ok ? "" : "this is no UUID\n");
    return true;
}

/* "requested UUID KIND". */
static bool tell_of_request(struct worker *worker, struct control_request *request,
                            const char *words)
{
    const char *kind = strchr(words, ' ');
    char text[UUID_TEXT_BYTES];
    struct uuid player;
    bool ok;

    snprintf(text, sizeof text, "%s", words);
    text[strcspn(text, " ")] = '\0';
    ok = uuid_parse(text, &player) == 0 && kind && data_request_kind_by_name(kind + 1);
    if (ok)
        worker_requested(worker, &player, kind + 1);
    control_answer(request, ok, "");
    return true;
}

/* "proof UUID CODE": whether it is this player's. It counts once. */
static bool prove(struct worker *worker, struct control_request *request, const char *words)
{
    char text[UUID_TEXT_BYTES];
    const char *code = strchr(words, ' ');
    struct uuid player;

    snprintf(text, sizeof text, "%s", words);
    text[strcspn(text, " ")] = '\0';
    control_answer(request,
                   code && uuid_parse(text, &player) == 0 &&
                       codes_prove(worker->proofs, code + 1, &player, uv_now(worker->loop)),
                   "");
    return true;
}

bool orders_obey(struct worker *worker, struct control_request *request, const char *command)
{
    const char *word = strchr(command, ' ');
    size_t len = word ? (size_t)(word - command) : 0;

    if (len == strlen("withdrawn") && strncmp(command, "withdrawn", len) == 0)
        return tell(worker, request, word + 1, worker_withdrawn);
    if (len == strlen("erased") && strncmp(command, "erased", len) == 0)
        return tell(worker, request, word + 1, worker_erased);
    if (len == strlen("requested") && strncmp(command, "requested", len) == 0)
        return tell_of_request(worker, request, word + 1);
    if (len == strlen("proof") && strncmp(command, "proof", len) == 0)
        return prove(worker, request, word + 1);
    return false;
}
