#include <config.h>

#include "reports/bill_pdf.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "reports/bill_sheet.h"
#include "reports/model.h"
#include "reports/out_file.h"

struct bill_pdf {
    struct pdf *pdf;
    const struct numfmt *fmt;
    uint32_t accent;
    struct buf text, number;
    struct out_file file;
};

enum err_code bill_pdf_open(const char *path, const struct bill_pdf_options *options,
                            struct bill_pdf **out, struct err *e)
{
    struct pdf_meta meta = {options->title != NULL ? options->title : _("Bills"),
                            options->author,
                            NULL,
                            options->created,
                            options->font_dir,
                            options->press};
    struct bill_pdf *b = mem_alloc(sizeof(*b));
    *out = NULL;
    if (b == NULL) {
        return err_nomem(e);
    }
    b->fmt = options->fmt;
    b->accent = options->accent != 0 ? options->accent : INK_ACCENT;
    buf_init(&b->text, 8 * (size_t)REPORT_TEXT_MAX);
    buf_init(&b->number, 64);
    enum err_code code = out_file_open(&b->file, path, e);
    b->file.relaxed = options->relaxed;
    if (code == ERR_OK) {
        code = pdf_new(&meta, &b->pdf, e);
    }
    if (code != ERR_OK) {
        bill_pdf_discard(b);
        return code;
    }
    *out = b;
    return ERR_OK;
}

static enum err_code pages_draw(struct sheet *s, struct err *e)
{
    bool notes_done = false;
    TRY(sheet_page(s, true, e));
    TRY(bill_head_draw(s, e));
    TRY(bill_readings_draw(s, e));
    TRY(bill_services_draw(s, e));
    TRY(bill_summary_draw(s, &notes_done, e));
    TRY(bill_explanation_draw(s, notes_done, e));
    TRY(bill_pay_draw(s, e));
    return bill_proof_draw(s, e);
}

enum err_code bill_pdf_add(struct bill_pdf *b, const struct bill_doc *d, struct err *e)
{
    struct sheet s = {b->pdf, d,       b->fmt,   d->accent != 0 ? d->accent : b->accent,
                      0,      b->text, b->number};
    size_t first = pdf_page_count(b->pdf);
    TRY(bill_doc_check(d, e));
    enum err_code code = pages_draw(&s, e);
    if (code == ERR_OK && d->proof_name != NULL) {
        pdf_attach(b->pdf, d->proof_name, d->proof, d->proof_len);
    }
    size_t count = pdf_page_count(b->pdf) - first;
    for (size_t i = 0; i < count && code == ERR_OK; i++) {
        pdf_return_to(b->pdf, first + i);
        bill_foot_draw(&s, i + 1, count);
    }
    pdf_pages_pack(b->pdf);
    b->text = s.text; /* they may have grown */
    b->number = s.number;
    pdf_reset(b->pdf, &b->text);
    pdf_reset(b->pdf, &b->number);
    return code == ERR_OK ? pdf_status(b->pdf, e) : code;
}

size_t bill_pdf_pages(const struct bill_pdf *b)
{
    return pdf_page_count(b->pdf);
}

enum err_code bill_pdf_close(struct bill_pdf *b, struct err *e)
{
    enum err_code code =
        pdf_page_count(b->pdf) > 0
            ? pdf_save(b->pdf, &b->file, e)
            : err_set(e, ERR_STATE, _("There is no bill to write to %s."), b->file.target);
    bill_pdf_discard(b);
    return code;
}

void bill_pdf_discard(struct bill_pdf *b)
{
    if (b == NULL) {
        return;
    }
    pdf_free(b->pdf);
    out_file_discard(&b->file);
    buf_release(&b->text);
    buf_release(&b->number);
    mem_free(b);
}

enum err_code bill_pdf_write(const char *path, const struct bill_pdf_options *options,
                             const struct bill_doc *d, struct err *e)
{
    struct bill_pdf *b = NULL;
    TRY(bill_pdf_open(path, options, &b, e));
    enum err_code code = bill_pdf_add(b, d, e);
    if (code != ERR_OK) {
        bill_pdf_discard(b);
        return code;
    }
    return bill_pdf_close(b, e);
}
