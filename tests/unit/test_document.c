/* Documents for a tax authority, and its answers. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <string.h>

#include "app/document_out.h"
#include "app/outcome.h"

static struct arena arena;
static struct buf text;

static void setup(void)
{
    billing_setup();
    billing_run();
    arena_init(&arena, (size_t)4 << 20);
    buf_init(&text, DOCUMENT_JSON_MAX);
}

static void teardown(void)
{
    buf_release(&text);
    arena_release(&arena);
    billing_teardown();
}

static int waiting(void)
{
    struct document_id at = {"", 0};
    bool found = true;
    int n = 0;
    for (; found; n++) {
        ck_assert_int_eq(document_waiting_next(billing.office, &at, &found, &billing_err),
                         ERR_OK);
    }
    return n - 1;
}

START_TEST(each_document_waits_until_it_is_answered)
{
    ck_assert_int_eq(waiting(), 3);
    fixture_run(&billing, billing.marta, "note issue", "type", "credit", "bill", "1", "amount",
                "5", "reason", "r", NULL);
    fixture_run(&billing, billing.marta, "note issue", "type", "debit", "account", "A00002",
                "amount", "5", "reason", "r", NULL);
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "1",
                "method", "card", "slip", "1", NULL);
    ck_assert_int_eq(waiting(), 5); /* a receipt is no document of the authority's */
    fixture_run(&billing, billing.marta, "document register", "type", "bill", "number", "2",
                "external", "X", "authority", "Y", NULL);
    fixture_run(&billing, billing.marta, "document register", "type", "debit_note", "number",
                "1", "external", "X", "authority", "Y", NULL);
    ck_assert_int_eq(waiting(), 3);
}
END_TEST

static void discard_refused(const char *why)
{
    enum err_code code = fixture_try(&billing, billing.marta, NULL, &billing_err,
                                     "bill discard", "run", "1", "reason", "r", NULL);
    ck_assert_msg(code == ERR_STATE && strstr(billing_err.text, why) != NULL, "%s",
                  billing_err.text);
}

/* A note's money, a complaint, an authority's number would be left behind. */
START_TEST(a_run_is_not_taken_back_under_what_stands_on_its_bills)
{
    fixture_run(&billing, billing.olga, "dispute open", "bill", "3", "reason", "r", NULL);
    discard_refused("bill 3 is in dispute");
    fixture_run(&billing, billing.luis, "dispute resolve", "dispute", "1", "outcome",
                "rejected", "reason", "r", NULL);
    fixture_run(&billing, billing.marta, "bill discard", "run", "1", "reason", "r", NULL);
    ck_assert_int_eq(waiting(), 0);
}
END_TEST

START_TEST(a_run_with_a_note_is_not_taken_back)
{
    fixture_run(&billing, billing.marta, "document register", "type", "bill", "number", "2",
                "external", "X", "authority", "Y", NULL);
    discard_refused("bill 2 is registered");
    fixture_run(&billing, billing.marta, "bill cancel", "bill", "1", "reason", "r", NULL);
    discard_refused("bill 1 has a note");
}
END_TEST

START_TEST(a_document_says_who_owes_what_for_what)
{
    struct document_id bill = {"bill", 1}, note = {"credit_note", 1}, none = {"bill", 9};
    ck_assert_int_eq(document_json(billing.office, &bill, &arena, &text, &billing_err), ERR_OK);
    ck_assert_msg(strstr(buf_str(&text), "\"name\":\"Cliente 1\"") != NULL &&
                      strstr(buf_str(&text), "\"total\":\"500.00\"") != NULL &&
                      strstr(buf_str(&text), "\"lines\":[{\"amount\":\"500.00\"") != NULL &&
                      strstr(buf_str(&text), "\"start\":\"2026-09-01\"") != NULL,
                  "%s", buf_str(&text));
    fixture_run(&billing, billing.marta, "note issue", "type", "credit", "bill", "1", "amount",
                "5", "reason",
                "cortes\xC3\xAD"
                "a",
                NULL);
    buf_clear(&text);
    ck_assert_int_eq(document_json(billing.office, &note, &arena, &text, &billing_err), ERR_OK);
    ck_assert_msg(strstr(buf_str(&text), "\"bill\":1,") != NULL &&
                      strstr(buf_str(&text), "\"total\":\"5.00\"") != NULL &&
                      strstr(buf_str(&text), "cortes") != NULL,
                  "%s", buf_str(&text));
    ck_assert_int_eq(document_json(billing.office, &none, &arena, &text, &billing_err),
                     ERR_NOT_FOUND);
}
END_TEST

/* ---- what a command would do, told before (app/outcome.h) ---- */

static enum err_code told(struct session *who, const char *command, const char *const pairs[])
{
    struct command_ctx c = {
        .office = billing.office, .session = who, .command = command_find(command)};
    for (size_t i = 0; pairs[i] != NULL; i += 2) {
        ck_assert_int_eq(arg_set(&c, pairs[i], pairs[i + 1], &billing_err), ERR_OK);
    }
    buf_clear(&text);
    return outcome_tell(&c, &text, &billing_err);
}

static void tells(const char *part)
{
    ck_assert_msg(strstr(buf_str(&text), part) != NULL, "no \"%s\" in\n%s", part,
                  buf_str(&text));
}

START_TEST(an_outcome_names_customer_document_and_money_before_and_after)
{
    struct ledger_head was;
    struct ledger_head is;
    ck_assert_int_eq(ledger_head(billing.office->db, &was, &billing_err), ERR_OK);
    ck_assert_int_eq(told(billing.marta, "note issue",
                          (const char *const[]){"type", "Credit", "bill", "1", "amount", "5",
                                                "reason", "r", NULL}),
                     ERR_OK);
    tells("Cliente 1");
    tells("Account A00001, Cliente 1: now 500,00 USD owed, then 495,00 USD owed.");
    tells("What will be said: credit note 1 of 5,00 USD issued.");
    ck_assert_int_eq(told(billing.marta, "bill discard",
                          (const char *const[]){"run", "1", "reason", "r", NULL}),
                     ERR_OK);
    tells("3 accounts together: now ");
    tells("then nothing owed.");
    ck_assert_int_eq(ledger_head(billing.office->db, &is, &billing_err), ERR_OK);
    ck_assert_int_eq(is.seq, was.seq); /* it was only told */
    ck_assert_int_eq(waiting(), 3);
}
END_TEST

START_TEST(an_outcome_is_refused_as_the_command_would_be)
{
    const char *const more[] = {"type", "credit", "bill", "1", "amount",
                                "501",  "reason", "r",    NULL};
    ck_assert_int_eq(told(billing.marta, "note issue", more), ERR_STATE);
    ck_assert_ptr_nonnull(strstr(billing_err.text, "only 500,00 USD can be credited"));
    ck_assert_int_eq(told(billing.olga, "note issue", more), ERR_OK);
    ck_assert_uint_eq(text.len, 0); /* who may not is refused, and recorded, by the command */
}
END_TEST

/* Its key is made with the request: there is nothing to try before. */
START_TEST(an_outcome_of_what_makes_its_own_request_is_no_refusal)
{
    ck_assert_int_eq(told(billing.marta, "user recover",
                          (const char *const[]){"login", "olga", "reason", "r", "password",
                                                "clave-nueva-9", NULL}),
                     ERR_OK);
}
END_TEST

START_TEST(an_answer_is_read_or_its_fault_named)
{
    static const struct {
        const char *json, *says;
    } bad[] = {
        {"{\"type\":\"receipt\",\"number\":1,\"authority\":\"H\",\"external\":\"X\"}",
         "$.type"},
        {"{\"type\":\"bill\",\"number\":0,\"authority\":\"H\",\"external\":\"X\"}", "$.number"},
        {"{\"type\":\"bill\",\"number\":1,\"external\":\"X\"}", "$.authority"},
        {"{\"type\":\"bill\",\"number\":1,\"authority\":\"H\",\"external\":\"X\",\"file\":"
         "\"../../etc/passwd\"}",
         "$.file"},
        {"{\"type\":\"bill\",\"number\":1,\"authority\":\"H\",\"external\":\"X\",\"file\":"
         "\"..\"}",
         "$.file"},
        {"[]", "$"},
        {"{", ""},
    };
    struct document_answer a;
    static const char good[] = "{\"type\":\"debit_note\",\"number\":7,\"authority\":\"H\","
                               "\"external\":\"X\",\"file\":\"a.xml\"}";
    ck_assert_int_eq(document_answer_parse(good, strlen(good), &arena, &a, &billing_err),
                     ERR_OK);
    ck_assert(strcmp(a.id.type, "debit_note") == 0 && a.id.number == 7 &&
              strcmp(a.file, "a.xml") == 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        billing_err = (struct err)ERR_INIT;
        ck_assert_int_ne(
            document_answer_parse(bad[i].json, strlen(bad[i].json), &arena, &a, &billing_err),
            ERR_OK);
        ck_assert_msg(strstr(billing_err.text, bad[i].says) != NULL, "%s: %s", bad[i].json,
                      billing_err.text);
    }
}
END_TEST

Suite *suite_document(void)
{
    Suite *s = suite_create("document");
    TCase *t = tcase_create("document");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, each_document_waits_until_it_is_answered);
    tcase_add_test(t, a_run_is_not_taken_back_under_what_stands_on_its_bills);
    tcase_add_test(t, a_run_with_a_note_is_not_taken_back);
    tcase_add_test(t, a_document_says_who_owes_what_for_what);
    tcase_add_test(t, an_outcome_names_customer_document_and_money_before_and_after);
    tcase_add_test(t, an_outcome_is_refused_as_the_command_would_be);
    tcase_add_test(t, an_outcome_of_what_makes_its_own_request_is_no_refusal);
    tcase_add_test(t, an_answer_is_read_or_its_fault_named);
    suite_add_tcase(s, t);
    return s;
}
