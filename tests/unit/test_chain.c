/* Entries that are properly signed and stored, and still wrong. */
#include <config.h>

#include "ledger/chain.h"

#include <stdio.h>
#include <string.h>

#include "ledger/verify.h"
#include "tests/unit/check_ledger.h"

static struct mini m;

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
    return mini_next(&m, "limit.set", "user:1", MINI_LIMIT);
}

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
                     "INSERT INTO key(keyid, owner, purpose, algorithm, spki, valid_from) "
                     "VALUES(?,'user:1','entry','p256',?,1)",
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
    struct entry en =
        mini_next(&m, "user.disabled", "user:1", "{\"reason\":\"left\",\"user\":1}");
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
    static const char *const bad[] = {"{}", "{\"count\":1}", MINI_BATCH("0", MINI_HASH),
                                      MINI_BATCH("4097", MINI_HASH), MINI_BATCH("1", "00")};
    struct entry en = mini_next(&m, "readings.batch", "user:1", bad[_i]);
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "data", 3);
}
END_TEST

START_TEST(data_that_do_not_fit_their_schema)
{
    struct entry en = mini_next(&m, "limit.set", "user:1", "{\"limit\":1}");
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "data", 3);
}
END_TEST

/* Its hash and root are as recorded; only its schema tells. */
START_TEST(item_that_does_not_fit_its_schema)
{
    struct item_batch b;
    struct hash root;
    char hex[65];
    char item[MINI_ITEM];
    static struct audit a;
    assert_ok(items_init(&b, &e));
    for (int64_t i = 0; i < 3; i++) {
        int n = mini_item(item, i);
        item[i == 2 ? 2 : 0] = i == 2 ? 'x' : '{'; /* "xd" instead of "id" */
        assert_ok(items_add(&b, item, (size_t)n, &e));
    }
    assert_ok(items_finish(&b, &root, &e));
    hash_hex(&root, hex);
    const char *data = arena_printf(&m.arena, MINI_BATCH("3", "%s"), hex);
    struct entry en = mini_next(&m, "readings.batch", "user:1", data);
    int64_t seq = mini_put(&m, &en, m.user);
    assert_ok(items_store(&b, m.db, seq, &e));
    items_release(&b);
    assert_fault(&m, "item", 3);
    ck_assert_int_eq(mini_verify(&m, &a), ERR_TAMPERED);
    ck_assert_int_eq(a.faults[0].item, 2);
}
END_TEST

START_TEST(batch_of_other_items)
{
    struct entry en = mini_next(&m, "readings.batch", "user:1", MINI_BATCH("5", MINI_HASH));
    (void)mini_put(&m, &en, m.user);
    assert_fault(&m, "items", 3);
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

/* --hashes says that it does not look at signatures, and does not. */
START_TEST(hashes_alone_pass_over_a_signature_and_see_the_rest)
{
    struct stored_entry s;
    struct buf scratch;
    struct hash leaf;
    struct chain c;
    static struct audit a;
    struct verify_job job = {.db_path = m.db_path, .threads = 2, .hashes_only = true};
    mini_acts(&m, 2);
    assert_ok(ledger_get(m.db, 4, &m.arena, &s, &e));
    s.sig[s.sig_len - 1] ^= 1;
    buf_init(&scratch, 2 * ENTRY_ENVELOPE_MAX);
    assert_ok(
        entry_leaf(s.payload, s.payload_len, &s.keyid, s.sig, s.sig_len, &scratch, &leaf, &e));
    assert_ok(db_run(m.db, &e, "UPDATE entry SET sig=?, leaf=? WHERE seq=4",
                     VALS(V_BLOB(s.sig, s.sig_len), V_HASH(&leaf))));
    buf_release(&scratch);
    assert_fault(&m, "signature", 4);
    chain_init(&c);
    assert_ok(verify_ledger(&job, &c, &a, &e));
    chain_release(&c);
    mini_exec(&m, "UPDATE entry SET leaf=zeroblob(32) WHERE seq=4");
    chain_init(&c);
    assert_error(verify_ledger(&job, &c, &a, &e), ERR_TAMPERED, "entry 4");
    chain_release(&c);
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

Suite *suite_chain(void)
{
    Suite *s = suite_create("chain");
    TCase *t = tcase_create("chain");
    tcase_add_checked_fixture(t, begin, end);
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
    tcase_add_test(t, data_that_do_not_fit_their_schema);
    tcase_add_test(t, item_that_does_not_fit_its_schema);
    tcase_add_test(t, batch_of_other_items);
    tcase_add_test(t, twin_of_a_signature_is_refused);
    tcase_add_test(t, hashes_alone_pass_over_a_signature_and_see_the_rest);
    tcase_add_test(t, changed_payload_with_a_fitting_leaf);
    suite_add_tcase(s, t);
    return s;
}
