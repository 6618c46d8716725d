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
    bool facts; /* the index may answer for readings too: its codes may be asked */
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
/* Hand over what was given out so far. */
enum err_code run_now(struct finding_run *r, struct err *e);
/* Look at whether the list is still wanted, now and then: for each row that is looked at. */
enum err_code run_look(struct finding_run *r, struct err *e);
/* Columns that the index holds, and where words without a column are looked for. */
bool run_is_indexed(int column);
/* Does a cell hold a term, as it is looked for in each row? */
bool run_cell_has(struct finding_run *r, const char *cell, size_t term);
/* The day for which it is told whether a reading is due. */
const char *run_today(const struct finding_run *r);
/* Which of two meters comes first in the order of a column. */
enum err_code run_comes_first(struct finding_run *r, int column, int64_t a, int64_t b,
                              bool *first, struct err *e);

/* meters_facts.c: terms on columns of few different words, by the codes of the index. */
struct facts;
bool run_is_fact(int column);
/* by_serial: the index's documents; borrowed. *out: to be closed, also after an error. */
enum err_code facts_open(struct finding_run *r, const int64_t *by_serial, size_t count,
                         struct facts **out, struct err *e) MUST_CHECK;
void facts_close(struct facts *f); /* NULL is fine */
/* Do the terms on those columns hold for the meter at a place of by_serial? */
enum err_code facts_match(struct facts *f, size_t place, bool *yes, struct err *e) MUST_CHECK;

/* meters_index.c: the whole search by r->search, which may answer. */
enum err_code through_index(struct finding_run *r, struct err *e);

#endif
