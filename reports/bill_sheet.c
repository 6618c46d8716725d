#include <config.h>

#include "reports/bill_sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/model.h"

#define FOOT_SIZE 6.4F
#define PARAGRAPH_LEADING 1.35F

/* The short head of a following page: whose bill this is. */
static void next_head(struct sheet *s)
{
    char line[512];
    (void)snprintf(line, sizeof(line), _("Bill %s, account %s"), s->doc->number,
                   s->doc->account_number);
    pdf_ink(s->pdf, s->accent);
    pdf_text_within(s->pdf, PDF_BOLD, 9, PDF_LEFT, SHEET_LEFT, SHEET_TOP - 9,
                    SHEET_WIDTH * 0.55F, false, s->doc->office_name);
    pdf_ink(s->pdf, INK_SOFT);
    pdf_text_within(s->pdf, PDF_SANS, 8, PDF_RIGHT, SHEET_RIGHT, SHEET_TOP - 9,
                    SHEET_WIDTH * 0.42F, false, line);
    pdf_ink(s->pdf, s->accent);
    pdf_line(s->pdf, SHEET_LEFT, SHEET_TOP - 15, SHEET_RIGHT, SHEET_TOP - 15, 1.0F);
    s->y = SHEET_TOP - 32;
}

enum err_code sheet_page(struct sheet *s, bool first, struct err *e)
{
    TRY(pdf_page(s->pdf, false, e));
    s->y = SHEET_TOP;
    if (!first) {
        next_head(s);
    }
    return ERR_OK;
}

enum err_code sheet_need(struct sheet *s, float height, bool *turned, struct err *e)
{
    bool turn = s->y - height < SHEET_BOTTOM;
    if (turned != NULL) {
        *turned = turn;
    }
    return turn ? sheet_page(s, false, e) : ERR_OK;
}

enum err_code sheet_section(struct sheet *s, const char *title, float follow, struct err *e)
{
    TRY(sheet_need(s, 26 + follow, NULL, e));
    pdf_ink(s->pdf, s->accent);
    pdf_text_within(s->pdf, PDF_BOLD, 9.5F, PDF_LEFT, SHEET_LEFT, s->y - 9.5F, SHEET_WIDTH,
                    false, title);
    pdf_line(s->pdf, SHEET_LEFT, s->y - 14, SHEET_RIGHT, s->y - 14, 0.8F);
    s->y -= 16;
    return ERR_OK;
}

void sheet_cell(struct sheet *s, const struct sheet_column *c, enum pdf_face face, float size,
                float y, bool number, const char *text)
{
    float x = c->anchor == PDF_RIGHT    ? c->x + c->width
              : c->anchor == PDF_CENTRE ? c->x + c->width / 2
                                        : c->x;
    pdf_text_within(s->pdf, face, size, c->anchor, x, y, c->width, number, text);
}

enum err_code sheet_paragraph(struct sheet *s, enum pdf_face face, float size, uint32_t ink,
                              float x, float width, const char *text, struct err *e)
{
    struct buf clean;
    uint64_t changed = 0;
    enum err_code code = ERR_OK;
    buf_init(&clean, 8 * (size_t)REPORT_TEXT_MAX);
    report_text_clean(text, strlen(text), false, &clean, &changed);
    for (size_t at = 0, next = 0; at < clean.len && code == ERR_OK; at += next) {
        size_t len =
            pdf_line_fit(s->pdf, face, size, width, clean.data + at, clean.len - at, &next);
        code = sheet_need(s, size * PARAGRAPH_LEADING, NULL, e);
        s->y -= size * PARAGRAPH_LEADING;
        pdf_ink(s->pdf, ink);
        pdf_text_n(s->pdf, face, size, PDF_LEFT, x, s->y + size * 0.25F, clean.data + at, len);
    }
    pdf_drop(s->pdf, &clean);
    return code;
}

float sheet_paragraph_height(struct sheet *s, enum pdf_face face, float size, float width,
                             const char *text)
{
    size_t len = strlen(text), lines = 0;
    for (size_t at = 0, next = 0; at < len; at += next, lines++) {
        (void)pdf_line_fit(s->pdf, face, size, width, text + at, len - at, &next);
    }
    return (float)lines * size * PARAGRAPH_LEADING;
}

static const char *number_text(struct sheet *s, int64_t value, unsigned decimals,
                               const char *before, const char *after)
{
    pdf_reset(s->pdf, &s->number);
    report_print_scaled(value, decimals, &s->number);
    pdf_reset(s->pdf, &s->text);
    buf_adds(&s->text, before);
    numfmt_number(s->fmt, buf_str(&s->number), &s->text);
    if (after[0] != '\0') {
        buf_adds(&s->text, "\xC2\xA0");
        buf_adds(&s->text, after);
    }
    return buf_str(&s->text);
}

const char *sheet_money(struct sheet *s, int64_t minor)
{
    return number_text(s, minor, s->doc->currency->digits, "", "");
}

const char *sheet_money_symbol(struct sheet *s, int64_t minor)
{
    char before[32];
    const struct currency *c = s->doc->currency;
    (void)snprintf(before, sizeof(before), "%s\xC2\xA0", c->symbol);
    return number_text(s, minor, c->digits, s->fmt->symbol_first ? before : "",
                       s->fmt->symbol_first ? "" : c->symbol);
}

const char *sheet_quantity(struct sheet *s, const struct bill_doc_quantity *q, const char *unit)
{
    if (!q->known) {
        return "";
    }
    return number_text(s, q->value, q->decimals, "", unit == NULL ? "" : unit);
}

const char *sheet_price(struct sheet *s, struct decimal price)
{
    return number_text(s, price.mantissa, price.scale, "", "");
}

const char *sheet_date(struct sheet *s, struct date d)
{
    pdf_reset(s->pdf, &s->text);
    numfmt_date(s->fmt, d, &s->text);
    return buf_str(&s->text);
}

/* "Tariff WATER-12, version 3 · Tariff TAX-1, version 1" */
static void tariffs_text(const struct bill_doc *d, struct buf *out)
{
    for (size_t i = 0; i < d->tariff_count; i++) {
        const struct bill_doc_tariff *t = &d->tariffs[i];
        buf_adds(out, i > 0 ? " \xC2\xB7 " : "");
        buf_addf(out, _("Tariff %s, version %s"), t->code == NULL ? "?" : t->code,
                 t->version == NULL ? "?" : t->version);
    }
}

static void provenance(struct sheet *s, struct buf *first, struct buf *second)
{
    const struct bill_doc *d = s->doc;
    if (d->ledger_seq == 0) {
        buf_adds(first, _("This bill is a preview: it stands on no ledger."));
    } else {
        buf_addf(first, _("Recorded as entry %llu of the office's ledger."),
                 (unsigned long long)d->ledger_seq);
    }
    if (d->tariff_count > 0) {
        buf_adds(first, " ");
        tariffs_text(d, first);
    }
    if (d->leaf_hash != NULL) {
        buf_addf(second, _("leaf %s"), d->leaf_hash);
    }
    if (d->tariff_hash != NULL) {
        buf_adds(second, second->len > 0 ? "   " : "");
        buf_addf(second, _("tariff %s"), d->tariff_hash);
    }
}

void bill_foot_draw(struct sheet *s, size_t page, size_t pages)
{
    char count[128];
    struct buf first, second;
    buf_init(&first, 65536);
    buf_init(&second, 65536);
    provenance(s, &first, &second);
    (void)snprintf(count, sizeof(count), _("Page %zu of %zu"), page, pages);
    pdf_ink(s->pdf, INK_RULE);
    pdf_line(s->pdf, SHEET_LEFT, 56, SHEET_RIGHT, 56, 0.6F);
    pdf_ink(s->pdf, INK_SOFT);
    pdf_text_within(s->pdf, PDF_SANS, FOOT_SIZE, PDF_LEFT, SHEET_LEFT, 46, SHEET_WIDTH - 70,
                    false, buf_str(&first));
    pdf_text(s->pdf, PDF_SANS, 7.5F, PDF_RIGHT, SHEET_RIGHT, 46, count);
    pdf_text_within(s->pdf, PDF_MONO, FOOT_SIZE, PDF_LEFT, SHEET_LEFT, 36, SHEET_WIDTH, true,
                    buf_str(&second));
    pdf_drop(s->pdf, &first);
    pdf_drop(s->pdf, &second);
}
