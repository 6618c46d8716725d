/* The tests of what comes from another system, and of finding it. */
#include <config.h>

#include <check.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "lib/office_fixture.h"

Suite *suite_find(void);
Suite *suite_records(void);
Suite *suite_xlsx(void);
Suite *suite_exchange(void);
Suite *suite_import_run(void);
Suite *suite_import_readings(void);
Suite *suite_import_meters(void);
Suite *suite_reading_judge(void);
Suite *suite_suspects(void);

int main(void)
{
    i18n_init("en");
    fixture_template();
    SRunner *r = srunner_create(suite_find());
    srunner_add_suite(r, suite_records());
    srunner_add_suite(r, suite_xlsx());
    srunner_add_suite(r, suite_exchange());
    srunner_add_suite(r, suite_import_run());
    srunner_add_suite(r, suite_import_readings());
    srunner_add_suite(r, suite_import_meters());
    srunner_add_suite(r, suite_reading_judge());
    srunner_add_suite(r, suite_suspects());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
