/* The suites of what comes in from outside. */
#ifndef AFORO_TESTS_CHECK_APP_H
#define AFORO_TESTS_CHECK_APP_H

#include <check.h>

Suite *suite_erasing(void);
Suite *suite_import_facts(void);
Suite *suite_import_hour(void);
Suite *suite_import_row(void);
Suite *suite_import_sort(void);
Suite *suite_mapping(void);
Suite *suite_name_map(void);
Suite *suite_office_list(void);
Suite *suite_office_page(void);
Suite *suite_search(void);
Suite *suite_list_index(void);
Suite *suite_undo(void);
Suite *suite_bank_match(void);
Suite *suite_words(void);
Suite *suite_witness(void);

#endif
