/* Where a table's rows come from: an id array for the whole list, built in the background and
 * cancellable, and the few visible rows fetched by id. A list of 1,000,000 rows costs 8 bytes a
 * row. */
#ifndef AFORO_UI_ROWSOURCE_H
#define AFORO_UI_ROWSOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "ui/job.h"

#define ROW_TERMS_MAX 8
#define ROW_TERM_BYTES 96
#define ROW_CELLS_MAX 16
#define ROW_IDS_MAX 50000000u
/* As many ids are handed to the screen before the rest is there: the first screenful. */
#define ROW_FIRST_COUNT 512u
#define WINDOW_ROWS_MAX 1200u

/* One condition of a filter: all of a query's terms must hold. */
struct row_term {
    int column;                /* index in the screen's column table; -1: any column */
    char text[ROW_TERM_BYTES]; /* UTF-8 as typed; the source folds case and accents */
};

struct row_query {
    struct row_term terms[ROW_TERMS_MAX];
    size_t term_count;
    int sort_column; /* index in the screen's column table */
    bool descending;
    int64_t scope; /* what the list is narrowed to: "bills of account 5"; 0: nothing */
};

struct idarray {
    int64_t *ids; /* owned */
    size_t count;
    size_t size; /* allocated */
};

void idarray_init(struct idarray *a);
void idarray_release(struct idarray *a);
enum err_code idarray_add(struct idarray *a, const int64_t *ids, size_t count,
                          struct err *e) MUST_CHECK;
/* Position of an id, looked for outwards from `near`; a->count when it is not there. */
size_t idarray_find(const struct idarray *a, int64_t id, size_t near);

/* What a source writes its ids to. */
struct idsink;
/* Add ids in list order. False: stop now, the list is not wanted any more or memory ran out. */
bool idsink_add(struct idsink *s, const int64_t *ids, size_t count);
/* Is the list still wanted? For sources that find nothing for a while. */
bool idsink_wanted(struct idsink *s);
/* How many rows there are without any filter. */
void idsink_total(struct idsink *s, size_t total);

/* One row: its cells in machine form, in the order of the screen's column table; NULL or "" is
 * no value. */
struct row {
    int64_t id;
    const char *cells[ROW_CELLS_MAX];
};

struct rowset {
    struct arena arena; /* holds rows and their text */
    struct row *rows;
    size_t count;
    size_t max;
};

/* Make an empty set of room for `max` rows. Errors: ERR_NOMEM. */
enum err_code rowset_init(struct rowset *s, size_t max, struct err *e) MUST_CHECK;
void rowset_release(struct rowset *s);
/* A copy of a row of another set; false when there is no room or memory for it. */
bool rowset_copy(struct rowset *s, const struct row *row);
/* Append a row with no values; NULL when memory or the asked-for count is exhausted. */
struct row *rowset_add(struct rowset *s, int64_t id);
/* A copy of the text that lives as long as the row set; NULL when memory is exhausted. */
const char *rowset_text(struct rowset *s, const char *text);

/*
 * Callbacks of one list. build runs on LANE_ROWS and fetch on LANE_QUERY, at the same time:
 * each needs a reading handle of its own.
 */
struct rowsource {
    void *ctx;
    /* Write all matching ids, in order, to the sink; return ERR_CANCELLED when the sink said
     * stop. */
    enum err_code (*build)(void *ctx, const struct row_query *q, struct idsink *sink,
                           struct err *e);
    /* Add a row for each id that still exists, in any order. */
    enum err_code (*fetch)(void *ctx, const int64_t *ids, size_t count, struct rowset *out,
                           struct err *e);
};

/* The answer to a build. Partial ones come first when the list is long, or grows slowly; the
 * whole one follows. */
struct rows_job {
    struct job job;
    const struct rowsource *source;
    struct row_query query;
    struct idarray ids;
    size_t total;
    bool has_total;
    bool partial;
};

/* The answer to a fetch: rows in the order of ids; a row whose id is 0 is gone. One that was
 * posted ahead of need may come back with fewer rows than were asked for. */
struct window_job {
    struct job job;
    const struct rowsource *source;
    size_t first; /* index of the first id in the list it was asked for */
    size_t count;
    int64_t ids[WINDOW_ROWS_MAX];
    struct rowset rows;
};

/* Jobs ready to be posted; NULL when memory is exhausted. */
struct job *rows_job_new(const struct rowsource *source, const struct row_query *q,
                         uint32_t kind, uint32_t serial);
struct job *window_job_new(const struct rowsource *source, const int64_t *ids, size_t first,
                           size_t count, uint32_t kind, uint32_t serial);

#endif
