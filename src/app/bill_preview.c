/* What a billing run would do: every bill computed, nothing recorded, and a list of what a
 * person should look at first, with the use of the period before beside it. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_run_priv.h"
#include "app/estimating.h"
#include "base/i18n.h"

#define PREVIEW_ARENA_MAX ((size_t)32 << 20)
#define PREVIEW_ROWS_MAX 10000 /* more are only counted */

enum exception {
#define BILL_EXCEPTION(IDENT, name, sentence) EXCEPTION_##IDENT,
#include "app/bill_exceptions.def"
#undef BILL_EXCEPTION
    EXCEPTION_COUNT
};

static const struct {
    const char *name, *sentence;
} exceptions[EXCEPTION_COUNT] = {
#define BILL_EXCEPTION(IDENT, name, sentence) {#name, sentence},
#include "app/bill_exceptions.def"
#undef BILL_EXCEPTION
};

struct preview {
    struct command_ctx *c;
    struct bill_run *r;
    struct buf rows; /* as they are printed */
    size_t count;
    int64_t counts[EXCEPTION_COUNT];
};

/* One thing to look at. share, why: NULL where there is none. */
struct row {
    enum exception what;
    const char *account, *serial, *why;
    const struct bill_share *share;
    bool has_before;
    int64_t before, before_days;
};

static void use_print(const struct preview *p, const struct row *w, int64_t value,
                      struct buf *out)
{
    struct buf plain;
    buf_init(&plain, 64);
    quantity_print(value, w->share->meter.reg.unit, w->share->meter.reg.decimals, &plain);
    if (p->c->json) {
        buf_adds(out, buf_str(&plain));
    } else {
        numfmt_number(p->c->office->numfmt, buf_str(&plain), out);
    }
    buf_release(&plain);
}

static void json_member(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, ",\"%s\":", name);
    json_add_string(out, text, strlen(text));
}

static void row_json(struct preview *p, const struct row *w)
{
    buf_addf(&p->rows, "%s\n  {\"exception\":\"%s\",\"account\":", p->count > 0 ? "," : "",
             exceptions[w->what].name);
    json_add_string(&p->rows, w->account, strlen(w->account));
    if (w->serial != NULL) {
        json_member(&p->rows, "serial", w->serial);
    }
    if (w->why != NULL) {
        json_member(&p->rows, "why", w->why);
    }
    if (w->share != NULL) {
        buf_adds(&p->rows, ",\"use\":\"");
        use_print(p, w, w->share->consumption, &p->rows);
        buf_addf(&p->rows, "\",\"days\":%" PRId64 ",\"unit\":\"%s\"", w->share->days,
                 w->share->meter.reg.unit->symbol);
    }
    if (w->has_before) {
        buf_adds(&p->rows, ",\"use_before\":\"");
        use_print(p, w, w->before, &p->rows);
        buf_addf(&p->rows, "\",\"days_before\":%" PRId64, w->before_days);
    }
    buf_addc(&p->rows, '}');
}

static void row_text(struct preview *p, const struct row *w)
{
    buf_addf(&p->rows, "%s  %s: %s", w->account, w->serial != NULL ? w->serial : "",
             _(exceptions[w->what].sentence));
    if (w->why != NULL) {
        buf_addf(&p->rows, " (%s)", w->why);
    }
    if (w->share != NULL) {
        buf_adds(&p->rows, "; ");
        use_print(p, w, w->share->consumption, &p->rows);
        buf_addf(&p->rows,
                 ngettext(" %s in %" PRId64 " day", " %s in %" PRId64 " days",
                          (unsigned long)w->share->days),
                 w->share->meter.reg.unit->pretty, w->share->days);
    }
    if (w->has_before) {
        buf_adds(&p->rows, _(", before "));
        use_print(p, w, w->before, &p->rows);
        buf_addf(&p->rows, _(" in %" PRId64), w->before_days);
    }
    buf_addc(&p->rows, '\n');
}

static void row_put(struct preview *p, const struct row *w)
{
    p->counts[w->what]++;
    if (p->c->out == NULL || p->count >= PREVIEW_ROWS_MAX) {
        return;
    }
    if (p->c->json) {
        row_json(p, w);
    } else {
        row_text(p, w);
    }
    p->count++;
}

/* ---- what there is to look at ---- */

static enum err_code before_read(struct preview *p, struct row *w, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(p->c->office->db, &q, e,
                 "SELECT bm.consumption, bm.days FROM bill_meter bm JOIN bill b ON b.id = "
                 "bm.bill JOIN billing_run r ON r.id = b.run WHERE bm.register = ?1 AND "
                 "r.state <> 'discarded' AND b.cancelled IS NULL AND b.end_date <= ?2 ORDER BY "
                 "bm.bill DESC LIMIT 1",
                 VALS(V_INT(w->share->meter.register_id), V_TEXT(p->r->period.start_text))));
    enum err_code code = stmt_next(q, &w->has_before, e);
    if (code == ERR_OK && w->has_before) {
        w->before = stmt_int(q, 0);
        w->before_days = stmt_int(q, 1);
    }
    stmt_done(q);
    return code;
}

/* Held readings within the share, and estimates at its end: how many in a row. */
static enum err_code readings_look(struct preview *p, const struct bill_share *s, int64_t *held,
                                   int64_t *estimates, struct err *e)
{
    struct db *db = p->c->office->db;
    int64_t reg = s->meter.register_id;
    TRY(db_get_int(db, held, NULL, e,
                   "SELECT count(*) FROM reading WHERE register = ? AND state = 'held' AND utc "
                   "> ? AND utc <= ?",
                   VALS(V_INT(reg), V_INT(s->from.utc), V_INT(p->r->period.end_utc))));
    return db_get_int(db, estimates, NULL, e,
                      "SELECT count(*) FROM reading WHERE register = ?1 AND source = "
                      "'estimated' AND utc <= ?2 AND " READING_BELIEVED
                      " AND utc > coalesce((SELECT "
                      "max(x.utc) FROM reading x WHERE x.register = ?1 AND x.utc <= ?2 AND "
                      "x.state = 'accepted' AND x.source <> 'estimated'), -9000000000)",
                      VALS(V_INT(reg), V_INT(s->to.utc)));
}

static void unusual_put(struct preview *p, struct row *w)
{
    char rules[256] = "";
    size_t n = 0;
    for (size_t i = 0; i < w->share->findings.count && n < sizeof rules; i++) {
        n += (size_t)snprintf(rules + n, sizeof rules - n, "%s%s", i > 0 ? ", " : "",
                              rule_name(w->share->findings.item[i].rule));
    }
    w->what = EXCEPTION_UNUSUAL;
    w->why = rules;
    row_put(p, w);
    w->why = NULL;
}

static enum err_code share_look(struct preview *p, const char *account,
                                const struct bill_share *s, struct err *e)
{
    struct row w = {.account = account, .serial = s->meter.serial, .share = s};
    int64_t held = 0;
    int64_t estimates = 0;
    int64_t told = 0;
    int64_t refused = 0; /* which one in a row is not made */
    estimating_limits(&p->r->book.rules[s->meter.kind], &told, &refused);
    TRY(before_read(p, &w, e));
    TRY(readings_look(p, s, &held, &estimates, e));
    const struct {
        enum exception what;
        bool there;
    } seen[] = {{EXCEPTION_NO_READING, s->no_reading},
                {EXCEPTION_HELD, held > 0},
                {EXCEPTION_FALLS, s->falls},
                {EXCEPTION_ESTIMATED, (estimates > 0 && !s->no_reading) || s->sub_estimated},
                {EXCEPTION_SUB_MISSING, s->sub_missing},
                {EXCEPTION_SUB_EXCEEDS, s->sub_exceeds},
                {EXCEPTION_ESTIMATES, estimates + 1 >= refused && s->no_reading},
                {EXCEPTION_FIRST, !w.has_before},
                {EXCEPTION_SURCHARGE, s->has_surcharge}};
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        if (seen[i].there) {
            w.what = seen[i].what;
            row_put(p, &w);
        }
    }
    if (s->findings.count > 0) {
        unusual_put(p, &w);
    }
    return ERR_OK;
}

static enum err_code number_of(struct preview *p, int64_t account, char out[41], struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    out[0] = '\0';
    TRY(db_query(p->c->office->db, &q, e, "SELECT number FROM account WHERE id = ?",
                 VALS(V_INT(account))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(out, 41, "%s", stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}

/* A bill that cannot be made is one more thing to look at; what is wrong with the office itself
 * ends the preview. */
static bool is_of_account(enum err_code code)
{
    return code == ERR_NOT_FOUND || code == ERR_STATE || code == ERR_RANGE || code == ERR_LIMIT;
}

/* Not the account's bill, but that of the earlier system, which nothing is owed for here. */
static enum err_code old_bill_look(struct preview *p, int64_t account, const char *number,
                                   bool *covered, struct err *e)
{
    struct old_bill old;
    char why[128];
    TRY(old_bill_find(p->c->office, &p->r->book, &p->r->period, account, &old, covered, e));
    if (*covered) {
        (void)snprintf(why, sizeof why, _("bill %s, %s to %s"), old.number, old.start, old.end);
        struct row w = {.what = EXCEPTION_OLD_BILL, .account = number, .why = why};
        p->r->report->blocked++;
        row_put(p, &w);
    }
    return ERR_OK;
}

/* One that says no days may have charged for these: whoever bills is to look at it. */
static enum err_code old_undated_look(struct preview *p, int64_t account, const char *number,
                                      struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    if (!p->r->book.old_bills) {
        return ERR_OK;
    }
    TRY(db_query(p->c->office->db, &q, e,
                 "SELECT number, issued FROM old_bill WHERE account = ? AND issued > ? AND "
                 "(start_date IS NULL OR end_date IS NULL) ORDER BY issued DESC, id LIMIT 1",
                 VALS(V_INT(account), V_TEXT(p->r->period.start_text))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        char why[128];
        (void)snprintf(why, sizeof why, _("bill %s of %s"), stmt_text(q, 0), stmt_text(q, 1));
        struct row w = {.what = EXCEPTION_OLD_UNDATED, .account = number, .why = why};
        row_put(p, &w);
    }
    stmt_done(q);
    return code;
}

static enum err_code account_look(struct preview *p, int64_t account, struct arena *arena,
                                  struct account_bill *b, struct err *e)
{
    char number[41];
    struct err why = ERR_INIT;
    bool covered = false;
    arena_reset(arena);
    TRY(number_of(p, account, number, e));
    TRY(old_bill_look(p, account, number, &covered, e));
    if (covered) {
        return ERR_OK;
    }
    TRY(old_undated_look(p, account, number, e));
    enum err_code code =
        bill_build(p->c->office, &p->r->book, &p->r->period, account, arena, b, &why);
    if (code != ERR_OK && !is_of_account(code)) {
        return err_set(e, code, "%s", why.text);
    }
    if (code != ERR_OK) {
        struct row w = {.what = EXCEPTION_NO_TARIFF, .account = number, .why = why.text};
        p->r->report->blocked++;
        row_put(p, &w);
        return ERR_OK;
    }
    TRY(bill_report_add(p->r->report, b, e));
    if (b->skipped > 0) {
        struct row w = {.what = EXCEPTION_NEVER_READ, .account = number};
        row_put(p, &w);
    }
    for (size_t i = 0; i < b->count; i++) {
        TRY(share_look(p, number, &b->shares[i], e));
    }
    return ERR_OK;
}

/* ---- the whole ---- */

static void money_json(const struct office *o, struct money m, struct buf *out)
{
    buf_addc(out, '"');
    money_print(m, o->currency, out);
    buf_addc(out, '"');
}

static void summary_json(struct preview *p, struct buf *out)
{
    const struct bill_run_report *rep = p->r->report;
    const struct office *o = p->c->office;
    buf_addf(out, "{\"preview\":true,\"start\":\"%s\",\"end\":\"%s\"", p->r->period.start_text,
             p->r->period.end_text);
    if (p->r->cycle != NULL) {
        json_member(out, "cycle", p->r->cycle);
    }
    buf_addf(out,
             ",\"currency\":\"%s\",\"accounts\":%" PRId64 ",\"already\":%" PRId64
             ",\"bills\":%" PRId64 ",\"total\":",
             o->currency->code, rep->accounts, rep->already, rep->bills);
    money_json(o, rep->total, out);
    if (rep->previous_end[0] != '\0') {
        buf_addf(out, ",\"previous\":{\"end\":\"%s\",\"bills\":%" PRId64 ",\"total\":",
                 rep->previous_end, rep->previous_bills);
        money_json(o, rep->previous_total, out);
        buf_addc(out, '}');
    }
    buf_adds(out, ",\"exceptions\":{");
    for (int i = 0; i < EXCEPTION_COUNT; i++) {
        buf_addf(out, "%s\"%s\":%" PRId64, i > 0 ? "," : "", exceptions[i].name, p->counts[i]);
    }
    buf_adds(out, "},\"rows\":[");
    buf_add(out, p->rows.data, p->rows.len);
    buf_adds(out, "]}\n");
}

/* "+3.4 %" of a total against another, in tenths, half up; nothing where it was zero. */
static void change_text(const struct numfmt *fmt, int64_t now, int64_t before, struct buf *out)
{
    char plain[32];
    if (before <= 0) {
        return;
    }
    int64_t tenths =
        (int64_t)div_round128(((int128)now - before) * 1000, before, ROUND_HALF_UP);
    int64_t whole = tenths < 0 ? -tenths : tenths;
    (void)snprintf(plain, sizeof plain, "%" PRId64 ".%" PRId64, whole / 10, whole % 10);
    buf_addf(out, " (%c", tenths < 0 ? '-' : '+');
    numfmt_number(fmt, plain, out);
    buf_adds(out, " %)");
}

static void summary_text(struct preview *p, struct buf *out)
{
    const struct bill_run_report *rep = p->r->report;
    struct buf plain, people;
    buf_add(out, p->rows.data, p->rows.len);
    int64_t all = 0;
    for (int i = 0; i < EXCEPTION_COUNT; i++) {
        all += p->counts[i];
        if (p->counts[i] > 0) {
            buf_addf(out, "%6" PRId64 "  %s\n", p->counts[i], _(exceptions[i].sentence));
        }
    }
    if (all > PREVIEW_ROWS_MAX) {
        buf_addf(out, _("only the first %d are listed\n"), PREVIEW_ROWS_MAX);
    }
    if (rep->previous_end[0] != '\0') {
        buf_init(&plain, 64);
        buf_init(&people, 128);
        money_print(rep->previous_total, p->c->office->currency, &plain);
        numfmt_number(p->c->office->numfmt, buf_str(&plain), &people);
        buf_addf(out,
                 ngettext("the period before, until %s: %" PRId64 " bill, %s %s",
                          "the period before, until %s: %" PRId64 " bills, %s %s",
                          (unsigned long)rep->previous_bills),
                 rep->previous_end, rep->previous_bills, buf_str(&people),
                 p->c->office->currency->code);
        change_text(p->c->office->numfmt, rep->total.minor, rep->previous_total.minor, out);
        buf_addc(out, '\n');
        buf_release(&plain);
        buf_release(&people);
    }
}

static enum err_code accounts_look(struct preview *p, struct err *e)
{
    struct arena arena;
    struct bill_run *r = p->r;
    struct account_bill *b = mem_alloc(sizeof *b);
    enum err_code code = b != NULL ? ERR_OK : err_nomem(e);
    arena_init(&arena, PREVIEW_ARENA_MAX);
    for (r->next = 0; code == ERR_OK && r->next < r->count; r->next++) {
        if ((r->next & 1023) == 0 &&
            !progress_step(p->c->progress, _("Billing preview"), r->next, r->count)) {
            code = err_set(e, ERR_CANCELLED, _("the preview was stopped"));
        } else {
            code = account_look(p, r->accounts[r->next], &arena, b, e);
        }
    }
    arena_release(&arena);
    mem_free(b);
    return code;
}

enum err_code bill_preview(struct command_ctx *c, struct bill_run *r, struct err *e)
{
    struct preview p = {.c = c, .r = r};
    TRY(bill_period_free(c, r, e));
    buf_init(&p.rows, (size_t)16 << 20);
    enum err_code code = accounts_look(&p, e);
    if (code == ERR_OK) {
        code = buf_status(&p.rows, _("preview"), e);
    }
    if (code == ERR_OK) {
        (void)progress_step(c->progress, _("Billing preview"), r->count, r->count);
    }
    if (code == ERR_OK && c->out != NULL && c->json) {
        summary_json(&p, c->out);
    } else if (code == ERR_OK && c->out != NULL) {
        summary_text(&p, c->out);
    }
    buf_release(&p.rows);
    return code;
}
