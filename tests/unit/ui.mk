# tests of ui
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_ui
TESTS += tests/unit/check_ui
tests_unit_check_ui_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_ui_SOURCES = tests/unit/check_ui.c tests/unit/check_ui.h tests/unit/ui_fake.c tests/unit/ui_fake_list.c tests/unit/ui_fake_page.c \
	tests/unit/ui_rig.c tests/unit/ui_rig.h \
	tests/unit/test_cell.c tests/unit/test_console.c tests/unit/test_console_fuzz.c \
	tests/unit/test_console_golden.c tests/unit/test_format.c tests/unit/test_say.c tests/unit/test_lineedit.c tests/unit/test_list.c tests/unit/test_plain.c tests/unit/test_page.c tests/unit/test_plot.c \
	tests/unit/test_term_keys.c tests/unit/test_widget_form.c tests/unit/test_widget_table.c \
	tests/unit/test_widgets.c tests/unit/test_worker.c
tests_unit_check_ui_LDADD = $(LINK_UI) $(UNIT_LIBS)
EXTRA_tests_unit_check_ui_DEPENDENCIES = $(CATALOGUES)
tests_unit_check_ui_SOURCES += tests/unit/test_kiosk.c
endif
EXTRA_DIST += $(wildcard $(srcdir)/tests/golden/ui/*.txt)
if HAVE_CHECK
tests_unit_check_ui_SOURCES += tests/unit/test_counter.c
tests_unit_check_ui_SOURCES += tests/unit/test_habits.c
endif
