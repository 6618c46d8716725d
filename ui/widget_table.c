#include <config.h>

#include "base/i18n.h"
#include "ui/widget_table.h"

#include <string.h>

void table_init(struct table *t, const struct ui_model *m, const struct rowsource *source,
                const struct column *columns, size_t column_count, const char *empty,
                uint32_t rows_kind, uint32_t window_kind)
{
    memset(t, 0, sizeof(*t));
    CHECK(column_count > 0 && column_count <= TABLE_COLUMNS_MAX);
    t->model = m;
    t->source = source;
    t->columns = columns;
    t->column_count = column_count;
    t->empty = empty;
    t->rows_kind = rows_kind;
    t->window_kind = window_kind;
    t->height = 1;
    lineedit_init(&t->filter, 0, false);
}

void table_release(struct table *t)
{
    idarray_release(&t->ids);
    idarray_release(&t->marked);
    rowset_release(&t->window);
}

int64_t table_selected(const struct table *t)
{
    return t->selected < t->ids.count ? t->ids.ids[t->selected] : 0;
}

/* ---- asking ---- */

void table_load(struct table *t, enum table_keep keep, struct effects *fx)
{
    struct job *job;

    t->rows_serial++;
    t->keep = keep;
    job = rows_job_new(t->source, &t->query, t->rows_kind, t->rows_serial);
    t->loading = job != NULL;
    fx_job(fx, job);
}

/* Bring the selection into the list and the top around the selection. */
static void settle(struct table *t)
{
    size_t height = (size_t)t->height;

    if (t->ids.count == 0) {
        t->selected = 0;
        t->top = 0;
        return;
    }
    if (t->selected >= t->ids.count) {
        t->selected = t->ids.count - 1;
    }
    if (t->top > t->selected) {
        t->top = t->selected;
    }
    if (t->selected - t->top >= height) {
        t->top = t->selected - height + 1;
    }
    if (t->top + height > t->ids.count) { /* no blank lines below while rows are hidden above */
        t->top = t->ids.count > height ? t->ids.count - height : 0;
    }
}

void table_set_height(struct table *t, int rows, struct effects *fx)
{
    rows = rows < 1 ? 1 : rows > FRAME_ROWS_MAX ? FRAME_ROWS_MAX : rows;
    if (rows != t->height) {
        t->height = rows;
        settle(t);
        table_window_ask(t, fx);
    }
}

/* ---- moving ---- */

static bool select_index(struct table *t, size_t index, struct effects *fx)
{
    bool moved = index != t->selected;

    t->upwards = moved ? index < t->selected : t->upwards;
    t->selected = index;
    settle(t);
    table_window_ask(t, fx);
    return moved;
}

bool table_move(struct table *t, int64_t by, struct effects *fx)
{
    size_t index = t->selected;

    if (t->ids.count == 0) {
        return false;
    }
    if (by < 0) {
        index = (uint64_t)-by > index ? 0 : index - (size_t)-by;
    } else {
        index = (size_t)by > t->ids.count - 1 - index ? t->ids.count - 1 : index + (size_t)by;
    }
    return select_index(t, index, fx);
}

/* A page turns the view as well as the selection. */
static void move_page(struct table *t, int64_t by, struct effects *fx)
{
    size_t offset = t->selected - t->top;

    if (table_move(t, by, fx)) {
        t->top = t->selected > offset ? t->selected - offset : 0;
        settle(t);
        table_window_ask(t, fx);
    }
}

static bool take_away(struct table *t, struct effects *fx)
{
    if (t->marked.count > 0) {
        table_mark_none(t);
        return true;
    }
    if (t->filter.len > 0) {
        table_filter_set(t, "", fx);
        return true;
    }
    return false;
}

bool table_key(struct table *t, uint32_t key, struct effects *fx)
{
    int64_t page = t->height > 1 ? t->height - 1 : 1;

    switch (key) {
    case K_UP:
    case 'k':
        (void)table_move(t, -1, fx);
        return true;
    case K_DOWN:
    case 'j':
        (void)table_move(t, 1, fx);
        return true;
    case K_PGUP:
    case K_CTRL | 'b':
        move_page(t, -page, fx);
        return true;
    case K_PGDN:
    case K_CTRL | 'f':
        move_page(t, page, fx);
        return true;
    case K_CTRL | 'u':
        move_page(t, -(page + 1) / 2, fx);
        return true;
    case K_CTRL | 'd':
        move_page(t, (page + 1) / 2, fx);
        return true;
    case K_HOME:
    case 'g':
        (void)select_index(t, 0, fx);
        return true;
    case K_END:
    case 'G':
        (void)select_index(t, t->ids.count > 0 ? t->ids.count - 1 : 0, fx);
        return true;
    case K_ESC:
        return take_away(t, fx);
    default:
        return false;
    }
}

void table_act(struct table *t, enum table_action action, struct effects *fx)
{
    static const uint32_t moves[TABLE_ACTIONS] = {
        [TABLE_UP] = K_UP,     [TABLE_DOWN] = K_DOWN, [TABLE_PGUP] = K_PGUP,
        [TABLE_PGDN] = K_PGDN, [TABLE_HOME] = K_HOME, [TABLE_END] = K_END,
    };

    switch (action) {
    case TABLE_FILTER:
        table_filter_begin(t);
        break;
    case TABLE_SORT:
        table_sort_next(t, fx);
        break;
    case TABLE_SORT_PICK:
        table_sort_offer(t, fx);
        break;
    case TABLE_MARK:
        table_mark(t, fx);
        break;
    case TABLE_MARK_ALL:
        table_mark_all(t, fx);
        break;
    case TABLE_COPY:
        table_copy(t, fx);
        break;
    case TABLE_UP:
    case TABLE_DOWN:
    case TABLE_PGUP:
    case TABLE_PGDN:
    case TABLE_HOME:
    case TABLE_END:
        (void)table_key(t, moves[action], fx);
        break;
    case TABLE_ACTIONS:
        break;
    }
}

void table_sort_next(struct table *t, struct effects *fx)
{
    size_t next = (size_t)t->query.sort_column;

    if (!t->query.descending) {
        t->query.descending = true;
    } else {
        t->query.descending = false;
        for (size_t i = 0; i < t->column_count; i++) {
            next = (next + 1) % t->column_count;
            if (t->columns[next].sortable) {
                break;
            }
        }
        t->query.sort_column = (int)next;
    }
    table_load(t, t->selected == 0 ? KEEP_NOTHING : KEEP_ROW, fx);
}

void table_sort_offer(const struct table *t, struct effects *fx)
{
    struct picks *p = picks_new();
    struct effect *f;

    for (size_t i = 0; p != NULL && i < t->column_count && p->count < PICKS_MAX; i++) {
        bool now = (int)i == t->query.sort_column;

        if (t->columns[i].sortable) {
            struct pick *one = &p->list[p->count++];

            one->value = arena_strdup(&p->arena, tr(t->columns[i].title));
            one->text = !now                  ? ""
                        : t->query.descending ? _("sorted by now, downwards; again: upwards")
                                              : _("sorted by now, upwards; again: downwards");
            if (one->value == NULL) {
                picks_free(p);
                p = NULL;
            }
        }
    }
    if (p == NULL) {
        fx_message(fx, MESSAGE_ERROR, "%s", _("There is no memory left."));
        return;
    }
    f = fx_add(fx, FX_PICK);
    f->title = N_("sort by");
    f->picks = p;
}

void table_sort_picked(struct table *t, const char *title, struct effects *fx)
{
    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];

        if (c->sortable && strcmp(tr(c->title), title) == 0) {
            t->query.descending = (int)i == t->query.sort_column
                                      ? !t->query.descending
                                      : c->type == COLUMN_NUMBER || c->type == COLUMN_DATE;
            t->query.sort_column = (int)i;
            table_load(t, t->selected == 0 ? KEEP_NOTHING : KEEP_ROW, fx);
            return;
        }
    }
}

/* ---- answers ---- */

/* Each costs a look through the list. */
#define HEIRS_MAX 256u

/* The selected row is gone: where is the first of those behind it, else before it, that is
 * left? The index where it stood when none of the near ones is. */
static size_t heir(const struct table *t, const struct idarray *ids)
{
    size_t end = t->ids.count;

    for (size_t i = t->selected + 1; i < end && i - t->selected <= HEIRS_MAX; i++) {
        size_t found = idarray_find(ids, t->ids.ids[i], t->selected);

        if (found < ids->count) {
            return found;
        }
    }
    for (size_t i = t->selected; i > 0 && t->selected - i < HEIRS_MAX; i--) {
        size_t found = idarray_find(ids, t->ids.ids[i - 1], t->selected);

        if (found < ids->count) {
            return found;
        }
    }
    return t->selected;
}

/* Put new ids in the place of the old ones and find the position again. */
static void adopt(struct table *t, struct idarray *ids, enum table_keep keep)
{
    int64_t anchor = table_selected(t);
    size_t offset = t->selected - t->top;
    size_t found = anchor == 0 || keep == KEEP_NOTHING ? ids->count
                                                       : idarray_find(ids, anchor, t->selected);

    if (found == ids->count && anchor != 0 && keep == KEEP_ROW) {
        t->selected = heir(t, ids);
    }
    idarray_release(&t->ids);
    t->ids = *ids;
    idarray_init(ids);
    if (found < t->ids.count) {
        t->selected = found;
        t->top = found > offset ? found - offset : 0;
    } else if (keep != KEEP_ROW) {
        t->selected = 0;
        t->top = 0;
    }
    settle(t);
}

static void take_rows(struct table *t, struct rows_job *r, struct effects *fx)
{
    if (r->job.serial != t->rows_serial) {
        return; /* an answer to an earlier filter */
    }
    if (r->partial && t->keep == KEEP_ROW && t->ids.count > 0 &&
        (!t->partial || r->ids.count < t->ids.count)) {
        return; /* the row to stay on may lie further down */
    }
    if (!r->partial) {
        t->loading = false;
    }
    if (r->job.err.code == ERR_CANCELLED) {
        return;
    }
    t->failed = r->job.err;
    if (r->job.err.code != ERR_OK) {
        fx_message(fx, MESSAGE_ERROR, "%s", r->job.err.text);
        return;
    }
    adopt(t, &r->ids, t->keep);
    t->keep = KEEP_ROW; /* after a first part, the whole list goes on from there */
    t->partial = r->partial;
    if (r->has_total) {
        t->total = r->total;
        t->has_total = true;
    }
    t->asking = false;
    t->stale = true;
    table_window_ask(t, fx);
}

bool table_job(struct table *t, struct job *job, struct effects *fx)
{
    if (job->kind == t->rows_kind) {
        take_rows(t, (struct rows_job *)job, fx);
        return true;
    }
    if (job->kind == t->window_kind) {
        table_window_take(t, (struct window_job *)job, fx);
        return true;
    }
    return false;
}
