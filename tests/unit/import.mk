# tests of what comes from another system, and of finding it
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_import
TESTS += tests/unit/check_import
endif
tests_unit_check_import_SOURCES = tests/unit/check_import.c tests/unit/test_find.c $(QUICK_FIXTURE)
tests_unit_check_import_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
tests_unit_check_import_LDADD = $(LINK_APP) $(UNIT_LIBS)
tests_unit_check_import_SOURCES += tests/unit/test_records.c
tests_unit_check_import_SOURCES += tests/unit/test_xlsx.c tests/lib/workbook.c tests/lib/workbook.h
tests_unit_check_import_SOURCES += tests/unit/test_exchange.c
tests_unit_check_import_SOURCES += tests/unit/test_suspects.c
tests_unit_check_import_SOURCES += tests/unit/app_util.c tests/unit/app_util.h tests/unit/test_import_run.c \
	tests/unit/test_import_readings.c tests/unit/test_import_meters.c tests/unit/test_reading_judge.c
