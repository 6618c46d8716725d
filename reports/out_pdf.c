#include <config.h>

#include "reports/out.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "reports/out_file.h"
#include "reports/out_pdf_canvas.h"
#include "reports/out_pdf_chart.h"

#define MARGIN 36.0F
#define BODY_SIZE 8.5F
#define BODY_MIN 6.0F
#define LEADING 1.32F       /* line height over type size */
#define CELL_PAD 4.0F       /* left and right of a cell's text */
#define ROW_PAD 2.4F        /* above and below a row's text */
#define AVERAGE_WIDTH 0.60F /* of the type size: an average character of the body face */
#define CELL_LINES_MAX 12
#define FOOT_HEIGHT 26.0F
#define LOGO_HEIGHT 40.0F
#define LOGO_WIDTH 120.0F
#define INK_TEXT 0x1B2530
#define INK_SOFT 0x5A6472
#define INK_RULE 0xC9D2DB
#define INK_HEAD 0xDCE6EF
#define INK_BAND 0xF5F8FA

struct column_box {
    float x, width;
};

/* One cell's text, broken into lines. */
struct cell_lines {
    size_t count;
    size_t at[CELL_LINES_MAX], len[CELL_LINES_MAX];
    bool cut; /* there was more */
};

struct pdf_out {
    const struct report_doc *doc;
    const struct report_options *options;
    struct pdf *pdf;
    struct column_box box[REPORT_COLUMNS_MAX];
    float size; /* of body type */
    float y;    /* top of the next row */
    bool landscape;
    bool band; /* every other row is tinted */
    struct buf text[REPORT_COLUMNS_MAX];
    struct cell_lines lines[REPORT_COLUMNS_MAX];
    struct pdf_chart chart;
    struct out_file file;
};

static float content_width(const struct pdf_out *o)
{
    return (o->landscape ? PDF_A4_LONG : PDF_A4_SHORT) - 2 * MARGIN;
}

/* The width a column asks for at a type size: its hint, or its heading's longest word. */
static float natural_width(struct pdf_out *o, const struct report_column *c, float size)
{
    float width = (float)report_column_width(c) * AVERAGE_WIDTH * size;
    struct buf head;
    buf_init(&head, REPORT_TEXT_MAX);
    report_heading(c, &head);
    const char *word = buf_str(&head);
    while (*word != '\0') {
        size_t len = strcspn(word, " ");
        float w = pdf_text_width(o->pdf, PDF_BOLD, size, word, len);
        width = w > width ? w : width;
        word += len + (word[len] == ' ' ? 1 : 0);
    }
    pdf_drop(o->pdf, &head);
    return width + 2 * CELL_PAD;
}

static float natural_total(struct pdf_out *o, float size)
{
    float total = 0;
    for (size_t i = 0; i < o->doc->column_count; i++) {
        total += natural_width(o, &o->doc->columns[i], size);
    }
    return total;
}

/* Portrait if the columns fit; else landscape; else smaller type; else all are narrowed alike
 * and numbers shrink. */
static void layout_choose(struct pdf_out *o)
{
    o->size = BODY_SIZE;
    o->landscape = natural_total(o, o->size) > content_width(o);
    while (o->landscape && o->size > BODY_MIN && natural_total(o, o->size) > content_width(o)) {
        o->size -= 0.25F;
    }
    float total = natural_total(o, o->size), texts = 0, x = MARGIN;
    for (size_t i = 0; i < o->doc->column_count; i++) {
        texts += o->doc->columns[i].type == REPORT_TEXT
                     ? natural_width(o, &o->doc->columns[i], o->size)
                     : 0;
    }
    float spare = content_width(o) - total;
    for (size_t i = 0; i < o->doc->column_count; i++) {
        const struct report_column *c = &o->doc->columns[i];
        float width = natural_width(o, c, o->size);
        if (spare < 0) {
            width *= content_width(o) / total;
        } else if (texts > 0) { /* spare room goes to the texts; without texts, to all alike */
            width += c->type == REPORT_TEXT ? spare * width / texts : 0;
        } else {
            width += spare * width / total;
        }
        o->box[i].x = x;
        o->box[i].width = width;
        x += width;
    }
}

/* Break the texts of all cells; the row's height. */
static float cells_break(struct pdf_out *o, enum pdf_face face, bool wrap_all)
{
    size_t most = 1;
    for (size_t i = 0; i < o->doc->column_count; i++) {
        struct cell_lines *l = &o->lines[i];
        const char *s = buf_str(&o->text[i]);
        size_t len = o->text[i].len, at = 0, next = 0;
        float width = o->box[i].width - 2 * CELL_PAD;
        memset(l, 0, sizeof(*l));
        while (at < len && l->count < CELL_LINES_MAX) {
            bool wrap = wrap_all || report_is_text(o->doc->columns[i].type);
            l->at[l->count] = at;
            l->len[l->count] =
                wrap ? pdf_line_fit(o->pdf, face, o->size, width, s + at, len - at, &next)
                     : len;
            at += wrap ? next : len;
            l->count++;
        }
        l->cut = at < len;
        most = l->count > most ? l->count : most;
    }
    return (float)most * o->size * LEADING + 2 * ROW_PAD;
}

static float anchor_x(const struct pdf_out *o, size_t column, enum pdf_anchor *anchor)
{
    const struct column_box *b = &o->box[column];
    enum report_align align = report_column_align(&o->doc->columns[column]);
    *anchor = align == REPORT_ALIGN_RIGHT    ? PDF_RIGHT
              : align == REPORT_ALIGN_CENTRE ? PDF_CENTRE
                                             : PDF_LEFT;
    if (*anchor == PDF_RIGHT) {
        return b->x + b->width - CELL_PAD;
    }
    return *anchor == PDF_CENTRE ? b->x + b->width / 2 : b->x + CELL_PAD;
}

/* Draw the broken cells with the row's top at o->y, and move below it. */
static void cells_draw(struct pdf_out *o, enum pdf_face face, float height)
{
    struct buf line;
    buf_init(&line, 8 * (size_t)REPORT_TEXT_MAX);
    for (size_t i = 0; i < o->doc->column_count; i++) {
        const struct cell_lines *l = &o->lines[i];
        enum pdf_anchor anchor;
        float x = anchor_x(o, i, &anchor), y = o->y - ROW_PAD - o->size;
        for (size_t n = 0; n < l->count; n++, y -= o->size * LEADING) {
            pdf_reset(o->pdf, &line);
            buf_add(&line, buf_str(&o->text[i]) + l->at[n], l->len[n]);
            if (l->cut && n + 1 == l->count) {
                buf_adds(&line, "\xE2\x80\xA6");
            }
            pdf_text_within(o->pdf, face, o->size, anchor, x, y, o->box[i].width - 2 * CELL_PAD,
                            !report_is_text(o->doc->columns[i].type), buf_str(&line));
        }
    }
    pdf_drop(o->pdf, &line);
    o->y -= height;
}

static void rule(struct pdf_out *o, float y, float thickness)
{
    pdf_ink(o->pdf, INK_RULE);
    pdf_line(o->pdf, MARGIN, y, MARGIN + content_width(o), y, thickness);
}

static void head_draw(struct pdf_out *o)
{
    for (size_t i = 0; i < o->doc->column_count; i++) {
        pdf_reset(o->pdf, &o->text[i]);
        report_heading(&o->doc->columns[i], &o->text[i]);
    }
    float height = cells_break(o, PDF_BOLD, true);
    pdf_ink(o->pdf, INK_HEAD);
    pdf_box(o->pdf, MARGIN, o->y - height, content_width(o), height);
    pdf_ink(o->pdf, INK_TEXT);
    cells_draw(o, PDF_BOLD, height);
    o->band = false;
}

/* The office's logo at the right of the title block, and its lines below the name. */
static void look_draw(struct pdf_out *o, float top)
{
    const struct report_look *look = o->options->look;
    if (look == NULL) {
        return;
    }
    if (look->logo != NULL) {
        float scale = LOGO_HEIGHT / (float)look->logo->height;
        float width = (float)look->logo->width * scale;
        scale = width > LOGO_WIDTH ? scale * LOGO_WIDTH / width : scale;
        width = (float)look->logo->width * scale;
        pdf_picture_draw(o->pdf, look->logo, MARGIN + content_width(o) - width,
                         top - (float)look->logo->height * scale, width,
                         (float)look->logo->height * scale);
    }
    pdf_ink(o->pdf, INK_SOFT);
    for (size_t i = 0; look->lines != NULL && look->lines[i] != NULL; i++) {
        o->y -= 9;
        pdf_text_within(o->pdf, PDF_SANS, 7.5F, PDF_LEFT, MARGIN, o->y,
                        content_width(o) - LOGO_WIDTH, false, look->lines[i]);
    }
}

/* Title block of the first page. */
static void title_draw(struct pdf_out *o)
{
    const struct report_doc *doc = o->doc;
    float width = content_width(o), top = o->y;
    uint32_t accent = o->options->look != NULL ? o->options->look->accent : 0;
    if (doc->office != NULL && doc->office[0] != '\0') {
        pdf_ink(o->pdf, INK_SOFT);
        o->y -= 9;
        pdf_text_within(o->pdf, PDF_BOLD, 9, PDF_LEFT, MARGIN, o->y, width, false, doc->office);
        look_draw(o, top);
        o->y -= 8;
    }
    pdf_ink(o->pdf, accent != 0 ? accent : INK_TEXT);
    o->y -= 14;
    pdf_text_within(o->pdf, PDF_BOLD, 16, PDF_LEFT, MARGIN, o->y, width, false, doc->title);
    o->y -= 5;
    if (doc->subtitle != NULL && doc->subtitle[0] != '\0') {
        pdf_ink(o->pdf, INK_SOFT);
        o->y -= 11;
        pdf_text_within(o->pdf, PDF_SANS, 9.5F, PDF_LEFT, MARGIN, o->y, width, false,
                        doc->subtitle);
    }
    o->y -= 12;
}

static enum err_code page_begin(struct pdf_out *o, struct err *e)
{
    pdf_pages_pack(o->pdf);
    TRY(pdf_page(o->pdf, o->landscape, e));
    o->y = pdf_page_height(o->pdf) - MARGIN;
    if (pdf_page_count(o->pdf) == 1) {
        title_draw(o);
    }
    head_draw(o);
    return ERR_OK;
}

/* A row goes whole on one page; a row higher than a page is impossible, for its lines are
 * bounded. */
static enum err_code row_place(struct pdf_out *o, enum pdf_face face, bool banded,
                               struct err *e)
{
    float height = cells_break(o, face, false);
    if (o->y - height < MARGIN + FOOT_HEIGHT) {
        struct buf saved[REPORT_COLUMNS_MAX]; /* the heading uses the same texts */
        memcpy(saved, o->text, sizeof(saved));
        for (size_t i = 0; i < o->doc->column_count; i++) {
            buf_init(&o->text[i], REPORT_TEXT_MAX);
        }
        enum err_code code = page_begin(o, e);
        for (size_t i = 0; i < o->doc->column_count; i++) {
            pdf_drop(o->pdf, &o->text[i]);
        }
        memcpy(o->text, saved, sizeof(saved));
        TRY(code);
        height = cells_break(o, face, false);
    }
    if (banded && o->band) {
        pdf_ink(o->pdf, INK_BAND);
        pdf_box(o->pdf, MARGIN, o->y - height, content_width(o), height);
    }
    o->band = !o->band;
    pdf_ink(o->pdf, INK_TEXT);
    cells_draw(o, face, height);
    return pdf_status(o->pdf, e);
}

static enum err_code rows_draw(struct pdf_out *o, struct report_run *run, struct err *e)
{
    bool eof = false;
    for (;;) {
        TRY(report_run_next(run, &eof, e));
        if (eof) {
            return ERR_OK;
        }
        for (size_t i = 0; i < o->doc->column_count; i++) {
            pdf_reset(o->pdf, &o->text[i]);
            report_cell_people(&o->doc->columns[i], &run->cells[i], o->options->fmt,
                               &o->text[i]);
            TRY(buf_status(&o->text[i], _("the row"), e));
        }
        pdf_chart_note(&o->chart, run->cells);
        TRY(row_place(o, PDF_SANS, true, e));
        TRY(report_progress(o->options, run, e));
    }
}

static enum err_code totals_draw(struct pdf_out *o, const struct report_run *run, struct err *e)
{
    if (!run->has_totals) {
        rule(o, o->y, 0.6F);
        return ERR_OK;
    }
    for (size_t i = 0; i < o->doc->column_count; i++) {
        pdf_reset(o->pdf, &o->text[i]);
        report_run_print_total(run, i, o->options->fmt, &o->text[i]);
        TRY(buf_status(&o->text[i], _("the row"), e));
    }
    if (o->text[0].len == 0) {
        buf_adds(&o->text[0], _("Total"));
    }
    float top = o->y;
    TRY(row_place(o, PDF_BOLD, false, e));
    pdf_ink(o->pdf, INK_TEXT);
    if (o->y < top) { /* else the row opened a page, and the headings' box stands above it */
        pdf_line(o->pdf, MARGIN, top, MARGIN + content_width(o), top, 0.8F);
    }
    return ERR_OK;
}

/* The chart below the totals, or on a page of its own. */
static enum err_code chart_place(struct pdf_out *o, struct err *e)
{
    if (!pdf_chart_any(&o->chart)) {
        return ERR_OK;
    }
    o->y -= 14;
    if (o->y - PDF_CHART_HEIGHT < MARGIN + FOOT_HEIGHT) {
        pdf_pages_pack(o->pdf);
        TRY(pdf_page(o->pdf, o->landscape, e));
        o->y = pdf_page_height(o->pdf) - MARGIN;
    }
    pdf_chart_draw(&o->chart, o->pdf, MARGIN, o->y, content_width(o));
    o->y -= PDF_CHART_HEIGHT;
    return pdf_status(o->pdf, e);
}

/* One note, wrapped over the page's width. */
static enum err_code note_draw(struct pdf_out *o, const char *note, struct err *e)
{
    struct buf text;
    uint64_t changed = 0;
    enum err_code code = ERR_OK;
    buf_init(&text, 8 * (size_t)REPORT_TEXT_MAX);
    report_text_clean(note, strlen(note), false, &text, &changed);
    for (size_t at = 0, next = 0; at < text.len && code == ERR_OK; at += next) {
        size_t len = pdf_line_fit(o->pdf, PDF_SANS, 8, content_width(o), text.data + at,
                                  text.len - at, &next);
        if (o->y - 12 < MARGIN + FOOT_HEIGHT) {
            code = pdf_page(o->pdf, o->landscape, e);
            o->y = code == ERR_OK ? pdf_page_height(o->pdf) - MARGIN : o->y;
        }
        if (code == ERR_OK) {
            o->y -= 11;
            pdf_ink(o->pdf, INK_SOFT);
            pdf_text_n(o->pdf, PDF_SANS, 8, PDF_LEFT, MARGIN, o->y, text.data + at, len);
        }
    }
    pdf_drop(o->pdf, &text);
    return code;
}

static enum err_code notes_draw(struct pdf_out *o, const struct report_run *run, struct err *e)
{
    char count[128];
    o->y -= 6;
    (void)snprintf(count, sizeof(count),
                   ngettext("%llu row", "%llu rows", (unsigned long)run->rows),
                   (unsigned long long)run->rows);
    TRY(note_draw(o, count, e));
    for (size_t i = 0; i < o->doc->note_count; i++) {
        TRY(note_draw(o, o->doc->notes[i], e));
    }
    return ERR_OK;
}

/* "office · title · made 21/11/2026 08:08        Page 2 of 7" on each page, now that the count
 * is known. */
static enum err_code feet_draw(struct pdf_out *o, struct err *e)
{
    struct buf left;
    size_t count = pdf_page_count(o->pdf);
    buf_init(&left, 4 * (size_t)REPORT_TEXT_MAX);
    if (o->doc->office != NULL && o->doc->office[0] != '\0') {
        buf_addf(&left, "%s \xC2\xB7 ", o->doc->office);
    }
    buf_addf(&left, "%s \xC2\xB7 ", o->doc->title);
    numfmt_clock(o->options->fmt, o->doc->generated, &left);
    if (o->doc->zone != NULL) {
        buf_addf(&left, " %s", o->doc->zone);
    }
    enum err_code code = buf_status(&left, _("the page's foot"), e);
    for (size_t i = 0; i < count && code == ERR_OK; i++) {
        char page[128];
        (void)snprintf(page, sizeof(page), _("Page %zu of %zu"), i + 1, count);
        pdf_return_to(o->pdf, i);
        rule(o, MARGIN + 13, 0.5F);
        pdf_ink(o->pdf, INK_SOFT);
        pdf_text_within(o->pdf, PDF_SANS, 7.5F, PDF_LEFT, MARGIN, MARGIN + 2,
                        content_width(o) - 90, false, buf_str(&left));
        pdf_text(o->pdf, PDF_SANS, 7.5F, PDF_RIGHT, MARGIN + content_width(o), MARGIN + 2,
                 page);
        pdf_pages_pack(o->pdf);
        code = pdf_status(o->pdf, e);
    }
    pdf_drop(o->pdf, &left);
    return code;
}

static enum err_code document_draw(struct pdf_out *o, struct report_outcome *outcome,
                                   struct err *e)
{
    struct report_run run;
    const struct report_doc *doc = o->doc;
    struct pdf_meta meta = {
        doc->title,           doc->office,
        doc->subtitle,        doc->generated,
        o->options->font_dir, o->options->look != NULL ? o->options->look->press : NULL};
    TRY(report_run_init(&run, doc, e));
    TRY(pdf_new(&meta, &o->pdf, e));
    layout_choose(o);
    TRY(page_begin(o, e));
    TRY(rows_draw(o, &run, e));
    TRY(totals_draw(o, &run, e));
    TRY(chart_place(o, e));
    TRY(notes_draw(o, &run, e));
    TRY(feet_draw(o, e));
    outcome->rows = run.rows;
    outcome->pages = (unsigned)pdf_page_count(o->pdf);
    return pdf_save(o->pdf, &o->file, e);
}

/* A4 tables with headings on every page, page x of y, embedded fonts. */
enum err_code out_pdf_write(const struct report_doc *doc, const struct report_options *options,
                            const char *path, struct report_outcome *outcome, struct err *e)
{
    struct pdf_out *o = mem_alloc(sizeof(*o));
    if (o == NULL) {
        return err_nomem(e);
    }
    o->doc = doc;
    o->options = options;
    pdf_chart_init(&o->chart, doc, options->fmt);
    for (size_t i = 0; i < REPORT_COLUMNS_MAX; i++) {
        buf_init(&o->text[i], 8 * (size_t)REPORT_TEXT_MAX);
    }
    enum err_code code = out_file_open(&o->file, path, e);
    if (code == ERR_OK) {
        code = document_draw(o, outcome, e);
    }
    pdf_free(o->pdf);
    out_file_discard(&o->file);
    for (size_t i = 0; i < REPORT_COLUMNS_MAX; i++) {
        buf_release(&o->text[i]);
    }
    mem_free(o);
    return code;
}
