/* Field papers: filled in once, printed from the tables, due again, void when wrong; who signed
 * is personal data. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "app/field_paper.h"
#include "lib/office_fixture.h"

Suite *suite_paper(void);

static struct office_fixture f;
static struct err e;
static struct arena arena;

static void setup(void)
{
    fixture_init(&f);
    e = (struct err)ERR_INIT;
    arena_init(&arena, 1 << 20);
    fixture_meters(&f, 3);
    fixture_run(&f, f.ana, "user roles", "login", "luis", "roles", "supervisor,installer",
                NULL);
}

static void teardown(void)
{
    arena_release(&arena);
    fixture_free(&f);
}

static int64_t count(const char *sql)
{
    int64_t n = -1;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

static void calibrate(const char *serial, const char *due)
{
    fixture_run(&f, f.luis, "paper calibration", "serial", serial, "laboratory", "Banco 2",
                "standard", "P-7", "error-nominal", "-0.8", "limit", "2.0", "verdict", "fit",
                "due", due, NULL);
}

START_TEST(a_paper_says_what_was_filled_in)
{
    struct field_paper p;
    fixture_run(&f, f.ana, "work open", "kind", "inspect", "serial", "W00002", "reason", "fuga",
                NULL);
    fixture_run(&f, f.luis, "paper installation", "serial", "W00002", "connection", "1/2\"",
                "seals", "S-1, S-2", "signer", "Rosa Vega", "work", "1", NULL);
    ck_assert_msg(field_paper_load(f.office, 1, &arena, &p, &e) == ERR_OK, "%s", e.text);
    ck_assert_str_eq(paper_template_code(p.template), "installation");
    ck_assert_str_eq(p.serial, "W00002");
    ck_assert_str_eq(p.account, "A00002");
    ck_assert_str_eq(p.signer, "Rosa Vega");
    ck_assert_str_eq(p.author, "Luis Brenes Mata");
    ck_assert_int_eq(p.work, 1);
    ck_assert_uint_eq(p.value_count, 2);
    ck_assert_str_eq(p.values[0].name, "connection");
    ck_assert_str_eq(p.values[0].text, "1/2\"");
    ck_assert_str_eq(p.values[1].text, "S-1, S-2");
    ck_assert(!p.is_void);
    ck_assert_str_eq(p.due, "");
    ck_assert_int_eq(field_paper_load(f.office, 2, &arena, &p, &e), ERR_NOT_FOUND);
}
END_TEST

START_TEST(an_inspection_is_due_again_in_a_year)
{
    struct field_paper p;
    fixture_run(&f, f.luis, "paper seals", "serial", "W00001", "finding", "whole", "seals", "S",
                NULL);
    ck_assert_int_eq(field_paper_load(f.office, 1, &arena, &p, &e), ERR_OK);
    ck_assert_int_eq(count("SELECT due = date(date, '+1 year') FROM field_paper"), 1);
    ck_assert_str_eq(p.signer, "");
    ck_assert_str_eq(p.values[0].text, "whole");
}
END_TEST

START_TEST(what_does_not_fit_is_refused_and_recorded_nowhere)
{
    int64_t before = count("SELECT max(seq) FROM entry");
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "paper seals", "serial", "W00009",
                                 "finding", "whole", "seals", "S", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "paper seals", "serial", "W00001",
                                 "finding", "loose", "seals", "S", NULL),
                     ERR_USAGE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "paper seals", "serial", "W00001",
                                 "finding", "whole", "seals", "S", "due", "2020-01-01", NULL),
                     ERR_USAGE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "paper seals", "serial", "W00001",
                                 "finding", "whole", "seals", "S", "work", "7", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "paper installation", "serial", "W00001",
                                 "connection", "x", "seals", "S", NULL),
                     ERR_USAGE); /* nobody signed for the customer */
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &e, "paper void", "paper", "1", "reason", "x", NULL),
        ERR_NOT_FOUND);
    ck_assert_int_eq(count("SELECT max(seq) FROM entry"), before);
}
END_TEST

START_TEST(a_paper_is_about_the_meter_of_its_work_order)
{
    fixture_run(&f, f.ana, "work open", "kind", "inspect", "serial", "W00002", "reason", "fuga",
                NULL);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "paper seals", "serial", "W00001",
                                 "finding", "whole", "seals", "S", "work", "1", NULL),
                     ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(e.text, "another meter"));
}
END_TEST

/* A reading by hand is no signature of the meter's. */
START_TEST(only_what_the_meter_signed_stands_for_it)
{
    fixture_run(&f, f.olga, "reading add", "serial", "W00001", "value", "10", NULL);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "paper calibration", "serial", "W00001",
                                 "laboratory", "B", "standard", "P", "error-nominal", "0",
                                 "limit", "2", "verdict", "fit", "due", "2031-01-01", "reading",
                                 "1", NULL),
                     ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(e.text, "signed itself"));
}
END_TEST

START_TEST(a_void_paper_stays_on_record_and_is_void_once)
{
    struct field_paper p;
    calibrate("W00001", "2031-11-21");
    fixture_run(&f, f.ana, "paper void", "paper", "1", "reason", "otro contador", NULL);
    ck_assert_int_eq(field_paper_load(f.office, 1, &arena, &p, &e), ERR_OK);
    ck_assert(p.is_void);
    ck_assert_str_eq(p.void_reason, "otro contador");
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &e, "paper void", "paper", "1", "reason", "x", NULL),
        ERR_STATE);
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &e, "paper void", "paper", "1", "reason", "x", NULL),
        ERR_DENIED);
}
END_TEST

START_TEST(a_signature_is_erased_with_its_customer)
{
    struct field_paper p;
    fixture_run(&f, f.olga, "paper consent", "account", "A00002", "purpose", "avisos por SMS",
                "answer", "given", "signer", "Rosa Vega", NULL);
    int64_t customer = count("SELECT customer FROM account WHERE number = 'A00002'");
    char number[24];
    (void)snprintf(number, sizeof number, "%lld", (long long)customer);
    fixture_run(&f, f.ana, "personal erase", "customer", number, "field", "signer", "force",
                "1", "reason", "pedido", NULL);
    ck_assert_int_eq(field_paper_load(f.office, 1, &arena, &p, &e), ERR_OK);
    ck_assert_ptr_null(strstr(p.signer, "Rosa"));
    ck_assert_int_eq(
        count("SELECT count(*) FROM personal WHERE owner = 'field_paper' AND value NOT NULL"),
        0);
}
END_TEST

Suite *suite_paper(void)
{
    Suite *s = suite_create("paper");
    TCase *t = tcase_create("paper");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_paper_says_what_was_filled_in);
    tcase_add_test(t, an_inspection_is_due_again_in_a_year);
    tcase_add_test(t, what_does_not_fit_is_refused_and_recorded_nowhere);
    tcase_add_test(t, a_paper_is_about_the_meter_of_its_work_order);
    tcase_add_test(t, only_what_the_meter_signed_stands_for_it);
    tcase_add_test(t, a_void_paper_stays_on_record_and_is_void_once);
    tcase_add_test(t, a_signature_is_erased_with_its_customer);
    suite_add_tcase(s, t);
    return s;
}
