#include <config.h>

#include "ledger/verified.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/verify.h"
#include "tests/lib/fault.h"
#include "tests/unit/check_ledger.h"

static struct mini m;
static struct chain c;

static void begin(void)
{
    static struct audit a;
    mini_make(&m);
    mini_acts(&m, 11); /* 13 entries: three edges */
    chain_init(&c);
    struct verify_job job = {.db_path = m.db_path, .threads = 1};
    assert_ok(verify_ledger(&job, &c, &a, &e));
}

static void end(void)
{
    chain_release(&c);
    mini_free(&m);
}

static void assert_same_chain(const struct chain *x, const struct chain *y)
{
    struct hash rx;
    struct hash ry;
    ck_assert_uint_eq(x->tree.size, y->tree.size);
    merkle_root(&x->tree, &rx);
    merkle_root(&y->tree, &ry);
    ck_assert(hash_equal(&rx, &ry));
    ck_assert(hash_equal(&x->leaf, &y->leaf));
    ck_assert_str_eq(x->office, y->office);
    ck_assert_int_eq(x->time_ms, y->time_ms);
    ck_assert_uint_eq(x->keys.count, y->keys.count);
    for (size_t i = 0; i < x->keys.count; i++) {
        const struct key_span *k = &x->keys.spans[i];
        const struct key_span *l = &y->keys.spans[i];
        ck_assert(hash_equal(&k->id, &l->id));
        ck_assert_str_eq(k->owner, l->owner);
        ck_assert_int_eq(k->from, l->from);
        ck_assert_int_eq(k->to, l->to);
    }
}

START_TEST(file_gives_back_what_was_verified)
{
    struct chain d;
    int64_t at_ms = 0;
    bool found = false;
    c.keys.spans[1].to = 9; /* a key that ended */
    assert_ok(verified_write(m.state_path, &c, 1234567, &e));
    chain_init(&d);
    assert_ok(verified_read(m.state_path, &d, &at_ms, &found, &e));
    ck_assert(found);
    ck_assert_int_eq(at_ms, 1234567);
    assert_same_chain(&c, &d);
    chain_release(&d);
    struct stat st;
    ck_assert_int_eq(stat(m.state_path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(absent_file_is_no_error)
{
    struct chain d;
    int64_t at_ms = 0;
    bool found = true;
    chain_init(&d);
    assert_ok(verified_read(m.state_path, &d, &at_ms, &found, &e));
    ck_assert(!found);
    ck_assert_uint_eq(d.tree.size, 0);
}
END_TEST

START_TEST(file_that_cannot_be_read_or_written_is_named)
{
    struct chain d;
    int64_t at_ms = 0;
    bool found = true;
    chain_init(&d);
    assert_error(verified_read(m.dir, &d, &at_ms, &found, &e), ERR_IO, m.dir);
    assert_error(verified_write("/no/such/folder/verified", &c, 1, &e), ERR_NOT_FOUND,
                 "/no/such/folder/verified");
    /* The old file stays as it was when the new one cannot take its name. */
    ck_assert_int_eq(mkdir(m.state_path, 0700), 0);
    assert_error(verified_write(m.state_path, &c, 1, &e), ERR_IO, "verified");
    ck_assert_int_eq(rmdir(m.state_path), 0);
}
END_TEST

static size_t text_read(char *out, size_t size)
{
    FILE *f = fopen(m.state_path, "rb");
    ck_assert_ptr_nonnull(f);
    size_t len = fread(out, 1, size, f);
    ck_assert_int_eq(fclose(f), 0);
    return len;
}

START_TEST(every_changed_byte_is_refused)
{
    static char text[8192];
    int64_t at_ms = 0;
    assert_ok(verified_write(m.state_path, &c, 1234567, &e));
    size_t len = text_read(text, sizeof text);
    for (size_t i = 0; i < len; i++) {
        struct chain d;
        chain_init(&d);
        text[i] ^= 1;
        assert_error(verified_parse(text, len, &d, &at_ms, &e), ERR_TAMPERED, "damaged");
        text[i] ^= 1;
        chain_release(&d);
    }
    for (size_t cut = 0; cut < len; cut++) {
        struct chain d;
        char *part = malloc(cut + 1); /* its end is a wall for the sanitizer */
        ck_assert_ptr_nonnull(part);
        memcpy(part, text, cut);
        chain_init(&d);
        assert_error(verified_parse(part, cut, &d, &at_ms, &e), ERR_TAMPERED, "damaged");
        chain_release(&d);
        free(part);
    }
    struct chain d;
    chain_init(&d);
    text[len] = '\n';
    assert_error(verified_parse(text, len + 1, &d, &at_ms, &e), ERR_TAMPERED, "damaged");
    chain_release(&d);
}
END_TEST

START_TEST(damaged_file_is_named_and_gives_nothing)
{
    struct chain d;
    int64_t at_ms = 0;
    bool found = true;
    FILE *f = fopen(m.state_path, "w");
    ck_assert_int_gt(fputs("aforo-verified 1\noffice SJ01\n", f), 0);
    ck_assert_int_eq(fclose(f), 0);
    chain_init(&d);
    assert_error(verified_read(m.state_path, &d, &at_ms, &found, &e), ERR_TAMPERED,
                 "verified: it is damaged");
    ck_assert(!found);
    ck_assert_str_eq(d.office, "");
}
END_TEST

static void write_read_with_faults(void *ctx, bool failing)
{
    struct chain d;
    struct err e = ERR_INIT;
    int64_t at_ms = 0;
    bool found = false;
    (void)ctx;
    chain_init(&d);
    enum err_code code = verified_write(m.state_path, &c, 5, &e);
    if (code == ERR_OK) {
        code = verified_read(m.state_path, &d, &at_ms, &found, &e);
    }
    ck_assert_msg(code == ERR_OK || (failing && code == ERR_NOMEM), "%s: %s",
                  err_code_name(code), e.text);
    ck_assert_int_eq(d.tree.size != 0, code == ERR_OK);
    chain_release(&d);
}

START_TEST(failed_allocation_is_told)
{
    ck_assert_uint_gt(fault_sweep(write_read_with_faults, NULL), 0);
}
END_TEST

Suite *suite_verified(void)
{
    Suite *s = suite_create("verified");
    TCase *t = tcase_create("verified");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, file_gives_back_what_was_verified);
    tcase_add_test(t, absent_file_is_no_error);
    tcase_add_test(t, file_that_cannot_be_read_or_written_is_named);
    tcase_add_test(t, every_changed_byte_is_refused);
    tcase_add_test(t, damaged_file_is_named_and_gives_nothing);
    tcase_add_test(t, failed_allocation_is_told);
    suite_add_tcase(s, t);
    return s;
}
