/* Projectors of collection: notices, protected customers, cut orders, and what a payment does
 * to them. That a paid debt brings the supply back is decided here, for every way in which
 * money can come, and no cap holds it up. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/project_money.h"
#include "store/db.h"

enum err_code project_notices_issued(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    static const char *const names[4] = {"notice", "account", "step", "amount"};
    TRY(take_array(p, d, "notices", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        const struct json *o = list->u.array.items[i];
        const char *overdue = NULL;
        int64_t v[4] = {0};
        for (size_t k = 0; k < 4; k++) {
            TRY(take_int(p, o, names[k], &v[k]));
        }
        TRY(take_text(p, o, "overdue", &overdue));
        TRY(db_run(p->db, p->e,
                   "INSERT INTO notice(id, account, step, date, overdue, amount, seq) "
                   "VALUES(?,?,?,?,?,?,?)",
                   VALS(V_INT(v[0]), V_INT(v[1]), V_INT(v[2]), V_TEXT(p->entry->date),
                        V_TEXT(overdue), V_INT(v[3]), V_INT(p->entry->seq))));
    }
    return ERR_OK;
}

enum err_code project_account_protected(struct projection *p, const struct json *d)
{
    int64_t account = 0;
    const char *until = NULL;
    TRY(take_int(p, d, "account", &account));
    TRY(take_text(p, d, "until", &until));
    return db_run(p->db, p->e,
                  "INSERT INTO protection(account, until, seq) VALUES(?,?,?) ON "
                  "CONFLICT(account) DO UPDATE SET until=excluded.until, seq=excluded.seq",
                  VALS(V_INT(account), V_TEXT(until), V_INT(p->entry->seq)));
}

/* A work order for the meter of a cut order. */
static enum err_code cut_work_open(struct projection *p, int64_t work, int64_t cut,
                                   const char *kind, const char *reason)
{
    return db_run(
        p->db, p->e,
        "INSERT INTO work_order(id, kind, meter, account, state, opened, due, reason, "
        "cut, seq) SELECT ?1, ?2, meter, account, 'open', ?3, ?3, ?4, id, ?5 FROM "
        "cut_order WHERE id = ?6",
        VALS(V_INT(work), V_TEXT(kind), V_TEXT(p->entry->date), V_TEXT(reason),
             V_INT(p->entry->seq), V_INT(cut)));
}

enum err_code project_cut_ordered(struct projection *p, const struct json *d)
{
    int64_t v[5] = {0};
    int64_t work = 0;
    static const char *const names[5] = {"cut", "account", "meter", "amount", "request"};
    for (size_t i = 0; i < 5; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    bool released = json_get_int(d, "work", &work);
    TRY(project_request_done(p, d, "cut order"));
    TRY(db_run(p->db, p->e,
               "INSERT INTO cut_order(id, account, meter, state, date, amount, request, "
               "released, seq) VALUES(?,?,?,?,?,?,?,?,?)",
               VALS(V_INT(v[0]), V_INT(v[1]), V_INT(v[2]),
                    V_TEXT(released ? "ordered" : "quarantined"), V_TEXT(p->entry->date),
                    V_INT(v[3]), V_INT(v[4]), released ? V_INT(p->entry->time_ms) : V_NULL(),
                    V_INT(p->entry->seq))));
    return released ? cut_work_open(p, work, v[0], "cut", "cut order") : ERR_OK;
}

enum err_code project_cut_released(struct projection *p, const struct json *d)
{
    int64_t cut = 0;
    int64_t work = 0;
    TRY(take_int(p, d, "cut", &cut));
    TRY(take_int(p, d, "work", &work));
    TRY(project_request_done(p, d, "cut release"));
    TRY(db_run(p->db, p->e,
               "UPDATE cut_order SET state='ordered', released=? WHERE id=? AND "
               "state='quarantined'",
               VALS(V_INT(p->entry->time_ms), V_INT(cut))));
    return cut_work_open(p, work, cut, "cut", "cut order");
}

/* It is not to be carried out any more. Where an installer has begun, his word is awaited: the
 * supply may be off already. */
static enum err_code cut_end(struct projection *p, int64_t cut, const char *reason)
{
    int64_t one = 0;
    bool begun = false;
    TRY(db_get_int(p->db, &one, &begun, p->e,
                   "SELECT 1 FROM work_order WHERE cut=? AND state='begun'", VALS(V_INT(cut))));
    if (begun) {
        return ERR_OK;
    }
    TRY(db_run(p->db, p->e,
               "UPDATE work_order SET state='cancelled', result=?, closed=? WHERE cut=? AND "
               "kind='cut' AND closed IS NULL",
               VALS(V_TEXT(reason), V_TEXT(p->entry->date), V_INT(cut))));
    return db_run(p->db, p->e, "UPDATE cut_order SET state='withdrawn' WHERE id=?",
                  VALS(V_INT(cut)));
}

enum err_code project_cut_withdrawn(struct projection *p, const struct json *d)
{
    int64_t cut = 0;
    const char *reason = NULL;
    TRY(take_int(p, d, "cut", &cut));
    TRY(take_text(p, d, "reason", &reason));
    return cut_end(p, cut, reason);
}

static enum err_code reconnect(struct projection *p, int64_t cut)
{
    int64_t work = 0;
    TRY(db_get_int(p->db, &work, NULL, p->e, "SELECT coalesce(max(id), 0) + 1 FROM work_order",
                   NO_VALS));
    TRY(cut_work_open(p, work, cut, "reconnect", "paid"));
    return db_run(p->db, p->e, "UPDATE cut_order SET state='reconnecting' WHERE id=?",
                  VALS(V_INT(cut)));
}

/* Cut orders of the account whose debt is paid: nothing that was due before the order's day is
 * open, but for what is in dispute. An order that a dispute suspended waits for its end. */
enum err_code cuts_review(struct projection *p, int64_t account)
{
    int64_t cut = 0;
    int64_t done = 0;
    bool found = true;
    while (found) {
        int64_t off = 0;
        TRY(db_get_int(
            p->db, &cut, &found, p->e,
            "SELECT c.id FROM cut_order c WHERE c.account = ?1 AND c.state IN ('quarantined', "
            "'ordered', 'suspended', 'cut') AND c.id > ?2 AND NOT EXISTS(SELECT 1 FROM posting "
            "o WHERE o.account = ?1 AND o.open > 0 AND o.due < c.date AND (c.state = "
            "'suspended' OR o.open > (SELECT coalesce(sum(x.amount), 0) FROM dispute x WHERE "
            "x.state = 'open' AND o.kind = 'bill' AND x.bill = o.ref))) ORDER BY c.id LIMIT 1",
            VALS(V_INT(account), V_INT(done))));
        if (!found) {
            break;
        }
        TRY(db_get_int(p->db, &off, NULL, p->e,
                       "SELECT state = 'cut' FROM cut_order WHERE id=?", VALS(V_INT(cut))));
        TRY(off != 0 ? reconnect(p, cut) : cut_end(p, cut, "paid"));
        done = cut;
    }
    return ERR_OK;
}

enum err_code cut_work_closed(struct projection *p, int64_t work, const char *outcome)
{
    int64_t cut = 0;
    int64_t account = 0;
    bool is_cut = false;
    bool is_back = false;
    TRY(db_get_int(p->db, &cut, &is_cut, p->e,
                   "SELECT cut FROM work_order WHERE id=? AND kind='cut'", VALS(V_INT(work))));
    if (!is_cut) {
        TRY(db_get_int(p->db, &cut, &is_back, p->e,
                       "SELECT cut FROM work_order WHERE id=? AND kind='reconnect' AND cut IS "
                       "NOT NULL",
                       VALS(V_INT(work))));
    }
    bool done = strcmp(outcome, "done") == 0;
    if ((is_cut || is_back) && done) {
        TRY(db_run(p->db, p->e, "UPDATE cut_order SET state=? WHERE id=?",
                   VALS(V_TEXT(is_cut ? "cut" : "reconnected"), V_INT(cut))));
    }
    if (!is_cut) {
        return ERR_OK;
    }
    TRY(db_get_int(p->db, &account, NULL, p->e, "SELECT account FROM cut_order WHERE id=?",
                   VALS(V_INT(cut))));
    return cuts_review(p, account); /* paid while the installer was there */
}

/* ---- disputes ---- */

/* The order waits, and nobody goes there. */
static enum err_code cut_suspend(struct projection *p, int64_t cut, int64_t dispute)
{
    char result[48];
    (void)snprintf(result, sizeof result, "dispute %" PRId64, dispute);
    TRY(db_run(p->db, p->e,
               "UPDATE work_order SET state='cancelled', result=?, closed=? WHERE cut=? AND "
               "kind='cut' AND closed IS NULL",
               VALS(V_TEXT(result), V_TEXT(p->entry->date), V_INT(cut))));
    return db_run(p->db, p->e, "UPDATE cut_order SET state='suspended', dispute=? WHERE id=?",
                  VALS(V_INT(dispute), V_INT(cut)));
}

enum err_code cuts_hold(struct projection *p, const struct json *d, int64_t dispute)
{
    const struct json *list = json_get(d, "suspends");
    size_t count = list != NULL && list->type == JSON_ARRAY ? list->u.array.count : 0;
    for (size_t i = 0; i < count; i++) {
        TRY(cut_suspend(p, list->u.array.items[i]->u.integer, dispute));
    }
    return ERR_OK;
}

enum err_code cut_work_held(struct projection *p, const struct json *d, int64_t work)
{
    int64_t dispute = 0;
    int64_t cut = 0;
    bool found = false;
    if (!json_get_int(d, "dispute", &dispute)) {
        return ERR_OK;
    }
    TRY(db_get_int(p->db, &cut, &found, p->e,
                   "SELECT c.id FROM work_order w JOIN cut_order c ON c.id = w.cut WHERE "
                   "w.id=? AND c.state='ordered'",
                   VALS(V_INT(work))));
    return found ? cut_suspend(p, cut, dispute) : ERR_OK;
}

/* Out of suspension: with a work order into force, without one into quarantine. */
static enum err_code cut_resume(struct projection *p, const struct json *o)
{
    int64_t cut = 0;
    int64_t work = 0;
    TRY(take_int(p, o, "cut", &cut));
    bool out = json_get_int(o, "work", &work);
    TRY(db_run(p->db, p->e,
               "UPDATE cut_order SET state=?, released=?, dispute=NULL WHERE id=? AND "
               "state='suspended'",
               VALS(V_TEXT(out ? "ordered" : "quarantined"),
                    out ? V_INT(p->entry->time_ms) : V_NULL(), V_INT(cut))));
    return out ? cut_work_open(p, work, cut, "cut", "cut order") : ERR_OK;
}

enum err_code cuts_resume(struct projection *p, const struct json *d)
{
    const struct json *list = json_get(d, "resumes");
    size_t count = list != NULL && list->type == JSON_ARRAY ? list->u.array.count : 0;
    for (size_t i = 0; i < count; i++) {
        TRY(cut_resume(p, list->u.array.items[i]));
    }
    list = json_get(d, "withdraws");
    count = list != NULL && list->type == JSON_ARRAY ? list->u.array.count : 0;
    for (size_t i = 0; i < count; i++) {
        TRY(db_run(p->db, p->e,
                   "UPDATE cut_order SET state='withdrawn' WHERE id=? AND state='suspended'",
                   VALS(V_INT(list->u.array.items[i]->u.integer))));
    }
    return ERR_OK;
}
