/* Workbooks from anybody: read to the end or refused with a sentence. An even first byte: the
 * file as it is; an odd one: sheet, texts and styles, a NUL between them, put into a sound
 * file. */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xlsx.h"
#include "tests/lib/workbook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char book[] = "<workbook><sheets><sheet name=\"a\" id=\"r\"/></sheets></workbook>";
static const char relations[] =
    "<Relationships><Relationship Id=\"r\" Target=\"sheet.xml\"/></Relationships>";

static void pack(const char *path, const char *data, size_t size)
{
    const char *at[3] = {data, "", ""};
    size_t len[3] = {size, 0, 0};
    for (size_t i = 0; i < 2; i++) {
        const char *nul = memchr(at[i], '\0', len[i]);
        if (nul == NULL) {
            break;
        }
        at[i + 1] = nul + 1;
        len[i + 1] = len[i] - (size_t)(nul - at[i]) - 1;
        len[i] = (size_t)(nul - at[i]);
    }
    const struct workbook_part parts[] = {
        {"xl/workbook.xml", book, sizeof book - 1},
        {"xl/_rels/workbook.xml.rels", relations, sizeof relations - 1},
        {"xl/sheet.xml", at[0], len[0]},
        {"xl/sharedStrings.xml", at[1], len[1]},
        {"xl/styles.xml", at[2], len[2]},
        {NULL, NULL, 0}};
    CHECK(workbook_pack(path, parts));
}

static void rows_read(struct xlsx *x)
{
    struct csv_row row = {0};
    struct err e = ERR_INIT;
    uint64_t before = 0;
    bool eof = false;
    enum err_code code = ERR_OK;
    while ((code = xlsx_next(x, &row, &eof, &e)) == ERR_OK && !eof) {
        CHECK(row.line > before && row.line <= XLSX_ROWS_MAX && row.count <= CSV_FIELDS_MAX);
        before = row.line;
        for (size_t i = 0; i < row.count; i++) {
            const struct csv_field *f = &row.fields[i];
            CHECK(strlen(f->data) == f->len || f->fault != NULL);
            CHECK(f->fault == NULL || f->fault[0] != '\0');
        }
    }
    CHECK(code == ERR_OK || e.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[64];
    struct xlsx *x = NULL;
    struct err e = ERR_INIT;
    if (size == 0) {
        return 0;
    }
    (void)snprintf(path, sizeof path, "/dev/shm/fuzz-xlsx-%d", (int)getpid());
    if (data[0] % 2 == 1) {
        pack(path, (const char *)data + 1, size - 1);
    } else {
        FILE *f = fopen(path, "wb");
        CHECK(f != NULL && fwrite(data + 1, 1, size - 1, f) == size - 1 && fclose(f) == 0);
    }
    if (xlsx_open(path, NULL, &x, &e) == ERR_OK) {
        rows_read(x);
    } else {
        CHECK(e.text[0] != '\0');
    }
    xlsx_close(x);
    (void)unlink(path);
    return 0;
}
