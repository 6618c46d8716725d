/* The entries and items that a bill's proof needs. */
#include <config.h>

#include <inttypes.h>

#include "app/proof_maker.h"
#include "base/i18n.h"

/* The installation of the meter that a register belongs to. */
static enum err_code maker_meter(struct proof_maker *m, int64_t reg, struct err *e)
{
    struct stmt *q = NULL;
    struct proof_entry *en = NULL;
    bool row = false;
    int64_t seq = 0;
    int64_t index = -1;
    TRY(db_query(m->o->db, &q, e,
                 "SELECT h.seq, -1 FROM register g JOIN history h ON h.meter = g.meter "
                 "WHERE g.id = ?1 AND h.kind = 'meter.installed' "
                 "UNION ALL "
                 "SELECT h.seq, g.meter - json_extract(b.payload, '$.data.first') "
                 "FROM register g, history h JOIN entry b ON b.seq = h.seq "
                 "WHERE g.id = ?1 AND h.kind = 'meters.batch' AND "
                 "g.meter - json_extract(b.payload, '$.data.first') BETWEEN 0 AND "
                 "json_extract(b.payload, '$.data.count') - 1 "
                 "UNION ALL "
                 "SELECT h.seq, -1 FROM register g JOIN history h ON h.meter = g.meter "
                 "JOIN entry b ON b.seq = h.seq WHERE g.id = ?1 AND "
                 "h.kind = 'meter.register_added' AND "
                 "json_extract(b.payload, '$.data.register.id') = ?1 "
                 "UNION ALL "
                 "SELECT h.seq, -1 FROM register g, history h JOIN entry b ON b.seq = h.seq "
                 "WHERE g.id = ?1 AND h.kind = 'meter.swapped' AND "
                 " json_extract(b.payload, '$.data.new.meter') = g.meter "
                 "ORDER BY 1 DESC LIMIT 1",
                 VALS(V_INT(reg))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        seq = stmt_int(q, 0);
        index = stmt_int(q, 1);
    } else if (code == ERR_OK) {
        code = err_set(
            e, ERR_TAMPERED,
            _("no entry records the meter of register %" PRId64 "; run: aforo verify --deep"),
            reg);
    }
    stmt_done(q);
    TRY(code);
    return index < 0 ? maker_entry(m, seq, &en, e) : maker_item(m, seq, index, e);
}

static enum err_code maker_tariff(struct proof_maker *m, int64_t id, struct err *e)
{
    struct proof_entry *en = NULL;
    int64_t seq = 0;
    bool found = false;
    TRY(db_get_int(m->o->db, &seq, &found, e,
                   "SELECT h.seq FROM history h JOIN entry n ON n.seq = h.seq WHERE h.kind = "
                   "'tariff.published' AND json_extract(n.payload, '$.data.tariff') = ?",
                   VALS(V_INT(id))));
    if (!found) {
        return err_set(e, ERR_TAMPERED,
                       _("no entry published tariff %" PRId64 "; run: aforo verify --deep"),
                       id);
    }
    return maker_entry(m, seq, &en, e);
}

/* The row's register (column 0), installed, and its readings (columns 1 and 2). */
static enum err_code maker_pair(struct proof_maker *m, const struct stmt *q, struct err *e)
{
    TRY(maker_meter(m, stmt_int(q, 0), e));
    TRY(maker_reading(m, stmt_int(q, 1), false, e));
    return maker_reading(m, stmt_int(q, 2), false, e);
}

static enum err_code maker_shares(struct proof_maker *m, int64_t bill, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(m->o->db, &q, e,
                 "SELECT register, from_reading, to_reading, tariff FROM bill_meter WHERE "
                 "bill = ? ORDER BY register",
                 VALS(V_INT(bill))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = maker_pair(m, q, e);
        if (code == ERR_OK) {
            code = maker_tariff(m, stmt_int(q, 3), e);
        }
    }
    stmt_done(q);
    return code;
}

/* Tariffs of the parts, where prices change within a share. */
static enum err_code maker_parts(struct proof_maker *m, int64_t bill, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(m->o->db, &q, e, "SELECT DISTINCT tariff FROM bill_part WHERE bill = ?",
                 VALS(V_INT(bill))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = maker_tariff(m, stmt_int(q, 0), e);
    }
    stmt_done(q);
    return code;
}

/* Registers whose two readings the bill counts, besides those of its shares. */
static enum err_code maker_pairs(struct proof_maker *m, const char *sql, int64_t bill,
                                 struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(m->o->db, &q, e, sql, VALS(V_INT(bill))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = maker_pair(m, q, e);
    }
    stmt_done(q);
    return code;
}

/* Other registers that the tariff counts; sub-meters that were taken off. */
static const char quantities_sql[] =
    "SELECT DISTINCT source, from_reading, to_reading FROM bill_quantity WHERE bill = ? AND "
    "from_reading IS NOT NULL AND to_reading IS NOT NULL";
static const char subs_sql[] =
    "SELECT source, from_reading, to_reading FROM bill_sub WHERE bill = ?";

/* What says that the meters of the sub-meters are taken off those of the shares: the link that
 * counted when the bill was made, and the exchanges that carried it on to other meters. */
static enum err_code maker_links(struct proof_maker *m, int64_t bill, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        m->o->db, &q, e,
        "WITH RECURSIVE pair(n, sub, master, seq) AS (SELECT s.sub, g.meter, k.meter, b.seq "
        "FROM bill_sub s JOIN bill b ON b.id = s.bill JOIN register g ON g.id = s.source JOIN "
        "register k ON k.id = s.register WHERE s.bill = ?1), was(n, of_sub, id) AS (SELECT n, "
        "1, "
        "sub FROM pair UNION SELECT n, 0, master FROM pair UNION SELECT w.n, w.of_sub, "
        "x.replaces FROM was w JOIN meter x ON x.id = w.id WHERE x.replaces IS NOT NULL), "
        "link(n, seq) AS (SELECT p.n, max(h.seq) FROM pair p JOIN was s ON s.n = p.n AND "
        "s.of_sub JOIN history h ON h.meter = s.id JOIN entry y ON y.seq = h.seq WHERE h.kind "
        "= "
        "'meter.linked' AND h.seq < p.seq AND json_extract(y.payload, '$.data.deduct') AND "
        "json_extract(y.payload, '$.data.above') IN (SELECT w.id FROM was w WHERE w.n = p.n "
        "AND "
        "NOT w.of_sub) GROUP BY p.n) SELECT seq FROM link UNION SELECT h.seq FROM link l JOIN "
        "was w ON w.n = l.n JOIN history h ON h.meter = w.id JOIN pair p ON p.n = l.n WHERE "
        "h.kind = 'meter.swapped' AND h.seq > l.seq AND h.seq < p.seq AND EXISTS(SELECT 1 FROM "
        "was t JOIN meter x ON x.id = t.id WHERE t.n = w.n AND t.of_sub = w.of_sub AND "
        "x.replaces = w.id) ORDER BY 1",
        VALS(V_INT(bill))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct proof_entry *en = NULL;
        code = maker_entry(m, stmt_int(q, 0), &en, e);
    }
    stmt_done(q);
    return code;
}

/* The factors of gas: entries of their own, or items of an import. */
static enum err_code maker_factors(struct proof_maker *m, int64_t bill, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        m->o->db, &q, e,
        "SELECT f.seq, CASE WHEN f.run IS NULL THEN -1 ELSE f.id - "
        "json_extract(n.payload, '$.data.first') END FROM gas_factor f JOIN entry n "
        "ON n.seq = f.seq WHERE f.id IN (SELECT volume_factor FROM bill_gas WHERE bill "
        "= ?1 UNION SELECT calorific_factor FROM bill_gas WHERE bill = ?1) ORDER BY "
        "f.id",
        VALS(V_INT(bill))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct proof_entry *en = NULL;
        code = stmt_int(q, 1) < 0 ? maker_entry(m, stmt_int(q, 0), &en, e)
                                  : maker_item(m, stmt_int(q, 0), stmt_int(q, 1), e);
    }
    stmt_done(q);
    return code;
}

enum err_code maker_bill(struct proof_maker *m, int64_t number, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t v[3] = {0};
    TRY(db_query(m->o->db, &q, e, "SELECT seq, item, run FROM bill WHERE id = ?",
                 VALS(V_INT(number))));
    enum err_code code = stmt_next(q, &row, e);
    for (int i = 0; code == ERR_OK && row && i < 3; i++) {
        v[i] = stmt_int(q, i);
    }
    stmt_done(q);
    TRY(code);
    if (!row) {
        return err_set(e, ERR_NOT_FOUND, _("there is no bill %" PRId64), number);
    }
    TRY(maker_item(m, v[0], v[1], e));
    TRY(maker_shares(m, number, e));
    TRY(maker_parts(m, number, e));
    TRY(maker_pairs(m, quantities_sql, number, e));
    TRY(maker_pairs(m, subs_sql, number, e));
    TRY(maker_links(m, number, e));
    TRY(maker_factors(m, number, e));
    return maker_closed(m, true, v[2], e);
}
