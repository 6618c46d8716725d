/* Forms as they are drawn. */
#include <config.h>

#include "ui/widget_form.h"

#include "base/i18n.h"

void form_field_render(const struct form *form, size_t index, struct frame *f, int row,
                       int column, int width)
{
    const struct form_field *field = &form->fields[index];
    bool focus = index == form->focus;
    unsigned attr = focus ? ATTR_FIELD_FOCUS : ATTR_FIELD;
    char choice[FORMAT_MAX];

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

/* What the parameter is called, with a capital letter. */
static void label_of(const struct param *p, char out[FORMAT_MAX])
{
    format_copy(out, FORMAT_MAX, tr(p->help)[0] != '\0' ? tr(p->help) : p->name);
    if (out[0] >= 'a' && out[0] <= 'z') {
        out[0] = (char)(out[0] - 'a' + 'A');
    }
}

static int label_width(const struct form *form, struct frame *f)
{
    int widest = 8;

    for (size_t i = 0; i < form->count; i++) {
        char label[FORMAT_MAX];
        int width;

        label_of(form->fields[i].param, label);
        width = frame_width(f, label) + 3;
        widest = width > widest ? width : widest;
    }
    return widest;
}

static int field_width(const struct param *p, int room)
{
    int wanted = 42;

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
    } else if (example[0] != '\0') {
        (void)frame_printf(f, row, column, room, ATTR_DIM, _("Like %s"), example);
    }
}

static void render_one(const struct form *form, size_t index, struct frame *f, struct rect line,
                       int labels)
{
    const struct param *p = form->fields[index].param;
    int room = line.columns - labels;
    int at = line.column;
    char label[FORMAT_MAX];

    label_of(p, label);
    at += frame_text(f, line.row, at, labels - 2, ATTR_LABEL, label);
    if ((p->flags & PARAM_REQUIRED) != 0) {
        (void)frame_text(f, line.row, at, 1, ATTR_LABEL, "*");
    }
    form_field_render(form, index, f, line.row, line.column + labels, field_width(p, room));
    render_note(form, index, f, line.row + 1, line.column + labels, room);
}

void form_render(const struct form *form, struct frame *f, struct rect area)
{
    int labels = label_width(form, f);
    bool paged = form->count > (size_t)(area.rows / 2) && area.rows > 2;
    int per_page = (area.rows - (paged ? 1 : 0)) / 2;
    size_t first;
    size_t end;

    if (labels > area.columns / 2) {
        labels = area.columns / 2;
    }
    if (per_page < 1 || form->count == 0) {
        return;
    }
    first = form->focus / (size_t)per_page * (size_t)per_page;
    end = first + (size_t)per_page < form->count ? first + (size_t)per_page : form->count;
    for (size_t i = first; i < end; i++) {
        int row = area.row + (int)(i - first) * 2;

        render_one(form, i, f, (struct rect){row, area.column, 2, area.columns}, labels);
    }
    if (paged) {
        (void)frame_printf(f, area.row + area.rows - 1, area.column, area.columns, ATTR_DIM,
                           _("Fields %zu to %zu of %zu"), first + 1, end, form->count);
    }
}
