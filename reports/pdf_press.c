#include <config.h>

#include "reports/pdf_press.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <hb-ot.h>
#include <hb-subset.h>
#include <hb.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

#define BMP_SIZE 0x10000
#define LATIN_SIZE 0x2600 /* code points the Latin encoding is looked up in */
#define WIDTH_UNKNOWN 0xFFFF
#define PROGRAM_MAX ((size_t)8 << 20)
#define PACK_LEVEL 4 /* pages are short: more effort saves little and costs much */
#define REPLACEMENT 0xFFFD

static const struct {
    const char *file, *name;
    int stem; /* thickness of upright strokes, which no table of the font says */
} faces[PDF_FACE_COUNT] = {
    [PDF_SANS] = {"DejaVuSans.ttf", "DejaVuSans", 80},
    [PDF_BOLD] = {"DejaVuSans-Bold.ttf", "DejaVuSans-Bold", 140},
    [PDF_MONO] = {"DejaVuSansMono.ttf", "DejaVuSansMono", 80},
};

struct typeface {
    hb_face_t *face; /* NULL: not read yet */
    hb_font_t *font;
    uint16_t *widths; /* by code point of the BMP; the font would be searched each time */
    struct pdf_metrics metrics;
    struct pdf_program latin[PDF_GROUPS];
};

struct pdf_press {
    char dir[PATH_MAX];
    struct typeface faces[PDF_FACE_COUNT];
    uint8_t latin[LATIN_SIZE]; /* code point -> code, 0: none */
    z_stream zip;
    bool zip_ready;
};

/* Windows Latin from 0x80 to 0x9F; the codes it leaves free go to what bills need, each with a
 * name in Adobe's glyph list, by which viewers find the glyph and copy the text: colon sign,
 * minus, >=, <=, almost equal; an arrow instead of the soft hyphen. Source: ISO 32000-1, 9.6.6
 * and annex D. */
#define ARROW_CODE 0xAD
#define ARROW 0x2192
static const uint16_t latin_high[32] = {
    0x20AC, 0x20A1, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x2212, 0x017D, 0x2265, 0x2264, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x2248, 0x017E, 0x0178};

static enum pdf_group group_of(uint32_t cp)
{
    static const uint16_t spanish[] = {
        0xA0, 0xA1, 0xAA, 0xAB, 0xB0,   0xB2,   0xB3,   0xB7,   0xBA,   0xBB, 0xBF,
        0xC1, 0xC9, 0xCD, 0xD1, 0xD3,   0xD7,   0xDA,   0xDC,   0xE1,   0xE9, 0xED,
        0xF1, 0xF3, 0xFA, 0xFC, 0x2013, 0x2014, 0x2026, 0x20A1, 0x20AC, ARROW};
    if (cp == ' ' || (cp >= '+' && cp <= ':') || (cp >= 'a' && cp <= 'f')) {
        return PDF_GROUP_PLAIN;
    }
    if (cp < 0x7F) {
        return PDF_GROUP_ASCII;
    }
    for (size_t i = 0; i < sizeof(spanish) / sizeof(spanish[0]); i++) {
        if (spanish[i] == cp) {
            return PDF_GROUP_SPANISH;
        }
    }
    return PDF_GROUP_REST;
}

uint32_t pdf_press_char(uint8_t code, enum pdf_group *group)
{
    uint32_t cp = code < 0x20 || code == 0x7F   ? 0
                  : code == ARROW_CODE          ? ARROW
                  : code < 0x80 || code >= 0xA0 ? code
                                                : latin_high[code - 0x80];
    *group = group_of(cp);
    return cp;
}

static void latin_prepare(struct pdf_press *p)
{
    enum pdf_group ignored;
    for (unsigned code = 0; code < 256; code++) {
        uint32_t cp = pdf_press_char((uint8_t)code, &ignored);
        if (cp != 0) {
            p->latin[cp] = (uint8_t)code;
        }
    }
}

static int face_path(const struct pdf_press *p, size_t which, char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/%s", p->dir, faces[which].file);
    return n > 0 && n < PATH_MAX ? 0 : -1;
}

static enum err_code faces_look(const struct pdf_press *p, struct err *e)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < PDF_FACE_COUNT; i++) {
        if (face_path(p, i, path) != 0 || access(path, R_OK) != 0) {
            return err_set(e, ERR_NOT_FOUND,
                           _("The font %s is not readable: install fonts-dejavu-core."), path);
        }
    }
    return ERR_OK;
}

enum err_code pdf_press_new(const char *font_dir, struct pdf_press **out, struct err *e)
{
    struct pdf_press *p = mem_alloc(sizeof(*p));
    *out = NULL;
    if (p == NULL) {
        return err_nomem(e);
    }
    (void)snprintf(p->dir, sizeof(p->dir), "%s", font_dir != NULL ? font_dir : AFORO_FONTDIR);
    latin_prepare(p);
    enum err_code code = faces_look(p, e);
    if (code == ERR_OK) {
        p->zip_ready = deflateInit(&p->zip, PACK_LEVEL) == Z_OK;
        code = p->zip_ready ? ERR_OK : err_nomem(e);
    }
    if (code != ERR_OK) {
        pdf_press_free(p);
        return code;
    }
    *out = p;
    return ERR_OK;
}

void pdf_press_free(struct pdf_press *p)
{
    if (p == NULL) {
        return;
    }
    for (size_t i = 0; i < PDF_FACE_COUNT; i++) {
        struct typeface *t = &p->faces[i];
        hb_font_destroy(t->font);
        hb_face_destroy(t->face);
        mem_free(t->widths);
        for (size_t g = 0; g < PDF_GROUPS; g++) {
            mem_free(t->latin[g].packed);
        }
    }
    if (p->zip_ready) {
        (void)deflateEnd(&p->zip);
    }
    mem_free(p);
}

bool pdf_press_pack(struct pdf_press *p, const void *data, size_t len, struct buf *out)
{
    size_t room = len <= PROGRAM_MAX ? deflateBound(&p->zip, (uLong)len) : 0;
    char *to = room == 0 || room > UINT_MAX ? NULL : buf_reserve(out, room);
    if (to == NULL || deflateReset(&p->zip) != Z_OK) {
        return false;
    }
    p->zip.next_in = (z_const Bytef *)(uintptr_t)data;
    p->zip.avail_in = (uInt)len;
    p->zip.next_out = (Bytef *)to;
    p->zip.avail_out = (uInt)room;
    if (deflate(&p->zip, Z_FINISH) != Z_STREAM_END) {
        return false;
    }
    out->len += room - p->zip.avail_out;
    return true;
}

static int thousandths(const struct typeface *t, int units)
{
    int64_t upem = hb_face_get_upem(t->face);
    int64_t scaled = (int64_t)units * 1000;
    return (int)((scaled + (units < 0 ? -upem : upem) / 2) / upem);
}

/* The letters' box and the line's extents, from the font's own tables. */
static void metrics_read(struct typeface *t, size_t which)
{
    hb_position_t ascent = 0, descent = 0, cap = 0;
    hb_blob_t *head = hb_face_reference_table(t->face, HB_TAG('h', 'e', 'a', 'd'));
    unsigned len = 0;
    const unsigned char *bytes = (const unsigned char *)hb_blob_get_data(head, &len);
    (void)hb_ot_metrics_get_position(t->font, HB_OT_METRICS_TAG_HORIZONTAL_ASCENDER, &ascent);
    (void)hb_ot_metrics_get_position(t->font, HB_OT_METRICS_TAG_HORIZONTAL_DESCENDER, &descent);
    (void)hb_ot_metrics_get_position(t->font, HB_OT_METRICS_TAG_CAP_HEIGHT, &cap);
    t->metrics = (struct pdf_metrics){.name = faces[which].name,
                                      .ascent = thousandths(t, ascent),
                                      .descent = thousandths(t, descent),
                                      .cap_height = thousandths(t, cap),
                                      .stem = faces[which].stem,
                                      .fixed = which == PDF_MONO};
    for (size_t i = 0; i < 4 && len >= 44; i++) { /* xMin yMin xMax yMax: OpenType, head */
        int value = bytes[36 + 2 * i] << 8 | bytes[37 + 2 * i];
        t->metrics.box[i] = thousandths(t, value >= 0x8000 ? value - 0x10000 : value);
    }
    hb_blob_destroy(head);
}

static struct typeface *face_read(struct pdf_press *p, enum pdf_face which)
{
    char path[PATH_MAX];
    struct typeface *t = &p->faces[which];
    hb_blob_t *blob =
        face_path(p, which, path) == 0 ? hb_blob_create_from_file_or_fail(path) : NULL;
    if (blob == NULL) {
        return NULL;
    }
    hb_font_destroy(t->font);
    hb_face_destroy(t->face);
    t->face = hb_face_create(blob, 0);
    t->font = hb_font_create(t->face);
    hb_blob_destroy(blob);
    uint16_t *widths = mem_array(BMP_SIZE, sizeof(*widths));
    if (widths == NULL || hb_face_get_glyph_count(t->face) == 0) {
        mem_free(widths);
        return NULL;
    }
    memset(widths, 0xFF, BMP_SIZE * sizeof(*widths));
    t->widths = widths;
    metrics_read(t, which);
    return t;
}

/* Faces are read when first used: most documents need no third one. */
static struct typeface *face_get(struct pdf_press *p, enum pdf_face which)
{
    return p->faces[which].widths != NULL ? &p->faces[which] : face_read(p, which);
}

uint8_t pdf_press_code(const struct pdf_press *p, uint32_t cp)
{
    return cp < LATIN_SIZE ? p->latin[cp] : 0;
}

unsigned pdf_press_width(struct pdf_press *p, enum pdf_face which, uint32_t cp)
{
    struct typeface *t = face_get(p, which);
    uint32_t at = cp < BMP_SIZE ? cp : REPLACEMENT;
    if (t == NULL) {
        return 0;
    }
    if (t->widths[at] == WIDTH_UNKNOWN) {
        hb_codepoint_t glyph = 0;
        (void)hb_font_get_nominal_glyph(t->font, at, &glyph);
        int w = thousandths(t, hb_font_get_glyph_h_advance(t->font, glyph));
        t->widths[at] = w < 0 || w >= WIDTH_UNKNOWN ? 0 : (uint16_t)w;
    }
    return t->widths[at];
}

const struct pdf_metrics *pdf_press_metrics(const struct pdf_press *p, enum pdf_face which)
{
    return &p->faces[which].metrics;
}

/* A face with just these characters. A PDF needs neither layout rules nor names. */
static hb_face_t *face_cut(const struct typeface *t, const hb_set_t *chars)
{
    static const char drop[][5] = {"GSUB", "GPOS", "GDEF", "kern", "name",
                                   "post", "OS/2", "FFTM", "gasp", "DSIG"};
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    if (input == NULL) {
        return NULL;
    }
    hb_set_union(hb_subset_input_unicode_set(input), chars);
    hb_set_t *tables = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
    for (size_t i = 0; i < sizeof(drop) / sizeof(drop[0]); i++) {
        hb_set_add(tables, HB_TAG(drop[i][0], drop[i][1], drop[i][2], drop[i][3]));
    }
    hb_subset_input_set_flags(input,
                              HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
    hb_face_t *cut = hb_subset_or_fail(t->face, input);
    hb_subset_input_destroy(input);
    return cut;
}

static bool face_pack(struct pdf_press *p, hb_face_t *face, size_t *raw_len, struct buf *out)
{
    unsigned len = 0;
    hb_blob_t *blob = hb_face_reference_blob(face);
    const char *bytes = hb_blob_get_data(blob, &len);
    bool packed = len > 0 && pdf_press_pack(p, bytes, len, out);
    *raw_len = len;
    hb_blob_destroy(blob);
    return packed;
}

/* Keep what was packed, at its own size. */
static bool program_keep(struct pdf_program *program, const struct buf *packed, size_t raw_len)
{
    program->packed = mem_array(packed->len, 1);
    if (program->packed == NULL) {
        return false;
    }
    memcpy(program->packed, packed->data, packed->len);
    program->len = packed->len;
    program->raw_len = raw_len;
    return true;
}

const struct pdf_program *pdf_press_latin(struct pdf_press *p, enum pdf_face which,
                                          unsigned groups)
{
    struct typeface *t = face_get(p, which);
    CHECK(groups < PDF_GROUPS);
    if (t == NULL || t->latin[groups].packed != NULL) {
        return t == NULL ? NULL : &t->latin[groups];
    }
    struct buf packed;
    size_t raw_len = 0;
    hb_set_t *chars = hb_set_create();
    for (unsigned code = 0; code < 256; code++) {
        enum pdf_group group;
        uint32_t cp = pdf_press_char((uint8_t)code, &group);
        if (cp != 0 && (groups & (unsigned)group) != 0) {
            hb_set_add(chars, cp);
        }
    }
    hb_face_t *cut = hb_set_allocation_successful(chars) ? face_cut(t, chars) : NULL;
    buf_init(&packed, PROGRAM_MAX);
    bool made = cut != NULL && face_pack(p, cut, &raw_len, &packed) &&
                program_keep(&t->latin[groups], &packed, raw_len);
    buf_release(&packed);
    hb_face_destroy(cut);
    hb_set_destroy(chars);
    return made ? &t->latin[groups] : NULL;
}

bool pdf_press_glyphs(struct pdf_press *p, enum pdf_face which, const uint32_t *cps,
                      size_t count, uint16_t *glyphs, size_t *raw_len, struct buf *out)
{
    struct typeface *t = face_get(p, which);
    hb_set_t *chars = hb_set_create();
    for (size_t i = 0; i < count; i++) {
        hb_set_add(chars, cps[i]);
    }
    hb_face_t *cut =
        t != NULL && hb_set_allocation_successful(chars) ? face_cut(t, chars) : NULL;
    bool made = cut != NULL && face_pack(p, cut, raw_len, out);
    hb_font_t *font = made ? hb_font_create(cut) : NULL;
    for (size_t i = 0; font != NULL && i < count; i++) {
        hb_codepoint_t glyph = 0;
        (void)hb_font_get_nominal_glyph(font, cps[i], &glyph);
        glyphs[i] = (uint16_t)glyph;
    }
    hb_font_destroy(font);
    hb_face_destroy(cut);
    hb_set_destroy(chars);
    return made;
}
