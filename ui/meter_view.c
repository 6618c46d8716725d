#include <config.h>

#include "ui/meter_view.h"

#include <stdio.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/screen.h"
#include "ui/widget_chart.h"

const struct state_word meter_states[] = {
    {"ok", GLYPH_DOT, ATTR_OK, N_("OK")},
    {"high", GLYPH_RISE, ATTR_WARN, N_("High")},
    {"low", GLYPH_FALL, ATTR_WARN, N_("Low")},
    {"zero", GLYPH_CIRCLE, ATTR_WARN, N_("No use")},
    {"held", GLYPH_DIAMOND, ATTR_BAD, N_("Held")},
    {"out", GLYPH_SQUARE, ATTR_DIM, N_("Out")},
    {"none", GLYPH_CIRCLE, ATTR_DIM, N_("New")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

const struct state_word meter_pendings[] = {
    {"read", GLYPH_NONE, ATTR_NORMAL, N_("read")},
    {"review", GLYPH_NONE, ATTR_WARN, N_("review")},
    {"none", GLYPH_NONE, ATTR_DIM, "—"},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

const struct state_word meter_kinds[] = {
    {"water", GLYPH_NONE, ATTR_NORMAL, N_("water")},
    {"energy", GLYPH_NONE, ATTR_NORMAL, N_("energy")},
    {"gas", GLYPH_NONE, ATTR_NORMAL, N_("gas")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

void meter_title(const struct ui_meter_detail *d, bool ascii, char *out, size_t size)
{
    const char *dash = glyph_text(GLYPH_H, ascii);
    char text[192];

    (void)snprintf(text, sizeof(text), "%s %s %s%s%s%s%s", d->serial, dash,
                   state_text(meter_kinds, d->kind), d->route[0] != '\0' ? " " : "",
                   d->route[0] != '\0' ? dash : "", d->route[0] != '\0' ? " " : "", d->route);
    format_copy(out, size, text);
}

/* A figure with its name, unless it is unknown; returns the columns used with the gap before
 * it. */
static int figure(const struct ui_model *m, struct frame *f, int row, int column, int room,
                  const char *name, const char *machine)
{
    char shown[FORMAT_MAX];
    int used;

    if (machine[0] == '\0' || room < 4) {
        return 0;
    }
    format_number(m->format, machine, shown);
    used = 2 + frame_text(f, row, column + 2, room - 2, ATTR_LABEL, name) + 1;
    return used + frame_text(f, row, column + used, room - used, ATTR_NORMAL, shown);
}

static int expected(const struct ui_model *m, const struct ui_meter_detail *d, struct frame *f,
                    int row, int column, int room)
{
    char low[FORMAT_MAX];
    char high[FORMAT_MAX];
    int used;

    if (d->expected_low[0] == '\0' || d->expected_high[0] == '\0' || room < 4) {
        return 0;
    }
    format_number(m->format, d->expected_low, low);
    format_number(m->format, d->expected_high, high);
    used = 2 + frame_text(f, row, column + 2, room - 2, ATTR_LABEL, _("expected")) + 1;
    return used +
           frame_printf(f, row, column + used, room - used, ATTR_NORMAL, "%s–%s", low, high);
}

void meter_lines_render(const struct ui_model *m, const struct ui_meter_detail *d,
                        struct frame *f, struct rect r)
{
    int end = r.column + r.columns;
    int at = r.column;

    at += frame_printf(f, r.row, at, r.columns, ATTR_LABEL, _("Use %s"), d->unit) + 2;
    if (d->history_count == 0) {
        at += frame_text(f, r.row, at, end - at, ATTR_DIM, _("no periods yet"));
    }
    at += chart_sparkline(f, r.row, at, r.columns / 3, d->history, d->history_count,
                          d->history_limit);
    at += 1 + frame_glyph(f, r.row, at + 1, ATTR_BOX, GLYPH_SPLIT) - 1;
    at += figure(m, f, r.row, at, end - at, _("mean"), d->mean);
    at += expected(m, d, f, r.row, at, end - at);
    (void)figure(m, f, r.row, at, end - at, _("limit"), d->limit);
    if (r.rows > 1) {
        at = r.column + frame_text(f, r.row + 1, r.column, r.columns, ATTR_NORMAL, d->place);
        if (d->account[0] != '\0') {
            at += 2 + frame_text(f, r.row + 1, at + 2, end - at - 2, ATTR_LABEL, _("account")) +
                  1;
            (void)frame_text(f, r.row + 1, at, end - at, ATTR_NORMAL, d->account);
        }
    }
}

/* A name and a text in the pane; nothing for an empty text. Returns the next row. */
static int pane_line(struct frame *f, int row, struct rect r, const char *name,
                     const char *text)
{
    int at = r.column;

    if (text[0] == '\0' || row >= r.row + r.rows) {
        return row;
    }
    frame_field(f, row, at, 11, ALIGN_LEFT, ATTR_LABEL, name);
    (void)frame_text(f, row, at + 12, r.columns - 12, ATTR_NORMAL, text);
    return row + 1;
}

static int pane_number(const struct ui_model *m, struct frame *f, int row, struct rect r,
                       const char *name, const char *machine, const char *unit)
{
    char shown[FORMAT_MAX];
    char text[FORMAT_MAX + 24];

    if (machine[0] == '\0') {
        return row;
    }
    format_number(m->format, machine, shown);
    (void)snprintf(text, sizeof(text), "%s %s", shown, unit);
    return pane_line(f, row, r, name, text);
}

static int pane_expected(const struct ui_model *m, const struct ui_meter_detail *d,
                         struct frame *f, int row, struct rect r)
{
    char low[FORMAT_MAX];
    char high[FORMAT_MAX];
    char text[2 * FORMAT_MAX + 24];

    if (d->expected_low[0] == '\0' || d->expected_high[0] == '\0') {
        return row;
    }
    format_number(m->format, d->expected_low, low);
    format_number(m->format, d->expected_high, high);
    (void)snprintf(text, sizeof(text), "%s–%s %s", low, high, d->unit);
    return pane_line(f, row, r, _("Expected"), text);
}

void meter_pane_render(const struct ui_model *m, const struct ui_meter_detail *d,
                       struct frame *f, struct rect r)
{
    struct rect in = {r.row, r.column + 1, r.rows, r.columns - 2};
    char title[160];
    int row = in.row;
    int chart_rows;

    meter_title(d, f->ascii, title, sizeof(title));
    (void)frame_text(f, row++, in.column, in.columns, ATTR_HEADER, title);
    row = pane_line(f, row + 1, in, _("Place"), d->place);
    row = pane_line(f, row, in, _("Account"), d->account);
    row = pane_number(m, f, row, in, _("Mean"), d->mean, d->unit);
    row = pane_expected(m, d, f, row, in);
    row = pane_number(m, f, row, in, _("Limit"), d->limit, d->unit);
    chart_rows = in.row + in.rows - row - 2;
    if (chart_rows > 12) {
        chart_rows = 12;
    }
    if (chart_rows < 2) {
        return;
    }
    (void)frame_printf(f, row + 1, in.column, in.columns, ATTR_LABEL,
                       _("Use %s in the last %zu periods"), d->unit, d->history_count);
    chart_bars(f, (struct rect){row + 2, in.column, chart_rows, in.columns}, d->history,
               d->history_count, d->history_limit);
}
