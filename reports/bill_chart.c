#include <config.h>

#include "reports/bill_sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

#define TITLE_HEIGHT 14.0F
#define LABEL_HEIGHT 20.0F /* months and years below the bars */
#define VALUE_HEIGHT 9.0F  /* figures above them */
#define VALUE_SIZE 5.8F
#define BAR_SHARE 0.68F /* of a month's width */
#define BAR_PAST 0x9DBBCB
#define INK_LIMIT 0xB23A2E

static const char *month_name(unsigned month)
{
    static const char *const names[12] = {N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"),
                                          N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
                                          N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};
    return _(names[month - 1]);
}

struct chart {
    const struct bill_doc_history *h;
    float x, base, width, height; /* of the bars' area; base: its lower edge */
    int64_t top;                  /* the value at its upper edge */
};

static int64_t chart_top(const struct bill_doc_history *h)
{
    int64_t top = h->limit.known ? h->limit.value : 0;
    for (size_t i = 0; i < h->month_count; i++) {
        int64_t use = h->months[i].missing ? 0 : h->months[i].consumption;
        top = use > top ? use : top;
    }
    return top > 0 ? top : 1;
}

/* Height of a value on the paper; a negative consumption (a correction) shows as none. */
static float chart_height(const struct chart *c, int64_t value)
{
    return value <= 0 ? 0 : c->height * (float)((double)value / (double)c->top);
}

/* A figure on white, so that the limit's line does not run through it. */
static void value_draw(struct sheet *s, enum pdf_face face, float middle, float y, float width,
                       const char *text)
{
    float used = pdf_text_width(s->pdf, face, VALUE_SIZE, text, strlen(text));
    used = used < width ? used : width;
    pdf_ink(s->pdf, 0xFFFFFF);
    pdf_box(s->pdf, middle - used / 2 - 0.5F, y - 1, used + 1, VALUE_SIZE + 0.5F);
    pdf_ink(s->pdf, INK_TEXT);
    pdf_text_within(s->pdf, face, VALUE_SIZE, PDF_CENTRE, middle, y, width, true, text);
}

/* Left edge of a month's place; months stand at the right, so that the last is always last. */
static float month_x(const struct chart *c, size_t i)
{
    return c->x + c->width / BILL_MONTHS_MAX * (float)(BILL_MONTHS_MAX - c->h->month_count + i);
}

static void bar_draw(struct sheet *s, const struct chart *c, size_t i)
{
    float step = c->width / BILL_MONTHS_MAX, width = step * BAR_SHARE;
    float bar = chart_height(c, c->h->months[i].consumption);
    if (bar > 0 && !c->h->months[i].missing) {
        pdf_ink(s->pdf, i + 1 == c->h->month_count ? s->accent : BAR_PAST);
        pdf_box(s->pdf, month_x(c, i) + (step - width) / 2, c->base, width, bar);
    }
}

/* The figure above a bar, and the mark of an estimate in it. */
static void figure_draw(struct sheet *s, const struct chart *c, size_t i, float middle)
{
    const struct bill_doc_month *m = &c->h->months[i];
    bool now = i + 1 == c->h->month_count;
    float bar = chart_height(c, m->consumption), step = c->width / BILL_MONTHS_MAX;
    struct bill_doc_quantity q = {true, m->consumption, c->h->decimals};
    value_draw(s, now ? PDF_BOLD : PDF_SANS, middle, c->base + bar + 2.2F, step - 1,
               sheet_quantity(s, &q, NULL));
    if (m->estimated && bar > 9) {
        pdf_ink(s->pdf, now ? 0xFFFFFF : INK_TEXT);
        pdf_text(s->pdf, PDF_BOLD, 6, PDF_CENTRE, middle, c->base + 2.5F, _("E"));
    } else if (m->estimated) {
        pdf_text(s->pdf, PDF_BOLD, 6, PDF_CENTRE, middle, c->base + bar + 9, _("E"));
    }
}

/* A month with its figure; the year below January and the first. */
static void month_draw(struct sheet *s, const struct chart *c, size_t i)
{
    const struct bill_doc_month *m = &c->h->months[i];
    bool now = i + 1 == c->h->month_count;
    enum pdf_face face = now ? PDF_BOLD : PDF_SANS;
    float step = c->width / BILL_MONTHS_MAX, middle = month_x(c, i) + step / 2;
    if (!m->missing) {
        figure_draw(s, c, i, middle);
    }
    pdf_ink(s->pdf, now ? INK_TEXT : INK_SOFT);
    pdf_text_within(s->pdf, face, 6.3F, PDF_CENTRE, middle, c->base - 8, step, true,
                    month_name(m->month));
    if (i == 0 || m->month == 1) {
        char year[16];
        (void)snprintf(year, sizeof(year), "%d", (int)m->year);
        pdf_text(s->pdf, PDF_SANS, 5.8F, PDF_CENTRE, middle, c->base - 16, year);
    }
}

static void limit_draw(struct sheet *s, const struct chart *c)
{
    char label[128];
    float y = c->base + chart_height(c, c->h->limit.value);
    pdf_ink(s->pdf, INK_LIMIT);
    pdf_dashed_line(s->pdf, c->x, y, c->x + c->width, y, 0.8F);
    (void)snprintf(label, sizeof(label), _("Limit %s"), sheet_quantity(s, &c->h->limit, NULL));
    pdf_text_within(s->pdf, PDF_BOLD, 6, PDF_RIGHT, c->x + c->width,
                    c->base + c->height + VALUE_HEIGHT + 1.5F, c->width * 0.4F, true, label);
}

void bill_chart_draw(struct sheet *s, const struct bill_doc_history *h, float x, float y,
                     float width, float height)
{
    char title[512];
    struct chart c = {h,
                      x,
                      y - height + LABEL_HEIGHT,
                      width,
                      height - TITLE_HEIGHT - LABEL_HEIGHT - VALUE_HEIGHT,
                      chart_top(h)};
    if (h->unit != NULL && h->unit[0] != '\0') {
        (void)snprintf(title, sizeof(title), _("%s: consumption by month (%s)"), h->service,
                       h->unit);
    } else {
        (void)snprintf(title, sizeof(title), _("%s: consumption by month"), h->service);
    }
    pdf_ink(s->pdf, INK_TEXT);
    pdf_text_within(s->pdf, PDF_BOLD, 7.5F, PDF_LEFT, x, y - 7.5F,
                    width * (h->limit.known ? 0.7F : 1.0F), false, title);
    for (size_t i = 0; i < h->month_count; i++) {
        bar_draw(s, &c, i);
    }
    if (h->limit.known) {
        limit_draw(s, &c);
    }
    for (size_t i = 0; i < h->month_count; i++) {
        month_draw(s, &c, i);
    }
    pdf_ink(s->pdf, INK_SOFT);
    pdf_line(s->pdf, x, c.base, x + width, c.base, 0.6F);
}
