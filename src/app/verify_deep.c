#include <config.h>

#include "app/verify_deep.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/segments.h"
#include "app/verify_packets.h"
#include "app/verify_segments.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ledger/export.h"
#include "ledger/verify.h"
#include "store/migrate.h"

#define PATH_SIZE 4096
#define TEMP_PREFIX "deep-"

/* ---- the temporary folder
 * ------------------------------------------------------------------ */

struct temp {
    char dir[PATH_SIZE];
    char copy[PATH_SIZE];    /* of the office's database, at one moment */
    char fresh[PATH_SIZE];   /* an empty database of this program's schema */
    char export[PATH_SIZE];  /* entries and items */
    char rebuilt[PATH_SIZE]; /* folder of the second process */
    char rebuilt_db[PATH_SIZE];
};

/* Remove a folder of plain files, and folders below it one level deep. */
static void folder_remove(const char *dir, bool deeper)
{
    DIR *d = opendir(dir);
    char path[PATH_SIZE];
    for (const struct dirent *f = d == NULL ? NULL : readdir(d); f != NULL; f = readdir(d)) {
        int n = snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
        if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0 ||
            n >= (int)sizeof path) {
            continue;
        }
        if (unlink(path) != 0 && deeper) {
            folder_remove(path, false);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    (void)rmdir(dir);
}

void temp_folder_remove(const char *dir)
{
    folder_remove(dir, true);
}

/* Folders of checks that were killed: their names hold the process that made them. */
static void leftovers_remove(const char *parent)
{
    DIR *d = opendir(parent);
    char path[PATH_SIZE];
    for (const struct dirent *f = d == NULL ? NULL : readdir(d); f != NULL; f = readdir(d)) {
        if (strncmp(f->d_name, TEMP_PREFIX, sizeof TEMP_PREFIX - 1) != 0) {
            continue;
        }
        long pid = strtol(f->d_name + sizeof TEMP_PREFIX - 1, NULL, 10);
        int n = snprintf(path, sizeof path, "%s/%s", parent, f->d_name);
        if (pid > 0 && n < (int)sizeof path && kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
            folder_remove(path, true);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}

bool temp_folders_left(const char *parent)
{
    bool left = false;
    leftovers_remove(parent);
    DIR *d = opendir(parent);
    for (const struct dirent *f = d == NULL ? NULL : readdir(d); f != NULL; f = readdir(d)) {
        left = left || strncmp(f->d_name, TEMP_PREFIX, sizeof TEMP_PREFIX - 1) == 0;
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return left;
}

static bool path_add(char out[PATH_SIZE], const char *dir, const char *name)
{
    int n = snprintf(out, PATH_SIZE, "%s/%s", dir, name);
    return n > 0 && n < PATH_SIZE;
}

/* On the office's own disk, which holds such a database; elsewhere when that is read-only. */
static enum err_code temp_make(struct temp *t, const char *office_dir, struct err *e)
{
    char parent[PATH_SIZE];
    char name[64];
    const char *tmp = getenv("TMPDIR");
    if (!path_add(parent, office_dir, "state")) {
        return err_set(e, ERR_RANGE, _("the path is too long: %s"), office_dir);
    }
    if (access(parent, W_OK) == 0) {
        leftovers_remove(parent);
    } else {
        (void)snprintf(parent, sizeof parent, "%s",
                       tmp != NULL && *tmp != '\0' ? tmp : "/var/tmp");
    }
    (void)snprintf(name, sizeof name, TEMP_PREFIX "%ld-XXXXXX", (long)getpid());
    if (!path_add(t->dir, parent, name)) {
        return err_set(e, ERR_RANGE, _("the path is too long: %s"), parent);
    }
    if (mkdtemp(t->dir) == NULL) {
        return err_errno(e, _("cannot make a temporary folder in %s"), parent);
    }
    bool ok = path_add(t->copy, t->dir, "copy.db") && path_add(t->fresh, t->dir, "fresh.db") &&
              path_add(t->export, t->dir, "ledger.export") &&
              path_add(t->rebuilt, t->dir, "rebuilt") &&
              path_add(t->rebuilt_db, t->rebuilt, "office.db");
    return ok ? ERR_OK : err_set(e, ERR_RANGE, _("the path is too long: %s"), t->dir);
}

/* ---- the steps
 * ----------------------------------------------------------------------------- */

/* All further steps see one moment of the database, and hold back no writer. */
static enum err_code copy_make(const char *db_path, const struct temp *t, struct err *e)
{
    struct db *live = NULL;
    TRY(db_open(db_path, DB_READ, &live, e));
    enum err_code code = db_backup(live, t->copy, e);
    db_close(live);
    return code;
}

static enum err_code schema_step(struct db *copy, const struct temp *t, struct audit *a,
                                 struct err *e)
{
    struct db *fresh = NULL;
    TRY(db_open(t->fresh, DB_SCRATCH, &fresh, e));
    enum err_code code = schema_migrate(fresh, (int64_t)migrations_count, e);
    if (code == ERR_OK) {
        code = schema_compare(copy, fresh, a, e);
    }
    db_close(fresh);
    return code;
}

static enum err_code export_make(struct db *copy, const struct temp *t, const char *office,
                                 const struct progress *progress, struct err *e)
{
    struct export_counts counts;
    FILE *out = fopen(t->export, "wbxe");
    if (out == NULL) {
        return err_errno(e, _("cannot write %s"), t->export);
    }
    enum err_code code = export_write(copy, office, out, progress, &counts, e);
    if (fclose(out) != 0 && code == ERR_OK) {
        code = err_errno(e, _("cannot write %s"), t->export);
    }
    return code;
}

/* The ledger holds: does everything else follow from it? */
static enum err_code projections_step(const struct verify_request *q, struct db *copy,
                                      const struct temp *t, struct audit *a, struct err *e)
{
    struct db *rebuilt = NULL;
    struct err why = ERR_INIT;
    TRY(export_make(copy, t, a->office, q->progress, e));
    enum err_code code = rebuild_spawn(q->program, t->export, t->rebuilt, q->progress, &why);
    if (code == ERR_TAMPERED) {
        (void)audit_add(a, "rebuild", 0, -1, "%s", why.text);
        return ERR_OK;
    }
    if (code != ERR_OK) {
        return err_set(e, code, "%s", why.text);
    }
    TRY(db_open(t->rebuilt_db, DB_READ, &rebuilt, e));
    code = rows_compare(copy, rebuilt, q->progress, a, e);
    db_close(rebuilt);
    TRY(code);
    TRY(kept_check(copy, a, e));
    /* The keys are what the ledger says: do the packets hold by them? */
    return a->fault_count == 0 ? packets_check(copy, q->threads, q->progress, a, e) : ERR_OK;
}

/* What was dropped comes back into the copy. */
static enum err_code segments_step(const struct verify_request *q, const struct temp *t,
                                   struct audit *a, struct err *lacking, struct err *e)
{
    char folder[SEGMENT_PATH_MAX];
    TRY(segment_folder(q->dir, q->segments, folder, e));
    return segments_fill(t->copy, folder, q->progress, a, lacking, e);
}

/* Without all items no table can be made again. */
static enum err_code rest_status(const struct audit *a, const struct err *lacking,
                                 struct err *e)
{
    return a->fault_count > 0 ? audit_status(a, e)
           : lacking->code != ERR_OK
               ? err_set(e, lacking->code,
                         _("%s. What was dropped is not checked, nor are the tables"),
                         lacking->text)
               : ERR_OK;
}

static enum err_code deep_steps(const struct verify_request *q, const struct temp *t,
                                struct db *copy, struct verify_job *job, struct chain *c,
                                struct audit *a, struct err *e)
{
    struct err lacking = ERR_INIT;
    struct audit *ledger = mem_alloc(sizeof *ledger);
    if (ledger == NULL) {
        return err_nomem(e);
    }
    enum err_code code = schema_step(copy, t, a, e);
    if (code == ERR_OK) {
        code = integrity_check(copy, a, e);
    }
    size_t before = a->fault_count;
    if (code == ERR_OK) {
        code = segments_step(q, t, a, &lacking, e);
    }
    bool all_there = a->fault_count == before && lacking.code == ERR_OK;
    if (code == ERR_OK) {
        code = verify_ledger(job, c, ledger, e);
        audit_join(a, ledger);
    }
    mem_free(ledger);
    if (code == ERR_OK && !all_there) {
        return rest_status(a, &lacking, e);
    }
    if (code == ERR_OK) {
        code = projections_step(q, copy, t, a, e);
    }
    return code;
}

enum err_code verify_deep(const struct verify_request *q, const char *db_path,
                          struct verify_job *job, struct chain *c, struct audit *a,
                          struct err *e)
{
    struct temp t = {.dir = ""};
    struct db *copy = NULL;
    enum err_code code = temp_make(&t, q->dir, e);
    if (code == ERR_OK) {
        code = copy_make(db_path, &t, e);
    }
    if (code == ERR_OK) {
        code = db_open(t.copy, DB_READ, &copy, e);
    }
    if (code == ERR_OK) {
        job->db_path = t.copy;
        code = deep_steps(q, &t, copy, job, c, a, e);
    }
    db_close(copy);
    if (t.dir[0] != '\0') {
        folder_remove(t.dir, true);
    }
    if (code == ERR_TAMPERED && a->fault_count == 0) { /* SQLite says that the file is broken */
        return code;
    }
    /* A schema that was changed makes later steps fail in many ways: the change is the news. */
    bool follows = code == ERR_DB && a->fault_count > 0;
    return code == ERR_OK || code == ERR_TAMPERED || follows ? audit_status(a, e) : code;
}
