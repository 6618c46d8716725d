#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "ui/format.h"
#include "ui/meter_view.h"
#include "ui/model_jobs.h"
#include "ui/screen.h"
#include "ui/widget_chart.h"
#include "ui/widget_form.h"

/* A reading typed at the counter: what is expected stands beside the field, and what the rules
 * say of the value stands below it before it is saved. */

enum { READING_SUBJECT_JOB = 1, READING_CHECK_JOB, READING_SAVE_JOB };
enum { READING_SAVE = 1, READING_FIELD, READING_HISTORY };
enum reading_field { FIELD_VALUE, FIELD_WHEN, FIELD_NOTE };

#define READING_WIDE 110
#define READING_SIDE_COLUMNS 46
#define READING_LABELS 12

struct reading_state {
    const struct ui_model *model;
    int64_t meter;
    struct form form;
    bool has_subject;
    struct ui_reading_subject subject;
    uint32_t subject_serial;

    uint32_t check_serial;   /* of the last check asked for; 0: none */
    uint32_t checked_serial; /* of the check whose findings these are */
    uint32_t warned_serial;  /* of the check whose findings the user was told to confirm */
    struct ui_findings findings;
    char checked_value[FORMAT_MAX], checked_when[FORMAT_MAX]; /* what was asked about */
    bool save_wanted; /* Enter came before the rules had answered */
    bool saving;
};

static const struct param reading_params[] = {
    [FIELD_VALUE] = {"value", PARAM_DECIMAL, PARAM_REQUIRED, N_("Reading"), NULL, NULL},
    [FIELD_WHEN] = {"time", PARAM_TIME, PARAM_REQUIRED, N_("Date"), NULL, NULL},
    [FIELD_NOTE] = {"note", PARAM_TEXT, 0, N_("Note"), NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL},
};

static const struct key_row reading_rows[] = {
    {K_ENTER, K_NONE, READING_SAVE, 1, N_("Save and next"),
     N_("Save the reading and go on to the next meter of the list"), UI_COMMAND_READING},
    {K_F8, K_NONE, READING_HISTORY, 4, N_("Meter"),
     N_("Show the meter in full, with its readings and use by month"), NULL},
    {K_TAB, K_DOWN, READING_FIELD, 5, N_("Next field"), N_("Go to the next field"), NULL},
};

/* ---- asking ---- */

static void ask_subject(struct reading_state *s, struct effects *fx)
{
    s->subject_serial++;
    fx_job(fx, subject_job_new(s->model, READING_SUBJECT_JOB, s->subject_serial, s->meter));
}

static enum err_code reading_init(void *state, const struct ui_model *model,
                                  const struct screen_arg *arg, struct effects *fx,
                                  struct err *e)
{
    struct reading_state *s = state;
    struct civil now = civil_from_secs(model->local_now(model->ctx));
    char when[FORMAT_MAX];

    (void)e;
    s->model = model;
    s->meter = arg->id;
    form_init(&s->form, model, reading_params);
    (void)snprintf(when, sizeof(when), "%04d-%02d-%02d %02d:%02d", now.date.year,
                   now.date.month, now.date.day, now.hour, now.minute);
    form_set(&s->form, "time", when);
    ask_subject(s, fx);
    return ERR_OK;
}

static void reading_release(void *state)
{
    form_release(&((struct reading_state *)state)->form);
}

static void forget_check(struct reading_state *s)
{
    memset(&s->findings, 0, sizeof(s->findings));
    s->checked_value[0] = '\0';
    s->check_serial++; /* an answer on its way is about something else */
    s->checked_serial = s->check_serial;
    s->save_wanted = false;
}

/* Ask the rules about what stands in the fields, if it has changed and can be read. */
static void check(struct reading_state *s, bool again, struct effects *fx)
{
    char value[LINEEDIT_BYTES];
    char when[LINEEDIT_BYTES];
    struct job *job;

    form_value(&s->form, FIELD_VALUE, value);
    form_value(&s->form, FIELD_WHEN, when);
    if (value[0] == '\0' || when[0] == '\0') {
        if (s->checked_value[0] != '\0') {
            forget_check(s);
        }
        return;
    }
    if (!again && strcmp(value, s->checked_value) == 0 && strcmp(when, s->checked_when) == 0) {
        return;
    }
    format_copy(s->checked_value, sizeof(s->checked_value), value);
    format_copy(s->checked_when, sizeof(s->checked_when), when);
    s->save_wanted = false;
    s->check_serial++;
    job = check_job_new(s->model, READING_CHECK_JOB, s->check_serial, s->meter, value, when);
    if (job == NULL) { /* nobody will answer; the command itself still judges */
        forget_check(s);
    }
    fx_job(fx, job);
}

/* ---- saving ---- */

static void post(struct reading_state *s, struct effects *fx)
{
    char text[3][LINEEDIT_BYTES];
    struct ui_value values[4] = {{"serial", s->subject.meter.serial}};

    for (size_t i = 0; i < s->form.count; i++) {
        form_value(&s->form, i, text[i]);
        values[i + 1] = (struct ui_value){reading_params[i].name, text[i]};
    }
    s->saving = true;
    fx_job(fx, command_job_new(s->model, READING_SAVE_JOB, 0, false, UI_COMMAND_READING, values,
                               4));
    s->saving = fx->list[fx->count - 1].kind == FX_JOB;
}

static bool is_suspicious(const struct ui_findings *f)
{
    for (size_t i = 0; i < f->count && i < UI_FINDINGS_MAX; i++) {
        if (f->list[i].severity != UI_SEVERITY_NOTE) {
            return true;
        }
    }
    return false;
}

/* A suspicious value is saved on the second Enter, after its findings have been on screen. */
static void save(struct reading_state *s, struct effects *fx)
{
    if (s->saving || !s->has_subject || !form_check_all(&s->form)) {
        return;
    }
    if (s->checked_serial != s->check_serial) {
        s->save_wanted = true;
        return;
    }
    if (is_suspicious(&s->findings) && s->warned_serial != s->check_serial) {
        s->warned_serial = s->check_serial;
        fx_message(fx, MESSAGE_WARN, "%s",
                   _("Look at the value again. Enter saves it all the same."));
        return;
    }
    post(s, fx);
}

/* ---- answers ---- */

static void take_subject(struct reading_state *s, const struct subject_job *job,
                         struct effects *fx)
{
    char at[FORMAT_MAX];
    char value[FORMAT_MAX];
    bool changed;

    if (job->job.serial != s->subject_serial) {
        return;
    }
    if (job->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    changed =
        s->has_subject && (strcmp(job->subject.previous_at, s->subject.previous_at) != 0 ||
                           strcmp(job->subject.previous_value, s->subject.previous_value) != 0);
    s->subject = job->subject;
    s->has_subject = true;
    if (changed) {
        format_datetime(s->model->format, s->subject.previous_at, at);
        format_number(s->model->format, s->subject.previous_value, value);
        fx_message(fx, MESSAGE_WARN,
                   _("Somebody else has recorded a reading of this meter meanwhile: %s on %s."),
                   value, at);
        check(s, true, fx);
    }
}

static void take_check(struct reading_state *s, const struct check_job *job, struct effects *fx)
{
    bool wanted = s->save_wanted;

    if (job->job.serial != s->check_serial || job->job.err.code == ERR_CANCELLED) {
        return;
    }
    s->checked_serial = s->check_serial;
    s->save_wanted = false;
    if (job->job.err.code !=
        ERR_OK) { /* the command will judge; the user is told and decides */
        memset(&s->findings, 0, sizeof(s->findings));
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    s->findings = job->findings;
    if (wanted) {
        save(s, fx);
    }
}

static void take_saved(struct reading_state *s, const struct command_job *job,
                       struct effects *fx)
{
    s->saving = false;
    if (job->job.err.code != ERR_OK) {
        if (job->ticket.field[0] != '\0') {
            form_fail(&s->form, job->ticket.field, job->job.err.text);
        }
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    s->form.touched = false;
    fx_ticket(fx, s->model, &job->ticket);
    (void)fx_add(fx, FX_NEXT);
}

static void take_job(struct reading_state *s, const struct job *job, struct effects *fx)
{
    if (job->kind == READING_SUBJECT_JOB) {
        take_subject(s, (const struct subject_job *)job, fx);
    } else if (job->kind == READING_CHECK_JOB) {
        take_check(s, (const struct check_job *)job, fx);
    } else {
        take_saved(s, (const struct command_job *)job, fx);
    }
}

/* ---- events ---- */

static void reading_act(void *state, int action, struct effects *fx)
{
    struct reading_state *s = state;

    if (action == READING_SAVE) {
        save(s, fx);
    } else if (action == READING_HISTORY) {
        fx_open(fx, FX_PUSH, &screen_meter, s->meter);
    } else {
        (void)form_key(&s->form, K_TAB);
    }
}

static bool reading_update(void *state, const struct event *ev, struct effects *fx)
{
    struct reading_state *s = state;
    bool used = true;

    switch (ev->kind) {
    case EV_KEY:
        if (ev->key == K_ENTER) {
            save(s, fx);
        } else if (ev->key == K_F8) {
            reading_act(s, READING_HISTORY, fx);
        } else if (!s->saving) {
            used = form_key(&s->form, ev->key);
            check(s, false, fx);
        }
        break;
    case EV_PASTE:
        if (!s->saving) {
            form_paste(&s->form, ev->text, ev->len_bytes);
            check(s, false, fx);
        }
        break;
    case EV_JOB:
        take_job(s, ev->job, fx);
        break;
    case EV_CHANGED:
        ask_subject(s, fx);
        break;
    case EV_RESIZE:
    case EV_TICK:
    case EV_ANSWER:
    case EV_SHOWN:
    case EV_PROGRESS:
        break;
    }
    return used;
}

/* ---- drawing ---- */

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
    at += frame_text(f, row, at, end - at, ATTR_NORMAL, d->place) + 2;
    if (d->account[0] != '\0' && at < end) {
        at += frame_text(f, row, at, end - at, ATTR_LABEL, _("account")) + 1;
        (void)frame_text(f, row, at, end - at, ATTR_NORMAL, d->account);
    }
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
    static const int widths[] = {[FIELD_VALUE] = 18, [FIELD_WHEN] = 22, [FIELD_NOTE] = 42};
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

static void reading_render(const void *state, struct frame *f, struct rect area)
{
    const struct reading_state *s = state;
    bool wide = area.columns >= READING_WIDE;
    int column = area.column + 2;
    int end = area.column + area.columns - 2 - (wide ? READING_SIDE_COLUMNS : 0);
    int row = area.row + 1;

    if (s->has_subject) {
        render_meter(s, f, row, column, end);
        render_previous(s, f, row + 1, column, end);
        render_expected(s, f, row + 2, column, end);
    } else {
        (void)frame_text(f, row, column, end - column, ATTR_DIM, _("Loading…"));
    }
    row += 4;
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

static struct key_table reading_keys(const void *state)
{
    (void)state;
    return (struct key_table){reading_rows, sizeof(reading_rows) / sizeof(reading_rows[0])};
}

/* Characters go into fields, always. */
static bool reading_typing(const void *state)
{
    (void)state;
    return true;
}

static bool reading_dirty(const void *state)
{
    return ((const struct reading_state *)state)->form.touched;
}

const struct screen_ops screen_reading = {
    .name = "reading",
    .title = N_("Enter a reading"),
    .help = N_("Type what the dial shows and press Enter. What the rules say of the value "
               "stands below the fields while "
               "you type; a suspicious value is saved on the second Enter and held for the "
               "supervisor."),
    .needs = UI_COMMAND_READING,
    .state_size = sizeof(struct reading_state),
    .init = reading_init,
    .release = reading_release,
    .update = reading_update,
    .render = reading_render,
    .keys = reading_keys,
    .act = reading_act,
    .typing = reading_typing,
    .dirty = reading_dirty,
};
