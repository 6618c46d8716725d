/* Files that go out: what they hold, in which form, and the same again. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <stdio.h>
#include <string.h>

#include "app/charges.h"
#include "domain/pay_code.h"

#define CSV_LAYOUT                                                                             \
    "{\"kind\":\"charges\",\"format\":\"csv\",\"decimal\":\".\",\"date_format\":\"%F\","       \
    "\"headings\":true,\"record\":[{\"value\":\"reference\",\"name\":\"ref\"},{\"value\":"     \
    "\"customer\",\"name\":\"nombre\"},{\"value\":\"amount\",\"name\":\"monto\"},{\"value\":"  \
    "\"due\",\"name\":\"vence\"}],\"trailer\":[{\"value\":\"count\"},{\"value\":\"total\"}]}"
#define FIXED_LAYOUT(reference)                                                                \
    "{\"kind\":\"charges\",\"format\":\"fixed\",\"encoding\":\"latin1\",\"record\":"           \
    "[{\"value\":\"line\",\"width\":4,\"align\":\"right\",\"pad\":\"0\"},{\"value\":"          \
    "\"reference\",\"name\":\"referencia\",\"width\":" reference                               \
    "},{\"value\":\"customer\",\"width\":9},{\"value\":\"amount\",\"width\":10,\"align\":"     \
    "\"right\",\"pad\":\"0\"}]}"

static struct buf bytes;

static void setup(void)
{
    billing_setup();
    billing_run();
    buf_init(&bytes, (size_t)1 << 20);
}

static void teardown(void)
{
    buf_release(&bytes);
    billing_teardown();
}

static enum err_code take(void *ctx, const void *data, size_t len, struct err *e)
{
    (void)e;
    buf_add(ctx, data, len);
    return ERR_OK;
}

static void layout(const char *name, const char *json)
{
    fixture_run(&billing, billing.ana, "mapping save", "name", name, "file",
                billing_file("layout.json", json), NULL);
}

static enum err_code again(int64_t file)
{
    struct charge_sums sums;
    buf_clear(&bytes);
    return charges_again(billing.office, file, take, &bytes, &sums, &billing_err);
}

START_TEST(a_file_says_what_is_owed)
{
    layout("banco", CSV_LAYOUT);
    fixture_run(&billing, billing.ana, "customer edit", "customer", "2", "name",
                "Pérez; \"Hijos\"", NULL);
    fixture_run(&billing, billing.marta, "charges send", "layout", "banco", NULL);
    ck_assert_int_eq(again(1), ERR_OK);
    char want[512];
    int64_t owed = billing_count("SELECT open FROM posting WHERE ref = 1 AND kind = 'bill'");
    (void)snprintf(want, sizeof want,
                   "ref;nombre;monto;vence\n2026-00000001;Cliente 1;%lld.%02lld;2026-11-17\n"
                   "2026-00000002;\"P\xC3\xA9rez; \"\"Hijos\"\"\";",
                   (long long)(owed / 100), (long long)(owed % 100));
    ck_assert_msg(strncmp(buf_str(&bytes), want, strlen(want)) == 0, "%s\n%s", buf_str(&bytes),
                  want);
    (void)snprintf(want, sizeof want, "\n3;%lld.%02lld\n", (long long)(3 * owed / 100),
                   (long long)(3 * owed % 100));
    ck_assert(strstr(buf_str(&bytes), want) != NULL);
    ck_assert_int_eq(billing_count("SELECT total FROM charge_file WHERE count = 3 AND "
                                   "layout = 'banco'"),
                     3 * owed);
}
END_TEST

START_TEST(the_same_file_again_whatever_was_paid_since)
{
    char was[4096];
    layout("banco", CSV_LAYOUT);
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "20",
                "method", "card", "slip", "1", NULL);
    fixture_run(&billing, billing.marta, "charges send", "layout", "banco", NULL);
    ck_assert_int_eq(again(1), ERR_OK);
    (void)snprintf(was, sizeof was, "%s", buf_str(&bytes));
    fixture_run(&billing, billing.olga, "payment take", "account", "A00001", "amount", "100",
                "method", "card", "slip", "2", NULL);
    fixture_run(&billing, billing.marta, "bill cancel", "bill", "2", "reason", "r", NULL);
    fixture_run(&billing, billing.olga, "dispute open", "bill", "3", "reason", "r", NULL);
    fixture_run(&billing, billing.ana, "customer edit", "customer", "1", "name", "Otra", NULL);
    layout("banco", FIXED_LAYOUT("14"));
    ck_assert_msg(again(1) == ERR_OK, "%s", billing_err.text);
    ck_assert_str_eq(buf_str(&bytes), was);
    fixture_run(&billing, billing.marta, "charges send", "layout", "banco", NULL);
    ck_assert_int_eq(billing_count("SELECT count FROM charge_file WHERE id = 2"), 1);
    ck_assert_int_eq(again(1), ERR_OK);
    ck_assert_str_eq(buf_str(&bytes), was);
}
END_TEST

START_TEST(a_name_erased_since_is_not_sent_again)
{
    layout("banco", CSV_LAYOUT);
    fixture_run(&billing, billing.marta, "charges send", "layout", "banco", NULL);
    ck_assert_int_eq(again(1), ERR_OK);
    fixture_run(&billing, billing.ana, "customer edit", "customer", "1", "name", "Otra", NULL);
    ck_assert_int_eq(again(1), ERR_OK);
    ck_assert_int_eq(db_run(billing.office->db, &billing_err,
                            "UPDATE personal SET value = NULL, salt = NULL WHERE owner = "
                            "'customer' AND id = 1 AND value = 'Cliente 1'",
                            NO_VALS),
                     ERR_OK);
    ck_assert_int_eq(again(1), ERR_STATE);
    ck_assert(strstr(billing_err.text, "erased") != NULL);
}
END_TEST

START_TEST(fields_of_fixed_width_keep_their_width)
{
    layout("fijo", FIXED_LAYOUT("14"));
    fixture_run(&billing, billing.ana, "customer edit", "customer", "3", "name",
                "\xC3\x91u\xC3\xB1"
                "ez\nde Le\xC3\xB3n y Compa\xC3\xB1\xC3\xAD"
                "a",
                NULL);
    fixture_run(&billing, billing.marta, "charges send", "layout", "fijo", NULL);
    ck_assert_int_eq(again(1), ERR_OK);
    ck_assert_uint_eq(bytes.len, 3 * (4 + 14 + 9 + 10 + 1));
    ck_assert(memcmp(bytes.data, "0001", 4) == 0 && bytes.data[37] == '\n');
    /* ISO 8859-1, a line break is a space, and a name too long is cut */
    ck_assert(memcmp(bytes.data + 2 * 38 + 4,
                     "2026-00000003 \xD1u\xF1"
                     "ez de ",
                     23) == 0);
}
END_TEST

START_TEST(an_amount_or_reference_is_never_cut)
{
    layout("fijo", FIXED_LAYOUT("12"));
    ck_assert_int_eq(fixture_try(&billing, billing.marta, NULL, &billing_err, "charges send",
                                 "layout", "fijo", NULL),
                     ERR_RANGE);
    ck_assert(strstr(billing_err.text, "referencia") != NULL &&
              strstr(billing_err.text, "2026-00000001") != NULL);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM charge_file"), 0);
}
END_TEST

START_TEST(only_what_is_asked_for)
{
    layout("banco", CSV_LAYOUT);
    ck_assert_int_eq(fixture_try(&billing, billing.marta, NULL, &billing_err, "charges send",
                                 "layout", "banco", "due-by", "2026-11-16", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(fixture_try(&billing, billing.marta, NULL, &billing_err, "charges send",
                                 "layout", "banco", "route", "no tal", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(fixture_try(&billing, billing.olga, NULL, &billing_err, "charges send",
                                 "layout", "banco", NULL),
                     ERR_DENIED);
    ck_assert_int_eq(fixture_try(&billing, billing.marta, NULL, &billing_err, "charges send",
                                 "layout", "otro", NULL),
                     ERR_NOT_FOUND);
    fixture_run(&billing, billing.marta, "charges send", "layout", "banco", "due-by",
                "2026-11-17", NULL);
    fixture_run(&billing, billing.olga, "dispute open", "bill", "1", "reason", "r", NULL);
    fixture_run(&billing, billing.marta, "charges send", "layout", "banco", NULL);
    ck_assert_int_eq(billing_count("SELECT count FROM charge_file WHERE id = 2"), 2);
}
END_TEST

START_TEST(a_layouts_faults_are_named)
{
    static const struct {
        const char *json, *says;
    } bad[] = {
        {"{\"kind\":\"charges\",\"format\":\"csv\",\"record\":[]}", "$.record"},
        {"{\"kind\":\"charges\",\"format\":\"csv\",\"record\":[{\"value\":\"amount\"}]}",
         "reference"},
        {"{\"kind\":\"charges\",\"format\":\"fixed\",\"record\":[{\"value\":\"amount\"},"
         "{\"value\":\"reference\",\"width\":9}]}",
         "$.record[0].width"},
        {"{\"kind\":\"charges\",\"format\":\"csv\",\"trailer\":[{\"value\":\"due\"}],"
         "\"record\":[{\"value\":\"amount\"},{\"value\":\"reference\"}]}",
         "$.trailer[0].value"},
        {"{\"kind\":\"charges\",\"format\":\"csv\",\"extra\":1,\"record\":[{\"value\":"
         "\"amount\"},{\"value\":\"reference\"}]}",
         "$.extra"},
        {"{\"kind\":\"charges\",\"format\":\"csv\",\"separator\":\"\\n\",\"record\":"
         "[{\"value\":\"amount\"},{\"value\":\"reference\"}]}",
         "$.separator"},
        {"{\"kind\":\"charges\",\"format\":\"csv\",\"record\":[{\"value\":\"amount\"},"
         "{\"value\":\"reference\"},{\"value\":\"iban\"}]}",
         "$.record[2].value"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(fixture_try(&billing, billing.ana, NULL, &billing_err, "mapping save",
                                     "name", "x", "file",
                                     billing_file("layout.json", bad[i].json), NULL),
                         ERR_PARSE);
        ck_assert_msg(strstr(billing_err.text, bad[i].says) != NULL, "%s: %s", bad[i].json,
                      billing_err.text);
    }
    ck_assert_int_eq(billing_count("SELECT count(*) FROM mapping"), 0);
}
END_TEST

/* A file may name debts as their barcodes do: the bill, or the account where there is none. */
START_TEST(a_file_names_debts_as_their_barcodes_do)
{
    char want[128], bill[PAY_REFERENCE_MAX + 1], account[PAY_REFERENCE_MAX + 1];
    struct pay_reference first = {2026, 1}, second = {0, 2};
    pay_reference_print(&first, bill);
    pay_reference_print(&second, account);
    layout("agencia", "{\"kind\":\"charges\",\"format\":\"csv\",\"record\":[{\"value\":"
                      "\"payment_reference\"},{\"value\":\"amount\"}]}");
    fixture_run(&billing, billing.marta, "note issue", "type", "debit", "account", "A00002",
                "amount", "5", "reason", "r", NULL);
    fixture_run(&billing, billing.marta, "charges send", "layout", "agencia", NULL);
    ck_assert_int_eq(again(1), ERR_OK);
    (void)snprintf(want, sizeof want, "%s;%lld\n", bill,
                   (long long)billing_count("SELECT open FROM posting WHERE ref = 1 AND kind = "
                                            "'bill'"));
    ck_assert_msg(strncmp(buf_str(&bytes), want, strlen(want)) == 0, "%s\n%s", buf_str(&bytes),
                  want);
    (void)snprintf(want, sizeof want, "\n%s;500\n", account);
    ck_assert_msg(strstr(buf_str(&bytes), want) != NULL, "%s\n%s", buf_str(&bytes), want);
}
END_TEST

Suite *suite_charges(void)
{
    Suite *s = suite_create("charges");
    TCase *t = tcase_create("charges");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, a_file_says_what_is_owed);
    tcase_add_test(t, the_same_file_again_whatever_was_paid_since);
    tcase_add_test(t, a_name_erased_since_is_not_sent_again);
    tcase_add_test(t, fields_of_fixed_width_keep_their_width);
    tcase_add_test(t, an_amount_or_reference_is_never_cut);
    tcase_add_test(t, only_what_is_asked_for);
    tcase_add_test(t, a_layouts_faults_are_named);
    tcase_add_test(t, a_file_names_debts_as_their_barcodes_do);
    suite_add_tcase(s, t);
    return s;
}
