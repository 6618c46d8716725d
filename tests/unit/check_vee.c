/* The tests of validation, estimation and editing. */
#include <config.h>

#include "check_vee.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "lib/office_fixture.h"

int main(void)
{
    i18n_init("en");
    fixture_template();
    SRunner *r = srunner_create(suite_queue());
    srunner_add_suite(r, suite_estimating());
    srunner_add_suite(r, suite_decide());
    srunner_add_suite(r, suite_feeders());
    srunner_add_suite(r, suite_vee_property());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
