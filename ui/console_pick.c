/* A list over the screen, of which one is picked for the field of a form. */
#include <config.h>

#include "base/i18n.h"
#include "ui/console_priv.h"
#include "ui/format.h"

void console_pick_open(struct console *c, uint32_t from, struct effect *f)
{
    if (console_top(c)->id != from || c->overlay == OVERLAY_LOCK) {
        return; /* the form is gone, or nobody is there */
    }
    picks_free(c->picks);
    c->picks = f->picks;
    f->picks = NULL;
    c->confirm_owner = from;
    format_sentence(c->pick_title, sizeof(c->pick_title), tr(f->title));
    picker_init(&c->picker);
    for (size_t i = 0; i < c->picks->count; i++) {
        (void)picker_add(&c->picker, c->picks->list[i].value, c->picks->list[i].text, 0, i);
    }
    c->overlay = OVERLAY_PICK;
}

void console_pick_close(struct console *c)
{
    picks_free(c->picks);
    c->picks = NULL;
    c->overlay = OVERLAY_NONE;
}

void console_pick_take(struct console *c, const struct picker_item *item, struct effects *out)
{
    struct console_slot *top = console_top(c);
    struct event ev = {.kind = EV_PICKED, .text = c->picks->list[item->index].value};
    struct effects fx = {0};

    c->overlay = OVERLAY_NONE;
    if (top->id == c->confirm_owner) {
        (void)top->ops->update(top->state, &ev, &fx);
        console_apply(c, top->id, &fx, out);
    }
    console_pick_close(c);
}

void console_pick_render(const struct console *c, struct frame *f, struct rect area)
{
    int wanted = (int)c->picks->count + 4;
    int rows = wanted < area.rows ? wanted : area.rows;
    struct rect box = {area.row + area.rows - rows, area.column, rows, area.columns};

    frame_fill(f, box, ATTR_NORMAL);
    frame_box(f, box, ATTR_BOX);
    (void)frame_printf(f, box.row, box.column + 3, box.columns - 6, ATTR_HEADER, " %s ",
                       c->pick_title);
    if (c->picks->more) {
        (void)frame_printf(f, box.row + rows - 1, box.column + 3, box.columns - 6, ATTR_DIM,
                           " %s ", _("There are more; typing in the field narrows them."));
    }
    picker_render(&c->picker, f,
                  (struct rect){box.row + 1, box.column + 2, rows - 2, box.columns - 4},
                  _("Type to find one; Enter takes it:"));
}
