#include <config.h>

#include "app/index_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/erasing.h"
#include "base/arena.h"
#include "base/i18n.h"

#define PATH_IN_STATE 64
#define LATELY_S 600

static char *path_of(const struct office *o, const char *name, const char *end)
{
    char path[PATH_IN_STATE];
    int n = snprintf(path, sizeof path, "state/%s.%s", name, end);
    CHECK(n > 0 && n < (int)sizeof path);
    return office_path(o, path);
}

char *index_file_path(const struct office *o, const char *name)
{
    return path_of(o, name, "db");
}

bool index_file_lately(const struct office *o, const char *name)
{
    struct stat st;
    char *path = index_file_path(o, name);
    bool lately = path != NULL && stat(path, &st) == 0 &&
                  env_wall_ms(o->env) / 1000 - st.st_mtime < LATELY_S;
    mem_free(path);
    return lately;
}

static enum err_code make_and_place(struct office *o, const struct index_file *f, int lock,
                                    const char *making, const char *place, struct err *e)
{
    bool needed = false;
    bool usable = false;
    bool made = false;
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        return ERR_OK; /* another program is at it */
    }
    TRY(f->look(o, f->ctx, &usable, &needed, e));
    if (!needed || erasing_left(o)) {
        return ERR_OK;
    }
    (void)unlink(making);
    enum err_code code = f->make(o, f->ctx, making, &made, e);
    if (code == ERR_OK && made && !erasing_left(o) && rename(making, place) != 0) {
        code = err_errno(e, _("cannot write %s"), place);
    }
    (void)unlink(making);
    if (code == ERR_OK && made) {
        code = f->look(o, f->ctx, &usable, &needed, e);
    }
    return code == ERR_OK && (!usable || erasing_left(o)) ? index_file_forget(o, f->name, e)
                                                          : code;
}

enum err_code index_file_build(struct office *o, const struct index_file *f, struct err *e)
{
    char *lock_path = office_path(o, "state/search.lock");
    char *making = path_of(o, f->name, "new");
    char *place = index_file_path(o, f->name);
    int lock = -1;
    enum err_code code = ERR_OK;
    if (lock_path == NULL || making == NULL || place == NULL) {
        code = err_nomem(e);
        goto out;
    }
    lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        code = err_errno(e, _("cannot make %s"), lock_path);
        goto out;
    }
    code = make_and_place(o, f, lock, making, place, e);
out:
    if (lock >= 0) {
        (void)close(lock);
    }
    mem_free(place);
    mem_free(making);
    mem_free(lock_path);
    return code;
}

enum err_code index_file_forget(const struct office *o, const char *name, struct err *e)
{
    static const char *const ends[] = {"new", "db"};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < 2; i++) {
        char *path = path_of(o, name, ends[i]);
        if (path == NULL) {
            return err_nomem(e);
        }
        if (unlink(path) != 0 && access(path, F_OK) == 0 && code == ERR_OK) {
            code = err_errno(e, _("cannot remove %s"), path);
        }
        mem_free(path);
    }
    return code;
}

enum err_code index_file_same_ledger(struct db *index, struct db *office, int64_t seq,
                                     bool *same, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t found = 0;
    *same = false;
    TRY(db_query(office, &q, e, "SELECT leaf FROM entry WHERE seq = ?", VALS(V_INT(seq))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        size_t len = 0;
        const void *leaf = stmt_blob(q, 0, &len);
        code = db_get_int(index, &found, NULL, e, "SELECT count(*) FROM made WHERE leaf = ?",
                          VALS(V_BLOB(leaf, len)));
    }
    *same = code == ERR_OK && found == 1;
    stmt_done(q);
    return code;
}

enum err_code index_rows_stay(struct db *office, int64_t seq, bool *stay, struct err *e)
{
    int64_t found = 0;
    enum err_code code = db_get_int(
        office, &found, NULL, e,
        "SELECT count(*) FROM import_run i WHERE i.id = (SELECT json_extract(payload, "
        "'$.data.run') FROM entry WHERE seq = ?) AND i.kind = 'readings' AND NOT EXISTS(SELECT "
        "1 FROM history h JOIN entry n ON n.seq = h.seq WHERE h.kind = 'meter.swapped' AND "
        "h.seq BETWEEN i.opened AND i.ended AND json_extract(n.payload, '$.data.run') = i.id)",
        VALS(V_INT(seq)));
    *stay = found == 1;
    return code;
}
