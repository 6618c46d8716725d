#include <config.h>

#include "base/csv.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/caltime.h"
#include "base/quantity.h"
#include "tests/lib/fault.h"
#include "tests/unit/check_base.h"

#define ROWS 30000

/* A file of ROWS rows, gzip or not; the path is static. */
static const char *write_rows(const char *name, bool packed)
{
    static char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", scratch_folder(), name);
    gzFile f = gzopen(path, packed ? "wb" : "wbT");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < ROWS; i++) {
        ck_assert_int_gt(gzprintf(f, "meter-%d;%d\n", i, i * 7919 % 100003), 0);
    }
    ck_assert_int_eq(gzclose(f), Z_OK);
    return path;
}

static void assert_rows(const char *path)
{
    struct csv *c = NULL;
    struct csv_row row;
    bool eof = false;
    OK(csv_open(path, ';', false, &c, e));
    for (int i = 0; i < ROWS; i++) {
        char expected[32];
        OK(csv_next(c, &row, &eof, e));
        (void)snprintf(expected, sizeof(expected), "meter-%d", i);
        ck_assert_str_eq(row.fields[0].data, expected);
        QUICK(strtol(row.fields[1].data, NULL, 10) == (long)i * 7919 % 100003);
        QUICK(row.line == (uint64_t)i + 1);
    }
    OK(csv_next(c, &row, &eof, e));
    QUICK(eof);
    csv_close(c);
}

START_TEST(plain_and_gzip_files_read_alike)
{
    assert_rows(write_rows("plain.csv", false));
    assert_rows(write_rows("packed.csv.gz", true));
}
END_TEST

START_TEST(a_dash_is_standard_input)
{
    for (int packed = 0; packed < 2; packed++) {
        int fd = open(write_rows("input.csv", packed != 0), O_RDONLY);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_ge(dup2(fd, STDIN_FILENO), 0);
        (void)close(fd);
        assert_rows("-");
        ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0); /* left open */
    }
}
END_TEST

START_TEST(a_pipe_is_read_to_its_end)
{
    int ends[2];
    struct csv *c = NULL;
    struct csv_row row;
    bool eof = false;
    uint64_t done, size;
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "a,b\nc,d\n", 8), 8);
    (void)close(ends[1]);
    ck_assert_int_ge(dup2(ends[0], STDIN_FILENO), 0);
    (void)close(ends[0]);
    OK(csv_open("-", ',', false, &c, e));
    OK(csv_next(c, &row, &eof, e));
    ck_assert_str_eq(row.fields[1].data, "b");
    OK(csv_next(c, &row, &eof, e));
    ck_assert_str_eq(row.fields[1].data, "d");
    csv_progress(c, &done, &size);
    ck_assert_uint_eq(done, 8);
    ck_assert_uint_eq(size, 0); /* not known */
    OK(csv_next(c, &row, &eof, e));
    ck_assert(eof);
    csv_close(c);
}
END_TEST

START_TEST(progress_grows_to_the_size_of_the_file)
{
    for (int packed = 0; packed < 2; packed++) {
        struct csv *c = NULL;
        struct csv_row row;
        bool eof = false;
        uint64_t done, size, before = 0;
        OK(csv_open(write_rows("progress.csv", packed != 0), ';', false, &c, e));
        while (!eof) {
            OK(csv_next(c, &row, &eof, e));
            csv_progress(c, &done, &size);
            QUICK(done >= before);
            QUICK(done <= size);
            before = done;
        }
        QUICK(done == size);
        QUICK(size > 1000);
        csv_close(c);
    }
}
END_TEST

/* Read until it ends or fails; *rows counts. */
static enum err_code drain(const char *path, size_t *rows, struct err *e)
{
    struct csv *c = NULL;
    struct csv_row row;
    bool eof = false;
    *rows = 0;
    enum err_code code = csv_open(path, ';', false, &c, e);
    while (code == ERR_OK && !eof) {
        code = csv_next(c, &row, &eof, e);
        *rows += code == ERR_OK && !eof;
    }
    csv_close(c);
    return code;
}

static size_t slurp(const char *path, unsigned char *out, size_t size)
{
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    size_t n = fread(out, 1, size, f);
    ck_assert_int_eq(fclose(f), 0);
    return n;
}

START_TEST(a_gzip_file_cut_short_is_an_error_not_an_end)
{
    static unsigned char data[1 << 20];
    size_t rows, len = slurp(write_rows("cut.gz", true), data, sizeof(data));
    for (size_t cut = len - 1; cut > 20; cut -= cut / 7 + 1) {
        FAILS(ERR_IO, drain(scratch_file("cut2.gz", data, cut), &rows, e));
        ck_assert_uint_le(rows, ROWS);
    }
    OK(drain(scratch_file("cut2.gz", data, len), &rows, e));
    ck_assert_uint_eq(rows, ROWS);
}
END_TEST

START_TEST(a_damaged_gzip_file_is_an_error)
{
    static unsigned char data[1 << 20];
    size_t rows, len = slurp(write_rows("damaged.gz", true), data, sizeof(data));
    static const size_t from_end[] = {1, 5, 8}; /* length and check sum */
    for (size_t i = 0; i < 3; i++) {
        data[len - from_end[i]] ^= 0x55;
        FAILS(ERR_IO, drain(scratch_file("damaged2.gz", data, len), &rows, e));
        data[len - from_end[i]] ^= 0x55;
    }
    memset(data + len / 2, 0, 200);
    FAILS(ERR_IO, drain(scratch_file("damaged2.gz", data, len), &rows, e));
    ck_assert_uint_lt(rows, ROWS);
}
END_TEST

START_TEST(what_cannot_be_opened_is_named)
{
    struct csv *c = NULL;
    struct err err = ERR_INIT;
    ck_assert_int_eq(csv_open("/no/such/file.csv", ',', false, &c, &err), ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(err.text, "/no/such/file.csv"));
    FAILS(ERR_IO, csv_open(scratch_folder(), ',', false, &c, e));
    ck_assert_ptr_null(c);
    csv_close(NULL);
}
END_TEST

START_TEST(a_closed_standard_input_is_refused)
{
    struct csv *c = NULL;
    (void)close(STDIN_FILENO);
    FAILS(ERR_IO, csv_open("-", ',', false, &c, e));
}
END_TEST

START_TEST(some_characters_cannot_separate)
{
    struct csv *c = NULL;
    const char *path = scratch_file("sep.csv", "a", 1);
    static const char wrong[] = {'"', '\n', '\r', '\0'};
    for (size_t i = 0; i < 4; i++) {
        FAILS(ERR_USAGE, csv_open(path, wrong[i], false, &c, e));
    }
}
END_TEST

static void read_step(void *ctx, bool failing)
{
    struct csv *c = NULL;
    struct csv_row row;
    bool eof = false;
    enum err_code code = csv_open(ctx, ',', true, &c, NULL);
    for (int i = 0; i < 2 && code == ERR_OK; i++) {
        code = csv_next(c, &row, &eof, NULL);
    }
    ck_assert_int_eq(code, failing ? ERR_NOMEM : ERR_OK);
    csv_close(c);
}

START_TEST(reading_survives_every_allocation_failure)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s",
                   scratch_file("fault.csv", "a,b\n\xe9\xe9\xe9\xe9\xe9\xe9,d\n", 12));
    ck_assert_uint_ge(fault_sweep(read_step, path), 6);
}
END_TEST

/* Known of this file: 674,019 rows, 178 local times in the doubled hour of 2016-10-30, none in
 * the skipped one, five registers with an exponent. */
START_TEST(the_hourly_water_data_is_read_whole)
{
    const char *root = getenv("AFORO_DATA");
    const char *source = getenv("AFORO_SRCDIR");
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s%s/water/alicante_2016_hourly.csv.gz",
                   root != NULL     ? root
                   : source != NULL ? source
                                    : ".",
                   root != NULL ? "" : "/../shared/data");
    if (access(path, R_OK) != 0) {
        (void)fprintf(stderr, "# %s is missing: not read\n", path);
        return;
    }
    struct csv *c = NULL;
    struct zone *madrid = NULL;
    struct csv_row row;
    bool eof = false;
    size_t rows = 0, ambiguous = 0, exponents = 0;
    OK(csv_open(path, ';', false, &c, e));
    OK(zone_load("Europe/Madrid", &madrid, e));
    OK(csv_next(c, &row, &eof, e)); /* the head */
    ck_assert_str_eq(row.fields[2].data, "meter reading");
    for (;;) {
        struct decimal d;
        struct civil when;
        int64_t first, second;
        OK(csv_next(c, &row, &eof, e));
        if (eof) {
            break;
        }
        QUICK(row.fault == CSV_FINE);
        QUICK(row.count == 4);
        OK(decimal_parse(row.fields[2].data, row.fields[2].len, &d, e));
        OK(civil_parse_format(row.fields[1].data, row.fields[1].len, "%d/%m/%Y %H:%M:%S", &when,
                              e));
        enum local_kind kind = zone_resolve(madrid, when, &first, &second);
        QUICK(kind != LOCAL_NONEXISTENT);
        ambiguous += kind == LOCAL_AMBIGUOUS;
        exponents += strchr(row.fields[2].data, 'e') != NULL;
        rows++;
    }
    QUICK(rows == 674019);
    QUICK(ambiguous == 178);
    QUICK(exponents == 5);
    csv_close(c);
    zone_free(madrid);
}
END_TEST

Suite *suite_csv_file(void)
{
    Suite *s = suite_create("csv_file");
    TCase *t = tcase_create("csv_file");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, plain_and_gzip_files_read_alike);
    tcase_add_test(t, a_dash_is_standard_input);
    tcase_add_test(t, a_pipe_is_read_to_its_end);
    tcase_add_test(t, progress_grows_to_the_size_of_the_file);
    tcase_add_test(t, a_gzip_file_cut_short_is_an_error_not_an_end);
    tcase_add_test(t, a_damaged_gzip_file_is_an_error);
    tcase_add_test(t, what_cannot_be_opened_is_named);
    tcase_add_test(t, a_closed_standard_input_is_refused);
    tcase_add_test(t, some_characters_cannot_separate);
    tcase_add_test(t, reading_survives_every_allocation_failure);
    tcase_add_test(t, the_hourly_water_data_is_read_whole);
    suite_add_tcase(s, t);
    return s;
}
