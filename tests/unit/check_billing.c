#include <config.h>

#include "tests/unit/check_billing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"

struct office_fixture billing;
struct err billing_err;

void billing_setup(void)
{
    billing_err = (struct err)ERR_INIT;
    fixture_init(&billing);
    fixture_meters(&billing, 3);
}

void billing_teardown(void)
{
    fixture_free(&billing);
}

void billing_run(void)
{
    const char *serials[] = {"W00001", "W00002", "W00003"};
    for (size_t i = 0; i < 3; i++) {
        fixture_run(&billing, billing.olga, "reading add", "serial", serials[i], "value", "10",
                    "time", "2026-09-01 08:00", NULL);
        fixture_run(&billing, billing.olga, "reading add", "serial", serials[i], "value", "20",
                    "time", "2026-09-30 08:00", NULL);
    }
    fixture_run(&billing, billing.marta, "bill run", "from", "2026-09-01", "to", "2026-10-01",
                NULL);
}

int64_t billing_count(const char *sql)
{
    int64_t n = -1;
    ck_assert_msg(db_get_int(billing.office->db, &n, NULL, &billing_err, sql, NO_VALS) ==
                      ERR_OK,
                  "%s", billing_err.text);
    return n;
}

const char *billing_file(const char *name, const char *text)
{
    static char path[FIXTURE_PATH_MAX + 64];
    (void)snprintf(path, sizeof path, "%s/%s", billing.dir, name);
    FILE *f = fopen(path, "w");
    ck_assert(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
    return path;
}

int main(void)
{
    i18n_init("en");
    fixture_template();
    SRunner *r = srunner_create(suite_receipt());
    srunner_add_suite(r, suite_charges());
    srunner_add_suite(r, suite_cycle());
    srunner_add_suite(r, suite_charged());
    srunner_add_suite(r, suite_try());
    srunner_add_suite(r, suite_document());
    srunner_add_suite(r, suite_bill_row());
    srunner_add_suite(r, suite_note_lines());
    srunner_add_suite(r, suite_race());
    srunner_add_suite(r, suite_year_property());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
