#include <config.h>

#include "ledger/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_ledger.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

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

static struct entry act_entry(void)
{
    return mini_next(&m, "limit.set", "user:1", "{\"limit\":1}");
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

/* ---- entries that are properly signed, and wrong */

START_TEST(gap_in_the_sequence)
{
    struct entry en = act_entry();
    en.seq++;
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "sequence", 3);
}
END_TEST

START_TEST(entry_that_says_another_number)
{
    struct entry en = act_entry();
    en.seq = 4;
    (void)mini_put(&m, &en, m.user);
    mini_exec(&m, "UPDATE entry SET seq=3 WHERE seq=4");
    assert_fault(&m, "sequence", 3);
}
END_TEST

START_TEST(other_entry_before)
{
    struct entry en = act_entry();
    en.prev.b[31] ^= 1;
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "prev", 3);
}
END_TEST

START_TEST(first_entry_with_something_before)
{
    mini_exec(&m, "DELETE FROM entry");
    m.head = (struct ledger_head){0};
    struct entry en =
        mini_next(&m, "office.created", "office:SJ01", mini_key_data(&m, m.office, 0));
    en.prev.b[0] = 1;
    (void)mini_put(&m, &en, m.office);
    assert_fault(&m, "prev", 1);
}
END_TEST

START_TEST(other_office)
{
    struct entry en = act_entry();
    en.office = "SJ02";
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "office", 3);
}
END_TEST

START_TEST(time_that_falls)
{
    struct entry en = act_entry();
    en.time_ms = m.head.time_ms; /* the boundary */
    (void)mini_put(&m, &en, m.user);
    assert_holds(&m);
    en = act_entry();
    en.time_ms = m.head.time_ms - 1;
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "time", 4);
}
END_TEST

START_TEST(held_clock_is_one_millisecond_later)
{
    struct entry en = act_entry();
    en.clock_held = true;
    en.time_ms = m.head.time_ms + 1;
    (void)mini_put(&m, &en, m.user);
    assert_holds(&m);
    en = act_entry();
    en.clock_held = true;
    en.time_ms = m.head.time_ms + 2;
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "time", 4);
}
END_TEST

START_TEST(unknown_kind_or_version)
{
    struct entry en = mini_next(&m, "money.printed", "user:1", "{}");
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "kind", 3);
    mini_exec(&m, "DELETE FROM entry WHERE seq=3");
    struct stored_entry last;
    assert_ok(ledger_get(m.db, 2, &m.arena, &last, &e));
    m.head = (struct ledger_head){2, last.leaf, en.time_ms};
    en = act_entry();
    en.version = 2;
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "kind", 3);
}
END_TEST

START_TEST(second_beginning)
{
    struct entry en =
        mini_next(&m, "office.created", "office:SJ01", mini_key_data(&m, m.office, 0));
    (void)mini_put(&m, &en, m.office);
    assert_fault(&m, "kind", 3);
}
END_TEST

START_TEST(beginning_of_another_kind)
{
    mini_exec(&m, "DELETE FROM entry");
    m.head = (struct ledger_head){0};
    struct entry en =
        mini_next(&m, "user.created", "office:SJ01", mini_key_data(&m, m.office, 1));
    (void)mini_put(&m, &en, m.office);
    assert_fault(&m, "kind", 1);
}
END_TEST

START_TEST(key_of_a_stranger)
{
    struct sign_key *stranger = NULL;
    assert_ok(sign_key_generate(&stranger, &e));
    struct entry en = act_entry();
    (void)mini_put(&m, &en, stranger);
    assert_fault(&m, "key", 3);
    /* The key table is not asked: a row for the stranger changes nothing. */
    struct buf spki;
    buf_init(&spki, 1024);
    assert_ok(sign_key_public(stranger, &spki, &e));
    assert_ok(db_run(m.db, &e,
                     "INSERT INTO key(keyid, owner, spki, valid_from) VALUES(?,'user:1',?,1)",
                     VALS(V_HASH(sign_key_id(stranger)), V_BLOB(spki.data, spki.len))));
    assert_fault(&m, "key", 3);
    buf_release(&spki);
    sign_key_free(stranger);
}
END_TEST

START_TEST(key_before_it_is_valid)
{
    struct sign_key *second = NULL;
    assert_ok(sign_key_generate(&second, &e));
    struct entry en = mini_next(&m, "user.created", "user:2", mini_key_data(&m, second, 2));
    (void)mini_put(&m, &en, second); /* makes itself */
    assert_fault(&m, "key", 3);
    sign_key_free(second);
}
END_TEST

START_TEST(key_after_it_ended)
{
    struct entry en = mini_next(&m, "user.disabled", "user:1", "{\"user\":1}");
    (void)mini_put(&m, &en, m.user);
    assert_holds(&m);
    en = act_entry();
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "key", 4);
}
END_TEST

START_TEST(same_key_for_two_users)
{
    struct entry en =
        mini_next(&m, "user.created", "office:SJ01", mini_key_data(&m, m.user, 2));
    (void)mini_put(&m, &en, m.office);
    assert_fault(&m, "key", 3);
}
END_TEST

START_TEST(act_in_the_name_of_another)
{
    struct entry en = act_entry();
    en.actor = "user:2";
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "signer", 3);
}
END_TEST

START_TEST(office_signs_what_a_person_must_sign)
{
    struct entry en = act_entry();
    en.actor = "office:SJ01";
    (void)mini_put(&m, &en, m.office);
    assert_fault(&m, "signer", 3);
}
END_TEST

START_TEST(person_signs_what_the_office_must_sign)
{
    struct entry en =
        mini_next(&m, "access.refused", "user:1", "{\"command\":\"x\",\"user\":1}");
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "signer", 3);
}
END_TEST

START_TEST(batch_without_root_or_count)
{
    static const char *const bad[] = {
        "{}", "{\"count\":1}", "{\"count\":0,\"root\":\"" ZEROS "\"}",
        "{\"count\":4097,\"root\":\"" ZEROS "\"}", "{\"count\":1,\"root\":\"00\"}"};
    struct entry en = mini_next(&m, "readings.batch", "user:1", bad[_i]);
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "payload", 3);
}
END_TEST

START_TEST(batch_of_other_items)
{
    struct entry en =
        mini_next(&m, "readings.batch", "user:1", "{\"count\":5,\"root\":\"" ZEROS "\"}");
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "items", 3);
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

/* Everybody can make from a signature another one for the same payload, with n - S. */
START_TEST(twin_of_a_signature_is_refused)
{
    struct stored_entry s;
    struct buf scratch;
    struct hash leaf;
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                      0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    uint8_t twin[SIGNATURE_MAX];
    uint8_t low[32] = {0};
    mini_acts(&m, 1);
    assert_ok(ledger_get(m.db, 3, &m.arena, &s, &e));
    size_t r_end = 4U + s.sig[3];
    size_t s_len = s.sig[r_end + 1];
    memcpy(low + 32 - s_len, s.sig + r_end + 2, s_len);
    memcpy(twin, s.sig, r_end);
    twin[r_end] = 2;
    twin[r_end + 1] = 33; /* n - S has its top bit set: a zero goes before it */
    twin[r_end + 2] = 0;
    int borrow = 0;
    for (int i = 31; i >= 0; i--) {
        int v = order[i] - low[i] - borrow;
        borrow = v < 0;
        twin[r_end + 3 + (size_t)i] = (uint8_t)(v + (borrow ? 256 : 0));
    }
    size_t len = r_end + 35;
    twin[1] = (uint8_t)(len - 2);
    buf_init(&scratch, 2 * ENTRY_ENVELOPE_MAX);
    struct verify_key *key = NULL;
    assert_ok(sign_key_public(m.user, &scratch, &e));
    assert_ok(verify_key_load(scratch.data, scratch.len, &key, &e));
    buf_clear(&scratch);
    entry_signing_bytes(s.payload, s.payload_len, &scratch);
    ck_assert(verify_data(key, scratch.data, scratch.len, twin, len)); /* it is a twin */
    verify_key_free(key);
    assert_ok(entry_leaf(s.payload, s.payload_len, &s.keyid, twin, len, &scratch, &leaf, &e));
    assert_ok(db_run(m.db, &e, "UPDATE entry SET sig=?, leaf=? WHERE seq=3",
                     VALS(V_BLOB(twin, len), V_HASH(&leaf))));
    buf_release(&scratch);
    assert_fault(&m, "signature", 3);
}
END_TEST

/* Whoever edits an entry can also make its leaf hash fit: then the signature does not. */
START_TEST(changed_payload_with_a_fitting_leaf)
{
    struct stored_entry s;
    struct buf scratch;
    struct hash leaf;
    mini_acts(&m, 3);
    mini_exec(&m, "UPDATE entry SET payload=replace(payload, '\"meter\":1', '\"meter\":9') "
                  "WHERE seq=4");
    assert_ok(ledger_get(m.db, 4, &m.arena, &s, &e));
    buf_init(&scratch, 2 * ENTRY_ENVELOPE_MAX);
    assert_ok(
        entry_leaf(s.payload, s.payload_len, &s.keyid, s.sig, s.sig_len, &scratch, &leaf, &e));
    buf_release(&scratch);
    assert_ok(db_run(m.db, &e, "UPDATE entry SET leaf=? WHERE seq=4", VALS(V_HASH(&leaf))));
    assert_fault(&m, "signature", 4);
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
    tcase_add_test(t, gap_in_the_sequence);
    tcase_add_test(t, entry_that_says_another_number);
    tcase_add_test(t, other_entry_before);
    tcase_add_test(t, first_entry_with_something_before);
    tcase_add_test(t, other_office);
    tcase_add_test(t, time_that_falls);
    tcase_add_test(t, held_clock_is_one_millisecond_later);
    tcase_add_test(t, unknown_kind_or_version);
    tcase_add_test(t, second_beginning);
    tcase_add_test(t, beginning_of_another_kind);
    tcase_add_test(t, key_of_a_stranger);
    tcase_add_test(t, key_before_it_is_valid);
    tcase_add_test(t, key_after_it_ended);
    tcase_add_test(t, same_key_for_two_users);
    tcase_add_test(t, act_in_the_name_of_another);
    tcase_add_test(t, office_signs_what_a_person_must_sign);
    tcase_add_test(t, person_signs_what_the_office_must_sign);
    tcase_add_loop_test(t, batch_without_root_or_count, 0, 5);
    tcase_add_test(t, batch_of_other_items);
    tcase_add_loop_test(t, damaged_row_is_named, 0, (int)(sizeof damages / sizeof damages[0]));
    tcase_add_test(t, twin_of_a_signature_is_refused);
    tcase_add_test(t, changed_payload_with_a_fitting_leaf);
    tcase_add_test(t, check_goes_on_where_it_ended);
    tcase_add_test(t, ledger_behind_the_mark_was_rolled_back);
    tcase_add_test(t, ledger_rewritten_before_the_mark);
    tcase_add_test(t, check_can_be_stopped_at_any_round);
    tcase_add_test(t, writers_go_on_while_it_checks);
    tcase_add_test(t, failed_allocation_is_no_fault_of_the_ledger);
    suite_add_tcase(s, t);
    return s;
}
