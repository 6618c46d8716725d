#include <config.h>

#include "ledger/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_ledger.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static struct mini m;
static char *text;
static size_t text_len;
static struct export_counts counts;

static void begin(void)
{
    mini_make(&m);
    mini_acts(&m, 2);
    (void)mini_batch(&m, 3);
    mini_acts(&m, 1);
    FILE *out = open_memstream(&text, &text_len);
    ck_assert_ptr_nonnull(out);
    assert_ok(export_write(m.db, "SJ01", out, NULL, &counts, &e));
    ck_assert_int_eq(fclose(out), 0);
}

static void end(void)
{
    free(text);
    mini_free(&m);
}

struct summary {
    int64_t entries, items;
    struct hash root; /* over the envelopes as they stand there */
    struct export_counts end;
    char office[48];
};

/* Read a whole export from memory. */
static enum err_code read_all(const char *data, size_t len, struct summary *s, struct err *e)
{
    struct export_reader r;
    struct export_record rec = {EXPORT_ENTRY, NULL, 0};
    struct merkle_frontier tree;
    FILE *in =
        len > 0 ? fmemopen((void *)(uintptr_t)data, len, "rb") : fopen("/dev/null", "rb");
    ck_assert_ptr_nonnull(in);
    *s = (struct summary){0};
    merkle_init(&tree);
    enum err_code code = export_open(&r, in, e);
    memcpy(s->office, r.office, sizeof s->office);
    while (code == ERR_OK && rec.type != EXPORT_END) {
        code = export_next(&r, &rec, e);
        if (code == ERR_OK && rec.type == EXPORT_ENTRY) {
            struct hash leaf;
            merkle_leaf(rec.data, rec.len, &leaf);
            merkle_append(&tree, &leaf);
            s->entries++;
        }
        s->items += code == ERR_OK && rec.type == EXPORT_ITEM;
    }
    merkle_root(&tree, &s->root);
    s->end = r.end;
    export_close(&r);
    (void)fclose(in);
    return code;
}

START_TEST(export_comes_back_whole)
{
    struct summary s;
    ck_assert_int_eq(counts.entries, 6);
    ck_assert_int_eq(counts.items, 3);
    assert_ok(read_all(text, text_len, &s, &e));
    ck_assert_str_eq(s.office, "SJ01");
    ck_assert_int_eq(s.entries, 6);
    ck_assert_int_eq(s.items, 3);
    ck_assert_int_eq(s.end.entries, 6);
    ck_assert_int_eq(s.end.items, 3);
    ck_assert(hash_equal(&s.root, &counts.root));
    ck_assert(hash_equal(&s.root, &s.end.root));
}
END_TEST

START_TEST(export_that_ends_early_is_refused)
{
    struct summary s;
    for (size_t cut = 0; cut < text_len; cut++) {
        assert_error(read_all(text, cut, &s, &e), ERR_PARSE, "");
    }
}
END_TEST

static const struct bad_export {
    const char *text, *word;
    enum err_code code;
} bad[] = {
    {"", "ends in the middle", ERR_PARSE},
    {"hello\n", "no export", ERR_PARSE},
    {"aforo-ledger-export \n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 \n", "heading", ERR_PARSE},
    {"aforo-ledger-export 01 SJ01\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 2 SJ01\n", "version 2", ERR_UNSUPPORTED},
    {"aforo-ledger-export 99999999999999999999 SJ01\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nX 1\na\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nI 1\na\n", "before the first entry", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nE 65536\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nE 18446744073709551615\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nE -1\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nE 01\na\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nE 1 \na\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nE 1\nab\n", "longer", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nE 3\na\n", "ends in the middle", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nend 0 0 00\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nend 0 -1 " ZEROS "\n", "heading", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nend 0 0 " ZEROS "\nend", "goes on", ERR_PARSE},
    {"aforo-ledger-export 1 SJ01\nend 0 0 " ZEROS "\n", "", ERR_OK},
    {"aforo-ledger-export 1 SJ01\nE 0\n\nI 0\n\nend 1 1 " ZEROS "\n", "", ERR_OK},
};

START_TEST(malformed_export_is_refused)
{
    struct summary s;
    struct err e = ERR_INIT;
    enum err_code code = read_all(bad[_i].text, strlen(bad[_i].text), &s, &e);
    ck_assert_msg(code == bad[_i].code, "%s: %s", bad[_i].text, e.text);
    ck_assert_msg(strstr(e.text, bad[_i].word) != NULL, "%s: %s", bad[_i].text, e.text);
}
END_TEST

START_TEST(overlong_and_nul_headings_are_refused)
{
    struct summary s;
    char data[600];
    memset(data, 'a', sizeof data);
    assert_error(read_all(data, sizeof data, &s, &e), ERR_PARSE, "heading");
    memcpy(data, "aforo-ledger-export 1 SJ\0\n", 26);
    assert_error(read_all(data, 26, &s, &e), ERR_PARSE, "heading");
}
END_TEST

START_TEST(full_disk_is_told)
{
    FILE *full = fopen("/dev/full", "wb");
    struct export_counts c;
    ck_assert_ptr_nonnull(full);
    assert_error(export_write(m.db, "SJ01", full, NULL, &c, &e), ERR_IO, "export");
    (void)fclose(full);
}
END_TEST

static bool stop(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)done;
    (void)total;
    return false;
}

START_TEST(export_can_be_stopped)
{
    struct progress p = {NULL, stop};
    struct export_counts c;
    FILE *out = fopen("/dev/null", "wb");
    assert_error(export_write(m.db, "SJ01", out, &p, &c, &e), ERR_CANCELLED, "stopped");
    (void)fclose(out);
}
END_TEST

START_TEST(damaged_items_are_not_exported)
{
    struct export_counts c;
    FILE *out = fopen("/dev/null", "wb");
    mini_exec(&m, "UPDATE item SET data=X'00'");
    assert_error(export_write(m.db, "SJ01", out, NULL, &c, &e), ERR_TAMPERED, "entry 5");
    mini_exec(&m, "DELETE FROM entry WHERE seq=2");
    assert_error(export_write(m.db, "SJ01", out, NULL, &c, &e), ERR_NOT_FOUND, "entry 2");
    (void)fclose(out);
}
END_TEST

Suite *suite_export(void)
{
    Suite *s = suite_create("export");
    TCase *t = tcase_create("export");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, export_comes_back_whole);
    tcase_add_test(t, export_that_ends_early_is_refused);
    tcase_add_loop_test(t, malformed_export_is_refused, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(t, overlong_and_nul_headings_are_refused);
    tcase_add_test(t, full_disk_is_told);
    tcase_add_test(t, export_can_be_stopped);
    tcase_add_test(t, damaged_items_are_not_exported);
    suite_add_tcase(s, t);
    return s;
}
