/* Objects of a PDF that the library has no function for. Private to the canvas and its parts.
 */
#ifndef AFORO_REPORTS_OUT_PDF_OBJECT_H
#define AFORO_REPORTS_OUT_PDF_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include <hpdf.h>
#include <hpdf_objects.h>

/* A stream whose bytes are packed with zlib already; NULL when memory is out. It belongs to the
 * document. */
HPDF_Dict pdf_packed_stream(HPDF_Doc doc, const void *packed, size_t len);
/* Give a stream of the library's packed bytes instead of its contents, of which there are none
 * yet. */
bool pdf_packed_fill(HPDF_Dict stream, const void *packed, size_t len);
/* A dictionary that others may refer to; NULL when memory is out. */
HPDF_Dict pdf_shared_dict(HPDF_Doc doc);
/* A number for each of `values`. */
HPDF_Array pdf_numbers(HPDF_Doc doc, const int *values, size_t count);
/* Text of any language, as UTF-16. False when memory is out. Source: ISO 32000-1, 7.9.2.2. */
bool pdf_add_text(HPDF_Dict dict, const char *key, const char *text);

#endif
