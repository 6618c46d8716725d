/* Projectors of import runs: opened, filled in batches, closed, taken back; and of what came
 * from an earlier system. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/project_money.h"
#include "store/db.h"

static enum err_code run_open(struct projection *p, const struct json *d, const char *kind)
{
    int64_t run = 0;
    const char *text[3] = {NULL};
    static const char *const names[3] = {"file", "sha256", "mapping"};
    TRY(take_int(p, d, "run", &run));
    for (size_t i = 0; i < 3; i++) {
        TRY(take_text(p, d, names[i], &text[i]));
    }
    return db_run(p->db, p->e,
                  "INSERT INTO import_run(id, kind, file, sha256, mapping, state, opened, "
                  "batches, items) "
                  "VALUES(?,?,?,?,?,'open',?,0,0)",
                  VALS(V_INT(run), V_TEXT(kind), V_TEXT(text[0]), V_TEXT(text[1]),
                       V_TEXT(text[2]), V_INT(p->entry->seq)));
}

static enum err_code run_batch(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    int64_t count = 0;
    TRY(take_int(p, d, "run", &run));
    TRY(take_int(p, d, "count", &count));
    return db_run(
        p->db, p->e,
        "UPDATE import_run SET batches=batches+1, items=items+? WHERE id=? AND state='open'",
        VALS(V_INT(count), V_INT(run)));
}

static enum err_code run_end(struct projection *p, const struct json *d, const char *state)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    return db_run(p->db, p->e, "UPDATE import_run SET state=?, ended=? WHERE id=?",
                  VALS(V_TEXT(state), V_INT(p->entry->seq), V_INT(run)));
}

enum err_code project_readings_opened(struct projection *p, const struct json *d)
{
    return run_open(p, d, "readings");
}

enum err_code project_readings_batch(struct projection *p, const struct json *d)
{
    return run_batch(p, d);
}

enum err_code project_readings_closed(struct projection *p, const struct json *d)
{
    return run_end(p, d, "closed");
}

enum err_code project_meters_opened(struct projection *p, const struct json *d)
{
    return run_open(p, d, "meters");
}

enum err_code project_meters_batch(struct projection *p, const struct json *d)
{
    return run_batch(p, d);
}

enum err_code project_meters_closed(struct projection *p, const struct json *d)
{
    return run_end(p, d, "closed");
}

/* ---- what came from an earlier system ---- */

enum err_code project_records_opened(struct projection *p, const struct json *d)
{
    const char *of = NULL;
    TRY(take_text(p, d, "of", &of));
    return run_open(p, d, of);
}

enum err_code project_records_batch(struct projection *p, const struct json *d)
{
    return run_batch(p, d);
}

enum err_code project_records_closed(struct projection *p, const struct json *d)
{
    return run_end(p, d, "closed");
}

/* Its number in the earlier system, where the item says one. */
static enum err_code old_number(struct projection *p, const struct json *item,
                                const struct json *thing, const char *owner)
{
    int64_t id = 0;
    const char *number = json_get_str(item, "old");
    TRY(take_int(p, thing, owner, &id));
    return number == NULL
               ? ERR_OK
               : db_run(p->db, p->e, "INSERT INTO old_number(owner, number, id) VALUES(?,?,?)",
                        VALS(V_TEXT(owner), V_TEXT(number), V_INT(id)));
}

/* It ends no other assignment: it was checked to overlap none. */
static enum err_code assignment_record(struct projection *p, const struct json *item,
                                       const struct json *g)
{
    int64_t v[3] = {0};
    static const char *const names[3] = {"assignment", "meter", "account"};
    const char *tariff = NULL;
    const char *start = NULL;
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, g, names[i], &v[i]));
    }
    TRY(take_text(p, g, "tariff", &tariff));
    TRY(take_text(p, g, "start", &start));
    return db_run(p->db, p->e,
                  "INSERT INTO assignment(id, meter, account, tariff, start_date, end_date) "
                  "VALUES(?,?,?,?,?,?)",
                  VALS(V_INT(v[0]), V_INT(v[1]), V_INT(v[2]), V_TEXT(tariff), V_TEXT(start),
                       optional_text(item, "end")));
}

static enum err_code balance_record(struct projection *p, const struct json *item,
                                    const struct json *b)
{
    int64_t posting = 0;
    int64_t run = 0;
    int64_t line = 0;
    const char *reference = NULL;
    TRY(project_balance_opened(p, b));
    TRY(take_int(p, b, "posting", &posting));
    TRY(take_int(p, p->entry->data, "run", &run));
    TRY(take_int(p, item, "line", &line));
    TRY(take_text(p, item, "reference", &reference));
    return db_run(p->db, p->e,
                  "INSERT INTO opened_balance(posting, run, reference, line) VALUES(?,?,?,?)",
                  VALS(V_INT(posting), V_INT(run), V_TEXT(reference), V_INT(line)));
}

static enum err_code bill_record(struct projection *p, const struct json *item,
                                 const struct json *b)
{
    int64_t v[3] = {0};
    static const char *const names[3] = {"id", "account", "amount"};
    int64_t run = 0;
    int64_t line = 0;
    const char *number = NULL;
    const char *issued = NULL;
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, b, names[i], &v[i]));
    }
    TRY(take_text(p, b, "number", &number));
    TRY(take_text(p, b, "issued", &issued));
    TRY(take_int(p, p->entry->data, "run", &run));
    TRY(take_int(p, item, "line", &line));
    return db_run(p->db, p->e,
                  "INSERT INTO old_bill(id, account, amount, number, issued, due, start_date, "
                  "end_date, use, unit, meter, run, line) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                  VALS(V_INT(v[0]), V_INT(v[1]), V_INT(v[2]), V_TEXT(number), V_TEXT(issued),
                       optional_text(b, "due"), optional_text(b, "start"),
                       optional_text(b, "end"), optional_text(b, "use"),
                       optional_text(b, "unit"), optional_int(b, "meter"), V_INT(run),
                       V_INT(line)));
}

static enum err_code visit_record(struct projection *p, const struct json *item,
                                  const struct json *v)
{
    int64_t id = 0;
    int64_t meter = 0;
    int64_t run = 0;
    int64_t line = 0;
    const char *date = NULL;
    const char *skip = NULL;
    struct hash hash;
    struct val note = V_NULL();
    TRY(take_int(p, v, "id", &id));
    TRY(take_int(p, v, "meter", &meter));
    TRY(take_text(p, v, "date", &date));
    TRY(take_text(p, v, "skip", &skip));
    TRY(take_int(p, p->entry->data, "run", &run));
    TRY(take_int(p, item, "line", &line));
    if (json_get(v, "note") != NULL) {
        TRY(take_hash(p, v, "note", &hash));
        note = V_HASH(&hash);
    }
    return db_run(p->db, p->e,
                  "INSERT INTO visit(id, meter, date, skip, note, run, line) "
                  "VALUES(?,?,?,?,?,?,?)",
                  VALS(V_INT(id), V_INT(meter), V_TEXT(date), V_TEXT(skip), note, V_INT(run),
                       V_INT(line)));
}

enum err_code project_record_item(struct projection *p, const struct json *item)
{
    const struct json *thing = NULL;
    if ((thing = json_get(item, "customer")) != NULL) {
        TRY(project_customer_created(p, thing));
        return old_number(p, item, thing, "customer");
    }
    if ((thing = json_get(item, "account")) != NULL) {
        TRY(project_account_opened(p, thing));
        return old_number(p, item, thing, "account");
    }
    if ((thing = json_get(item, "assignment")) != NULL) {
        return assignment_record(p, item, thing);
    }
    if ((thing = json_get(item, "balance")) != NULL) {
        return balance_record(p, item, thing);
    }
    if ((thing = json_get(item, "visit")) != NULL) {
        return visit_record(p, item, thing);
    }
    if ((thing = json_get(item, "gas")) != NULL) {
        int64_t run = 0;
        TRY(take_int(p, p->entry->data, "run", &run));
        return gas_factor_record(p, thing, run);
    }
    TRY(take_object(p, item, "bill", &thing));
    return bill_record(p, item, thing);
}

/* ---- taken back ---- */

/* The rows that a discarded import had made, children first; what was personal of them goes
 * too, for nobody is left whom it is about. */
static const struct {
    const char *ranges, *sql;
} unmade[] = {
    {"points",
     "DELETE FROM main.personal WHERE owner = 'service_point' AND id BETWEEN ? AND ?"},
    {"points",
     "DELETE FROM personal_past WHERE owner = 'service_point' AND id BETWEEN ? AND ?"},
    {"customers", "DELETE FROM main.personal WHERE owner = 'customer' AND id BETWEEN ? AND ?"},
    {"customers", "DELETE FROM personal_past WHERE owner = 'customer' AND id BETWEEN ? AND ?"},
    {"meters", "DELETE FROM alert WHERE meter BETWEEN ? AND ?"},
    {"meters", "DELETE FROM finding WHERE reading IN (SELECT x.id FROM register g JOIN reading "
               "x ON x.register = g.id WHERE g.meter BETWEEN ? AND ?)"},
    {"meters",
     "DELETE FROM decision WHERE reading IN (SELECT x.id FROM register g JOIN reading "
     "x ON x.register = g.id WHERE g.meter BETWEEN ? AND ?)"},
    {"meters", "DELETE FROM reading WHERE register IN (SELECT id FROM register WHERE meter "
               "BETWEEN ? AND ?)"},
    {"visits", "DELETE FROM main.personal WHERE owner = 'visit' AND id BETWEEN ? AND ?"},
    {"visits", "DELETE FROM personal_past WHERE owner = 'visit' AND id BETWEEN ? AND ?"},
    {"visits", "DELETE FROM visit WHERE id BETWEEN ? AND ?"},
    {"factors", "DELETE FROM gas_factor WHERE id BETWEEN ? AND ?"},
    {"bills", "DELETE FROM old_bill WHERE id BETWEEN ? AND ?"},
    {"balances", "DELETE FROM opened_balance WHERE posting BETWEEN ? AND ?"},
    {"assignments", "DELETE FROM assignment WHERE id BETWEEN ? AND ?"},
    {"accounts", "DELETE FROM old_number WHERE owner = 'account' AND id BETWEEN ? AND ?"},
    {"customers", "DELETE FROM old_number WHERE owner = 'customer' AND id BETWEEN ? AND ?"},
    {"meters", "DELETE FROM usage_limit WHERE meter BETWEEN ? AND ?"},
    {"meters", "DELETE FROM assignment WHERE meter BETWEEN ? AND ?"},
    {"meters", "DELETE FROM register WHERE meter BETWEEN ? AND ?"},
    {"meters", "DELETE FROM meter WHERE id BETWEEN ? AND ?"},
    {"points", "DELETE FROM service_point WHERE id BETWEEN ? AND ?"},
    {"accounts", "DELETE FROM account WHERE id BETWEEN ? AND ?"},
    {"customers", "DELETE FROM customer WHERE id BETWEEN ? AND ?"},
};

static enum err_code range_take(struct projection *p, const struct json *pair, int64_t out[2])
{
    if (pair->type != JSON_ARRAY || pair->u.array.count != 2 ||
        pair->u.array.items[0]->type != JSON_INT || pair->u.array.items[1]->type != JSON_INT) {
        return err_set(p->e, ERR_TAMPERED, _("entry %" PRId64 " holds no ranges"),
                       p->entry->seq);
    }
    out[0] = pair->u.array.items[0]->u.integer;
    out[1] = pair->u.array.items[1]->u.integer;
    return ERR_OK;
}

static enum err_code rows_unmake(struct projection *p, const struct json *d)
{
    for (size_t i = 0; i < sizeof unmade / sizeof unmade[0]; i++) {
        const struct json *ranges = json_get(d, unmade[i].ranges);
        if (ranges != NULL) {
            TRY(take_array(p, d, unmade[i].ranges, &ranges));
        }
        for (size_t k = 0; ranges != NULL && k < ranges->u.array.count; k++) {
            int64_t range[2];
            TRY(range_take(p, ranges->u.array.items[k], range));
            TRY(db_run(p->db, p->e, unmade[i].sql, VALS(V_INT(range[0]), V_INT(range[1]))));
        }
    }
    return ERR_OK;
}

/* Nothing is taken out of an account's ledger: what was opened is undone by its opposite. */
static enum err_code balances_void(struct projection *p, const struct json *d)
{
    const struct json *ranges = json_get(d, "balances");
    if (ranges != NULL) {
        TRY(take_array(p, d, "balances", &ranges));
    }
    for (size_t k = 0; ranges != NULL && k < ranges->u.array.count; k++) {
        int64_t range[2];
        TRY(range_take(p, ranges->u.array.items[k], range));
        for (int64_t id = range[0]; id <= range[1]; id++) {
            TRY(opening_void(p, id));
        }
    }
    return ERR_OK;
}

enum err_code project_run_discarded(struct projection *p, const struct json *d)
{
    int64_t run = 0;
    TRY(take_int(p, d, "run", &run));
    TRY(db_run(p->db, p->e,
               "UPDATE alert SET resolved=?, resolution='discarded' WHERE resolved IS NULL AND "
               "reading IN "
               "(SELECT id FROM reading WHERE run=?)",
               VALS(V_INT(p->entry->seq), V_INT(run))));
    /* A correction of its readings, or a correction of that, was believed for their sake. */
    TRY(db_run(p->db, p->e,
               "WITH RECURSIVE c(id) AS (SELECT d.corrected FROM decision d JOIN reading x ON "
               "x.id = d.reading WHERE x.run = ? AND d.corrected IS NOT NULL UNION SELECT "
               "d.corrected FROM decision d JOIN c ON c.id = d.reading WHERE d.corrected IS "
               "NOT NULL) UPDATE reading SET state='rejected' WHERE id IN (SELECT id FROM c) "
               "AND state='accepted'",
               VALS(V_INT(run))));
    TRY(balances_void(p, d));
    TRY(exchanges_undo(p, run));
    TRY(rows_unmake(p, d));
    return run_end(p, d, "discarded");
}
