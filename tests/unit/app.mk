# tests of app: what comes in from outside (the command path has commands.mk)
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_app
TESTS += tests/unit/check_app
endif
tests_unit_check_app_SOURCES = tests/unit/check_app.c tests/unit/check_app.h tests/unit/app_util.c tests/unit/app_util.h \
	tests/unit/test_import_facts.c tests/unit/test_import_hour.c \
	tests/unit/test_import_row.c \
	tests/unit/test_import_sort.c tests/unit/test_mapping.c tests/unit/test_name_map.c \
	$(QUICK_FIXTURE)
tests_unit_check_app_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
tests_unit_check_app_LDADD = $(LINK_APP) $(UNIT_LIBS)
tests_unit_check_app_SOURCES += tests/unit/test_witness.c
tests_unit_check_app_SOURCES += tests/unit/test_office_page.c
tests_unit_check_app_SOURCES += tests/unit/test_office_list.c tests/lib/office_busy.c tests/lib/office_busy.h tests/lib/office_segments.c tests/lib/office_segments.h
tests_unit_check_app_SOURCES += tests/unit/test_search.c
tests_unit_check_app_SOURCES += tests/unit/test_list_index.c tests/unit/list_acts.c tests/unit/list_acts.h
tests_unit_check_app_SOURCES += tests/unit/test_bank_match.c
tests_unit_check_app_SOURCES += tests/unit/test_undo.c tests/unit/test_words.c
tests_unit_check_app_SOURCES += tests/unit/test_erasing.c
