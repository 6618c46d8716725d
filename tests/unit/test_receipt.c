/* Receipts: what they say, and on how wide a paper. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <stdio.h>
#include <string.h>

#include "app/bill_code.h"
#include "reports/receipt_paper.h"

static struct arena arena;
static struct receipt r;

static void setup(void)
{
    billing_setup();
    arena_init(&arena, (size_t)1 << 20);
    fixture_run(&billing, billing.olga, "drawer open", "drawer", "C1", "float", "5000", NULL);
}

static void teardown(void)
{
    arena_release(&arena);
    billing_teardown();
}

static void load(int64_t number, int64_t copy)
{
    ck_assert_msg(receipt_load(billing.office, number, copy, &arena, &r, &billing_err) ==
                      ERR_OK,
                  "%s", billing_err.text);
}

static void text_of(unsigned columns, struct buf *out)
{
    struct paper p;
    ck_assert_int_eq(receipt_paper(&r, billing.office->numfmt, &arena, &p, &billing_err),
                     ERR_OK);
    buf_init(out, 65536);
    paper_text(&p, columns, out);
    ck_assert(!out->failed);
}

static void ck_says(const char *what)
{
    struct buf text;
    text_of(48, &text);
    ck_assert_msg(strstr(buf_str(&text), what) != NULL, "%s lacks %s", buf_str(&text), what);
    buf_release(&text);
}

START_TEST(a_receipt_says_what_was_paid_and_the_change)
{
    billing_run();
    int64_t owed = billing_count("SELECT open FROM posting WHERE kind = 'bill' AND ref = 1");
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "2000",
                "tendered", "2100.50", NULL);
    load(1, 0);
    ck_assert_int_eq((int64_t)r.line_count, 1);
    ck_assert_str_eq(r.lines[0].number, "2026-00000001");
    ck_assert_int_eq(r.lines[0].amount, owed);
    ck_assert_int_eq(r.credit, 200000 - owed);
    ck_assert_int_eq(r.change, 10050);
    ck_assert_int_eq(r.balance, owed - 200000);
    ck_assert_str_eq(r.cashier, "olga");
    ck_assert_str_eq(r.account, "A00001");
    ck_assert_str_eq(r.slip, "");
    ck_assert_int_eq(r.seq, billing_count("SELECT seq FROM payment"));
    ck_says("Receipt 1\n");
    ck_says("Bill 2026-00000001");
    ck_says("2\xC2\xA0"
            "000,00 USD");
    ck_says("100,50 USD");
}
END_TEST

START_TEST(the_balance_is_that_of_then)
{
    billing_run();
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "100",
                NULL);
    load(1, 0);
    int64_t then = r.balance;
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "100",
                NULL);
    load(1, 0);
    ck_assert_int_eq(r.balance, then);
    load(2, 0);
    ck_assert_int_eq(r.balance, then - 10000);
}
END_TEST

START_TEST(another_currency_names_its_rate)
{
    fixture_run(&billing, billing.olga, "payment take", "account", "A00002", "amount", "100",
                "tendered", "100", "currency", "EUR", "rate", "1.085", NULL);
    load(1, 0);
    ck_assert_str_eq(r.tender->code, "EUR");
    ck_assert_int_eq(r.tendered, 10000);
    ck_assert_int_eq(r.change, 850);
    ck_says("1.085");
    ck_says("100,00 EUR");
}
END_TEST

START_TEST(a_slip_is_printed_a_key_is_not)
{
    fixture_run(&billing, billing.olga, "payment take", "account", "A00002", "amount", "1",
                "method", "card", "slip", "0042", NULL);
    fixture_run(&billing, billing.olga, "payment take", "account", "A00002", "amount", "1",
                "key", "formulario-9", NULL);
    load(1, 0);
    ck_assert_str_eq(r.slip, "0042");
    load(2, 0);
    ck_assert_str_eq(r.slip, "");
}
END_TEST

START_TEST(a_deposit_has_a_receipt_too)
{
    fixture_run(&billing, billing.olga, "deposit take", "account", "A00003", "amount", "75",
                NULL);
    load(1, 0);
    ck_assert(r.deposit);
    ck_assert_int_eq(r.amount, 7500);
    ck_assert_int_eq((int64_t)r.line_count, 0);
    ck_assert_str_eq(r.method, "cash");
    ck_says("Deposit receipt 1");
    ck_says("Held as deposit");
}
END_TEST

START_TEST(a_reprint_says_so)
{
    struct buf text;
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "3",
                NULL);
    load(1, 0);
    text_of(42, &text);
    ck_assert(strstr(buf_str(&text), "COPY") == NULL);
    buf_release(&text);
    load(1, 2);
    ck_says("COPY 2\n");
}
END_TEST

START_TEST(what_was_reversed_is_no_receipt_to_show)
{
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "3",
                "method", "card", "slip", "1", NULL);
    fixture_run(&billing, billing.marta, "payment reverse", "receipt", "1", "reason", "x",
                NULL);
    load(1, 1);
    ck_assert_str_eq(r.state, "reversed");
    ck_says("REVERSED");
}
END_TEST

START_TEST(there_is_no_receipt_that_nobody_took)
{
    ck_assert_int_eq(receipt_load(billing.office, 1, 0, &arena, &r, &billing_err),
                     ERR_NOT_FOUND);
    ck_assert(strstr(billing_err.text, "receipt 1") != NULL);
}
END_TEST

START_TEST(no_line_is_wider_than_the_paper)
{
    static const unsigned widths[] = {1, 24, 32, 42, 48, 132, 1000};
    fixture_run(&billing, billing.ana, "customer edit", "customer", "1", "name",
                "Sociedad An\xC3\xB3nima de un Nombre Muy Largo \xE2\x80\xAE Incre\xC3\xAD"
                "blemente\x1B[31mLargo S.A. de C.V. ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ",
                NULL);
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "3",
                NULL);
    load(1, 1);
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        struct buf text;
        text_of(widths[i], &text);
        size_t most = widths[i] < 24 ? 24 : widths[i] > 132 ? 132 : widths[i];
        for (const char *at = buf_str(&text); *at != '\0'; at = strchr(at, '\n') + 1) {
            size_t n = strcspn(at, "\n");
            ck_assert_msg(text_width(at, n) <= most, "%zu: %.*s", most, (int)n, at);
            ck_assert(memchr(at, 0x1B, n) == NULL && at[n] == '\n');
        }
        buf_release(&text);
    }
}
END_TEST

START_TEST(its_code_is_signed_and_nobody_elses)
{
    struct bill_code code;
    struct sign_key *key = NULL;
    char changed[BILL_CODE_MAX + 1];
    struct buf spki;
    struct hash id;
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "3",
                NULL);
    load(1, 0);
    ck_assert(strlen(r.code) <= BILL_CODE_MAX && bill_code_begins(r.code, strlen(r.code)));
    ck_assert_int_eq(bill_code_parse(r.code, strlen(r.code), &code, &billing_err), ERR_OK);
    ck_assert(code.receipt && code.bill == 1);
    ck_assert_str_eq(code.amount, "3.00");
    ck_assert(hash_equal(&code.leaf, &r.leaf));
    ck_assert_int_eq(office_document_key(billing.office, &key, &billing_err), ERR_OK);
    buf_init(&spki, 4096);
    struct stmt *q = NULL;
    bool row = false;
    size_t len = 0;
    id = *sign_key_id(key);
    ck_assert_int_eq(db_query(billing.office->db, &q, &billing_err,
                              "SELECT spki FROM key WHERE keyid = ?", VALS(V_HASH(&id))),
                     ERR_OK);
    ck_assert(stmt_next(q, &row, &billing_err) == ERR_OK && row);
    const void *der = stmt_blob(q, 0, &len);
    buf_add_base64(&spki, der, len);
    stmt_done(q);
    ck_assert_int_eq(bill_code_verify(&code, r.code, NULL, buf_str(&spki), &billing_err),
                     ERR_OK);
    /* one figure changed, or said to be a bill's: no signature of the office is under that */
    (void)snprintf(changed, sizeof changed, "%s", r.code);
    char *amount = strstr(changed, " 3.00 ");
    ck_assert(amount != NULL);
    amount[1] = '9';
    ck_assert_int_eq(bill_code_parse(changed, strlen(changed), &code, &billing_err), ERR_OK);
    ck_assert_int_eq(bill_code_verify(&code, changed, NULL, buf_str(&spki), &billing_err),
                     ERR_TAMPERED);
    (void)snprintf(changed, sizeof changed, "AFORO1 %s", r.code + strlen("AFORO1R "));
    ck_assert_int_eq(bill_code_parse(changed, strlen(changed), &code, &billing_err), ERR_OK);
    ck_assert(!code.receipt);
    ck_assert_int_eq(bill_code_verify(&code, changed, NULL, buf_str(&spki), &billing_err),
                     ERR_TAMPERED);
    buf_release(&spki);
}
END_TEST

START_TEST(the_first_print_is_the_original)
{
    struct ticket t;
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "3",
                NULL);
    ck_assert_int_eq(fixture_try(&billing, billing.olga, &t, &billing_err, "receipt print",
                                 "receipt", "2", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(fixture_try(&billing, billing.luis, &t, &billing_err, "receipt print",
                                 "receipt", "1", NULL),
                     ERR_DENIED);
    fixture_run(&billing, billing.olga, "receipt print", "receipt", "1", NULL);
    fixture_run(&billing, billing.marta, "receipt print", "receipt", "1", NULL);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM receipt_print WHERE receipt = 1 AND "
                                   "print IN (1, 2) AND date = '2026-11-02'"),
                     2);
}
END_TEST

Suite *suite_receipt(void)
{
    Suite *s = suite_create("receipt");
    TCase *t = tcase_create("receipt");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, a_receipt_says_what_was_paid_and_the_change);
    tcase_add_test(t, the_balance_is_that_of_then);
    tcase_add_test(t, another_currency_names_its_rate);
    tcase_add_test(t, a_slip_is_printed_a_key_is_not);
    tcase_add_test(t, a_deposit_has_a_receipt_too);
    tcase_add_test(t, a_reprint_says_so);
    tcase_add_test(t, what_was_reversed_is_no_receipt_to_show);
    tcase_add_test(t, there_is_no_receipt_that_nobody_took);
    tcase_add_test(t, no_line_is_wider_than_the_paper);
    tcase_add_test(t, its_code_is_signed_and_nobody_elses);
    tcase_add_test(t, the_first_print_is_the_original);
    suite_add_tcase(s, t);
    return s;
}
