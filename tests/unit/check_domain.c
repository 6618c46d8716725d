/* The tests of domain. */
#include <config.h>

#include <check.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "check_domain.h"

int main(void)
{
    i18n_init("en");
    SRunner *r = srunner_create(suite_meter());
    srunner_add_suite(r, suite_bank());
    srunner_add_suite(r, suite_exact());
    srunner_add_suite(r, suite_tariff());
    srunner_add_suite(r, suite_bill_calc());
    srunner_add_suite(r, suite_bill_property());
    srunner_add_suite(r, suite_tariff_time());
    srunner_add_suite(r, suite_tariff_terms());
    srunner_add_suite(r, suite_urdb());
    srunner_add_suite(r, suite_interleave());
    srunner_add_suite(r, suite_rules_reading());
    srunner_add_suite(r, suite_rules_period());
    srunner_add_suite(r, suite_estimate());
    srunner_add_suite(r, suite_rules_window());
    srunner_add_suite(r, suite_suspicion());
    srunner_add_suite(r, suite_rules_alicante());
    srunner_add_suite(r, suite_period());
    srunner_add_suite(r, suite_tax_id());
    srunner_add_suite(r, suite_pay_code());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
