#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/attached.h"
#include "app/page.h"
#include "app/proof_check.h"
#include "app/proof_make.h"
#include "app/query_bill.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"

/* A bill, explained and provable: its lines, why each of them is what it is, the readings
 * behind it, and where it stands in the ledger. */

#define ARENA_MAX ((size_t)16 << 20)
#define EXPLAIN_MAX ((size_t)1 << 18)
#define PROOF_MAX ((size_t)4 << 20)

static void clock_fact(struct sheet *s, const char *label, int64_t local, int64_t value,
                       const struct bill_view_meter *m)
{
    char at[PAGE_TEXT_MAX];
    char number[PAGE_TEXT_MAX];
    page_clock(local, at);
    page_quantity(m->unit->symbol, m->decimals, value, number);
    sheet_fact(s, label, SHEET_AS_NUMBER, number);
    sheet_unit(s, m->unit->pretty);
    sheet_fact(s, N_("Read at"), SHEET_AS_TIME, at);
}

static void head(struct sheet *s, const struct office *o, const struct bill_view *v)
{
    char text[PAGE_TEXT_MAX];
    sheet_head(s, "%s %.4s-%08" PRId64 " (%" PRId64 ")   %s %s   %s", _("Bill"), v->issued,
               v->id, v->id, _("account"), v->account_number, v->customer);
    (void)snprintf(text, sizeof text, "%" PRId64, v->id);
    sheet_set(s, "bill", text);
    (void)snprintf(text, sizeof text, "%" PRId64, v->account);
    sheet_set(s, "account_id", text);
    (void)snprintf(text, sizeof text, "%" PRId64, v->seq);
    sheet_set(s, "entry", text);
    sheet_set(s, "account", v->account_number);
    sheet_fact(s, N_("From"), SHEET_AS_DATE, v->start);
    sheet_fact(s, N_("Until"), SHEET_AS_DATE, v->end);
    sheet_fact(s, N_("Issued"), SHEET_AS_DATE, v->issued);
    sheet_fact(s, N_("Due"), SHEET_AS_DATE, v->due);
    page_money(s, o, N_("Total"), v->total.minor);
    sheet_mood(s, v->cancelled ? SHEET_DIM : SHEET_PLAIN);
    if (v->cancelled) {
        sheet_fact(s, N_("State"), SHEET_AS_WORD, N_("Cancelled"));
        sheet_mood(s, SHEET_BAD);
    }
    if (v->arrears > 0) {
        page_money(s, o, N_("Arrears then"), v->arrears);
        sheet_mood(s, SHEET_WARN);
    }
    if (v->due_total != v->total.minor) {
        page_money(s, o, N_("To pay then"), v->due_total);
    }
}

static enum err_code paid(struct office *o, struct sheet *s, const struct bill_view *v,
                          struct err *e)
{
    int64_t open = 0;
    int64_t disputed = 0;
    int64_t balance = 0;
    TRY(db_get_int(o->db, &open, NULL, e,
                   "SELECT open FROM posting WHERE kind = 'bill' AND ref = ?",
                   VALS(V_INT(v->id))));
    page_money(s, o, N_("Unpaid today"), open);
    sheet_mood(s, open > 0 ? SHEET_NOTE : SHEET_GOOD);
    TRY(db_get_int(o->db, &disputed, NULL, e,
                   "SELECT coalesce(sum(amount), 0) FROM dispute WHERE bill = ? AND state = "
                   "'open'",
                   VALS(V_INT(v->id))));
    if (disputed > 0) {
        page_money(s, o, N_("Of it in dispute"), disputed);
        sheet_mood(s, SHEET_WARN);
    }
    TRY(account_balance(o, v->account, &balance, e));
    page_money(s, o, balance < 0 ? N_("Credit today") : N_("All owed today"),
               balance < 0 ? -balance : balance);
    return ERR_OK;
}

/* "5,356 m³ = 259,753 - 254,397   meter X, readings 2 and 1, 28 days" */
static void use_say(const struct office *o, const struct bill_view_meter *m, struct buf *note)
{
    char from[PAGE_TEXT_MAX];
    char to[PAGE_TEXT_MAX];
    char use[PAGE_TEXT_MAX];
    page_quantity(m->unit->symbol, m->decimals, m->from_value, from);
    page_quantity(m->unit->symbol, m->decimals, m->to_value, to);
    page_quantity(m->unit->symbol, m->decimals, m->consumption, use);
    buf_adds(note, "\n");
    numfmt_number(o->numfmt, use, note);
    buf_addf(note, " %s = ", m->unit->pretty);
    numfmt_number(o->numfmt, to, note);
    buf_adds(note, " - ");
    numfmt_number(o->numfmt, from, note);
    buf_addf(note,
             ngettext("   meter %s, readings %" PRId64 " and %" PRId64 ", %" PRId64 " day",
                      "   meter %s, readings %" PRId64 " and %" PRId64 ", %" PRId64 " days",
                      (unsigned long)m->days),
             m->serial, m->to_id, m->from_id, m->days);
}

/* Why a line is what it is: its own explanation, the readings behind it where it looks at the
 * use, the tariff. */
static void why(struct sheet *s, const struct office *o, const struct bill_view *v,
                const struct bill_view_line *l)
{
    bool of_use = strcmp(l->formula, "amount") != 0 && strcmp(l->formula, "days") != 0;
    struct buf title;
    struct buf note;
    char amount[PAGE_TEXT_MAX];
    buf_init(&title, 256);
    buf_init(&note, 8192);
    page_amount(o, l->amount.minor, amount);
    buf_adds(&title, _("Why "));
    numfmt_number(o->numfmt, amount, &title);
    buf_adds(&title, "?");
    buf_adds(&note, l->explanation);
    for (size_t i = 0; i < v->meter_count; i++) {
        const struct bill_view_meter *m = &v->meters[i];
        if (m->reg != l->reg) {
            continue;
        }
        if (of_use) {
            use_say(o, m, &note);
        }
        buf_addf(&note, _("\nTariff %s, version %" PRId64), m->tariff_code, m->tariff_version);
    }
    sheet_note(s, buf_str(&title), buf_str(&note));
    buf_release(&title);
    buf_release(&note);
}

static void lines(struct sheet *s, const struct office *o, const struct bill_view *v)
{
    static const struct sheet_column columns[] = {
        {N_("Concept"), SHEET_AS_TEXT, 24, 44, 1},  {N_("Quantity"), SHEET_AS_NUMBER, 9, 14, 2},
        {N_("Unit"), SHEET_AS_TEXT, 4, 6, 3},       {N_("Price"), SHEET_AS_NUMBER, 9, 14, 4},
        {N_("Amount"), SHEET_AS_NUMBER, 11, 16, 1}, {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    bool spanish = strcmp(i18n_lang(), "es") == 0;
    char text[PAGE_TEXT_MAX];
    struct buf unit;
    buf_init(&unit, 64);
    sheet_table(s, columns, N_("This bill has no lines."));
    for (size_t i = 0; i < v->line_count; i++) {
        const struct bill_view_line *l = &v->lines[i];
        sheet_row(s, v->id, "why", "");
        sheet_put(s, 0, spanish ? l->label_es : l->label_en);
        sheet_put(s, 1, l->quantity);
        buf_clear(&unit);
        unit_words(l->unit, strlen(l->unit), &unit);
        sheet_put(s, 2, buf_str(&unit));
        sheet_put(s, 3, l->price);
        page_amount(o, l->amount.minor, text);
        sheet_put(s, 4, text);
        why(s, o, v, l);
    }
    buf_release(&unit);
}

static void meter_part(struct sheet *s, const struct bill_view_meter *m)
{
    int64_t values[13];
    const char *names[13];
    size_t n = 0;
    int64_t most = m->has_limit ? m->limit : 0;
    char top[PAGE_TEXT_MAX];
    char limit[PAGE_TEXT_MAX] = "";
    for (size_t i = 0; i < 13; i++) {
        if (m->history[i] >= 0 || n > 0) {
            values[n] = m->history[i];
            names[n] = m->history_label[i][0] != '\0' ? m->history_label[i] + 2 : "";
            most = values[n] > most ? values[n] : most;
            n++;
        }
    }
    sheet_heading(s, N_("Meter"));
    sheet_fact(s, N_("Serial"), SHEET_AS_TEXT, m->serial);
    sheet_fact(s, N_("Place"), SHEET_AS_TEXT, m->place);
    clock_fact(s, N_("Reading"), m->to_local, m->to_value, m);
    clock_fact(s, N_("Before"), m->from_local, m->from_value, m);
    page_quantity(m->unit->symbol, m->decimals, most, top);
    if (m->has_limit) {
        page_quantity(m->unit->symbol, m->decimals, m->limit, limit);
    }
    sheet_plot(s, SHEET_BARS, N_("Use in"), m->unit->pretty, values, names, n,
               m->has_limit ? m->limit : -1, top, limit);
}

static enum err_code ledger_part(struct office *o, struct sheet *s, const struct bill_view *v,
                                 struct err *e)
{
    int64_t covered = 0;
    int64_t witnesses = 0;
    TRY(db_get_int(o->db, &covered, NULL, e,
                   "SELECT coalesce(min(size), 0) FROM checkpoint WHERE size >= ?",
                   VALS(V_INT(v->seq))));
    TRY(db_get_int(
        o->db, &witnesses, NULL, e,
        "SELECT count(*) FROM cosignature g JOIN checkpoint c ON c.id = g.checkpoint "
        "WHERE c.size >= ?",
        VALS(V_INT(v->seq))));
    sheet_heading(s, N_("In the ledger"));
    sheet_fact_int(s, N_("Entry"), v->seq);
    sheet_fact_int(s, N_("Item"), v->item);
    if (covered > 0) {
        sheet_fact_int(s, N_("Checkpoint"), covered);
        sheet_mood(s, SHEET_GOOD);
        sheet_fact_int(s, N_("Witnesses"), witnesses);
    } else {
        sheet_fact(s, N_("Checkpoint"), SHEET_AS_WORD, N_("not yet under one"));
        sheet_mood(s, SHEET_NOTE);
    }
    sheet_fact(s, N_("Leaf hash"), SHEET_AS_TEXT, v->leaf);
    return ERR_OK;
}

static enum err_code bill_parts(struct office *o, int64_t id, struct arena *arena,
                                struct sheet *s, struct err *e)
{
    struct bill_view v;
    TRY(bill_view(o, id, arena, &v, e));
    TRY(bill_view_account(o, &v, arena, e));
    TRY(bill_localize(o, &v, arena, e));
    head(s, o, &v);
    TRY(paid(o, s, &v, e));
    sheet_heading(s, N_("What it bills"));
    lines(s, o, &v);
    sheet_side(s, true);
    for (size_t i = 0; i < v.meter_count && i < 4; i++) {
        meter_part(s, &v.meters[i]);
    }
    TRY(ledger_part(o, s, &v, e));
    TRY(attached_part(o, "bill", id, N_("Attachments"), s, e));
    sheet_side(s, false);
    return ERR_OK;
}

static enum err_code bill_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                               struct err *e)
{
    struct arena arena;
    (void)user;
    arena_init(&arena, ARENA_MAX);
    enum err_code code = bill_parts(o, id, &arena, s, e);
    arena_release(&arena);
    return code;
}

const struct page page_bill = {"bill", NULL, bill_fill};

/* ---- the whole explanation ---- */

static enum err_code why_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                              struct err *e)
{
    struct arena arena;
    struct bill_view v;
    struct buf text;
    (void)user;
    arena_init(&arena, ARENA_MAX);
    buf_init(&text, EXPLAIN_MAX);
    enum err_code code = bill_view(o, id, &arena, &v, e);
    code = code == ERR_OK ? bill_view_account(o, &v, &arena, e) : code;
    code = code == ERR_OK ? bill_explain(o, &v, &text, e) : code;
    if (code == ERR_OK) {
        sheet_head(s, "%s %" PRId64 "   %s", _("Bill"), id, v.customer);
        sheet_text(s, SHEET_PLAIN, buf_str(&text));
    }
    buf_release(&text);
    arena_release(&arena);
    return code;
}

const struct page page_why = {"why", NULL, why_fill};

/* ---- its proof, made and checked as an outsider would ---- */

static enum err_code proof_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                                struct err *e)
{
    struct buf proof;
    struct buf text;
    struct buf said;
    struct proof_checked checked;
    struct err why_not = ERR_INIT;
    (void)user;
    buf_init(&proof, PROOF_MAX);
    buf_init(&text, EXPLAIN_MAX);
    buf_init(&said, EXPLAIN_MAX);
    proof_checked_init(&checked);
    enum err_code code = proof_make(o, "bill", id, PROOF_NEWEST, &proof, e);
    if (code == ERR_OK) {
        enum err_code held = proof_check(proof.data, proof.len, NULL, 0, &checked, &why_not);
        sheet_head(s, "%s %" PRId64, _("Proof of bill"), id);
        if (held == ERR_OK || held == ERR_STATE) {
            proof_checked_text(&checked, &text);
            machine_words(o->numfmt, buf_str(&text), &said);
            sheet_text(s, held == ERR_OK ? SHEET_GOOD : SHEET_WARN,
                       held == ERR_OK ? _("Every step holds. Whoever has the proof file can "
                                          "check this without the office.")
                                      : why_not.text);
            sheet_heading(s, N_("What was followed"));
            sheet_text(s, SHEET_PLAIN, buf_str(&said));
        } else {
            sheet_text(s, SHEET_BAD, why_not.text);
        }
    }
    proof_checked_release(&checked);
    buf_release(&said);
    buf_release(&text);
    buf_release(&proof);
    return code;
}

const struct page page_proof = {"proof", NULL, proof_fill};
