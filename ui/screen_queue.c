#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/list.h"
#include "ui/model_jobs.h"
#include "ui/sheet_view.h"
#include "ui/widget_chart.h"

/* The supervisor's queue: what waits for a decision, gravest and dearest first, its reasons
 * below it, and a key for each decision. What is decided leaves the list, and the next one is
 * under the cursor. */

enum { QUEUE_ACT_JOB = 100 };
enum { QUEUE_DECIDE = 7701 }; /* apart from the actions of lists */

#define PANE_ROWS 7
/* Marked readings that one act decides, and room for their numbers. */
#define DECIDED_MAX 4000u
#define IDS_BYTES 60000u
#define CHART_ROWS 8

struct queue_state {
    struct list_state list; /* first: the functions of lists work on it */
    bool busy;
    bool agreed; /* the question about many was answered */
    const char *action;
    char reason[160];
};

/* Cases that one rule tells apart (domain/rules.h). */
static const struct state_word classes[] = {
    {"plain", GLYPH_NONE, ATTR_NORMAL, N_("the only one of its rule")},
    {"backflow", GLYPH_NONE, ATTR_NORMAL, N_("a small fall: water ran back, or two clocks")},
    {"reset", GLYPH_NONE, ATTR_NORMAL, N_("as after an exchange of the meter")},
    {"dip", GLYPH_NONE, ATTR_NORMAL, N_("back at the next reading: a garbled value")},
    {"below", GLYPH_NONE, ATTR_NORMAL, N_("still below the last accepted value")},
    {"unexplained", GLYPH_NONE, ATTR_NORMAL, N_("unexplained")},
    {"above_next", GLYPH_NONE, ATTR_NORMAL, N_("against the next accepted reading")},
    {"same_value", GLYPH_NONE, ATTR_NORMAL, N_("the same value")},
    {"other_value", GLYPH_NONE, ATTR_NORMAL, N_("another value")},
    {"not_yet", GLYPH_NONE, ATTR_NORMAL, N_("before the installation")},
    {"no_longer", GLYPH_NONE, ATTR_NORMAL, N_("after the removal")},
    {"deviation", GLYPH_NONE, ATTR_NORMAL, N_("by standard deviations")},
    {"band", GLYPH_NONE, ATTR_NORMAL, N_("by percent of the mean")},
    {NULL, GLYPH_NONE, ATTR_NORMAL, NULL},
};

static const struct column columns[UI_QUEUE_CELLS] = {
    [UI_QUEUE_RANK] = {"rank", N_("No."), COLUMN_NUMBER, 4, 6, 1, true, NULL},
    [UI_QUEUE_SERIAL] = {"serial", N_("Meter"), COLUMN_TEXT, 8, 16, 1, false, NULL},
    [UI_QUEUE_WHY] = {"why", N_("Rule"), COLUMN_TEXT, 14, 32, 1, true, NULL},
    [UI_QUEUE_VALUE] = {"value", N_("Reading"), COLUMN_NUMBER, 9, 12, 3, false, NULL},
    [UI_QUEUE_USE] = {"use", N_("Use"), COLUMN_NUMBER, 8, 11, 1, true, NULL},
    [UI_QUEUE_EXPECTED] = {"expected", N_("Expected"), COLUMN_NUMBER, 8, 11, 2, false, NULL},
    [UI_QUEUE_MONEY] = {"money", N_("At stake"), COLUMN_NUMBER, 9, 12, 1, true, NULL},
    [UI_QUEUE_AGE] = {"age", N_("Days"), COLUMN_NUMBER, 5, 6, 4, true, NULL},
    [UI_QUEUE_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 8, 12, 5, false, NULL},
    [UI_QUEUE_NUMBER] = {"number", N_("Number"), COLUMN_NUMBER, 7, 9, 0, false, NULL},
    [UI_QUEUE_RULE] = {"rule", N_("Code"), COLUMN_TEXT, 8, 12, 0, false, NULL},
    [UI_QUEUE_CLASS] = {"class", N_("Class"), COLUMN_STATE, 8, 12, 0, false, classes},
    [UI_QUEUE_TIME] = {"time", N_("Read at"), COLUMN_DATE, 14, 14, 0, false, NULL},
    [UI_QUEUE_BEST] = {"best", N_("Perhaps"), COLUMN_NUMBER, 9, 12, 0, false, NULL},
};

/* ---- deciding ---- */

static const char *cell(const struct queue_state *s, enum ui_queue_cell which)
{
    const struct row *row = list_row(&s->list);

    return row != NULL && row->cells[which] != NULL ? row->cells[which] : "";
}

/* Numbers of the marked readings as the command takes them; how many there are. */
static size_t marked_readings(const struct queue_state *s, struct buf *out)
{
    const struct idarray *marked = &s->list.table.marked;
    size_t count = 0;

    for (size_t i = 0; i < marked->count && count < DECIDED_MAX; i++) {
        if (marked->ids[i] % 2 == 0) {
            buf_addf(out, "%s%" PRId64, count > 0 ? "," : "", marked->ids[i] / 2);
            count++;
        }
    }
    return count;
}

/* What is decided on: the marked readings, else the selected row. */
static bool is_reading(const struct queue_state *s)
{
    for (size_t i = 0; i < s->list.table.marked.count; i++) {
        if (s->list.table.marked.ids[i] % 2 == 0) {
            return true;
        }
    }
    return table_selected(&s->list.table) % 2 == 0;
}

static bool is_ready(struct queue_state *s, struct effects *fx)
{
    if (s->busy) {
        fx_message(fx, MESSAGE_WARN, "%s",
                   _("The decision before this one is being recorded."));
        return false;
    }
    return list_row(&s->list) != NULL;
}

static void post(struct queue_state *s, const char *command, const struct ui_value *values,
                 size_t count, struct effects *fx)
{
    s->busy = true;
    fx_job(fx, command_job_new(s->list.model, QUEUE_ACT_JOB, 0, false, command, values, count));
    s->busy = fx->list[fx->count - 1].kind == FX_JOB;
}

/* One reading is decided at once; many are asked about first. */
static void decide(struct queue_state *s, const char *action, const char *reason,
                   struct effects *fx)
{
    struct buf ids;
    char text[EFFECT_TEXT_MAX];
    size_t count;

    buf_init(&ids, IDS_BYTES);
    count = marked_readings(s, &ids);
    if (count == 0) {
        buf_adds(&ids, cell(s, UI_QUEUE_NUMBER));
    }
    if (count > 1 && !s->agreed) {
        s->action = action;
        format_copy(s->reason, sizeof(s->reason), reason);
        (void)snprintf(text, sizeof(text),
                       ngettext("%zu marked reading will be decided: %s. It stands in the "
                                "history with the reason: %s",
                                "%zu marked readings will be decided: %s. It stands in the "
                                "history with the reason: %s",
                                (unsigned long)count),
                       count, tr(action), reason);
        fx_confirm(fx, N_("Decide all that are marked?"), text, QUEUE_DECIDE);
    } else {
        const struct ui_value values[] = {
            {"ids", buf_str(&ids)}, {"action", action}, {"reason", reason}};

        post(s, "reading decide", values, 3, fx);
    }
    s->agreed = false;
    buf_release(&ids);
}

static void do_accept(struct list_state *list, struct effects *fx)
{
    struct queue_state *s = (struct queue_state *)list;

    if (!is_ready(s, fx)) {
        return;
    }
    if (is_reading(s)) {
        decide(s, "accept", _("looked at in the queue: plausible"), fx);
    } else {
        const struct ui_value values[] = {{"alert", cell(s, UI_QUEUE_NUMBER)},
                                          {"reason", _("looked at in the queue: plausible")}};

        post(s, "alert resolve", values, 2, fx);
    }
}

static void do_reject(struct list_state *list, struct effects *fx)
{
    struct queue_state *s = (struct queue_state *)list;

    if (!is_ready(s, fx)) {
        return;
    }
    if (!is_reading(s)) {
        fx_message(fx, MESSAGE_WARN, "%s",
                   _("This is an alert: there is no reading to reject. \"a\" resolves it."));
        return;
    }
    decide(s, "reject", _("looked at in the queue: not plausible"), fx);
}

static void do_estimate(struct list_state *list, struct effects *fx)
{
    struct queue_state *s = (struct queue_state *)list;

    if (!is_ready(s, fx)) {
        return;
    }
    if (!is_reading(s)) {
        fx_message(fx, MESSAGE_WARN, "%s",
                   _("This is an alert: there is no reading to estimate. \"a\" resolves it."));
        return;
    }
    decide(s, "estimate", _("looked at in the queue: not plausible, to be estimated"), fx);
}

static void do_reread(struct list_state *list, struct effects *fx)
{
    struct queue_state *s = (struct queue_state *)list;
    const char *reason = _("to be read again: the reading in the queue is doubted");
    const struct ui_value values[] = {
        {"kind", "re-read"}, {"serial", cell(s, UI_QUEUE_SERIAL)}, {"reason", reason}};

    if (!is_ready(s, fx)) {
        return;
    }
    if (is_reading(s)) {
        decide(s, "re-read", reason, fx);
    } else {
        post(s, "work open", values, 3, fx);
    }
}

/* One begins in the value, where the likeliest stands already if a slip explains the reading.
 */
static void do_correct(struct list_state *list, struct effects *fx)
{
    struct queue_state *s = (struct queue_state *)list;
    const char *best = "";
    struct effect *f;

    if (!is_ready(s, fx)) {
        return;
    }
    if (!is_reading(s)) {
        fx_message(fx, MESSAGE_WARN, "%s",
                   _("This is an alert: there is no reading to correct. \"a\" resolves it."));
        return;
    }
    for (size_t i = 0; list_has_detail(list) && i < list->detail.count; i++) {
        if (strcmp(list->detail.lines[i].label, _("Perhaps")) == 0) {
            best = list->detail.lines[i].value;
        }
    }
    f = fx_command(fx, "reading decide", NULL, NULL);
    fx_preset(f, "ids", cell(s, UI_QUEUE_NUMBER));
    fx_preset(f, "action", "correct");
    fx_preset(f, "reason", _("the dial was misread"));
    fx_preset(f, "value", best);
    f->focus = "value";
}

/* All that the same rule holds for the same reason, in one act; its form says how many they are
 * and what it does to bills, and asks, before it records. */
static void do_group(struct list_state *list, struct effects *fx)
{
    struct queue_state *s = (struct queue_state *)list;
    struct effect *f;

    if (!is_ready(s, fx)) {
        return;
    }
    if (!is_reading(s)) {
        fx_message(fx, MESSAGE_WARN, "%s",
                   _("Alerts are resolved one by one; readings are decided in groups."));
    } else {
        f = fx_command(fx, "reading decide", NULL, NULL);
        fx_preset(f, "rule", cell(s, UI_QUEUE_RULE));
        fx_preset(f, "class", cell(s, UI_QUEUE_CLASS));
        fx_preset(f, "action", "accept");
        f->focus = "reason";
    }
}

static const struct list_key keys[] = {
    LIST_CALLS('a', K_NONE, 1, N_("Accept"), N_("Accept the reading, or resolve the alert"),
               "reading decide", do_accept),
    LIST_CALLS(
        'c', K_NONE, 1, N_("Correct"),
        N_("Correct the reading; where a slip at the dial explains it, the value is filled in"),
        "reading decide", do_correct),
    LIST_CALLS('x', K_NONE, 1, N_("Reject"), N_("Reject the reading"), "reading decide",
               do_reject),
    LIST_CALLS('o', K_NONE, 2, N_("Re-read"), N_("Send somebody to read the meter again"),
               "reading decide", do_reread),
    LIST_CALLS('e', K_NONE, 2, N_("Estimate"), N_("Put an estimate in place of the reading"),
               "reading decide", do_estimate),
    LIST_CALLS('t', K_NONE, 3, N_("Group"),
               N_("Decide all that are held by the same rule and class"), "reading decide",
               do_group),
};

static void take_decided(struct queue_state *s, const struct command_job *job,
                         struct effects *fx)
{
    s->busy = false;
    if (job->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    table_mark_none(&s->list.table);
    fx_ticket(fx, s->list.model, &job->ticket);
}

static bool queue_update(void *state, const struct event *ev, struct effects *fx)
{
    struct queue_state *s = state;

    if (ev->kind == EV_JOB && ev->job->kind == QUEUE_ACT_JOB) {
        take_decided(s, (const struct command_job *)ev->job, fx);
        return true;
    }
    if (ev->kind == EV_ANSWER && ev->action == QUEUE_DECIDE && s->action != NULL) {
        s->agreed = true;
        decide(s, s->action, s->reason, fx);
        s->action = NULL;
        return true;
    }
    return list_update(state, ev, fx);
}

/* ---- drawing ---- */

/* The last bar is the reading that waits. */
static int render_use(const struct list_state *s, struct frame *f, struct rect r, bool upright)
{
    const struct list_detail *d = &s->detail;

    if (d->series_count == 0) {
        return 0;
    }
    if (upright) {
        (void)frame_printf(f, r.row, r.column, r.columns, ATTR_LABEL,
                           _("Use in the last %zu periods, then this one"),
                           d->series_count - 1);
        chart_bars(f, (struct rect){r.row + 1, r.column, CHART_ROWS, r.columns}, d->series,
                   d->series_count, d->series_limit);
        return CHART_ROWS + 2;
    }
    (void)chart_sparkline(f, r.row, r.column, 16, d->series, d->series_count, d->series_limit);
    return 0;
}

static void render_lines(const struct list_state *s, struct frame *f, struct rect *r,
                         int indent)
{
    int at = r->column + indent;
    int end = r->column + r->columns;

    for (size_t i = 0; i < s->detail.count; i++) {
        const struct list_line *line = &s->detail.lines[i];
        char shown[FORMAT_MAX];
        int need;

        if (line->type == LIST_NUMBER) {
            format_number(s->model->format, line->value, shown);
        } else if (line->type == LIST_TIME) {
            format_datetime(s->model->format, line->value, shown);
        } else {
            format_copy(shown, sizeof(shown), line->value);
        }
        if (shown[0] == '\0') {
            continue;
        }
        need = frame_width(f, line->label) + 1 + frame_width(f, shown);
        if (at > r->column && at + need > end) {
            r->row++;
            at = r->column;
        }
        at += frame_text(f, r->row, at, end - at, ATTR_LABEL, line->label) + 1;
        at += frame_text(f, r->row, at, end - at, ATTR_NORMAL, shown) + 2;
    }
    r->row++;
}

static void queue_pane(const struct list_state *s, struct frame *f, struct rect area)
{
    bool upright = s->columns >= LIST_WIDE;
    int end = area.row + area.rows;
    struct rect r = area;

    if (!list_has_detail(s)) {
        return;
    }
    r.row += render_use(s, f, r, upright);
    render_lines(s, f, &r, upright || s->detail.series_count == 0 ? 0 : 18);
    if (s->detail.note != NULL && r.row < end) {
        (void)sheet_paragraphs(f, (struct rect){r.row, r.column, end - r.row, r.columns},
                               ATTR_WARN, s->detail.note);
    }
}

static const struct list_def queue = {
    .name = "queue",
    .page = &screen_held,
    .columns = columns,
    .column_count = UI_QUEUE_CELLS,
    .sort_column = UI_QUEUE_RANK,
    .empty = N_("Nothing waits for a decision."),
    KEYS_OF(keys),
    .detail_rows = PANE_ROWS,
    .render = queue_pane,
};

const struct screen_ops screen_queue = {
    .name = "queue",
    .title = N_("Waiting for a decision"),
    .help =
        N_("Held readings and open alerts, the gravest and dearest first, with the rule, its "
           "limits and source. One key decides; what is decided leaves the list and the next "
           "one is selected. Filter by rule or meter, and decide a whole group with t."),
    .needs = "reading decide",
    .list = &queue,
    .state_size = sizeof(struct queue_state),
    .init = list_init,
    .release = list_release,
    .update = queue_update,
    .render = list_render,
    .keys = list_keys,
    .act = list_do,
    .typing = list_typing,
    .advance = list_advance,
};
