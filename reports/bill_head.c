#include <config.h>

#include "reports/bill_sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/model.h"

#define CARD_HEIGHT 88.0F
#define CARD_GAP 14.0F
#define CARD_PAD 12.0F
#define TOTAL_CARD_WIDTH 222.0F
#define WRAP_LEADING 1.32F
#define LOGO_HEIGHT 46.0F
#define LOGO_WIDTH 130.0F

/* A text over as many lines as it takes, at most `most`; the last one is cut if need be. Draws
 * from the baseline y downwards when asked, and returns how far it went. */
static float wrapped(struct sheet *s, enum pdf_face face, float size, float x, float y,
                     float width, size_t most, bool draw, const char *source)
{
    float leading = size * WRAP_LEADING;
    size_t lines = 0;
    uint64_t changed = 0;
    pdf_reset(s->pdf, &s->text);
    report_text_clean(source, strlen(source), false, &s->text, &changed);
    const char *text = buf_str(&s->text);
    for (size_t at = 0, next = 0; at < s->text.len && lines < most; at += next, lines++) {
        size_t n = pdf_line_fit(s->pdf, face, size, width, text + at, s->text.len - at, &next);
        float line_y = y - (float)lines * leading;
        if (draw && lines + 1 == most) {
            pdf_text_within(s->pdf, face, size, PDF_LEFT, x, line_y, width, false, text + at);
        } else if (draw) {
            pdf_text_n(s->pdf, face, size, PDF_LEFT, x, line_y, text + at, n);
        }
    }
    return (float)lines * leading;
}

/* The logo in its place, as large as fits; returns how far the name moves right. */
static float logo_draw(struct sheet *s)
{
    const struct pdf_picture *logo = s->doc->logo;
    if (logo == NULL) {
        return 0;
    }
    float scale = LOGO_HEIGHT / (float)logo->height;
    scale = (float)logo->width * scale > LOGO_WIDTH ? LOGO_WIDTH / (float)logo->width : scale;
    float width = (float)logo->width * scale, height = (float)logo->height * scale;
    pdf_picture_draw(s->pdf, logo, SHEET_LEFT, s->y - height, width, height);
    return width + 10;
}

/* Office at the left, what the paper is at the right. */
static void title_draw(struct sheet *s)
{
    const struct bill_doc *d = s->doc;
    float shift = logo_draw(s), name_x = SHEET_LEFT + shift;
    float y = s->y - 15, left = SHEET_WIDTH * 0.62F - shift;
    pdf_ink(s->pdf, s->accent);
    pdf_text_within(s->pdf, PDF_BOLD, 20, PDF_RIGHT, SHEET_RIGHT, y - 2, SHEET_WIDTH * 0.36F,
                    false, d->title != NULL ? d->title : _("Bill"));
    bool long_name =
        pdf_text_width(s->pdf, PDF_BOLD, 15, d->office_name, strlen(d->office_name)) > left;
    float size = long_name ? 12 : 15;
    y -= wrapped(s, PDF_BOLD, size, name_x, y, left, 3, true, d->office_name) -
         size * WRAP_LEADING;
    pdf_ink(s->pdf, INK_TEXT);
    pdf_text_within(s->pdf, PDF_BOLD, 10, PDF_RIGHT, SHEET_RIGHT, s->y - 32,
                    SHEET_WIDTH * 0.36F, false, d->number);
    pdf_ink(s->pdf, INK_SOFT);
    y -= 13;
    for (size_t i = 0; i < BILL_TEXT_LINES_MAX && d->office_lines[i] != NULL; i++, y -= 10.5F) {
        pdf_text_within(s->pdf, PDF_SANS, 8, PDF_LEFT, name_x, y, left, false,
                        d->office_lines[i]);
    }
    s->y = (y > s->y - 48 ? s->y - 48 : y) - 2;
    pdf_ink(s->pdf, s->accent);
    pdf_box(s->pdf, SHEET_LEFT, s->y, SHEET_WIDTH, 2);
    s->y -= 14;
}

/* Name and address; returns the height they need. */
static float customer_text(struct sheet *s, float width, bool draw)
{
    const struct bill_doc *d = s->doc;
    float y = s->y - CARD_PAD - 22, inside = width - 2 * CARD_PAD, x = SHEET_LEFT + CARD_PAD;
    pdf_ink(s->pdf, INK_TEXT);
    y -= wrapped(s, PDF_BOLD, 11.5F, x, y, inside, 3, draw, d->customer_name);
    for (size_t i = 0; i < BILL_TEXT_LINES_MAX && d->customer_lines[i] != NULL; i++) {
        y -= wrapped(s, PDF_SANS, 8.5F, x, y, inside, 3, draw, d->customer_lines[i]);
    }
    return s->y - y + CARD_PAD - 11;
}

static void customer_card_draw(struct sheet *s, float width, float height)
{
    pdf_ink(s->pdf, INK_PALE);
    pdf_box(s->pdf, SHEET_LEFT, s->y - height, width, height);
    pdf_ink(s->pdf, INK_SOFT);
    pdf_text_within(s->pdf, PDF_SANS, 7.5F, PDF_LEFT, SHEET_LEFT + CARD_PAD,
                    s->y - CARD_PAD - 7, width - 2 * CARD_PAD, false, _("Customer"));
    (void)customer_text(s, width, true);
}

/* The one figure the customer looks for. White on the accent. */
static void total_card_draw(struct sheet *s, float height)
{
    const struct bill_doc *d = s->doc;
    char line[256];
    float x = SHEET_RIGHT - TOTAL_CARD_WIDTH, inside = TOTAL_CARD_WIDTH - 2 * CARD_PAD,
          y = s->y - CARD_PAD - 7;
    pdf_ink(s->pdf, s->accent);
    pdf_box(s->pdf, x, s->y - height, TOTAL_CARD_WIDTH, height);
    pdf_ink(s->pdf, 0xFFFFFF);
    pdf_text_within(s->pdf, PDF_SANS, 8.5F, PDF_LEFT, x + CARD_PAD, y, inside, false,
                    d->total_minor < 0 ? _("Credit in your favour") : _("Total to pay"));
    pdf_text_within(s->pdf, PDF_BOLD, 23, PDF_LEFT, x + CARD_PAD, y - 29, inside, true,
                    sheet_money_symbol(s, d->total_minor));
    if (d->total_minor > 0) {
        (void)snprintf(line, sizeof(line), _("Pay by %s"), sheet_date(s, d->due_on));
        pdf_text_within(s->pdf, PDF_BOLD, 10, PDF_LEFT, x + CARD_PAD, y - 47, inside, false,
                        line);
    }
    if (d->has_cut && d->total_minor > 0) {
        (void)snprintf(line, sizeof(line), _("Service may be cut from %s"),
                       sheet_date(s, d->cut_on));
        pdf_text_within(s->pdf, PDF_SANS, 8, PDF_LEFT, x + CARD_PAD, y - 60, inside, false,
                        line);
    }
}

static void fact_draw(struct sheet *s, float x, float width, const char *label,
                      const char *value)
{
    pdf_ink(s->pdf, INK_SOFT);
    pdf_text_within(s->pdf, PDF_SANS, 7.5F, PDF_LEFT, x, s->y - 8, width - 8, false, label);
    pdf_ink(s->pdf, INK_TEXT);
    pdf_text_within(s->pdf, PDF_BOLD, 9, PDF_LEFT, x, s->y - 20, width - 8, true, value);
}

/* Account, period, days: the line of facts under the cards. */
static void facts_draw(struct sheet *s)
{
    const struct bill_doc *d = s->doc;
    float x = SHEET_LEFT;
    char period[128], days[64];
    int used = snprintf(period, sizeof(period), "%s", sheet_date(s, d->period_from));
    if (used > 0 && (size_t)used < sizeof(period)) {
        (void)snprintf(period + used, sizeof(period) - (size_t)used, " \xE2\x80\x93 %s",
                       sheet_date(s, d->period_to));
    }
    (void)snprintf(days, sizeof(days), "%ld",
                   (long)date_to_days(d->period_to) - date_to_days(d->period_from) + 1);
    fact_draw(s, x, 96, _("Account"), d->account_number);
    fact_draw(s, x + 96, 148, _("Period"), period);
    fact_draw(s, x + 244, 44, _("Days"), days);
    fact_draw(s, x + 288, 75, _("Issued"), sheet_date(s, d->issued_on));
    fact_draw(s, x + 363, 75, _("Due"), sheet_date(s, d->due_on));
    if (d->has_cut) {
        fact_draw(s, x + 438, SHEET_WIDTH - 438 + 8, _("Cut from"), sheet_date(s, d->cut_on));
    }
    s->y -= 33;
}

enum err_code bill_head_draw(struct sheet *s, struct err *e)
{
    title_draw(s);
    float width = SHEET_WIDTH - TOTAL_CARD_WIDTH - CARD_GAP;
    float height = customer_text(s, width, false);
    height = height > CARD_HEIGHT ? height : CARD_HEIGHT;
    customer_card_draw(s, width, height);
    total_card_draw(s, height);
    s->y -= height + 11;
    facts_draw(s);
    return pdf_status(s->pdf, e);
}
