#include <config.h>

#include "reports/field_paper_pdf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/form_pdf.h"

#define PAPER_BYTES ((size_t)1 << 20)

static enum err_code head(struct form *f, const struct field_paper *p, struct err *e)
{
    char number[64];
    (void)snprintf(number, sizeof number, _("No. %" PRId64), p->number);
    TRY(form_head(f, p->office, number, _(p->template->title), e));
    if (p->is_void) {
        TRY(form_words(f, PDF_BOLD, SHEET_LEFT, SHEET_WIDTH, _("VOID: it counts no more"), e));
        TRY(form_words(f, PDF_SANS, SHEET_LEFT, SHEET_WIDTH, p->void_reason, e));
        f->y -= 8;
    }
    return ERR_OK;
}

static enum err_code about(struct form *f, const struct field_paper *p, struct err *e)
{
    char work[32] = "";
    if (p->work != 0) {
        (void)snprintf(work, sizeof work, "%" PRId64, p->work);
    }
    TRY(form_row_date(f, _("Date"), p->date, e));
    TRY(form_row_if(f, _("Meter"), p->serial, e));
    TRY(form_row_if(f, _("Place"), p->place, e));
    TRY(form_row_if(f, _("Account"), p->account, e));
    TRY(form_row_if(f, _("Customer"), p->customer, e));
    TRY(form_row_if(f, _("Work order"), work, e));
    for (size_t i = 0; i < p->value_count; i++) {
        TRY(form_row_if(f, p->values[i].label, p->values[i].text, e));
    }
    return form_row_date(f, _("Next due, or kept until"), p->due, e);
}

static enum err_code signatures(struct form *f, const struct field_paper *p, struct err *e)
{
    f->y -= 10;
    pdf_ink(f->pdf, INK_TEXT);
    TRY(form_words(f, PDF_SANS, SHEET_LEFT, SHEET_WIDTH, _(p->template->statement), e));
    TRY(form_need(f, FORM_SIGN_HEIGHT, e));
    form_sign(f, SHEET_LEFT, p->author, _("for the company"));
    if (*p->signer != '\0') {
        form_sign(f, SHEET_LEFT + FORM_SIGN_WIDTH + 40, p->signer, _("for the customer"));
    }
    f->y -= FORM_SIGN_HEIGHT;
    return ERR_OK;
}

static enum err_code draw(struct form *f, const struct field_paper *p, struct err *e)
{
    char text[200];
    TRY(head(f, p, e));
    TRY(about(f, p, e));
    TRY(signatures(f, p, e));
    (void)snprintf(text, sizeof text, _("entry %" PRId64 " of the ledger, %.16s..."), p->seq,
                   p->leaf);
    form_foot(f, text);
    return pdf_status(f->pdf, e);
}

enum err_code field_paper_pdf_write(const struct field_paper *p, const struct numfmt *fmt,
                                    const struct office_look *look, const char *path,
                                    struct err *e)
{
    char title[96];
    struct form g = {.fmt = fmt, .brand = office_look_at(look, p->seq)};
    struct date day;
    TRY(date_parse(p->date, strlen(p->date), &day, e));
    (void)snprintf(title, sizeof title, "%s %" PRId64, _(p->template->title), p->number);
    struct pdf_meta meta = {.title = title,
                            .author = p->office,
                            .created = {.date = day},
                            .press = look != NULL ? look->press : NULL};
    enum err_code code = pdf_new(&meta, &g.pdf, e);
    if (code == ERR_OK) {
        code = draw(&g, p, e);
    }
    if (code == ERR_OK) {
        code = pdf_save_as(g.pdf, path, e);
    }
    pdf_free(g.pdf);
    return code;
}

enum err_code field_paper_print(struct office *o, int64_t number, const char *path,
                                struct err *e)
{
    struct arena arena;
    struct field_paper p;
    struct office_look look = {0};
    arena_init(&arena, PAPER_BYTES);
    enum err_code code = field_paper_load(o, number, &arena, &p, e);
    code = code == ERR_OK ? office_look_load(o, &look, e) : code;
    if (code == ERR_OK) {
        code = field_paper_pdf_write(&p, o->numfmt, &look, path, e);
    }
    office_look_release(&look);
    arena_release(&arena);
    return code;
}
