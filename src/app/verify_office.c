#include <config.h>

#include "app/verify_office.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/verify_deep.h"
#include "base/arena.h"
#include "base/caltime.h"
#include "base/i18n.h"
#include "ledger/verified.h"
#include "ledger/verify.h"
#include "store/migrate.h"

#define PATH_SIZE 4096

static enum err_code path_make(char out[PATH_SIZE], const char *dir, const char *name,
                               struct err *e)
{
    int n = snprintf(out, PATH_SIZE, "%s/%s", dir, name);
    return n > 0 && n < PATH_SIZE ? ERR_OK
                                  : err_set(e, ERR_RANGE, _("the path is too long: %s"), dir);
}

/* An office of another schema is refused with a sentence of its own; no projection is read: it
 * may be what was tampered with. */
static enum err_code office_there(const char *dir, const char *db_path, struct err *e)
{
    struct stat st;
    struct db *db = NULL;
    if (stat(db_path, &st) != 0) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no office in %s; make one with: aforo init --office DIR"),
                       dir);
    }
    TRY(db_open(db_path, DB_READ, &db, e));
    enum err_code code = schema_require(db, e);
    db_close(db);
    return code;
}

/* What every level reads. A rebuild compares the whole schema, and names the rest. */
static enum err_code tables_there(const char *db_path, struct audit *a, struct err *e)
{
    struct db *db = NULL;
    struct stmt *q = NULL;
    bool lacks = false;
    TRY(db_open(db_path, DB_READ, &db, e));
    enum err_code code = db_query(
        db, &q, e,
        "SELECT w.column1 FROM (VALUES('entry'), ('item'), ('tile'), ('checkpoint'), "
        "('cosignature'), ('witness'), ('key'), ('rollback'), ('office')) w LEFT JOIN "
        "sqlite_schema s ON s.name = w.column1 AND s.type = 'table' WHERE s.name IS NULL",
        NO_VALS);
    while (code == ERR_OK && (code = stmt_next(q, &lacks, e)) == ERR_OK && lacks) {
        (void)audit_add(a, "schema", 0, -1, _("the %s %s is missing from the database"),
                        "table", stmt_text(q, 0));
    }
    stmt_done(q);
    db_close(db);
    return code == ERR_OK ? audit_status(a, e) : code;
}

/* The last check that held: where this one begins, and what it must find again. A file that is
 * damaged is a fault of its own: without it a roll-back would go unseen. */
static enum err_code last_check(const struct verify_request *q, const char *path,
                                struct chain *c, struct verify_job *job, int64_t *at_ms,
                                struct audit *a, struct err *e)
{
    bool found = false;
    enum err_code code = verified_read(path, c, at_ms, &found, e);
    if (code == ERR_TAMPERED) {
        (void)audit_add(a, "verified_file", 0, -1,
                        _("%s; find out why, remove it, and check again with --full"), e->text);
        return audit_status(a, e);
    }
    TRY(code);
    if (found) {
        job->mark_size = c->tree.size;
        merkle_root(&c->tree, &job->mark_root);
    }
    if (q->level != VERIFY_NEW) {
        chain_release(c);
        chain_init(c);
    }
    return ERR_OK;
}

static enum err_code verify_run(const struct verify_request *q, const char *db_path,
                                const char *state_path, struct chain *c, struct audit *a,
                                struct err *e)
{
    struct verify_job job = {.db_path = db_path,
                             .threads = q->threads,
                             .progress = q->progress,
                             .hashes_only = q->level == VERIFY_HASHES};
    int64_t at_ms = 0;
    if (q->level != VERIFY_DEEP) {
        TRY(tables_there(db_path, a, e));
    }
    TRY(last_check(q, state_path, c, &job, &at_ms, a, e));
    return q->level == VERIFY_DEEP ? verify_deep(q, db_path, &job, c, a, e)
                                   : verify_ledger(&job, c, a, e);
}

enum err_code verify_office(const struct verify_request *q, struct audit *a, struct err *e)
{
    char db_path[PATH_SIZE];
    char state_path[PATH_SIZE];
    char high_water[PATH_SIZE];
    struct chain c;
    *a = (struct audit){0};
    TRY(path_make(db_path, q->dir, "office.db", e));
    TRY(path_make(state_path, q->dir, "state/verified", e));
    TRY(path_make(high_water, q->dir, "state/high-water", e));
    chain_init(&c);
    enum err_code code = office_there(q->dir, db_path, e);
    if (code == ERR_OK) {
        code = verify_run(q, db_path, state_path, &c, a, e);
    }
    if (code == ERR_OK) {
        code = published_check(q, db_path, high_water, &c, a, e);
    }
    if (code == ERR_TAMPERED && a->fault_count == 0) { /* SQLite says that the file is broken */
        (void)audit_add(a, "database", 0, -1, "%s", e->text);
    }
    if (code == ERR_OK && q->level != VERIFY_HASHES) {
        /* An auditor may check an office that is mounted read-only: the check held all the
         * same, only the next one begins where this one began. */
        struct err ignored = ERR_INIT;
        a->remembered = verified_write(state_path, &c, env_wall_ms(q->env), &ignored) == ERR_OK;
    }
    chain_release(&c);
    return code;
}
