#include <config.h>

#include "reports/note_pdf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/words.h"
#include "base/i18n.h"
#include "reports/form_pdf.h"

#define NOTE_BYTES ((size_t)4 << 20)

#define AMOUNT_HEIGHT 46.0F

/* The one figure: what the note gives back, or asks for. */
static enum err_code amount(struct form *f, const struct note_paper *n, struct err *e)
{
    struct buf plain, text;
    TRY(form_need(f, AMOUNT_HEIGHT, e));
    buf_init(&plain, 64);
    buf_init(&text, 256);
    money_print((struct money){n->amount}, n->currency, &plain);
    numfmt_number(f->fmt, buf_str(&plain), &text);
    buf_addf(&text, " %s", n->currency->code);
    f->y -= 14;
    pdf_ink(f->pdf, form_accent(f));
    pdf_box(f->pdf, SHEET_LEFT, f->y - 26, SHEET_WIDTH, 26);
    pdf_ink(f->pdf, 0xFFFFFF);
    pdf_text_within(f->pdf, PDF_BOLD, 11, PDF_LEFT, SHEET_LEFT + 10, f->y - 17,
                    SHEET_WIDTH * 0.5F, false,
                    n->credit ? _("In the customer's favour") : _("To pay besides"));
    pdf_text_within(f->pdf, PDF_BOLD, 14, PDF_RIGHT, SHEET_RIGHT - 10, f->y - 18,
                    SHEET_WIDTH * 0.45F, true, buf_str(&text));
    f->y -= AMOUNT_HEIGHT - 14;
    pdf_drop(f->pdf, &plain);
    pdf_drop(f->pdf, &text);
    return ERR_OK;
}

static enum err_code rows(struct form *f, const struct note_paper *n, struct err *e)
{
    struct buf cause;
    buf_init(&cause, 256);
    code_words(n->cause, strlen(n->cause), &cause);
    enum err_code code = form_row_date(f, _("Date"), n->date, e);
    code = code == ERR_OK ? form_row(f, _("Account"), n->account, e) : code;
    code = code == ERR_OK ? form_row(f, _("Customer"),
                                     *n->customer != '\0' ? n->customer : _("(erased)"), e)
                          : code;
    code = code == ERR_OK && n->tax_id != NULL ? form_row(f, n->tax_label, n->tax_id, e) : code;
    code = code == ERR_OK ? form_row_if(f, _("Bill"), n->bill, e) : code;
    code = code == ERR_OK ? form_row_if(f, _("Cause"), buf_str(&cause), e) : code;
    code = code == ERR_OK ? form_row_if(f, _("Reason"), n->reason, e) : code;
    code = code == ERR_OK ? form_row_if(f, n->authority, n->external, e) : code;
    pdf_drop(f->pdf, &cause);
    return code;
}

static enum err_code draw(struct form *f, const struct note_paper *n, struct err *e)
{
    char text[200];
    (void)snprintf(text, sizeof text, _("No. %" PRId64), n->number);
    TRY(form_head(f, n->office, text, n->credit ? _("Credit note") : _("Debit note"), e));
    if (n->office_tax != NULL) {
        TRY(form_words(f, PDF_BOLD, SHEET_LEFT, SHEET_WIDTH, n->office_tax, e));
        f->y -= 8;
    }
    TRY(rows(f, n, e));
    TRY(amount(f, n, e));
    (void)snprintf(text, sizeof text, _("entry %" PRId64 " of the ledger, leaf %s"), n->seq,
                   n->leaf);
    form_foot(f, text);
    return pdf_status(f->pdf, e);
}

enum err_code note_pdf_write(const struct note_paper *n, const struct numfmt *fmt,
                             const struct office_look *look, const char *path, struct err *e)
{
    struct form f = {.fmt = fmt, .brand = office_look_at(look, n->seq)};
    struct pdf_meta meta = {.title = n->credit ? _("Credit note") : _("Debit note"),
                            .author = n->office,
                            .press = look != NULL ? look->press : NULL};
    TRY(date_parse(n->date, strlen(n->date), &meta.created.date, e));
    enum err_code code = pdf_new(&meta, &f.pdf, e);
    code = code == ERR_OK ? draw(&f, n, e) : code;
    code = code == ERR_OK ? pdf_save_as(f.pdf, path, e) : code;
    pdf_free(f.pdf);
    return code;
}

enum err_code note_print(struct office *o, const char *type, int64_t number, const char *path,
                         struct err *e)
{
    struct arena arena;
    struct note_paper n;
    struct office_look look = {0};
    arena_init(&arena, NOTE_BYTES);
    enum err_code code = note_paper_load(o, type, number, &arena, &n, e);
    code = code == ERR_OK ? office_look_load(o, &look, e) : code;
    if (code == ERR_OK) {
        code = note_pdf_write(&n, o->numfmt, &look, path, e);
    }
    office_look_release(&look);
    arena_release(&arena);
    return code;
}
