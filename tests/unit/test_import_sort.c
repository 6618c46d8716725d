#include <config.h>

#include "app/import_sort.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "check_app.h"
#include "lib/office_fixture.h"

static char dir[FIXTURE_PATH_MAX];

static void setup(void)
{
    fixture_temp_folder(dir);
}

static void teardown(void)
{
    fixture_remove_folder(dir);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static int by_key(const void *x, const void *y)
{
    const struct sort_row *a = x;
    const struct sort_row *b = y;
    if (a->reg != b->reg) {
        return a->reg < b->reg ? -1 : 1;
    }
    if (a->local != b->local) {
        return a->local < b->local ? -1 : 1;
    }
    return (a->line > b->line) - (a->line < b->line);
}

/* Sorts `count` rows through chunks of `chunk` and compares with the C library's sort. */
static void check_sort(size_t count, size_t chunk, unsigned shape)
{
    struct err e = ERR_INIT;
    struct sorter *s = NULL;
    uint32_t random = (uint32_t)(count * 31 + chunk + 1);
    struct sort_row *all = mem_array(count + 1, sizeof *all);
    ck_assert_ptr_nonnull(all);
    ck_assert_int_eq(sorter_new(dir, chunk, &s, &e), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        uint32_t r = next_random(&random);
        all[i] = (struct sort_row){.line = (uint32_t)i + 2, .value = (int64_t)r};
        if (shape == 0) { /* meter by meter, in order */
            all[i].reg = (uint32_t)(i / 10) + 1;
            all[i].local = (int64_t)i;
        } else if (shape == 1) { /* newest first */
            all[i].reg = 7;
            all[i].local = -(int64_t)i;
        } else { /* any, with repeated times */
            all[i].reg = r % 5 + 1;
            all[i].local = (int64_t)(r >> 8) % 50 - 25;
        }
        ck_assert_int_eq(sorter_add(s, &all[i], &e), ERR_OK);
    }
    ck_assert_uint_eq(sorter_count(s), count);
    qsort(all, count, sizeof *all, by_key);
    ck_assert_int_eq(sorter_finish(s, &e), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        struct sort_row row;
        bool end = true;
        ck_assert_int_eq(sorter_next(s, &row, &end, &e), ERR_OK);
        ck_assert(!end);
        ck_assert_mem_eq(&row, &all[i], sizeof row);
    }
    struct sort_row row;
    bool end = false;
    ck_assert_int_eq(sorter_next(s, &row, &end, &e), ERR_OK);
    ck_assert(end);
    sorter_free(s);
    mem_free(all);
}

START_TEST(rows_come_out_in_order_however_they_went_in)
{
    static const size_t counts[] = {0, 1, 2, 63, 64, 65, 128, 129, 1000, 5000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (unsigned shape = 0; shape < 3; shape++) {
            check_sort(counts[i], SORT_CHUNK_ROWS, shape);
            check_sort(counts[i], 64, shape);
            check_sort(counts[i], 7, shape);
        }
    }
}
END_TEST

START_TEST(spilling_leaves_no_file_behind)
{
    size_t files = 0;
    check_sort(10000, 100, 2);
    DIR *d = opendir(dir);
    ck_assert_ptr_nonnull(d);
    while (readdir(d) != NULL) {
        files++;
    }
    (void)closedir(d);
    ck_assert_uint_eq(files, 2); /* . and .. */
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
    struct err e = ERR_INIT;
    struct sorter *s = NULL;
    char path[FIXTURE_PATH_MAX + 16];
    struct sort_row row = {.reg = 1};
    (void)snprintf(path, sizeof path, "%s/nowhere", dir);
    ck_assert_int_eq(sorter_new(path, 1, &s, &e), ERR_OK);
    ck_assert_int_eq(sorter_add(s, &row, &e), ERR_OK);
    ck_assert_int_eq(sorter_add(s, &row, &e), ERR_NOT_FOUND);
    ck_assert_msg(strstr(e.text, "nowhere") != NULL, "%s", e.text);
    sorter_free(s);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
    struct err e = ERR_INIT;
    char byte = 'x';
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write_all(fd, &byte, 1, 0, &e), ERR_IO);
    ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(a_file_that_is_too_short_is_an_error)
{
    struct err e = ERR_INIT;
    int fd = -1;
    char bytes[4];
    ck_assert_int_eq(temp_file(dir, &fd, &e), ERR_OK);
    ck_assert_int_eq(write_all(fd, "abc", 3, 0, &e), ERR_OK);
    ck_assert_int_eq(read_all(fd, bytes, 3, 0, &e), ERR_OK);
    ck_assert_mem_eq(bytes, "abc", 3);
    ck_assert_int_ne(read_all(fd, bytes, 4, 0, &e), ERR_OK);
    ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(texts_come_back_as_they_were_kept)
{
    struct err e = ERR_INIT;
    struct raw_store *r = NULL;
    char out[RAW_TEXT_MAX + 1];
    uint32_t number = 0;
    ck_assert_int_eq(raw_store_new(dir, &r, &e), ERR_OK);
    for (uint32_t i = 1; i <= 1000; i++) {
        char text[RAW_TEXT_MAX + 1];
        int n = snprintf(text, sizeof text, "%0*u", (int)(i % RAW_TEXT_MAX) + 1, i);
        ck_assert_int_eq(raw_store_put(r, text, (size_t)n, &number, &e), ERR_OK);
        ck_assert_uint_eq(number, i);
    }
    for (uint32_t i = 1; i <= 1000; i += 37) {
        char text[RAW_TEXT_MAX + 1];
        (void)snprintf(text, sizeof text, "%0*u", (int)(i % RAW_TEXT_MAX) + 1, i);
        ck_assert_int_eq(raw_store_get(r, i, out, &e), ERR_OK);
        ck_assert_str_eq(out, text);
    }
    ck_assert_int_eq(raw_store_get(r, 1000, out, &e), ERR_OK);
    raw_store_free(r);
}
END_TEST

Suite *suite_import_sort(void)
{
    Suite *s = suite_create("import_sort");
    TCase *t = tcase_create("import_sort");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, rows_come_out_in_order_however_they_went_in);
    tcase_add_test(t, spilling_leaves_no_file_behind);
    tcase_add_test(t, a_folder_that_is_not_there_is_an_error);
    tcase_add_test(t, a_full_disk_is_an_error);
    tcase_add_test(t, a_file_that_is_too_short_is_an_error);
    tcase_add_test(t, texts_come_back_as_they_were_kept);
    suite_add_tcase(s, t);
    return s;
}
