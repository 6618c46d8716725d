# tests of group commit
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_group
TESTS += tests/unit/check_group
endif
tests_unit_check_group_SOURCES = tests/unit/check_group.c $(UNIT_FIXTURE) \
	tests/lib/disk_fault.c tests/lib/disk_fault.h tests/lib/disk_power.c tests/lib/disk_power.h
tests_unit_check_group_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_group_LDADD = $(LINK_APP) $(UNIT_LIBS)
