#include <config.h>

#include "xlsx.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "i18n.h"
#include "text.h"
#include "xlsx_cell.h"
#include "xlsx_priv.h"

#define PIECE ((size_t)64 * 1024)
#define TAIL ((size_t)65536 + 22) /* the list's end lies within */
#define FORMATS_MAX 1024

bool xlsx_is(const char *path)
{
    char mark[4] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool zip = fd >= 0 && read(fd, mark, 4) == 4 && memcmp(mark, "PK\x03\x04", 4) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return zip;
}

const char *xlsx_last(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* ---- the packed file ---- */

static unsigned word(const unsigned char *b)
{
    return b[0] | (unsigned)b[1] << 8;
}

/* Before libzip keeps the list of parts in memory: every mark that could be its end must claim
 * few parts and a short list (APPNOTE.TXT 4.3.16). */
static enum err_code tail_check(const unsigned char *tail, size_t len, struct err *e)
{
    bool any = false;
    for (size_t i = 0; i + 20 <= len; i++) {
        if (memcmp(tail + i, "PK\x06\x07", 4) == 0) {
            return err_set(e, ERR_LIMIT, _("the workbook has more than %d parts"),
                           XLSX_PARTS_MAX);
        }
        if (memcmp(tail + i, "PK\x05\x06", 4) != 0) {
            continue;
        }
        any = true;
        uint32_t bytes = word(tail + i + 12) | (uint32_t)word(tail + i + 14) << 16;
        if (word(tail + i + 10) > XLSX_PARTS_MAX || bytes > XLSX_DIRECTORY_MAX) {
            return err_set(e, ERR_LIMIT, _("the workbook has more than %d parts"),
                           XLSX_PARTS_MAX);
        }
    }
    return any ? ERR_OK
               : err_set(e, ERR_PARSE,
                         _("the file ends before the list of its parts; is it whole?"));
}

static enum err_code file_check(int fd, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return err_errno(e, _("workbook"));
    }
    if (st.st_size > XLSX_FILE_MAX) {
        return err_set(e, ERR_LIMIT, _("a workbook has at most %d MiB; save it as CSV"),
                       (int)(XLSX_FILE_MAX >> 20));
    }
    size_t len = (uint64_t)st.st_size < TAIL ? (size_t)st.st_size : TAIL;
    unsigned char *tail = mem_alloc(len + 1);
    if (tail == NULL) {
        return err_nomem(e);
    }
    ssize_t n = pread(fd, tail, len, st.st_size - (off_t)len);
    enum err_code code =
        n == (ssize_t)len ? tail_check(tail, len, e) : err_errno(e, _("workbook"));
    mem_free(tail);
    return code;
}

static enum err_code zip_take(struct xlsx *x, const char *path, struct err *e)
{
    int why = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_errno(e, "%s", path);
    }
    enum err_code code = file_check(fd, e);
    if (code != ERR_OK) {
        (void)close(fd);
        return code;
    }
    x->zip = zip_fdopen(fd, 0, &why);
    if (x->zip == NULL) {
        zip_error_t error;
        zip_error_init_with_code(&error, why);
        (void)close(fd);
        code = err_set(e, why == ZIP_ER_MEMORY ? ERR_NOMEM : ERR_PARSE,
                       _("no workbook can be read from it: %s"), zip_error_strerror(&error));
        zip_error_fini(&error);
    }
    return code;
}

/* ---- parts ---- */

static enum err_code part_bad(const char *name, const char *why, struct err *e)
{
    return err_set(e, ERR_PARSE, _("part %s of the workbook cannot be read: %s"), name, why);
}

enum err_code xlsx_part_open(struct xlsx *x, const char *name, uint64_t max,
                             const struct xml_reader *reader, struct xlsx_part *p,
                             struct err *e)
{
    zip_stat_t st;
    *p = (struct xlsx_part){.name = name, .max = max};
    zip_int64_t index = zip_name_locate(x->zip, name, ZIP_FL_NOCASE);
    if (index < 0) {
        return err_set(e, ERR_NOT_FOUND, _("the workbook has no part %s"), name);
    }
    if (zip_stat_index(x->zip, (zip_uint64_t)index, 0, &st) != 0 ||
        (p->file = zip_fopen_index(x->zip, (zip_uint64_t)index, 0)) == NULL) {
        return part_bad(name, zip_strerror(x->zip), e);
    }
    p->size = st.size;
    return st.size > max ? err_set(e, ERR_LIMIT,
                                   _("part %s of the workbook is too large when unpacked; save "
                                     "the sheet as CSV"),
                                   name)
                         : xml_stream_new(reader, e, &p->xml);
}

void xlsx_part_close(struct xlsx_part *p)
{
    xml_stream_free(p->xml);
    p->xml = NULL;
    if (p->file != NULL) {
        (void)zip_fclose(p->file);
    }
    p->file = NULL;
}

/* The next piece; what the list said of its size does not count. */
static enum err_code part_feed(struct xlsx_part *p, struct err *e)
{
    void *room = xml_stream_room(p->xml, PIECE);
    if (room == NULL) {
        return err_nomem(e);
    }
    zip_int64_t n = zip_fread(p->file, room, PIECE);
    if (n < 0) {
        return part_bad(p->name, zip_file_strerror(p->file), e);
    }
    p->done += (uint64_t)n;
    p->ended = n == 0;
    if (p->done > p->max) {
        return err_set(e, ERR_LIMIT,
                       _("part %s of the workbook is too large when unpacked; save the sheet "
                         "as CSV"),
                       p->name);
    }
    return xml_stream_feed(p->xml, (size_t)n, p->ended, &p->paused);
}

enum err_code xlsx_part_run(struct xlsx_part *p, struct err *e)
{
    enum err_code code = ERR_OK;
    if (p->paused) {
        code = xml_stream_go(p->xml, &p->paused);
    }
    while (code == ERR_OK && !p->paused && !p->ended) {
        code = part_feed(p, e);
    }
    return code == ERR_OK ? ERR_OK : err_wrap(e, "%s", p->name);
}

enum err_code xlsx_part_read(struct xlsx *x, const char *name, uint64_t max,
                             const struct xml_reader *reader, bool *found, struct err *e)
{
    struct xlsx_part p;
    *found = zip_name_locate(x->zip, name, ZIP_FL_NOCASE) >= 0;
    if (!*found) {
        return ERR_OK;
    }
    enum err_code code = xlsx_part_open(x, name, max, reader, &p, e);
    if (code == ERR_OK) {
        code = xlsx_part_run(&p, e);
    }
    xlsx_part_close(&p);
    return code;
}

/* ---- workbook.xml: which sheets there are ---- */

struct book {
    struct xlsx *x;
    const char *wanted; /* NULL: the first that is shown */
    char id[64];        /* of the relation that leads to it */
    char target[XLSX_PART_NAME_MAX];
    struct buf names; /* of all sheets, for the error */
};

static bool is_true(const char *text)
{
    return text != NULL && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

static enum err_code ended(void *ctx, const char *path, const char *text, struct err *e)
{
    (void)ctx;
    (void)path;
    (void)text;
    (void)e;
    return ERR_OK;
}

static enum err_code book_start(void *ctx, const char *path, const char *const *attributes,
                                struct err *e)
{
    struct book *b = ctx;
    (void)e;
    if (strcmp(path, "workbook/workbookPr") == 0) {
        b->x->base_1904 = is_true(xml_attribute(attributes, "date1904"));
    }
    if (strcmp(path, "workbook/sheets/sheet") != 0) {
        return ERR_OK;
    }
    const char *name = xml_attribute(attributes, "name");
    const char *id = xml_attribute(attributes, "id");
    const char *state = xml_attribute(attributes, "state");
    if (name == NULL || id == NULL) {
        return ERR_OK;
    }
    bool shown = state == NULL || strcmp(state, "visible") == 0;
    if (b->names.len < 200) {
        buf_addf(&b->names, "%s\"", b->names.len > 0 ? ", " : "");
        text_sanitize(name, strlen(name), &b->names);
        buf_addc(&b->names, '"');
    }
    if (b->id[0] == '\0' && (b->wanted != NULL ? strcmp(name, b->wanted) == 0 : shown) &&
        strlen(id) < sizeof b->id) {
        memcpy(b->id, id, strlen(id) + 1);
    }
    return ERR_OK;
}

static enum err_code relation_start(void *ctx, const char *path, const char *const *attributes,
                                    struct err *e)
{
    struct book *b = ctx;
    const char *id = xml_attribute(attributes, "Id");
    const char *target = xml_attribute(attributes, "Target");
    (void)e;
    if (strcmp(xlsx_last(path), "Relationship") == 0 && id != NULL && target != NULL &&
        strcmp(id, b->id) == 0 && strlen(target) < sizeof b->target) {
        memcpy(b->target, target, strlen(target) + 1);
    }
    return ERR_OK;
}

/* Targets are given from the workbook's folder, or from the root. */
static void target_place(struct book *b)
{
    const char *t = b->target;
    if (t[0] == '/') {
        (void)snprintf(b->x->sheet, sizeof b->x->sheet, "%s", t + 1);
    } else {
        (void)snprintf(b->x->sheet, sizeof b->x->sheet, "xl/%.*s", (int)sizeof b->x->sheet - 4,
                       t);
    }
}

static enum err_code sheet_find(struct xlsx *x, const char *wanted, struct err *e)
{
    struct book b = {.x = x, .wanted = wanted};
    struct xml_reader book = {&b, book_start, ended};
    struct xml_reader relations = {&b, relation_start, ended};
    bool found = false;
    buf_init(&b.names, 4096);
    enum err_code code = xlsx_part_read(x, "xl/workbook.xml", XLSX_SMALL_MAX, &book, &found, e);
    if (code == ERR_OK && !found) {
        code = err_set(e, ERR_PARSE, _("it is no xlsx workbook"));
    } else if (code == ERR_OK && b.id[0] == '\0') {
        code = wanted != NULL
                   ? err_set(e, ERR_PARSE, _("the workbook has no sheet \"%s\"; there are %s"),
                             wanted, buf_str(&b.names))
                   : err_set(e, ERR_PARSE, _("the workbook shows no sheet"));
    }
    if (code == ERR_OK) {
        code = xlsx_part_read(x, "xl/_rels/workbook.xml.rels", XLSX_SMALL_MAX, &relations,
                              &found, e);
    }
    if (code == ERR_OK && b.target[0] == '\0') {
        code = part_bad("xl/_rels/workbook.xml.rels", _("it does not lead to the sheet"), e);
    }
    target_place(&b);
    buf_release(&b.names);
    return code;
}

/* ---- styles.xml: which cells show dates ---- */

struct styles {
    struct xlsx *x;
    struct {
        int id;
        bool date;
    } format[FORMATS_MAX];
    size_t format_count;
};

static int number_of(const char *text)
{
    return text != NULL ? (int)strtol(text, NULL, 10) : 0;
}

static bool style_is_date(const struct styles *s, int id)
{
    for (size_t i = 0; i < s->format_count; i++) {
        if (s->format[i].id == id) {
            return s->format[i].date;
        }
    }
    return xlsx_format_is_date(id, NULL);
}

static enum err_code styles_start(void *ctx, const char *path, const char *const *attributes,
                                  struct err *e)
{
    struct styles *s = ctx;
    int id = number_of(xml_attribute(attributes, "numFmtId"));
    if (strcmp(path, "styleSheet/numFmts/numFmt") == 0) {
        const char *code = xml_attribute(attributes, "formatCode");
        if (s->format_count == FORMATS_MAX) {
            return err_set(e, ERR_LIMIT, _("there are more than %d number formats"),
                           FORMATS_MAX);
        }
        s->format[s->format_count].id = id;
        s->format[s->format_count++].date = xlsx_format_is_date(id, code != NULL ? code : "");
    }
    if (strcmp(path, "styleSheet/cellXfs/xf") != 0) {
        return ERR_OK;
    }
    if (s->x->style_count == XLSX_STYLES_MAX) {
        return err_set(e, ERR_LIMIT, _("there are more than %d styles"), XLSX_STYLES_MAX);
    }
    s->x->date_style[s->x->style_count++] = style_is_date(s, id);
    return ERR_OK;
}

static enum err_code styles_read(struct xlsx *x, struct err *e)
{
    bool found = false;
    struct styles *s = mem_alloc(sizeof *s);
    struct xml_reader reader = {s, styles_start, ended};
    x->date_style = mem_alloc(XLSX_STYLES_MAX);
    if (s == NULL || x->date_style == NULL) {
        mem_free(s);
        return err_nomem(e);
    }
    s->x = x;
    enum err_code code = xlsx_part_read(x, "xl/styles.xml", XLSX_SMALL_MAX, &reader, &found, e);
    mem_free(s);
    return code;
}

/* ---- sharedStrings.xml ---- */

static enum err_code texts_start(void *ctx, const char *path, const char *const *attributes,
                                 struct err *e)
{
    struct xlsx_texts *t = ctx;
    (void)attributes;
    if (strcmp(path, "sst/si") != 0) {
        return ERR_OK;
    }
    if (t->count == XLSX_TEXT_COUNT_MAX) {
        return err_set(e, ERR_LIMIT,
                       _("the workbook holds more than %zu texts; save the sheet as CSV"),
                       XLSX_TEXT_COUNT_MAX);
    }
    uint32_t *at = mem_grow(t->at, t->count, &t->size, sizeof *at);
    if (at == NULL) {
        return err_nomem(e);
    }
    t->at = at;
    t->at[t->count++] = (uint32_t)t->bytes.len;
    return ERR_OK;
}

/* Runs of rich text follow each other; how a word is read aloud (rPh) is no part of it. */
static enum err_code texts_end(void *ctx, const char *path, const char *text, struct err *e)
{
    struct xlsx_texts *t = ctx;
    if (strcmp(path, "sst/si/t") == 0 || strcmp(path, "sst/si/r/t") == 0) {
        buf_adds(&t->bytes, text);
    } else if (strcmp(path, "sst/si") == 0) {
        buf_addc(&t->bytes, '\0');
    }
    return buf_status(&t->bytes, _("texts of the workbook"), e);
}

static enum err_code texts_read(struct xlsx *x, struct err *e)
{
    struct xml_reader reader = {&x->texts, texts_start, texts_end};
    bool found = false;
    buf_init(&x->texts.bytes, XLSX_TEXTS_MAX);
    return xlsx_part_read(x, "xl/sharedStrings.xml", 8 * XLSX_TEXTS_MAX, &reader, &found, e);
}

/* ---- the whole ---- */

static enum err_code book_open(struct xlsx *x, const char *path, const char *sheet,
                               struct err *e)
{
    TRY(zip_take(x, path, e));
    TRY(sheet_find(x, sheet, e));
    TRY(styles_read(x, e));
    TRY(texts_read(x, e));
    TRY(xlsx_merges_read(x, e));
    return xlsx_rows_open(x, e);
}

enum err_code xlsx_open(const char *path, const char *sheet, struct xlsx **out, struct err *e)
{
    struct xlsx *x = mem_alloc(sizeof *x);
    *out = NULL;
    if (x == NULL) {
        return err_nomem(e);
    }
    enum err_code code = book_open(x, path, sheet, e);
    if (code != ERR_OK) {
        xlsx_close(x);
        return code;
    }
    *out = x;
    return ERR_OK;
}

void xlsx_close(struct xlsx *x)
{
    if (x == NULL) {
        return;
    }
    xlsx_rows_close(x);
    if (x->zip != NULL) {
        zip_discard(x->zip);
    }
    buf_release(&x->texts.bytes);
    mem_free(x->texts.at);
    mem_free(x->date_style);
    mem_free(x->merges);
    mem_free(x->merged_rows);
    mem_free(x);
}
