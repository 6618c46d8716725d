#include <config.h>

#include "reports/bill_sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/model.h"

#define ROW 12.6F
#define SIZE 8.3F
#define HEAD_SIZE 7.3F
#define GAP 6.0F
#define CONCEPT_LINES_MAX 4

/* --- readings
 * --------------------------------------------------------------------------------------------------
 */

enum reading_column { R_METER, R_OBIS, R_FROM, R_PREVIOUS, R_TO, R_CURRENT, R_USE, R_COLUMNS };

static const struct sheet_column reading_columns[R_COLUMNS] = {
    [R_METER] = {SHEET_LEFT, 86, PDF_LEFT},
    [R_OBIS] = {SHEET_LEFT + 92, 64, PDF_LEFT},
    [R_FROM] = {SHEET_LEFT + 162, 52, PDF_LEFT},
    [R_PREVIOUS] = {SHEET_LEFT + 216, 66, PDF_RIGHT},
    [R_TO] = {SHEET_LEFT + 296, 52, PDF_LEFT},
    [R_CURRENT] = {SHEET_LEFT + 350, 66, PDF_RIGHT},
    [R_USE] = {SHEET_LEFT + 430, SHEET_WIDTH - 430, PDF_RIGHT},
};

static void row_rule(struct sheet *s)
{
    pdf_ink(s->pdf, INK_RULE);
    pdf_line(s->pdf, SHEET_LEFT, s->y, SHEET_RIGHT, s->y, 0.4F);
}

static void heads_draw(struct sheet *s, const struct sheet_column *columns,
                       const char *const *heads, size_t count)
{
    pdf_ink(s->pdf, INK_SOFT);
    for (size_t i = 0; i < count; i++) {
        sheet_cell(s, &columns[i], PDF_SANS, HEAD_SIZE, s->y - 10, false, heads[i]);
    }
    s->y -= 14;
    row_rule(s);
}

static void readings_heads(struct sheet *s)
{
    const char *const heads[R_COLUMNS] = {
        [R_METER] = _("Meter"),       [R_OBIS] = _("Register"), [R_FROM] = _("From"),
        [R_PREVIOUS] = _("Previous"), [R_TO] = _("To"),         [R_CURRENT] = _("Current"),
        [R_USE] = _("Consumption"),
    };
    heads_draw(s, reading_columns, heads, R_COLUMNS);
}

/* "12,042 E": the mark of an estimated reading stands behind it. */
static void dial_draw(struct sheet *s, const struct sheet_column *c, float y,
                      const struct bill_doc_quantity *q, bool estimated)
{
    sheet_cell(s, c, PDF_SANS, SIZE, y, true, sheet_quantity(s, q, NULL));
    if (estimated) {
        pdf_text(s->pdf, PDF_BOLD, SIZE - 1.5F, PDF_LEFT, c->x + c->width + 2, y, _("E"));
    }
}

static void reading_draw(struct sheet *s, const struct bill_doc_reading *r)
{
    float y = s->y - 9.5F;
    pdf_ink(s->pdf, INK_TEXT);
    sheet_cell(s, &reading_columns[R_METER], PDF_SANS, SIZE, y, false, r->meter);
    sheet_cell(s, &reading_columns[R_OBIS], PDF_SANS, SIZE, y, false,
               r->obis == NULL ? "" : r->obis);
    sheet_cell(s, &reading_columns[R_FROM], PDF_SANS, SIZE, y, true,
               sheet_date(s, r->previous_on));
    dial_draw(s, &reading_columns[R_PREVIOUS], y, &r->previous, r->previous_estimated);
    sheet_cell(s, &reading_columns[R_TO], PDF_SANS, SIZE, y, true,
               sheet_date(s, r->current_on));
    dial_draw(s, &reading_columns[R_CURRENT], y, &r->current, r->current_estimated);
    sheet_cell(s, &reading_columns[R_USE], PDF_BOLD, SIZE, y, true,
               sheet_quantity(s, &r->consumption, r->unit));
    s->y -= ROW;
    row_rule(s);
}

enum err_code bill_readings_draw(struct sheet *s, struct err *e)
{
    const struct bill_doc *d = s->doc;
    bool estimated = false, turned = false;
    if (d->reading_count == 0) {
        return ERR_OK;
    }
    TRY(sheet_section(s, _("Readings"), 14 + ROW, e));
    readings_heads(s);
    for (size_t i = 0; i < d->reading_count; i++) {
        TRY(sheet_need(s, ROW, &turned, e));
        if (turned) {
            readings_heads(s);
        }
        reading_draw(s, &d->readings[i]);
        estimated =
            estimated || d->readings[i].previous_estimated || d->readings[i].current_estimated;
    }
    if (estimated) {
        s->y -= 2;
        TRY(sheet_paragraph(
            s, PDF_SANS, 7, INK_SOFT, SHEET_LEFT, SHEET_WIDTH,
            _("E marks an estimated reading; the next actual reading settles it."), e));
    }
    s->y -= 9;
    return pdf_status(s->pdf, e);
}

/* --- services
 * --------------------------------------------------------------------------------------------------
 */

enum line_column { L_CONCEPT, L_USE, L_LIMIT, L_EXCESS, L_PRICE, L_AMOUNT, L_COLUMNS };

static const struct sheet_column line_columns[L_COLUMNS] = {
    [L_CONCEPT] = {SHEET_LEFT + GAP, 168, PDF_LEFT},
    [L_USE] = {SHEET_LEFT + 178, 66, PDF_RIGHT},
    [L_LIMIT] = {SHEET_LEFT + 250, 58, PDF_RIGHT},
    [L_EXCESS] = {SHEET_LEFT + 314, 58, PDF_RIGHT},
    [L_PRICE] = {SHEET_LEFT + 378, 62, PDF_RIGHT},
    [L_AMOUNT] = {SHEET_LEFT + 446, SHEET_WIDTH - 446, PDF_RIGHT},
};

static void lines_heads(struct sheet *s)
{
    char amount[128];
    (void)snprintf(amount, sizeof(amount), _("Amount (%s)"), s->doc->currency->symbol);
    const char *const heads[L_COLUMNS] = {
        [L_CONCEPT] = _("Concept"), [L_USE] = _("Consumption"),  [L_LIMIT] = _("Limit"),
        [L_EXCESS] = _("Excess"),   [L_PRICE] = _("Unit price"), [L_AMOUNT] = amount,
    };
    heads_draw(s, line_columns, heads, L_COLUMNS);
}

/* The concept over as many lines as it takes, within reason; returns how many. */
static size_t concept_draw(struct sheet *s, const struct sheet_column *c, float y,
                           const char *concept, bool draw)
{
    uint64_t changed = 0;
    pdf_reset(s->pdf, &s->text);
    report_text_clean(concept, strlen(concept), false, &s->text, &changed);
    const char *text = buf_str(&s->text);
    size_t len = s->text.len, lines = 0;
    for (size_t at = 0, next = 0; at < len && lines < CONCEPT_LINES_MAX;
         at += next, lines++, y -= SIZE * 1.25F) {
        bool last = lines + 1 == CONCEPT_LINES_MAX;
        size_t n = pdf_line_fit(s->pdf, PDF_SANS, SIZE, c->width, text + at, len - at, &next);
        if (draw && last) {
            sheet_cell(s, c, PDF_SANS, SIZE, y, false,
                       text + at); /* cut with an ellipsis if need be */
        } else if (draw) {
            pdf_text_n(s->pdf, PDF_SANS, SIZE, PDF_LEFT, c->x, y, text + at, n);
        }
    }
    return lines > 0 ? lines : 1;
}

static void line_draw(struct sheet *s, const struct bill_doc_line *l, float height)
{
    float y = s->y - 9.5F;
    pdf_ink(s->pdf, INK_TEXT);
    (void)concept_draw(s, &line_columns[L_CONCEPT], y, l->concept, true);
    sheet_cell(s, &line_columns[L_USE], PDF_SANS, SIZE, y, true,
               sheet_quantity(s, &l->consumption, l->unit));
    sheet_cell(s, &line_columns[L_LIMIT], PDF_SANS, SIZE, y, true,
               sheet_quantity(s, &l->limit, NULL));
    sheet_cell(s, &line_columns[L_EXCESS], PDF_SANS, SIZE, y, true,
               sheet_quantity(s, &l->excess, NULL));
    if (l->price_text != NULL) {
        sheet_cell(s, &line_columns[L_PRICE], PDF_SANS, SIZE, y, true, l->price_text);
    } else if (l->has_price) {
        sheet_cell(s, &line_columns[L_PRICE], PDF_SANS, SIZE, y, true,
                   sheet_price(s, l->price));
    }
    sheet_cell(s, &line_columns[L_AMOUNT], PDF_SANS, SIZE, y, true,
               sheet_money(s, l->amount_minor));
    s->y -= height;
    row_rule(s);
}

static void service_bar(struct sheet *s, const struct bill_doc_service *service)
{
    pdf_ink(s->pdf, INK_PALE);
    pdf_box(s->pdf, SHEET_LEFT, s->y - ROW - 1, SHEET_WIDTH, ROW + 1);
    pdf_ink(s->pdf, INK_TEXT);
    pdf_text_within(s->pdf, PDF_BOLD, SIZE, PDF_LEFT, SHEET_LEFT + GAP, s->y - 10,
                    SHEET_WIDTH - 2 * GAP, false, service->name);
    s->y -= ROW + 1;
}

static void subtotal_draw(struct sheet *s, const struct bill_doc_service *service)
{
    char label[512];
    static const struct sheet_column place = {SHEET_LEFT + 178, 262, PDF_RIGHT};
    (void)snprintf(label, sizeof(label), _("Subtotal %s"), service->name);
    pdf_ink(s->pdf, INK_TEXT);
    sheet_cell(s, &place, PDF_BOLD, SIZE, s->y - 10, false, label);
    sheet_cell(s, &line_columns[L_AMOUNT], PDF_BOLD, SIZE, s->y - 10, true,
               sheet_money(s, service->subtotal_minor));
    s->y -= ROW + 3;
}

static enum err_code service_draw(struct sheet *s, const struct bill_doc_service *service,
                                  struct err *e)
{
    bool turned = false;
    TRY(sheet_need(s, 3 * ROW, &turned, e));
    if (turned) {
        lines_heads(s);
    }
    service_bar(s, service);
    for (size_t i = 0; i < service->line_count; i++) {
        size_t lines =
            concept_draw(s, &line_columns[L_CONCEPT], 0, service->lines[i].concept, false);
        float height = ROW + (float)(lines - 1) * SIZE * 1.25F;
        /* the last line takes the subtotal along */
        TRY(sheet_need(s, height + (i + 1 == service->line_count ? ROW + 3 : 0), &turned, e));
        if (turned) {
            lines_heads(s);
            service_bar(s, service);
        }
        line_draw(s, &service->lines[i], height);
    }
    subtotal_draw(s, service);
    return pdf_status(s->pdf, e);
}

enum err_code bill_services_draw(struct sheet *s, struct err *e)
{
    const struct bill_doc *d = s->doc;
    if (d->service_count == 0) {
        return ERR_OK;
    }
    TRY(sheet_section(s, _("Charges of the period"), 14 + 3 * ROW, e));
    lines_heads(s);
    for (size_t i = 0; i < d->service_count; i++) {
        TRY(service_draw(s, &d->services[i], e));
    }
    s->y -= 4;
    return ERR_OK;
}
