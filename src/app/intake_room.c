#include <config.h>

#include "app/intake_room.h"

#include <inttypes.h>
#include <sys/statvfs.h>

#include "base/i18n.h"

enum err_code intake_room(const struct office *o, struct err *e)
{
    struct statvfs disk;
    if (statvfs(o->dir, &disk) != 0) {
        return err_errno(e, _("cannot ask how much room there is for %s"), o->dir);
    }
    /* What an ordinary user may still take. Some file systems tell no size: nothing to judge.
     */
    uint64_t free_blocks = disk.f_bavail;
    uint64_t least = disk.f_blocks / 100 * INTAKE_FREE_PERCENT +
                     disk.f_blocks % 100 * INTAKE_FREE_PERCENT / 100;
    if (free_blocks >= least) {
        return ERR_OK;
    }
    uint64_t mib = free_blocks / 1024 * disk.f_frsize / 1024;
    return err_set(
        e, ERR_LIMIT,
        _("the disk that holds %s has %" PRIu64
          " MiB left, less than %d %%: nothing more is taken in, so that single acts "
          "can still be recorded; make room on it, then give the same file again: an "
          "import goes on where it stopped"),
        o->dir, mib, INTAKE_FREE_PERCENT);
}
