/* Drawing a sheet (base/sheet.h): the same everywhere one is shown. */
#ifndef AFORO_UI_SHEET_VIEW_H
#define AFORO_UI_SHEET_VIEW_H

#include "base/sheet.h"
#include "ui/cell.h"
#include "ui/model.h"

/* From this width on parts marked `side` stand at the right. */
#define SHEET_WIDE 110
#define SHEET_SIDE_COLUMNS 48

#define SHEET_NOTHING SIZE_MAX

/* Where the parts of a sheet came to stand. */
struct sheet_places {
    int lines;
    int line[SHEET_PARTS_MAX]; /* of each row of a table, from the top of the sheet */
};

/*
 * Draw a whole sheet from the top left of a frame that is made as high as it needs.
 *
 * selected: index of the row that is selected, or SHEET_NOTHING.
 * places:   where its rows stand; may be NULL.
 * Errors:   ERR_NOMEM. A sheet longer than a frame may be is cut at its end.
 */
enum err_code sheet_draw(const struct ui_model *m, const struct sheet *s, struct frame *canvas,
                         int columns, size_t selected, struct sheet_places *places,
                         struct err *e) MUST_CHECK;

/* The lines from `top` on in an area, with the cursor on the selected row. */
void sheet_render(const struct ui_model *m, const struct sheet *s, struct frame *f,
                  struct rect area, int top, size_t selected);

/* Text in paragraphs, one a line of it, each broken at spaces. Returns the lines used. */
int sheet_paragraphs(struct frame *f, struct rect r, unsigned attr, const char *text);

/* A machine text as people of the office read it, with its unit. */
#define SHEET_SHOWN_MAX 256
void sheet_format(const struct ui_model *m, enum sheet_as as, const char *text,
                  const char *unit, char out[SHEET_SHOWN_MAX]);

#endif
