#include <config.h>

#include "ui/widget_bar.h"

struct bar_item {
    const struct key_row *row;
    char key[KEY_NAME_MAX];
    int columns; /* with the blank before it */
};

/* Enter first, then function keys by number, then the others, Esc last. */
static uint32_t position(uint32_t key)
{
    if (key == K_ENTER) {
        return 0;
    }
    if (key >= K_F1 && key <= K_F12) {
        return key - K_F1 + 1;
    }
    return key == K_ESC ? UINT32_MAX : key + K_F12;
}

static bool is_taken(const struct bar_item *items, size_t count, uint32_t key)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].row->key == key) {
            return true;
        }
    }
    return false;
}

static size_t collect(struct frame *f, const struct ui_model *m, const struct key_table *tables,
                      size_t table_count, struct bar_item items[BAR_KEYS_MAX])
{
    size_t count = 0;

    for (size_t t = 0; t < table_count; t++) {
        for (size_t i = 0; i < tables[t].count && count < BAR_KEYS_MAX; i++) {
            const struct key_row *row = &tables[t].rows[i];
            struct bar_item item = {row, "", 0};
            size_t at = count;

            if (row->rank == 0 || !key_allowed(row, m) || is_taken(items, count, row->key)) {
                continue;
            }
            key_label(row->key, item.key);
            item.columns = 2 + frame_width(f, item.key) + frame_width(f, tr(row->label));
            while (at > 0 && position(items[at - 1].row->key) > position(row->key)) {
                items[at] = items[at - 1];
                at--;
            }
            items[at] = item;
            count++;
        }
    }
    return count;
}

/* The best of those that are not there yet: the lowest rank, of equals the first; or count. */
static size_t best_left(const struct bar_item *items, const bool *there, size_t count)
{
    size_t best = count;

    for (size_t i = 0; i < count; i++) {
        if (!there[i] && (best == count || items[i].row->rank < items[best].row->rank)) {
            best = i;
        }
    }
    return best;
}

/* By rank, as many as there is room for; one that is too long leaves its room to others. */
static size_t choose(struct bar_item *items, size_t count, int room)
{
    bool seen[BAR_KEYS_MAX] = {false};
    bool kept[BAR_KEYS_MAX] = {false};
    size_t left = 0;
    size_t i;

    while ((i = best_left(items, seen, count)) < count) {
        seen[i] = true;
        kept[i] = items[i].columns <= room;
        room -= kept[i] ? items[i].columns : 0;
    }
    for (i = 0; i < count; i++) {
        if (kept[i]) {
            items[left++] = items[i];
        }
    }
    return left;
}

void bar_render(struct frame *f, struct rect area, const struct ui_model *m,
                const struct key_table *tables, size_t table_count)
{
    struct bar_item items[BAR_KEYS_MAX + 1];
    size_t count = collect(f, m, tables, table_count, items);
    int column = area.column;
    int end = area.column + area.columns;

    count = choose(items, count, area.columns);
    for (size_t i = 0; i < count; i++) {
        column++;
        column += frame_text(f, area.row, column, end - column, ATTR_KEY, items[i].key);
        column++;
        column += frame_text(f, area.row, column, end - column, ATTR_KEY_LABEL,
                             tr(items[i].row->label));
    }
}
