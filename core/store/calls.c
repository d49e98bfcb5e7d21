#include "store/calls.h"

char **text_call_out(struct text_call *call)
{
    free(call->text);
    call->text = NULL;
    return &call->text;
}

bool text_call_answer(void *owner, struct request *request)
{
    struct text_call *call = (struct text_call *)request;
    struct store *store = owner;

    if (call->done)
        call->done(store->owner, call->id, request->err, request->err < 0 ? NULL : call->text);
    return false;
}

void text_call_free(struct request *request)
{
    free(((struct text_call *)request)->text);
    free(request);
}
