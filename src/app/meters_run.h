/* One search for meters under way: what meters_find.c and meters_index.c share. */
#ifndef AFORO_APP_METERS_RUN_H
#define AFORO_APP_METERS_RUN_H

#include "app/meter_cells.h"
#include "app/query_meter.h"
#include "app/search_priv.h"

#define METERS_AT_ONCE 512u

/* What a search runs with. */
struct finding_run {
    struct db *db;
    struct search *search; /* NULL: none that may answer */
    bool masked;
    bool facts; /* the index may answer for readings too: its codes may be asked */
    const struct meter_query *q;
    struct buf folded[METER_TERMS_MAX]; /* "José" finds "jose" */
    struct cell_term term[METER_TERMS_MAX];
    bool rows; /* there are terms on other columns than the folded cells */
    struct buf scratch;
    meter_ids_fn take;
    void *ctx;
    int64_t ids[METERS_AT_ONCE];
    size_t count;
    bool given; /* something was handed over */
    uint64_t seen;
};

/* Does the row match all terms? */
enum err_code run_matches(struct finding_run *r, int64_t id, bool *yes, struct err *e);
/* Do these cells match the terms that they can answer? */
bool run_cells_match(const struct finding_run *r, const char *cells, size_t len);
/* Give an id out, in list order. */
enum err_code run_id(struct finding_run *r, int64_t id, struct err *e);
/* Hand over what was given out so far. */
enum err_code run_now(struct finding_run *r, struct err *e);
/* Look at whether the list is still wanted, now and then: for each row that is looked at. */
enum err_code run_look(struct finding_run *r, struct err *e);
/* Is a term answered by the folded cells? */
bool run_in_cells(const struct finding_run *r, size_t term);
/* Does a cell hold a term, as it is looked for in each row? */
bool run_cell_has(struct finding_run *r, const char *cell, size_t term);
/* The day for which it is told whether a reading is due. */
const char *run_today(const struct finding_run *r);
/* Every row, one by one. matches: a bit a meter, for which it is known already; NULL: none. */
enum err_code run_rows(struct finding_run *r, const uint8_t *matches, size_t room,
                       struct err *e);

/* meters_facts.c: terms on columns of few different words, by the codes of the index. */
struct facts;
bool run_is_fact(int column);
/* *out: to be closed, also after an error. */
enum err_code facts_open(struct finding_run *r, struct facts **out, struct err *e) MUST_CHECK;
void facts_close(struct facts *f); /* NULL is fine */
enum facts_say { FACTS_NO, FACTS_YES, FACTS_LOOK /* only its row can tell */ };
/* Do the terms on those columns hold for a meter? */
enum facts_say facts_match(struct facts *f, uint32_t meter);

/* meters_index.c: the whole search by r->search, which may answer. */
enum err_code through_index(struct finding_run *r, struct err *e);

#endif
