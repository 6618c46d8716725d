#include <config.h>

#include "ledger/keyring.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_ledger.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static struct mini m;
static struct keyring ring;

static void begin(void)
{
    mini_make(&m);
    keyring_init(&ring);
}

static void end(void)
{
    keyring_release(&ring);
    mini_free(&m);
}

static enum err_code add(const struct sign_key *key, const char *owner, int64_t from,
                         struct err *e)
{
    struct buf spki;
    buf_init(&spki, 1024);
    TRY(sign_key_public(key, &spki, e));
    enum err_code code = keyring_add(&ring, sign_key_id(key), owner, KEY_ENTRY, spki.data,
                                     spki.len, from, INT64_MAX, e);
    buf_release(&spki);
    return code;
}

START_TEST(key_is_found_by_its_id)
{
    ck_assert_ptr_null(keyring_find(&ring, sign_key_id(m.user)));
    assert_ok(add(m.user, "user:1", 3, &e));
    const struct key_span *s = keyring_find(&ring, sign_key_id(m.user));
    ck_assert_ptr_nonnull(s);
    ck_assert_str_eq(s->owner, "user:1");
    ck_assert_int_eq(s->from, 3);
    ck_assert(s->to == INT64_MAX);
    ck_assert_ptr_null(keyring_find(&ring, sign_key_id(m.office)));
}
END_TEST

START_TEST(many_keys_are_all_found)
{
    enum { MANY = 70 }; /* the table grows three times */
    static struct sign_key *keys[MANY];
    for (int i = 0; i < MANY; i++) {
        char owner[32];
        (void)snprintf(owner, sizeof owner, "user:%d", i);
        assert_ok(sign_key_generate(&keys[i], &e));
        assert_ok(add(keys[i], owner, i, &e));
    }
    for (int i = 0; i < MANY; i++) {
        const struct key_span *s = keyring_find(&ring, sign_key_id(keys[i]));
        ck_assert(s != NULL && s->from == i);
        sign_key_free(keys[i]);
    }
}
END_TEST

START_TEST(key_that_is_not_what_it_says_is_refused)
{
    struct buf spki;
    struct hash other = {{1}};
    char owner[KEY_OWNER_MAX + 2];
    buf_init(&spki, 1024);
    assert_ok(sign_key_public(m.user, &spki, &e));
    assert_error(keyring_add(&ring, &other, "user:1", KEY_ENTRY, spki.data, spki.len, 1, 2, &e),
                 ERR_TAMPERED, "not the one of its key id");
    assert_error(keyring_add(&ring, sign_key_id(m.user), "user:1", KEY_ENTRY, spki.data,
                             spki.len - 1, 1, 2, &e),
                 ERR_TAMPERED, "no P-256");
    memset(owner, 'x', sizeof owner);
    owner[KEY_OWNER_MAX + 1] = '\0';
    assert_error(keyring_add(&ring, sign_key_id(m.user), owner, KEY_ENTRY, spki.data, spki.len,
                             1, 2, &e),
                 ERR_TAMPERED, "xxx");
    owner[KEY_OWNER_MAX] = '\0';
    assert_ok(keyring_add(&ring, sign_key_id(m.user), owner, KEY_ENTRY, spki.data, spki.len, 1,
                          2, &e));
    assert_error(keyring_add(&ring, sign_key_id(m.user), "user:2", KEY_ENTRY, spki.data,
                             spki.len, 1, 2, &e),
                 ERR_TAMPERED, "before");
    ck_assert_uint_eq(ring.count, 1);
    buf_release(&spki);
}
END_TEST

static void apply(const char *kind, enum kind k, const char *actor, const char *data)
{
    struct entry en = mini_next(&m, kind, actor, data);
    assert_ok(keyring_apply(&ring, &en, k, &e));
}

START_TEST(entries_begin_and_end_keys)
{
    m.head.seq = 0;
    apply("office.created", KIND_office_created, "office:SJ01", mini_key_data(&m, m.office, 0));
    const struct key_span *office = keyring_find(&ring, sign_key_id(m.office));
    ck_assert_int_eq(office->from, 1); /* signs its own entry */
    m.head.seq = 6;
    apply("user.created", KIND_user_created, "office:SJ01", mini_key_data(&m, m.user, 1));
    const struct key_span *user = keyring_find(&ring, sign_key_id(m.user));
    ck_assert_str_eq(user->owner, "user:1");
    ck_assert_int_eq(user->from, 8); /* from the next entry on */
    m.head.seq = 19;
    apply("user.disabled", KIND_user_disabled, "user:2", "{\"user\":2}");
    ck_assert(user->to == INT64_MAX); /* somebody else */
    apply("user.disabled", KIND_user_disabled, "user:2", "{\"user\":1}");
    ck_assert_int_eq(user->to, 20); /* this entry it may still sign: one's own farewell */
    m.head.seq = 29;
    apply("user.disabled", KIND_user_disabled, "user:2", "{\"user\":1}");
    ck_assert_int_eq(user->to, 20);
    apply("limit.set", KIND_limit_set, "user:2", "{\"user\":1,\"keyid\":\"x\"}");
    ck_assert_uint_eq(ring.count, 2);
}
END_TEST

/* office.created with one key more in "keys". */
static const char *office_with(const char *purpose, const struct sign_key *key)
{
    const char *first = mini_key_data(&m, m.office, 0);
    const char *more = mini_key_data(&m, key, 0);
    const char *out = arena_printf(&m.arena, "%.*s,\"keys\":[{\"purpose\":\"%s\",%s]}",
                                   (int)strlen(first) - 1, first, purpose, more + 1);
    ck_assert_ptr_nonnull(out);
    return out;
}

START_TEST(an_office_names_keys_of_other_purposes)
{
    struct sign_key *log = NULL;
    assert_ok(sign_key_generate_as(KEY_ED25519, &log, &e));
    m.head.seq = 0;
    apply("office.created", KIND_office_created, "office:SJ01", office_with("log", log));
    const struct key_span *s = keyring_find(&ring, sign_key_id(log));
    ck_assert_ptr_nonnull(s);
    ck_assert_int_eq(s->purpose, KEY_LOG);
    ck_assert_int_eq(s->algorithm, KEY_ED25519);
    ck_assert_int_eq(keyring_find(&ring, sign_key_id(m.office))->purpose, KEY_ENTRY);
    keyring_release(&ring);
    static const char *const bad[] = {"entry", "logs", ""};
    for (size_t i = 0; i < 3; i++) {
        m.head.seq = 0;
        struct entry en =
            mini_next(&m, "office.created", "office:SJ01", office_with(bad[i], log));
        assert_error(keyring_apply(&ring, &en, KIND_office_created, &e), ERR_TAMPERED,
                     "purpose");
        keyring_release(&ring);
    }
    m.head.seq = 0; /* a purpose takes one algorithm */
    struct entry en =
        mini_next(&m, "office.created", "office:SJ01", office_with("document", m.user));
    assert_error(keyring_apply(&ring, &en, KIND_office_created, &e), ERR_TAMPERED, "Ed25519");
    sign_key_free(log);
}
END_TEST

START_TEST(malformed_key_entries_are_refused)
{
    static const char *const bad[] = {
        "{}",
        "{\"user\":1}",
        "{\"keyid\":\"00\",\"spki\":\"AA==\",\"user\":1}",
        "{\"keyid\":\"" ZEROS "\",\"spki\":\"?\",\"user\":1}",
        "{\"keyid\":\"" ZEROS "\",\"spki\":\"AA==\",\"user\":1}",
        "{\"keyid\":\"" ZEROS "\",\"spki\":\"AA==\",\"user\":\"1\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct entry en = mini_next(&m, "user.created", "user:1", bad[i]);
        assert_error(keyring_apply(&ring, &en, KIND_user_created, &e), ERR_TAMPERED, "");
    }
    struct entry en = mini_next(&m, "user.disabled", "user:1", "{}");
    assert_error(keyring_apply(&ring, &en, KIND_user_disabled, &e), ERR_TAMPERED, "no user");
    ck_assert_uint_eq(ring.count, 0);
}
END_TEST

static void add_with_faults(void *ctx, bool failing)
{
    struct err e = ERR_INIT;
    (void)ctx;
    enum err_code code = add(m.user, "user:1", 1, &e);
    ck_assert_msg(code == ERR_OK || (failing && code == ERR_NOMEM), "%s", e.text);
    ck_assert_int_eq(keyring_find(&ring, sign_key_id(m.user)) != NULL, code == ERR_OK);
    keyring_release(&ring);
}

START_TEST(failed_allocation_adds_nothing)
{
    ck_assert_uint_gt(fault_sweep(add_with_faults, NULL), 0);
}
END_TEST

Suite *suite_keyring(void)
{
    Suite *s = suite_create("keyring");
    TCase *t = tcase_create("keyring");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, key_is_found_by_its_id);
    tcase_add_test(t, many_keys_are_all_found);
    tcase_add_test(t, key_that_is_not_what_it_says_is_refused);
    tcase_add_test(t, entries_begin_and_end_keys);
    tcase_add_test(t, an_office_names_keys_of_other_purposes);
    tcase_add_test(t, malformed_key_entries_are_refused);
    tcase_add_test(t, failed_allocation_adds_nothing);
    suite_add_tcase(s, t);
    return s;
}
