#include <config.h>

#include "tests/unit/check_ui.h"

#include <libintl.h>
#include <stdio.h>

#include "base/i18n.h"

void assert_frame(const struct frame *f, const char *expected)
{
    struct buf b;

    buf_init(&b, 1u << 20);
    frame_dump(f, &b);
    ck_assert_str_eq(buf_str(&b), expected);
    buf_release(&b);
}

int main(void)
{
    SRunner *runner;
    int failed;
    char catalogues[4096];
    const char *build = getenv("AFORO_BUILDDIR");

    i18n_init("en");
    (void)snprintf(catalogues, sizeof(catalogues), "%s/data/po", build != NULL ? build : ".");
    (void)bindtextdomain("aforo", catalogues);
    runner = srunner_create(suite_cell());
    srunner_add_suite(runner, suite_format());
    srunner_add_suite(runner, suite_say());
    srunner_add_suite(runner, suite_lineedit());
    srunner_add_suite(runner, suite_page());
    srunner_add_suite(runner, suite_counter());
    srunner_add_suite(runner, suite_habits());
    srunner_add_suite(runner, suite_plot());
    srunner_add_suite(runner, suite_term_keys());
    srunner_add_suite(runner, suite_widgets());
    srunner_add_suite(runner, suite_widget_form());
    srunner_add_suite(runner, suite_widget_table());
    srunner_add_suite(runner, suite_worker());
    srunner_add_suite(runner, suite_list());
    srunner_add_suite(runner, suite_plain());
    srunner_add_suite(runner, suite_console());
    srunner_add_suite(runner, suite_console_golden());
    srunner_add_suite(runner, suite_console_fuzz());
    srunner_add_suite(runner, suite_kiosk());
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
