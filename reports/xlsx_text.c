#include <config.h>

#include "reports/xlsx_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"

#define FOOTER_TITLE_UNITS 80

/* Excel reads "_x0041_" in a text as "A": its own escape keeps such a text as it is. Source:
 * ISO 29500-1 22.9.2.19. */
static void add_escaped(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '_' && len - i >= 7 && s[i + 1] == 'x' && s[i + 6] == '_' &&
            strspn(s + i + 2, "0123456789abcdefABCDEF") >= 4) {
            buf_adds(out, "_x005F");
        }
        buf_addc(out, s[i]);
    }
}

size_t xlsx_units_fit(const char *s, size_t len, size_t units)
{
    size_t at = 0, used = 0;
    while (at < len) {
        uint32_t cp = 0;
        size_t n = utf8_decode(s + at, len - at, &cp);
        used += cp > 0xFFFF ? 2 : 1;
        if (n == 0 || used > units) {
            break;
        }
        at += n;
    }
    return at;
}

void xlsx_cell_text(const char *s, size_t len, struct buf *scratch, struct buf *out,
                    struct report_outcome *outcome)
{
    buf_clear(out);
    buf_clear(scratch);
    report_text_clean(s, len, true, scratch, &outcome->repaired);
    if (memmem(buf_str(scratch), scratch->len, "_x", 2) == NULL) {
        buf_add(out, buf_str(scratch), scratch->len);
    } else {
        add_escaped(out, buf_str(scratch), scratch->len);
    }
    if (out->len <= XLSX_CELL_UNITS_MAX) {
        return;
    }
    size_t fit = xlsx_units_fit(out->data, out->len, XLSX_CELL_UNITS_MAX);
    if (fit < out->len) {
        out->len = xlsx_units_fit(out->data, fit, XLSX_CELL_UNITS_MAX - 1);
        buf_adds(out, "\xE2\x80\xA6");
        outcome->cut++;
    }
}

void xlsx_sheet_name(const char *title, size_t number, struct buf *scratch,
                     char out[XLSX_NAME_SIZE])
{
    char suffix[24] = "";
    size_t at = 0;
    buf_clear(scratch);
    text_sanitize(title, strlen(title), scratch);
    if (number > 1) {
        (void)snprintf(suffix, sizeof(suffix), " %zu", number);
    }
    size_t fit =
        xlsx_units_fit(buf_str(scratch), scratch->len, XLSX_NAME_UNITS_MAX - strlen(suffix));
    for (size_t i = 0; i < fit && at + 1 < XLSX_NAME_SIZE - strlen(suffix); i++) {
        char c = scratch->data[i];
        out[at++] = strchr("[]:*?/\\'", c) != NULL ? ' ' : c;
    }
    while (at > 0 && out[at - 1] == ' ') {
        at--;
    }
    out[at] = '\0';
    if (at == 0 || strcasecmp(out, "history") == 0) { /* Excel keeps that name for itself */
        at = (size_t)snprintf(out, XLSX_NAME_SIZE, "%s", _("Report"));
    }
    (void)snprintf(out + at, XLSX_NAME_SIZE - at, "%s", suffix);
}

void xlsx_footer(const char *title, struct buf *scratch, struct buf *out)
{
    buf_clear(scratch);
    text_sanitize(title, strlen(title), scratch);
    size_t fit = xlsx_units_fit(buf_str(scratch), scratch->len, FOOTER_TITLE_UNITS);
    buf_clear(out);
    buf_adds(out, "&L");
    for (size_t i = 0; i < fit; i++) {
        if (scratch->data[i] == '&') { /* its escape character */
            buf_addc(out, '&');
        }
        buf_addc(out, scratch->data[i]);
    }
    buf_addf(out, "&R%s", _("Page &P of &N"));
}

/* "#,##0.00": Excel shows the reader's own separators. */
static void number_form(unsigned decimals, const char *tail, struct buf *out)
{
    buf_adds(out, "#,##0");
    for (unsigned i = 0; i < decimals; i++) {
        buf_adds(out, i == 0 ? ".0" : "0");
    }
    buf_adds(out, tail);
}

/* The locale's "%d/%m/%Y" in Excel's letters: "dd/mm/yyyy". */
static void date_form(const struct numfmt *fmt, const char *tail, struct buf *out)
{
    for (const char *p = fmt->date_long; *p != '\0'; p++) {
        if (*p == '%' && p[1] != '\0') {
            p++;
            buf_adds(out, *p == 'd' ? "dd" : *p == 'm' ? "mm" : "yyyy");
        } else {
            buf_addc(out, *p);
        }
    }
    buf_adds(out, tail);
}

void xlsx_column_form(const struct report_column *c, const struct numfmt *fmt, struct buf *out)
{
    switch (c->type) {
    case REPORT_TEXT:
        return;
    case REPORT_ID:
        buf_addc(out, '@');
        return;
    case REPORT_INTEGER:
    case REPORT_QUANTITY:
    case REPORT_MONEY:
        number_form(c->decimals, "", out);
        return;
    case REPORT_PERCENT:
        number_form(c->decimals, "%", out);
        return;
    case REPORT_DATE:
        date_form(fmt, "", out);
        return;
    case REPORT_DATETIME:
        date_form(fmt, " hh:mm", out);
        return;
    }
}
