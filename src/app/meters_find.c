#include <config.h>

#include <string.h>

#include "app/meter_order.h"
#include "app/meters_run.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

/* Rows between two looks at whether the list is still wanted, while nothing matches. */
#define ROWS_BETWEEN_LOOKS 1024u

/* ---- one row against the terms ---- */

static const char *row_cell(const struct meter_list_row *row, int column)
{
    switch ((enum meter_column)column) {
    case METER_SERIAL:
        return row->serial;
    case METER_PLACE:
        return row->place;
    case METER_LAST:
        return row->last;
    case METER_READING:
        return row->reading;
    case METER_CONDITION:
        return row->condition;
    case METER_PENDING:
        return row->pending;
    case METER_KIND_COLUMN:
        return row->kind;
    case METER_ROUTE:
        return row->route;
    case METER_ACCOUNT:
        return row->account;
    case METER_COLUMNS:
        break;
    }
    return "";
}

static bool is_cell(int column)
{
    return column == METER_SERIAL || column == METER_PLACE || column == METER_ROUTE ||
           column == METER_ACCOUNT;
}

/* The cells that a term on a column may stand in, bits in the order of METER_CELLS_COLUMNS. */
static unsigned cells_of(int column, bool masked)
{
    static const int order[METER_CELLS] = {METER_SERIAL, METER_PLACE, METER_ROUTE,
                                           METER_ACCOUNT};
    unsigned bits = 0;
    for (unsigned i = 0; i < METER_CELLS; i++) {
        bool shown = !(masked && order[i] == METER_PLACE);
        bits |= shown && (column < 0 || column == order[i]) ? 1u << i : 0;
    }
    return bits;
}

bool run_in_cells(const struct finding_run *r, size_t term)
{
    int column = r->q->terms[term].column;
    return column < 0 || is_cell(column);
}

bool run_cell_has(struct finding_run *r, const char *cell, size_t term)
{
    buf_clear(&r->scratch);
    text_fold(cell, strlen(cell), &r->scratch);
    const char *text = buf_str(&r->scratch);
    return cell_seek(text, text, text + r->scratch.len, &r->term[term]) != NULL;
}

bool run_cells_match(const struct finding_run *r, const char *cells, size_t len)
{
    for (size_t i = 0; i < r->q->term_count; i++) {
        if (run_in_cells(r, i) && !cells_have(cells, len, &r->term[i])) {
            return false;
        }
    }
    return true;
}

const char *run_today(const struct finding_run *r)
{
    return r->q->today != NULL ? r->q->today : "9999-12-31";
}

/* The cells first: most rows end there, and they cost a fifth of the whole row. */
static enum err_code cells_match(struct finding_run *r, int64_t id, bool *yes, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(r->db, &q, e,
                 "SELECT " METER_CELLS_COLUMNS
                 " " METER_CELLS_FROM("personal") "WHERE m.id = ?",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, yes, e);
    if (code == ERR_OK && *yes) {
        buf_clear(&r->scratch);
        cells_add(q, 0, &r->scratch);
        *yes = run_cells_match(r, buf_str(&r->scratch), r->scratch.len);
    }
    stmt_done(q);
    return code;
}

enum err_code run_matches(struct finding_run *r, int64_t id, bool *yes, struct err *e)
{
    struct meter_list_row row;
    bool found = false;
    *yes = true;
    if (r->q->term_count == 0) {
        return ERR_OK;
    }
    TRY(cells_match(r, id, yes, e));
    if (!*yes || !r->rows) {
        return ERR_OK;
    }
    TRY(meter_list_row(r->db, id, run_today(r), &row, &found, e));
    *yes = found;
    for (size_t i = 0; i < r->q->term_count && *yes; i++) {
        *yes = run_in_cells(r, i) || run_cell_has(r, row_cell(&row, r->q->terms[i].column), i);
    }
    return ERR_OK;
}

/* ---- handing ids out ---- */

enum err_code run_now(struct finding_run *r, struct err *e)
{
    bool go = r->take(r->ctx, r->ids, r->count);
    r->given = r->given || r->count > 0;
    r->count = 0;
    return go ? ERR_OK : err_set(e, ERR_CANCELLED, "%s", _("the list was not wanted any more"));
}

enum err_code run_id(struct finding_run *r, int64_t id, struct err *e)
{
    r->ids[r->count++] = id;
    return r->count == METERS_AT_ONCE ? run_now(r, e) : ERR_OK;
}

enum err_code run_look(struct finding_run *r, struct err *e)
{
    return ++r->seen % ROWS_BETWEEN_LOOKS == 0 ? run_now(r, e) : ERR_OK;
}

/* ---- every row, one by one ---- */

static bool is_marked(const uint8_t *matches, size_t room, int64_t id)
{
    return id > 0 && (uint64_t)id < room && (matches[id / 8] >> (id % 8) & 1u) != 0;
}

enum err_code run_rows(struct finding_run *r, const uint8_t *matches, size_t room,
                       struct err *e)
{
    struct stmt *s = NULL;
    bool row = false;
    int column =
        r->q->sort_column >= 0 && r->q->sort_column < METER_COLUMNS ? r->q->sort_column : 0;
    TRY(db_query(r->db, &s, e,
                 r->q->descending ? meter_orders[column].down : meter_orders[column].up,
                 NO_VALS));
    enum err_code code;
    while ((code = stmt_next(s, &row, e)) == ERR_OK && row) {
        int64_t id = stmt_int(s, 0);
        bool yes = matches != NULL && is_marked(matches, room, id);
        if (matches == NULL) {
            code = run_matches(r, id, &yes, e);
        }
        if (code == ERR_OK && yes) {
            code = run_id(r, id, e);
        }
        if (code == ERR_OK) {
            code = run_look(r, e);
        }
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(s);
    return code;
}

/* ---- which way ---- */

/* May the index answer? It would tell what is masked. */
static enum err_code index_answers(struct finding_run *r, bool *yes, struct err *e)
{
    int column = r->q->sort_column;
    *yes = false;
    if (r->search == NULL || column < 0 || column >= METER_COLUMNS ||
        (r->masked && column == METER_PLACE)) {
        return ERR_OK;
    }
    r->facts = meter_orders[column].readings;
    for (size_t i = 0; i < r->q->term_count; i++) {
        r->facts = r->facts || run_is_fact(r->q->terms[i].column) ||
                   r->q->terms[i].column == METER_READING;
    }
    return search_usable(r->search, r->db, r->facts, yes, e);
}

static bool stop_run(void *ctx)
{
    struct finding_run *r = ctx;
    return !r->take(r->ctx, r->ids, 0);
}

static enum err_code find_in_snapshot(struct finding_run *r, struct err *e)
{
    bool indexed = false;
    enum err_code code = index_answers(r, &indexed, e);
    if (code == ERR_OK && indexed) {
        code = through_index(r, e);
    }
    if (code == ERR_TAMPERED && r->search != NULL) { /* it is made anew */
        search_drop(r->search);
        indexed = r->given;
        code = r->given ? code : ERR_OK;
        r->count = 0;
    }
    return code == ERR_OK && !indexed ? run_rows(r, NULL, 0, e) : code;
}

/* All of it from one state of the office. */
static enum err_code find_ids(struct finding_run *r, struct err *e)
{
    bool ours = !db_in_transaction(r->db);
    if (ours) {
        TRY(db_begin_read(r->db, e));
    }
    db_set_stop(r->db, stop_run, r);
    enum err_code code = find_in_snapshot(r, e);
    db_set_stop(r->db, NULL, NULL);
    if (ours) {
        db_rollback(r->db);
    }
    return code == ERR_OK ? run_now(r, e) : code;
}

enum err_code meters_find(struct db *db, struct search *search, bool masked,
                          const struct meter_query *q, meter_ids_fn take, void *ctx,
                          struct err *e)
{
    struct finding_run *r = mem_alloc(sizeof *r);
    if (r == NULL) {
        return err_nomem(e);
    }
    *r = (struct finding_run){
        .db = db, .search = search, .masked = masked, .q = q, .take = take, .ctx = ctx};
    buf_init(&r->scratch, 65536);
    for (size_t i = 0; i < q->term_count; i++) {
        buf_init(&r->folded[i], 4096);
        text_fold(q->terms[i].text, strlen(q->terms[i].text), &r->folded[i]);
        r->term[i] = cell_term_of(buf_str(&r->folded[i]), cells_of(q->terms[i].column, masked));
        r->rows = r->rows || !run_in_cells(r, i);
    }
    enum err_code code = find_ids(r, e);
    for (size_t i = 0; i < q->term_count; i++) {
        buf_release(&r->folded[i]);
    }
    buf_release(&r->scratch);
    mem_free(r);
    return code;
}
