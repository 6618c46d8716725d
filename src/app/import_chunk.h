/* The sorted rows of a file in chunks that fit a batch: dated, and compared with what was
 * stored before. No chunk ends within one doubled hour or between rows of one time. */
#ifndef AFORO_APP_IMPORT_CHUNK_H
#define AFORO_APP_IMPORT_CHUNK_H

#include "app/import_exchange.h"
#include "app/import_facts.h"
#include "app/import_hour.h"
#include "app/import_sort.h"
#include "app/office.h"
#include "ledger/items.h"

#define CHUNK_ROWS ITEMS_PER_BATCH
#define CROWD_MAX 256 /* rows of one register at one local time; more are refused */

struct chunker {
    struct office *office;     /* these are borrowed */
    struct sorter *sorter;     /* finished */
    struct local_clock *clock; /* of the mapping's zone */
    struct import_facts *facts;
    struct exchange_finder *finder; /* looks at each row too */
    /* Told of each row beyond CROWD_MAX. */
    enum err_code (*crowded)(void *ctx, const struct sort_row *row, struct err *e);
    void *ctx;

    struct timed_row *rows; /* CHUNK_ROWS + 1; the first `count` are the chunk */
    size_t count, fresh;    /* `fresh` of them were not stored before */
    size_t read;            /* rows in memory */
    bool ended;
    struct sort_row crowd; /* the row that is counted */
    unsigned crowd_size;
    struct sort_row last; /* for the direction of a register's rows in the file */
    uint64_t forward, backward;
};

enum err_code chunker_init(struct chunker *k, struct err *e) MUST_CHECK;
void chunker_release(struct chunker *k);
/* The next chunk; *end true when there is none. */
enum err_code chunker_next(struct chunker *k, bool *end, struct err *e) MUST_CHECK;

#endif
