/* Between machine form ("12042.5", "2025-06-10 09:42") and what people of the office read and
 * type. */
#ifndef AFORO_UI_FORMAT_H
#define AFORO_UI_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define FORMAT_MAX 64

/* "12042.5" -> "12 042,5"; "" stays "". What is no number comes out as it is. */
void format_number(const struct numfmt *nf, const char *machine, char out[FORMAT_MAX]);
/* "2025-06-10" or a date and time -> "10/06/25". */
void format_date(const struct numfmt *nf, const char *machine, char out[FORMAT_MAX]);
/* "2025-06-10 09:42" -> "10/06/25 09:42"; a date alone as format_date. */
void format_datetime(const struct numfmt *nf, const char *machine, char out[FORMAT_MAX]);

/*
 * A number as typed, blanks around it ignored; see numfmt_parse(). Returns false when it is
 * none.
 */
bool format_parse_number(const struct numfmt *nf, const char *text, char machine[FORMAT_MAX]);
/*
 * A date as typed, in the office's order of day and month ("10/6/25", "10-06-2025") or ISO
 * ("2025-06-10"), with " 9:42" after it when with_time. A time left out is 00:00. Returns false
 * when there is no such date.
 */
bool format_parse_date(const struct numfmt *nf, const char *text, bool with_time,
                       char machine[FORMAT_MAX]);

/* Copy as many whole UTF-8 characters as fit in size bytes; always terminated. src may be NULL.
 */
void format_copy(char *out, size_t size, const char *src);
/* The same with a capital letter at its beginning. */
void format_sentence(char *out, size_t size, const char *src);
/* Where the last `count` lines of a text begin. */
const char *format_last_lines(const char *text, size_t count);

#endif
