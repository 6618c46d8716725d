/* A row of a list as a page: every column, what the model says of it besides, and where it
 * leads. */
#ifndef AFORO_UI_ROW_SHEET_H
#define AFORO_UI_ROW_SHEET_H

#include "ui/list.h"

/*
 * Fill a sheet from a row. Its values have the columns' names, and "id".
 *
 * Errors: ERR_NOT_FOUND when the row is gone, ERR_DENIED, those of the model.
 */
enum err_code row_sheet(const struct ui_model *m, const struct list_def *list, int64_t id,
                        struct sheet *out, struct err *e) MUST_CHECK;

#endif
