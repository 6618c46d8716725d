#include <config.h>

#include "app/document_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "domain/jread.h"

enum err_code document_waiting_next(struct office *o, struct document_id *at, bool *found,
                                    struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(
        o->db, &q, e,
        "SELECT type, number FROM (SELECT 'bill' AS type, b.id AS number FROM bill b "
        "JOIN billing_run r ON r.id = b.run WHERE r.state = 'closed' AND b.id > CASE "
        "?1 WHEN 'bill' THEN ?2 ELSE 0 END AND ?1 <= 'bill' UNION ALL SELECT type, "
        "number FROM document WHERE type <> 'receipt' AND (type, number) > (?1, ?2)) d "
        "WHERE NOT EXISTS(SELECT 1 FROM registration x WHERE x.type = d.type AND "
        "x.number = d.number) ORDER BY type, number LIMIT 1",
        VALS(V_TEXT(at->type), V_INT(at->number))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        (void)snprintf(at->type, sizeof at->type, "%s", stmt_text(q, 0));
        at->number = stmt_int(q, 1);
    }
    stmt_done(q);
    return code;
}

/* A member as money of the office, in machine form. */
static bool money_set(const struct office *o, struct arena *a, struct json *to,
                      const char *name, int64_t minor)
{
    struct buf b;
    buf_init(&b, 64);
    money_print((struct money){minor}, o->currency, &b);
    bool ok = !b.failed && json_set_str(a, to, name, buf_str(&b));
    buf_release(&b);
    return ok;
}

/* Texts of a row as members, in the order of `names`; what is NULL is left out. */
static bool texts_set(const struct stmt *q, int first, const char *const *names,
                      struct arena *a, struct json *to)
{
    bool ok = true;
    for (int i = 0; ok && names[i] != NULL; i++) {
        const char *text = stmt_text(q, first + i);
        ok = text == NULL || json_set_str(a, to, names[i], text);
    }
    return ok;
}

static enum err_code lines_json(struct office *o, int64_t bill, struct arena *a,
                                struct json *to, struct err *e)
{
    static const char *const names[] = {"component", "label_es", "label_en", "quantity",
                                        "unit",      "price",    NULL};
    struct stmt *q = NULL;
    bool row = false;
    struct json *list = json_new_array(a);
    bool ok = list != NULL;
    TRY(db_query(o->db, &q, e,
                 "SELECT component, label_es, label_en, quantity, unit, price, amount FROM "
                 "bill_line WHERE bill = ? ORDER BY line",
                 VALS(V_INT(bill))));
    enum err_code code = ERR_OK;
    while (ok && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct json *line = json_new_object(a);
        ok = line != NULL && texts_set(q, 0, names, a, line) &&
             money_set(o, a, line, "amount", stmt_int(q, 6)) && json_push(a, list, line);
    }
    stmt_done(q);
    TRY(code);
    return ok && json_set(a, to, "lines", list) ? ERR_OK : err_nomem(e);
}

#define PARTY                                                                                  \
    "a.number, (SELECT value FROM personal p WHERE p.owner = 'customer' AND p.id = c.id AND "  \
    "p.field = 'name' AND p.hash = c.name), (SELECT value FROM personal p WHERE p.owner = "    \
    "'customer' AND p.id = c.id AND p.field = 'tax_id' AND p.hash = c.tax_id), (SELECT value " \
    "FROM personal p WHERE p.owner = 'customer' AND p.id = c.id AND p.field = 'address' AND "  \
    "p.hash = c.address), (SELECT value FROM personal p WHERE p.owner = 'customer' AND p.id "  \
    "= c.id AND p.field = 'email' AND p.hash = c.email)"

static bool head_set(struct office *o, const struct document_id *id, const struct stmt *q,
                     struct arena *a, struct json *doc)
{
    static const char *const party[] = {"account", "name", "tax_id", "address", "email", NULL};
    static const char *const dates[] = {"issued", "due",   "start", "end",
                                        "reason", "cause", NULL};
    struct json *customer = json_new_object(a);
    struct json *office = json_new_object(a);
    return customer != NULL && office != NULL && texts_set(q, 0, party, a, customer) &&
           texts_set(q, 5, dates, a, doc) && json_set_str(a, office, "code", o->code) &&
           json_set_str(a, office, "name", o->name) &&
           json_set_int(a, doc, "aforo_document", 1) &&
           json_set_str(a, doc, "type", id->type) &&
           json_set_int(a, doc, "number", id->number) &&
           json_set_str(a, doc, "currency", o->currency->code) &&
           json_set(a, doc, "customer", customer) && json_set(a, doc, "office", office) &&
           money_set(o, a, doc, "total", stmt_int(q, 11)) &&
           (stmt_is_null(q, 12) || json_set_int(a, doc, "bill", stmt_int(q, 12)));
}

enum err_code document_json(struct office *o, const struct document_id *id, struct arena *arena,
                            struct buf *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bill = strcmp(id->type, "bill") == 0;
    struct json *doc = json_new_object(arena);
    if (doc == NULL) {
        return err_nomem(e);
    }
    TRY(bill
            ? db_query(o->db, &q, e,
                       "SELECT " PARTY ", b.issued, b.due, b.start_date, b.end_date, NULL, "
                       "NULL, b.total, NULL FROM bill b JOIN account a ON a.id = b.account "
                       "JOIN customer c ON c.id = a.customer WHERE b.id = ?",
                       VALS(V_INT(id->number)))
            : db_query(o->db, &q, e,
                       "SELECT " PARTY ", d.date, NULL, NULL, NULL, d.reason, d.cause, "
                       "d.amount, d.bill FROM document d JOIN account a ON a.id = d.account "
                       "JOIN customer c ON c.id = a.customer WHERE d.type = ? AND d.number = ?",
                       VALS(V_TEXT(id->type), V_INT(id->number))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        code =
            !row ? err_set(e, ERR_NOT_FOUND, _("there is no %s %" PRId64), id->type, id->number)
            : head_set(o, id, q, arena, doc) ? ERR_OK
                                             : err_nomem(e);
    }
    stmt_done(q);
    TRY(code);
    if (bill) {
        TRY(lines_json(o, id->number, arena, doc, e));
    }
    return json_write_jcs(doc, out, e);
}

enum err_code document_answer_parse(const char *text, size_t len, struct arena *arena,
                                    struct document_answer *out, struct err *e)
{
    static const char *const members[] = {"type",     "number", "authority",
                                          "external", "file",   NULL};
    static const char *const types[] = {"bill", "credit_note", "debit_note"};
    struct faults faults = {0};
    struct json *doc = NULL;
    size_t type = 0;
    *out = (struct document_answer){.file = NULL};
    TRY(json_parse(text, len, &json_limits_entry, arena, &doc, e));
    struct jnode root = jnode_root(doc, arena, &faults);
    if (jread_object(&root)) {
        jread_only(&root, members, NULL);
        if (jread_choice(&root, "type", true, types, 3, &type)) {
            (void)snprintf(out->id.type, sizeof out->id.type, "%s", types[type]);
        }
        (void)jread_int(&root, "number", true, 1, INT64_MAX / 2, &out->id.number);
        (void)jread_text(&root, "authority", true, 200, &out->authority);
        (void)jread_text(&root, "external", true, 200, &out->external);
        if (jread_text(&root, "file", false, 120, &out->file) &&
            (strchr(out->file, '/') != NULL || out->file[0] == '.')) {
            (void)jfault(&root, "file", _("it must be the name of a file beside the answer."));
        }
    }
    return faults.count == 0
               ? ERR_OK
               : err_set(e, ERR_PARSE, "%s: %s", faults.item[0].path, faults.item[0].text);
}
