#include <config.h>

#include "tests/unit/check_kinds.h"

#include <stdlib.h>

int main(void)
{
    goldens_take();
    SRunner *runner = srunner_create(suite_kinds_golden());
    srunner_add_suite(runner, suite_schema_agree());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
