#include <config.h>

#include "reports/out_pdf_font.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hpdf_encoder.h>
#include <hpdf_objects.h>
#include <hpdf_streams.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "reports/model.h"

#define BMP_SIZE 0x10000
#define WIDTH_UNKNOWN 0xFFFF
#define RUN_MAX (512 * 1024)
#define REPLACEMENT 0xFFFD

static const char *const face_files[PDF_FACE_COUNT] = {
    [PDF_SANS] = "DejaVuSans.ttf",
    [PDF_BOLD] = "DejaVuSans-Bold.ttf",
    [PDF_MONO] = "DejaVuSansMono.ttf",
};

/* Codes that Windows Latin leaves free, given to what bills need. Each has a name in Adobe's
 * glyph list, by which viewers find the glyph and copy the text. Source: ISO 32000-1 9.6.6 and
 * annex D. */
static const struct {
    uint8_t code;
    HPDF_UNICODE cp;
} latin_extra[] = {
    {0x81, 0x20A1 /* colon sign */}, {0x8D, 0x2212 /* minus */},        {0x8F, 0x2265 /* >= */},
    {0x90, 0x2264 /* <= */},         {0x9D, 0x2248 /* almost equal */},
};

static void latin_prepare(struct pdf_fonts *f)
{
    HPDF_Encoder encoder = HPDF_GetEncoder(f->doc, "WinAnsiEncoding");
    if (encoder == NULL) {
        return;
    }
    HPDF_BasicEncoderAttr attr = encoder->attr;
    for (size_t i = 0; i < sizeof(latin_extra) / sizeof(latin_extra[0]); i++) {
        attr->unicode_map[latin_extra[i].code] = latin_extra[i].cp;
        attr->differences[latin_extra[i].code] = 1;
    }
    attr->has_differences = HPDF_TRUE;
    for (unsigned code = attr->first_char; code <= attr->last_char; code++) {
        HPDF_UNICODE cp = attr->unicode_map[code];
        if (cp != 0 && cp < PDF_LATIN_SIZE) {
            f->latin[cp] = (uint8_t)code;
        }
    }
}

enum err_code pdf_fonts_init(struct pdf_fonts *f, HPDF_Doc doc, const char *dir, struct err *e)
{
    char path[PATH_MAX];
    memset(f, 0, sizeof(*f));
    f->doc = doc;
    buf_init(&f->run, RUN_MAX);
    (void)snprintf(f->dir, sizeof(f->dir), "%s", dir);
    for (size_t i = 0; i < PDF_FACE_COUNT; i++) {
        int n = snprintf(path, sizeof(path), "%s/%s", f->dir, face_files[i]);
        if (n < 0 || (size_t)n >= sizeof(path) || access(path, R_OK) != 0) {
            return err_set(e, ERR_NOT_FOUND,
                           _("The font %s is not readable: install fonts-dejavu-core."), path);
        }
    }
    latin_prepare(f);
    return ERR_OK;
}

void pdf_fonts_release(struct pdf_fonts *f)
{
    for (size_t i = 0; i < PDF_FACE_COUNT; i++) {
        mem_free(f->faces[i].widths);
        f->faces[i].widths = NULL;
    }
    buf_release(&f->run);
}

/* Faces are loaded when first used: most documents need no third one. */
static struct pdf_face_fonts *face_load(struct pdf_fonts *f, enum pdf_face which)
{
    char path[PATH_MAX];
    struct pdf_face_fonts *face = &f->faces[which];
    if (face->widths != NULL) {
        return face;
    }
    int n = snprintf(path, sizeof(path), "%s/%s", f->dir, face_files[which]);
    face->name = n > 0 && (size_t)n < sizeof(path)
                     ? HPDF_LoadTTFontFromFile(f->doc, path, HPDF_TRUE)
                     : NULL;
    face->latin =
        face->name == NULL ? NULL : HPDF_GetFont(f->doc, face->name, "WinAnsiEncoding");
    face->widths = face->latin == NULL ? NULL : mem_array(BMP_SIZE, sizeof(*face->widths));
    if (face->widths == NULL) {
        f->lost = true;
        return NULL;
    }
    memset(face->widths, 0xFF, BMP_SIZE * sizeof(*face->widths));
    return face;
}

unsigned pdf_fonts_width(struct pdf_fonts *f, enum pdf_face which, uint32_t cp)
{
    struct pdf_face_fonts *face = face_load(f, which);
    if (face == NULL) {
        return 0;
    }
    uint32_t at = cp < BMP_SIZE ? cp : REPLACEMENT;
    if (face->widths[at] == WIDTH_UNKNOWN) {
        int w = HPDF_Font_GetUnicodeWidth(face->latin, (HPDF_UNICODE)at);
        face->widths[at] = w < 0 || w >= WIDTH_UNKNOWN ? 0 : (uint16_t)w;
    }
    return face->widths[at];
}

/*
 * How the 16-bit font's codes (UTF-16 of the BMP) read as text. The library itself writes its
 * encoding here, which is not what the standard asks for, and readers complain. Source: ISO
 * 32000-1 9.10.3 (ToUnicode CMaps).
 */
static void unicode_map(struct buf *b)
{
    buf_adds(b, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
                "/CMapName /AforoUCS def\n/CMapType 2 def\n"
                "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n");
    for (unsigned block = 0; block < 256; block += 64) { /* at most 100 ranges at a time */
        buf_adds(b, "64 beginbfrange\n");
        for (unsigned high = block; high < block + 64; high++) {
            buf_addf(b, "<%02x00> <%02xff> <%02x00>\n", high, high, high);
        }
        buf_adds(b, "endbfrange\n");
    }
    buf_adds(b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
}

/* libharu 2.3 codes such a font in UTF-16 (Identity-H); a later one, with a map of its own, is
 * left as it is. */
static bool coded_in_utf16(HPDF_Font font)
{
    HPDF_Name encoding = HPDF_Dict_GetItem(font, "Encoding", HPDF_OCLASS_NAME);
    return encoding != NULL && strcmp(encoding->value, "Identity-H") == 0;
}

static void unicode_map_attach(struct pdf_fonts *f, HPDF_Font font)
{
    struct buf text;
    HPDF_Dict map = HPDF_DictStream_New(f->doc->mmgr, f->doc->xref);
    if (map == NULL) {
        return;
    }
    buf_init(&text, RUN_MAX);
    unicode_map(&text);
    map->filter = HPDF_STREAM_FILTER_FLATE_DECODE;
    (void)HPDF_Stream_Write(map->stream, (const HPDF_BYTE *)buf_str(&text),
                            (HPDF_UINT)text.len);
    (void)HPDF_Dict_Add(font, "ToUnicode", map);
    f->lost = f->lost || text.failed;
    buf_release(&text);
}

static HPDF_Font wide_font(struct pdf_fonts *f, struct pdf_face_fonts *face)
{
    if (!f->wide_ready) {
        (void)HPDF_UseUTFEncodings(f->doc);
        f->wide_ready = true;
    }
    if (face->wide == NULL) {
        face->wide = HPDF_GetFont(f->doc, face->name, "UTF-8");
        if (face->wide != NULL && coded_in_utf16(face->wide)) {
            unicode_map_attach(f, face->wide);
        }
    }
    return face->wide;
}

static uint8_t latin_code(const struct pdf_fonts *f, uint32_t cp)
{
    return cp < PDF_LATIN_SIZE ? f->latin[cp] : 0;
}

/* The stretch's bytes, into f->run; the first character decides which font it is. */
static size_t run_take(struct pdf_fonts *f, const char *s, size_t len, bool *latin)
{
    size_t at = 0;
    report_buf_reset(&f->run, &f->lost);
    while (at < len) {
        uint32_t cp = (unsigned char)s[at];
        size_t n = cp < 0x80 ? 1 : utf8_decode(s + at, len - at, &cp);
        n = n == 0 ? 1 : n;
        uint8_t code = latin_code(f, cp);
        if (at == 0) {
            *latin = code != 0;
        } else if (*latin != (code != 0)) {
            break;
        }
        if (*latin) {
            buf_addc(&f->run, (char)code);
        } else {
            buf_add(&f->run, s + at, n);
        }
        at += n;
    }
    return at;
}

size_t pdf_fonts_run(struct pdf_fonts *f, enum pdf_face which, const char *s, size_t len,
                     HPDF_Font *font, const char **bytes)
{
    bool latin = true;
    struct pdf_face_fonts *face = face_load(f, which);
    size_t taken = run_take(f, s, len, &latin);
    *font = face == NULL ? NULL : latin ? face->latin : wide_font(f, face);
    f->lost = f->lost || f->run.failed;
    *bytes = buf_str(&f->run);
    return taken;
}

/* One-byte text of the Latin encoding is written as UTF-16; what Latin lacks becomes a question
 * mark here. */
void pdf_fonts_info(struct pdf_fonts *f, HPDF_InfoType type, const char *text)
{
    size_t len = strlen(text);
    report_buf_reset(&f->run, &f->lost);
    for (size_t at = 0; at < len && f->run.len < 1024;) {
        uint32_t cp = REPLACEMENT;
        size_t n = utf8_decode(text + at, len - at, &cp);
        uint8_t code = latin_code(f, cp);
        buf_addc(&f->run, code != 0 ? (char)code : '?');
        at += n == 0 ? 1 : n;
    }
    (void)HPDF_SetCurrentEncoder(f->doc, "WinAnsiEncoding");
    f->lost = f->lost || f->run.failed;
    (void)HPDF_SetInfoAttr(f->doc, type, buf_str(&f->run));
}
