/* The tests of mappings, imports and the judging of readings. */
#include <config.h>

#include "check_app.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "lib/office_fixture.h"

int main(void)
{
    i18n_init("en");
    fixture_template();
    SRunner *r = srunner_create(suite_mapping());
    srunner_add_suite(r, suite_import_row());
    srunner_add_suite(r, suite_import_sort());
    srunner_add_suite(r, suite_erasing());
    srunner_add_suite(r, suite_import_facts());
    srunner_add_suite(r, suite_import_hour());
    srunner_add_suite(r, suite_name_map());
    srunner_add_suite(r, suite_witness());
    srunner_add_suite(r, suite_office_list());
    srunner_add_suite(r, suite_office_page());
    srunner_add_suite(r, suite_search());
    srunner_add_suite(r, suite_list_index());
    srunner_add_suite(r, suite_undo());
    srunner_add_suite(r, suite_bank_match());
    srunner_add_suite(r, suite_words());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
