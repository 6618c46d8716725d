# Random keys at the console over a real office, as each role.
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_keys
TESTS += tests/unit/check_keys
endif
tests_unit_check_keys_SOURCES = tests/unit/test_keys.c tests/unit/keys_rig.c tests/unit/keys_rig.h tests/unit/noise_key.h tests/unit/keys_values.c \
	tests/unit/keys_press.c src/verb_console.c src/verb_console_lists.c src/verb_console_export.c \
	src/verb_console_queue.c src/verb_session.c tests/lib/office_busy.c tests/lib/office_busy.h tests/lib/office_segments.c tests/lib/office_segments.h $(QUICK_FIXTURE)
tests_unit_check_keys_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
tests_unit_check_keys_LDADD = $(LINK_UI) $(UNIT_LIBS)
tests_unit_check_keys_SOURCES += tests/unit/test_walk.c src/verb_console_files.c
tests_unit_check_keys_SOURCES += tests/unit/test_robust.c src/verb_console_reading.c
