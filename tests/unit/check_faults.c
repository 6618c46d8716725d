#include <config.h>

#include "tests/unit/check_faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/rebuild.h"
#include "domain/project.h"
#include "tests/lib/sqlite_memory.h"

/* The second process of a deep check is this program again. */
static int second_process(const char *export_path, const char *dir)
{
    struct err e = ERR_INIT;
    enum err_code code =
        rebuild_reporting(export_path, dir, &office_projector, NULL, stdout, &e);
    if (code != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e.text);
    }
    return err_exit_status(code);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "rebuild") == 0) {
        return second_process(argv[2], argv[3]);
    }
    sqlite_memory_install();
    rig_make();
    SRunner *runner = srunner_create(suite_fault_io());
    srunner_add_suite(runner, suite_fault_stop());
    srunner_add_suite(runner, suite_fault_power());
    srunner_add_suite(runner, suite_fault_full());
    srunner_add_suite(runner, suite_fault_jobs());
    srunner_add_suite(runner, suite_fault_clock());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
