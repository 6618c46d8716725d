#include <config.h>

#include "app/bill_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_run_priv.h"
#include "app/receivable.h"
#include "base/i18n.h"

/* Small enough that trying again, when another writer was first, costs little. */
#define BILLS_PER_BATCH 1024
#define BILL_ARENA_MAX ((size_t)32 << 20)
/* A batch of very long bills ends here; beyond it there is room for the last one. */
#define BATCH_ROWS_BYTES ((size_t)16 << 20)
#define BATCH_ARENA_MAX (BATCH_ROWS_BYTES + ((size_t)64 << 20))
#define DUE_DAYS_DEFAULT "15"

/* An unfinished run is finished first: of this period, by going on; of another, by whoever
 * started it. */
static enum err_code open_run_find(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    const struct billing_period *p = &r->period;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT id, start_date, end_date, batches, issued, due, cycle IS ? FROM "
                 "billing_run WHERE state = 'open'",
                 VALS(V_TEXT(r->cycle))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        bool same = strcmp(stmt_text(q, 1), p->start_text) == 0 &&
                    strcmp(stmt_text(q, 2), p->end_text) == 0 && stmt_int(q, 6) != 0;
        if (same) {
            r->report->run = stmt_int(q, 0);
            r->report->resumed = true;
            r->batch_number = stmt_int(q, 3);
            (void)snprintf(r->issued, sizeof r->issued, "%s", stmt_text(q, 4));
            (void)snprintf(r->due, sizeof r->due, "%s", stmt_text(q, 5));
        } else { /* stands in the way only of a run that has something to bill */
            (void)err_set(&r->blocked, ERR_STATE,
                          _("billing run %" PRId64
                            " (%s to %s) is unfinished; run it again, or: "
                            "aforo bill discard %" PRId64),
                          stmt_int(q, 0), stmt_text(q, 1), stmt_text(q, 2), stmt_int(q, 0));
        }
    }
    stmt_done(q);
    return code;
}

/* Add one bill's exceptions and amounts. */
enum err_code bill_report_add(struct bill_run_report *rep, const struct account_bill *b,
                              struct err *e)
{
    rep->skipped += b->skipped;
    for (size_t i = 0; i < b->count; i++) {
        rep->no_reading += b->shares[i].no_reading ? 1 : 0;
        rep->falls += b->shares[i].falls ? 1 : 0;
        rep->surcharges += b->shares[i].has_surcharge ? 1 : 0;
        rep->unusual += b->shares[i].findings.count > 0 ? 1 : 0;
    }
    if (b->count == 0) {
        return ERR_OK;
    }
    rep->bills++;
    return money_add(rep->total, b->total, &rep->total, e);
}

static enum err_code report_merge(struct bill_run_report *to,
                                  const struct bill_run_report *from, struct err *e)
{
    to->first = to->first == 0 ? from->first : to->first;
    to->last = from->last > 0 ? from->last : to->last;
    to->bills += from->bills;
    to->no_reading += from->no_reading;
    to->falls += from->falls;
    to->skipped += from->skipped;
    to->surcharges += from->surcharges;
    to->unusual += from->unusual;
    return money_add(to->total, from->total, &to->total, e);
}

/* Add a bill to the batch: its row, and its item's text. */
static enum err_code item_add(struct command_ctx *c, struct bill_run *r,
                              const struct account_bill *b, const struct bill_stamp *stamp,
                              struct buf *text, struct err *e)
{
    struct bill_row *row = &r->rows[stamp->index];
    if (!bill_item(&r->writer, b, stamp, c->office->currency, row)) {
        return err_nomem(e);
    }
    buf_clear(text);
    bill_row_print(row, text);
    if (text->failed) {
        return buf_status(text, _("bill"), e);
    }
    return items_add(&r->items, text->data, text->len, e);
}

/* Compute bills from r->next on until there are `most`, or as much as a batch may hold in
 * memory. first_alert 0: only counted, no items are made. */
static enum err_code batch_fill(struct command_ctx *c, struct bill_run *r, int64_t most,
                                int64_t first_bill, int64_t first_alert, struct err *e)
{
    struct arena arena;
    struct buf text;
    struct account_bill *b = mem_alloc(sizeof *b);
    int64_t alert = first_alert;
    struct bill_stamp stamp = {
        .alert = &alert, .issued = r->issued, .due = r->due, .period = &r->period};
    enum err_code code = b != NULL ? ERR_OK : err_nomem(e);
    arena_init(&arena, BILL_ARENA_MAX);
    buf_init(&text, ITEM_MAX_BYTES);
    bill_writer_clear(&r->writer);
    if (code == ERR_OK) {
        code = tariff_book_runs(c->office, &r->writer.arena, &r->book, e);
    }
    r->pending = (struct bill_run_report){.first = first_bill};
    r->batch_end = r->next;
    while (code == ERR_OK && r->batch_end < r->count && r->pending.bills < most &&
           r->writer.arena.used_bytes < BATCH_ROWS_BYTES) {
        arena_reset(&arena);
        stamp.index = r->pending.bills;
        stamp.bill = first_bill + r->pending.bills;
        code = bill_build(c->office, &r->book, &r->period, r->accounts[r->batch_end], &arena, b,
                          e);
        if (code == ERR_OK) {
            code = bill_report_add(&r->pending, b, e);
        }
        if (code == ERR_OK && b->count > 0 && first_alert > 0) {
            code = item_add(c, r, b, &stamp, &text, e);
        }
        r->batch_end++;
    }
    r->pending.last = first_bill + r->pending.bills - 1;
    mem_free(b);
    buf_release(&text);
    arena_release(&arena);
    return code;
}

static enum err_code last_run(struct command_ctx *c, int64_t *out, struct err *e)
{
    return db_get_int(c->office->db, out, NULL, e,
                      "SELECT coalesce(max(id), 0) FROM billing_run", NO_VALS);
}

static enum err_code build_open(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct bill_run *r = c->report;
    int64_t last = 0;
    TRY(last_run(c, &last, e));
    if (last != r->last_run) { /* who was without a bill may have one now */
        return err_set(e, ERR_STATE,
                       _("billing run %" PRId64
                         " was opened meanwhile by somebody else; look at it, and give the "
                         "command again"),
                       last);
    }
    if (r->blocked.code != ERR_OK) {
        return err_set(e, r->blocked.code, "%s", r->blocked.text);
    }
    TRY(r->again > 0 ? ERR_OK : bill_period_free(c, r, e));
    TRY(next_id(c, "SELECT max(id) FROM billing_run", &r->report->run, e));
    TRY(draft_begin(c, d, "billing.opened", e));
    TRY(data_int(c, d->data, "run", r->report->run, e));
    TRY(data_text(c, d->data, "start", r->period.start_text, e));
    TRY(data_text(c, d->data, "end", r->period.end_text, e));
    TRY(data_int(c, d->data, "start_utc", r->period.start_utc, e));
    TRY(data_int(c, d->data, "end_utc", r->period.end_utc, e));
    TRY(data_text(c, d->data, "zone", zone_name(c->office->zone), e));
    TRY(data_text(c, d->data, "issued", r->issued, e));
    TRY(r->cycle != NULL ? data_text(c, d->data, "cycle", r->cycle, e) : ERR_OK);
    return data_text(c, d->data, "due", r->due, e);
}

static enum err_code run_is_open(struct command_ctx *c, const struct bill_run *r, struct err *e)
{
    int64_t one = 0;
    bool open = false;
    TRY(db_get_int(c->office->db, &one, &open, e,
                   "SELECT 1 FROM billing_run WHERE id = ? AND state = 'open' AND batches = ?",
                   VALS(V_INT(r->report->run), V_INT(r->batch_number))));
    return open ? ERR_OK
                : err_set(
                      e, ERR_STATE,
                      _("billing run %" PRId64 " was continued or discarded by somebody else"),
                      r->report->run);
}

static const void *row_of(void *ctx, int64_t index)
{
    const struct bill_run *r = ctx;
    return &r->rows[index];
}

static enum err_code build_batch(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct bill_run *r = c->report;
    int64_t first_bill = 0;
    int64_t first_alert = 0;
    TRY(run_is_open(c, r, e));
    TRY(next_id(c, "SELECT max(id) FROM bill", &first_bill, e));
    TRY(next_id(c, "SELECT max(id) FROM alert", &first_alert, e));
    items_clear(&r->items);
    TRY(batch_fill(c, r, BILLS_PER_BATCH, first_bill, first_alert, e));
    if (r->pending.bills == 0) { /* run_issue goes on without an entry */
        return err_set(e, ERR_NOT_FOUND, _("there is nothing to bill"));
    }
    TRY(draft_begin(c, d, "billing.batch", e));
    d->row_of = row_of;
    d->row_ctx = r;
    TRY(data_int(c, d->data, "run", r->report->run, e));
    TRY(data_int(c, d->data, "batch", r->batch_number + 1, e));
    TRY(data_int(c, d->data, "first", first_bill, e));
    TRY(data_int(c, d->data, "total", r->pending.total.minor, e));
    return data_items(c, d, &r->items, e);
}

static enum err_code build_close(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct bill_run *r = c->report;
    int64_t bills = 0;
    int64_t total = 0;
    TRY(run_is_open(c, r, e));
    TRY(db_get_int(c->office->db, &bills, NULL, e, "SELECT items FROM billing_run WHERE id = ?",
                   VALS(V_INT(r->report->run))));
    TRY(db_get_int(c->office->db, &total, NULL, e, "SELECT total FROM billing_run WHERE id = ?",
                   VALS(V_INT(r->report->run))));
    TRY(draft_begin(c, d, "billing.closed", e));
    TRY(data_int(c, d->data, "run", r->report->run, e));
    TRY(data_int(c, d->data, "batches", r->batch_number, e));
    TRY(data_int(c, d->data, "bills", bills, e));
    return data_int(c, d->data, "total", total, e);
}

static bool bills_left(const struct bill_run *r)
{
    return r->next < r->count;
}

/* Accounts without a bill may have nothing to bill: meters that were never read. */
static enum err_code anything_to_bill(struct command_ctx *c, struct bill_run *r, bool *any,
                                      struct err *e)
{
    *any = false;
    while (!*any && bills_left(r)) {
        TRY(batch_fill(c, r, 1, 1, 0, e));
        *any = r->pending.bills > 0;
        r->next = r->batch_end;
    }
    r->next = 0;
    return ERR_OK;
}

/* Why it stopped, and what to do with what was issued so far. */
static enum err_code left_open(const struct bill_run *r, struct err *e)
{
    return err_wrap(e,
                    _("billing run %" PRId64
                      " stays open; put right what is named here and give "
                      "the same command, or: aforo bill discard %" PRId64),
                    r->report->run, r->report->run);
}

/* Before a run is opened: what would stop it half-way for good. */
static enum err_code none_covered(struct command_ctx *c, const struct bill_run *r,
                                  struct err *e)
{
    for (size_t i = 0; r->book.old_bills && i < r->count; i++) {
        TRY(bill_not_covered(c->office, &r->book, &r->period, r->accounts[i], e));
    }
    return ERR_OK;
}

static enum err_code run_issue(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    struct ticket t;
    if (r->report->run == 0) {
        bool any = false;
        TRY(none_covered(c, r, e));
        TRY(anything_to_bill(c, r, &any, e));
        if (!any) {
            return ERR_OK; /* all billed already: nothing to record */
        }
        TRY(act_user(c, build_open, &t, e));
    }
    while (bills_left(r)) {
        if (!progress_step(c->progress, _("Billing"), r->next, r->count)) {
            return err_set(
                e, ERR_CANCELLED,
                ngettext("billing run %" PRId64 " was stopped after %" PRId64
                         " bill; the same command goes on, or: aforo bill discard %" PRId64,
                         "billing run %" PRId64 " was stopped after %" PRId64
                         " bills; the same command goes on, or: aforo bill discard %" PRId64,
                         (unsigned long)r->report->bills),
                r->report->run, r->report->bills, r->report->run);
        }
        r->pending = (struct bill_run_report){0};
        r->batch_end = r->next;
        enum err_code code = act_user(c, build_batch, &t, e);
        if (code == ERR_OK) {
            r->batch_number++;
        } else if (code != ERR_NOT_FOUND || r->pending.bills > 0 || r->batch_end < r->count) {
            return code == ERR_STATE ? code : left_open(r, e);
        }
        TRY(report_merge(r->report, &r->pending, e));
        r->next = r->batch_end;
    }
    (void)progress_step(c->progress, _("Billing"), r->count, r->count);
    return act_user(c, build_close, &t, e);
}

static enum err_code previous_run(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT items, total, end_date FROM billing_run WHERE state = 'closed' AND "
                 "end_date <= ? AND cycle IS ? ORDER BY end_date DESC, id DESC LIMIT 1",
                 VALS(V_TEXT(r->period.start_text), V_TEXT(r->cycle))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        r->report->previous_bills = stmt_int(q, 0);
        r->report->previous_total.minor = stmt_int(q, 1);
        (void)snprintf(r->report->previous_end, sizeof r->report->previous_end, "%s",
                       stmt_text(q, 2));
    }
    stmt_done(q);
    return code;
}

static void report_message(struct command_ctx *c, const struct bill_run_report *rep)
{
    struct buf total;
    struct buf grouped;
    buf_init(&total, 64);
    buf_init(&grouped, 128);
    money_print(rep->total, c->office->currency, &total);
    numfmt_number(c->office->numfmt, buf_str(&total), &grouped);
    int n = snprintf(c->message, sizeof c->message,
                     _("bills: %" PRId64 ", total %s %s; meters without a new reading: %" PRId64
                       ", fallen: %" PRId64 ", never read: %" PRId64
                       ", above their limit: %" PRId64 ", of unusual use: %" PRId64),
                     rep->bills, buf_str(&grouped), c->office->currency->code, rep->no_reading,
                     rep->falls, rep->skipped, rep->surcharges, rep->unusual);
    if (rep->preview && n > 0 && (size_t)n < sizeof c->message) {
        (void)snprintf(c->message + n, sizeof c->message - (size_t)n, "%s",
                       _("; a preview: nothing was recorded"));
    }
    buf_release(&total);
    buf_release(&grouped);
}

/* Issued today, due some days later. */
static enum err_code dates_set(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    struct date today;
    TRY(date_parse(c->date, strlen(c->date), &today, e));
    int32_t days = (int32_t)arg_get(c, "due-days")->integer;
    date_text(date_from_days(date_to_days(today) + days), r->due);
    (void)snprintf(r->issued, sizeof r->issued, "%s", c->date);
    return ERR_OK;
}

/* What both kinds of run do once they know their period. */
static enum err_code run_steps(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    struct bill_run_report *rep = r->report;
    TRY(open_run_find(c, r, e));
    TRY(tariff_book_load(c->office, &r->arena, &r->book, e));
    TRY(r->again > 0 ? ERR_OK : bill_accounts_list(c, r, e));
    TRY(previous_run(c, r, e));
    TRY(items_init(&r->items, e));
    r->rows = mem_array(BILLS_PER_BATCH, sizeof r->rows[0]);
    if (r->rows == NULL) {
        return err_nomem(e);
    }
    TRY(rep->preview ? bill_preview(c, r, e) : run_issue(c, r, e));
    if (!rep->preview) { /* prepayments pay what was billed */
        TRY(credits_settle(c, 0, &rep->settled, e));
    }
    return ERR_OK;
}

/* Why no bill was made. */
static void nothing_message(struct command_ctx *c, const struct bill_run *r)
{
    char from[DAY_WORDS_MAX];
    char to[DAY_WORDS_MAX];
    int64_t already = r->report->already;
    day_words(c->office, r->period.start_text, from);
    day_words(c->office, r->period.end_text, to);
    if (r->again > 0) {
        (void)snprintf(c->message, sizeof c->message,
                       _("bill %" PRId64 " was not billed again: from %s to %s its account has "
                         "nothing to bill; see its meters and their readings"),
                       r->again, from, to);
    } else if (r->report->accounts == 0 && r->has_cycles && r->cycle == NULL) {
        (void)snprintf(
            c->message, sizeof c->message,
            _("there was nothing to bill from %s to %s: every account is in a cycle; "
              "bill one with --cycle NAME, they are in: aforo list cycles"),
            from, to);
    } else if (already == 0) {
        (void)snprintf(c->message, sizeof c->message,
                       _("there was nothing to bill from %s to %s: no account has a meter with "
                         "readings then"),
                       from, to);
    } else {
        (void)snprintf(c->message, sizeof c->message,
                       ngettext("there was nothing to bill from %s to %s: %" PRId64
                                " account has its bill already",
                                "there was nothing to bill from %s to %s: %" PRId64
                                " accounts have their bill already",
                                (unsigned long)already),
                       from, to, already);
    }
}

static enum err_code run_any(struct command_ctx *c, bool again, struct err *e)
{
    struct bill_run_report own = {0};
    struct bill_run_report *rep = c->report != NULL ? c->report : &own;
    struct bill_run r = {.report = rep};
    void *caller = c->report;
    *rep = (struct bill_run_report){.preview = !again && arg_flag(c, "preview")};
    arena_init(&r.arena, (size_t)64 << 20);
    bill_writer_init(&r.writer, BATCH_ARENA_MAX);
    c->report = &r;
    enum err_code code = last_run(c, &r.last_run, e);
    if (code == ERR_OK) {
        code = again ? bill_again_check(c, &r, e) : bill_period_check(c, &r, e);
    }
    if (code == ERR_OK) {
        code = dates_set(c, &r, e);
    }
    if (code == ERR_OK) {
        code = run_steps(c, &r, e);
    }
    if (code == ERR_OK && rep->bills == 0 && !rep->resumed &&
        (!rep->preview || rep->accounts == 0)) {
        nothing_message(c, &r);
    } else if (code == ERR_OK) {
        report_message(c, rep);
    }
    if (code == ERR_OK) {
        c->result_id = rep->run;
    }
    items_release(&r.items);
    mem_free(r.accounts);
    mem_free(r.rows);
    bill_writer_release(&r.writer);
    arena_release(&r.arena);
    c->report = caller;
    return code;
}

static enum err_code run_bill(struct command_ctx *c, struct err *e)
{
    return run_any(c, false, e);
}

static enum err_code run_rebill(struct command_ctx *c, struct err *e)
{
    return run_any(c, true, e);
}

static const struct param bill_run_params[] = {
    {"period", PARAM_TEXT, PARAM_POSITIONAL, N_("a month, 2016-03; two or three, 2016-03/P2M"),
     NULL, NULL},
    {"from", PARAM_DATE, 0, N_("or its first day"), NULL, NULL},
    {"to", PARAM_DATE, 0, N_("and the first day after it"), NULL, NULL},
    {"cycle", PARAM_TEXT, 0, N_("only the accounts of this cycle, from its day on"), NULL,
     NULL},
    {"due-days", PARAM_INT, 0, N_("days until the bills are due"), NULL, DUE_DAYS_DEFAULT},
    {"preview", PARAM_FLAG, 0, N_("show what would be billed, record nothing"), NULL, NULL},
    PARAM_END};
const struct command cmd_bill_run = {"bill run",
                                     N_("bill every account for a period"),
                                     CMD_BULK | CMD_WINDOW,
                                     bill_run_params,
                                     NULL,
                                     run_bill};

static const struct param bill_rebill_params[] = {
    {"bill", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the cancelled bill"),
     NULL, NULL},
    {"due-days", PARAM_INT, 0, N_("days until the bill is due"), NULL, DUE_DAYS_DEFAULT},
    PARAM_END};
const struct command cmd_bill_rebill = {
    "bill rebill", N_("bill the account of a cancelled bill again for its period"),
    CMD_BULK,      bill_rebill_params,
    NULL,          run_rebill};
