/* The office's keys by purpose: made, opened, on record, judged by position. */
#include <config.h>

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/query_key.h"
#include "crypto/checkpoint.h"
#include "ledger/keyring.h"
#include "lib/office_fixture.h"

Suite *suite_office_keys(void);

static struct office_fixture f;
static struct arena arena;
static struct err e;

static void setup(void)
{
    fixture_init(&f);
    arena_init(&arena, 4 << 20);
    e = (struct err)ERR_INIT;
}

static void teardown(void)
{
    arena_release(&arena);
    fixture_free(&f);
}

#define assert_ok(call) ck_assert_msg((call) == ERR_OK, "%s: %s", #call, e.text)

static struct key_row *rows(const char *owner, enum key_purpose p, int64_t at, size_t *count)
{
    struct key_row *all = NULL;
    assert_ok(
        key_rows(f.office->db, &(struct key_filter){owner, p, at}, &arena, &all, count, &e));
    return all;
}

START_TEST(an_office_begins_with_a_key_for_each_purpose)
{
    size_t count = 0;
    struct sign_key *entry = NULL;
    struct sign_key *document = NULL;
    struct note_key *log = NULL;
    assert_ok(office_key(f.office, &entry, &e));
    assert_ok(office_document_key(f.office, &document, &e));
    assert_ok(office_log_key(f.office, &log, &e));
    ck_assert_str_eq(note_key_name(log), "aforo.office/SJ01");
    const struct sign_key *keys[KEY_RECOVERY] = {entry, note_key_signer(log), document};
    for (unsigned p = 0; p < KEY_RECOVERY; p++) {
        struct key_row *r = rows("office:SJ01", (enum key_purpose)p, 0, &count);
        ck_assert_uint_eq(count, 1);
        ck_assert(hash_equal(&r->id, sign_key_id(keys[p])));
        ck_assert_int_eq(r->purpose, p);
        ck_assert_int_eq(r->algorithm, p == KEY_ENTRY ? KEY_P256 : KEY_ED25519);
        ck_assert_int_eq(r->from, 1);
        ck_assert(r->to == INT64_MAX);
    }
    rows("user:2", KEY_PURPOSES, 0, &count);
    ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(keys_are_found_by_position)
{
    size_t before = 0;
    size_t after = 0;
    struct key_row *all = rows("user:2", KEY_ENTRY, 0, &before);
    int64_t from = all[0].from;
    rows("user:2", KEY_ENTRY, from - 1, &before);
    rows("user:2", KEY_ENTRY, from, &after);
    ck_assert_uint_eq(before, 0);
    ck_assert_uint_eq(after, 1);
    int64_t last = fixture_run(&f, f.ana, "user disable", "login", "olga", "reason", "r", NULL);
    rows("user:2", KEY_ENTRY, last, &before);
    rows("user:2", KEY_ENTRY, last + 1, &after);
    ck_assert_uint_eq(before, 1);
    ck_assert_uint_eq(after, 0);
}
END_TEST

START_TEST(a_checkpoint_is_verified_by_the_keys_on_record)
{
    struct note_key *log = NULL;
    struct note_verifier *who[LOG_VERIFIERS_MAX];
    size_t count = 0;
    struct checkpoint c = {.size = 3, .origin = "aforo.office/SJ01"};
    struct checkpoint again;
    struct buf note;
    buf_init(&note, 4096);
    assert_ok(office_log_key(f.office, &log, &e));
    assert_ok(checkpoint_sign(&c, log, &note, &e));
    assert_ok(log_verifiers(f.office, 3, who, &count, &e));
    ck_assert_uint_eq(count, 1);
    assert_ok(checkpoint_open(buf_str(&note), note.len, who[0], &again, &e));
    ck_assert_uint_eq(again.size, 3);
    note_verifier_free(who[0]);
    /* Before the office had an entry nobody could sign. */
    assert_ok(db_exec(f.office->db, "UPDATE key SET valid_from = 2 WHERE purpose='log'", &e));
    ck_assert_int_eq(log_verifiers(f.office, 1, who, &count, &e), ERR_NOT_FOUND);
    ck_assert_uint_eq(count, 0);
    buf_release(&note);
}
END_TEST

START_TEST(a_document_signature_has_64_bytes_and_holds)
{
    struct sign_key *key = NULL;
    struct verify_key *public = NULL;
    struct signature sig;
    size_t count = 0;
    assert_ok(office_document_key(f.office, &key, &e));
    assert_ok(sign_data(key, "bill 1", 6, &sig, &e));
    ck_assert_uint_eq(sig.len, ED25519_SIGNATURE_SIZE);
    struct key_row *r = rows("office:SJ01", KEY_DOCUMENT, 1, &count);
    assert_ok(verify_key_load_as(r->algorithm, r->spki, r->spki_len, &public, &e));
    ck_assert(verify_data(public, "bill 1", 6, sig.der, sig.len));
    ck_assert(!verify_data(public, "bill 2", 6, sig.der, sig.len));
    verify_key_free(public);
}
END_TEST

/* Path of the only key file of that purpose. */
static void key_file(const char *purpose, char out[FIXTURE_PATH_MAX])
{
    char dir[FIXTURE_PATH_MAX];
    ck_assert_int_lt(snprintf(dir, sizeof dir, "%s/keys", f.office->dir), sizeof dir);
    DIR *d = opendir(dir);
    ck_assert_ptr_nonnull(d);
    *out = '\0';
    for (struct dirent *x = readdir(d); x != NULL; x = readdir(d)) {
        if (strncmp(x->d_name, purpose, strlen(purpose)) == 0) {
            ck_assert_int_lt(snprintf(out, FIXTURE_PATH_MAX, "%s/%s", dir, x->d_name),
                             FIXTURE_PATH_MAX);
        }
    }
    (void)closedir(d);
    ck_assert_str_ne(out, "");
}

START_TEST(a_key_file_that_is_gone_or_another_is_told)
{
    char log[FIXTURE_PATH_MAX];
    char document[FIXTURE_PATH_MAX];
    struct note_key *k = NULL;
    key_file("log-", log);
    key_file("document-", document);
    ck_assert_int_eq(rename(document, log), 0); /* sealed under its own name only */
    ck_assert_int_eq(office_log_key(f.office, &k, &e), ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "keys/log-"));
    ck_assert_int_eq(unlink(log), 0);
    ck_assert_int_eq(office_log_key(f.office, &k, &e), ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(e.text, "keys/log-"));
}
END_TEST

Suite *suite_office_keys(void)
{
    Suite *s = suite_create("office_keys");
    TCase *t = tcase_create("office_keys");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_office_begins_with_a_key_for_each_purpose);
    tcase_add_test(t, keys_are_found_by_position);
    tcase_add_test(t, a_checkpoint_is_verified_by_the_keys_on_record);
    tcase_add_test(t, a_document_signature_has_64_bytes_and_holds);
    tcase_add_test(t, a_key_file_that_is_gone_or_another_is_told);
    suite_add_tcase(s, t);
    return s;
}
