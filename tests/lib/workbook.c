#include <config.h>

#include "tests/lib/workbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define SPACE "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""

bool workbook_pack(const char *path, const struct workbook_part *parts)
{
    int why = 0;
    zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &why);
    bool ok = z != NULL;
    for (const struct workbook_part *p = parts; ok && p->text != NULL; p++) {
        zip_source_t *source = zip_source_buffer(z, p->text, p->len, 0);
        ok = source != NULL && zip_file_add(z, p->name, source, ZIP_FL_OVERWRITE) >= 0;
    }
    if (z != NULL && zip_close(z) != 0) {
        zip_discard(z);
        ok = false;
    }
    return ok;
}

bool workbook_write(const char *path, bool base_1904, const char *sheet, const char *texts)
{
    static const char relations[] =
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        "<Relationship Id=\"rId1\" Type=\"x\" "
        "Target=\"worksheets/sheet1.xml\"/></Relationships>";
    static const char styles[] =
        "<styleSheet " SPACE "><numFmts count=\"1\"><numFmt numFmtId=\"164\" "
        "formatCode=\"dd/mm/yyyy\\ hh:mm\"/></numFmts><cellXfs count=\"4\"><xf "
        "numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf "
        "numFmtId=\"2\"/></cellXfs></styleSheet>";
    char book[512];
    size_t size = strlen(sheet) + (texts != NULL ? strlen(texts) : 0) + 512;
    char *sheet_text = malloc(size);
    char *sst = malloc(size);
    if (sheet_text == NULL || sst == NULL) {
        abort();
    }
    (void)snprintf(book, sizeof book,
                   "<workbook " SPACE " xmlns:r=\"urn:r\"><workbookPr date1904=\"%d\"/><sheets>"
                   "<sheet name=\"Oculta\" sheetId=\"2\" state=\"hidden\" r:id=\"rId9\"/>"
                   "<sheet name=\"Hoja\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
                   base_1904);
    (void)snprintf(sheet_text, size, "<worksheet " SPACE ">%s</worksheet>", sheet);
    (void)snprintf(sst, size, "<sst " SPACE ">%s</sst>", texts != NULL ? texts : "");
    const struct workbook_part parts[] = {
        {"xl/workbook.xml", book, strlen(book)},
        {"xl/_rels/workbook.xml.rels", relations, strlen(relations)},
        {"xl/styles.xml", styles, strlen(styles)},
        {"xl/sharedStrings.xml", sst, strlen(sst)},
        {"xl/worksheets/sheet1.xml", sheet_text, strlen(sheet_text)},
        {NULL, NULL, 0}};
    bool ok = workbook_pack(path, parts);
    free(sheet_text);
    free(sst);
    return ok;
}
