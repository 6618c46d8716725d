#include <config.h>

#include "ledger/kinds.h"

#include <string.h>

#include "tests/unit/check_ledger.h"

START_TEST(every_kind_is_found_and_no_other)
{
    for (int i = 0; i < KIND_COUNT; i++) {
        ck_assert_int_eq(kind_find(kinds[i].name, kinds[i].version), i);
        ck_assert_int_eq(kind_find(kinds[i].name, kinds[i].version + 1000), KIND_COUNT);
        ck_assert_int_ge(kinds[i].version, 1);
        ck_assert_ptr_nonnull(strchr(kinds[i].name, '.'));
    }
    ck_assert_int_eq(kind_find("", 1), KIND_COUNT);
    ck_assert_int_eq(kind_find("office.createdx", 1), KIND_COUNT);
    ck_assert_int_eq(kind_find("office.created", 0), KIND_COUNT);
}
END_TEST

START_TEST(batches_and_only_they_have_items)
{
    ck_assert(kind_has_items(KIND_readings_batch));
    ck_assert(kind_has_items(KIND_meters_batch));
    ck_assert(kind_has_items(KIND_billing_batch));
    ck_assert(!kind_has_items(KIND_readings_opened));
    ck_assert(!kind_has_items(KIND_office_created));
    ck_assert(!kind_has_items(KIND_COUNT));
    for (int k = 0; k < KIND_COUNT; k++) {
        const char *dot = strrchr(kinds[k].name, '.');
        ck_assert_int_eq(kind_has_items((enum kind)k), strcmp(dot, ".batch") == 0);
    }
}
END_TEST

/* The root of trust is signed by the office, and acts of people never by it alone. */
START_TEST(signers_are_as_designed)
{
    ck_assert_int_eq(kinds[KIND_office_created].signer, SIGNER_OFFICE);
    ck_assert_int_eq(kinds[KIND_access_refused].signer, SIGNER_OFFICE);
    ck_assert_int_eq(kinds[KIND_reading_recorded].signer, SIGNER_USER);
    ck_assert_int_eq(kinds[KIND_readings_decided].signer, SIGNER_USER);
    ck_assert_int_eq(kinds[KIND_billing_closed].signer, SIGNER_USER);
    ck_assert_int_eq(kinds[KIND_clock_adjusted].signer, SIGNER_USER);
}
END_TEST

Suite *suite_kinds(void)
{
    Suite *s = suite_create("kinds");
    TCase *t = tcase_create("kinds");
    tcase_add_test(t, every_kind_is_found_and_no_other);
    tcase_add_test(t, batches_and_only_they_have_items);
    tcase_add_test(t, signers_are_as_designed);
    suite_add_tcase(s, t);
    return s;
}
