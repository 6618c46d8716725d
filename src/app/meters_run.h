/* One search for meters under way: what meters_find.c and meters_index.c share. */
#ifndef AFORO_APP_METERS_RUN_H
#define AFORO_APP_METERS_RUN_H

#include "app/query_meter.h"
#include "app/search.h"

#define METERS_AT_ONCE 512u

/* What a search runs with. */
struct finding_run {
    struct db *db;
    struct search *search; /* NULL: none that may answer */
    bool masked;
    const struct meter_query *q;
    struct buf term[METER_TERMS_MAX]; /* folded: "José" finds "jose" */
    size_t letters[METER_TERMS_MAX];
    struct buf scratch;
    meter_ids_fn take;
    void *ctx;
    int64_t ids[METERS_AT_ONCE];
    size_t count;
    uint64_t seen;
};

/* Does the row match all terms? */
enum err_code run_matches(struct finding_run *r, int64_t id, bool *yes, struct err *e);
/* Give an id out, in list order. */
enum err_code run_id(struct finding_run *r, int64_t id, struct err *e);
/* Look at whether the list is still wanted, now and then: for each row that is looked at. */
enum err_code run_look(struct finding_run *r, struct err *e);
/* Columns that the index holds, and where words without a column are looked for. */
bool run_is_indexed(int column);
/* Which of two meters comes first in the order of a column. */
enum err_code run_comes_first(struct finding_run *r, int column, int64_t a, int64_t b,
                              bool *first, struct err *e);

/* meters_index.c: the whole search by r->search, which may answer. */
enum err_code through_index(struct finding_run *r, struct err *e);

#endif
