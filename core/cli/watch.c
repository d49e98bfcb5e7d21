#include "cli/watch.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Editors write a file in several steps. */
enum { QUIET_MS = 300 };

struct folder {
    uv_fs_event_t event;
    struct folder *next;
    char *path;
    uint64_t device, inode; /* of what is watched: another folder may come under the same path */
};

struct watch {
    uv_timer_t quiet;
    struct folder *folders;
    bool grew;
    void (*changed)(void *owner);
    void *owner;
};

static void on_quiet(uv_timer_t *timer)
{
    struct watch *watch = timer->data;

    watch->changed(watch->owner);
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
    struct watch *watch = event->data;

    (void)name, (void)events, (void)status;
    uv_timer_start(&watch->quiet, on_quiet, QUIET_MS, 0);
}

struct watch *watch_new(uv_loop_t *loop, void (*changed)(void *owner), void *owner)
{
    struct watch *watch = mem_alloc(sizeof *watch);

    watch->changed = changed;
    watch->owner = owner;
    uv_timer_init(loop, &watch->quiet);
    watch->quiet.data = watch;
    return watch;
}

/* Watches what lies under the path now, unless that is being done. */
static void start(struct watch *watch, struct folder *folder)
{
    const char *path = folder->path[0] ? folder->path : "/";
    uv_fs_t look;
    int err = uv_fs_stat(NULL, &look, path, NULL);
    bool same =
        err == 0 && look.statbuf.st_dev == folder->device && look.statbuf.st_ino == folder->inode;

    folder->device = err == 0 ? look.statbuf.st_dev : 0;
    folder->inode = err == 0 ? look.statbuf.st_ino : 0;
    uv_fs_req_cleanup(&look);
    if (same)
        return;
    watch->grew = true;
    uv_fs_event_stop(&folder->event);
    err = uv_fs_event_start(&folder->event, on_event, path, 0);
    if (err < 0)
        log_warn("changes in the folder %s are not noticed: %s; use sekisho reload", path,
                 uv_strerror(err));
}

void watch_file(struct watch *watch, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = slash ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup(".");
    struct folder *folder = watch->folders;

    while (folder && strcmp(folder->path, name) != 0)
        folder = folder->next;
    if (folder) {
        free(name);
        start(watch, folder);
        return;
    }
    folder = mem_alloc(sizeof *folder);
    folder->path = name;
    folder->next = watch->folders;
    watch->folders = folder;
    uv_fs_event_init(watch->quiet.loop, &folder->event);
    folder->event.data = watch;
    start(watch, folder);
}

bool watch_grew(struct watch *watch)
{
    bool grew = watch->grew;

    watch->grew = false;
    return grew;
}

static void on_folder_closed(uv_handle_t *handle)
{
    struct folder *folder = (struct folder *)handle;

    free(folder->path);
    free(folder);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void watch_close(struct watch *watch)
{
    struct folder *folder = watch ? watch->folders : NULL;

    if (!watch)
        return;
    while (folder) {
        struct folder *next = folder->next;

        uv_close((uv_handle_t *)&folder->event, on_folder_closed);
        folder = next;
    }
    uv_close((uv_handle_t *)&watch->quiet, on_closed);
}
