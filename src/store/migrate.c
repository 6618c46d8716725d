#include <config.h>

#include "store/migrate.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/i18n.h"

const struct table_info tables[] = {
#define TABLE(name, class, key) {#name, TABLE_##class, key},
#include "store/tables.def"
#undef TABLE
};
const size_t tables_count = sizeof tables / sizeof tables[0];

enum err_code schema_version(struct db *db, int64_t *version, struct err *e)
{
    int64_t id = 0;
    int64_t objects = 0;
    TRY(db_get_int(db, &id, NULL, e, "PRAGMA application_id", NO_VALS));
    TRY(db_get_int(db, version, NULL, e, "PRAGMA user_version", NO_VALS));
    TRY(db_get_int(db, &objects, NULL, e, "SELECT count(*) FROM sqlite_schema", NO_VALS));
    if (id != DB_APPLICATION_ID && objects > 0) {
        return err_set(e, ERR_TAMPERED, _("%s is a database of another program, not an office"),
                       db_path(db));
    }
    return ERR_OK;
}

static enum err_code migrate_one(struct db *db, const struct migration *m, struct err *e)
{
    TRY(db_begin(db, e));
    char mark[96];
    (void)snprintf(mark, sizeof mark, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
                   DB_APPLICATION_ID, m->version);
    enum err_code code = db_exec(db, m->sql, e);
    if (code == ERR_OK) {
        code = db_exec(db, mark, e);
    }
    if (code == ERR_OK) {
        code = db_commit(db, e);
    }
    if (code != ERR_OK) {
        db_rollback(db);
        return err_wrap(e, _("migration %s of %s"), m->name, db_path(db));
    }
    return ERR_OK;
}

enum err_code schema_migrate(struct db *db, int64_t to, struct err *e)
{
    int64_t version = 0;
    TRY(schema_version(db, &version, e));
    if (version > (int64_t)migrations_count) {
        return schema_require(db, e);
    }
    for (size_t i = (size_t)version; i < migrations_count && (int64_t)i < to; i++) {
        CHECK(migrations[i].version == (int)i + 1);
        TRY(migrate_one(db, &migrations[i], e));
    }
    return ERR_OK;
}

enum err_code schema_require(struct db *db, struct err *e)
{
    int64_t version = 0;
    TRY(schema_version(db, &version, e));
    int64_t known = (int64_t)migrations_count;
    if (version > known) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("%s was made by a newer Aforo (schema %" PRId64
                         ", this program knows up to %" PRId64 "); install that version"),
                       db_path(db), version, known);
    }
    if (version < known) {
        return err_set(e, ERR_STATE,
                       _("%s has schema %" PRId64 ", this program needs %" PRId64
                         "; make a backup and run: aforo migrate"),
                       db_path(db), version, known);
    }
    return ERR_OK;
}
