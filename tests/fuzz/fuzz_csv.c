/* A CSV file of any bytes, gzip included, ends, and every field handed out is what csv.h
 * promises. The first byte chooses separator and character set. */
#include <config.h>

#include "base/csv.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct csv_row *row, uint64_t *last_line)
{
    CHECK(row->line > *last_line);
    *last_line = row->line;
    CHECK(row->fault == CSV_FINE ? row->count >= 1 : row->count == 0);
    CHECK(row->count <= CSV_FIELDS_MAX);
    for (size_t i = 0; i < row->count; i++) {
        const struct csv_field *f = &row->fields[i];
        CHECK(strlen(f->data) == f->len);
        CHECK(utf8_valid(f->data, f->len));
    }
}

static void read_all(const char *path, char separator, bool latin1)
{
    struct csv *c = NULL;
    struct csv_row row;
    bool eof = false;
    uint64_t line = 0, done, total;
    CHECK(csv_open(path, separator, latin1, &c, NULL) == ERR_OK);
    while (csv_next(c, &row, &eof, NULL) == ERR_OK && !eof) {
        check_row(&row, &line);
    }
    csv_progress(c, &done, &total);
    csv_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char separators[] = {',', ';', '\t', '|'};
    char path[64];
    if (size == 0) {
        return 0;
    }
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    CHECK(fd >= 0);
    CHECK(write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    read_all(path, separators[data[0] & 3], (data[0] & 4) != 0);
    (void)close(fd);
    return 0;
}
