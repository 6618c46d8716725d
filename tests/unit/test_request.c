/* Acts that need more than one person; new keys for users; the office's keys replaced. */
#include <config.h>

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/query_key.h"
#include "app/recovery.h"
#include "lib/office_fixture.h"

Suite *suite_request(void);

static struct office_fixture f;
static struct err e;

static void setup(void)
{
    fixture_init(&f);
    e = (struct err)ERR_INIT;
}

static void teardown(void)
{
    fixture_free(&f);
}

static int64_t count(const char *sql)
{
    int64_t n = -1;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

static enum err_code login(const char *name, const char *password)
{
    struct session *s = NULL;
    int wait_s = 0;
    enum err_code code = session_login(f.office, name, password, &s, &wait_s, &e);
    session_free(s);
    return code;
}

static void ask(void)
{
    struct ticket t;
    ck_assert_msg(fixture_try(&f, f.ana, &t, &e, "user recover", "login", "olga", "reason", "r",
                              "password", "una-clave-nueva", NULL) == ERR_OK,
                  "%s", e.text);
    ck_assert_int_eq(t.state, TICKET_PENDING);
}

static enum err_code approve(struct session *who, const char *request)
{
    e = (struct err)ERR_INIT;
    return fixture_try(&f, who, NULL, &e, "request approve", "request", request, NULL);
}

START_TEST(a_request_is_done_when_two_others_have_approved)
{
    ask();
    ck_assert_int_eq(approve(f.ana, "1"), ERR_DENIED);  /* who asked */
    ck_assert_int_eq(approve(f.olga, "1"), ERR_DENIED); /* no leave to approve */
    ck_assert_int_eq(count("SELECT count(*) FROM approval"), 0);
    ck_assert_int_eq(approve(f.luis, "1"), ERR_OK);
    ck_assert_int_eq(approve(f.luis, "1"), ERR_DENIED); /* once each */
    ck_assert_int_eq(count("SELECT count(*) FROM key WHERE owner='user:2'"), 1);
    ck_assert_int_eq(approve(f.marta, "1"), ERR_OK);
    ck_assert_int_eq(count("SELECT count(*) FROM request WHERE state='done'"), 1);
    ck_assert_int_eq(
        count("SELECT count(*) FROM key WHERE owner='user:2' AND valid_to IS NULL"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM key WHERE owner='user:2'"), 2);
    ck_assert_int_eq(count("SELECT count(*) FROM sealed"), 4); /* the old key's form is gone */
    ck_assert_int_eq(approve(f.marta, "1"), ERR_STATE);
    ck_assert_int_eq(login("olga", FIXTURE_PASSWORD), ERR_DENIED);
    ck_assert_int_eq(login("olga", "una-clave-nueva"), ERR_OK);
    /* The old session's key signs nothing more. */
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &e, "reading add", "serial", "x", "value", "1", NULL),
        ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "log in again"));
}
END_TEST

/* Luis Brenes Mata, and one who is not. */
static const struct name_case {
    const char *person;
    bool same;
} names[] = {
    {"luis brenes\u00a0mata", true},
    {" Luis-Brenes\u200b Mata.", true},
    {"Luis Brenes Matta", false},
};

START_TEST(a_second_account_of_a_person_approves_nothing)
{
    const struct name_case *n = &names[_i];
    struct session *second = NULL;
    int wait_s = 0;
    ask();
    fixture_run(&f, f.ana, "user add", "login", "luis2", "person", n->person, "roles",
                "supervisor", "password", FIXTURE_PASSWORD, NULL);
    ck_assert_int_eq(session_login(f.office, "luis2", FIXTURE_PASSWORD, &second, &wait_s, &e),
                     ERR_OK);
    ck_assert_int_eq(approve(f.luis, "1"), ERR_OK);
    ck_assert_int_eq(approve(second, "1"), n->same ? ERR_DENIED : ERR_OK);
    ck_assert_int_eq(strstr(e.text, "your name") != NULL, n->same);
    session_free(second);
}
END_TEST

START_TEST(a_request_that_ended_is_not_approved)
{
    ask();
    ask();
    ck_assert_int_eq(
        fixture_try(&f, f.luis, NULL, &e, "request withdraw", "request", "1", NULL),
        ERR_DENIED);
    fixture_run(&f, f.ana, "request withdraw", "request", "1", NULL);
    fixture_run(&f, f.luis, "request reject", "request", "2", "reason", "no", NULL);
    for (int i = 1; i <= 2; i++) {
        ck_assert_int_eq(approve(f.marta, i == 1 ? "1" : "2"), ERR_STATE);
    }
    ck_assert_int_eq(approve(f.marta, "3"), ERR_NOT_FOUND);
    /* What was sealed for them is gone. */
    ck_assert_int_eq(count("SELECT count(*) FROM sealed"), 4);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "request run", "request", "2", NULL),
                     ERR_STATE);
}
END_TEST

START_TEST(how_many_must_approve_is_a_policy)
{
    fixture_run(&f, f.ana, "request policy", "command", "user recover", "needed", "1", NULL);
    ask();
    ck_assert_int_eq(approve(f.luis, "1"), ERR_OK);
    ck_assert_int_eq(count("SELECT count(*) FROM request WHERE state='done'"), 1);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "request policy", "command",
                                 "user recover", "needed", "0", NULL),
                     ERR_RANGE);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "request policy", "command",
                                 "user recover", "needed", "17", NULL),
                     ERR_RANGE);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "request policy", "command",
                                 "customer add", "needed", "1", NULL),
                     ERR_NOT_FOUND);
}
END_TEST

START_TEST(a_user_gives_himself_a_new_key)
{
    struct session *s = NULL;
    char token[FIXTURE_PATH_MAX + 32];
    (void)snprintf(token, sizeof token, "%s/state/token-old", f.dir);
    ck_assert_int_eq(session_save(f.office, f.marta, token, &e), ERR_OK);
    ck_assert_int_eq(session_resume(f.office, token, &s, &e), ERR_OK);
    session_free(s);
    fixture_run(&f, f.marta, "user key", "password", "otra-clave-larga", NULL);
    ck_assert_int_eq(session_resume(f.office, token, &s, &e), ERR_DENIED);
    ck_assert_int_eq(count("SELECT count(*) FROM key WHERE owner='user:4'"), 2);
    ck_assert_int_eq(login("marta", "otra-clave-larga"), ERR_OK);
    ck_assert_int_eq(login("marta", FIXTURE_PASSWORD), ERR_DENIED);
    ck_assert_int_eq(
        fixture_try(&f, f.marta, NULL, &e, "user password", "password", "una-clave-mas", NULL),
        ERR_DENIED);
}
END_TEST

/* Make a recovery key of the office whose text is known. */
static void recovery_known(char text[RECOVERY_TEXT_MAX])
{
    struct sign_key *k = NULL;
    ck_assert_int_eq(recovery_key_make(f.office, text, &k, &e), ERR_OK);
    ck_assert_int_eq(db_run(f.office->db, &e, "UPDATE key SET keyid=? WHERE purpose='recovery'",
                            VALS(V_HASH(sign_key_id(k)))),
                     ERR_OK);
    sign_key_free(k);
}

START_TEST(a_recovery_key_is_read_as_people_type_it)
{
    char text[RECOVERY_TEXT_MAX];
    char typed[2 * RECOVERY_TEXT_MAX] = "";
    struct sign_key *k = NULL;
    recovery_known(text);
    ck_assert_uint_eq(strlen(text), 17 * 4 + 16);
    ck_assert_int_eq(recovery_key_open(f.office, text, &k, &e), ERR_OK);
    sign_key_free(k);
    size_t n = 0;
    for (const char *at = text; *at != '\0'; at++) {
        typed[n++] = *at >= 'A' && *at <= 'F' ? (char)(*at - 'A' + 'a')
                     : *at == '-'             ? ' '
                                              : *at;
    }
    ck_assert_int_eq(recovery_key_open(f.office, typed, &k, &e), ERR_OK);
    sign_key_free(k);
    for (size_t i = 0; i < strlen(text); i++) {
        char was = text[i];
        if (was != '-') {
            text[i] = was == '0' ? '1' : '0';
            ck_assert_int_eq(recovery_key_open(f.office, text, &k, &e), ERR_PARSE);
            text[i] = was;
        }
    }
    text[strlen(text) - 1] = '\0';
    ck_assert_int_eq(recovery_key_open(f.office, text, &k, &e), ERR_PARSE);
    ck_assert_int_eq(
        db_run(f.office->db, &e, "DELETE FROM key WHERE purpose='recovery'", NO_VALS), ERR_OK);
    typed[n] = '\0';
    ck_assert_int_eq(recovery_key_open(f.office, typed, &k, &e), ERR_DENIED);
}
END_TEST

START_TEST(keys_of_the_office_are_replaced_and_revoked)
{
    char digits[17];
    struct note_key *log = NULL;
    struct hash before;
    ck_assert_int_eq(office_log_key(f.office, &log, &e), ERR_OK);
    before = *sign_key_id(note_key_signer(log));
    fixture_key_of(&f, "log", digits);
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &e, "key revoke", "key", digits, "reason", "r", NULL),
        ERR_STATE); /* the only one */
    int64_t seq = fixture_run(&f, f.ana, "key rotate", "purpose", "log", NULL);
    ck_assert_int_eq(office_log_key(f.office, &log, &e), ERR_OK);
    ck_assert(!hash_equal(&before, sign_key_id(note_key_signer(log))));
    struct note_verifier *who[LOG_VERIFIERS_MAX];
    size_t n = 0;
    for (int64_t size = seq - 1; size <= seq + 1; size++) { /* both at the entry that says so */
        ck_assert_int_eq(log_verifiers(f.office, size, who, &n, &e), ERR_OK);
        ck_assert_uint_eq(n, size == seq ? 2 : 1);
        while (n > 0) {
            note_verifier_free(who[--n]);
        }
    }
    fixture_run(&f, f.ana, "key create", "purpose", "entry", NULL);
    fixture_key_of(&f, "entry", digits);
    fixture_run(&f, f.ana, "key revoke", "key", digits, "reason", "r", NULL);
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &e, "key revoke", "key", digits, "reason", "r", NULL),
        ERR_STATE);
    /* The office goes on with its new key. */
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "key rotate", "purpose", "log", NULL),
                     ERR_DENIED);
    ck_assert_int_eq(count("SELECT count(*) FROM history WHERE kind='access.refused'"), 1);
}
END_TEST

Suite *suite_request(void)
{
    Suite *s = suite_create("request");
    TCase *t = tcase_create("request");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_request_is_done_when_two_others_have_approved);
    tcase_add_loop_test(t, a_second_account_of_a_person_approves_nothing, 0,
                        (int)(sizeof names / sizeof names[0]));
    tcase_add_test(t, a_request_that_ended_is_not_approved);
    tcase_add_test(t, how_many_must_approve_is_a_policy);
    tcase_add_test(t, a_user_gives_himself_a_new_key);
    tcase_add_test(t, a_recovery_key_is_read_as_people_type_it);
    tcase_add_test(t, keys_of_the_office_are_replaced_and_revoked);
    suite_add_tcase(s, t);
    return s;
}
