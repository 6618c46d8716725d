#include <config.h>

#include "ui/widget_help.h"

#include <stdio.h>

#include "base/i18n.h"

void help_fill(struct picker *p, const struct ui_model *m, const struct key_table *tables,
               size_t table_count)
{
    picker_init(p);
    for (size_t t = 0; t < table_count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct key_row *row = &tables[t].rows[i];
            char name[KEY_NAME_MAX];
            char also[KEY_NAME_MAX];
            char left[PICKER_LEFT_MAX];

            if (!key_allowed(row, m)) {
                continue;
            }
            key_label(row->key, name);
            key_label(row->also, also);
            (void)snprintf(left, sizeof(left), "%s%s%s", name, row->also != K_NONE ? " " : "",
                           row->also != K_NONE ? also : "");
            (void)picker_add(p, left, row->help, (int)t, i);
        }
    }
}

void help_render(const struct picker *p, struct frame *f, struct rect area,
                 const struct screen_ops *screen)
{
    struct rect box = {area.row, area.column + 2, area.rows, area.columns - 4};
    struct rect inner = {box.row + 1, box.column + 2, box.rows - 2, box.columns - 4};
    int lines;

    frame_fill(f, box, ATTR_NORMAL);
    frame_box(f, box, ATTR_BOX);
    (void)frame_printf(f, box.row, box.column + 3, box.columns - 6, ATTR_HEADER, " %s: %s ",
                       _("Help"), tr(screen->title));
    lines = frame_wrap(f, (struct rect){inner.row, inner.column, 5, inner.columns}, ATTR_NORMAL,
                       tr(screen->help));
    lines = lines > 5 ? 5 : lines;
    inner.row += lines + 1;
    inner.rows -= lines + 1;
    picker_render(p, f, inner, _("Type to find a key, a screen or a command; Enter runs it:"));
}
