#include <config.h>

#include <string.h>

#include "app/meters_run.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

/* Rows between two looks at whether the list is still wanted, while nothing matches. */
#define ROWS_BETWEEN_LOOKS 1024u

/* What each sort column needs; the plain ones run over an index. One order is the other turned
 * round, ids too, so that an index can be read both ways. The literals are cached by address.
 */
struct meter_order {
    const char *up, *down;
    const char *pair; /* which of two meters comes first */
};

#define LAST_LOCAL                                                                             \
    "(SELECT x.local FROM reading x WHERE x.register = r.id AND x.state = 'accepted' "         \
    "ORDER BY x.utc DESC LIMIT 1)"
#define LAST_VALUE                                                                             \
    "(SELECT x.value FROM reading x WHERE x.register = r.id AND x.state = 'accepted' "         \
    "ORDER BY x.utc DESC LIMIT 1)"
#define HELD "EXISTS(SELECT 1 FROM reading x WHERE x.register = r.id AND x.state = 'held')"
#define ALONE ""
#define REGISTER                                                                               \
    "JOIN register r ON r.meter = m.id AND NOT EXISTS(SELECT 1 FROM register y WHERE y.meter " \
    "= m.id AND y.id < r.id) "
#define POINT "JOIN service_point s ON s.id = m.point "
#define PLACE                                                                                  \
    POINT "LEFT JOIN personal p ON p.owner = 'service_point' AND p.id = s.id AND p.field = "   \
          "'place' AND p.hash = s.place "
#define ACCOUNT                                                                                \
    "LEFT JOIN assignment g ON g.meter = m.id AND g.end_date IS NULL LEFT JOIN account a ON "  \
    "a.id = g.account "
#define ORDER(joins, up, down)                                                                 \
    {                                                                                          \
        "SELECT m.id FROM meter m " joins "ORDER BY " up ", m.id",                             \
            "SELECT m.id FROM meter m " joins "ORDER BY " down ", m.id DESC",                  \
            "SELECT m.id FROM meter m " joins "WHERE m.id IN (?, ?) ORDER BY " up ", m.id"     \
    }

static const struct meter_order orders[METER_COLUMNS] = {
    [METER_SERIAL] = ORDER(ALONE, "m.serial", "m.serial DESC"),
    [METER_PLACE] = ORDER(PLACE, "p.value", "p.value DESC"),
    [METER_LAST] = ORDER(REGISTER, LAST_LOCAL, LAST_LOCAL " DESC"),
    [METER_READING] = ORDER(REGISTER, LAST_VALUE, LAST_VALUE " DESC"),
    [METER_CONDITION] = ORDER(REGISTER, "m.state, NOT " HELD, "m.state DESC, " HELD),
    [METER_PENDING] =
        ORDER(REGISTER, "NOT " HELD ", " LAST_LOCAL, HELD ", " LAST_LOCAL " DESC"),
    [METER_KIND_COLUMN] = ORDER(ALONE, "m.kind", "m.kind DESC"),
    [METER_ROUTE] = ORDER(POINT, "s.route, s.route_order", "s.route DESC, s.route_order DESC"),
    [METER_ACCOUNT] = ORDER(ACCOUNT, "a.number", "a.number DESC"),
};

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

static bool is_word(const char *s, size_t len)
{
    unsigned char c = (unsigned char)*s;
    return len > 0 && (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
}

/* At the beginning of a word: what comes before is none of it. */
static bool begins_word(const struct buf *text, const char *at)
{
    return is_word(at, 1) && (at == text->data || !is_word(at - 1, 1));
}

bool run_cell_has(struct finding_run *r, const char *cell, size_t term)
{
    const char *at;
    buf_clear(&r->scratch);
    text_fold(cell, strlen(cell), &r->scratch);
    at = strstr(buf_str(&r->scratch), buf_str(&r->term[term]));
    while (at != NULL && r->letters[term] < SEARCH_ANYWHERE && !begins_word(&r->scratch, at)) {
        at = strstr(at + 1, buf_str(&r->term[term]));
    }
    return at != NULL;
}

bool run_is_indexed(int column)
{
    return column == METER_SERIAL || column == METER_PLACE || column == METER_ROUTE ||
           column == METER_ACCOUNT;
}

static bool term_matches(struct finding_run *r, const struct meter_list_row *row, size_t term)
{
    int wanted = r->q->terms[term].column;
    for (int c = 0; c < METER_COLUMNS; c++) {
        if ((wanted == c || (wanted < 0 && run_is_indexed(c))) &&
            !(r->masked && c == METER_PLACE) && run_cell_has(r, row_cell(row, c), term)) {
            return true;
        }
    }
    return false;
}

const char *run_today(const struct finding_run *r)
{
    return r->q->today != NULL ? r->q->today : "9999-12-31";
}

enum err_code run_matches(struct finding_run *r, int64_t id, bool *yes, struct err *e)
{
    struct meter_list_row row;
    bool found = false;
    *yes = r->q->term_count == 0;
    if (*yes) {
        return ERR_OK;
    }
    TRY(meter_list_row(r->db, id, run_today(r), &row, &found, e));
    *yes = found;
    for (size_t i = 0; i < r->q->term_count && *yes; i++) {
        *yes = term_matches(r, &row, i);
    }
    return ERR_OK;
}

/* ---- handing ids out ---- */

enum err_code run_now(struct finding_run *r, struct err *e)
{
    bool go = r->take(r->ctx, r->ids, r->count);
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

static enum err_code scan(struct finding_run *r, struct err *e)
{
    struct stmt *s = NULL;
    bool row = false;
    int column =
        r->q->sort_column >= 0 && r->q->sort_column < METER_COLUMNS ? r->q->sort_column : 0;
    TRY(db_query(r->db, &s, e, r->q->descending ? orders[column].down : orders[column].up,
                 NO_VALS));
    enum err_code code;
    while ((code = stmt_next(s, &row, e)) == ERR_OK && row) {
        bool yes = false;
        int64_t id = stmt_int(s, 0);
        code = run_matches(r, id, &yes, e);
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

enum err_code run_comes_first(struct finding_run *r, int column, int64_t a, int64_t b,
                              bool *first, struct err *e)
{
    struct stmt *s = NULL;
    bool row = false;
    TRY(db_query(r->db, &s, e, orders[column].pair, VALS(V_INT(a), V_INT(b))));
    enum err_code code = stmt_next(s, &row, e);
    *first = code == ERR_OK && row && stmt_int(s, 0) == a;
    stmt_done(s);
    return code;
}

/* ---- which way ---- */

static bool depends_on_readings(int column)
{
    return column == METER_LAST || column == METER_READING || column == METER_CONDITION ||
           column == METER_PENDING;
}

/* Which terms the index can answer. False: it may not be asked, as it would tell what is
 * masked. */
static bool count_terms(const struct finding_run *r, size_t *held, size_t *facts)
{
    *held = 0;
    *facts = 0;
    for (size_t i = 0; i < r->q->term_count; i++) {
        int c = r->q->terms[i].column;
        if (r->masked && c == METER_PLACE) {
            return false;
        }
        *held += c < 0 || run_is_indexed(c) ? 1 : 0;
        *facts += run_is_fact(c) ? 1 : 0;
    }
    return true;
}

/* May the index answer? Terms that it does not hold need at least one that it does. */
static enum err_code index_answers(struct finding_run *r, bool *yes, struct err *e)
{
    int column = r->q->sort_column;
    size_t held = 0;
    size_t facts = 0;
    *yes = false;
    if (!count_terms(r, &held, &facts) || r->search == NULL || column < 0 ||
        column >= METER_COLUMNS || (r->masked && column == METER_PLACE) ||
        (r->q->term_count > 0 && held + facts == 0)) {
        return ERR_OK;
    }
    if (facts > 0) {
        TRY(search_usable(r->search, r->db, true, &r->facts, e));
        *yes = r->facts;
    }
    if (*yes || (r->q->term_count > 0 && held == 0)) {
        return ERR_OK;
    }
    return search_usable(r->search, r->db, depends_on_readings(column), yes, e);
}

static bool stop_run(void *ctx)
{
    struct finding_run *r = ctx;
    return !r->take(r->ctx, r->ids, 0);
}

static enum err_code find_ids(struct finding_run *r, struct err *e)
{
    bool indexed = false;
    TRY(index_answers(r, &indexed, e));
    db_set_stop(r->db, stop_run, r);
    if (indexed) {
        db_set_stop(search_db(r->search), stop_run, r);
    }
    enum err_code code = indexed ? through_index(r, e) : scan(r, e);
    if (indexed) {
        db_set_stop(search_db(r->search), NULL, NULL);
    }
    db_set_stop(r->db, NULL, NULL);
    return code == ERR_OK ? run_now(r, e) : code;
}

static size_t letters_of(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80 ? 1 : 0;
    }
    return n;
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
        buf_init(&r->term[i], 4096);
        text_fold(q->terms[i].text, strlen(q->terms[i].text), &r->term[i]);
        r->letters[i] = letters_of(buf_str(&r->term[i]));
    }
    enum err_code code = find_ids(r, e);
    for (size_t i = 0; i < q->term_count; i++) {
        buf_release(&r->term[i]);
    }
    buf_release(&r->scratch);
    mem_free(r);
    return code;
}
