/* Files within a PDF. Private to the canvas. */
#ifndef AFORO_REPORTS_OUT_PDF_ATTACH_H
#define AFORO_REPORTS_OUT_PDF_ATTACH_H

#include <stdbool.h>
#include <stddef.h>

#include <hpdf.h>

/* Attach a file of JSON, packed by pdf_press_pack(). name: ASCII. False when memory is out. */
bool pdf_attach_to(HPDF_Doc doc, const char *name, const void *packed, size_t len);

#endif
