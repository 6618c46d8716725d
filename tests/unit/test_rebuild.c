#include <config.h>

#include "app/rebuild.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/verify_deep.h"
#include "base/arena.h"
#include "domain/project.h"
#include "ledger/export.h"
#include "tests/unit/check_verify.h"

#ifdef AFORO_SANITIZED
#define FLIPS 24 /* four times as slow there */
#else
#define FLIPS 92
#endif

static struct copied office;
static char export_path[OFFICE_PATH], target[OFFICE_PATH];
static struct audit a;

static void begin(void)
{
    struct db *db = NULL;
    struct export_counts counts;
    copied_make(&office);
    (void)snprintf(export_path, sizeof export_path, "%s/ledger.export", office.dir);
    (void)snprintf(target, sizeof target, "%s/rebuilt", office.dir);
    FILE *out = fopen(export_path, "wb");
    ck_assert_ptr_nonnull(out);
    assert_ok(db_open(office.db, DB_READ, &db, &e));
    assert_ok(export_write(db, "SJ01", out, NULL, &counts, &e));
    ck_assert_int_eq(fclose(out), 0);
    db_close(db);
}

static void end(void)
{
    copied_free(&office);
}

static enum err_code rebuild_now(struct err *e)
{
    return rebuild(export_path, target, &office_projector, NULL, &a, e);
}

START_TEST(rebuilt_tables_are_the_same)
{
    struct db *have = NULL;
    struct db *want = NULL;
    char path[OFFICE_PATH + 16];
    assert_ok(rebuild_now(&e));
    ck_assert_str_eq(a.office, "SJ01");
    ck_assert_int_gt(a.entries, 40);
    ck_assert_int_gt(a.items, 8);
    (void)snprintf(path, sizeof path, "%s/office.db", target);
    assert_ok(db_open(office.db, DB_READ, &have, &e));
    assert_ok(db_open(path, DB_READ, &want, &e));
    a = (struct audit){.from = 1};
    assert_ok(schema_compare(have, want, &a, &e));
    assert_ok(rows_compare(have, want, NULL, &a, &e));
    assert_ok(audit_status(&a, &e));
    ck_assert_int_gt(a.rows, 150);
    db_close(have);
    db_close(want);
}
END_TEST

START_TEST(folder_that_holds_something_is_left_alone)
{
    char file[OFFICE_PATH + 16];
    ck_assert_int_eq(mkdir(target, 0700), 0);
    (void)snprintf(file, sizeof file, "%s/letter", target);
    FILE *f = fopen(file, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fclose(f), 0);
    assert_error(rebuild_now(&e), ERR_EXISTS, "not empty");
    ck_assert_int_eq(unlink(file), 0);
    assert_ok(rebuild_now(&e)); /* an empty one is taken */
    assert_error(rebuild_now(&e), ERR_EXISTS, "not empty");
}
END_TEST

START_TEST(missing_export_is_named)
{
    assert_error(rebuild("/no/such/file", target, &office_projector, NULL, &a, &e),
                 ERR_NOT_FOUND, "/no/such/file");
    ck_assert_int_ne(access(target, F_OK), 0);
}
END_TEST

struct stopper {
    int left;
};

static bool stop_after(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct stopper *s = ctx;
    (void)what;
    (void)done;
    (void)total;
    return s->left-- > 0;
}

START_TEST(stopped_rebuild_leaves_nothing)
{
    struct stopper s = {0};
    struct progress p = {&s, stop_after};
    assert_error(rebuild(export_path, target, &office_projector, &p, &a, &e), ERR_CANCELLED,
                 "stopped");
    ck_assert_int_ne(access(target, F_OK), 0);
}
END_TEST

static char *export_text(size_t *len)
{
    struct stat st;
    ck_assert_int_eq(stat(export_path, &st), 0);
    *len = (size_t)st.st_size;
    char *text = malloc(*len + 1);
    FILE *f = fopen(export_path, "rb");
    ck_assert(text != NULL && f != NULL);
    ck_assert_uint_eq(fread(text, 1, *len, f), *len);
    ck_assert_int_eq(fclose(f), 0);
    text[*len] = '\0';
    return text;
}

static void export_put(const char *text, size_t len)
{
    FILE *f = fopen(export_path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text, 1, len, f), len);
    ck_assert_int_eq(fclose(f), 0);
}

static void assert_refused(const char *what)
{
    struct err e = ERR_INIT;
    enum err_code code = rebuild_now(&e);
    ck_assert_msg(code == ERR_TAMPERED || code == ERR_PARSE || code == ERR_UNSUPPORTED,
                  "%s: %s (%s)", what, err_code_name(code), e.text);
    ck_assert_int_ne(access(target, F_OK), 0);
}

/* Every bit of an export says something: none can change unseen. */
START_TEST(flipped_bits_of_an_export_are_refused)
{
    size_t len = 0;
    char *text = export_text(&len);
    uint64_t state = 42 + (uint64_t)_i;
    int flips = soak() ? 1000 : FLIPS;
    for (int i = 0; i < flips; i++) {
        char what[32];
        state = state * 6364136223846793005U + 1442695040888963407U;
        size_t at = (size_t)(state >> 20) % len;
        (void)snprintf(what, sizeof what, "byte %zu", at);
        text[at] ^= (char)(1 << (state >> 60) % 8);
        export_put(text, len);
        assert_refused(what);
        text[at] ^= (char)(1 << (state >> 60) % 8);
    }
    printf("# count flips_export %d 0\n", flips);
    free(text);
}
END_TEST

/* Records left out, doubled, swapped, moved: every frame is proper by itself. */
static const char *record_at(const char *text, const char *mark, int nth)
{
    const char *at = strstr(text, mark);
    while (at != NULL && nth-- > 0) {
        at = strstr(at + 1, mark);
    }
    ck_assert_ptr_nonnull(at);
    return at + 1; /* behind the newline */
}

static void splice(const char *text, size_t len, const char *a0, const char *a1, const char *b0,
                   const char *b1)
{
    char *out = malloc(len + 1);
    char *w = out;
    ck_assert_ptr_nonnull(out);
    memcpy(w, text, (size_t)(a0 - text));
    w += a0 - text;
    memcpy(w, b0, (size_t)(b1 - b0));
    w += b1 - b0;
    memcpy(w, a1, (size_t)(b0 - a1));
    w += b0 - a1;
    memcpy(w, a0, (size_t)(a1 - a0));
    w += a1 - a0;
    memcpy(w, b1, (size_t)(text + len - b1));
    w += text + len - b1;
    export_put(out, (size_t)(w - out));
    free(out);
}

START_TEST(missing_doubled_or_swapped_records_are_refused)
{
    static const char *const marks[] = {"\nE ", "\nI "};
    const char *mark = marks[_i];
    size_t len = 0;
    char *text = export_text(&len);
    const char *first = record_at(text, mark, 1);
    const char *second = record_at(text, mark, 2);
    const char *third = record_at(text, mark, 3);
    splice(text, len, first, second, second, third); /* swapped */
    assert_refused("swapped");
    splice(text, len, first, first, first, second); /* the same: nothing changes */
    char *less = malloc(len);
    ck_assert_ptr_nonnull(less);
    size_t head = (size_t)(first - text);
    memcpy(less, text, head);
    memcpy(less + head, second, len - (size_t)(second - text));
    export_put(less, len - (size_t)(second - first));
    assert_refused("missing");
    free(less);
    char *more = malloc(2 * len);
    ck_assert_ptr_nonnull(more);
    memcpy(more, text, (size_t)(second - text));
    memcpy(more + (second - text), first, len - head);
    export_put(more, (size_t)(second - text) + len - head);
    assert_refused("doubled");
    free(more);
    free(text);
}
END_TEST

START_TEST(items_of_the_last_entry_are_counted_too)
{
    struct err e = ERR_INIT;
    size_t len = 0;
    char *text = export_text(&len);
    char *at = strstr(text, "\nend ");
    ck_assert_ptr_nonnull(at);
    char rest[256];
    (void)snprintf(rest, sizeof rest, "%s", at + 1);
    char *more = malloc(len + 64);
    ck_assert_ptr_nonnull(more);
    int n = snprintf(more, len + 64, "%.*s\nI 2\n{}\n%s", (int)(at - text), text, rest);
    export_put(more, (size_t)n);
    ck_assert_int_eq(rebuild_now(&e), ERR_TAMPERED);
    ck_assert_msg(strstr(e.text, "more items than it recorded") != NULL, "%s", e.text);
    free(more);
    free(text);
}
END_TEST

START_TEST(reports_progress_and_figures_to_another_process)
{
    char *lines = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&lines, &len);
    assert_ok(rebuild_reporting(export_path, target, &office_projector, NULL, out, &e));
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_ptr_nonnull(strstr(lines, "{\"done\":"));
    ck_assert_ptr_nonnull(strstr(lines, "{\"entries\":"));
    free(lines);
}
END_TEST

START_TEST(nobody_reads_the_report)
{
    FILE *full = fopen("/dev/full", "w");
    assert_error(rebuild_reporting(export_path, target, &office_projector, NULL, full, &e),
                 ERR_CANCELLED, "stopped");
    (void)fclose(full);
}
END_TEST

Suite *suite_rebuild(void)
{
    Suite *s = suite_create("rebuild");
    TCase *t = tcase_create("rebuild");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, rebuilt_tables_are_the_same);
    tcase_add_test(t, folder_that_holds_something_is_left_alone);
    tcase_add_test(t, missing_export_is_named);
    tcase_add_test(t, stopped_rebuild_leaves_nothing);
    tcase_add_loop_test(t, flipped_bits_of_an_export_are_refused, 0, 5);
    tcase_add_loop_test(t, missing_doubled_or_swapped_records_are_refused, 0, 2);
    tcase_add_test(t, items_of_the_last_entry_are_counted_too);
    tcase_add_test(t, reports_progress_and_figures_to_another_process);
    tcase_add_test(t, nobody_reads_the_report);
    suite_add_tcase(s, t);
    return s;
}
