/* Append-only migrations, embedded in the program; no silent downgrade. */
#ifndef AFORO_STORE_MIGRATE_H
#define AFORO_STORE_MIGRATE_H

#include "store/db.h"

struct migration {
    int version;      /* from 1, without gaps */
    const char *name; /* "0001_office" */
    const char *sql;
};
extern const struct migration migrations[]; /* generated from data/migrations at build time */
extern const size_t migrations_count;

/* "AFOR": marks a file as an office of ours (PRAGMA application_id). */
#define DB_APPLICATION_ID 0x41464f52

/* Version of the schema in the file; 0 in an empty one. ERR_TAMPERED when it is a database of
 * another program. */
enum err_code schema_version(struct db *db, int64_t *version, struct err *e) MUST_CHECK;

/* Bring an older or empty database to version `to` (normally migrations_count), one transaction
 * a step. ERR_UNSUPPORTED when the database is newer than this program. */
enum err_code schema_migrate(struct db *db, int64_t to, struct err *e) MUST_CHECK;

/* ERR_STATE when the schema is older than this program's (say how to upgrade), ERR_UNSUPPORTED
 * when newer. */
enum err_code schema_require(struct db *db, struct err *e) MUST_CHECK;

/* What each table is for verification and rebuilding (ledger.md, What the ledger is). */
enum table_class {
    TABLE_LEDGER,
    TABLE_PROJECTION,
    TABLE_COMMITTED,
    TABLE_SEALED,
    TABLE_EVIDENCE,
    TABLE_DERIVED,
};
struct table_info {
    const char *name;
    enum table_class class;
    const char *key; /* columns that order its rows totally */
};
extern const struct table_info tables[];
extern const size_t tables_count;

#endif
