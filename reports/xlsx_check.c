#include <config.h>

#include "reports/xlsx_check.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "base/arena.h"
#include "base/i18n.h"

#define END_SIZE 22   /* end of central directory without comment */
#define ENTRY_SIZE 46 /* central directory header before the name */
#define LOCAL_SIZE 30 /* local header before the name */
#define MEMBERS_MAX 4096
#define NAME_SIZE 256
#define IN_SIZE 65536
#define OUT_SIZE 262144
#define EDGE_SIZE 512 /* bytes kept of a part's end */

/* What the parts show when they stream by. */
struct part {
    char name[NAME_SIZE];
    uint32_t method, packed, size, offset;
    char root[64]; /* root element's name */
    bool begun;
    char tail[EDGE_SIZE];
    size_t tail_len;
    uint64_t seen;    /* bytes so far */
    uint64_t rows_at; /* offset just behind <sheetData>, 0: not found */
};

struct checker {
    FILE *file;
    const char *path;
    z_stream z;
    uint8_t in[IN_SIZE];
    char out[OUT_SIZE];
};

static uint32_t le16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t le32(const uint8_t *p)
{
    return le16(p) | le16(p + 2) << 16;
}

static enum err_code damaged(const struct checker *c, const char *part, struct err *e)
{
    return err_set(e, ERR_IO,
                   _("The workbook is incomplete (%s: part %s): the disk may be full. Free "
                     "some space or choose "
                     "another place."),
                   c->path, part);
}

/* Root element's name: the first tag that is not <?xml. */
static bool part_begin(struct part *p, const char *data, size_t len)
{
    const char *end = data + len;
    for (const char *at = memchr(data, '<', len); at != NULL && at + 1 < end;
         at = memchr(at + 1, '<', (size_t)(end - at - 1))) {
        size_t n = 0;
        if (at[1] == '?') {
            continue;
        }
        at++;
        while (at + n < end && at[n] != ' ' && at[n] != '>' && at[n] != '/' &&
               n < sizeof(p->root) - 1) {
            n++;
        }
        memcpy(p->root, at, n);
        p->root[n] = '\0';
        return n > 0;
    }
    return false;
}

static void part_feed(struct part *p, const char *data, size_t len)
{
    static const char mark[] = "<sheetData>";
    if (!p->begun) { /* the opening of every part fits the first piece */
        p->begun = part_begin(p, data, len);
        const char *rows = memmem(data, len, mark, sizeof(mark) - 1);
        p->rows_at = rows == NULL ? 0 : (uint64_t)(rows - data) + sizeof(mark) - 1;
    }
    if (len >= EDGE_SIZE) {
        memcpy(p->tail, data + len - EDGE_SIZE, EDGE_SIZE);
        p->tail_len = EDGE_SIZE;
    } else {
        size_t keep = p->tail_len + len > EDGE_SIZE ? EDGE_SIZE - len : p->tail_len;
        memmove(p->tail, p->tail + p->tail_len - keep, keep);
        memcpy(p->tail + keep, data, len);
        p->tail_len = keep + len;
    }
    p->seen += len;
}

/* The part ends by closing the element it opened. */
static bool part_whole(const struct part *p, uint64_t rows_bytes, bool is_sheet)
{
    char close[128];
    int n = snprintf(close, sizeof(close), "</%s>", p->root);
    size_t len = p->tail_len; /* without the line feed that some parts end with */
    while (len > 0 && (p->tail[len - 1] == '\n' || p->tail[len - 1] == '\r')) {
        len--;
    }
    if (!p->begun || p->seen != p->size || n <= 0 || (size_t)n > len ||
        memcmp(p->tail + len - (size_t)n, close, (size_t)n) != 0) {
        return false;
    }
    if (!is_sheet || rows_bytes == 0) {
        return true;
    }
    static const char end[] = "</row></sheetData>";
    const char *at = memmem(p->tail, p->tail_len, end, sizeof(end) - 1);
    if (p->rows_at == 0 || at == NULL) {
        return false;
    }
    uint64_t rows_end = p->seen - p->tail_len + (uint64_t)(at - p->tail) + sizeof("</row>") - 1;
    return rows_end == p->rows_at + rows_bytes;
}

/* Unpack one deflated part in pieces. */
static bool part_inflate(struct checker *c, struct part *p)
{
    uint32_t left = p->packed;
    int status = Z_OK;
    if (inflateReset2(&c->z, -MAX_WBITS) != Z_OK) {
        return false;
    }
    while (status == Z_OK) {
        if (c->z.avail_in == 0 && left > 0) {
            size_t want = left < IN_SIZE ? left : IN_SIZE;
            if (fread(c->in, 1, want, c->file) != want) {
                return false;
            }
            c->z.next_in = c->in;
            c->z.avail_in = (uInt)want;
            left -= (uint32_t)want;
        }
        c->z.next_out = (Bytef *)c->out;
        c->z.avail_out = OUT_SIZE;
        status = inflate(&c->z, Z_NO_FLUSH);
        part_feed(p, c->out, OUT_SIZE - c->z.avail_out);
        if (p->seen > p->size) {
            return false;
        }
    }
    c->z.avail_in = 0;
    return status == Z_STREAM_END;
}

static bool part_copy(struct checker *c, struct part *p)
{
    for (uint32_t left = p->packed; left > 0;) {
        size_t want = left < OUT_SIZE ? left : OUT_SIZE;
        if (fread(c->out, 1, want, c->file) != want) {
            return false;
        }
        part_feed(p, c->out, want);
        left -= (uint32_t)want;
    }
    return true;
}

static bool part_read(struct checker *c, struct part *p)
{
    uint8_t local[LOCAL_SIZE];
    if (fseeko(c->file, (off_t)p->offset, SEEK_SET) != 0 ||
        fread(local, 1, LOCAL_SIZE, c->file) != LOCAL_SIZE || le32(local) != 0x04034b50 ||
        fseeko(c->file, (off_t)(le16(local + 26) + le16(local + 28)), SEEK_CUR) != 0) {
        return false;
    }
    return p->method == 8 ? part_inflate(c, p) : p->method == 0 && part_copy(c, p);
}

/* "xl/worksheets/sheet12.xml" -> 12; 0 for any other part. */
static size_t sheet_number(const char *name)
{
    size_t number = 0;
    static const char prefix[] = "xl/worksheets/sheet";
    if (strncmp(name, prefix, sizeof(prefix) - 1) != 0) {
        return 0;
    }
    for (const char *d = name + sizeof(prefix) - 1;
         *d >= '0' && *d <= '9' && number < MEMBERS_MAX; d++) {
        number = number * 10 + (size_t)(*d - '0');
    }
    return number;
}

/* Where the central directory lies. */
static bool directory_find(struct checker *c, uint32_t *count, long *at)
{
    uint8_t end[END_SIZE];
    if (fseeko(c->file, -END_SIZE, SEEK_END) != 0 ||
        fread(end, 1, END_SIZE, c->file) != END_SIZE || le32(end) != 0x06054b50) {
        return false;
    }
    *count = le16(end + 10);
    *at = (long)le32(end + 16);
    return *count > 0 && *count <= MEMBERS_MAX;
}

/* One entry of the central directory; *at moves to the next. */
static bool entry_read(struct checker *c, long *at, struct part *p)
{
    uint8_t head[ENTRY_SIZE];
    memset(p, 0, sizeof(*p));
    if (fseeko(c->file, *at, SEEK_SET) != 0 ||
        fread(head, 1, ENTRY_SIZE, c->file) != ENTRY_SIZE || le32(head) != 0x02014b50) {
        return false;
    }
    uint32_t name_len = le16(head + 28);
    if (name_len >= NAME_SIZE || fread(p->name, 1, name_len, c->file) != name_len) {
        return false;
    }
    p->method = le16(head + 10);
    p->packed = le32(head + 20);
    p->size = le32(head + 24);
    p->offset = le32(head + 42);
    *at += ENTRY_SIZE + (long)name_len + (long)le16(head + 30) + (long)le16(head + 32);
    return true;
}

static enum err_code parts_check(struct checker *c, const uint64_t *sheet_bytes,
                                 size_t sheet_count, struct err *e)
{
    uint32_t count = 0;
    long at = 0;
    size_t sheets = 0;
    struct part p;
    if (!directory_find(c, &count, &at)) {
        return damaged(c, _("table of contents"), e);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!entry_read(c, &at, &p)) {
            return damaged(c, _("table of contents"), e);
        }
        size_t number = sheet_number(p.name);
        bool known = number > 0 && number <= sheet_count;
        sheets += known ? 1 : 0;
        if (!part_read(c, &p) || !part_whole(&p, known ? sheet_bytes[number - 1] : 0, known)) {
            return damaged(c, p.name, e);
        }
    }
    return sheets == sheet_count ? ERR_OK : damaged(c, "xl/worksheets", e);
}

enum err_code xlsx_check(const char *path, const uint64_t *sheet_bytes, size_t sheet_count,
                         struct err *e)
{
    enum err_code code = ERR_OK;
    struct checker *c = mem_alloc(sizeof(*c));
    if (c == NULL) {
        return err_nomem(e);
    }
    c->path = path;
    c->file = fopen(path, "rbe");
    if (c->file == NULL) {
        code = err_errno(e, _("%s could not be read"), path);
    } else if (inflateInit2(&c->z, -MAX_WBITS) != Z_OK) {
        code = err_nomem(e);
    } else {
        code = parts_check(c, sheet_bytes, sheet_count, e);
        (void)inflateEnd(&c->z);
    }
    if (c->file != NULL) {
        (void)fclose(c->file);
    }
    mem_free(c);
    return code;
}
