/* Forms as they are drawn. */
#include <config.h>

#include "ui/widget_form.h"

#include <string.h>

#include "base/i18n.h"

void form_field_render(const struct form *form, size_t index, struct frame *f, int row,
                       int column, int width)
{
    const struct form_field *field = &form->fields[index];
    bool focus = index == form->focus;
    unsigned attr = focus ? ATTR_FIELD_FOCUS : ATTR_FIELD;
    char choice[FORMAT_MAX];

    if (focus && column > 0) { /* seen without colours too, and in plain text */
        (void)frame_glyph(f, row, column - 1, ATTR_HEADER, GLYPH_POINTER);
    }
    (void)frame_text(f, row, column, 1, ATTR_LABEL, "[");
    (void)frame_text(f, row, column + width - 1, 1, ATTR_LABEL, "]");
    if (!form_is_choice(field->param) || field->locked) {
        lineedit_render(&field->edit, f, row, column + 1, width - 2, attr, focus);
        return;
    }
    form_shown(form, index, choice, sizeof(choice));
    frame_field(f, row, column + 1, width - 2, ALIGN_LEFT, attr,
                choice[0] == '\0' ? glyph_text(GLYPH_DASH, f->ascii) : choice);
    if (focus) {
        frame_cursor(f, row, column + 1);
    }
}

#define LABEL_MAX 192u /* bytes */

/* What the parameter is called; those that must be filled in have a star. */
static void label_of(const struct param *p, char out[LABEL_MAX])
{
    format_sentence(out, LABEL_MAX, tr(p->help)[0] != '\0' ? tr(p->help) : p->name);
    if ((p->flags & PARAM_REQUIRED) != 0 && strlen(out) + 1 < LABEL_MAX) {
        memcpy(out + strlen(out), "*", 2);
    }
}

static int label_width(const struct form *form, struct frame *f)
{
    int widest = 8;

    for (size_t i = 0; i < form->count; i++) {
        char label[LABEL_MAX];
        int width;

        label_of(form->fields[i].param, label);
        width = frame_width(f, label) + 2;
        widest = width > widest ? width : widest;
    }
    return widest;
}

#define FIELD_COLUMNS_MAX 42

static int field_width(const struct param *p, int room)
{
    int wanted = FIELD_COLUMNS_MAX;

    if (p->type == PARAM_INT || p->type == PARAM_DECIMAL || p->type == PARAM_DATE ||
        p->type == PARAM_FLAG) {
        wanted = 18;
    } else if (p->type == PARAM_TIME || p->type == PARAM_CHOICE) {
        wanted = 22;
    }
    return wanted < room ? wanted : room;
}

/* The line under a field: what is wrong with it, or how to write it. */
static void render_note(const struct form *form, size_t index, struct frame *f, int row,
                        int column, int room)
{
    const struct form_field *field = &form->fields[index];
    char example[FORMAT_MAX];
    int used;

    if (field->error[0] != '\0') {
        used = frame_glyph(f, row, column, ATTR_BAD, GLYPH_RISE) + 1;
        (void)frame_text(f, row, column + used, room - used, ATTR_BAD, field->error);
        return;
    }
    if (index != form->focus) {
        return;
    }
    form_example(form, field->param, example);
    if (field->param->type == PARAM_FILE) {
        char note[FORM_ERROR_MAX * 2];

        form_file_note(form, note, sizeof(note));
        (void)frame_text(f, row, column, room, ATTR_DIM,
                         note[0] != '\0' ? note : _("Tab completes the path."));
    } else if (form_is_choice(field->param)) {
        (void)frame_text(f, row, column, room, ATTR_DIM,
                         _("Letters, Space or the arrows change it."));
    } else if (form_pick_param(form) != NULL) {
        (void)frame_text(f, row, column, room, ATTR_DIM, _("Ctrl+F lists what there is."));
    } else if (example[0] != '\0') {
        (void)frame_printf(f, row, column, room, ATTR_DIM, _("Like %s"), example);
    }
}

static void render_one(const struct form *form, size_t index, struct frame *f, struct rect line,
                       int labels)
{
    const struct param *p = form->fields[index].param;
    int room = line.columns - labels;
    char label[LABEL_MAX];

    label_of(p, label);
    (void)frame_wrap(f, (struct rect){line.row, line.column, 2, labels - 2}, ATTR_LABEL, label);
    form_field_render(form, index, f, line.row, line.column + labels, field_width(p, room));
    render_note(form, index, f, line.row + 1, line.column + labels, room);
}

/* Does a label find room in two lines? */
static bool label_fits(const struct form *form, size_t index, struct frame *f, int labels)
{
    char label[LABEL_MAX];

    label_of(form->fields[index].param, label);
    return frame_wrap(f, (struct rect){0, 0, 0, labels - 2}, ATTR_LABEL, label) <= 2;
}

static bool all_fit(const struct form *form, struct frame *f, int labels)
{
    for (size_t i = 0; i < form->count; i++) {
        if (!label_fits(form, i, f, labels)) {
            return false;
        }
    }
    return true;
}

/* Fields keep their room: labels that are longer take a second line. */
static int label_columns(const struct form *form, struct frame *f, int columns)
{
    int wanted = label_width(form, f);
    int most = columns - FIELD_COLUMNS_MAX;

    most = most > columns * 2 / 5 ? most : columns * 2 / 5;
    return wanted < most ? wanted : most;
}

void form_render(const struct form *form, struct frame *f, struct rect area)
{
    int labels = label_columns(form, f, area.columns);
    int told = all_fit(form, f, labels) ? 0 : 3; /* lines for all of a label that was cut */
    bool paged = form->count > (size_t)((area.rows - told) / 2) && area.rows > 2;
    int per_page = (area.rows - told - (paged ? 1 : 0)) / 2;
    size_t first;
    size_t end;

    if (per_page < 1 || form->count == 0) {
        return;
    }
    first = form->focus / (size_t)per_page * (size_t)per_page;
    end = first + (size_t)per_page < form->count ? first + (size_t)per_page : form->count;
    for (size_t i = first; i < end; i++) {
        int row = area.row + (int)(i - first) * 2;

        render_one(form, i, f, (struct rect){row, area.column, 2, area.columns}, labels);
    }
    if (!label_fits(form, form->focus, f, labels)) {
        char label[LABEL_MAX];

        label_of(form->fields[form->focus].param, label);
        (void)frame_wrap(
            f, (struct rect){area.row + area.rows - told, area.column, 2, area.columns},
            ATTR_LABEL, label);
    }
    if (paged) {
        (void)frame_printf(f, area.row + area.rows - 1, area.column, area.columns, ATTR_DIM,
                           _("Fields %zu to %zu of %zu"), first + 1, end, form->count);
    }
}
