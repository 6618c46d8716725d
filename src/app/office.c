#include <config.h>

#include "app/office.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "app/high_water.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "domain/project.h"
#include "store/migrate.h"

static char *path_join(const char *dir, const char *name)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_addf(&b, "%s/%s", dir, name);
    return b.failed ? NULL : b.data; /* the buffer's memory is the caller's now */
}

char *office_path(const struct office *o, const char *name)
{
    return path_join(o->dir, name);
}

static enum err_code folder_make(const char *path, struct err *e)
{
    if (path == NULL) {
        return err_nomem(e);
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST
               ? ERR_OK
               : err_errno(e, _("cannot make the folder %s"), path);
}

static enum err_code folders_make(struct office *o, struct err *e)
{
    static const char *const names[] = {"keys", "state"};
    TRY(folder_make(o->dir, e));
    for (size_t i = 0; i < 2; i++) {
        char *path = office_path(o, names[i]);
        enum err_code code = folder_make(path, e);
        mem_free(path);
        TRY(code);
    }
    return ERR_OK;
}

enum err_code office_reload(struct office *o, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, "SELECT code, name, currency, zone, locale FROM office",
                 NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(o->code, sizeof o->code, "%s", stmt_text(q, 0));
        (void)snprintf(o->name, sizeof o->name, "%s", stmt_text(q, 1));
        o->currency = currency_find(stmt_text(q, 2));
        o->numfmt = numfmt_find(stmt_text(q, 4));
        zone_free(o->zone);
        o->zone = NULL;
        code = zone_load(stmt_text(q, 3), &o->zone, e);
        if (code == ERR_OK && (o->currency == NULL || o->numfmt == NULL)) {
            code =
                err_set(e, ERR_UNSUPPORTED,
                        _("the office uses currency %s and locale %s, unknown to this program"),
                        stmt_text(q, 2), stmt_text(q, 4));
        }
    }
    stmt_done(q);
    o->ledger = (struct ledger){.db = o->db,
                                .memory = &o->memory,
                                .env = o->env,
                                .projector = &office_projector,
                                .office = o->code,
                                .clock_path = o->clock_path,
                                .gate = o->gate};
    return code;
}

static enum err_code office_database(struct office *o, enum db_mode mode, struct err *e)
{
    struct stat st;
    if (mode != DB_CREATE && stat(o->db_path, &st) != 0) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no office in %s; make one with: aforo init --office DIR"),
                       o->dir);
    }
    if (mode == DB_CREATE) {
        TRY(folders_make(o, e));
    }
    TRY(db_open(o->db_path, mode, &o->db, e));
    if (mode == DB_CREATE) {
        TRY(schema_migrate(o->db, (int64_t)migrations_count, e));
    }
    return schema_require(o->db, e);
}

/* An office behind what it published opens, so that it can be looked at; o->behind says why
 * nothing may be recorded. */
static enum err_code behind_check(struct office *o, struct err *e)
{
    struct high_water known[HIGH_WATERS];
    enum err_code code = high_water_known(o, known, &o->behind);
    for (size_t i = 0; code == ERR_OK && i < HIGH_WATERS; i++) {
        code = high_water_judge(o, &known[i], &o->behind);
    }
    return code == ERR_OK || code == ERR_STATE || code == ERR_TAMPERED
               ? ERR_OK
               : err_set(e, code, "%s", o->behind.text);
}

static bool office_paths(struct office *o, const char *dir)
{
    o->dir = mem_strdup(dir);
    o->db_path = path_join(dir, "office.db");
    o->clock_path = path_join(dir, "state/clock");
    o->sessions_path = path_join(dir, "state/sessions.db");
    o->high_water_path = path_join(dir, "state/high-water");
    o->erasing_path = path_join(dir, "state/erasing");
    return o->dir != NULL && o->db_path != NULL && o->clock_path != NULL &&
           o->sessions_path != NULL && o->high_water_path != NULL && o->erasing_path != NULL;
}

static enum err_code office_gate(struct office *o, struct err *e)
{
    char *path = office_path(o, "state/gate");
    if (path == NULL) {
        return err_nomem(e);
    }
    o->gate = gate_open(path);
    mem_free(path);
    return ERR_OK; /* without a gate nobody queues */
}

enum err_code office_open(const char *dir, enum db_mode mode, const struct env *env,
                          struct office **out, struct err *e)
{
    *out = NULL;
    struct office *o = mem_alloc(sizeof *o);
    if (o == NULL) {
        return err_nomem(e);
    }
    o->env = env;
    o->gate = -1;
    enum err_code code = office_paths(o, dir) ? ERR_OK : err_nomem(e);
    if (code == ERR_OK) {
        code = office_database(o, mode, e);
    }
    if (code == ERR_OK && mode != DB_READ) {
        code = office_gate(o, e);
    }
    if (code == ERR_OK) {
        code = office_reload(o, e);
    }
    if (code == ERR_OK) {
        code = behind_check(o, e);
    }
    if (code != ERR_OK) {
        office_close(o);
        return code;
    }
    *out = o;
    return ERR_OK;
}

void office_close(struct office *o)
{
    if (o == NULL) {
        return;
    }
    db_close(o->db);
    sign_key_free(o->key);
    note_key_free(o->log_key);
    note_key_free(o->log_key_beside);
    sign_key_free(o->document_key);
    zone_free(o->zone);
    mem_free(o->dir);
    mem_free(o->db_path);
    mem_free(o->clock_path);
    mem_free(o->sessions_path);
    mem_free(o->high_water_path);
    mem_free(o->erasing_path);
    gate_close(o->gate);
    mem_free(o);
}

struct date office_today(const struct office *o)
{
    int64_t secs = env_wall_ms(o->env) / 1000;
    return o->zone == NULL ? date_from_days((int32_t)(secs / 86400))
                           : zone_to_civil(o->zone, secs).date;
}

/* The files that making an office leaves; keys/ has others, of any name. */
static const char *const office_files[] = {
    "office.db", "office.db-wal", "office.db-shm", "state/clock", "state/gate",
    "state/sessions.db", "state/sessions.db-wal", "state/sessions.db-shm",
    /* and a restore */
    "state/high-water", "state/erasures", "state/erasing", "state/purged", "state/verified"};

/* Keys of an attempt that was cut off belong to no office. */
static void keys_clear(const char *dir)
{
    char *keys = path_join(dir, "keys");
    DIR *d = keys == NULL ? NULL : opendir(keys);
    for (struct dirent *f = d == NULL ? NULL : readdir(d); f != NULL; f = readdir(d)) {
        char *path = f->d_name[0] == '.' ? NULL : path_join(keys, f->d_name);
        if (path != NULL) {
            (void)unlink(path);
        }
        mem_free(path);
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    mem_free(keys);
}

enum err_code office_making(const char *dir, char **out, struct err *e)
{
    struct stat st;
    struct buf b;
    char *db = path_join(dir, "office.db");
    bool there = db != NULL && stat(db, &st) == 0;
    mem_free(db);
    if (there) {
        return err_set(e, ERR_EXISTS, _("%s holds an office already"), dir);
    }
    buf_init(&b, 8192);
    buf_addf(&b, "%s.making", dir);
    if (b.failed) {
        buf_release(&b);
        return err_nomem(e);
    }
    *out = b.data;
    for (size_t i = 0; i < sizeof office_files / sizeof office_files[0]; i++) {
        char *path = path_join(*out, office_files[i]);
        if (path != NULL) {
            (void)unlink(path);
        }
        mem_free(path);
    }
    keys_clear(*out);
    return ERR_OK;
}

/* The names in a folder of the office that was made. */
static enum err_code made_sync(const char *making, const char *folder, struct err *e)
{
    char *inside = path_join(making, folder);
    enum err_code code = inside == NULL ? err_nomem(e) : folder_sync_of(inside, e);
    mem_free(inside);
    return code;
}

enum err_code office_made(const char *making, const char *dir, struct err *e)
{
    TRY(made_sync(making, "keys/", e));
    TRY(made_sync(making, "state/", e));
    TRY(made_sync(making, "", e));
    (void)rmdir(dir); /* an empty folder made by hand is fine; anything else stays */
    return rename(making, dir) == 0 ? folder_sync_of(dir, e)
                                    : err_errno(e, _("cannot put the new office into %s"), dir);
}
