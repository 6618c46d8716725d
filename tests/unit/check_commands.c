/* The tests of the command path. */
#include <config.h>

#include <check.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "lib/office_fixture.h"

Suite *suite_command(void);
Suite *suite_meter_life(void);
Suite *suite_office_keys(void);
Suite *suite_request(void);
Suite *suite_money_property(void);
Suite *suite_collection(void);
Suite *suite_request_faults(void);
Suite *suite_cut(void);
Suite *suite_paper(void);
Suite *suite_permissions(void);
Suite *suite_own(void);

int main(void)
{
    i18n_init("en");
    fixture_template();
    SRunner *r = srunner_create(suite_command());
    srunner_add_suite(r, suite_meter_life());
    srunner_add_suite(r, suite_office_keys());
    srunner_add_suite(r, suite_request());
    srunner_add_suite(r, suite_money_property());
    srunner_add_suite(r, suite_collection());
    srunner_add_suite(r, suite_request_faults());
    srunner_add_suite(r, suite_cut());
    srunner_add_suite(r, suite_paper());
    srunner_add_suite(r, suite_permissions());
    srunner_add_suite(r, suite_own());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
