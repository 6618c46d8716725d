/* Projectors of bank files: rows, the payments that they became, and their taking back. */
#include <config.h>

#include "base/i18n.h"
#include "domain/project_money.h"
#include "store/db.h"

enum err_code project_bank_opened(struct projection *p, const struct json *d)
{
    int64_t file = 0;
    const char *t[4] = {NULL};
    static const char *const names[4] = {"name", "sha256", "format", "channel"};
    TRY(take_int(p, d, "file", &file));
    for (size_t i = 0; i < 4; i++) {
        TRY(take_text(p, d, names[i], &t[i]));
    }
    return db_run(p->db, p->e,
                  "INSERT INTO bank_file(id, name, sha256, format, channel, state, opened, "
                  "rows) VALUES(?,?,?,?,?,'open',?,0)",
                  VALS(V_INT(file), V_TEXT(t[0]), V_TEXT(t[1]), V_TEXT(t[2]), V_TEXT(t[3]),
                       V_INT(p->entry->seq)));
}

enum err_code project_bank_batch(struct projection *p, const struct json *d)
{
    int64_t file = 0;
    int64_t count = 0;
    TRY(take_int(p, d, "file", &file));
    TRY(take_int(p, d, "count", &count));
    return db_run(p->db, p->e, "UPDATE bank_file SET rows = rows + ? WHERE id = ?",
                  VALS(V_INT(count), V_INT(file)));
}

static enum err_code file_end(struct projection *p, const struct json *d, const char *state)
{
    int64_t file = 0;
    TRY(take_int(p, d, "file", &file));
    return db_run(p->db, p->e, "UPDATE bank_file SET state = ?, ended = ? WHERE id = ?",
                  VALS(V_TEXT(state), V_INT(p->entry->seq), V_INT(file)));
}

enum err_code project_bank_closed(struct projection *p, const struct json *d)
{
    return file_end(p, d, "closed");
}

/* A commitment of the row, or NULL where the file said nothing. */
static enum err_code value_take(struct projection *p, const struct json *item, const char *name,
                                struct hash *h, struct val *out)
{
    *out = V_NULL();
    if (json_get(item, name) == NULL) {
        return ERR_OK;
    }
    TRY(take_hash(p, item, name, h));
    *out = V_HASH(h);
    return ERR_OK;
}

enum err_code project_bank_item(struct projection *p, const struct json *item)
{
    int64_t v[4] = {0};
    const char *t[5] = {NULL};
    struct hash h[4];
    struct val kept[4];
    static const char *const ints[3] = {"row", "amount", "rest"};
    static const char *const texts[5] = {"key", "date", "value_date", "state", "reason"};
    static const char *const values[4] = {"reference", "name", "counter", "text"};
    TRY(take_int(p, p->entry->data, "file", &v[3]));
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, item, ints[i], &v[i]));
    }
    for (size_t i = 0; i < 5; i++) {
        TRY(take_text(p, item, texts[i], &t[i]));
    }
    for (size_t i = 0; i < 4; i++) {
        TRY(value_take(p, item, values[i], &h[i], &kept[i]));
    }
    TRY(db_run(p->db, p->e,
               "INSERT INTO bank_row(id, file, key, date, value_date, amount, rest, state, "
               "reason, batch, reference, name, counter, text, seq) "
               "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
               VALS(V_INT(v[0]), V_INT(v[3]), V_TEXT(t[0]), V_TEXT(t[1]), V_TEXT(t[2]),
                    V_INT(v[1]), V_INT(v[2]), V_TEXT(t[3]), V_TEXT(t[4]),
                    optional_text(item, "batch"), kept[0], kept[1], kept[2], kept[3],
                    V_INT(p->entry->seq))));
    const struct json *payment = json_get(item, "payment");
    return payment != NULL ? payment_project(p, payment) : ERR_OK;
}

/* A row given to accounts by hand, in one part or several. */
enum err_code project_bank_assigned(struct projection *p, const struct json *d)
{
    int64_t row = 0;
    int64_t rest = 0;
    const struct json *list = NULL;
    TRY(take_int(p, d, "row", &row));
    TRY(take_int(p, d, "rest", &rest));
    TRY(take_array(p, d, "payments", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(payment_project(p, list->u.array.items[i]));
    }
    return db_run(p->db, p->e,
                  "UPDATE bank_row SET rest = ?1, reason = CASE ?1 WHEN 0 THEN 'by hand' ELSE "
                  "reason END, state = CASE ?1 WHEN 0 THEN 'matched' ELSE state END "
                  "WHERE id = ?2",
                  VALS(V_INT(rest), V_INT(row)));
}

enum err_code project_bank_rejected(struct projection *p, const struct json *d)
{
    int64_t row = 0;
    const char *reason = NULL;
    TRY(take_int(p, d, "row", &row));
    TRY(take_text(p, d, "reason", &reason));
    return db_run(p->db, p->e,
                  "UPDATE bank_row SET rest = 0, state = 'rejected', reason = ? WHERE id = ?",
                  VALS(V_TEXT(reason), V_INT(row)));
}

/* The next payment of a file that still stands. */
static enum err_code payment_of_file(struct projection *p, int64_t file, int64_t v[4],
                                     bool *found)
{
    struct stmt *q = NULL;
    TRY(db_query(
        p->db, &q, p->e,
        "SELECT p.id, p.account, p.posting, p.amount FROM payment p JOIN bank_row b ON "
        "b.id = p.bank_row WHERE b.file = ? AND p.state = 'posted' ORDER BY p.id "
        "LIMIT 1",
        VALS(V_INT(file))));
    enum err_code code = stmt_next(q, found, p->e);
    for (int i = 0; code == ERR_OK && *found && i < 4; i++) {
        v[i] = stmt_int(q, i);
    }
    stmt_done(q);
    return code;
}

static enum err_code payment_undo(struct projection *p, const int64_t v[4])
{
    int64_t top = 0;
    TRY(posting_free(p, v[2]));
    TRY(db_get_int(p->db, &top, NULL, p->e, "SELECT max(id) FROM posting", NO_VALS));
    struct posting_row x = {
        .id = top + 1, .account = v[1], .ref = v[0], .amount = v[3], .kind = "reversal"};
    TRY(posting_insert(p, &x));
    TRY(posting_allocate(p, v[2], x.id, v[3]));
    return db_run(p->db, p->e, "UPDATE payment SET state = 'undone' WHERE id = ?",
                  VALS(V_INT(v[0])));
}

/* The file as a whole is taken back: each of its payments is reversed, its rows count no more.
 */
enum err_code project_bank_discarded(struct projection *p, const struct json *d)
{
    int64_t file = 0;
    int64_t v[4] = {0};
    bool found = true;
    TRY(take_int(p, d, "file", &file));
    while (found) {
        TRY(payment_of_file(p, file, v, &found));
        if (found) {
            TRY(payment_undo(p, v));
        }
    }
    TRY(db_run(p->db, p->e,
               "UPDATE payment SET state = 'undone' WHERE state = 'reversed' AND bank_row IN "
               "(SELECT id FROM bank_row WHERE file = ?)",
               VALS(V_INT(file))));
    TRY(db_run(p->db, p->e, "UPDATE bank_row SET state = 'undone', rest = 0 WHERE file = ?",
               VALS(V_INT(file))));
    return file_end(p, d, "discarded");
}

/* A file that went out: how it is made again. */
enum err_code project_charges_sent(struct projection *p, const struct json *d)
{
    int64_t v[4] = {0};
    const char *t[2] = {NULL};
    struct buf spec;
    static const char *const ints[4] = {"file", "as_of", "count", "total"};
    static const char *const texts[2] = {"layout", "sha256"};
    for (size_t i = 0; i < 4; i++) {
        TRY(take_int(p, d, ints[i], &v[i]));
    }
    for (size_t i = 0; i < 2; i++) {
        TRY(take_text(p, d, texts[i], &t[i]));
    }
    buf_init(&spec, ENTRY_PAYLOAD_MAX);
    const struct json *value = json_get(d, "spec");
    enum err_code code = value == NULL
                             ? err_set(p->e, ERR_TAMPERED, _("a sent file has no \"spec\""))
                             : json_write_jcs(value, &spec, p->e);
    if (code == ERR_OK) {
        code = db_run(p->db, p->e,
                      "INSERT INTO charge_file(id, layout, spec, as_of, due_by, route, date, "
                      "count, total, sha256, seq) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                      VALS(V_INT(v[0]), V_TEXT(t[0]), V_TEXT(buf_str(&spec)), V_INT(v[1]),
                           V_TEXT(json_get_str(d, "due_by")), V_TEXT(json_get_str(d, "route")),
                           V_TEXT(p->entry->date), V_INT(v[2]), V_INT(v[3]), V_TEXT(t[1]),
                           V_INT(p->entry->seq)));
    }
    buf_release(&spec);
    return code;
}
