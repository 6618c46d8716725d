/* Bare libharu: what anybody would write who has the page's texts and places in hand. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <hpdf.h>
#include <qrencode.h>

#include "tests/bench/pdf_limit.h"

static HPDF_Font font_get(HPDF_Doc doc, const char *dir, const char *name)
{
    char path[512];
    const char *file = name[0] == 'B'   ? "DejaVuSans-Bold"
                       : name[0] == 'M' ? "DejaVuSansMono"
                                        : "DejaVuSans";
    (void)snprintf(path, sizeof(path), "%s/%s.ttf", dir, file);
    return HPDF_GetFont(doc, HPDF_LoadTTFontFromFile(doc, path, HPDF_TRUE), "WinAnsiEncoding");
}

/* Each bill has a code of its own, which the bare program makes too. */
static void code_draw(HPDF_Doc doc, HPDF_Page page, const struct pdf_op *at,
                      const struct pdf_op *o, const char *code)
{
    HPDF_UINT side = (HPDF_UINT)o->args[0];
    QRcode_free(
        QRcode_encodeData((int)strlen(code), (const unsigned char *)code, 0, QR_ECLEVEL_M));
    HPDF_Image image = HPDF_LoadRawImageFromMem(doc, (const HPDF_BYTE *)o->text, side, side,
                                                HPDF_CS_DEVICE_GRAY, 1);
    (void)HPDF_Page_DrawImage(page, image, at->args[4], at->args[5], at->args[0], at->args[3]);
}

static void op_draw(HPDF_Page page, const struct pdf_op *o, HPDF_Font *fonts)
{
    static const struct {
        const char *name;
        HPDF_STATUS (*none)(HPDF_Page);
        HPDF_STATUS (*two)(HPDF_Page, HPDF_REAL, HPDF_REAL);
        HPDF_STATUS (*three)(HPDF_Page, HPDF_REAL, HPDF_REAL, HPDF_REAL);
    } table[] = {
        {"Td", NULL, HPDF_Page_MoveTextPos, NULL},  {"rg", NULL, NULL, HPDF_Page_SetRGBFill},
        {"RG", NULL, NULL, HPDF_Page_SetRGBStroke}, {"BT", HPDF_Page_BeginText, NULL, NULL},
        {"ET", HPDF_Page_EndText, NULL, NULL},      {"f", HPDF_Page_Fill, NULL, NULL},
        {"m", NULL, HPDF_Page_MoveTo, NULL},        {"l", NULL, HPDF_Page_LineTo, NULL},
        {"S", HPDF_Page_Stroke, NULL, NULL}};
    static const HPDF_UINT16 dash[] = {3, 2};
    const float *a = o->args;
    if (strcmp(o->name, "Tj") == 0) {
        (void)HPDF_Page_ShowText(page, o->text);
    } else if (strcmp(o->name, "Tf") == 0) {
        (void)HPDF_Page_SetFontAndSize(page, fonts[o->text[0] & 3], a[0]);
    } else if (strcmp(o->name, "re") == 0) {
        (void)HPDF_Page_Rectangle(page, a[0], a[1], a[2], a[3]);
    } else if (strcmp(o->name, "w") == 0) {
        (void)HPDF_Page_SetLineWidth(page, a[0]);
    } else if (strcmp(o->name, "d") == 0) {
        (void)HPDF_Page_SetDash(page, o->arg_count > 1 ? dash : NULL, o->arg_count > 1 ? 2 : 0,
                                0);
    } /* q, cm and Q: DrawImage writes them */
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].name, o->name) == 0) {
            (void)(table[i].none != NULL  ? table[i].none(page)
                   : table[i].two != NULL ? table[i].two(page, a[0], a[1])
                                          : table[i].three(page, a[0], a[1], a[2]));
            break;
        }
    }
}

bool limit_pdf(const struct pdf_ops *ops, const char *font_dir, const char *path, int64_t pages,
               const char *code)
{
    HPDF_Doc doc = HPDF_New(NULL, NULL);
    HPDF_Font fonts[4] = {NULL}; /* 'B' & 3, 'S' & 3, 'M' & 3 */
    (void)HPDF_SetCompressionMode(doc, HPDF_COMP_ALL);
    fonts['B' & 3] = font_get(doc, font_dir, "B");
    fonts['S' & 3] = font_get(doc, font_dir, "S");
    fonts['M' & 3] = font_get(doc, font_dir, "M");
    for (int64_t i = 0; i < pages; i++) {
        HPDF_Page page = HPDF_AddPage(doc);
        (void)HPDF_Page_SetWidth(page, 595.28F);
        (void)HPDF_Page_SetHeight(page, 841.89F);
        for (size_t n = 0; n < ops->count; n++) {
            if (strcmp(ops->ops[n].name, "EI") == 0) {
                code_draw(doc, page, &ops->ops[n - 1], &ops->ops[n], code);
            } else {
                op_draw(page, &ops->ops[n], fonts);
            }
        }
    }
    bool ok = HPDF_SaveToFile(doc, path) == HPDF_OK && HPDF_GetError(doc) == HPDF_OK;
    HPDF_Free(doc);
    return ok;
}
