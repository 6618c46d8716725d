#include <config.h>

#include "reports/out_xlsx_row.h"

#include <stdio.h>
#include <string.h>

#include "base/quantity.h"

#define DAY_SECONDS 86400
#define DAY_DECIMALS 11 /* of a day: 0.9 microseconds */

void xlsx_row_begin(struct xlsx_row *r, lxw_row_t row)
{
    char digits[16];
    size_t at = sizeof(digits);
    uint32_t n = row + 1;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    r->number_len = sizeof(digits) - at;
    memcpy(r->number, digits + at, r->number_len);
    buf_clear(&r->xml);
    buf_adds(&r->xml, "<row r=\"");
    buf_add(&r->xml, r->number, r->number_len);
    buf_adds(&r->xml, "\">");
}

/* <c r="AB12" s="3" */
static void cell_begin(struct xlsx_row *r, size_t column, int32_t style)
{
    char name[4];
    size_t len = 0;
    if (column >= 26) {
        name[len++] = (char)('A' + column / 26 - 1);
    }
    name[len++] = (char)('A' + column % 26);
    buf_add(&r->xml, "<c r=\"", 6);
    buf_add(&r->xml, name, len);
    buf_add(&r->xml, r->number, r->number_len);
    buf_add(&r->xml, "\" s=\"", 5);
    buf_add_int(&r->xml, style);
    buf_addc(&r->xml, '"');
}

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Source: XML 1.0, 2.4. */
static void add_escaped(struct buf *out, const char *s, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        const char *as = s[i] == '&'   ? "&amp;"
                         : s[i] == '<' ? "&lt;"
                         : s[i] == '>' ? "&gt;"
                                       : NULL;
        if (as != NULL) {
            buf_add(out, s + from, i - from);
            buf_adds(out, as);
            from = i + 1;
        }
    }
    buf_add(out, s + from, len - from);
}

void xlsx_row_text(struct xlsx_row *r, size_t column, int32_t style, const char *text,
                   size_t len)
{
    cell_begin(r, column, style);
    if (len == 0) {
        buf_adds(&r->xml, "/>");
        return;
    }
    buf_adds(&r->xml, blank(text[0]) || blank(text[len - 1])
                          ? " t=\"inlineStr\"><is><t xml:space=\"preserve\">"
                          : " t=\"inlineStr\"><is><t>");
    add_escaped(&r->xml, text, len);
    buf_adds(&r->xml, "</t></is></c>");
}

void xlsx_row_number(struct xlsx_row *r, size_t column, int32_t style, int64_t mantissa,
                     unsigned decimals)
{
    char digits[40];
    size_t at = sizeof(digits);
    uint64_t n = mantissa < 0 ? 0 - (uint64_t)mantissa : (uint64_t)mantissa;
    while (decimals > 0 && n % 10 == 0) {
        n /= 10;
        decimals--;
    }
    for (unsigned i = 0; i < decimals; i++) {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    }
    if (decimals > 0) {
        digits[--at] = '.';
    }
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    if (mantissa < 0) {
        digits[--at] = '-';
    }
    cell_begin(r, column, style);
    buf_adds(&r->xml, "><v>");
    buf_add(&r->xml, digits + at, sizeof(digits) - at);
    buf_adds(&r->xml, "</v></c>");
}

void xlsx_row_instant(struct xlsx_row *r, size_t column, int32_t style, int64_t seconds)
{
    int64_t scale = pow10_i64(DAY_DECIMALS), days = seconds / DAY_SECONDS;
    int64_t part = (seconds % DAY_SECONDS * scale + DAY_SECONDS / 2) / DAY_SECONDS;
    xlsx_row_number(r, column, style, days * scale + part, DAY_DECIMALS);
}

bool xlsx_row_end(struct xlsx_row *r, lxw_worksheet *ws, lxw_row_t row, size_t columns)
{
    buf_adds(&r->xml, "</row>");
    if (r->xml.failed) {
        return false;
    }
    (void)fwrite(r->xml.data, 1, r->xml.len, ws->optimize_tmpfile);
    ws->dim_rowmax = row > ws->dim_rowmax ? row : ws->dim_rowmax;
    ws->dim_colmax = columns - 1 > ws->dim_colmax ? (lxw_col_t)(columns - 1) : ws->dim_colmax;
    return true;
}
