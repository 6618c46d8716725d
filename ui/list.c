#include <config.h>

#include "ui/list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/many.h"
#include "ui/model_jobs.h"

enum { LIST_ROWS_JOB = 1, LIST_WINDOW_JOB, LIST_DETAIL_JOB, LIST_VALUES_JOB, LIST_GOALS_JOB };

enum list_action {
    LIST_DETAIL = TABLE_ACTIONS,
    LIST_REFRESH,
    LIST_SHOW,
    LIST_METER,
    LIST_OWN /* and above: the list's own keys, by index */
};

/* The keys of every list; the list's own come before them. */
static const struct key_row common_keys[] = {
    {K_F4, '/', TABLE_FILTER, 2, N_("Filter"),
     N_("Show the rows that match: words, or column=value as in state=open"), NULL},
    {'v', K_NONE, LIST_DETAIL, 6, N_("Detail"),
     N_("Show or hide the detail of the selected row"), NULL},
    {K_F6, K_NONE, TABLE_SORT_PICK, 5, N_("Sort"),
     N_("Choose the column to sort by; the same one again turns the order round"), NULL},
    {'s', K_NONE, TABLE_SORT, 0, N_("Sort on"),
     N_("Sort by the next column, upwards, then downwards"), NULL},
    {' ', K_INSERT, TABLE_MARK, 0, N_("Mark"),
     N_("Mark this row; what is run then is run for every marked one"), NULL},
    {'*', K_NONE, TABLE_MARK_ALL, 0, N_("Mark all"),
     N_("Mark all rows of the list, or take all marks away"), NULL},
    {'y', K_NONE, TABLE_COPY, 0, N_("Copy"), N_("Copy the selected row to the clipboard"),
     NULL},
    {'r', K_NONE, LIST_REFRESH, 0, N_("Refresh"), N_("Ask for the list again"), NULL},
    {K_UP, 'k', TABLE_UP, 0, N_("Up"), N_("Go to the row above"), NULL},
    {K_DOWN, 'j', TABLE_DOWN, 0, N_("Down"), N_("Go to the row below"), NULL},
    {K_PGUP, K_CTRL | 'b', TABLE_PGUP, 0, N_("Page up"), N_("Go up by a screenful"), NULL},
    {K_PGDN, K_CTRL | 'f', TABLE_PGDN, 0, N_("Page down"), N_("Go down by a screenful"), NULL},
    {K_HOME, 'g', TABLE_HOME, 0, N_("First"), N_("Go to the first row"), NULL},
    {K_END, 'G', TABLE_END, 0, N_("Last"), N_("Go to the last row"), NULL},
};
#define COMMON_COUNT (sizeof(common_keys) / sizeof(common_keys[0]))

/* Of lists whose rows have a page, and of those whose rows name a meter. */
static const struct key_row show_key = {
    K_ENTER, K_NONE, LIST_SHOW, 1, N_("Show"), N_("Show what the selected row stands for"),
    NULL};
static const struct key_row meter_key = {
    K_F8, K_NONE, LIST_METER, 7, N_("Meter"), N_("Show the meter of the selected row in full"),
    NULL};

const struct row *list_row(const struct list_state *s)
{
    const struct row *row = table_row(&s->table, s->table.selected);

    return row != NULL && row->id != 0 ? row : NULL;
}

bool list_has_detail(const struct list_state *s)
{
    return s->detail_id != 0 && s->detail_id == table_selected(&s->table);
}

/* ---- opening ---- */

static bool names_meter(const struct list_def *def)
{
    for (size_t i = 0; i < def->column_count; i++) {
        if (strcmp(def->columns[i].name, "serial") == 0) {
            return true;
        }
    }
    return false;
}

static void collect_keys(struct list_state *s)
{
    CHECK(s->def->key_count + COMMON_COUNT + 2 <= LIST_KEYS_MAX);
    if (s->def->page != NULL) {
        s->keys[s->key_count++] = show_key;
    }
    for (size_t i = 0; i < s->def->key_count; i++) {
        const struct list_key *k = &s->def->keys[i];

        s->keys[s->key_count++] = (struct key_row){
            k->key, k->also, LIST_OWN + (int)i, k->rank, k->label, k->help, k->command};
    }
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        s->keys[s->key_count++] = common_keys[i];
    }
    if (names_meter(s->def)) {
        s->keys[s->key_count++] = meter_key;
    }
}

enum err_code list_init(void *state, const struct ui_model *model, const struct screen_arg *arg,
                        struct effects *fx, struct err *e)
{
    struct list_state *s = state;
    const struct list_def *def = arg->ops->list;
    const struct rowsource *source = model->list(model->ctx, def->name);

    s->model = model;
    s->def = def;
    s->show_detail = true;
    list_detail_init(&s->detail);
    if (source == NULL) {
        return err_set(e, ERR_DENIED, "%s", _("Your role may not open this screen."));
    }
    collect_keys(s);
    table_init(&s->table, model, source, def->columns, def->column_count, def->empty,
               LIST_ROWS_JOB, LIST_WINDOW_JOB);
    s->table.query.sort_column = def->sort_column;
    s->table.query.descending = def->descending;
    s->table.query.scope = arg->id;
    for (size_t i = 0; i < arg->preset_count; i++) {
        if (strcmp(arg->presets[i].name, LIST_FILTER_PRESET) == 0) {
            table_filter_set(&s->table, arg->presets[i].value, fx);
        }
    }
    if (!s->table.loading) { /* a filter loads what it leaves */
        table_load(&s->table, KEEP_NOTHING, fx);
    }
    return ERR_OK;
}

void list_release(void *state)
{
    struct list_state *s = state;

    table_release(&s->table);
    list_detail_release(&s->detail);
}

/* ---- the detail pane ---- */

static void ask_detail(struct list_state *s, struct effects *fx)
{
    int64_t id = table_selected(&s->table);

    if (!s->show_detail || id == 0 || id == s->detail_asked) {
        return;
    }
    s->detail_asked = id;
    s->detail_serial++;
    fx_job(fx, detail_job_new(s->model, LIST_DETAIL_JOB, s->detail_serial, s->def->name, id));
}

static void take_detail(struct list_state *s, struct detail_job *job, struct effects *fx)
{
    if (job->job.serial != s->detail_serial) {
        return;
    }
    if (job->job.err.code != ERR_OK) { /* not asked again until another row or a refresh */
        if (job->job.err.code != ERR_CANCELLED) {
            fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        }
        return;
    }
    list_detail_release(&s->detail);
    s->detail = job->detail;
    s->detail_id = job->id;
    list_detail_init(&job->detail);
}

static void refresh(struct list_state *s, struct effects *fx)
{
    s->detail_asked = 0;
    table_load(&s->table, KEEP_ROW, fx);
}

/* ---- keys ---- */

static const char *fill_value(const struct row *row, int cell, char number[24])
{
    if (cell < 0) {
        (void)snprintf(number, 24, "%" PRId64, row->id);
        return number;
    }
    return row->cells[cell] == NULL ? "" : row->cells[cell];
}

static void open_form(const struct list_state *s, const struct list_key *k, struct effects *fx)
{
    const struct row *row = list_row(s);
    struct effect *f;

    if (row == NULL && k->fill[0].param != NULL) {
        return;
    }
    f = fx_command(fx, k->command, NULL, NULL);
    for (size_t i = 0; i < LIST_FILLS_MAX && k->fill[i].param != NULL; i++) {
        char number[24];

        fx_preset(f, k->fill[i].param, fill_value(row, k->fill[i].cell, number));
    }
}

/* The command for every marked row: first the values that differ are read. */
static void ask_values(struct list_state *s, const struct list_key *k, struct effects *fx)
{
    const char *names[LIST_FILLS_MAX];
    int cells[LIST_FILLS_MAX];
    size_t count = 0;

    while (count < LIST_FILLS_MAX && k->fill[count].param != NULL) {
        names[count] = k->fill[count].param;
        cells[count] = k->fill[count].cell;
        count++;
    }
    s->many_command = k->command;
    s->values_serial++;
    fx_job(fx, values_job_new(s->table.source, &s->table.marked, names, cells, count,
                              LIST_VALUES_JOB, s->values_serial));
}

static void take_values(struct list_state *s, struct values_job *job, struct effects *fx)
{
    if (job->job.serial != s->values_serial) {
        return;
    }
    if (job->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
    } else if (job->many->count > 0) {
        fx_command(fx, s->many_command, NULL, NULL)->many = job->many;
        job->many = NULL;
    }
}

/* Only the model knows whose meter or account it is. */
static void ask_goal(struct list_state *s, const struct list_key *k, struct effects *fx)
{
    s->goal = k;
    if (table_selected(&s->table) != 0) {
        s->goals_serial++;
        fx_job(fx, goals_job_new(s->model, LIST_GOALS_JOB, s->goals_serial, s->def->name,
                                 table_selected(&s->table)));
    }
}

static void do_own(struct list_state *s, const struct list_key *k, struct effects *fx)
{
    switch (k->act) {
    case LIST_COMMAND:
        if (s->table.marked.count > 0 && k->fill[0].param != NULL) {
            ask_values(s, k, fx);
        } else {
            open_form(s, k, fx);
        }
        break;
    case LIST_OPEN:
        if (table_selected(&s->table) != 0) {
            (void)fx_open(fx, FX_PUSH, k->screen, table_selected(&s->table));
        }
        break;
    case LIST_GOAL:
        ask_goal(s, k, fx);
        break;
    case LIST_CALL:
        k->call(s, fx);
        break;
    }
}

static void take_goals(struct list_state *s, const struct goals_job *job, struct effects *fx)
{
    char number[24];

    if (job->job.serial != s->goals_serial) {
        return;
    }
    if (job->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", job->job.err.text);
        return;
    }
    for (size_t i = 0; i < job->count; i++) {
        if (strcmp(job->goals[i].opens, s->goal != NULL ? s->goal->opens : "meter") == 0) {
            struct effect *f =
                fx_open(fx, FX_PUSH, s->goal != NULL ? s->goal->screen : &screen_meter,
                        job->goals[i].id);

            if (s->goal != NULL && s->goal->fill[0].param != NULL) {
                (void)snprintf(number, sizeof(number), "%" PRId64, job->id);
                fx_preset(f, s->goal->fill[0].param, number);
            }
            return;
        }
    }
    fx_message(fx, MESSAGE_WARN, "%s",
               s->goal != NULL ? _("This row has no account.") : _("This row has no meter."));
}

static void do_common(struct list_state *s, enum list_action action, struct effects *fx)
{
    switch (action) {
    case LIST_DETAIL:
        s->show_detail = !s->show_detail;
        table_set_height(&s->table, list_data_rows(s, s->rows, s->columns), fx);
        break;
    case LIST_REFRESH:
        refresh(s, fx);
        break;
    case LIST_SHOW:
        if (table_selected(&s->table) != 0) {
            (void)fx_open(fx, FX_PUSH, s->def->page, table_selected(&s->table));
        }
        break;
    case LIST_METER:
        ask_goal(s, NULL, fx);
        break;
    case LIST_OWN:
        break;
    }
}

void list_do(void *state, int action, struct effects *fx)
{
    struct list_state *s = state;

    if (action >= LIST_OWN) {
        do_own(s, &s->def->keys[action - LIST_OWN], fx);
    } else if (action < TABLE_ACTIONS) {
        table_act(&s->table, (enum table_action)action, fx);
    } else {
        do_common(s, (enum list_action)action, fx);
    }
    ask_detail(s, fx);
}

struct key_table list_keys(const void *state)
{
    const struct list_state *s = state;

    if (s->table.editing) {
        return table_filter_keys();
    }
    return (struct key_table){s->keys, s->key_count};
}

static bool on_key(struct list_state *s, const struct event *ev, struct effects *fx)
{
    int action;

    if (s->table.editing) {
        return table_filter_event(&s->table, ev, fx);
    }
    action = key_action(list_keys(s), s->model, ev->key);
    if (action != 0) {
        list_do(s, action, fx);
        return true;
    }
    return table_key(&s->table, ev->key, fx);
}

bool list_update(void *state, const struct event *ev, struct effects *fx)
{
    struct list_state *s = state;
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
        table_set_height(&s->table, list_data_rows(s, ev->rows, ev->columns), fx);
        break;
    case EV_JOB:
        if (ev->job->kind == LIST_VALUES_JOB) {
            take_values(s, (struct values_job *)ev->job, fx);
        } else if (ev->job->kind == LIST_GOALS_JOB) {
            take_goals(s, (const struct goals_job *)ev->job, fx);
        } else if (!table_job(&s->table, ev->job, fx)) {
            take_detail(s, (struct detail_job *)ev->job, fx);
        }
        break;
    case EV_CHANGED:
        refresh(s, fx);
        break;
    case EV_PICKED:
        table_sort_picked(&s->table, ev->text, fx);
        break;
    case EV_TICK:
    case EV_ANSWER:
    case EV_SHOWN:
    case EV_PROGRESS:
        break;
    }
    ask_detail(s, fx);
    return used;
}

bool list_typing(const void *state)
{
    return ((const struct list_state *)state)->table.editing;
}

bool list_advance(void *state, int64_t *id, struct effects *fx)
{
    struct list_state *s = state;
    bool moved = table_move(&s->table, 1, fx);

    *id = table_selected(&s->table);
    ask_detail(s, fx);
    return moved;
}
