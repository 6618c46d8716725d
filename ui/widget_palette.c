#include <config.h>

#include "ui/widget_palette.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/synonyms.h"

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
    [PALETTE_LOGOUT] = {"logout", N_("Log out; another user can log in here")},
    [PALETTE_REDRAW] = {"redraw", N_("Draw the whole screen again")},
    [PALETTE_QUIT] = {"quit", N_("Quit Aforo")},
};

/* Other words for the items from a number on: one pass over the table, and one over the items a
 * row. */
static void add_words(struct picker *p, size_t from)
{
    struct synonym s;
    const char *at = NULL;

    while (synonym_next(&at, &s)) {
        size_t which = strncmp(s.language, i18n_lang(), 2) == 0 ? 0 : 1;

        for (size_t i = from; i < p->count; i++) {
            if (synonym_is_of(&s, p->items[i].left)) {
                p->items[i].words[which] = (struct picker_words){s.words, s.words_len};
            }
        }
    }
}

typedef struct picker_item *(*add_fn)(struct picker *p, const char *left, const char *text,
                                      int kind, size_t index);

/* What is called by its name on the command line as well as in words. */
static struct picker_item *named(struct picker_item *item)
{
    item->named = true;
    return item;
}

static void add_all(struct picker *p, const struct ui_model *m, add_fn add, int first_kind)
{
    const struct command *command;
    char name[PICKER_LEFT_MAX];
    size_t from = p->count;

    for (size_t i = 0; i < screens_openable_count; i++) {
        const struct screen_ops *s = screens_openable[i];

        if (s->needs == NULL || m->may(m->ctx, s->needs)) {
            named(add(p, s->name, s->title, first_kind + PALETTE_SCREEN, i))->help = s->help;
        }
    }
    for (size_t i = 0; i < PICKER_ITEMS_MAX && (command = m->command_at(m->ctx, i)) != NULL;
         i++) {
        named(add(p, command->name, command->summary, first_kind + PALETTE_COMMAND, i));
    }
    named(add(p, "language es", N_("Speak Spanish"), first_kind + PALETTE_LANGUAGE, 0));
    named(add(p, "language en", N_("Speak English"), first_kind + PALETTE_LANGUAGE, 1));
    for (size_t i = 0; i < theme_count; i++) {
        (void)snprintf(name, sizeof(name), "theme %s", themes[i].name);
        named(add(p, name, theme_help[i], first_kind + PALETTE_THEME, i));
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        named(add(p, others[i].name, others[i].help, first_kind + PALETTE_OTHER, i));
    }
    add_words(p, from);
}

void palette_fill(struct picker *p, const struct ui_model *m)
{
    picker_init(p);
    add_all(p, m, picker_add, 0);
}

void palette_add(struct picker *p, const struct ui_model *m, int first_kind)
{
    add_all(p, m, picker_add_hidden, first_kind);
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
