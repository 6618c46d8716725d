/* Projectors of notes, cancelled bills, deposits, instalment plans and policies. */
#include <config.h>

#include <string.h>

#include "domain/project_money.h"
#include "store/db.h"

enum err_code note_project(struct projection *p, const struct json *d)
{
    const char *due = json_get_str(d, "due");
    struct document_row doc = {0};
    int64_t posting = 0;
    TRY(take_text(p, d, "type", &doc.type));
    TRY(take_text(p, d, "cause", &doc.cause));
    TRY(take_text(p, d, "reason", &doc.reason));
    TRY(take_int(p, d, "number", &doc.number));
    TRY(take_int(p, d, "account", &doc.account));
    TRY(take_int(p, d, "amount", &doc.amount));
    TRY(take_int(p, d, "posting", &posting));
    (void)json_get_int(d, "bill", &doc.bill);
    (void)json_get_int(d, "reading", &doc.reading);
    bool credit = strcmp(doc.type, "credit_note") == 0;
    struct posting_row x = {.id = posting,
                            .account = doc.account,
                            .ref = doc.number,
                            .amount = credit ? -doc.amount : doc.amount,
                            .kind = doc.type,
                            .due = due};
    TRY(document_insert(p, &doc));
    TRY(posting_insert(p, &x));
    return allocations_project(p, d, x.id, credit);
}

enum err_code project_note_issued(struct projection *p, const struct json *d)
{
    return note_project(p, d);
}

enum err_code project_notes_batch(struct projection *p, const struct json *d)
{
    (void)p;
    (void)d; /* its items say all */
    return ERR_OK;
}

enum err_code project_note_item(struct projection *p, const struct json *item)
{
    return note_project(p, item);
}

/* A credit note over the whole bill settles it; what had paid it is credit again. */
enum err_code project_bill_cancelled(struct projection *p, const struct json *d)
{
    int64_t bill = 0;
    int64_t of = 0;
    TRY(take_int(p, d, "bill", &bill));
    TRY(take_int(p, d, "of", &of));
    TRY(posting_free(p, of));
    TRY(note_project(p, d));
    TRY(db_run(p->db, p->e, "UPDATE bill SET cancelled=? WHERE id=?",
               VALS(V_INT(p->entry->seq), V_INT(bill))));
    return db_run(p->db, p->e,
                  "UPDATE alert SET resolved=?, resolution='cancelled' WHERE resolved IS NULL "
                  "AND bill=?",
                  VALS(V_INT(p->entry->seq), V_INT(bill)));
}

/* The reading's correction and the notes that follow from it are one act. */
enum err_code project_billed_corrected(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    const struct json *decision = NULL;
    TRY(take_object(p, d, "decision", &decision));
    TRY(decision_project(p, d, decision));
    TRY(take_array(p, d, "notes", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(note_project(p, list->u.array.items[i]));
    }
    return ERR_OK;
}

enum err_code project_estimates_rolled_back(struct projection *p, const struct json *d)
{
    const struct json *list = NULL;
    const struct json *accepted = NULL;
    const char *reason = NULL;
    TRY(take_text(p, d, "reason", &reason));
    TRY(take_array(p, d, "rolled_back", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(decision_apply(p, "correct", reason, list->u.array.items[i]));
    }
    TRY(take_object(p, d, "accepted", &accepted));
    TRY(decision_apply(p, "accept", reason, accepted));
    TRY(take_array(p, d, "notes", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(note_project(p, list->u.array.items[i]));
    }
    return ERR_OK;
}

enum err_code project_deposit_taken(struct projection *p, const struct json *d)
{
    int64_t v[4] = {0};
    static const char *const names[4] = {"deposit", "account", "receipt", "amount"};
    for (size_t i = 0; i < 4; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    struct document_row doc = {.type = "receipt",
                               .number = v[2],
                               .account = v[1],
                               .amount = v[3],
                               .cause = "deposit",
                               .reason = ""};
    TRY(db_run(p->db, p->e,
               "INSERT INTO deposit(id, account, receipt, date, amount, rest, seq) "
               "VALUES(?,?,?,?,?,?,?)",
               VALS(V_INT(v[0]), V_INT(v[1]), V_INT(v[2]), V_TEXT(p->entry->date), V_INT(v[3]),
                    V_INT(v[3]), V_INT(p->entry->seq))));
    TRY(document_insert(p, &doc));
    return cash_project(p, d, "deposit", v[3], v[0]);
}

enum err_code project_deposit_returned(struct projection *p, const struct json *d)
{
    int64_t deposit = 0;
    int64_t amount = 0;
    TRY(take_int(p, d, "deposit", &deposit));
    TRY(take_int(p, d, "amount", &amount));
    TRY(db_run(p->db, p->e, "UPDATE deposit SET rest = rest - ? WHERE id = ?",
               VALS(V_INT(amount), V_INT(deposit))));
    return cash_project(p, d, "deposit_return", -amount, deposit);
}

static enum err_code plan_lists(struct projection *p, const struct json *d, int64_t plan)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "items", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        int64_t posting = 0;
        int64_t amount = 0;
        TRY(take_int(p, list->u.array.items[i], "posting", &posting));
        TRY(take_int(p, list->u.array.items[i], "amount", &amount));
        TRY(db_run(p->db, p->e, "INSERT INTO plan_item(plan, posting, amount) VALUES(?,?,?)",
                   VALS(V_INT(plan), V_INT(posting), V_INT(amount))));
    }
    TRY(take_array(p, d, "parts", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        const char *due = NULL;
        int64_t amount = 0;
        TRY(take_text(p, list->u.array.items[i], "due", &due));
        TRY(take_int(p, list->u.array.items[i], "amount", &amount));
        TRY(db_run(p->db, p->e,
                   "INSERT INTO plan_part(plan, part, due, amount) VALUES(?,?,?,?)",
                   VALS(V_INT(plan), V_INT(i + 1), V_TEXT(due), V_INT(amount))));
    }
    return ERR_OK;
}

enum err_code project_plan_made(struct projection *p, const struct json *d)
{
    int64_t v[3] = {0};
    static const char *const names[3] = {"plan", "account", "total"};
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    TRY(db_run(p->db, p->e, "INSERT INTO plan(id, account, made, total, seq) VALUES(?,?,?,?,?)",
               VALS(V_INT(v[0]), V_INT(v[1]), V_TEXT(p->entry->date), V_INT(v[2]),
                    V_INT(p->entry->seq))));
    return plan_lists(p, d, v[0]);
}

enum err_code project_plan_ended(struct projection *p, const struct json *d)
{
    int64_t plan = 0;
    const char *reason = NULL;
    TRY(take_int(p, d, "plan", &plan));
    TRY(take_text(p, d, "reason", &reason));
    return db_run(p->db, p->e, "UPDATE plan SET ended=?, reason=? WHERE id=?",
                  VALS(V_TEXT(p->entry->date), V_TEXT(reason), V_INT(plan)));
}

enum err_code project_policy_set(struct projection *p, const struct json *d)
{
    const char *name = NULL;
    struct buf text;
    const struct json *spec = NULL;
    TRY(take_text(p, d, "policy", &name));
    TRY(take_object(p, d, "spec", &spec));
    buf_init(&text, 65535);
    enum err_code code = json_write_jcs(spec, &text, p->e);
    if (code == ERR_OK) {
        code = db_run(p->db, p->e,
                      "INSERT INTO policy(name, spec, seq) VALUES(?,?,?) ON CONFLICT(name) DO "
                      "UPDATE SET spec=excluded.spec, seq=excluded.seq",
                      VALS(V_TEXT(name), V_TEXT(buf_str(&text)), V_INT(p->entry->seq)));
    }
    buf_release(&text);
    return code;
}

enum err_code project_document_registered(struct projection *p, const struct json *d)
{
    int64_t number = 0;
    const char *t[3] = {NULL};
    static const char *const names[3] = {"type", "authority", "external"};
    TRY(take_int(p, d, "number", &number));
    for (size_t i = 0; i < 3; i++) {
        TRY(take_text(p, d, names[i], &t[i]));
    }
    return db_run(p->db, p->e,
                  "INSERT INTO registration(type, number, authority, external, date, seq) "
                  "VALUES(?,?,?,?,?,?)",
                  VALS(V_TEXT(t[0]), V_INT(number), V_TEXT(t[1]), V_TEXT(t[2]),
                       V_TEXT(p->entry->date), V_INT(p->entry->seq)));
}
