#include <config.h>

#include "app/import_chunk.h"

#include <string.h>

#include "base/arena.h"

/* No zone is farther from UTC (RFC 8536), so a reading of a local time is found within. */
#define OFFSET_MAX_SECS INT64_C(93600)
/* Two rows of one register in doubled hours this near stand in the same one. */
#define HOUR_REACH_SECS 10800

enum err_code chunker_init(struct chunker *k, struct err *e)
{
    k->rows = mem_array(CHUNK_ROWS + 1, sizeof *k->rows);
    return k->rows != NULL ? ERR_OK : err_nomem(e);
}

void chunker_release(struct chunker *k)
{
    mem_free(k->rows);
    k->rows = NULL;
}

static bool one_time(const struct sort_row *a, const struct sort_row *b)
{
    return a->reg == b->reg && a->local == b->local;
}

static bool one_hour(const struct sort_row *a, const struct sort_row *b)
{
    return a->reg == b->reg && (a->flags & b->flags & SORT_FLAG_AMBIGUOUS) != 0 &&
           b->local - a->local < HOUR_REACH_SECS;
}

/* One row more from the sorter, unless it is one too many of its time. */
static enum err_code row_take(struct chunker *k, struct err *e)
{
    struct sort_row row;
    TRY(sorter_next(k->sorter, &row, &k->ended, e));
    if (k->ended) {
        return exchange_end(k->finder, e);
    }
    facts_feed(k->facts, &row);
    TRY(exchange_feed(k->finder, &row, e));
    k->crowd_size = one_time(&k->crowd, &row) ? k->crowd_size + 1 : 1;
    k->crowd = row;
    if (k->crowd_size > CROWD_MAX) {
        return k->crowded(k->ctx, &row, e);
    }
    k->rows[k->read++] = (struct timed_row){.row = row};
    return ERR_OK;
}

/* How many rows from the start may be judged without those behind them. */
static size_t safe_cut(const struct chunker *k)
{
    if (k->ended && k->read <= CHUNK_ROWS) {
        return k->read;
    }
    for (size_t i = CHUNK_ROWS; i > 0; i--) {
        const struct sort_row *a = &k->rows[i - 1].row;
        const struct sort_row *b = &k->rows[i].row;
        if (!one_time(a, b) && !one_hour(a, b)) {
            return i;
        }
    }
    return CHUNK_ROWS; /* a doubled hour with more rows than that: a part of it */
}

/* Mark the rows from a to b, of one register, that were stored before: the nth row of a time
 * and value is the nth that is stored. */
static enum err_code stored_mark(struct chunker *k, size_t a, size_t b, struct err *e)
{
    struct stmt *q = NULL;
    bool more = false;
    int64_t low = k->rows[a].row.local;
    int64_t high = k->rows[b - 1].row.local;
    size_t at = a;
    TRY(db_query(k->office->db, &q, e,
                 "SELECT r.local, r.value FROM reading r JOIN import_run i ON i.id = r.run "
                 "WHERE r.register = ?1 AND r.utc BETWEEN ?2 AND ?3 AND r.local BETWEEN ?4 AND "
                 "?5 AND r.source = 'import' AND i.state <> 'discarded' ORDER BY r.local",
                 VALS(V_INT(k->rows[a].row.reg), V_INT(low - OFFSET_MAX_SECS),
                      V_INT(high + OFFSET_MAX_SECS), V_INT(low), V_INT(high))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &more, e)) == ERR_OK && more) {
        int64_t local = stmt_int(q, 0);
        int64_t value = stmt_int(q, 1);
        while (at < b && k->rows[at].row.local < local) {
            at++;
        }
        for (size_t i = at; i < b && k->rows[i].row.local == local; i++) {
            if (!k->rows[i].stored && k->rows[i].row.value == value) {
                k->rows[i].stored = true;
                k->fresh--;
                break;
            }
        }
    }
    stmt_done(q);
    return code;
}

/* Which way the file lists a register's rows. */
static void direction_note(struct chunker *k, const struct sort_row *row)
{
    if (row->reg != k->last.reg) {
        k->forward = k->backward = 0;
    } else if (row->line > k->last.line) {
        k->forward++;
    } else {
        k->backward++;
    }
    k->last = *row;
}

/* Rows of one register get their instants. */
static void rows_date(struct chunker *k, size_t a, size_t b)
{
    int64_t second = 0;
    for (size_t i = a; i < b;) {
        struct timed_row *r = &k->rows[i];
        size_t end = i + 1;
        direction_note(k, &r->row);
        if ((r->row.flags & SORT_FLAG_AMBIGUOUS) == 0) {
            (void)local_resolve(k->clock, r->row.local, &r->utc, &second);
            i++;
            continue;
        }
        while (end < b && one_hour(&r->row, &k->rows[end].row)) {
            direction_note(k, &k->rows[end++].row);
        }
        hour_resolve(k->clock, r, end - i, k->backward > k->forward);
        i = end;
    }
}

enum err_code chunker_next(struct chunker *k, bool *end, struct err *e)
{
    /* What was read ahead comes first. */
    k->read -= k->count;
    memmove(k->rows, &k->rows[k->count], k->read * sizeof *k->rows);
    k->count = 0;
    while (!k->ended && k->read <= CHUNK_ROWS) {
        TRY(row_take(k, e));
    }
    *end = k->read == 0;
    k->count = k->fresh = safe_cut(k);
    for (size_t a = 0; a < k->count;) {
        size_t b = a + 1;
        while (b < k->count && k->rows[b].row.reg == k->rows[a].row.reg) {
            b++;
        }
        TRY(stored_mark(k, a, b, e));
        rows_date(k, a, b);
        a = b;
    }
    return ERR_OK;
}
