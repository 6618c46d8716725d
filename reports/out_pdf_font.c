#include <config.h>

#include "reports/out_pdf_font.h"

#include <stdio.h>
#include <string.h>

#include <hpdf_doc.h>
#include <hpdf_objects.h>

#include "base/arena.h"
#include "base/text.h"
#include "reports/out_pdf_object.h"

#define BMP_SIZE 0x10000
#define MAP_MAX ((size_t)4 << 20)
#define CODES_A_ROW 255 /* no byte of a code is 0 */
#define FLAG_FIXED 1
#define FLAG_SYMBOLIC 4
#define FLAG_LATIN 32

static const char *const names[PDF_FACE_COUNT][2] = {
    [PDF_SANS] = {"S", "SX"}, [PDF_BOLD] = {"B", "BX"}, [PDF_MONO] = {"M", "MX"}};

void pdf_fonts_init(struct pdf_fonts *f, HPDF_Doc doc, struct pdf_press *press,
                    HPDF_Dict resources)
{
    memset(f, 0, sizeof(*f));
    f->doc = doc;
    f->press = press;
    f->resources = resources;
}

void pdf_fonts_release(struct pdf_fonts *f)
{
    for (size_t i = 0; i < PDF_FACE_COUNT; i++) {
        mem_free(f->faces[i].chars);
        mem_free(f->faces[i].index);
    }
}

/* The font's dictionary stands in the resources from its first use on; what it says is known
 * at the end. */
static void font_begin(struct pdf_fonts *f, HPDF_Dict *font, const char *name)
{
    if (*font == NULL) {
        *font = pdf_shared_dict(f->doc);
        f->lost =
            f->lost || *font == NULL || HPDF_Dict_Add(f->resources, name, *font) != HPDF_OK;
    }
}

/* Codes of two bytes, neither of them 0 nor in need of an escape: read as numbers they are the
 * CIDs. */
static unsigned wide_code(size_t place)
{
    return (unsigned)((place / CODES_A_ROW + 1) << 8 | (place % CODES_A_ROW + 1));
}

/* The place of a character beyond Latin. */
static size_t wide_place(struct pdf_fonts *f, struct pdf_face_fonts *face, uint32_t cp)
{
    if (face->index == NULL) {
        face->index = mem_array(BMP_SIZE, sizeof(*face->index));
    }
    if (face->chars == NULL) {
        face->chars = mem_array(PDF_WIDE_MAX, sizeof(*face->chars));
    }
    if (face->index == NULL || face->chars == NULL) {
        f->lost = true;
        return 0;
    }
    CHECK(cp < BMP_SIZE && face->char_count < PDF_WIDE_MAX);
    if (face->index[cp] == 0) {
        face->chars[face->char_count++] = cp;
        face->index[cp] = (uint16_t)face->char_count;
    }
    return face->index[cp] - 1U;
}

static void add_escaped(struct buf *out, unsigned byte)
{
    if (byte == '(' || byte == ')' || byte == '\\') {
        buf_addc(out, '\\');
    }
    if (byte == '\r') { /* a bare one would be read as a line feed */
        buf_adds(out, "\\r");
    } else {
        buf_addc(out, (char)byte);
    }
}

size_t pdf_fonts_run(struct pdf_fonts *f, enum pdf_face which, const char *s, size_t len,
                     const char **name, struct buf *out)
{
    struct pdf_face_fonts *face = &f->faces[which];
    bool latin = true;
    size_t at = 0;
    buf_addc(out, '(');
    while (at < len) {
        uint32_t cp = (unsigned char)s[at];
        size_t n = cp < 0x80 ? 1 : utf8_decode(s + at, len - at, &cp);
        cp = n == 0 ? 0xFFFD : cp;
        uint8_t code = pdf_press_code(f->press, cp);
        if (at == 0) {
            latin = code != 0;
        } else if (latin != (code != 0)) {
            break;
        }
        if (latin) {
            enum pdf_group group;
            (void)pdf_press_char(code, &group);
            face->groups |= (unsigned)group;
            add_escaped(out, code);
        } else {
            unsigned wide = wide_code(wide_place(f, face, cp));
            add_escaped(out, wide >> 8);
            add_escaped(out, wide & 0xFF);
        }
        at += n == 0 ? 1 : n;
    }
    buf_addc(out, ')');
    *name = names[which][latin ? 0 : 1];
    font_begin(f, latin ? &face->latin : &face->wide, *name);
    return at;
}

/* "AFOAAB+DejaVuSans": fonts of one name cut differently have different tags. */
static void base_name(const struct pdf_metrics *m, enum pdf_face which, unsigned cut,
                      char out[64])
{
    (void)snprintf(out, 64, "AFO%c%c%c+%s", 'A' + (int)which, 'A' + (int)(cut / 26),
                   'A' + (int)(cut % 26), m->name);
}

static HPDF_Dict descriptor(struct pdf_fonts *f, enum pdf_face which, const char *name,
                            int flag, HPDF_Dict program)
{
    const struct pdf_metrics *m = pdf_press_metrics(f->press, which);
    HPDF_Dict d = pdf_shared_dict(f->doc);
    HPDF_Array box = d == NULL ? NULL : pdf_numbers(f->doc, m->box, 4);
    if (box == NULL || HPDF_Dict_Add(d, "FontBBox", box) != HPDF_OK ||
        HPDF_Dict_Add(d, "FontFile2", program) != HPDF_OK) {
        f->lost = true;
        return NULL;
    }
    (void)HPDF_Dict_AddName(d, "Type", "FontDescriptor");
    (void)HPDF_Dict_AddName(d, "FontName", name);
    (void)HPDF_Dict_AddNumber(d, "Flags", flag | (m->fixed ? FLAG_FIXED : 0));
    (void)HPDF_Dict_AddNumber(d, "Ascent", m->ascent);
    (void)HPDF_Dict_AddNumber(d, "Descent", m->descent);
    (void)HPDF_Dict_AddNumber(d, "CapHeight", m->cap_height);
    (void)HPDF_Dict_AddNumber(d, "ItalicAngle", 0);
    (void)HPDF_Dict_AddNumber(d, "StemV", m->stem);
    return d;
}

static HPDF_Dict program_stream(struct pdf_fonts *f, const void *packed, size_t len,
                                size_t raw_len)
{
    HPDF_Dict stream = pdf_packed_stream(f->doc, packed, len);
    f->lost = f->lost || stream == NULL ||
              HPDF_Dict_AddNumber(stream, "Length1", (HPDF_INT32)raw_len) != HPDF_OK;
    return stream;
}

/* Windows Latin, and the codes it leaves free. */
static HPDF_Dict latin_encoding(struct pdf_fonts *f)
{
    static const struct {
        int code;
        const char *name;
    } extra[] = {{0x81, "colonmonetary"}, {0x8D, "minus"},       {0x8F, "greaterequal"},
                 {0x90, "lessequal"},     {0x9D, "approxequal"}, {0xAD, "arrowright"}};
    HPDF_Dict encoding = HPDF_Dict_New(f->doc->mmgr);
    HPDF_Array differences = HPDF_Array_New(f->doc->mmgr);
    if (encoding == NULL || differences == NULL ||
        HPDF_Dict_Add(encoding, "Differences", differences) != HPDF_OK) {
        f->lost = true;
        return encoding;
    }
    (void)HPDF_Dict_AddName(encoding, "Type", "Encoding");
    (void)HPDF_Dict_AddName(encoding, "BaseEncoding", "WinAnsiEncoding");
    for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++) {
        (void)HPDF_Array_AddNumber(differences, extra[i].code);
        (void)HPDF_Array_AddName(differences, extra[i].name);
    }
    return encoding;
}

/* Source: ISO 32000-1, 9.6.3. */
static void latin_embed(struct pdf_fonts *f, enum pdf_face which)
{
    struct pdf_face_fonts *face = &f->faces[which];
    const struct pdf_program *program = pdf_press_latin(f->press, which, face->groups);
    int widths[256 - ' '];
    char name[64];
    if (program == NULL) {
        f->lost = true;
        return;
    }
    for (unsigned code = ' '; code < 256; code++) {
        enum pdf_group group;
        uint32_t cp = pdf_press_char((uint8_t)code, &group);
        bool there = cp != 0 && (face->groups & (unsigned)group) != 0;
        widths[code - ' '] = there ? (int)pdf_press_width(f->press, which, cp) : 0;
    }
    base_name(pdf_press_metrics(f->press, which), which, face->groups, name);
    HPDF_Dict stream = program_stream(f, program->packed, program->len, program->raw_len);
    HPDF_Dict d = stream == NULL ? NULL : descriptor(f, which, name, FLAG_LATIN, stream);
    HPDF_Array array = pdf_numbers(f->doc, widths, sizeof(widths) / sizeof(widths[0]));
    f->lost = f->lost || d == NULL || array == NULL ||
              HPDF_Dict_Add(face->latin, "Widths", array) != HPDF_OK ||
              HPDF_Dict_Add(face->latin, "FontDescriptor", d) != HPDF_OK ||
              HPDF_Dict_Add(face->latin, "Encoding", latin_encoding(f)) != HPDF_OK ||
              HPDF_Dict_AddName(face->latin, "Type", "Font") != HPDF_OK ||
              HPDF_Dict_AddName(face->latin, "Subtype", "TrueType") != HPDF_OK ||
              HPDF_Dict_AddName(face->latin, "BaseFont", name) != HPDF_OK ||
              HPDF_Dict_AddNumber(face->latin, "FirstChar", ' ') != HPDF_OK ||
              HPDF_Dict_AddNumber(face->latin, "LastChar", 255) != HPDF_OK;
}

static HPDF_Dict packed_text(struct pdf_fonts *f, const void *data, size_t len)
{
    struct buf packed;
    buf_init(&packed, MAP_MAX);
    HPDF_Dict stream = pdf_press_pack(f->press, data, len, &packed)
                           ? pdf_packed_stream(f->doc, packed.data, packed.len)
                           : NULL;
    buf_release(&packed);
    f->lost = f->lost || stream == NULL;
    return stream;
}

/* How the codes read as text. Source: ISO 32000-1, 9.10.3. */
static HPDF_Dict unicode_map(struct pdf_fonts *f, const struct pdf_face_fonts *face)
{
    struct buf b;
    buf_init(&b, MAP_MAX);
    buf_adds(&b, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                 "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
                 "/CMapName /AforoUCS def\n/CMapType 2 def\n"
                 "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n");
    for (size_t from = 0; from < face->char_count; from += 100) { /* at most 100 at a time */
        size_t count = face->char_count - from < 100 ? face->char_count - from : 100;
        buf_addf(&b, "%zu beginbfchar\n", count);
        for (size_t i = from; i < from + count; i++) {
            buf_addf(&b, "<%04x> <%04x>\n", wide_code(i), (unsigned)face->chars[i]);
        }
        buf_adds(&b, "endbfchar\n");
    }
    buf_adds(&b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    HPDF_Dict stream = b.failed ? NULL : packed_text(f, b.data, b.len);
    f->lost = f->lost || stream == NULL;
    buf_release(&b);
    return stream;
}

/* CID to glyph, two bytes each. Source: ISO 32000-1, 9.7.4.3. */
static HPDF_Dict glyph_map(struct pdf_fonts *f, const uint16_t *glyphs, size_t count)
{
    size_t len = 2 * ((size_t)wide_code(count - 1) + 1);
    unsigned char *map = mem_alloc(len);
    if (map == NULL) {
        f->lost = true;
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        map[2 * wide_code(i)] = (unsigned char)(glyphs[i] >> 8);
        map[2 * wide_code(i) + 1] = (unsigned char)(glyphs[i] & 0xFF);
    }
    HPDF_Dict stream = packed_text(f, map, len);
    mem_free(map);
    return stream;
}

/* "257 [600 600]": a run of widths for each row of codes. */
static HPDF_Array wide_widths(struct pdf_fonts *f, enum pdf_face which)
{
    const struct pdf_face_fonts *face = &f->faces[which];
    HPDF_Array all = HPDF_Array_New(f->doc->mmgr), row = NULL;
    for (size_t i = 0; all != NULL && i < face->char_count; i++) {
        if (i % CODES_A_ROW == 0) {
            row = HPDF_Array_New(f->doc->mmgr);
            f->lost = f->lost || row == NULL ||
                      HPDF_Array_AddNumber(all, (HPDF_INT32)wide_code(i)) != HPDF_OK ||
                      HPDF_Array_Add(all, row) != HPDF_OK;
        }
        if (f->lost) {
            return NULL;
        }
        (void)HPDF_Array_AddNumber(
            row, (HPDF_INT32)pdf_press_width(f->press, which, face->chars[i]));
    }
    return all;
}

static HPDF_Dict cid_font(struct pdf_fonts *f, enum pdf_face which, const char *name,
                          HPDF_Dict program, const uint16_t *glyphs)
{
    const struct pdf_face_fonts *face = &f->faces[which];
    HPDF_Dict cid = pdf_shared_dict(f->doc), system = NULL;
    HPDF_Dict d = descriptor(f, which, name, FLAG_SYMBOLIC, program);
    HPDF_Dict map = glyph_map(f, glyphs, face->char_count);
    HPDF_Array widths = NULL;
    /* What no other object holds yet is nobody's to free: made last, and put in at once. */
    if (cid == NULL || d == NULL || map == NULL ||
        HPDF_Dict_Add(cid, "FontDescriptor", d) != HPDF_OK ||
        HPDF_Dict_Add(cid, "CIDToGIDMap", map) != HPDF_OK ||
        (widths = wide_widths(f, which)) == NULL ||
        HPDF_Dict_Add(cid, "W", widths) != HPDF_OK ||
        (system = HPDF_Dict_New(f->doc->mmgr)) == NULL ||
        HPDF_Dict_Add(cid, "CIDSystemInfo", system) != HPDF_OK) {
        f->lost = true;
        return NULL;
    }
    (void)HPDF_Dict_Add(system, "Registry", HPDF_String_New(f->doc->mmgr, "Adobe", NULL));
    (void)HPDF_Dict_Add(system, "Ordering", HPDF_String_New(f->doc->mmgr, "Identity", NULL));
    (void)HPDF_Dict_AddNumber(system, "Supplement", 0);
    (void)HPDF_Dict_AddName(cid, "Type", "Font");
    (void)HPDF_Dict_AddName(cid, "Subtype", "CIDFontType2");
    (void)HPDF_Dict_AddName(cid, "BaseFont", name);
    return cid;
}

/* Source: ISO 32000-1, 9.7. */
static void wide_join(struct pdf_fonts *f, enum pdf_face which, HPDF_Dict cid, const char *name)
{
    struct pdf_face_fonts *face = &f->faces[which];
    HPDF_Dict map = unicode_map(f, face);
    HPDF_Array below = NULL;
    f->lost = f->lost || cid == NULL || map == NULL ||
              (below = HPDF_Array_New(f->doc->mmgr)) == NULL ||
              HPDF_Dict_Add(face->wide, "DescendantFonts", below) != HPDF_OK ||
              HPDF_Array_Add(below, cid) != HPDF_OK ||
              HPDF_Dict_Add(face->wide, "ToUnicode", map) != HPDF_OK ||
              HPDF_Dict_AddName(face->wide, "Type", "Font") != HPDF_OK ||
              HPDF_Dict_AddName(face->wide, "Subtype", "Type0") != HPDF_OK ||
              HPDF_Dict_AddName(face->wide, "BaseFont", name) != HPDF_OK ||
              HPDF_Dict_AddName(face->wide, "Encoding", "Identity-H") != HPDF_OK;
}

static void wide_embed(struct pdf_fonts *f, enum pdf_face which)
{
    struct pdf_face_fonts *face = &f->faces[which];
    struct buf packed;
    char name[64];
    size_t raw_len = 0;
    uint16_t *glyphs = mem_array(face->char_count + 1, sizeof(*glyphs));
    buf_init(&packed, MAP_MAX);
    HPDF_Dict program = NULL;
    if (glyphs != NULL && pdf_press_glyphs(f->press, which, face->chars, face->char_count,
                                           glyphs, &raw_len, &packed)) {
        program = program_stream(f, packed.data, packed.len, raw_len);
    }
    f->lost = f->lost || program == NULL;
    if (!f->lost) {
        base_name(pdf_press_metrics(f->press, which), which, PDF_GROUPS, name);
        wide_join(f, which, cid_font(f, which, name, program, glyphs), name);
    }
    buf_release(&packed);
    mem_free(glyphs);
}

void pdf_fonts_embed(struct pdf_fonts *f)
{
    for (size_t i = 0; i < PDF_FACE_COUNT && !f->lost; i++) {
        if (f->faces[i].latin != NULL) {
            latin_embed(f, (enum pdf_face)i);
        }
        if (f->faces[i].wide != NULL && !f->lost) {
            wide_embed(f, (enum pdf_face)i);
        }
    }
}
