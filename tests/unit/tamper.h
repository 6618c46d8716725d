/* The tamper matrix: edits of the raw database, generated from the schema, and edits by
 * somebody who knows how it works. */
#ifndef AFORO_TESTS_TAMPER_H
#define AFORO_TESTS_TAMPER_H

#include "store/migrate.h"
#include "tests/unit/check_verify.h"

#define COLUMNS_MAX 48

enum tamper_kind {
    TAMPER_VALUE,  /* another value of the same type */
    TAMPER_TYPE,   /* the same bytes as another type */
    TAMPER_NULL,   /* NULL; a value where NULL stood in every row */
    TAMPER_LONGER, /* bytes behind a NUL, a byte more, 2^56 more */
    TAMPER_OTHER,  /* the value of another row */
    TAMPER_COLUMN_KINDS,
    TAMPER_DELETE = TAMPER_COLUMN_KINDS,
    TAMPER_INSERT,
    TAMPER_SWAP,
    TAMPER_EMPTY,
    TAMPER_OLD, /* the rows of an earlier copy */
    TAMPER_KINDS
};
extern const char *const tamper_kind_names[TAMPER_KINDS];

struct column {
    char name[64], type[16];
    bool key, unique; /* in the primary key; in a unique index */
};
struct table_shape {
    const struct table_info *info;
    struct column columns[COLUMNS_MAX];
    int count;
    int64_t rows;
};
/* The test fails, naming the table, when it has no columns or no rows. */
void shape_read(sqlite3 *raw, const struct table_info *info, struct table_shape *out);

/*
 * Make an edit. column: its number, or for kinds of whole tables the how-many-eth edit of that
 * kind. False when the file format or a key does not let it be made (a NULL rowid; two rows of
 * one key), or when it would change nothing.
 */
bool tamper_make(sqlite3 *raw, const struct table_shape *t, enum tamper_kind kind, int column);

/* Edits that know more. One that leaves a checkpoint in DIR/auditor is judged with --against
 * it. */
struct clever_edit {
    const char *name;
    const char *sql;                     /* or NULL and */
    void (*make)(const struct copied *); /* this */
};
extern const struct clever_edit clever_edits[];
extern const size_t clever_edits_count;

#endif
