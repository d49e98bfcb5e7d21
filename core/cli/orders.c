#include "cli/orders.h"

#include "consent/code.h"

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

/* "proof CODE": whose it is. It counts once. */
static bool tell_holder(struct worker *worker, struct control_request *request, const char *code)
{
    struct code_holder *holder = codes_find(worker->proofs, code, uv_now(worker->loop));
    char text[UUID_TEXT_BYTES];

    if (!holder) {
        control_answer(request, false, "");
        return true;
    }
    uuid_format(&holder->player, text);
    codes_end(worker->proofs, code);
    control_answer(request, true, text);
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
    if (len == strlen("proof") && strncmp(command, "proof", len) == 0)
        return tell_holder(worker, request, word + 1);
    return false;
}
