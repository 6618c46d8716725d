# tests of the command path: parameters, permissions, races, the office's own commands
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_commands
TESTS += tests/unit/check_commands
endif
tests_unit_check_commands_SOURCES = tests/unit/check_commands.c tests/unit/test_command.c tests/unit/test_money_property.c tests/unit/test_office_keys.c tests/unit/test_request.c \
	tests/unit/test_request_faults.c tests/lib/fault.c tests/lib/fault.h $(QUICK_FIXTURE)
tests_unit_check_commands_SOURCES += tests/unit/test_meter_life.c
tests_unit_check_commands_SOURCES += tests/unit/test_collection.c tests/unit/test_cut.c
tests_unit_check_commands_SOURCES += tests/unit/test_permissions.c tests/unit/test_own.c
tests_unit_check_commands_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
tests_unit_check_commands_LDADD = $(LINK_APP) $(UNIT_LIBS)
tests_unit_check_commands_SOURCES += tests/unit/test_paper.c
