/* Files whose rows each make one thing: compared with what is there, and stored in batches, an
 * entry each. A kind of such files is a row of the table in import_lines.c. */
#ifndef AFORO_APP_IMPORT_LINES_H
#define AFORO_APP_IMPORT_LINES_H

#include "app/import_job.h"
#include "app/import_line.h"
#include "app/meter_data.h"
#include "app/name_map.h"

/* A meter is some eight rows of tables, so that a batch of them holds the lock as briefly as a
 * full batch of readings. */
#define LINES_PER_BATCH 1024
#define LINE_KEY_FIELDS 5

/* Ids that the next things get; a row that is refused takes none. */
struct line_ids {
    struct meter_ids meter; /* and customer, account, assignment */
    int64_t posting, bill, visit, factor;
};

struct line_import {
    struct import_job job;
    const struct line_kind *kind;
    uint64_t rows; /* in the whole file */
    /* the batch */
    struct arena arena;
    struct import_line *lines;
    size_t count;
    struct name_map *keys;     /* of the batch: key -> line of it */
    struct name_map *accounts; /* that files of meters made in the batch: number -> id */
    struct line_ids first, ids;
    struct item_batch items;
    struct buf text;
};

struct line_kind {
    /* Fields that together are a row's key; the first of them must not be empty. */
    enum field key[LINE_KEY_FIELDS];
    size_t key_count;
    bool old_too; /* in place of the first the account's old number may stand */
    /* LINE_NEW, LINE_STORED when the tables hold it already, LINE_REFUSED with *why when they
     * hold something else. */
    enum err_code (*compare)(struct line_import *im, struct import_line *l, struct refused *why,
                             struct err *e);
    /* Fill the item of a new thing. Errors that are the row's fault refuse it. */
    enum err_code (*make)(struct line_import *im, struct draft *d, const struct import_line *l,
                          struct json *o, struct err *e);
    int64_t *(*next)(struct line_ids *ids); /* of what is made */
};

extern const struct line_kind line_kind_meters, line_kind_customers, line_kind_accounts,
    line_kind_assignments, line_kind_balances, line_kind_bills, line_kind_visits,
    line_kind_factors;

/* Errors that are the row's fault, not ours or the machine's. */
bool is_row_fault(enum err_code code);

#endif
