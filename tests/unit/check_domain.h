/* The suites of domain. */
#ifndef AFORO_TESTS_CHECK_DOMAIN_H
#define AFORO_TESTS_CHECK_DOMAIN_H

#include <check.h>

Suite *suite_bank(void);
Suite *suite_meter(void);
Suite *suite_exact(void);
Suite *suite_tariff(void);
Suite *suite_bill_calc(void);
Suite *suite_bill_property(void);
Suite *suite_tariff_time(void);
Suite *suite_tariff_terms(void);
Suite *suite_urdb(void);
Suite *suite_interleave(void);
Suite *suite_rules_reading(void);
Suite *suite_rules_period(void);
Suite *suite_estimate(void);
Suite *suite_rules_window(void);
Suite *suite_suspicion(void);
Suite *suite_rules_alicante(void);
Suite *suite_period(void);
Suite *suite_tax_id(void);
Suite *suite_pay_code(void);

#endif
