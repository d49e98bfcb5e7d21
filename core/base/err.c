#include "base/err.h"

const char *err_text(int err)
{
    switch ((enum err)err) {
    case ERR_NONE: return "no error";
    case ERR_AGAIN: return "more is needed";
    case ERR_MALFORMED: return "malformed";
    case ERR_TOO_LARGE: return "over the limit";
    case ERR_UNSUPPORTED: return "not supported";
    case ERR_NOT_FOUND: return "not found";
    case ERR_IO: return "input/output failed";
    case ERR_FULL: return "no room left";
    case ERR_READ_ONLY: return "read-only";
    case ERR_CLOSED: return "closed";
    case ERR_TIMEOUT: return "timed out";
    case ERR_INVALID: return "invalid";
    case ERR_REFUSED: return "refused";
    case ERR_BUSY: return "another program holds it";
    case ERR_DAMAGED: return "damaged";
    }
    return "unknown error";
}
