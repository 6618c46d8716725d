/* What the parts of the xlsx reader share. */
#ifndef AFORO_BASE_XLSX_PRIV_H
#define AFORO_BASE_XLSX_PRIV_H

#include <zip.h>

#include "buf.h"
#include "xlsx.h"
#include "xml.h"

#define XLSX_PART_NAME_MAX 256

/* Texts that cells name by number. */
struct xlsx_texts {
    struct buf bytes; /* each with its NUL */
    uint32_t *at;     /* where each begins */
    size_t count, size;
};

struct xlsx_merge {
    unsigned column[2], row[2]; /* from, to */
};

struct xlsx {
    zip_t *zip;
    bool base_1904;
    char sheet[XLSX_PART_NAME_MAX]; /* the part that holds it */
    struct xlsx_texts texts;
    uint8_t *date_style; /* 1: cells of this style show dates */
    size_t style_count;
    struct xlsx_merge *merges;
    size_t merge_count;
    uint8_t *merged_rows; /* a bit a row */
    struct sheet_reader *reader;
};

/* Stream a part of the workbook through a reader; max: bytes unpacked. */
struct xlsx_part {
    zip_file_t *file;
    struct xml_stream *xml;
    uint64_t done, size, max;
    bool paused, ended;
    const char *name; /* borrowed */
};
enum err_code xlsx_part_open(struct xlsx *x, const char *name, uint64_t max,
                             const struct xml_reader *reader, struct xlsx_part *p,
                             struct err *e) MUST_CHECK;
void xlsx_part_close(struct xlsx_part *p);
/* Read until a callback pauses or the part ends. */
enum err_code xlsx_part_run(struct xlsx_part *p, struct err *e) MUST_CHECK;
/* The whole part in one go. *found false when the workbook has no such part. */
enum err_code xlsx_part_read(struct xlsx *x, const char *name, uint64_t max,
                             const struct xml_reader *reader, bool *found,
                             struct err *e) MUST_CHECK;

/* The last element of a path; "" for none. */
const char *xlsx_last(const char *path);

/* First pass over the sheet: its merged cells. */
enum err_code xlsx_merges_read(struct xlsx *x, struct err *e) MUST_CHECK;
enum err_code xlsx_rows_open(struct xlsx *x, struct err *e) MUST_CHECK;
void xlsx_rows_close(struct xlsx *x);

#endif
