#include <config.h>

#include "reports/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/quantity.h"
#include "reports/model.h"
#include "reports/out_file.h"
#include "reports/rep_params.h"
#include "store/db.h"

#define NAME_MAX_BYTES 128
#define PROGRESS_EVERY 4096

/*
 * The legs of all transactions. kind 0: a posting, 1: a deposit taken, 2: one given back.
 * Income by service and kind of tariff component; taxes and levies are owed to somebody else.
 */
static const char legs_sql[] =
    "WITH part AS (SELECT l.bill, m.kind AS service, coalesce((SELECT json_extract(c.value, "
    "'$.type') FROM bill_meter bm JOIN tariff t ON t.id = bm.tariff, json_each(t.json, "
    "'$.components') c WHERE bm.bill = l.bill AND bm.register = l.register AND "
    "json_extract(c.value, '$.id') = l.component LIMIT 1), l.component) AS type, "
    "sum(l.amount) AS amount FROM bill_line l JOIN register r ON r.id = l.register "
    "JOIN meter m ON m.id = r.meter GROUP BY l.bill, service, type), "
    "method(name, leg) AS (VALUES ('cash', 'Assets:Cash'), ('card', 'Assets:Cards'), "
    "('cheque', 'Assets:Cheques'), ('transfer', 'Assets:Bank'), "
    "('deposit', 'Liabilities:Deposits')), "
    /* notes that cancel a bill take back what it posted, its taxes too */
    "taken_back AS (SELECT d.number AS note, d.bill FROM document d JOIN bill b ON b.id = "
    "d.bill "
    "WHERE d.type = 'credit_note' AND d.cause = 'cancel' AND d.amount = b.total), "
    /* how money came or went, where only the entry says it */
    "said AS (SELECT h.seq, h.date, json_extract(CAST(e.payload AS TEXT), '$.data') AS data "
    "FROM history h JOIN entry e ON e.seq = h.seq WHERE h.kind IN ('refund.paid', "
    "'deposit.taken', 'deposit.returned')), "
    "held AS (SELECT CASE h.kind WHEN 'deposit.taken' THEN 1 ELSE 2 END AS kind, h.seq, "
    "h.date, "
    "d.receipt, d.account, json_extract(s.data, '$.method') AS method, CASE h.kind WHEN "
    "'deposit.taken' THEN 1 ELSE -1 END * json_extract(s.data, '$.amount') AS amount FROM said "
    "s "
    "JOIN history h ON h.seq = s.seq JOIN deposit d ON d.id = json_extract(s.data, "
    "'$.deposit') "
    "WHERE h.kind <> 'refund.paid'), "
    "leg(kind, id, date, seq, what, ref, account, leg, amount) AS ("
    "SELECT 0, p.id, p.date, p.seq, p.kind, p.ref, p.account, 'Assets:Receivable', p.amount "
    "FROM posting p UNION ALL "
    "SELECT 0, p.id, p.date, p.seq, p.kind, p.ref, p.account, CASE WHEN x.type IN ('tax', "
    "'levy') THEN 'Liabilities:' ELSE 'Income:' END || x.service || ':' || x.type, "
    "CASE p.kind WHEN 'bill' THEN -x.amount ELSE x.amount END FROM posting p "
    "JOIN part x ON x.bill = p.ref WHERE p.kind IN ('bill', 'void') UNION ALL "
    "SELECT 0, p.id, p.date, p.seq, p.kind, p.ref, p.account, CASE p.kind WHEN 'opening' THEN "
    "'Equity:Opening' WHEN 'write_off' THEN 'Expenses:Bad debts' ELSE 'Income:Notes' END, "
    "-p.amount FROM posting p WHERE p.kind IN ('opening', 'debit_note', 'credit_note', "
    "'write_off') AND NOT (p.kind = 'credit_note' AND p.ref IN (SELECT note FROM taken_back)) "
    "UNION ALL "
    "SELECT 0, p.id, p.date, p.seq, p.kind, p.ref, p.account, CASE WHEN x.type IN ('tax', "
    "'levy') THEN 'Liabilities:' ELSE 'Income:' END || x.service || ':' || x.type, x.amount "
    "FROM posting p JOIN taken_back t ON t.note = p.ref JOIN part x ON x.bill = t.bill "
    "WHERE p.kind = 'credit_note' UNION ALL "
    "SELECT 0, p.id, p.date, p.seq, p.kind, p.ref, p.account, coalesce((SELECT leg FROM method "
    "WHERE name = json_extract(s.data, '$.method')), 'Assets:Other'), -p.amount FROM posting p "
    "JOIN said s ON s.seq = p.seq WHERE p.kind = 'refund' UNION ALL "
    "SELECT 0, p.id, p.date, p.seq, p.kind, p.ref, p.account, coalesce((SELECT leg FROM method "
    "WHERE name = y.method), 'Assets:Other'), -p.amount FROM posting p JOIN payment y ON "
    "CASE p.kind WHEN 'payment' THEN y.posting = p.id ELSE y.id = p.ref END "
    "WHERE p.kind IN ('payment', 'reversal') UNION ALL "
    "SELECT h.kind, h.seq, h.date, h.seq, CASE h.kind WHEN 1 THEN 'deposit' ELSE "
    "'deposit_return' END, h.receipt, h.account, coalesce((SELECT leg FROM method WHERE name = "
    "h.method), 'Assets:Other'), h.amount FROM held h UNION ALL "
    "SELECT h.kind, h.seq, h.date, h.seq, CASE h.kind WHEN 1 THEN 'deposit' ELSE "
    "'deposit_return' END, h.receipt, h.account, 'Liabilities:Deposits', -h.amount FROM held "
    "h) "
    "SELECT l.kind, l.id, l.date, l.seq, l.what, l.ref, a.number, l.leg, l.amount FROM leg l "
    "JOIN account a ON a.id = l.account WHERE l.amount <> 0 AND (?1 IS NULL OR l.date >= ?1) "
    "AND (?2 IS NULL OR l.date <= ?2) ORDER BY l.date, l.seq, l.kind, l.id, l.leg";

struct journal {
    struct office *o;
    const struct journal_options *options;
    struct out_file file;
    struct buf line;
    int64_t kind, id; /* of the transaction being written; id 0: none */
    int128 sum;
    struct journal_written *out;
};

/* Account numbers as parts of a name: what ledger-cli or a table would read otherwise becomes
 * _XX. */
static void add_name(struct buf *out, const char *s)
{
    for (const unsigned char *p = (const unsigned char *)s; *p != '\0'; p++) {
        bool plain = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= 'a' && *p <= 'z') || *p == '-' || *p == ':' || *p == '_';
        if (plain || (*p == ' ' && p[1] != ' ' && p[1] != '\0')) {
            buf_addc(out, (char)*p);
        } else {
            buf_addf(out, "_%02X", *p);
        }
    }
}

/* "Assets:Receivable:D-001" */
static void leg_name(struct buf *out, const char *leg, const char *account)
{
    add_name(out, leg);
    if (strcmp(leg, "Assets:Receivable") == 0) {
        buf_addc(out, ':');
        add_name(out, account);
    }
}

static enum err_code transaction_end(struct journal *j, struct err *e)
{
    if (j->id != 0 && j->sum != 0) {
        return err_set(e, ERR_STATE,
                       _("transaction %" PRId64 " of kind %" PRId64
                         " does not add up to nothing; run: aforo verify --deep"),
                       j->id, j->kind);
    }
    j->sum = 0;
    return ERR_OK;
}

/* "2016-04-01 * (14) bill 1 D-001" */
static void head_add(struct journal *j, const struct stmt *q)
{
    if (!j->options->csv) {
        buf_addf(&j->line, "%s%s * (%" PRId64 ") %s %" PRId64 " ",
                 j->out->transactions > 0 ? "\n" : "", stmt_text(q, 2), stmt_int(q, 3),
                 stmt_text(q, 4), stmt_int(q, 5));
        add_name(&j->line, stmt_text(q, 6));
        buf_addc(&j->line, '\n');
    }
    j->out->transactions++;
}

static void csv_leg(struct journal *j, const struct stmt *q)
{
    int64_t amount = stmt_int(q, 8);
    int128 size = amount < 0 ? -(int128)amount : amount;
    buf_addf(&j->line, "%" PRIu64 ",%s,%" PRId64 ",%s,%" PRId64 ",", j->out->transactions,
             stmt_text(q, 2), stmt_int(q, 3), stmt_text(q, 4), stmt_int(q, 5));
    add_name(&j->line, stmt_text(q, 6));
    buf_addc(&j->line, ',');
    leg_name(&j->line, stmt_text(q, 7), stmt_text(q, 6));
    buf_adds(&j->line, amount < 0 ? ",," : ",");
    report_print_scaled(size, j->o->currency->digits, &j->line);
    buf_addf(&j->line, "%s%s\n", amount < 0 ? "," : ",,", j->o->currency->code);
}

static void ledger_leg(struct journal *j, const struct stmt *q)
{
    buf_adds(&j->line, "    ");
    leg_name(&j->line, stmt_text(q, 7), stmt_text(q, 6));
    buf_adds(&j->line, "  ");
    report_print_scaled(stmt_int(q, 8), j->o->currency->digits, &j->line);
    buf_addf(&j->line, " %s\n", j->o->currency->code);
}

static enum err_code leg_write(struct journal *j, const struct stmt *q, struct err *e)
{
    int64_t kind = stmt_int(q, 0), id = stmt_int(q, 1);
    buf_clear(&j->line);
    if (kind != j->kind || id != j->id) {
        TRY(transaction_end(j, e));
        j->kind = kind;
        j->id = id;
        head_add(j, q);
    }
    if (j->options->csv) {
        csv_leg(j, q);
    } else {
        ledger_leg(j, q);
    }
    TRY(buf_status(&j->line, _("the journal"), e));
    out_file_write(&j->file, j->line.data, j->line.len);
    j->sum += stmt_int(q, 8);
    j->out->legs++;
    if (j->out->legs % PROGRESS_EVERY == 0 &&
        !progress_step(j->options->progress, _("Journal"), j->out->legs, 0)) {
        return err_set(e, ERR_CANCELLED, _("the journal was stopped; nothing was written"));
    }
    return ERR_OK;
}

static enum err_code legs_write(struct journal *j, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    static const char heading[] =
        "transaction,date,entry,kind,number,customer_account,ledger_account,debit,credit,"
        "currency\n";
    TRY(db_query(j->o->db, &q, e, legs_sql,
                 VALS(V_TEXT(j->options->from), V_TEXT(j->options->to))));
    if (j->options->csv) {
        out_file_write(&j->file, heading, sizeof heading - 1);
    }
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = leg_write(j, q, e);
    }
    stmt_done(q);
    TRY(code);
    return transaction_end(j, e);
}

enum err_code journal_write(struct office *o, const struct journal_options *options,
                            const char *path, struct journal_written *out, struct err *e)
{
    TRY(report_days_check(options->from, options->to, e));
    struct journal *j = mem_alloc(sizeof *j);
    if (j == NULL) {
        return err_nomem(e);
    }
    *out = (struct journal_written){0};
    j->o = o;
    j->options = options;
    j->out = out;
    buf_init(&j->line, 4096);
    enum err_code code = out_file_open(&j->file, path, e);
    if (code == ERR_OK) {
        code = legs_write(j, e);
    }
    if (code == ERR_OK) {
        code = out_file_commit(&j->file, e);
    }
    out_file_discard(&j->file);
    buf_release(&j->line);
    mem_free(j);
    return code;
}
