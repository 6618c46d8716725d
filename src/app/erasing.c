#include <config.h>

#include "app/erasing.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "app/personal.h"
#include "base/arena.h"
#include "base/i18n.h"

/* wait: for whoever holds the lock; else *lock is -1 when somebody does. */
static enum err_code mark_lock(const char *path, bool wait, int *lock, struct err *e)
{
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock < 0) {
        return err_errno(e, _("cannot make %s"), path);
    }
    if (flock(*lock, wait ? LOCK_EX : LOCK_EX | LOCK_NB) == 0) {
        return ERR_OK;
    }
    enum err_code code = wait ? err_errno(e, _("cannot lock %s"), path) : ERR_OK;
    (void)close(*lock);
    *lock = -1;
    return code;
}

enum err_code erasing_begin(const struct office *o, int *lock, struct err *e)
{
    const char *path = o->erasing_path;
    *lock = -1;
    enum err_code code = mark_lock(path, true, lock, e);
    if (code == ERR_OK && (pwrite(*lock, "1\n", 2, 0) != 2 || fsync(*lock) != 0)) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (code == ERR_OK) {
        code = folder_sync_of(path, e);
    }
    if (code != ERR_OK) {
        erasing_end(*lock, false);
        *lock = -1;
    }
    return code;
}

void erasing_end(int lock, bool done)
{
    if (lock < 0) {
        return;
    }
    if (done && ftruncate(lock, 0) == 0) { /* else the next writer looks once more */
        (void)fsync(lock);
    }
    (void)close(lock);
}

bool erasing_left(const struct office *o)
{
    struct stat st;
    return stat(o->erasing_path, &st) == 0 && st.st_size > 0;
}

enum err_code erasing_apply(struct office *o, const struct progress *progress, int64_t *again,
                            struct err *e)
{
    struct erasures list = {0};
    char *path = office_path(o, "state/erasures");
    *again = 0;
    if (path == NULL) {
        return err_nomem(e);
    }
    enum err_code code = erasures_read(&list, path, e);
    if (code == ERR_OK) {
        code = personal_erase_again(o, &list, again, e);
    }
    if (code == ERR_OK) { /* entry numbers tell nothing in a database that was rolled back */
        code = personal_purge(o, *again > 0, progress, e);
    }
    erasures_release(&list);
    mem_free(path);
    return code;
}

enum err_code erasing_finish(struct office *o, const struct progress *progress, struct err *e)
{
    int64_t again = 0;
    int lock = -1;
    if (!erasing_left(o) || o->behind.code != ERR_OK) {
        return ERR_OK;
    }
    TRY(mark_lock(o->erasing_path, false, &lock, e));
    if (lock < 0) {
        return ERR_OK;
    }
    enum err_code code = erasing_apply(o, progress, &again, e);
    erasing_end(lock, code == ERR_OK);
    return code;
}
