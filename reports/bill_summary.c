#include <config.h>

#include "reports/bill_sheet.h"

#include <string.h>

#include "base/i18n.h"

#define ROW 14.0F
#define SIZE 8.6F
#define BOX_WIDTH 222.0F
#define CHART_WIDTH (SHEET_WIDTH - BOX_WIDTH - 20.0F)
#define CHART_HEIGHT 100.0F
#define CHART_GAP 8.0F
#define BESIDE_MAX 2       /* charts beside the summary; more follow below */
#define BESIDE_ROWS_MAX 24 /* a longer summary stands alone and may break over pages */
#define TOTAL_HEIGHT 26.0F
#define NOTE_SIZE 7.8F

static size_t row_count(const struct bill_doc *d)
{
    return d->service_count + d->tax_count + 1 + d->movement_count;
}

static enum err_code summary_row(struct sheet *s, const char *label, int64_t minor,
                                 struct err *e)
{
    const struct sheet_column left = {SHEET_RIGHT - BOX_WIDTH, BOX_WIDTH * 0.62F, PDF_LEFT};
    const struct sheet_column right = {SHEET_RIGHT - BOX_WIDTH * 0.37F, BOX_WIDTH * 0.37F,
                                       PDF_RIGHT};
    TRY(sheet_need(s, ROW, NULL, e));
    pdf_ink(s->pdf, INK_TEXT);
    sheet_cell(s, &left, PDF_SANS, SIZE, s->y - 10, false, label);
    sheet_cell(s, &right, PDF_SANS, SIZE, s->y - 10, true, sheet_money(s, minor));
    s->y -= ROW;
    pdf_ink(s->pdf, INK_RULE);
    pdf_line(s->pdf, left.x, s->y, SHEET_RIGHT, s->y, 0.4F);
    return ERR_OK;
}

static enum err_code summary_rows(struct sheet *s, struct err *e)
{
    const struct bill_doc *d = s->doc;
    for (size_t i = 0; i < d->service_count; i++) {
        TRY(summary_row(s, d->services[i].name, d->services[i].subtotal_minor, e));
    }
    for (size_t i = 0; i < d->tax_count; i++) {
        TRY(summary_row(s, d->taxes[i].concept, d->taxes[i].amount_minor, e));
    }
    TRY(summary_row(s, _("Previous balance"), d->previous_balance_minor, e));
    for (size_t i = 0; i < d->movement_count; i++) {
        TRY(summary_row(s, d->movements[i].concept, d->movements[i].amount_minor, e));
    }
    return ERR_OK;
}

static enum err_code total_row(struct sheet *s, struct err *e)
{
    float x = SHEET_RIGHT - BOX_WIDTH;
    TRY(sheet_need(s, TOTAL_HEIGHT, NULL, e));
    s->y -= 3;
    pdf_ink(s->pdf, s->accent);
    pdf_box(s->pdf, x, s->y - 22, BOX_WIDTH, 22);
    pdf_ink(s->pdf, 0xFFFFFF);
    pdf_text_within(s->pdf, PDF_BOLD, 10, PDF_LEFT, x + 8, s->y - 15, BOX_WIDTH * 0.42F, false,
                    s->doc->total_minor < 0 ? _("Credit") : _("Total to pay"));
    pdf_text_within(s->pdf, PDF_BOLD, 12, PDF_RIGHT, SHEET_RIGHT - 8, s->y - 15.5F,
                    BOX_WIDTH * 0.52F, true, sheet_money_symbol(s, s->doc->total_minor));
    s->y -= TOTAL_HEIGHT - 3;
    return ERR_OK;
}

/* Charts that found no room beside the summary, two abreast. */
static enum err_code charts_below(struct sheet *s, size_t from, struct err *e)
{
    float width = (SHEET_WIDTH - 20.0F) / 2;
    for (size_t i = from; i < s->doc->history_count; i++) {
        bool left = (i - from) % 2 == 0;
        if (left) {
            TRY(sheet_need(s, CHART_HEIGHT + CHART_GAP, NULL, e));
        }
        bill_chart_draw(s, &s->doc->histories[i], left ? SHEET_LEFT : SHEET_LEFT + width + 20,
                        s->y, width, CHART_HEIGHT);
        if (!left || i + 1 == s->doc->history_count) {
            s->y -= CHART_HEIGHT + CHART_GAP;
        }
    }
    return ERR_OK;
}

/* The notes to the customer, under the total where the charts leave room for them. */
static enum err_code notes_beside(struct sheet *s, float bottom, bool *done, struct err *e)
{
    const struct bill_doc *d = s->doc;
    float height = 8;
    for (size_t i = 0; i < d->note_count; i++) {
        height += sheet_paragraph_height(s, PDF_SANS, NOTE_SIZE, BOX_WIDTH, d->notes[i]) + 3;
    }
    *done = s->y - height >= bottom;
    s->y -= *done ? 6 : 0;
    for (size_t i = 0; *done && i < d->note_count; i++) {
        TRY(sheet_paragraph(s, PDF_SANS, NOTE_SIZE, INK_TEXT, SHEET_RIGHT - BOX_WIDTH,
                            BOX_WIDTH, d->notes[i], e));
        s->y -= 3;
    }
    return ERR_OK;
}

enum err_code bill_summary_draw(struct sheet *s, bool *notes_done, struct err *e)
{
    const struct bill_doc *d = s->doc;
    float rows = (float)row_count(d) * ROW + TOTAL_HEIGHT;
    bool beside = row_count(d) <= BESIDE_ROWS_MAX;
    size_t charts = !beside ? 0 : d->history_count < BESIDE_MAX ? d->history_count : BESIDE_MAX;
    float left = (float)charts * (CHART_HEIGHT + CHART_GAP);
    float height = !beside ? 3 * ROW : left > rows ? left : rows;
    TRY(sheet_section(s, _("Summary of the account"), height, e));
    float top = s->y - 4;
    for (size_t i = 0; i < charts; i++) {
        bill_chart_draw(s, &d->histories[i], SHEET_LEFT,
                        top - (float)i * (CHART_HEIGHT + CHART_GAP), CHART_WIDTH, CHART_HEIGHT);
    }
    TRY(summary_rows(s, e));
    TRY(total_row(s, e));
    TRY(notes_beside(s, charts > 0 ? top - left : s->y, notes_done, e));
    if (charts > 0 && s->y > top - left) {
        s->y = top - left;
    }
    s->y -= 6;
    TRY(charts_below(s, charts, e));
    return pdf_status(s->pdf, e);
}

/* --- how it was computed
 * ----------------------------------------------------------------------------------------- */

/* service: NULL where the concept alone is clear. */
static enum err_code formula_draw(struct sheet *s, const char *service, const char *concept,
                                  const char *formula, struct err *e)
{
    struct buf line;
    if (formula == NULL || formula[0] == '\0') {
        return ERR_OK;
    }
    buf_init(&line, 1 << 20);
    if (service != NULL) {
        buf_addf(&line, "%s \xC2\xB7 ", service);
    }
    buf_addf(&line, "%s: %s", concept, formula);
    enum err_code code = buf_status(&line, concept, e);
    if (code == ERR_OK) {
        code = sheet_paragraph(s, PDF_SANS, 7.2F, INK_SOFT, SHEET_LEFT, SHEET_WIDTH,
                               buf_str(&line), e);
    }
    pdf_drop(s->pdf, &line);
    return code;
}

static bool any_formula(const struct bill_doc *d)
{
    for (size_t i = 0; i < d->service_count; i++) {
        for (size_t n = 0; n < d->services[i].line_count; n++) {
            if (d->services[i].lines[n].formula != NULL) {
                return true;
            }
        }
    }
    for (size_t i = 0; i < d->tax_count; i++) {
        if (d->taxes[i].formula != NULL) {
            return true;
        }
    }
    return false;
}

static enum err_code formulas_draw(struct sheet *s, struct err *e)
{
    const struct bill_doc *d = s->doc;
    TRY(sheet_section(s, _("How each amount is computed"), 24, e));
    s->y -= 2;
    for (size_t i = 0; i < d->service_count; i++) {
        for (size_t n = 0; n < d->services[i].line_count; n++) {
            const struct bill_doc_line *l = &d->services[i].lines[n];
            TRY(formula_draw(s, d->service_count > 1 ? d->services[i].name : NULL, l->concept,
                             l->formula, e));
        }
    }
    for (size_t i = 0; i < d->tax_count; i++) {
        TRY(formula_draw(s, NULL, d->taxes[i].concept, d->taxes[i].formula, e));
    }
    s->y -= 8;
    return ERR_OK;
}

enum err_code bill_explanation_draw(struct sheet *s, bool notes_done, struct err *e)
{
    const struct bill_doc *d = s->doc;
    if (any_formula(d)) {
        TRY(formulas_draw(s, e));
    }
    for (size_t i = 0; !notes_done && i < d->note_count; i++) {
        TRY(sheet_paragraph(s, PDF_SANS, NOTE_SIZE, INK_TEXT, SHEET_LEFT, SHEET_WIDTH,
                            d->notes[i], e));
        s->y -= 3;
    }
    return pdf_status(s->pdf, e);
}
