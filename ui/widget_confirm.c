#include <config.h>

#include "ui/widget_confirm.h"

#include "base/i18n.h"
#include "ui/format.h"

void confirm_open(struct confirm *c, const char *title, const char *text)
{
    format_copy(c->title, sizeof(c->title), title);
    format_copy(c->text, sizeof(c->text), text);
    c->yes = false;
}

enum confirm_answer confirm_key(struct confirm *c, uint32_t key)
{
    switch (key) {
    case K_ENTER:
        return c->yes ? CONFIRM_YES : CONFIRM_NO;
    case K_ESC:
    case 'n':
    case 'N':
        return CONFIRM_NO;
    case 'y': /* yes and sí, whatever language is shown */
    case 'Y':
    case 's':
    case 'S':
        return CONFIRM_YES;
    case K_TAB:
    case K_BACKTAB:
    case K_LEFT:
    case K_RIGHT:
    case 'h':
    case 'l':
        c->yes = !c->yes;
        return CONFIRM_NONE;
    default:
        return CONFIRM_NONE;
    }
}

static int button(struct frame *f, int row, int column, int room, bool focus, const char *label)
{
    int used =
        frame_printf(f, row, column, room, focus ? ATTR_CURSOR : ATTR_KEY, "[ %s ]", label);

    if (focus) {
        frame_cursor(f, row, column + 2);
    }
    return used;
}

void confirm_render(const struct confirm *c, struct frame *f, struct rect area)
{
    int columns = area.columns < 64 ? area.columns : 64;
    int lines = frame_wrap(f, (struct rect){0, 0, 0, columns - 6}, ATTR_NORMAL, c->text);
    int rows = lines + 6 < area.rows ? lines + 6 : area.rows;
    struct rect box = {area.row + (area.rows - rows) / 2,
                       area.column + (area.columns - columns) / 2, rows, columns};
    int at = box.column + 3;

    frame_fill(f, box, ATTR_NORMAL);
    frame_box(f, box, ATTR_WARN);
    (void)frame_printf(f, box.row, box.column + 3, columns - 6, ATTR_WARN, " %s ", c->title);
    (void)frame_wrap(f, (struct rect){box.row + 2, at, rows - 5, columns - 6}, ATTR_NORMAL,
                     c->text);
    at += button(f, box.row + rows - 2, at, columns - 6, !c->yes, _("No, go back (n)")) + 2;
    (void)button(f, box.row + rows - 2, at, box.column + columns - 2 - at, c->yes,
                 _("Yes (y)"));
}
