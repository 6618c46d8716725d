#include <config.h>

#include "app/query_meter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "store/db.h"

#define LAST_LOCAL                                                                             \
    "(SELECT x.local FROM reading x WHERE x.register = r.id AND x.state = 'accepted' "         \
    "AND " READING_STANDS " ORDER BY x.utc DESC LIMIT 1)"
#define LAST_VALUE                                                                             \
    "(SELECT x.value FROM reading x WHERE x.register = r.id AND x.state = 'accepted' "         \
    "AND " READING_STANDS " ORDER BY x.utc DESC LIMIT 1)"
#define HELD                                                                                   \
    "EXISTS(SELECT 1 FROM reading x WHERE x.register = r.id AND x.state = 'held' "             \
    "AND " READING_STANDS ")"

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
const char *meter_alert_condition(const char *rule)
{
    static const char *const words[] = {"high", "low", "zero"};
    for (size_t i = 0; rule != NULL && i < 3; i++) {
        if (strcmp(rule, words[i]) == 0) {
            return words[i];
        }
    }
    return rule != NULL && strcmp(rule, "surcharge") == 0 ? "high" : "ok";
}

/* A meter is to be read when it was not in this calendar month. */
bool meter_is_due(const char *last, const char *today)
{
    return last[0] == '\0' || strncmp(last, today, 7) < 0;
}

static void row_words(struct meter_list_row *r, bool in_service, bool held, const char *alert,
                      const char *today)
{
    r->condition = !in_service          ? "out"
                   : held               ? "held"
                   : r->last[0] == '\0' ? "none"
                                        : meter_alert_condition(alert);
    r->pending = !in_service                    ? "none"
                 : held                         ? "review"
                 : meter_is_due(r->last, today) ? "read"
                                                : "none";
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
        "SELECT bm.consumption, bm.days FROM bill_meter bm JOIN bill b ON b.id = bm.bill "
        "JOIN billing_run r ON r.id = b.run WHERE bm.register = ? AND r.state = 'closed' "
        "ORDER BY bm.bill DESC LIMIT 13",
        VALS(V_INT(out->register_id))));
    enum err_code code = ERR_OK;
    while (n < METER_HISTORY && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        newest[n++] = stmt_int(q, 0);
        out->history_days += stmt_int(q, 1);
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
        "SELECT value, utc, local FROM reading x WHERE register = ? AND state = 'accepted' "
        "AND " READING_STANDS " ORDER BY utc DESC, id DESC LIMIT 1",
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
