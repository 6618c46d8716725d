#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/list.h"
#include "ui/many.h"
#include "ui/meter_ahead.h"
#include "ui/meter_view.h"
#include "ui/model_jobs.h"
#include "ui/screen.h"
#include "ui/widget_table.h"

/* Document 07, view 1: the meters with their last reading, state, and what is to be done. */

enum {
    METERS_ROWS_JOB = 1,
    METERS_WINDOW_JOB,
    METERS_DETAIL_JOB,
    METERS_VALUES_JOB,
    METERS_AHEAD_JOB
};

enum meters_action {
    METERS_READ = TABLE_ACTIONS,
    METERS_DETAIL,
    METERS_LIMIT,
    METERS_FIND,
    METERS_PAGE,
    METERS_TODAY,
    METERS_REFRESH
};

/* From this width on the detail stands at the right of the list instead of below it. */
#define METERS_WIDE LIST_WIDE
#define METERS_BELOW_ROWS 2

struct meters_state {
    const struct ui_model *model;
    struct table table;
    bool show_detail;
    uint32_t values_serial;
    uint32_t detail_serial;
    int64_t detail_asked;          /* meter */
    struct ui_meter_detail detail; /* id 0: none */
    struct meter_ahead ahead;      /* of its neighbours */
    int rows, columns;
};

static const struct column meters_columns[UI_METER_CELLS] = {
    [UI_METER_SERIAL] = {"serial", N_("Serial"), COLUMN_TEXT, 8, 16, 1, true, NULL},
    [UI_METER_PLACE] = {"place", N_("Place"), COLUMN_TEXT, 20, 40, 4, true, NULL},
    [UI_METER_LAST] = {"last", N_("Last"), COLUMN_DATE, 8, 8, 2, true, NULL},
    [UI_METER_READING] = {"reading", N_("Reading"), COLUMN_NUMBER, 9, 14, 2, true, NULL},
    [UI_METER_STATE] = {"state", N_("State"), COLUMN_STATE, 10, 11, 3, true, meter_states},
    [UI_METER_PENDING] = {"pending", N_("To do"), COLUMN_STATE, 7, 9, 5, true, meter_pendings},
    [UI_METER_KIND] = {"kind", N_("Kind"), COLUMN_STATE, 7, 8, 0, true, meter_kinds},
    [UI_METER_ROUTE] = {"route", N_("Route"), COLUMN_TEXT, 8, 12, 7, true, NULL},
    [UI_METER_ACCOUNT] = {"account", N_("Account"), COLUMN_TEXT, 9, 14, 8, true, NULL},
};

static const struct key_row meters_rows[] = {
    {K_F2, K_NONE, METERS_READ, 1, N_("Read"), N_("Enter a reading of the selected meter"),
     UI_COMMAND_READING},
    {'b', K_NONE, METERS_FIND, 0, N_("Counter"), N_("Find a customer, account or meter"), NULL},
    {K_F8, K_ENTER, METERS_PAGE, 3, N_("Meter"), N_("Show the selected meter in full"), NULL},
    {'t', K_NONE, METERS_TODAY, 8, N_("Today"), N_("Show what waits for somebody today"), NULL},
    {K_F4, '/', TABLE_FILTER, 2, N_("Filter"),
     N_("Show the meters that match: words, or column=value as in state=held"), NULL},
    {'v', K_NONE, METERS_DETAIL, 6, N_("Detail"),
     N_("Show or hide the detail of the selected meter"), NULL},
    {K_F6, K_NONE, TABLE_SORT_PICK, 5, N_("Sort"),
     N_("Choose the column to sort by; the same one again turns the order round"), NULL},
    {'s', K_NONE, TABLE_SORT, 0, N_("Sort on"),
     N_("Sort by the next column, upwards, then downwards"), NULL},
    {'L', K_NONE, METERS_LIMIT, 7, N_("Limit"),
     N_("Set the consumption limit of the selected meter"), UI_COMMAND_LIMIT},
    {' ', K_INSERT, TABLE_MARK, 0, N_("Mark"),
     N_("Mark this row; what is run then is run for every marked one"), NULL},
    {'*', K_NONE, TABLE_MARK_ALL, 0, N_("Mark all"),
     N_("Mark all rows of the list, or take all marks away"), NULL},
    {'y', K_NONE, TABLE_COPY, 0, N_("Copy"), N_("Copy the selected row to the clipboard"),
     NULL},
    {'r', K_NONE, METERS_REFRESH, 0, N_("Refresh"), N_("Ask for the list again"), NULL},
    {K_UP, 'k', TABLE_UP, 0, N_("Up"), N_("Go to the meter above"), NULL},
    {K_DOWN, 'j', TABLE_DOWN, 0, N_("Down"), N_("Go to the meter below"), NULL},
    {K_PGUP, K_CTRL | 'b', TABLE_PGUP, 0, N_("Page up"), N_("Go up by a screenful"), NULL},
    {K_PGDN, K_CTRL | 'f', TABLE_PGDN, 0, N_("Page down"), N_("Go down by a screenful"), NULL},
    {K_HOME, 'g', TABLE_HOME, 0, N_("First"), N_("Go to the first meter"), NULL},
    {K_END, 'G', TABLE_END, 0, N_("Last"), N_("Go to the last meter"), NULL},
};

/* ---- layout, the same for update and render ---- */

static bool is_wide(int columns)
{
    return columns >= METERS_WIDE;
}

static bool detail_below(const struct meters_state *s, int rows, int columns)
{
    return s->show_detail && !is_wide(columns) && rows >= 14;
}

/* Rows of data inside the box: without filter line, borders and titles, perhaps the detail and
 * its divider. */
static int data_rows(const struct meters_state *s, int rows, int columns)
{
    return rows - 4 - (detail_below(s, rows, columns) ? METERS_BELOW_ROWS + 1 : 0);
}

/* ---- state ---- */

static enum err_code meters_init(void *state, const struct ui_model *model,
                                 const struct screen_arg *arg, struct effects *fx,
                                 struct err *e)
{
    struct meters_state *s = state;

    (void)arg;
    (void)e;
    s->model = model;
    s->show_detail = true;
    table_init(
        &s->table, model, &model->meters, meters_columns, UI_METER_CELLS,
        N_("There are no meters yet. Press : and choose \"meter add\", or import a file."),
        METERS_ROWS_JOB, METERS_WINDOW_JOB);
    s->table.nothing =
        N_("Nothing matches the filter. Press / to change it, Esc to clear it. It does not "
           "look at customers: F3 finds those.");
    table_load(&s->table, KEEP_NOTHING, fx);
    return ERR_OK;
}

static void meters_release(void *state)
{
    table_release(&((struct meters_state *)state)->table);
}

/* Ask for the detail of the selected meter unless it is here or on its way; then for those of
 * its neighbours. */
static void ask_detail(struct meters_state *s, struct effects *fx)
{
    int64_t id = table_selected(&s->table);
    bool old = false;
    const struct ui_meter_detail *kept = meter_ahead_find(&s->ahead, id, &old);
    struct job *job;

    if (!s->show_detail || id == 0) {
        return;
    }
    if (id != s->detail_asked) {
        s->detail_asked = id;
        s->detail_serial++;
        if (kept != NULL) {
            s->detail = *kept;
        }
        if (kept == NULL || old) {
            job = meter_job_new(s->model, METERS_DETAIL_JOB, s->detail_serial, id);
            if (job != NULL) {
                job->ahead = id == s->detail.id; /* what it was is on screen meanwhile */
            }
            fx_job(fx, job);
        }
    }
    meter_ahead_ask(&s->ahead, s->model, &s->table, METERS_AHEAD_JOB, fx);
}

static void take_detail(struct meters_state *s, const struct meter_job *job, struct effects *fx)
{
    if (job->job.serial != s->detail_serial) {
        return;
    }
    if (job->job.err.code != ERR_OK) { /* not asked again until another meter or a refresh */
        if (job->job.err.code != ERR_CANCELLED) {
            fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        }
        return;
    }
    s->detail = job->detail;
    s->detail.id = job->meter;
    meter_ahead_keep(&s->ahead, &s->detail);
}

static void refresh(struct meters_state *s, struct effects *fx)
{
    s->detail_asked = 0;
    meter_ahead_age(&s->ahead);
    table_load(&s->table, KEEP_ROW, fx);
}

/* ---- actions ---- */

static void set_limit(struct meters_state *s, struct effects *fx)
{
    const struct row *row = table_row(&s->table, s->table.selected);
    static const char *const names[] = {"serial"};
    static const int cells[] = {UI_METER_SERIAL};

    if (s->table.marked.count > 0) {
        s->values_serial++;
        fx_job(fx, values_job_new(s->table.source, &s->table.marked, names, cells, 1,
                                  METERS_VALUES_JOB, s->values_serial));
    } else if (row != NULL && row->id != 0) {
        fx_command(fx, UI_COMMAND_LIMIT, "serial", row->cells[UI_METER_SERIAL]);
    }
}

static void take_values(struct meters_state *s, struct values_job *job, struct effects *fx)
{
    if (job->job.serial == s->values_serial && job->job.err.code == ERR_OK) {
        fx_command(fx, UI_COMMAND_LIMIT, NULL, NULL)->many = job->many;
        job->many = NULL;
    } else if (job->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
    }
}

static void read_meter(struct meters_state *s, struct effects *fx)
{
    int64_t id = table_selected(&s->table);

    if (id != 0) {
        (void)fx_open(fx, FX_PUSH, &screen_reading, id);
    }
}

static void meters_do(struct meters_state *s, enum meters_action action, struct effects *fx)
{
    switch (action) {
    case METERS_READ:
        read_meter(s, fx);
        break;
    case METERS_DETAIL:
        s->show_detail = !s->show_detail;
        table_set_height(&s->table, data_rows(s, s->rows, s->columns), fx);
        break;
    case METERS_LIMIT:
        set_limit(s, fx);
        break;
    case METERS_FIND:
        (void)fx_open(fx, FX_PUSH, &screen_find, 0);
        break;
    case METERS_PAGE:
        if (table_selected(&s->table) != 0) {
            (void)fx_open(fx, FX_PUSH, &screen_meter, table_selected(&s->table));
        }
        break;
    case METERS_TODAY:
        (void)fx_open(fx, FX_PUSH, &screen_home, 0);
        break;
    case METERS_REFRESH:
        refresh(s, fx);
        break;
    }
}

static void do_action(struct meters_state *s, int action, struct effects *fx)
{
    if (action < TABLE_ACTIONS) {
        table_act(&s->table, (enum table_action)action, fx);
    } else {
        meters_do(s, (enum meters_action)action, fx);
    }
}

static void meters_act(void *state, int action, struct effects *fx)
{
    struct meters_state *s = state;

    do_action(s, action, fx);
    ask_detail(s, fx);
}

static struct key_table meters_keys(const void *state)
{
    const struct meters_state *s = state;

    if (s->table.editing) {
        return table_filter_keys();
    }
    return (struct key_table){meters_rows, sizeof(meters_rows) / sizeof(meters_rows[0])};
}

static bool on_key(struct meters_state *s, const struct event *ev, struct effects *fx)
{
    int action;

    if (s->table.editing) {
        return table_filter_event(&s->table, ev, fx);
    }
    action = key_action(meters_keys(s), s->model, ev->key);
    if (action != 0) {
        do_action(s, action, fx);
        return true;
    }
    return table_key(&s->table, ev->key, fx);
}

static bool meters_update(void *state, const struct event *ev, struct effects *fx)
{
    struct meters_state *s = state;
    bool used = true;

    switch (ev->kind) {
    case EV_KEY:
        used = on_key(s, ev, fx);
        break;
    case EV_PASTE:
        if (s->table.editing) {
            (void)table_filter_event(&s->table, ev, fx);
        }
        break;
    case EV_RESIZE:
        s->rows = ev->rows;
        s->columns = ev->columns;
        table_set_height(&s->table, data_rows(s, ev->rows, ev->columns), fx);
        break;
    case EV_JOB:
        if (ev->job->kind == METERS_VALUES_JOB) {
            take_values(s, (struct values_job *)ev->job, fx);
        } else if (ev->job->kind == METERS_AHEAD_JOB) {
            if (!meter_ahead_take(&s->ahead, ev->job)) {
                return used;
            }
        } else if (!table_job(&s->table, ev->job, fx)) {
            take_detail(s, (const struct meter_job *)ev->job, fx);
        }
        break;
    case EV_CHANGED:
        refresh(s, fx);
        break;
    case EV_TICK:
    case EV_PROGRESS:
        return used;
    case EV_PICKED:
        table_sort_picked(&s->table, ev->text, fx);
        break;
    case EV_ANSWER:
    case EV_SHOWN:
        break;
    }
    ask_detail(s, fx);
    return used;
}

static bool meters_typing(const void *state)
{
    return ((const struct meters_state *)state)->table.editing;
}

static bool meters_advance(void *state, int64_t *id, struct effects *fx)
{
    struct meters_state *s = state;
    bool moved = table_move(&s->table, 1, fx);

    *id = table_selected(&s->table);
    ask_detail(s, fx);
    return moved;
}

/* ---- drawing ---- */

static void render_detail(const struct meters_state *s, struct frame *f, struct rect box)
{
    bool here = s->detail.id != 0 && s->detail.id == table_selected(&s->table);
    char title[160] = "";

    if (is_wide(box.columns)) {
        int side = LIST_SIDE_COLUMNS(box.columns);
        struct rect pane = {box.row + 1, box.column + box.columns - side, box.rows - 2,
                            side - 2};

        for (int row = pane.row; row < pane.row + pane.rows; row++) {
            (void)frame_glyph(f, row, pane.column - 1, ATTR_BOX, GLYPH_V);
        }
        (void)frame_glyph(f, box.row, pane.column - 1, ATTR_BOX, GLYPH_TEE_TOP);
        (void)frame_glyph(f, box.row + box.rows - 1, pane.column - 1, ATTR_BOX,
                          GLYPH_TEE_BOTTOM);
        if (here) {
            meter_pane_render(s->model, &s->detail, f, pane);
        }
        return;
    }
    if (here) {
        meter_title(&s->detail, f->ascii, title, sizeof(title));
    }
    frame_divider(f, box, box.row + box.rows - 2 - METERS_BELOW_ROWS, title);
    if (here) {
        meter_lines_render(s->model, &s->detail, f,
                           (struct rect){box.row + box.rows - 1 - METERS_BELOW_ROWS,
                                         box.column + 2, METERS_BELOW_ROWS, box.columns - 4});
    }
}

static void meters_render(const void *state, struct frame *f, struct rect area)
{
    const struct meters_state *s = state;
    struct rect box = {area.row + 1, area.column, area.rows - 1, area.columns};
    struct rect list = {box.row + 1, box.column + 1, data_rows(s, area.rows, area.columns) + 1,
                        box.columns - 2};
    bool side = s->show_detail && is_wide(area.columns);

    if (side) {
        list.columns -= LIST_SIDE_COLUMNS(area.columns);
    }
    table_filter_render(&s->table, f, area.row, area.column + 1, area.columns - 2);
    frame_box(f, box, ATTR_BOX);
    table_render(&s->table, f, list);
    if (side || detail_below(s, area.rows, area.columns)) {
        render_detail(s, f, box);
    }
}

const struct screen_ops screen_meters = {
    .name = "meters",
    .title = N_("Meters"),
    .help = N_(
        "All meters with their last reading, their state, and what is to be done. Enter shows "
        "one in full; F2 reads the selected meter "
        "and goes on to the next one of the list, in the order and with the filter you see."),
    .state_size = sizeof(struct meters_state),
    .init = meters_init,
    .release = meters_release,
    .update = meters_update,
    .render = meters_render,
    .keys = meters_keys,
    .act = meters_act,
    .typing = meters_typing,
    .advance = meters_advance,
};
