# tests of validation, estimation and editing through the command path
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_vee
TESTS += tests/unit/check_vee
endif
tests_unit_check_vee_SOURCES = tests/unit/check_vee.c tests/unit/check_vee.h tests/unit/vee_util.c tests/unit/vee_util.h \
	tests/unit/test_queue.c tests/unit/test_vee_property.c tests/unit/test_feeders.c tests/unit/test_decide.c tests/unit/test_estimating.c $(QUICK_FIXTURE)
tests_unit_check_vee_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
tests_unit_check_vee_LDADD = $(LINK_APP) $(UNIT_LIBS)
