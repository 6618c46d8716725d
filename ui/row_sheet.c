#include <config.h>

#include "ui/row_sheet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"

#define ROW_BYTES_MAX ((size_t)1 << 20)

static const struct sheet_column row_columns[] = {
    {N_("What"), SHEET_AS_TEXT, 16, 26, 1},
    {N_("Value"), SHEET_AS_TEXT, 24, 200, 1},
    {NULL, SHEET_AS_TEXT, 0, 0, 0},
};

static void put(struct sheet *out, const struct list_goal *goal, const char *title,
                const char *text)
{
    sheet_row(out, goal != NULL ? goal->id : 0, goal != NULL ? goal->opens : NULL, "");
    sheet_put(out, 0, title);
    sheet_put(out, 1, text);
}

static const struct list_goal *goal_of(const struct list_goal *goals, size_t count,
                                       const char *column)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(goals[i].column, column) == 0) {
            return &goals[i];
        }
    }
    return NULL;
}

static bool is_column(const struct list_def *list, const char *name)
{
    for (size_t i = 0; i < list->column_count; i++) {
        if (strcmp(list->columns[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void put_cells(const struct ui_model *m, const struct list_def *list,
                      const struct row *row, const struct list_goal *goals, size_t count,
                      struct sheet *out)
{
    for (size_t i = 0; i < list->column_count; i++) {
        const struct column *c = &list->columns[i];
        const char *cell = row->cells[i] != NULL ? row->cells[i] : "";
        char text[FORMAT_MAX];

        sheet_set(out, c->name, cell);
        if (cell[0] != '\0') {
            put(out, goal_of(goals, count, c->name), tr(c->title),
                list_cell_text(m, c->type, c->states, cell, text));
        }
    }
}

/* What the row leads to and no column shows. */
static void put_goals(const struct list_def *list, const struct list_goal *goals, size_t count,
                      struct sheet *out)
{
    for (size_t i = 0; i < count; i++) {
        char number[24];

        if (!is_column(list, goals[i].column)) {
            (void)snprintf(number, sizeof(number), "%" PRId64, goals[i].id);
            put(out, &goals[i], tr(goals[i].column), number);
        }
    }
}

static enum err_code put_detail(const struct ui_model *m, const struct list_def *list,
                                int64_t id, struct sheet *out, struct err *e)
{
    struct list_detail detail;
    enum err_code code;

    list_detail_init(&detail);
    code = m->list_detail(m->ctx, list->name, id, &detail, e);
    for (size_t i = 0; code == ERR_OK && i < detail.count; i++) {
        const struct list_line *line = &detail.lines[i];
        char text[FORMAT_MAX];

        if (line->value[0] != '\0') {
            put(out, NULL, line->label,
                list_cell_text(m, list_column_type(line->type), NULL, line->value, text));
        }
    }
    if (code == ERR_OK && detail.note != NULL) {
        sheet_text(out, SHEET_PLAIN, detail.note);
    }
    list_detail_release(&detail);
    return code;
}

enum err_code row_sheet(const struct ui_model *m, const struct list_def *list, int64_t id,
                        struct sheet *out, struct err *e)
{
    const struct rowsource *source = m->list(m->ctx, list->name);
    struct list_goal goals[LIST_LINKS_MAX];
    struct rowset rows = {.max = 1};
    size_t count = 0;
    char number[24];
    enum err_code code;

    if (source == NULL) {
        return err_set(e, ERR_DENIED, "%s", _("Your role may not open this screen."));
    }
    arena_init(&rows.arena, ROW_BYTES_MAX);
    rows.rows = arena_array(&rows.arena, 1, sizeof(*rows.rows));
    code = rows.rows == NULL ? err_nomem(e) : source->fetch(source->ctx, &id, 1, &rows, e);
    if (code == ERR_OK && (rows.count == 0 || rows.rows[0].id == 0)) {
        code = err_set(e, ERR_NOT_FOUND, "%s", _("This row is not there any more."));
    }
    code = code == ERR_OK ? m->list_goals(m->ctx, list->name, id, goals, &count, e) : code;
    if (code == ERR_OK) {
        (void)snprintf(number, sizeof(number), "%" PRId64, id);
        sheet_set(out, "id", number);
        sheet_table(out, row_columns, "");
        put_cells(m, list, &rows.rows[0], goals, count, out);
        put_goals(list, goals, count, out);
        code = put_detail(m, list, id, out, e);
    }
    arena_release(&rows.arena);
    return code;
}
