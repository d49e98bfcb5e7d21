#include "cli/control.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/hash.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 64, BACKLOG = 8, BLOCK_BYTES = 1024 };

static const char ok_line[] = "ok\n";
static const char failed_line[] = "failed\n";

struct control {
    uv_pipe_t pipe;
    control_handler handler;
    void *owner;
    struct control_request *first; /* who have not asked yet */
};

struct control_request {
    uv_pipe_t pipe;
    uv_write_t write;
    struct control *control; /* NULL once the line was read, or nobody answers any more */
    struct control_request *next, *previous;
    char line[LINE_BYTES_MAX];
    size_t len;
    char *answer;
    bool asked, answered, closed;
};

/* The memory goes when nobody needs it any more: neither the loop nor who answers. */
static void let_go(struct control_request *request)
{
    if (!request->closed || (request->asked && !request->answered))
        return;
    free(request->answer);
    free(request);
}

/* The control, whose list it leaves. */
static struct control *leave_control(struct control_request *request)
{
    struct control *control = request->control;

    if (!control)
        return NULL;
    if (request->previous)
        request->previous->next = request->next;
    else
        control->first = request->next;
    if (request->next)
        request->next->previous = request->previous;
    request->control = NULL;
    return control;
}

static void on_request_closed(uv_handle_t *handle)
{
    struct control_request *request = handle->data;

    request->closed = true;
    let_go(request);
}

static void hang_up(struct control_request *request)
{
    (void)leave_control(request);
    if (!uv_is_closing((uv_handle_t *)&request->pipe))
        uv_close((uv_handle_t *)&request->pipe, on_request_closed);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    hang_up(write->data);
}

void control_answer(struct control_request *request, bool ok, const char *text)
{
    uv_buf_t buffer;

    request->answered = true;
    if (uv_is_closing((uv_handle_t *)&request->pipe)) {
        let_go(request);
        return;
    }
    request->answer = mem_format("%s%s", ok ? ok_line : failed_line, text);
    request->write.data = request;
    buffer = uv_buf_init(request->answer, (unsigned)strlen(request->answer));
    if (uv_write(&request->write, (uv_stream_t *)&request->pipe, &buffer, 1, on_written) < 0)
        hang_up(request);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct control_request *request = handle->data;

    (void)suggested;
    *out =
        uv_buf_init(request->line + request->len, (unsigned)(sizeof request->line - request->len));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct control_request *request = stream->data;
    struct control *control;
    char *end;

    (void)buffer;
    if (size < 0) {
        hang_up(request);
        return;
    }
    if (request->asked)
        return;
    request->len += (size_t)size;
    end = memchr(request->line, '\n', request->len);
    if (!end) {
        if (request->len == sizeof request->line)
            hang_up(request);
        return;
    }
    *end = 0;
    request->len = 0; /* what comes behind is not looked at */
    request->asked = true;
    control = leave_control(request);
    control->handler(control->owner, request, request->line);
}

/*
 * A name without a file, made from where the configuration stands: nothing stays behind a Sekisho
 * that was killed. Returns the length of the address, or 0 with errno set.
 */
static socklen_t name_of(const char *conf_path, struct sockaddr_un *out)
{
    char *absolute = realpath(conf_path, NULL);
    char hash[SHA256_TEXT_BYTES];
    int len;

    if (!absolute)
        return 0;
    sha256_hex(slice_str(absolute), hash);
    free(absolute);
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    len = snprintf(out->sun_path + 1, sizeof out->sun_path - 1, "sekisho %s", hash);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

/* Such a name has no mode: who is at the other end is asked of the kernel. */
static bool is_trusted(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static void on_connected(uv_stream_t *stream, int status)
{
    struct control *control = stream->data;
    struct control_request *request;
    uv_os_fd_t fd;

    if (status < 0)
        return;
    request = mem_alloc(sizeof *request);
    request->control = control;
    request->next = control->first;
    if (control->first)
        control->first->previous = request;
    control->first = request;
    uv_pipe_init(stream->loop, &request->pipe, 0);
    request->pipe.data = request;
    if (uv_accept(stream, (uv_stream_t *)&request->pipe) < 0 ||
        uv_fileno((uv_handle_t *)&request->pipe, &fd) < 0 || !is_trusted(fd) ||
        uv_read_start((uv_stream_t *)&request->pipe, give_room, on_read) < 0)
        hang_up(request);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* Returns 0 or a libuv error. */
static int bind_name(struct control *control, const char *conf_path)
{
    struct sockaddr_un address;
    socklen_t size = name_of(conf_path, &address);
    int fd = size > 0 ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
    int err = 0;

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0)
        err = uv_translate_sys_error(errno);
    if (err == 0)
        err = uv_pipe_open(&control->pipe, fd);
    if (err < 0 && fd >= 0)
        close(fd);
    return err;
}

struct control *control_open(uv_loop_t *loop, const char *conf_path, control_handler handler,
                             void *owner)
{
    struct control *control = mem_alloc(sizeof *control);
    int err;

    control->handler = handler;
    control->owner = owner;
    uv_pipe_init(loop, &control->pipe, 0);
    control->pipe.data = control;
    err = bind_name(control, conf_path);
    if (err == 0)
        err = uv_listen((uv_stream_t *)&control->pipe, BACKLOG, on_connected);
    if (err == 0)
        return control;
    log_warn("sekisho reload will not reach this Sekisho, SIGHUP does: %s",
             err == UV_EADDRINUSE ? "another one runs with this configuration" : uv_strerror(err));
    uv_close((uv_handle_t *)&control->pipe, on_closed);
    return NULL;
}

void control_close(struct control *control)
{
    if (!control)
        return;
    while (control->first)
        hang_up(control->first);
    uv_close((uv_handle_t *)&control->pipe, on_closed);
}

static int connect_to(const char *conf_path)
{
    struct sockaddr_un address;
    socklen_t size = name_of(conf_path, &address);
    int fd = size > 0 ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;

    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, size) == 0) {
        if (is_trusted(fd))
            return fd;
        errno = EPERM;
    }
    close(fd);
    return -1;
}

/* The rest of the stream. Returns owned. */
static char *read_rest(FILE *from)
{
    struct buf all = {0};
    size_t len;

    do {
        len = fread(buf_reserve(&all, BLOCK_BYTES), 1, BLOCK_BYTES, from);
        all.len += len;
    } while (len > 0);
    return buf_take_text(&all);
}

int control_call(const char *conf_path, const char *command, bool *ok, char **answer)
{
    char first[sizeof failed_line + 1] = "";
    int fd = connect_to(conf_path);
    FILE *stream;

    *answer = NULL;
    if (fd < 0)
        return ERR_NOT_FOUND;
    stream = fdopen(fd, "r+");
    if (!stream)
        abort();
    fprintf(stream, "%s\n", command);
    fflush(stream);
    if (fgets(first, sizeof first, stream))
        *answer = read_rest(stream);
    *ok = strcmp(first, ok_line) == 0;
    fclose(stream);
    return *answer ? 0 : ERR_CLOSED;
}

int control_ask(const char *conf_path, const char *command)
{
    bool ok = false;
    char *answer;
    int err = control_call(conf_path, command, &ok, &answer);

    if (err == ERR_NOT_FOUND)
        fprintf(stderr,
                "sekisho %s: no Sekisho answers that runs with %s: %s; name the configuration "
                "that it was started with (-c), as the user that started it\n",
                command, conf_path, strerror(errno));
    else if (err < 0)
        fprintf(stderr, "sekisho %s: Sekisho ended before it answered\n", command);
    else
        fputs(answer, ok ? stdout : stderr);
    free(answer);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

char *control_fetch(const char *conf_path, const char *command)
{
    bool ok = false;
    char *answer;

    (void)!control_call(conf_path, command, &ok, &answer);
    if (ok)
        return answer;
    free(answer);
    return NULL;
}
