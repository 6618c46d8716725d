#include <config.h>

#include "base/csv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

#define CHUNK_BYTES ((size_t)128 * 1024)
/* Whatever part of a record is read already, a chunk fits behind it. */
#define WINDOW_BYTES ((size_t)CSV_LINE_MAX + 2 * CHUNK_BYTES)

/* A field within the record being read: offsets from the record's start. */
struct span {
    size_t start, len;
    bool escaped; /* holds doubled quotes */
};

struct record {
    size_t len, next; /* of its content; of the line behind it */
    size_t count;
    bool quoted;
};

struct csv {
    gzFile file;
    char *window;
    size_t start, end; /* of what is read and not handed out */
    bool ended;        /* nothing more can be read */
    bool damaged;      /* ... because of an error */
    bool latin1, begun;
    char separator;
    uint64_t line, read_bytes, size_bytes;
    char *decoded; /* of a Latin-1 record */
    size_t decoded_size;
    bool stops[256]; /* bytes at which an unquoted field ends */
    struct span spans[CSV_FIELDS_MAX];
    struct csv_field fields[CSV_FIELDS_MAX];
};

static enum err_code open_source(const char *path, struct csv *c, struct err *e)
{
    struct stat st;
    bool standard = strcmp(path, "-") == 0;
    int fd =
        standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        enum err_code code = err_errno(e, "%s", path);
        if (fd >= 0) {
            close(fd);
        }
        return code;
    }
    if (S_ISDIR(st.st_mode)) {
        close(fd);
        return err_set(e, ERR_IO, _("%s is a folder; give the name of a CSV file"), path);
    }
    c->size_bytes = S_ISREG(st.st_mode) && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    c->file = gzdopen(fd, "rb");
    if (c->file == NULL) {
        close(fd);
        return err_nomem(e);
    }
    (void)gzbuffer(c->file, CHUNK_BYTES);
    return ERR_OK;
}

enum err_code csv_open(const char *path, char separator, bool latin1, struct csv **out,
                       struct err *e)
{
    if (separator == '"' || separator == '\n' || separator == '\r' || separator == '\0') {
        return err_set(e, ERR_USAGE, "%s",
                       _("This character cannot separate the fields of a CSV file."));
    }
    struct csv *c = mem_alloc(sizeof(*c));
    if (c == NULL) {
        return err_nomem(e);
    }
    c->separator = separator;
    c->latin1 = latin1;
    c->line = 1;
    c->stops[(unsigned char)separator] = true;
    c->stops['\n'] = c->stops['\r'] = c->stops['"'] = true;
    enum err_code code;
    c->window = mem_alloc(WINDOW_BYTES + 1);
    code = c->window == NULL ? err_nomem(e) : open_source(path, c, e);
    if (code != ERR_OK) {
        csv_close(c);
        return code;
    }
    *out = c;
    return ERR_OK;
}

void csv_close(struct csv *c)
{
    if (c == NULL) {
        return;
    }
    if (c->file != NULL) {
        (void)gzclose_r(c->file);
    }
    mem_free(c->decoded);
    mem_free(c->window);
    mem_free(c);
}

/* Read a chunk more; false at the end or on an error. */
static bool refill(struct csv *c)
{
    if (c->ended) {
        return false;
    }
    if (WINDOW_BYTES - c->end < CHUNK_BYTES) {
        memmove(c->window, c->window + c->start, c->end - c->start);
        c->end -= c->start;
        c->start = 0;
    }
    CHECK(WINDOW_BYTES - c->end >= CHUNK_BYTES); /* nobody looks beyond CSV_LINE_MAX + 1 */
    int n = gzread(c->file, c->window + c->end, CHUNK_BYTES);
    if (n < (int)CHUNK_BYTES) {
        int status = Z_OK;
        (void)gzerror(c->file, &status);
        c->ended = n <= 0 || status != Z_OK;
        c->damaged = n < 0 || status != Z_OK; /* Z_BUF_ERROR: a gzip file that was cut */
    }
    if (n > 0) {
        c->end += (size_t)n;
        c->read_bytes += (uint64_t)n;
    }
    return n > 0;
}

/* The byte at offset i of the record, -1 behind the end of the file. */
static inline int peek(struct csv *c, size_t i)
{
    if (c->start + i >= c->end && !refill(c)) {
        return -1;
    }
    return (unsigned char)c->window[c->start + i];
}

/* Where the unquoted field at i ends, or where it became too long. */
static size_t scan_plain(struct csv *c, size_t i)
{
    while (i <= CSV_LINE_MAX && peek(c, i) >= 0) {
        const unsigned char *base = (const unsigned char *)c->window + c->start;
        size_t have = c->end - c->start;
        while (i < have && !c->stops[base[i]]) {
            i++;
        }
        if (i < have) {
            break;
        }
    }
    return i;
}

/* Behind the opening quote at i: moves *i to the closing one. */
static enum csv_fault scan_quoted(struct csv *c, size_t *i, bool *escaped)
{
    while (*i <= CSV_LINE_MAX) {
        if (peek(c, *i) < 0) {
            return CSV_TRUNCATED;
        }
        const char *base = c->window + c->start;
        size_t have = c->end - c->start;
        const char *quote = memchr(base + *i, '"', have - *i);
        if (quote == NULL) {
            *i = have;
            continue;
        }
        *i = (size_t)(quote - base);
        if (*i > CSV_LINE_MAX) {
            break;
        }
        if (peek(c, *i + 1) != '"') {
            return CSV_FINE;
        }
        *escaped = true;
        *i += 2;
    }
    return CSV_TOO_LONG;
}

/* One field from *i on; *stop is what ends it (-1: the file). */
static enum csv_fault scan_field(struct csv *c, size_t *i, struct span *span, bool *quoted,
                                 int *stop)
{
    *span = (struct span){.start = *i};
    if (peek(c, *i) == '"') {
        *quoted = true;
        span->start = ++*i;
        enum csv_fault fault = scan_quoted(c, i, &span->escaped);
        if (fault != CSV_FINE) {
            return fault;
        }
        span->len = *i - span->start;
        ++*i;
    } else {
        *i = scan_plain(c, *i);
        span->len = *i - span->start;
    }
    if (*i > CSV_LINE_MAX) {
        return CSV_TOO_LONG;
    }
    *stop = peek(c, *i);
    bool ends = *stop < 0 || (*stop != '"' && c->stops[*stop]);
    return ends ? CSV_FINE : CSV_BAD_QUOTE;
}

/* Find the bounds of the next record and of its fields; changes nothing, so that a faulty
 * record can be left and reading go on at its second line. */
static enum csv_fault scan_record(struct csv *c, struct record *r)
{
    size_t i = 0;
    int stop;
    *r = (struct record){0};
    for (;;) {
        struct span span;
        enum csv_fault fault = scan_field(c, &i, &span, &r->quoted, &stop);
        if (fault != CSV_FINE) {
            return fault;
        }
        if (r->count < CSV_FIELDS_MAX) {
            c->spans[r->count] = span;
        }
        r->count++;
        if (stop != (unsigned char)c->separator) {
            break;
        }
        i++;
    }
    r->len = i;
    if (stop == '\r') {
        i += peek(c, i + 1) == '\n' ? 2 : 1;
    } else if (stop == '\n') {
        i++;
    }
    r->next = i;
    return CSV_FINE;
}

/* Faults of a record whose bounds are known. */
static enum csv_fault judge(const struct csv *c, const struct record *r)
{
    const char *data = c->window + c->start;
    if (r->count > CSV_FIELDS_MAX) {
        return CSV_TOO_MANY_FIELDS;
    }
    if (memchr(data, '\0', r->len) != NULL) {
        return CSV_NUL;
    }
    return c->latin1 || utf8_valid(data, r->len) ? CSV_FINE : CSV_BAD_UTF8;
}

/* Hand out a record that was looked at. */
static void consume(struct csv *c, const struct record *r)
{
    const char *p = c->window + c->start, *end = p + r->next;
    if (!r->quoted) {
        c->line++;
    } else { /* quotes may hold line ends */
        for (; p < end; p++) {
            c->line += *p == '\n' || (*p == '\r' && (p + 1 == end || p[1] != '\n'));
        }
    }
    c->start += r->next;
}

/* Leave out the rest of the line on which the record starts. */
static void skip_line(struct csv *c)
{
    for (int byte = peek(c, 0); byte >= 0; byte = peek(c, 0)) {
        c->start++;
        if (byte == '\n' || (byte == '\r' && peek(c, 0) != '\n')) {
            break;
        }
    }
    c->line++;
}

/* Take the doubled quotes of a field apart, in place; returns its new length. */
static size_t unescape(char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        s[n++] = s[i];
        i += s[i] == '"';
    }
    return n;
}

static void cut_fields(struct csv *c, size_t start, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct span *span = &c->spans[i];
        char *data = c->window + start + span->start;
        size_t len = span->escaped ? unescape(data, span->len) : span->len;
        data[len] = '\0'; /* over its closing quote, its separator or the line end */
        c->fields[i] = (struct csv_field){.data = data, .len = len};
    }
}

/* Fields in Latin-1 get a second copy, in UTF-8. */
static enum err_code decode_fields(struct csv *c, size_t count, struct err *e)
{
    size_t need = 0;
    for (size_t i = 0; i < count; i++) {
        need += 3 * c->fields[i].len + 1;
    }
    if (need > c->decoded_size) {
        char *larger = mem_realloc_array(c->decoded, need, 1);
        if (larger == NULL) {
            return err_nomem(e);
        }
        c->decoded = larger;
        c->decoded_size = need;
    }
    char *p = c->decoded;
    for (size_t i = 0; i < count; i++) {
        struct csv_field *f = &c->fields[i];
        char *first = p;
        for (size_t k = 0; k < f->len; k++) {
            p += utf8_encode(latin1_decode((unsigned char)f->data[k]), p);
        }
        *p++ = '\0';
        *f = (struct csv_field){.data = first, .len = (size_t)(p - first) - 1};
    }
    return ERR_OK;
}

static enum err_code skip_bom(struct csv *c, struct err *e)
{
    int first = peek(c, 0);
    int second = peek(c, 1);
    c->begun = true;
    if (first == 0xEF && second == 0xBB && peek(c, 2) == 0xBF) {
        c->start += 3;
    }
    bool utf16 = (first == 0xFF && second == 0xFE && peek(c, 3) == 0) ||
                 (first == 0xFE && second == 0xFF && peek(c, 2) == 0);
    return utf16
               ? err_set(e, ERR_PARSE,
                         _("the file is in UTF-16 (\"Unicode text\"); save it as CSV in UTF-8"))
               : ERR_OK;
}

/* What the caller gets for a record that was found. */
static enum err_code deliver(struct csv *c, const struct record *r, struct csv_row *row,
                             struct err *e)
{
    if (row->fault == CSV_TOO_LONG || row->fault == CSV_BAD_QUOTE ||
        row->fault == CSV_TRUNCATED) {
        skip_line(c);
        return ERR_OK;
    }
    row->fault = judge(c, r);
    size_t start = c->start;
    consume(c, r); /* counts line ends, so it comes before the fields are cut */
    if (row->fault != CSV_FINE) {
        return ERR_OK;
    }
    cut_fields(c, start, r->count);
    row->count = r->count;
    row->fields = c->fields;
    return c->latin1 ? decode_fields(c, r->count, e) : ERR_OK;
}

enum err_code csv_next(struct csv *c, struct csv_row *row, bool *eof, struct err *e)
{
    struct record r;
    if (!c->begun) {
        TRY(skip_bom(c, e));
    }
    *eof = false;
    *row = (struct csv_row){0};
    for (;;) {
        bool there = peek(c, 0) >= 0;
        if (there) {
            row->line = c->line;
            row->fault = scan_record(c, &r);
        }
        if (c->damaged) {
            return err_set(e, ERR_IO,
                           _("line %llu: the file cannot be read on; it is damaged or cut off"),
                           (unsigned long long)c->line);
        }
        if (!there) {
            *eof = true;
            return ERR_OK;
        }
        bool blank = row->fault == CSV_FINE && r.len == 0;
        if (!blank) {
            return deliver(c, &r, row, e);
        }
        consume(c, &r);
    }
}

void csv_progress(const struct csv *c, uint64_t *done_bytes, uint64_t *size_bytes)
{
    z_off_t offset = gzoffset(c->file);
    *done_bytes = offset >= 0 ? (uint64_t)offset : c->read_bytes;
    *size_bytes = c->size_bytes;
}

const char *csv_fault_text(enum csv_fault f)
{
    switch (f) {
    case CSV_FINE:
        return _("no fault");
    case CSV_TOO_LONG:
        return _("the row is longer than 1 MiB");
    case CSV_TOO_MANY_FIELDS:
        return _("the row has more than 256 fields");
    case CSV_BAD_QUOTE:
        return _("a quote stands within a field; fields with quotes must be quoted, with each "
                 "quote doubled");
    case CSV_NUL:
        return _("the row holds a NUL byte");
    case CSV_BAD_UTF8:
        return _("the row is not UTF-8; if the file comes from an old program, say "
                 "\"encoding\": \"latin-1\" in the mapping");
    case CSV_TRUNCATED:
        return _("a quoted field is never closed");
    }
    check_failed("CSV fault", __FILE__, __LINE__);
}
