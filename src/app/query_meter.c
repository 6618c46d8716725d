#include <config.h>

#include "app/query_meter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "store/db.h"

#define IDS_AT_ONCE 1024
/* Rows between two looks at whether the list is still wanted, while nothing matches. */
#define ROWS_BETWEEN_LOOKS 4096

/* What each sort column needs; the plain ones run over an index. The literals are cached by
 * address, so each order is a statement of its own. */
struct meter_order {
    const char *up, *down;
};

#define LAST_LOCAL                                                                             \
    "(SELECT x.local FROM reading x WHERE x.register = r.id AND x.state = 'accepted' "         \
    "ORDER BY x.utc DESC LIMIT 1)"
#define LAST_VALUE                                                                             \
    "(SELECT x.value FROM reading x WHERE x.register = r.id AND x.state = 'accepted' "         \
    "ORDER BY x.utc DESC LIMIT 1)"
#define HELD "EXISTS(SELECT 1 FROM reading x WHERE x.register = r.id AND x.state = 'held')"
#define JOIN_REGISTER "SELECT m.id FROM meter m JOIN register r ON r.meter = m.id ORDER BY "
#define JOIN_POINT "SELECT m.id FROM meter m JOIN service_point s ON s.id = m.point "
#define JOIN_ACCOUNT                                                                           \
    "SELECT m.id FROM meter m LEFT JOIN assignment g ON g.meter = m.id AND g.end_date IS "     \
    "NULL "                                                                                    \
    "LEFT JOIN account a ON a.id = g.account ORDER BY a.number "

static const struct meter_order orders[METER_COLUMNS] = {
    [METER_SERIAL] = {"SELECT id FROM meter ORDER BY serial",
                      "SELECT id FROM meter ORDER BY serial DESC"},
    [METER_PLACE] = {JOIN_POINT
                     "LEFT JOIN personal p ON p.owner = 'service_point' AND p.id = s.id AND "
                     "p.field = 'place' AND p.hash = s.place ORDER BY p.value",
                     JOIN_POINT
                     "LEFT JOIN personal p ON p.owner = 'service_point' AND p.id = s.id AND "
                     "p.field = 'place' AND p.hash = s.place ORDER BY p.value DESC"},
    [METER_LAST] = {JOIN_REGISTER LAST_LOCAL, JOIN_REGISTER LAST_LOCAL " DESC"},
    [METER_READING] = {JOIN_REGISTER LAST_VALUE, JOIN_REGISTER LAST_VALUE " DESC"},
    [METER_CONDITION] = {JOIN_REGISTER "m.state, NOT " HELD ", m.id",
                         JOIN_REGISTER "m.state DESC, " HELD ", m.id"},
    [METER_PENDING] = {JOIN_REGISTER "NOT " HELD ", " LAST_LOCAL,
                       JOIN_REGISTER HELD ", " LAST_LOCAL " DESC"},
    [METER_KIND_COLUMN] = {"SELECT id FROM meter ORDER BY kind, id",
                           "SELECT id FROM meter ORDER BY kind DESC, id"},
    [METER_ROUTE] = {JOIN_POINT "ORDER BY s.route, s.route_order, m.id",
                     JOIN_POINT "ORDER BY s.route DESC, s.route_order DESC, m.id"},
    [METER_ACCOUNT] = {JOIN_ACCOUNT, JOIN_ACCOUNT "DESC"},
};

/* Folded texts of the query's terms: "José" finds "jose". */
struct folded_terms {
    struct buf text[METER_TERMS_MAX];
};

static bool cell_has(const char *cell, const struct buf *term, struct buf *scratch)
{
    buf_clear(scratch);
    text_fold(cell, strlen(cell), scratch);
    return strstr(buf_str(scratch), buf_str(term)) != NULL;
}

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

static bool row_matches(const struct meter_list_row *row, const struct meter_query *q,
                        const struct folded_terms *f, struct buf *scratch)
{
    for (size_t i = 0; i < q->term_count; i++) {
        bool found = false;
        int first = q->terms[i].column < 0 ? 0 : q->terms[i].column;
        int last = q->terms[i].column < 0 ? METER_COLUMNS - 1 : q->terms[i].column;
        for (int c = first; c <= last && !found; c++) {
            found = cell_has(row_cell(row, c), &f->text[i], scratch);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* A list being found: ids go out in handfuls. */
struct finding_run {
    struct db *db;
    const struct meter_query *q;
    struct folded_terms folded;
    struct buf scratch;
    meter_ids_fn take;
    void *ctx;
    int64_t ids[IDS_AT_ONCE];
    size_t count;
};

static enum err_code run_flush(struct finding_run *r, struct err *e)
{
    bool go = r->take(r->ctx, r->ids, r->count);
    r->count = 0;
    return go ? ERR_OK : err_set(e, ERR_CANCELLED, _("the list was not wanted any more"));
}

static enum err_code run_row(struct finding_run *r, int64_t id, struct err *e)
{
    if (r->q->term_count > 0) {
        struct meter_list_row row;
        bool found = false;
        TRY(meter_list_row(r->db, id, "9999-12-31", &row, &found, e));
        if (!found || !row_matches(&row, r->q, &r->folded, &r->scratch)) {
            return ERR_OK;
        }
    }
    r->ids[r->count++] = id;
    return r->count == IDS_AT_ONCE ? run_flush(r, e) : ERR_OK;
}

enum err_code meters_find(struct db *db, const struct meter_query *q, meter_ids_fn take,
                          void *ctx, struct err *e)
{
    struct stmt *s = NULL;
    bool row = false;
    uint64_t seen = 0;
    struct finding_run *r = mem_alloc(sizeof *r);
    if (r == NULL) {
        return err_nomem(e);
    }
    *r = (struct finding_run){.db = db, .q = q, .take = take, .ctx = ctx};
    buf_init(&r->scratch, 65536);
    for (size_t i = 0; i < q->term_count; i++) {
        buf_init(&r->folded.text[i], 4096);
        text_fold(q->terms[i].text, strlen(q->terms[i].text), &r->folded.text[i]);
    }
    int column = q->sort_column >= 0 && q->sort_column < METER_COLUMNS ? q->sort_column : 0;
    const char *sql = q->descending ? orders[column].down : orders[column].up;
    enum err_code code = db_query(db, &s, e, sql, NO_VALS);
    while (code == ERR_OK && (code = stmt_next(s, &row, e)) == ERR_OK && row) {
        code = run_row(r, stmt_int(s, 0), e);
        if (code == ERR_OK && ++seen % ROWS_BETWEEN_LOOKS == 0) {
            code = run_flush(r, e);
        }
    }
    stmt_done(s);
    if (code == ERR_OK) {
        code = run_flush(r, e);
    }
    for (size_t i = 0; i < q->term_count; i++) {
        buf_release(&r->folded.text[i]);
    }
    buf_release(&r->scratch);
    mem_free(r);
    return code;
}

enum err_code meters_count(struct db *db, int64_t *out, struct err *e)
{
    *out = 0;
    return db_get_int(db, out, NULL, e, "SELECT count(*) FROM meter", NO_VALS);
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t len = from != NULL ? strlen(from) : 0;
    len = len < size ? len : size - 1;
    while (len > 0 && len == size - 1 && ((unsigned char)from[len] & 0xC0) == 0x80) {
        len--; /* never half a character */
    }
    memcpy(to, from != NULL ? from : "", len);
    to[len] = '\0';
}

/* The rule of the newest open alert as a word of the list. */
static const char *alert_condition(const char *rule)
{
    static const char *const words[] = {"high", "low", "zero"};
    for (size_t i = 0; rule != NULL && i < 3; i++) {
        if (strcmp(rule, words[i]) == 0) {
            return words[i];
        }
    }
    return rule != NULL && strcmp(rule, "surcharge") == 0 ? "high" : "ok";
}

static void row_words(struct meter_list_row *r, bool in_service, bool held, const char *alert,
                      const char *today)
{
    r->condition = !in_service          ? "out"
                   : held               ? "held"
                   : r->last[0] == '\0' ? "none"
                                        : alert_condition(alert);
    /* A meter is to be read when it was not in this calendar month. */
    bool due = r->last[0] == '\0' || strncmp(r->last, today, 7) < 0;
    r->pending = !in_service ? "none" : held ? "review" : due ? "read" : "none";
}

enum err_code meter_list_row(struct db *db, int64_t id, const char *today,
                             struct meter_list_row *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    *out = (struct meter_list_row){.id = id, .condition = "none", .pending = "none"};
    TRY(db_query(db, &q, e,
                 "SELECT m.serial, p.value, date(" LAST_LOCAL ", 'unixepoch'), " LAST_VALUE
                 ", m.state = 'in_service', " HELD
                 ", m.kind, s.route, a.number, r.unit, r.decimals, "
                 "(SELECT rule FROM alert t WHERE t.meter = m.id AND t.resolved IS NULL "
                 "ORDER BY t.id DESC LIMIT 1) "
                 "FROM meter m JOIN register r ON r.meter = m.id "
                 "JOIN service_point s ON s.id = m.point LEFT JOIN personal p ON p.owner = "
                 "'service_point' AND p.id = s.id AND p.field = 'place' AND p.hash = s.place "
                 "LEFT JOIN assignment g ON g.meter = m.id AND g.end_date IS NULL "
                 "LEFT JOIN account a ON a.id = g.account WHERE m.id = ? ORDER BY r.id LIMIT 1",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        copy_text(out->serial, sizeof out->serial, stmt_text(q, 0));
        copy_text(out->place, sizeof out->place, stmt_text(q, 1));
        copy_text(out->last, sizeof out->last, stmt_text(q, 2));
        copy_text(out->kind, sizeof out->kind, stmt_text(q, 6));
        copy_text(out->route, sizeof out->route, stmt_text(q, 7));
        copy_text(out->account, sizeof out->account, stmt_text(q, 8));
        const struct unit *unit = unit_find(stmt_text(q, 9));
        if (!stmt_is_null(q, 3) && unit != NULL) {
            struct buf b;
            buf_init(&b, 64);
            quantity_print(stmt_int(q, 3), unit, (unsigned)stmt_int(q, 10), &b);
            copy_text(out->reading, sizeof out->reading, buf_str(&b));
            buf_release(&b);
        }
        row_words(out, stmt_int(q, 4) != 0, stmt_int(q, 5) != 0, stmt_text(q, 11), today);
    }
    stmt_done(q);
    return code;
}

static enum err_code detail_register(struct db *db, int64_t id, struct meter_detail *out,
                                     struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e,
                 "SELECT id, unit, digits, decimals, multiplier FROM register WHERE meter = ? "
                 "ORDER BY id LIMIT 1",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no such meter"));
    }
    if (code == ERR_OK) {
        out->register_id = stmt_int(q, 0);
        out->unit = unit_find(stmt_text(q, 1));
        out->digits = (int)stmt_int(q, 2);
        out->decimals = (int)stmt_int(q, 3);
        out->multiplier = stmt_int(q, 4);
        code = out->unit != NULL
                   ? ERR_OK
                   : err_set(e, ERR_TAMPERED, _("the register's unit is unknown"));
    }
    stmt_done(q);
    return code;
}

static enum err_code detail_history(struct db *db, struct meter_detail *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t newest[METER_HISTORY];
    size_t n = 0;
    TRY(db_query(
        db, &q, e,
        "SELECT bm.consumption FROM bill_meter bm JOIN bill b ON b.id = bm.bill "
        "JOIN billing_run r ON r.id = b.run WHERE bm.register = ? AND r.state = 'closed' "
        "ORDER BY bm.bill DESC LIMIT 13",
        VALS(V_INT(out->register_id))));
    enum err_code code = ERR_OK;
    while (n < METER_HISTORY && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        newest[n++] = stmt_int(q, 0);
    }
    stmt_done(q);
    for (size_t i = 0; i < n; i++) {
        out->history[i] = newest[n - 1 - i];
    }
    out->history_count = n;
    return code;
}

static enum err_code detail_last(struct db *db, struct meter_detail *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        db, &q, e,
        "SELECT value, utc, local FROM reading WHERE register = ? AND state = 'accepted' "
        "ORDER BY utc DESC, id DESC LIMIT 1",
        VALS(V_INT(out->register_id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        out->last_value = stmt_int(q, 0);
        out->last_utc = stmt_int(q, 1);
        out->last_local = stmt_int(q, 2);
    }
    stmt_done(q);
    return code;
}

/* Mean of the billed periods, and three mean absolute deviations around it: what the entry form
 * shows as expected. The rules themselves judge with their own figures (domain/rules.h). */
static void detail_expect(struct meter_detail *out)
{
    int64_t sum = 0;
    int64_t spread = 0;
    int64_t n = (int64_t)out->history_count;
    out->mean = out->low = out->high = -1;
    if (n < 3) {
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        sum += out->history[i];
    }
    out->mean = sum / n;
    for (int64_t i = 0; i < n; i++) {
        int64_t d = out->history[i] - out->mean;
        spread += d < 0 ? -d : d;
    }
    spread = 3 * spread / n;
    out->low = out->mean > spread ? out->mean - spread : 0;
    out->high = out->mean + spread;
}

enum err_code meter_detail(struct db *db, int64_t id, const char *today,
                           struct meter_detail *out, struct err *e)
{
    bool found = false;
    *out = (struct meter_detail){.limit = -1};
    TRY(meter_list_row(db, id, today, &out->row, &found, e));
    TRY(detail_register(db, id, out, e));
    TRY(detail_history(db, out, e));
    TRY(detail_last(db, out, e));
    TRY(db_get_int(
        db, &out->limit, NULL, e,
        "SELECT value FROM usage_limit WHERE meter = ?1 AND start_date <= ?2 AND "
        "(end_date IS NULL OR end_date > ?2) ORDER BY start_date DESC, id DESC LIMIT 1",
        VALS(V_INT(id), V_TEXT(today))));
    detail_expect(out);
    return ERR_OK;
}
