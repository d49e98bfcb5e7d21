#include "script/source.h"

#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_whole(struct source *source, FILE *file, struct diag *diag)
{
    source->text = mem_alloc(SOURCE_BYTES_MAX + 1);
    source->len = fread(source->text, 1, SOURCE_BYTES_MAX + 1, file);
    if (ferror(file)) {
        diag_add(diag, source->path, 0, "cannot be read: %s", strerror(errno));
        return ERR_INVALID;
    }
    if (source->len > SOURCE_BYTES_MAX) {
        diag_add(diag, source->path, 0, "is larger than %d KiB, the most that is read",
                 SOURCE_BYTES_MAX / 1024);
        return ERR_INVALID;
    }
    if (source->len >= 2 &&
        (memcmp(source->text, "\xFF\xFE", 2) == 0 || memcmp(source->text, "\xFE\xFF", 2) == 0)) {
        diag_add(diag, source->path, 0, "is saved as UTF-16; save it as UTF-8");
        return ERR_INVALID;
    }
    if (source->text[0] == '\x1B') {
        diag_add(diag, source->path, 0,
                 "is compiled already; the text that it was made of is meant");
        return ERR_INVALID;
    }
    return 0;
}

/* A pipe would have everything wait until somebody writes into it. NULL: why not, is told. */
static FILE *open_file(const char *path, struct diag *diag)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found = {0};

    if (fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode))
        return fdopen(fd, "rb");
    if (fd >= 0 && !S_ISDIR(found.st_mode))
        diag_add(diag, path, 0, "is a pipe or a device; a file is meant");
    else
        diag_add(diag, path, 0, "cannot be read: %s%s", strerror(fd < 0 ? errno : EISDIR),
                 fd < 0 && errno == ENOENT && path[0] != '/'
                     ? "; paths are relative to the folder that the program was started in"
                     : "");
    if (fd >= 0)
        close(fd);
    return NULL;
}

int source_read(const char *path, struct diag *diag, struct source *out)
{
    FILE *file = open_file(path, diag);
    int err;

    *out = (struct source){.path = mem_strdup(path)};
    if (!file)
        return ERR_INVALID;
    err = read_whole(out, file, diag);
    fclose(file);
    if (err < 0) {
        free(out->text);
        out->text = NULL;
        out->len = 0;
        return err;
    }
    if (out->len >= 3 && memcmp(out->text, "\xEF\xBB\xBF", 3) == 0) {
        out->len -= 3;
        memmove(out->text, out->text + 3, out->len);
    }
    out->text = mem_resize(out->text, out->len + 1);
    out->text[out->len] = 0;
    return 0;
}

void source_free(struct source *source)
{
    free(source->text);
    free(source->path);
    *source = (struct source){0};
}

bool source_exists(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0;
}
