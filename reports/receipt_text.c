/* A receipt as plain text of a few columns, as printers of 80 and 58 mm paper take it. */
#include <config.h>

#include <string.h>

#include "reports/receipt_paper.h"

static void spaces(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_addc(out, ' ');
    }
}

/* Bytes of text that fill one line, broken at a space where there is one; *next: where the
 * following line begins. */
static size_t line_fit(const char *text, size_t columns, size_t *used, size_t *next)
{
    size_t len = strlen(text);
    size_t n = text_fit(text, len, columns, used);
    size_t cut = n;
    if (n == 0 && len > 0) { /* wider than the paper: at least one character */
        uint32_t cp = 0;
        n = utf8_decode(text, len, &cp);
        n = n > 0 ? n : 1;
        cut = n;
    }
    if (n < len) {
        while (cut > 0 && text[cut] != ' ') {
            cut--;
        }
        cut = cut > 0 ? cut : n;
    }
    *next = cut;
    while (text[*next] == ' ') {
        (*next)++;
    }
    *used = text_width(text, cut);
    return cut;
}

static void paragraph(const char *text, size_t columns, bool centred, struct buf *out)
{
    for (size_t next = 0; text[0] != '\0'; text += next) {
        size_t used = 0;
        size_t n = line_fit(text, columns, &used, &next);
        spaces(out, centred && used < columns ? (columns - used) / 2 : 0);
        buf_add(out, text, n);
        buf_addc(out, '\n');
    }
}

/* On one line where there is room; else what is at the right goes under it. */
static void pair(const struct paper_line *l, size_t columns, struct buf *out)
{
    size_t left = text_width(l->left, strlen(l->left));
    size_t right = text_width(l->right, strlen(l->right));
    if (left + 1 + right <= columns) {
        buf_adds(out, l->left);
        spaces(out, right > 0 ? columns - left - right : 0);
        buf_adds(out, l->right);
        buf_addc(out, '\n');
        return;
    }
    paragraph(l->left, columns, false, out);
    if (right <= columns) {
        spaces(out, columns - right);
        buf_adds(out, l->right);
        buf_addc(out, '\n');
    } else {
        paragraph(l->right, columns, false, out);
    }
}

void paper_text(const struct paper *p, unsigned columns, struct buf *out)
{
    columns = columns < PAPER_COLUMNS_MIN   ? PAPER_COLUMNS_MIN
              : columns > PAPER_COLUMNS_MAX ? PAPER_COLUMNS_MAX
                                            : columns;
    for (size_t i = 0; i < p->count; i++) {
        const struct paper_line *l = &p->lines[i];
        switch (l->style) {
        case PAPER_OFFICE:
        case PAPER_TITLE:
        case PAPER_MARK:
            paragraph(l->left, columns, true, out);
            break;
        case PAPER_PAIR:
        case PAPER_TOTAL:
            pair(l, columns, out);
            break;
        case PAPER_TEXT:
            paragraph(l->left, columns, false, out);
            break;
        case PAPER_RULE:
            for (unsigned n = 0; n < columns; n++) {
                buf_addc(out, '-');
            }
            buf_addc(out, '\n');
            break;
        case PAPER_BARCODE:
        case PAPER_QR:
            break;
        }
    }
}
