/* The suites of validation, estimation and editing. */
#ifndef AFORO_TESTS_CHECK_VEE_H
#define AFORO_TESTS_CHECK_VEE_H

#include <check.h>

Suite *suite_queue(void);
Suite *suite_vee_property(void);
Suite *suite_feeders(void);
Suite *suite_decide(void);
Suite *suite_estimating(void);

#endif
