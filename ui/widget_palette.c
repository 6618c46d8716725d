#include <config.h>

#include "ui/widget_palette.h"

#include <stdio.h>

#include "base/i18n.h"

const char *const palette_languages[2] = {"es", "en"};

static const char *const theme_help[] = {
    N_("Colours on the terminal's own background"),
    N_("Colours on a dark background"),
    N_("Colours on a light background"),
    N_("No colours, few bytes: for slow lines"),
};

static const struct {
    const char *name;
    const char *help;
} others[] = {
    [PALETTE_LOGOUT] = {"logout", N_("Log out and leave the office open for another user")},
    [PALETTE_REDRAW] = {"redraw", N_("Draw the whole screen again")},
    [PALETTE_QUIT] = {"quit", N_("Leave Aforo")},
};

void palette_fill(struct picker *p, const struct ui_model *m)
{
    const struct command *command;
    char name[PICKER_LEFT_MAX];

    picker_init(p);
    for (size_t i = 0; i < screens_openable_count; i++) {
        const struct screen_ops *s = screens_openable[i];

        if (s->needs == NULL || m->may(m->ctx, s->needs)) {
            picker_add(p, s->name, s->title, PALETTE_SCREEN, i);
        }
    }
    for (size_t i = 0; i < PICKER_ITEMS_MAX && (command = m->command_at(m->ctx, i)) != NULL;
         i++) {
        picker_add(p, command->name, command->summary, PALETTE_COMMAND, i);
    }
    picker_add(p, "language es", N_("Speak Spanish"), PALETTE_LANGUAGE, 0);
    picker_add(p, "language en", N_("Speak English"), PALETTE_LANGUAGE, 1);
    for (size_t i = 0; i < theme_count; i++) {
        (void)snprintf(name, sizeof(name), "theme %s", themes[i].name);
        picker_add(p, name, theme_help[i], PALETTE_THEME, i);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        picker_add(p, others[i].name, others[i].help, PALETTE_OTHER, i);
    }
}

void palette_render(const struct picker *p, struct frame *f, struct rect area)
{
    int rows = area.rows < 16 ? area.rows : 16;
    struct rect box = {area.row + area.rows - rows, area.column, rows, area.columns};

    frame_fill(f, box, ATTR_NORMAL);
    frame_box(f, box, ATTR_BOX);
    (void)frame_printf(f, box.row, box.column + 3, box.columns - 6, ATTR_HEADER, " %s ",
                       _("Commands"));
    picker_render(p, f, (struct rect){box.row + 1, box.column + 2, rows - 2, box.columns - 4},
                  ":");
}
