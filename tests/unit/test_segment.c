#include <config.h>

#include "app/segments.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/segment_offline.h"
#include "ledger/export.h"
#include "ledger/items.h"
#include "tests/unit/check_verify.h"

#ifdef AFORO_SANITIZED
#define FLIPS 40
#else
#define FLIPS 160
#endif

static struct copied office;
static struct audit a;
static struct segment_row row;
static char folder[SEGMENT_PATH_MAX], path[SEGMENT_PATH_MAX];

static void row_read(int64_t id)
{
    struct db *db = NULL;
    bool found = false;
    assert_ok(db_open(office.db, DB_READ, &db, &e));
    assert_ok(segment_load(db, id, &row, &found, &e));
    ck_assert(found);
    db_close(db);
    assert_ok(segment_folder(office.dir, NULL, folder, &e));
    assert_ok(segment_path(folder, "SJ01", &row, path, &e));
}

static void begin(void)
{
    copied_make_dropped(&office);
    row_read(1);
}

static void end(void)
{
    copied_free(&office);
}

static enum err_code check_in(const char *segments, struct err *e)
{
    const struct verify_request q = {.dir = office.dir,
                                     .level = VERIFY_DEEP,
                                     .segments = segments,
                                     .threads = 2,
                                     .env = &env_system};
    return verify_office(&q, &a, e);
}

START_TEST(without_the_file_chain_and_roots_hold)
{
    ck_assert_int_ne(row.dropped, 0);
    ck_assert_int_eq(unlink(path), 0);
    assert_ok(check_office(office.dir, VERIFY_FULL, &a, &e));
    ck_assert_int_eq(a.dropped, row.packets);
    assert_ok(check_office(office.dir, VERIFY_HASHES, &a, &e));
    ck_assert_int_eq(a.dropped, row.packets);
}
END_TEST

START_TEST(without_the_file_nothing_more_is_called_good)
{
    char word[64];
    (void)snprintf(word, sizeof word, "entry %" PRId64 " dropped the packets of segment 1",
                   row.dropped);
    ck_assert_int_eq(unlink(path), 0);
    assert_error(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_NOT_FOUND, word);
    assert_error(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_NOT_FOUND, "--segments");
}
END_TEST

START_TEST(with_the_file_every_row_is_compared)
{
    char elsewhere[SEGMENT_PATH_MAX];
    assert_ok(check_office(office.dir, VERIFY_DEEP, &a, &e));
    ck_assert_int_eq(a.segments, 2);
    ck_assert_int_eq(a.dropped, 0);
    int64_t rows = a.rows;
    (void)snprintf(elsewhere, sizeof elsewhere, "%s/archive", office.dir);
    ck_assert_int_eq(rename(folder, elsewhere), 0);
    assert_ok(check_in(elsewhere, &e));
    ck_assert_int_eq(a.segments, 2);
    ck_assert_int_eq(a.rows, rows);
}
END_TEST

START_TEST(a_file_that_is_not_needed_may_be_away)
{
    row_read(2);
    ck_assert_int_eq(unlink(path), 0);
    assert_ok(check_office(office.dir, VERIFY_DEEP, &a, &e));
    ck_assert_int_eq(a.segments, 1);
}
END_TEST

START_TEST(bytes_that_no_entry_dropped_are_missed)
{
    sqlite3 *raw = raw_open(office.db);
    raw_exec(raw, "UPDATE item SET data = NULL WHERE seq = (SELECT max(seq) FROM history WHERE "
                  "kind = 'window.batch')");
    raw_close(raw);
    assert_error(check_office(office.dir, VERIFY_FULL, &a, &e), ERR_TAMPERED,
                 "no entry says that they were dropped");
    assert_error(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_TAMPERED,
                 "no entry says that they were dropped");
}
END_TEST

START_TEST(items_that_are_no_packets_are_never_dropped)
{
    sqlite3 *raw = raw_open(office.db);
    raw_exec(raw, "UPDATE item SET data = NULL WHERE seq = (SELECT min(seq) FROM item)");
    raw_close(raw);
    assert_error(check_office(office.dir, VERIFY_FULL, &a, &e), ERR_TAMPERED, "are missing");
}
END_TEST

START_TEST(items_come_out_of_the_file_and_are_compared)
{
    struct db *db = NULL;
    struct segment_source *s = NULL;
    struct buf item;
    struct export_counts counts;
    int64_t seq = 0;
    buf_init(&item, ITEM_MAX_BYTES);
    assert_ok(db_open(office.db, DB_READ, &db, &e));
    assert_ok(db_get_int(db, &seq, NULL, &e, "SELECT min(seq) FROM item WHERE data IS NULL",
                         NO_VALS));
    assert_error(items_get(db, seq, 0, &item, &e), ERR_NOT_FOUND, "dropped");
    assert_ok(segment_source_open(db, "SJ01", folder, &s, &e));
    assert_ok(items_get_from(segment_items(s), seq, 0, &item, &e));
    ck_assert_ptr_nonnull(strstr(buf_str(&item), "\"packet\":"));
    assert_error(items_get_from(segment_items(s), seq, 1, &item, &e), ERR_NOT_FOUND, "item 1");
    FILE *out = tmpfile();
    assert_error(export_write(db, "SJ01", out, NULL, &counts, &e), ERR_NOT_FOUND, "dropped");
    rewind(out);
    assert_ok(export_write_from(segment_items(s), "SJ01", out, NULL, &counts, &e));
    (void)fclose(out);
    segment_source_close(s);
    /* The other segment's file under this one's name: its window is not there. */
    char other[SEGMENT_PATH_MAX];
    struct segment_row first = row;
    row_read(2);
    memcpy(other, path, sizeof other);
    row = first;
    assert_ok(segment_path(folder, "SJ01", &row, path, &e));
    ck_assert_int_eq(rename(other, path), 0);
    assert_ok(segment_source_open(db, "SJ01", folder, &s, &e));
    assert_error(items_get_from(segment_items(s), seq, 0, &item, &e), ERR_TAMPERED,
                 "segment 2");
    segment_source_close(s);
    db_close(db);
    buf_release(&item);
}
END_TEST

/* ---- the file alone ---- */

static void byte_change(const char *file, long at)
{
    FILE *f = fopen(file, "r+b");
    ck_assert(f != NULL && fseek(f, at, SEEK_SET) == 0);
    int byte = fgetc(f);
    ck_assert(byte != EOF && fseek(f, at, SEEK_SET) == 0 && fputc(byte ^ 1, f) != EOF &&
              fclose(f) == 0);
}

static bool refused(enum err_code code)
{
    return code == ERR_TAMPERED || code == ERR_PARSE || code == ERR_UNSUPPORTED;
}

START_TEST(the_file_holds_without_any_office)
{
    struct segment_report r;
    assert_ok(segment_offline(path, NULL, NULL, &r, &e));
    ck_assert_int_eq(r.packets, row.packets);
    ck_assert_int_eq(r.seen.first, row.first);
    ck_assert_int_eq(r.bytes, row.bytes);
    ck_assert(hash_equal(&r.sha256, &row.sha256));
    ck_assert(!r.seen.pinned);
    assert_error(segment_offline(path,
                                 "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
                                 "LDE4izWy10TW",
                                 NULL, &r, &e),
                 ERR_TAMPERED, "log's key");
}
END_TEST

/* Without the office its signatures, paths and roots alone have to see it. What stands in no
 * hash is the case of digits, and where a signature could be written in another way. */
START_TEST(a_changed_byte_anywhere_is_refused)
{
    struct segment_report r;
    for (int i = 0; i < FLIPS; i++) {
        struct err why = ERR_INIT;
        long at = (long)(row.bytes * i / FLIPS);
        byte_change(path, at);
        enum err_code code = segment_offline(path, NULL, NULL, &r, &why);
        ck_assert_msg(refused(code), "byte %ld: %s (%s)", at, err_code_name(code), why.text);
        byte_change(path, at);
    }
    assert_ok(segment_offline(path, NULL, NULL, &r, &e));
}
END_TEST

START_TEST(a_cut_file_is_refused)
{
    struct segment_report r;
    for (int i = 0; i < FLIPS / 4; i++) {
        struct err why = ERR_INIT;
        off_t size = (off_t)(row.bytes - 1 - row.bytes * i / (FLIPS / 4));
        ck_assert_int_eq(truncate(path, size), 0);
        enum err_code code = segment_offline(path, NULL, NULL, &r, &why);
        ck_assert_msg(refused(code), "%ld bytes: %s", (long)size, err_code_name(code));
    }
}
END_TEST

START_TEST(a_changed_file_is_named_by_a_deep_check)
{
    byte_change(path, (long)(row.bytes / 2));
    assert_error(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_TAMPERED,
                 "is not segment 1 as it was sealed");
    ck_assert_str_eq(a.faults[0].check, "segment");
    ck_assert_int_eq(a.faults[0].seq, row.sealed);
}
END_TEST

Suite *suite_segment(void)
{
    Suite *s = suite_create("segment");
    TCase *t = tcase_create("segment");
    tcase_add_checked_fixture(t, begin, end);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, without_the_file_chain_and_roots_hold);
    tcase_add_test(t, without_the_file_nothing_more_is_called_good);
    tcase_add_test(t, with_the_file_every_row_is_compared);
    tcase_add_test(t, a_file_that_is_not_needed_may_be_away);
    tcase_add_test(t, bytes_that_no_entry_dropped_are_missed);
    tcase_add_test(t, items_that_are_no_packets_are_never_dropped);
    tcase_add_test(t, items_come_out_of_the_file_and_are_compared);
    tcase_add_test(t, the_file_holds_without_any_office);
    tcase_add_test(t, a_changed_byte_anywhere_is_refused);
    tcase_add_test(t, a_cut_file_is_refused);
    tcase_add_test(t, a_changed_file_is_named_by_a_deep_check);
    suite_add_tcase(s, t);
    return s;
}
