/* The limit of bench_pdf: a page as a list of operators, and bare libharu drawing it. */
#ifndef AFORO_TESTS_PDF_LIMIT_H
#define AFORO_TESTS_PDF_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pdf_op {
    char name[4]; /* as in the page: "Td" */
    float args[6];
    int arg_count;
    char *text; /* of Tj, one byte a character; of Tf, the font's name; of EI, bits */
};

struct pdf_ops {
    struct pdf_op *ops;
    size_t count;
};

/* The operators of the first page of a PDF that ours wrote. */
bool pdf_ops_read(const char *path, struct pdf_ops *out);
void pdf_ops_free(struct pdf_ops *ops);
/* Draw the list on `pages` pages of a new file, faces embedded by the library. code: the text
 * of the QR code, which is encoded for each page as ours does. */
bool limit_pdf(const struct pdf_ops *ops, const char *font_dir, const char *path, int64_t pages,
               const char *code);

#endif
