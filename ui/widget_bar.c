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

/* Leave out the item of the lowest rank (the highest number); of equals, the last. */
static size_t drop_one(struct bar_item items[BAR_KEYS_MAX], size_t count)
{
    size_t worst = 0;

    for (size_t i = 0; i < count; i++) {
        if (items[i].row->rank >= items[worst].row->rank) {
            worst = i;
        }
    }
    for (size_t i = worst; i + 1 < count; i++) {
        items[i] = items[i + 1];
    }
    return count > 0 ? count - 1 : 0;
}

static int total_columns(const struct bar_item items[BAR_KEYS_MAX], size_t count)
{
    int total = 0;

    for (size_t i = 0; i < count; i++) {
        total += items[i].columns;
    }
    return total;
}

void bar_render(struct frame *f, struct rect area, const struct ui_model *m,
                const struct key_table *tables, size_t table_count)
{
    struct bar_item items[BAR_KEYS_MAX + 1];
    size_t count = collect(f, m, tables, table_count, items);
    int column = area.column;
    int end = area.column + area.columns;

    while (count > 0 && total_columns(items, count) > area.columns) {
        count = drop_one(items, count);
    }
    for (size_t i = 0; i < count; i++) {
        column++;
        column += frame_text(f, area.row, column, end - column, ATTR_KEY, items[i].key);
        column++;
        column += frame_text(f, area.row, column, end - column, ATTR_KEY_LABEL,
                             tr(items[i].row->label));
    }
}
