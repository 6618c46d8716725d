/* Small xlsx workbooks for tests, put together from their parts. */
#ifndef AFORO_TESTS_LIB_WORKBOOK_H
#define AFORO_TESTS_LIB_WORKBOOK_H

#include <stdbool.h>
#include <stddef.h>

struct workbook_part {
    const char *name, *text; /* text NULL: the end of the list */
    size_t len;
};
/* Pack parts into a new file; false when it cannot be written. */
bool workbook_pack(const char *path, const struct workbook_part *parts);
/* A workbook of one sheet "Hoja" from what stands within <worksheet>; styles and texts may be
 * NULL. Style 1 shows dates, style 2 dates and times, style 3 is of numbers. */
bool workbook_write(const char *path, bool base_1904, const char *sheet, const char *texts);

#endif
