#include <config.h>

#include "tests/unit/check_reports.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reports/out_file.h"

static struct out_file file; /* large: not on the stack */

static void assert_content(const char *path, const char *expected)
{
    struct buf content;
    buf_init(&content, 1 << 20);
    file_read(path, &content);
    ck_assert_str_eq(buf_str(&content), expected);
    buf_release(&content);
}

START_TEST(a_committed_file_replaces_the_target_and_leaves_nothing_beside_it)
{
    struct err e = ERR_INIT;
    const char *path = scratch_path("target");
    size_t before = scratch_count();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(out_file_open(&file, path, &e), ERR_OK);
        out_file_write(&file, i == 0 ? "one" : "two", 3);
        ck_assert_int_eq(out_file_commit(&file, &e), ERR_OK);
        assert_content(path, i == 0 ? "one" : "two");
        ck_assert_uint_eq(scratch_count(), before + 1);
    }
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(a_discarded_file_leaves_the_target_as_it_was)
{
    struct err e = ERR_INIT;
    const char *path = scratch_path("kept");
    file_write(path, "old", 3);
    size_t before = scratch_count();
    ck_assert_int_eq(out_file_open(&file, path, &e), ERR_OK);
    out_file_write(&file, "new", 3);
    ck_assert_uint_eq(scratch_count(), before + 1);
    out_file_discard(&file);
    out_file_discard(&file);
    ck_assert_uint_eq(scratch_count(), before);
    assert_content(path, "old");
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(what_a_killed_run_left_is_swept_and_what_a_living_one_writes_is_not)
{
    struct err e = ERR_INIT;
    const char *path = scratch_path("swept");
    char dir[PATH_MAX];
    (void)snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    size_t before = scratch_count();
    pid_t pid = fork();
    if (pid == 0) {
        (void)(out_file_open(&file, path, &e) == ERR_OK);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_uint_eq(scratch_count(), before + 1);
    ck_assert_int_eq(out_file_open(&file, path, &e), ERR_OK);
    file_write(scratch_path(".aforo-notes.tmp"), "a person's", 10);
    out_file_sweep(dir);
    ck_assert_uint_eq(scratch_count(), before + 2);
    out_file_discard(&file);
    ck_assert_int_eq(unlink(scratch_path(".aforo-notes.tmp")), 0);
}
END_TEST

START_TEST(a_file_never_opened_is_discarded_without_closing_anything)
{
    static struct out_file never;
    out_file_discard(&never);
    ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0);
}
END_TEST

START_TEST(bytes_at_hand_are_saved_in_one_call)
{
    struct err e = ERR_INIT;
    const char *path = scratch_path("saved");
    ck_assert_int_eq(out_file_save(path, "all", 3, &e), ERR_OK);
    assert_content(path, "all");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(out_file_save("/nowhere/at/all", "all", 3, &e), ERR_NOT_FOUND);
}
END_TEST

START_TEST(a_symbolic_link_is_followed_not_replaced)
{
    struct err e = ERR_INIT;
    struct stat st;
    const char *real = scratch_path("real"), *link = scratch_path("link");
    file_write(real, "old", 3);
    ck_assert_int_eq(symlink(real, link), 0);
    ck_assert_int_eq(out_file_open(&file, link, &e), ERR_OK);
    out_file_write(&file, "new", 3);
    ck_assert_int_eq(out_file_commit(&file, &e), ERR_OK);
    assert_content(real, "new");
    ck_assert(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
    ck_assert(unlink(link) == 0 && unlink(real) == 0);
}
END_TEST

START_TEST(a_target_that_cannot_be_is_named)
{
    static const struct {
        const char *path;
        enum err_code code;
    } cases[] = {{"/tmp", ERR_IO},
                 {"/nowhere/at/all/report.csv", ERR_NOT_FOUND},
                 {"", ERR_RANGE},
                 {"/proc/report.csv", ERR_NOT_FOUND}};
    for (size_t i = 0; i < count_of(cases); i++) {
        struct err e = ERR_INIT;
        ck_assert_int_eq(out_file_open(&file, cases[i].path, &e), cases[i].code);
        ck_assert_msg(strstr(e.text, cases[i].path) != NULL, "%s", e.text);
        out_file_discard(&file);
    }
}
END_TEST

START_TEST(a_full_device_is_a_clear_error)
{
    struct err e = ERR_INIT;
    ck_assert_int_eq(out_file_open(&file, "/dev/full", &e), ERR_OK);
    out_file_write(&file, "x", 1);
    ck_assert_int_eq(out_file_commit(&file, &e), ERR_IO);
    ck_assert_msg(strstr(e.text, "/dev/full") != NULL &&
                      strstr(e.text, strerror(ENOSPC)) != NULL,
                  "%s", e.text);
}
END_TEST

START_TEST(writes_larger_than_the_buffer_arrive_whole)
{
    static char big[3 * OUT_FILE_BUFFER + 17];
    struct err e = ERR_INIT;
    struct buf content;
    const char *path = scratch_path("big");
    for (size_t i = 0; i < sizeof(big); i++) {
        big[i] = (char)('a' + i % 23);
    }
    buf_init(&content, 1 << 20);
    ck_assert_int_eq(out_file_open(&file, path, &e), ERR_OK);
    out_file_write(&file, big, 5);
    out_file_write(&file, big + 5, OUT_FILE_BUFFER);
    out_file_write(&file, big + 5 + OUT_FILE_BUFFER, sizeof(big) - 5 - OUT_FILE_BUFFER);
    ck_assert_int_eq(out_file_commit(&file, &e), ERR_OK);
    file_read(path, &content);
    ck_assert_uint_eq(content.len, sizeof(big));
    ck_assert_mem_eq(content.data, big, sizeof(big));
    buf_release(&content);
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* Every format, with the largest file limited to each of many sizes: either whole, or a clear
 * error, the old file as it was and nothing beside it. A file limit fails writes just where a
 * full disk would. */
static void write_limited(const struct report_format *format, rlim_t limit, size_t *failures)
{
    static const struct report_column columns[] = {
        {"name", "Name", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
        {"amount", "Amount", NULL, REPORT_MONEY, 2, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM}};
    static struct report_cell cells[2 * 2000];
    struct report_fixture f;
    struct rlimit was;
    struct err e = ERR_INIT;
    const char *path = scratch_path("limited");
    for (size_t i = 0; i < count_of(cells); i += 2) {
        cells[i] = cell_text("Mar\xC3\xAD\x61 Pe\xC3\xB1\x61");
        cells[i + 1] = cell_value((int64_t)i * 7919);
    }
    fixture_init(&f, columns, 2, cells, count_of(cells) / 2);
    file_write(path, "old", 3);
    size_t before = scratch_count();
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
    struct rlimit now = {limit, was.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &now), 0);
    enum err_code code = report_write(format, &f.doc, &f.options, path, &f.outcome, &e);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
    ck_assert_uint_eq(scratch_count(), before);
    if (code != ERR_OK) {
        ck_assert_msg(code == ERR_IO && strstr(e.text, path) != NULL, "%s at %lu: %s",
                      format->name, (unsigned long)limit, e.text);
        assert_content(path, "old");
        *failures += 1;
    } else {
        struct stat st;
        ck_assert(stat(path, &st) == 0 && st.st_size > 3 && (rlim_t)st.st_size <= limit);
    }
    ck_assert_int_eq(unlink(path), 0);
}

START_TEST(a_disk_that_fills_anywhere_leaves_nothing_half_done)
{
    const struct report_format *format = &report_formats[_i];
    size_t failures = 0;
    ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    for (rlim_t limit = 0; limit <= 4096; limit += 997) {
        write_limited(format, limit, &failures);
    }
    for (rlim_t limit = 8192; limit <= 163840; limit += 8191) {
        write_limited(format, limit, &failures);
    }
    ck_assert_uint_ge(failures, 5);
    size_t failed_at_all = failures;
    write_limited(format, 16 << 20, &failures);
    ck_assert_uint_eq(failures, failed_at_all);
}
END_TEST

Suite *suite_out_file(void)
{
    Suite *s = suite_create("out_file");
    TCase *t = tcase_create("file");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_committed_file_replaces_the_target_and_leaves_nothing_beside_it);
    tcase_add_test(t, a_discarded_file_leaves_the_target_as_it_was);
    tcase_add_test(t, a_symbolic_link_is_followed_not_replaced);
    tcase_add_test(t, what_a_killed_run_left_is_swept_and_what_a_living_one_writes_is_not);
    tcase_add_test(t, a_file_never_opened_is_discarded_without_closing_anything);
    tcase_add_test(t, bytes_at_hand_are_saved_in_one_call);
    tcase_add_test(t, a_target_that_cannot_be_is_named);
    tcase_add_test(t, a_full_device_is_a_clear_error);
    tcase_add_test(t, writes_larger_than_the_buffer_arrive_whole);
    tcase_add_loop_test(t, a_disk_that_fills_anywhere_leaves_nothing_half_done, 0,
                        (int)report_format_count);
    suite_add_tcase(s, t);
    return s;
}
