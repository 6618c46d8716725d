#include <config.h>

#include "reports/receipt_paper.h"

#include <inttypes.h>
#include <string.h>

#include "app/query_bill.h"
#include "base/i18n.h"
#include "reports/model.h"

#define PAPER_FIXED_LINES 48

/* Lines being made; what memory ran out for is noticed once, at the end. */
struct making {
    struct arena *arena;
    const struct numfmt *fmt;
    struct paper *out;
    bool bad;
};

static const char *clean(struct making *m, const char *text)
{
    struct buf b;
    buf_init(&b, 65536);
    text_sanitize(text, strlen(text), &b);
    const char *copy = b.failed ? NULL : arena_strdup(m->arena, buf_str(&b));
    buf_release(&b);
    m->bad = m->bad || copy == NULL;
    return copy != NULL ? copy : "";
}

static void put(struct making *m, enum paper_style style, const char *left, const char *right)
{
    m->out->lines[m->out->count++] =
        (struct paper_line){style, clean(m, left), clean(m, right)};
}

static const char *money_text(struct making *m, int64_t minor, const struct currency *c)
{
    struct buf plain, grouped;
    buf_init(&plain, 64);
    buf_init(&grouped, 256);
    money_print((struct money){minor}, c, &plain);
    numfmt_number(m->fmt, buf_str(&plain), &grouped);
    buf_addf(&grouped, " %s", c->code);
    const char *copy = grouped.failed ? NULL : arena_strdup(m->arena, buf_str(&grouped));
    buf_release(&plain);
    buf_release(&grouped);
    m->bad = m->bad || copy == NULL;
    return copy != NULL ? copy : "";
}

static const char *day_text(struct making *m, struct date d)
{
    struct buf b;
    buf_init(&b, 64);
    numfmt_date(m->fmt, d, &b);
    const char *copy = b.failed ? NULL : arena_strdup(m->arena, buf_str(&b));
    buf_release(&b);
    m->bad = m->bad || copy == NULL;
    return copy != NULL ? copy : "";
}

/* printf into the arena; "" when memory is out. */
#define SAY(m, ...) or_bad((m), arena_printf((m)->arena, __VA_ARGS__))
static const char *or_bad(struct making *m, const char *text)
{
    m->bad = m->bad || text == NULL;
    return text != NULL ? text : "";
}

static void head_put(struct making *m, const struct receipt *r)
{
    put(m, PAPER_OFFICE, r->office, "");
    if (r->office_tax != NULL) {
        put(m, PAPER_MARK, r->office_tax, "");
    }
    put(m, PAPER_TITLE,
        r->deposit ? SAY(m, _("Deposit receipt %" PRId64), r->number)
                   : SAY(m, _("Receipt %" PRId64), r->number),
        "");
    if (r->copy > 0) {
        put(m, PAPER_MARK, SAY(m, _("COPY %" PRId64), r->copy), "");
    }
    if (strcmp(r->state, "posted") != 0) {
        put(m, PAPER_MARK, _("REVERSED: this payment counts no more"), "");
    }
    put(m, PAPER_RULE, "", "");
    put(m, PAPER_PAIR, _("Date"),
        SAY(m, "%s %02u:%02u", day_text(m, r->taken.date), r->taken.hour, r->taken.minute));
    if (date_cmp(r->value_date, r->taken.date) != 0) {
        put(m, PAPER_PAIR, _("Value date"), day_text(m, r->value_date));
    }
    put(m, PAPER_PAIR, _("Account"), r->account);
    put(m, PAPER_PAIR, _("Customer"), r->customer[0] != '\0' ? r->customer : _("(erased)"));
    if (r->tax_id != NULL) {
        put(m, PAPER_PAIR, r->tax_label, r->tax_id);
    }
    if (r->cashier[0] != '\0') {
        put(m, PAPER_PAIR, _("Cashier"), r->cashier);
    }
}

static void lines_put(struct making *m, const struct receipt *r)
{
    put(m, PAPER_RULE, "", "");
    for (size_t i = 0; i < r->line_count; i++) {
        const struct receipt_line *l = &r->lines[i];
        const char *what = posting_text(l->kind);
        put(m, PAPER_PAIR,
            l->number[0] != '\0' ? SAY(m, "%s %s", what, l->number)
                                 : SAY(m, _("%s, due %s"), what, day_text(m, l->due)),
            money_text(m, l->amount, r->currency));
    }
    if (r->credit > 0) {
        put(m, PAPER_PAIR, _("Stays as credit"), money_text(m, r->credit, r->currency));
    }
    put(m, PAPER_TOTAL, r->deposit ? _("Held as deposit") : _("Paid"),
        money_text(m, r->amount, r->currency));
}

static void means_put(struct making *m, const struct receipt *r)
{
    put(m, PAPER_PAIR, payment_method_text(r->method), r->slip);
    if (r->tender != r->currency) {
        put(m, PAPER_PAIR, SAY(m, _("Tendered at %s"), r->rate),
            money_text(m, r->tendered, r->tender));
    } else if (r->tendered != r->amount) {
        put(m, PAPER_PAIR, _("Tendered"), money_text(m, r->tendered, r->tender));
    }
    if (r->change > 0) {
        put(m, PAPER_PAIR, _("Change"), money_text(m, r->change, r->currency));
    }
    put(m, PAPER_RULE, "", "");
    put(m, PAPER_PAIR, r->balance < 0 ? _("Credit in your favour") : _("Still owed"),
        money_text(m, r->balance < 0 ? -r->balance : r->balance, r->currency));
}

/* What is still owed, to be paid elsewhere too. */
static void demand_put(struct making *m, const struct receipt *r)
{
    if (r->pay_reference != NULL) {
        put(m, PAPER_PAIR, _("Payment reference"), r->pay_reference);
    }
    if (r->pay_code != NULL) {
        put(m, PAPER_BARCODE, r->pay_code, "");
    }
}

static void proof_put(struct making *m, const struct receipt *r)
{
    char hex[65];
    hash_hex(&r->leaf, hex);
    put(m, PAPER_RULE, "", "");
    put(m, PAPER_TEXT, _("The office signed this receipt. Anybody can check it: aforo check"),
        "");
    put(m, PAPER_QR, r->code, "");
    put(m, PAPER_PAIR, SAY(m, _("Entry %" PRId64), r->seq), SAY(m, "%.16s", hex));
}

enum err_code receipt_paper(const struct receipt *r, const struct numfmt *fmt,
                            struct arena *arena, struct paper *out, struct err *e)
{
    struct making m = {arena, fmt, out, false};
    *out = (struct paper){
        arena_array(arena, r->line_count + PAPER_FIXED_LINES, sizeof out->lines[0]), 0};
    if (out->lines == NULL) {
        return err_nomem(e);
    }
    head_put(&m, r);
    lines_put(&m, r);
    means_put(&m, r);
    demand_put(&m, r);
    proof_put(&m, r);
    return m.bad ? err_nomem(e) : ERR_OK;
}
