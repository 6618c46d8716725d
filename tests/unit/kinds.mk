# tests of every kind of entry: golden bytes and schemas
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_kinds
TESTS += tests/unit/check_kinds
endif
tests_unit_check_kinds_SOURCES = $(QUICK_FIXTURE) tests/lib/office_busy.c tests/lib/office_busy.h tests/lib/office_segments.c tests/lib/office_segments.h \
	tests/lib/office_kinds.c tests/lib/office_kinds.h \
	tests/unit/check_kinds.c tests/unit/check_kinds.h tests/unit/test_kinds_golden.c tests/unit/test_schema_agree.c
tests_unit_check_kinds_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_kinds_LDADD = $(LINK_APP) $(UNIT_LIBS)
EXTRA_DIST += tests/lib/schema_agree.py
