#include "store/intents.h"

#include "base/err.h"
#include "base/mem.h"
#include "consent/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_CHARS = LEDGER_SUBJECT_BYTES - 1 };

static int error_now(void)
{
    return errno == ENOSPC || errno == EDQUOT  ? ERR_FULL
           : errno == EROFS || errno == EACCES ? ERR_READ_ONLY
                                               : ERR_IO;
}

/* A line that a full disk cut off is ended, so that the next one stands alone. */
static bool is_cut_off(int file)
{
    off_t size = lseek(file, 0, SEEK_END);
    char last = '\n';

    return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

int folder_sync(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? mem_strndup(path, (size_t)(slash - path) + 1) : mem_strdup(".");
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = file >= 0 && fsync(file) == 0 ? 0 : error_now();

    if (file >= 0)
        close(file);
    free(folder);
    return err;
}

int intents_add(const char *path, const char *subject)
{
    int file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    char *line;
    ssize_t len;
    int err = 0;

    if (file < 0)
        return error_now();
    line = mem_format("%s%s\n", is_cut_off(file) ? "\n" : "", subject);
    len = (ssize_t)strlen(line);
    errno = ENOSPC; /* what a short write means */
    if (write(file, line, (size_t)len) != len || fsync(file) < 0)
        err = error_now();
    close(file);
    free(line);
    return err < 0 ? err : folder_sync(path);
}

static bool is_subject(const char *line, size_t len)
{
    return len == LINE_CHARS && strspn(line, "0123456789abcdef") >= LINE_CHARS;
}

int intents_each(const char *path, int (*each)(void *owner, const char *subject), void *owner)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int err = 0;

    if (!file)
        return errno == ENOENT ? 0 : error_now();
    while ((len = getline(&line, &size, file)) > 0) {
        int one;

        line[len - 1] = line[len - 1] == '\n' ? '\0' : line[len - 1];
        one = is_subject(line, strlen(line)) ? each(owner, line) : 0;
        err = err < 0 ? err : one;
    }
    if (err == 0 && ferror(file))
        err = error_now();
    free(line);
    fclose(file);
    return err;
}
