/* The paper of a bill: a cursor that moves down, pages that follow, and the few forms all
 * sections share. Private to the bill's files. */
#ifndef AFORO_REPORTS_BILL_SHEET_H
#define AFORO_REPORTS_BILL_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "reports/bill_doc.h"
#include "reports/out_pdf_canvas.h"

#define SHEET_LEFT 42.0F
#define SHEET_RIGHT (PDF_A4_SHORT - 42.0F)
#define SHEET_WIDTH (SHEET_RIGHT - SHEET_LEFT)
#define SHEET_TOP (PDF_A4_LONG - 36.0F)
#define SHEET_BOTTOM 70.0F /* above the foot */
#define INK_TEXT 0x1B2530
#define INK_SOFT 0x5A6472
#define INK_RULE 0xC9D2DB
#define INK_PALE 0xF1F5F8
#define INK_ACCENT 0x0B5777

struct sheet {
    struct pdf *pdf;
    const struct bill_doc *doc;
    const struct numfmt *fmt;
    uint32_t accent;
    float y;                 /* baseline or top of what comes next, as each section says */
    struct buf text, number; /* the form last asked for, and a number on its way there */
};

/* A place in a row of a table. */
struct sheet_column {
    float x, width;
    enum pdf_anchor anchor;
};

/* Start the bill's first page, or a following one with a short head. */
enum err_code sheet_page(struct sheet *s, bool first, struct err *e) MUST_CHECK;
/* Make sure `height` is free above the foot: else go on to the next page; *turned says so (may
 * be NULL). */
enum err_code sheet_need(struct sheet *s, float height, bool *turned, struct err *e) MUST_CHECK;
/* Title of a section with its rule; moves below it. Keeps `follow` points together with it. */
enum err_code sheet_section(struct sheet *s, const char *title, float follow,
                            struct err *e) MUST_CHECK;
/* One cell's text on the baseline y; a number is never cut. */
void sheet_cell(struct sheet *s, const struct sheet_column *c, enum pdf_face face, float size,
                float y, bool number, const char *text);
/* A paragraph over `width` from x down from s->y, across pages. */
enum err_code sheet_paragraph(struct sheet *s, enum pdf_face face, float size, uint32_t ink,
                              float x, float width, const char *text, struct err *e) MUST_CHECK;
/* Height that sheet_paragraph would take. */
float sheet_paragraph_height(struct sheet *s, enum pdf_face face, float size, float width,
                             const char *text);
/* Forms for people, in s->text until the next of them. */
const char *sheet_money(struct sheet *s, int64_t minor);        /* "1,404.50" */
const char *sheet_money_symbol(struct sheet *s, int64_t minor); /* "₡ 1,404.50" */
const char *sheet_quantity(struct sheet *s, const struct bill_doc_quantity *q,
                           const char *unit); /* "12,042 m³" */
const char *sheet_price(struct sheet *s, struct decimal price);
const char *sheet_date(struct sheet *s, struct date d);

/* The sections, in order. */
enum err_code bill_head_draw(struct sheet *s, struct err *e) MUST_CHECK;
enum err_code bill_readings_draw(struct sheet *s, struct err *e) MUST_CHECK;
enum err_code bill_services_draw(struct sheet *s, struct err *e) MUST_CHECK;
/* *notes_done: the notes to the customer found room here; else the explanation ends with them.
 */
enum err_code bill_summary_draw(struct sheet *s, bool *notes_done, struct err *e) MUST_CHECK;
enum err_code bill_explanation_draw(struct sheet *s, bool notes_done, struct err *e) MUST_CHECK;
/* Reference and payment barcode; nothing when the document has no reference. */
enum err_code bill_pay_draw(struct sheet *s, struct err *e) MUST_CHECK;
/* The QR code and how to check the bill; nothing when the document has no code. */
enum err_code bill_proof_draw(struct sheet *s, struct err *e) MUST_CHECK;
/* A chart in the box with its upper left corner at x, y. */
void bill_chart_draw(struct sheet *s, const struct bill_doc_history *h, float x, float y,
                     float width, float height);
/* Foot of one page: provenance, page x of y. */
void bill_foot_draw(struct sheet *s, size_t page, size_t pages);

#endif
