#include <config.h>

#include "ui/settled.h"

#include <string.h>

#include "base/i18n.h"
#include "base/quantity.h"
#include "ui/format.h"
#include "ui/screen.h"

#define DEBTS_MAX 64u /* the page has no more rows than that */

/* Does the field name the bill of this row? */
static bool is_named(const struct settled *s, const struct sheet_part *row)
{
    const char *at = s->bills;
    size_t len = strlen(row->key);

    while (len > 0 && *at != '\0') {
        size_t word = strcspn(at, ",");
        const char *begin = at + strspn(at, " ");

        if (strncmp(begin, row->key, len) == 0 &&
            strspn(begin + len, " ") == (size_t)(at + word - begin) - len) {
            return true;
        }
        at += word + (at[word] == ',' ? 1 : 0);
    }
    return false;
}

/* What is owed in the order in which the command lays money on it: the bills that are named,
 * then the oldest. `columns`: of their table. */
static size_t debts_in_order(const struct settled *s, bool named_only,
                             const struct sheet_part *out[DEBTS_MAX], size_t *columns)
{
    size_t count = 0;

    for (int named = 1; named >= (named_only ? 1 : 0); named--) {
        for (size_t i = 0; i < s->sheet->count && count < DEBTS_MAX; i++) {
            const struct sheet_part *part = &s->sheet->parts[i];

            *columns = part->kind == SHEET_TABLE ? part->column_count : *columns;
            if (part->kind == SHEET_ROW && is_named(s, part) == (named != 0)) {
                out[count++] = part;
            }
        }
    }
    return count;
}

/* What a row takes of the rest, which gets smaller: what is unpaid stands in the table's last
 * column. False: the row has no sum. */
static bool settle(const struct sheet_part *row, size_t columns, struct decimal *rest,
                   struct decimal *part, bool *whole)
{
    const char *open = columns > 0 ? row->cells[columns - 1] : "";

    if (decimal_parse(open, strlen(open), part, NULL) != ERR_OK ||
        decimal_rescale(*rest, part->scale, rest, NULL) != ERR_OK) {
        return false;
    }
    *whole = rest->mantissa >= part->mantissa;
    if (!*whole) {
        part->mantissa = rest->mantissa;
    }
    rest->mantissa -= part->mantissa;
    return true;
}

/* What is older than the bill that is named, and not named itself. */
static bool older_left(const struct settled *s, struct decimal *sum)
{
    const struct sheet_part *named[DEBTS_MAX];
    size_t columns = 0;
    size_t count = debts_in_order(s, true, named, &columns);

    *sum = (struct decimal){0, 0};
    for (size_t i = 0; count > 0 && i < s->sheet->count; i++) {
        const struct sheet_part *row = &s->sheet->parts[i];
        struct decimal open;

        if (row == named[0]) {
            break;
        }
        if (row->kind != SHEET_ROW || is_named(s, row) ||
            decimal_parse(row->cells[columns - 1], strlen(row->cells[columns - 1]), &open,
                          NULL) != ERR_OK ||
            decimal_rescale(*sum, open.scale, sum, NULL) != ERR_OK ||
            !add_i64(sum->mantissa, open.mantissa, &sum->mantissa)) {
            continue;
        }
    }
    return sum->mantissa > 0;
}

static int settled_text(const struct settled *s, struct frame *f, int row, int column, int end,
                        struct decimal amount)
{
    char shown[FORMAT_MAX];
    struct buf b;

    buf_init(&b, FORMAT_MAX);
    decimal_print(amount, &b);
    format_number(s->model->format, buf_str(&b), shown);
    buf_release(&b);
    return frame_text(f, row, column, end - column, ATTR_NORMAL, shown);
}

static void render_older(const struct settled *s, struct frame *f, int row, int column, int end)
{
    struct decimal older;
    char shown[FORMAT_MAX];
    struct buf b;

    if (!older_left(s, &older)) {
        return;
    }
    buf_init(&b, FORMAT_MAX);
    decimal_print(older, &b);
    format_number(s->model->format, buf_str(&b), shown);
    buf_release(&b);
    column += frame_glyph(f, row, column, ATTR_WARN, GLYPH_RISE) + 1;
    (void)frame_printf(f, row, column, end - column, ATTR_WARN, _("There is older debt: %s %s"),
                       shown, sheet_get(s->sheet, "currency"));
}

/* "Settles  Bill 12 10,88 · Bill 21 9,12 (part)": what the amount would pay, as the command
 * lays it. */
static void render_rows(const struct settled *s, struct frame *f, int row, int column,
                        int labels, int end)
{
    const struct sheet_part *debts[DEBTS_MAX];
    struct decimal rest;
    int at = column + labels;
    size_t columns = 0;
    size_t count = debts_in_order(s, false, debts, &columns);
    bool first = true;

    if (s->amount[0] == '\0' ||
        decimal_parse(s->amount, strlen(s->amount), &rest, NULL) != ERR_OK ||
        rest.mantissa <= 0) {
        return;
    }
    frame_field(f, row, column, labels - 2, ALIGN_LEFT, ATTR_LABEL, _("Settles"));
    if (strcmp(s->amount, sheet_get(s->sheet, "balance")) == 0) {
        (void)frame_text(f, row, at, end - at, ATTR_DIM, _("all that is owed"));
        return;
    }
    for (size_t i = 0; i < count && rest.mantissa > 0 && at < end; i++) {
        const struct sheet_part *part = debts[i];
        struct decimal paid;
        bool whole = false;

        if (!settle(part, columns, &rest, &paid, &whole)) {
            continue;
        }
        if (!first) {
            at += 1 + frame_glyph(f, row, at + 1, ATTR_DIM, GLYPH_MIDDOT) + 1;
        }
        first = false;
        at += frame_text(f, row, at, end - at, ATTR_DIM, tr(part->cells[0])) + 1;
        at += frame_text(f, row, at, end - at, ATTR_DIM, part->cells[1]) + 1;
        at += settled_text(s, f, row, at, end, paid);
        if (!whole) {
            at += 1 + frame_text(f, row, at + 1, end - at - 1, ATTR_DIM, _("(a part)"));
        }
    }
    if (rest.mantissa > 0 && at < end) {
        at += first ? 0 : 1 + frame_glyph(f, row, at + 1, ATTR_DIM, GLYPH_MIDDOT) + 1;
        at += frame_text(f, row, at, end - at, ATTR_DIM, _("as credit")) + 1;
        (void)settled_text(s, f, row, at, end, rest);
    }
}

void settled_render(const struct settled *s, struct frame *f, struct rect area, int labels)
{
    int end = area.column + area.columns;

    render_rows(s, f, area.row, area.column, labels, end);
    render_older(s, f, area.row + 1, area.column + labels, end);
}
