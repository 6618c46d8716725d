/* What the tests of the console share. */
#ifndef AFORO_TESTS_CHECK_UI_H
#define AFORO_TESTS_CHECK_UI_H

#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "ui/cell.h"

Suite *suite_cell(void);
Suite *suite_console(void);
Suite *suite_console_fuzz(void);
Suite *suite_console_golden(void);
Suite *suite_format(void);
Suite *suite_say(void);
Suite *suite_lineedit(void);
Suite *suite_page(void);
Suite *suite_counter(void);
Suite *suite_habits(void);
Suite *suite_plot(void);
Suite *suite_list(void);
Suite *suite_plain(void);
Suite *suite_kiosk(void);
Suite *suite_term_keys(void);
Suite *suite_widget_form(void);
Suite *suite_widget_table(void);
Suite *suite_widgets(void);
Suite *suite_worker(void);

/* The frame is that of tests/golden/ui/NAME.LANG.COLUMNSxROWS.txt (test_console_golden.c). */
void ui_golden(const char *name, const char *lang, const struct frame *f);
/* The frame's text equals `expected`, line by line. */
void assert_frame(const struct frame *f, const char *expected);

#endif
