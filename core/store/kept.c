#include "store/kept.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/intents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int kept_read(const char *path, struct kept *out)
{
    FILE *file = fopen(path, "re");
    json_t *json;
    bool good;

    *out = (struct kept){0};
    if (!file)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    json = json_loadf(file, JSON_REJECT_DUPLICATES, NULL);
    fclose(file);
    good = json && ledger_head_read(json, &out->head) == 0 && out->head.size > 0 &&
           ledger_head_holds(&out->head) &&
           ledger_hash_read(json_object_get(json, "last"), &out->last) == 0;
    json_decref(json);
    return good ? 0 : ERR_MALFORMED;
}

/* Returns whether all of it is on the disk. */
static bool write_line(int descriptor, const struct kept *kept)
{
    json_t *json = ledger_head_json(&kept->head);
    char *text;
    bool written;

    json_object_set_new(json, "last", ledger_hash_json(&kept->last));
    text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(json);
    if (!text)
        abort();
    written = dprintf(descriptor, "%s\n", text) == (int)strlen(text) + 1 && fsync(descriptor) == 0;
    free(text);
    return close(descriptor) == 0 && written;
}

/* A command that root runs leaves it to the user that Sekisho runs as, who has to read it. */
static void keep_owner(int descriptor, const char *path)
{
    struct stat before;

    if (stat(path, &before) == 0)
        (void)!fchown(descriptor, before.st_uid, before.st_gid);
}

int kept_write(const char *path, const struct kept *kept)
{
    char *name = mem_format("%s.XXXXXX", path);
    int descriptor = mkostemp(name, O_CLOEXEC); /* mode 0600 */
    int err = ERR_IO;

    if (descriptor >= 0)
        keep_owner(descriptor, path);
    if (descriptor >= 0 && write_line(descriptor, kept) && rename(name, path) == 0)
        err = folder_sync(path);
    else if (descriptor >= 0)
        unlink(name);
    free(name);
    return err;
}
