#include <config.h>

#include "app/import_file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "crypto/hash.h"

#define HASH_CHUNK ((size_t)256 * 1024)

static enum err_code hash_all(int fd, struct import_file *f, struct hasher *h, char *chunk,
                              const struct progress *progress, struct err *e)
{
    uint64_t done = 0;
    ssize_t n = 0;
    while ((n = read(fd, chunk, HASH_CHUNK)) > 0) {
        hasher_add(h, chunk, (size_t)n);
        done += (uint64_t)n;
        if (!progress_step(progress, _("checking"), done, (uint64_t)f->at_start.st_size)) {
            return err_set(e, ERR_CANCELLED, _("stopped; nothing was recorded"));
        }
    }
    return n == 0 ? ERR_OK : err_errno(e, "%s", f->path);
}

static enum err_code file_hash(struct import_file *f, const struct progress *progress,
                               struct err *e)
{
    struct hash hash = {{0}};
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_errno(e, "%s", f->path);
    }
    enum err_code code = ERR_OK;
    struct hasher *h = hasher_new();
    char *chunk = mem_alloc(HASH_CHUNK);
    if (h == NULL || chunk == NULL) {
        code = err_nomem(e);
    } else if (fstat(fd, &f->at_start) != 0) {
        code = err_errno(e, "%s", f->path);
    } else if (!S_ISREG(f->at_start.st_mode)) {
        code = err_set(e, ERR_IO, _("%s is not a file; give the name of a CSV file"), f->path);
    } else {
        code = hash_all(fd, f, h, chunk, progress, e);
    }
    hasher_end(h, &hash);
    mem_free(chunk);
    (void)close(fd);
    hash_hex(&hash, f->sha256);
    return code;
}

/* Pass the heading lines; the last of them names the columns. Empty lines are no records but
 * count, as they do for whoever looks at the file; a record over several lines counts once. */
static enum err_code read_heading(struct import_file *f, const struct mapping *m, struct err *e)
{
    struct csv_row row = {0};
    bool eof = false;
    for (unsigned i = 0; i < m->heading_lines && row.line < m->heading_lines; i++) {
        TRY(import_file_next(f, &row, &eof, e));
        if (eof) {
            return err_set(e, ERR_PARSE,
                           _("%s ends before its heading is complete; is it empty?"), f->path);
        }
    }
    if (m->heading_lines > 0 && row.fault != CSV_FINE) {
        return err_set(e, ERR_PARSE, _("%s: line %llu: the heading cannot be read: %s"),
                       f->path, (unsigned long long)row.line, csv_fault_text(row.fault));
    }
    enum err_code code = row_reader_init(&f->reader, m, m->heading_lines > 0 ? &row : NULL, e);
    return code == ERR_OK ? ERR_OK : err_wrap(e, "%s", f->path);
}

enum err_code import_file_open(struct import_file *f, const char *path, const struct mapping *m,
                               const struct progress *progress, struct err *e)
{
    *f = (struct import_file){.path = path};
    if (strcmp(path, "-") == 0) {
        return err_set(e, ERR_USAGE,
                       _("an import reads a file, not standard input: only a file can be read "
                         "again when an import was cut off"));
    }
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    text_sanitize_to(name, strlen(name), f->name, sizeof f->name);
    TRY(file_hash(f, progress, e));
    return import_file_restart(f, m, e);
}

enum err_code import_file_restart(struct import_file *f, const struct mapping *m, struct err *e)
{
    import_file_close(f);
    enum err_code code = ERR_OK;
    f->skip_hidden = m->hidden == HIDDEN_SKIP;
    if (xlsx_is(f->path)) {
        code = xlsx_open(f->path, m->sheet, &f->xlsx, e);
        code = code == ERR_OK ? ERR_OK : err_wrap(e, "%s", f->path);
    } else {
        code = csv_open(f->path, m->separator, m->latin1, &f->csv, e);
    }
    if (code == ERR_OK) {
        code = read_heading(f, m, e);
    }
    if (code != ERR_OK) {
        import_file_close(f);
    }
    return code;
}

void import_file_close(struct import_file *f)
{
    csv_close(f->csv);
    f->csv = NULL;
    xlsx_close(f->xlsx);
    f->xlsx = NULL;
}

/* A row of separators only: spreadsheets write such rows behind the last one. */
static bool row_empty(const struct csv_row *row)
{
    bool empty = row->fault == CSV_FINE;
    for (size_t i = 0; i < row->count && empty; i++) {
        empty = row->fields[i].len == 0;
    }
    return empty;
}

enum err_code import_file_next(struct import_file *f, struct csv_row *row, bool *eof,
                               struct err *e)
{
    enum err_code code = ERR_OK;
    do {
        code =
            f->xlsx != NULL ? xlsx_next(f->xlsx, row, eof, e) : csv_next(f->csv, row, eof, e);
    } while (code == ERR_OK && !*eof &&
             ((row->hidden && f->skip_hidden) || (f->csv != NULL && row_empty(row))));
    return code == ERR_OK ? ERR_OK : err_wrap(e, "%s", f->path);
}

void import_file_progress(const struct import_file *f, uint64_t *done_bytes,
                          uint64_t *size_bytes)
{
    if (f->xlsx != NULL) {
        xlsx_progress(f->xlsx, done_bytes, size_bytes);
    } else {
        csv_progress(f->csv, done_bytes, size_bytes);
    }
}

enum err_code import_file_unchanged(const struct import_file *f, struct err *e)
{
    struct stat now;
    const struct stat *was = &f->at_start;
    bool same = stat(f->path, &now) == 0 && now.st_ino == was->st_ino &&
                now.st_dev == was->st_dev && now.st_size == was->st_size &&
                now.st_mtim.tv_sec == was->st_mtim.tv_sec &&
                now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
    return same ? ERR_OK
                : err_set(e, ERR_CONFLICT,
                          _("%s was changed while it was read; nothing was recorded, import it "
                            "again"),
                          f->path);
}
