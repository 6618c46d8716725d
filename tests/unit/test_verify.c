#include <config.h>

#include "ledger/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_ledger.h"

static struct mini m;
static struct audit a;

static void begin(void)
{
    mini_make(&m);
}

static void end(void)
{
    mini_free(&m);
}

START_TEST(proper_ledger_holds)
{
    mini_acts(&m, 5);
    (void)mini_batch(&m, 300);
    mini_acts(&m, 5);
    assert_holds(&m);
    ck_assert_int_eq(mini_verify(&m, &a), ERR_OK);
    ck_assert_int_eq(a.from, 1);
    ck_assert_int_eq(a.entries, 13);
    ck_assert_int_eq(a.items, 300);
}
END_TEST

/* Several slices of the pipeline, with a batch at their seams. */
START_TEST(long_ledger_holds_with_any_number_of_threads)
{
    static const unsigned threads[] = {1, 2, 3, 8};
    struct verify_job job = {.db_path = m.db_path, .threads = threads[_i]};
    struct chain c;
    struct hash root;
    mini_acts(&m, 1021); /* entries 3 to 1023 */
    (void)mini_batch(&m, 3);
    (void)mini_batch(&m, 4); /* the first of the second slice */
    mini_acts(&m, 1100);
    chain_init(&c);
    assert_ok(verify_ledger(&job, &c, &a, &e));
    ck_assert_int_eq(a.entries, 2125);
    ck_assert_int_eq(a.items, 7);
    merkle_root(&c.tree, &root);
    ck_assert(hash_equal(&root, &a.root));
    chain_release(&c);
}
END_TEST

START_TEST(fault_behind_many_slices_is_the_one_named)
{
    mini_acts(&m, 2500);
    mini_exec(&m, "UPDATE entry SET leaf=zeroblob(32) WHERE seq IN (1800, 2400)");
    assert_fault(&m, "leaf", 1800);
    /* The signature of an earlier entry, found later by another thread. */
    mini_exec(&m, "UPDATE entry SET sig=(SELECT sig FROM entry WHERE seq=7) WHERE seq=1790");
    assert_fault(&m, "leaf", 1790);
}
END_TEST

START_TEST(empty_ledger_is_nothing_to_verify)
{
    struct verify_job job = {.db_path = m.db_path};
    struct chain c;
    mini_exec(&m, "DELETE FROM entry");
    chain_init(&c);
    assert_error(verify_ledger(&job, &c, &a, &e), ERR_STATE, "no entry yet");
    job.db_path = "/no/such/office.db";
    assert_error(verify_ledger(&job, &c, &a, &e), ERR_NOT_FOUND, "/no/such/office.db");
    chain_release(&c);
}
END_TEST

/* ---- rows that are damaged */

static const struct row_damage {
    const char *sql, *check;
    int64_t seq;
} damages[] = {
    {"DELETE FROM entry WHERE seq=4", "sequence", 4},
    {"DELETE FROM entry WHERE seq=1", "sequence", 1},
    {"UPDATE entry SET seq=99 WHERE seq=4", "sequence", 4},
    {"UPDATE entry SET seq=0 WHERE seq=1", "sequence", 0},
    {"UPDATE entry SET seq=-5 WHERE seq=6", "sequence", 0},
    {"UPDATE entry SET sig=X'' WHERE seq=4", "leaf", 4},
    {"UPDATE entry SET sig=zeroblob(73) WHERE seq=4", "payload", 4},
    {"UPDATE entry SET keyid=(SELECT keyid FROM entry WHERE seq=1) WHERE seq=4", "leaf", 4},
    {"UPDATE entry SET payload=replace(payload, 'user:1', 'user:2') WHERE seq=4", "leaf", 4},
    {"UPDATE entry SET payload='' WHERE seq=4", "payload", 4},
    {"UPDATE entry SET payload='[]' WHERE seq=4", "payload", 4},
    {"UPDATE entry SET payload=payload || ' ' WHERE seq=4", "payload", 4},
    {"UPDATE entry SET payload=(SELECT payload FROM entry WHERE seq=5) WHERE seq=4", "leaf", 4},
    {"UPDATE entry SET seq=-4 WHERE seq=4; UPDATE entry SET seq=4 WHERE seq=5; UPDATE entry "
     "SET "
     "seq=5 WHERE seq=-4",
     "sequence", 4},
    {"INSERT INTO entry SELECT 8, payload, keyid, sig, leaf FROM entry WHERE seq=7", "sequence",
     8},
};

START_TEST(damaged_row_is_named)
{
    mini_acts(&m, 5);
    mini_exec(&m, damages[_i].sql);
    if (damages[_i].seq > 0) {
        assert_fault(&m, damages[_i].check, damages[_i].seq);
    } else {
        ck_assert_int_eq(mini_verify(&m, &a), ERR_TAMPERED);
        ck_assert_str_eq(a.faults[0].check, damages[_i].check);
    }
}
END_TEST

/* ---- going on from a mark */

static enum err_code verify_from(struct chain *c, uint64_t mark, const struct hash *root,
                                 struct err *e)
{
    struct verify_job job = {
        .db_path = m.db_path, .threads = 2, .mark_size = mark, .mark_root = *root};
    return verify_ledger(&job, c, &a, e);
}

START_TEST(check_goes_on_where_it_ended)
{
    struct chain c;
    struct hash root;
    mini_acts(&m, 8);
    chain_init(&c);
    assert_ok(verify_from(&c, 0, &(struct hash){{0}}, &e));
    merkle_root(&c.tree, &root);
    assert_ok(verify_from(&c, 10, &root, &e)); /* nothing new */
    ck_assert_int_eq(a.entries, 0);
    ck_assert_uint_eq(a.size, 10);
    mini_acts(&m, 3);
    mini_exec(&m, "UPDATE entry SET payload='' WHERE seq=5"); /* was checked before */
    assert_ok(verify_from(&c, 10, &root, &e));
    ck_assert_int_eq(a.from, 11);
    ck_assert_int_eq(a.entries, 3);
    ck_assert_uint_eq(a.size, 13);
    chain_release(&c);
}
END_TEST

START_TEST(ledger_behind_the_mark_was_rolled_back)
{
    struct chain c;
    struct hash root;
    mini_acts(&m, 8);
    chain_init(&c);
    assert_ok(verify_from(&c, 0, &(struct hash){{0}}, &e));
    merkle_root(&c.tree, &root);
    mini_exec(&m, "DELETE FROM entry WHERE seq=10");
    assert_error(verify_from(&c, 10, &root, &e), ERR_TAMPERED, "rolled back");
    ck_assert_str_eq(a.faults[0].check, "rollback");
    chain_release(&c);
    chain_init(&c); /* --full, too */
    assert_error(verify_from(&c, 10, &root, &e), ERR_TAMPERED, "rolled back");
    chain_release(&c);
}
END_TEST

/* Rolled back, then grown again by whoever holds the keys: every entry holds by itself. */
START_TEST(ledger_rewritten_before_the_mark)
{
    struct chain c;
    struct hash root;
    mini_acts(&m, 8);
    chain_init(&c);
    assert_ok(verify_from(&c, 0, &(struct hash){{0}}, &e));
    merkle_root(&c.tree, &root);
    mini_exec(&m, "DELETE FROM entry WHERE seq>8");
    struct stored_entry last;
    assert_ok(ledger_get(m.db, 8, &m.arena, &last, &e));
    m.head = (struct ledger_head){8, last.leaf, MINI_START_MS + 3600000};
    mini_acts(&m, 5);
    assert_holds(&m);
    assert_error(verify_from(&c, 10, &root, &e), ERR_TAMPERED, "entry 10 is not the one");
    ck_assert_str_eq(a.faults[0].check, "rewritten");
    chain_release(&c);
    chain_init(&c);
    assert_error(verify_from(&c, 10, &root, &e), ERR_TAMPERED, "were verified before");
    ck_assert_str_eq(a.faults[0].check, "rewritten");
    chain_release(&c);
}
END_TEST

/* ---- stopping, writers beside it, memory */

struct stopper {
    int left;
};

static bool stop_after(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct stopper *s = ctx;
    ck_assert_ptr_nonnull(what);
    ck_assert_uint_le(done, total);
    return s->left-- > 0;
}

START_TEST(check_can_be_stopped_at_any_round)
{
    struct chain c;
    mini_acts(&m, 3000);
    int rounds = 0;
    enum err_code code = ERR_CANCELLED;
    for (int n = 0; code == ERR_CANCELLED; n++) {
        struct stopper s = {n};
        struct progress p = {&s, stop_after};
        struct verify_job job = {.db_path = m.db_path, .threads = 2, .progress = &p};
        struct err e = ERR_INIT;
        chain_init(&c);
        code = verify_ledger(&job, &c, &a, &e);
        ck_assert(code == ERR_OK || code == ERR_CANCELLED);
        chain_release(&c);
        rounds++;
    }
    ck_assert_int_ge(rounds, 5);
}
END_TEST

/* A step of progress appends: entries that come meanwhile are for the next check. */
static bool append_one(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)done;
    (void)total;
    mini_acts(&m, 1);
    return true;
}

START_TEST(writers_go_on_while_it_checks)
{
    struct progress p = {NULL, append_one};
    struct verify_job job = {.db_path = m.db_path, .threads = 2, .progress = &p};
    struct chain c;
    mini_acts(&m, 2000);
    chain_init(&c);
    assert_ok(verify_ledger(&job, &c, &a, &e));
    ck_assert_int_eq(a.entries, 2002);
    ck_assert_int_gt(m.head.seq, 2002);
    chain_release(&c);
}
END_TEST

static void verify_with_faults(void *ctx, bool failing)
{
    struct verify_job job = {.db_path = m.db_path, .threads = 2};
    struct chain c;
    struct err e = ERR_INIT;
    (void)ctx;
    chain_init(&c);
    enum err_code code = verify_ledger(&job, &c, &a, &e);
    ck_assert_msg(code == ERR_OK || (failing && code == ERR_NOMEM), "%s: %s",
                  err_code_name(code), e.text);
    chain_release(&c);
}

START_TEST(failed_allocation_is_no_fault_of_the_ledger)
{
    mini_acts(&m, 3);
    (void)mini_batch(&m, 5);
    ck_assert_uint_gt(fault_sweep(verify_with_faults, NULL), 0);
}
END_TEST

Suite *suite_verify(void)
{
    Suite *s = suite_create("verify");
    TCase *t = tcase_create("verify");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, proper_ledger_holds);
    tcase_add_loop_test(t, long_ledger_holds_with_any_number_of_threads, 0, 4);
    tcase_add_test(t, fault_behind_many_slices_is_the_one_named);
    tcase_add_test(t, empty_ledger_is_nothing_to_verify);
    tcase_add_loop_test(t, damaged_row_is_named, 0, (int)(sizeof damages / sizeof damages[0]));
    tcase_add_test(t, check_goes_on_where_it_ended);
    tcase_add_test(t, ledger_behind_the_mark_was_rolled_back);
    tcase_add_test(t, ledger_rewritten_before_the_mark);
    tcase_add_test(t, check_can_be_stopped_at_any_round);
    tcase_add_test(t, writers_go_on_while_it_checks);
    tcase_add_test(t, failed_allocation_is_no_fault_of_the_ledger);
    suite_add_tcase(s, t);
    return s;
}
