#include <config.h>

#include "app/query_bill.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"

#define BILL_ROWS_MAX 4096

static const char *keep_hex(struct arena *a, const struct stmt *q, int column, bool *bad)
{
    struct hash h;
    char hex[65] = "";
    size_t len = 0;
    const void *p = stmt_blob(q, column, &len);
    if (len == HASH_SIZE) {
        memcpy(h.b, p, HASH_SIZE);
        hash_hex(&h, hex);
    }
    const char *copy = arena_strdup(a, hex);
    *bad = *bad || copy == NULL;
    return copy != NULL ? copy : "";
}

/* The commitment that was in force when the bill was recorded, and the entry that erased it: a
 * bill names its customer as it did then, however often it is printed. */
#define PERSONAL_THEN(owner, id, field, now)                                                   \
    "coalesce((SELECT x.hash FROM personal_past x WHERE x.owner = '" owner "' AND x.id = " id  \
    " AND x.field = '" field "' AND x.replaced > b.seq ORDER BY x.replaced LIMIT 1), " now ")"
#define PERSONAL_ERASED(owner, id, field, now)                                                 \
    "(SELECT max(y.erased) FROM personal_past y WHERE y.owner = '" owner "' AND y.id = " id    \
    " AND y.field = '" field "' AND y.hash = " PERSONAL_THEN(owner, id, field, now) ")"

static enum err_code view_head(struct office *o, int64_t bill, struct arena *a,
                               struct bill_view *v, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bad = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT b.run, r.state, b.account, a.number, p.value, b.start_date, b.end_date, "
        "b.issued, b.due, b.currency, b.total, b.seq, b.item, n.leaf, " PERSONAL_ERASED(
            "customer", "c.id", "name",
            "c.name") ", b.cancelled IS NOT NULL FROM bill b "
                      "JOIN billing_run r ON r.id = b.run JOIN account a ON a.id = b.account "
                      "JOIN customer c ON c.id = a.customer LEFT JOIN personal p ON p.owner = "
                      "'customer' AND "
                      "p.id = c.id AND p.field = 'name' AND p.hash = " PERSONAL_THEN(
                          "customer", "c.id", "name",
                          "c.name") " "
                                    "JOIN entry n ON n.seq = b.seq WHERE b.id = ?",
        VALS(V_INT(bill))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no bill %" PRId64), bill);
    }
    if (code == ERR_OK) {
        *v = (struct bill_view){.id = bill,
                                .run = stmt_int(q, 0),
                                .run_state = stmt_keep(q, 1, a, &bad),
                                .account = stmt_int(q, 2),
                                .account_number = stmt_keep(q, 3, a, &bad),
                                .customer = stmt_keep(q, 4, a, &bad),
                                .start = stmt_keep(q, 5, a, &bad),
                                .end = stmt_keep(q, 6, a, &bad),
                                .issued = stmt_keep(q, 7, a, &bad),
                                .due = stmt_keep(q, 8, a, &bad),
                                .currency = currency_find(stmt_text(q, 9)),
                                .total = {stmt_int(q, 10)},
                                .seq = stmt_int(q, 11),
                                .item = stmt_int(q, 12),
                                .leaf = keep_hex(a, q, 13, &bad),
                                .customer_erased = stmt_int(q, 14),
                                .cancelled = stmt_int(q, 15) != 0};
        code = bad ? err_nomem(e) : ERR_OK;
    }
    stmt_done(q);
    return code;
}

/* The consumption of this bill and up to twelve before it, oldest first. */
static enum err_code meter_history(struct office *o, int64_t bill, struct bill_view_meter *m,
                                   struct arena *a, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bad = false;
    int at = 12;
    for (int i = 0; i < 13; i++) {
        m->history[i] = -1;
        m->history_label[i] = "";
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT bm.consumption, substr(b.start_date, 1, 7) FROM bill_meter bm "
                 "JOIN bill b ON b.id = bm.bill JOIN billing_run r ON r.id = b.run "
                 "WHERE bm.register = ?1 AND bm.bill <= ?2 AND ((r.state = 'closed' AND "
                 "b.cancelled IS NULL) OR b.id = ?2) "
                 "ORDER BY bm.bill DESC LIMIT 13",
                 VALS(V_INT(m->reg), V_INT(bill))));
    enum err_code code = ERR_OK;
    while (at >= 0 && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        m->history[at] = stmt_int(q, 0);
        m->history_label[at] = stmt_keep(q, 1, a, &bad);
        at--;
    }
    stmt_done(q);
    return code == ERR_OK && bad ? err_nomem(e) : code;
}

static enum err_code view_meter(struct office *o, const struct stmt *q, int64_t bill,
                                struct arena *a, struct bill_view_meter *m, struct err *e)
{
    bool bad = false;
    *m = (struct bill_view_meter){.reg = stmt_int(q, 0),
                                  .meter = stmt_int(q, 1),
                                  .serial = stmt_keep(q, 2, a, &bad),
                                  .kind = stmt_keep(q, 3, a, &bad),
                                  .obis = stmt_keep(q, 4, a, &bad),
                                  .place = stmt_keep(q, 5, a, &bad),
                                  .unit = unit_find(stmt_text(q, 6)),
                                  .decimals = (int)stmt_int(q, 7),
                                  .from_id = stmt_int(q, 8),
                                  .from_value = stmt_int(q, 9),
                                  .from_local = stmt_int(q, 10),
                                  .to_id = stmt_int(q, 11),
                                  .to_value = stmt_int(q, 12),
                                  .to_local = stmt_int(q, 13),
                                  .to_source = stmt_keep(q, 14, a, &bad),
                                  .consumption = stmt_int(q, 15),
                                  .days = stmt_int(q, 16),
                                  .has_limit = !stmt_is_null(q, 17),
                                  .limit = stmt_int(q, 17),
                                  .tariff_id = stmt_int(q, 18),
                                  .tariff_code = stmt_keep(q, 19, a, &bad),
                                  .tariff_version = stmt_int(q, 20),
                                  .tariff_hash = keep_hex(a, q, 21, &bad),
                                  .flags = stmt_keep(q, 22, a, &bad),
                                  .place_erased = stmt_int(q, 23),
                                  .whole_days = stmt_int(q, 24),
                                  .is_charged = !stmt_is_null(q, 25),
                                  .charged = stmt_int(q, 25)};
    TRY(bad ? err_nomem(e) : ERR_OK);
    return meter_history(o, bill, m, a, e);
}

static enum err_code view_count(struct office *o, const char *sql, int64_t bill, int64_t *count,
                                struct err *e)
{
    TRY(db_get_int(o->db, count, NULL, e, sql, VALS(V_INT(bill))));
    return *count <= BILL_ROWS_MAX
               ? ERR_OK
               : err_set(e, ERR_LIMIT, _("bill %" PRId64 " is too long"), bill);
}

static enum err_code view_meters(struct office *o, struct bill_view *v, struct arena *a,
                                 struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    TRY(view_count(o, "SELECT count(*) FROM bill_meter WHERE bill = ?", v->id, &count, e));
    v->meters = arena_array(a, (size_t)count + 1, sizeof v->meters[0]);
    if (v->meters == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(
        o->db, &q, e,
        "SELECT bm.register, m.id, m.serial, m.kind, r.obis, p.value, r.unit, r.decimals, "
        "f.id, "
        "f.value, f.local, t.id, t.value, t.local, t.source, bm.consumption, bm.days, "
        "bm.threshold, ta.id, ta.code, ta.version, ta.hash, bm.flags, " PERSONAL_ERASED(
            "service_point", "s.id", "place",
            "s.place") ", bm.whole_days, bm.charged FROM bill_meter bm JOIN bill b ON b.id = "
                       "bm.bill "
                       "JOIN register r ON r.id = bm.register JOIN meter m ON m.id = r.meter "
                       "JOIN service_point s ON s.id = m.point LEFT JOIN personal p ON p.owner "
                       "= "
                       "'service_point' AND p.id = s.id AND p.field = 'place' AND p.hash "
                       "= " PERSONAL_THEN("service_point", "s.id", "place",
                                          "s.place") " "
                                                     "JOIN reading f ON f.id = bm.from_reading "
                                                     "JOIN reading t ON t.id = bm.to_reading "
                                                     "JOIN tariff ta ON ta.id = bm.tariff "
                                                     "WHERE bm.bill = ? ORDER BY bm.register",
        VALS(V_INT(v->id))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row &&
           v->meter_count < (size_t)count) {
        code = view_meter(o, q, v->id, a, &v->meters[v->meter_count++], e);
    }
    stmt_done(q);
    return code;
}

static enum err_code view_lines(struct office *o, struct bill_view *v, struct arena *a,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bad = false;
    int64_t count = 0;
    TRY(view_count(o, "SELECT count(*) FROM bill_line WHERE bill = ?", v->id, &count, e));
    v->lines = arena_array(a, (size_t)count + 1, sizeof v->lines[0]);
    if (v->lines == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT register, component, formula, label_es, label_en, quantity, unit, "
                 "price, explanation, amount, part FROM bill_line WHERE bill = ? ORDER BY line",
                 VALS(V_INT(v->id))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row && v->line_count < (size_t)count) {
        v->lines[v->line_count++] =
            (struct bill_view_line){.reg = stmt_int(q, 0),
                                    .part = stmt_int(q, 10),
                                    .component = stmt_keep(q, 1, a, &bad),
                                    .formula = stmt_keep(q, 2, a, &bad),
                                    .label_es = stmt_keep(q, 3, a, &bad),
                                    .label_en = stmt_keep(q, 4, a, &bad),
                                    .quantity = stmt_keep(q, 5, a, &bad),
                                    .unit = stmt_keep(q, 6, a, &bad),
                                    .price = stmt_keep(q, 7, a, &bad),
                                    .explanation = stmt_keep(q, 8, a, &bad),
                                    .amount = {stmt_int(q, 9)}};
    }
    stmt_done(q);
    return code == ERR_OK && bad ? err_nomem(e) : code;
}

enum err_code bill_view(struct office *o, int64_t bill, struct arena *arena,
                        struct bill_view *out, struct err *e)
{
    TRY(view_head(o, bill, arena, out, e));
    TRY(view_meters(o, out, arena, e));
    TRY(view_lines(o, out, arena, e));
    return bill_view_account(o, out, arena, e);
}
