#include <config.h>

#include "ui/reading_view.h"

#include <stdio.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/meter_view.h"
#include "ui/widget_chart.h"

#define READING_WIDE 110
#define READING_SIDE_COLUMNS 46
#define READING_LABELS 12

/* A label, and the column after it. */
static int label(struct frame *f, int row, int column, const char *name)
{
    frame_field(f, row, column, READING_LABELS - 1, ALIGN_LEFT, ATTR_LABEL, name);
    return column + READING_LABELS;
}

static void render_meter(const struct reading_state *s, struct frame *f, int row, int column,
                         int end)
{
    const struct ui_meter_detail *d = &s->subject.meter;
    int at = label(f, row, column, _("Meter"));

    at += frame_text(f, row, at, end - at, ATTR_HEADER, d->serial) + 2;
    at += frame_text(f, row, at, end - at, ATTR_NORMAL, state_text(meter_kinds, d->kind)) + 2;
    (void)frame_text(f, row, at, end - at, ATTR_NORMAL, d->place);
}

static void render_customer(const struct reading_state *s, struct frame *f, int row, int column,
                            int end)
{
    const struct ui_reading_subject *r = &s->subject;
    int at = label(f, row, column, _("Account"));

    at += frame_text(f, row, at, end - at, ATTR_NORMAL,
                     r->meter.account[0] != '\0' ? r->meter.account
                                                 : glyph_text(GLYPH_DASH, f->ascii)) +
          2;
    (void)frame_text(f, row, at, end - at, ATTR_NORMAL, r->customer);
}

static void render_previous(const struct reading_state *s, struct frame *f, int row, int column,
                            int end)
{
    const struct ui_reading_subject *r = &s->subject;
    int at = label(f, row, column, _("Previous"));
    char text[FORMAT_MAX];
    char dial[96];

    if (r->previous_value[0] == '\0') {
        at += frame_text(f, row, at, end - at, ATTR_DIM, _("none yet")) + 4;
    } else {
        format_date(s->model->format, r->previous_at, text);
        at += frame_text(f, row, at, end - at, ATTR_NORMAL, text) + 3;
        format_number(s->model->format, r->previous_value, text);
        at += frame_printf(f, row, at, end - at, ATTR_NORMAL, "%s %s", text, r->meter.unit) + 4;
    }
    (void)snprintf(dial, sizeof(dial), _("Dial of %u+%u digits, x%s"), r->digits, r->decimals,
                   r->multiplier[0] == '\0' ? "1" : r->multiplier);
    (void)frame_text(f, row, at, end - at, ATTR_DIM, dial);
}

static void render_expected(const struct reading_state *s, struct frame *f, int row, int column,
                            int end)
{
    const struct ui_reading_subject *r = &s->subject;
    int at = label(f, row, column, _("Expected"));
    char low[FORMAT_MAX];
    char high[FORMAT_MAX];

    if (r->expected_low[0] == '\0' || r->expected_high[0] == '\0') {
        at += frame_text(f, row, at, end - at, ATTR_DIM, _("unknown")) + 4;
    } else {
        format_number(s->model->format, r->expected_low, low);
        format_number(s->model->format, r->expected_high, high);
        at += frame_printf(f, row, at, end - at, ATTR_NORMAL, "%s – %s %s", low, high,
                           r->meter.unit) +
              4;
    }
    (void)chart_sparkline(f, row, at, end - at, r->meter.history, r->meter.history_count,
                          r->meter.history_limit);
}

/* The field, and what stands at its right: the unit, the error, or the consumption it would
 * make. */
static void render_field(const struct reading_state *s, size_t index, struct frame *f, int row,
                         int column, int end)
{
    static const int widths[] = {
        [FIELD_VALUE] = 18, [FIELD_WHEN] = 22, [FIELD_NOTE] = 42, [FIELD_FILE] = 42};
    const char *error = s->form.fields[index].error;
    int at = label(f, row, column, tr(reading_params[index].help));
    int width = widths[index] < end - at ? widths[index] : end - at;
    char use[FORMAT_MAX];

    form_field_render(&s->form, index, f, row, at, width);
    at += width + 1;
    if (error[0] != '\0') { /* the sentence stands with the findings */
        (void)frame_glyph(f, row, at, ATTR_BAD, GLYPH_RISE);
    } else if (index == FIELD_VALUE && s->has_subject) {
        at += frame_text(f, row, at, end - at, ATTR_NORMAL, s->subject.meter.unit) + 3;
        if (s->checked_serial == s->check_serial && s->findings.consumption[0] != '\0') {
            format_number(s->model->format, s->findings.consumption, use);
            (void)frame_printf(
                f, row, at, end - at, ATTR_NORMAL,
                ngettext("Use %s %s in %u day", "Use %s %s in %u days", s->findings.days), use,
                s->subject.meter.unit, s->findings.days);
        }
    }
}

static void render_findings(const struct reading_state *s, struct frame *f, struct rect r)
{
    static const struct {
        enum attr attr;
        enum glyph glyph;
    } looks[] = {
        [UI_SEVERITY_NOTE] = {ATTR_NOTE, GLYPH_CIRCLE},
        [UI_SEVERITY_WARN] = {ATTR_WARN, GLYPH_RISE},
        [UI_SEVERITY_BAD] = {ATTR_BAD, GLYPH_SQUARE},
    };
    int row = r.row;
    int end = r.row + r.rows;
    char note[FORM_ERROR_MAX * 2];

    form_file_note(&s->form, note, sizeof(note));
    if (note[0] != '\0' && row < end) {
        row +=
            frame_wrap(f, (struct rect){row, r.column, end - row, r.columns}, ATTR_DIM, note);
    }
    for (size_t i = 0; i < s->form.count && row < end; i++) {
        if (s->form.fields[i].error[0] != '\0') {
            (void)frame_glyph(f, row, r.column, ATTR_BAD, GLYPH_RISE);
            row += frame_wrap(f, (struct rect){row, r.column + 2, end - row, r.columns - 2},
                              ATTR_BAD, s->form.fields[i].error);
        }
    }
    if (s->checked_serial != s->check_serial) {
        return;
    }
    for (size_t i = 0; i < s->findings.count && i < UI_FINDINGS_MAX && row < end; i++) {
        const struct ui_finding *found = &s->findings.list[i];
        enum attr attr = looks[found->severity].attr;

        (void)frame_glyph(f, row, r.column, attr, looks[found->severity].glyph);
        row += frame_wrap(f, (struct rect){row, r.column + 2, end - row, r.columns - 2}, attr,
                          found->title);
        if (row < end) {
            row += frame_wrap(f, (struct rect){row, r.column + 2, end - row, r.columns - 2},
                              ATTR_DIM, found->source);
        }
    }
    if (row < end) {
        (void)frame_wrap(f, (struct rect){row, r.column + 2, end - row, r.columns - 2},
                         ATTR_NORMAL, s->findings.advice);
    }
}

void reading_render(const void *state, struct frame *f, struct rect area)
{
    const struct reading_state *s = state;
    bool wide = area.columns >= READING_WIDE;
    int column = area.column + 2;
    int end = area.column + area.columns - 2 - (wide ? READING_SIDE_COLUMNS : 0);
    int row = area.row + 1;

    if (s->has_subject) {
        render_meter(s, f, row, column, end);
        render_customer(s, f, row + 1, column, end);
        render_previous(s, f, row + 2, column, end);
        render_expected(s, f, row + 3, column, end);
    } else {
        (void)frame_text(f, row, column, end - column, ATTR_DIM, _("Loading…"));
    }
    row += 5;
    for (size_t i = 0; i < s->form.count; i++) {
        render_field(s, i, f, row++, column, end);
    }
    if (s->saving) {
        (void)frame_text(f, row + 1, column, end - column, ATTR_NOTE, _("Saving…"));
    } else {
        render_findings(
            s, f, (struct rect){row + 1, column, area.row + area.rows - row - 1, end - column});
    }
    if (wide && s->has_subject) {
        struct rect box = {area.row, end + 1, area.rows, READING_SIDE_COLUMNS};

        frame_box(f, box, ATTR_BOX);
        meter_pane_render(
            s->model, &s->subject.meter, f,
            (struct rect){box.row + 1, box.column + 1, box.rows - 2, box.columns - 2});
    }
}
