#include <config.h>

#include "reports/notice_pdf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/collection.h"
#include "app/query_bill.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "reports/form_pdf.h"
#include "reports/model.h"

#define AMOUNT_WIDTH 120.0F
#define LAST_STEP 3

struct letters {
    struct office_look look;
    struct form form;
    const char *office;
    int64_t cut_days;
    struct buf text;
};

/* "1,404.50 USD", in l->text until the next of these. */
static const char *money_say(struct letters *l, const struct currency *c, int64_t minor)
{
    struct buf plain;
    buf_init(&plain, 64);
    money_print((struct money){minor}, c, &plain);
    pdf_reset(l->form.pdf, &l->text);
    numfmt_number(l->form.fmt, buf_str(&plain), &l->text);
    buf_addf(&l->text, " %s", c->code);
    pdf_drop(l->form.pdf, &plain);
    return buf_str(&l->text);
}

static const char *date_say(struct letters *l, struct date d)
{
    pdf_reset(l->form.pdf, &l->text);
    numfmt_date(l->form.fmt, d, &l->text);
    return buf_str(&l->text);
}

static const char *title_of(int64_t step)
{
    return step == 1   ? _("Reminder of payment")
           : step == 2 ? _("Second notice of payment")
                       : _("Notice before the supply is cut");
}

/* To whom: name and address; what was erased stays away. */
static enum err_code address(struct letters *l, const struct notice *n, struct err *e)
{
    struct form *f = &l->form;
    f->y -= 6;
    pdf_ink(f->pdf, INK_TEXT);
    TRY(form_words(f, PDF_BOLD, SHEET_LEFT, SHEET_WIDTH * 0.6F, n->customer, e));
    TRY(form_words(f, PDF_SANS, SHEET_LEFT, SHEET_WIDTH * 0.6F, n->place, e));
    f->y -= 14;
    TRY(form_row(f, _("Account"), n->account, e));
    return form_row_date(f, _("Date"), n->date, e);
}

static enum err_code debt(struct letters *l, const char *what, const char *due,
                          const char *amount, bool bold, struct err *e)
{
    struct form *f = &l->form;
    enum pdf_face face = bold ? PDF_BOLD : PDF_SANS;
    TRY(form_need(f, FORM_LEADING + 4, e));
    pdf_ink(f->pdf, INK_TEXT);
    float y = f->y - FORM_SIZE;
    pdf_text_within(f->pdf, face, FORM_SIZE, PDF_LEFT, SHEET_LEFT, y, 230, false, what);
    pdf_text(f->pdf, PDF_SANS, FORM_SIZE, PDF_RIGHT, SHEET_RIGHT - AMOUNT_WIDTH, y, due);
    pdf_text_within(f->pdf, face, FORM_SIZE, PDF_RIGHT, SHEET_RIGHT, y, AMOUNT_WIDTH - 6, true,
                    amount);
    f->y -= FORM_LEADING + 4;
    return ERR_OK;
}

static enum err_code debt_line(struct letters *l, const struct notice *n,
                               const struct notice_line *x, struct err *e)
{
    struct date due;
    char what[128];
    char day[64];
    (void)snprintf(what, sizeof what, "%s %s", posting_text(x->kind), x->number);
    TRY(date_parse(x->due, strlen(x->due), &due, e));
    (void)snprintf(day, sizeof day, _("due %s"), date_say(l, due));
    return debt(l, what, day, money_say(l, n->currency, x->open), false, e);
}

static enum err_code debts(struct letters *l, const struct notice *n, struct err *e)
{
    struct form *f = &l->form;
    f->y -= 8;
    for (size_t i = 0; i < n->line_count; i++) {
        TRY(debt_line(l, n, &n->lines[i], e));
    }
    if (n->rest > 0) {
        TRY(debt(l, _("Others"), "", money_say(l, n->currency, n->rest), false, e));
    }
    pdf_ink(f->pdf, INK_RULE);
    pdf_line(f->pdf, SHEET_LEFT, f->y, SHEET_RIGHT, f->y, 0.8F);
    f->y -= 4;
    return debt(l, _("Overdue and not paid yet"), "", money_say(l, n->currency, n->open), true,
                e);
}

/* What follows when nothing is done, and how it is avoided. */
static enum err_code consequence(struct letters *l, const struct notice *n, struct err *e)
{
    struct form *f = &l->form;
    struct date d;
    char text[512];
    f->y -= 10;
    pdf_ink(f->pdf, INK_TEXT);
    if (n->step == LAST_STEP && l->cut_days >= 0) {
        TRY(date_parse(n->date, strlen(n->date), &d, e));
        d = date_from_days(date_to_days(d) + (int32_t)l->cut_days);
        (void)snprintf(text, sizeof text,
                       _("If it is not paid, the supply may be cut from %s on."),
                       date_say(l, d));
        TRY(form_words(f, PDF_BOLD, SHEET_LEFT, SHEET_WIDTH, text, e));
        f->y -= 6;
    }
    return form_words(f, PDF_SANS, SHEET_LEFT, SHEET_WIDTH,
                      _("If you have paid, or do not agree with what is asked, tell us: what "
                        "is in dispute is not pursued. You may also ask for payment in "
                        "instalments."),
                      e);
}

static enum err_code letter(void *ctx, const struct notice *n, struct err *e)
{
    struct letters *l = ctx;
    char text[512];
    char number[64];
    struct date since;
    (void)snprintf(number, sizeof number, _("No. %" PRId64), n->number);
    l->form.brand = office_look_at(&l->look, n->seq);
    TRY(form_head(&l->form, l->office, number, title_of(n->step), e));
    TRY(address(l, n, e));
    TRY(date_parse(n->overdue, strlen(n->overdue), &since, e));
    char day[64];
    (void)snprintf(day, sizeof day, "%s", date_say(l, since));
    (void)snprintf(text, sizeof text,
                   _("On the day of this notice %s were overdue, the oldest since %s."),
                   money_say(l, n->currency, n->amount), day);
    l->form.y -= 8;
    pdf_ink(l->form.pdf, INK_TEXT);
    TRY(form_words(&l->form, PDF_SANS, SHEET_LEFT, SHEET_WIDTH, text, e));
    TRY(debts(l, n, e));
    TRY(consequence(l, n, e));
    (void)snprintf(text, sizeof text, _("entry %" PRId64 " of the ledger"), n->seq);
    form_foot(&l->form, text);
    return pdf_status(l->form.pdf, e);
}

static enum err_code letters_make(struct office *o, const struct notice_choice *choice,
                                  struct letters *l, size_t *count, struct err *e)
{
    /* No moment of printing: the same letters give the same bytes. */
    struct pdf_meta meta = {
        .title = _("Notices"), .author = o->name, .created = {.date = {1970, 1, 1}}};
    TRY(office_look_load(o, &l->look, e));
    meta.press = l->look.press;
    TRY(pdf_new(&meta, &l->form.pdf, e));
    TRY(notices_each(o, choice, letter, l, count, e));
    return *count > 0 ? ERR_OK
                      : err_set(e, ERR_NOT_FOUND,
                                _("no notice is like that; see: aforo list notices"));
}

/* From the last notice to a cut; -1 where the office has set no policy. */
static enum err_code cut_days(struct office *o, int64_t *out, struct err *e)
{
    struct arena arena;
    struct collection_policy policy;
    arena_init(&arena, (size_t)1 << 20);
    enum err_code code = collection_policy_load(o, &arena, &policy, e);
    *out = code == ERR_OK ? policy.cut_days : -1;
    arena_release(&arena);
    return code == ERR_STATE ? ERR_OK : code;
}

enum err_code notices_pdf_write(struct office *o, const struct notice_choice *choice,
                                const char *path, size_t *count, struct err *e)
{
    struct letters l = {.form = {.fmt = o->numfmt}, .office = o->name};
    *count = 0;
    TRY(cut_days(o, &l.cut_days, e));
    buf_init(&l.text, 512);
    enum err_code code = letters_make(o, choice, &l, count, e);
    if (code == ERR_OK) {
        code = pdf_save_as(l.form.pdf, path, e);
    }
    pdf_free(l.form.pdf);
    office_look_release(&l.look);
    buf_release(&l.text);
    return code;
}
