#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/many.h"
#include "ui/widget_table.h"

/* Marks: a sorted array of ids, so that they outlive filters, orders and refreshes. */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Where the id is, or would be. */
static size_t place_of(const struct idarray *a, int64_t id)
{
    size_t low = 0;
    size_t high = a->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (a->ids[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool table_is_marked(const struct table *t, int64_t id)
{
    size_t at = place_of(&t->marked, id);

    return at < t->marked.count && t->marked.ids[at] == id;
}

static void unmark(struct table *t, size_t at)
{
    memmove(t->marked.ids + at, t->marked.ids + at + 1,
            (t->marked.count - at - 1) * sizeof(*t->marked.ids));
    t->marked.count--;
}

static void too_many(struct effects *fx)
{
    fx_message(fx, MESSAGE_ERROR,
               _("At most %u rows can be marked. Narrow the list with a filter."), MANY_MAX);
}

void table_mark(struct table *t, struct effects *fx)
{
    int64_t id = table_selected(t);
    size_t at = place_of(&t->marked, id);

    if (id == 0) {
        return;
    }
    if (at < t->marked.count && t->marked.ids[at] == id) {
        unmark(t, at);
    } else if (t->marked.count >= MANY_MAX) {
        too_many(fx);
        return;
    } else if (idarray_add(&t->marked, &id, 1, NULL) == ERR_OK) {
        memmove(t->marked.ids + at + 1, t->marked.ids + at,
                (t->marked.count - at - 1) * sizeof(*t->marked.ids));
        t->marked.ids[at] = id;
    }
    (void)table_move(t, 1, fx);
}

void table_mark_all(struct table *t, struct effects *fx)
{
    bool all = t->ids.count > 0;

    if (t->partial || t->ids.count > MANY_MAX) {
        too_many(fx);
        return;
    }
    for (size_t i = 0; i < t->ids.count && all; i++) {
        all = table_is_marked(t, t->ids.ids[i]);
    }
    table_mark_none(t);
    if (!all && idarray_add(&t->marked, t->ids.ids, t->ids.count, NULL) == ERR_OK &&
        t->marked.count > 0) {
        qsort(t->marked.ids, t->marked.count, sizeof(*t->marked.ids), by_id);
    }
}

void table_copy(const struct table *t, struct effects *fx)
{
    const struct row *row = table_row(t, t->selected);
    struct effect *f;
    struct buf text;

    if (row == NULL || row->id == 0) {
        return;
    }
    buf_init(&text, EFFECT_TEXT_MAX - 1);
    for (size_t i = 0; i < t->column_count; i++) {
        char shown[FORMAT_MAX];
        const char *cell = row->cells[i] == NULL || row->cells[i][0] == '\0'
                               ? ""
                               : cell_shown(t->model, &t->columns[i], row->cells[i], shown);

        buf_addf(&text, "%s%s", i > 0 ? "\t" : "", cell);
    }
    f = fx_add(fx, FX_COPY);
    format_copy(f->text, sizeof(f->text), buf_str(&text));
    buf_release(&text);
    fx_message(fx, MESSAGE_INFO, "%s", _("The row is on the clipboard."));
}

void table_mark_none(struct table *t)
{
    t->marked.count = 0;
}
