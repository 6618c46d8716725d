# tests of base
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_base
TESTS += tests/unit/check_base
tests_unit_check_base_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_base_SOURCES = tests/unit/check_base.c tests/unit/check_base.h \
	tests/lib/fault.c tests/lib/fault.h \
	tests/unit/test_arena.c tests/unit/test_buf.c tests/unit/test_caltime.c tests/unit/test_csv.c \
	tests/unit/test_csv_file.c tests/unit/test_env.c tests/unit/test_err.c tests/unit/test_i18n.c \
	tests/unit/test_json.c tests/unit/test_json_jcs.c tests/unit/test_json_parse.c tests/unit/test_money.c \
	tests/unit/test_numfmt.c tests/unit/test_progress.c tests/unit/test_quantity.c tests/unit/test_text.c \
	tests/unit/test_sanitized.c tests/unit/test_text_fold.c tests/unit/test_zone.c tests/unit/test_zone_rule.c
tests_unit_check_base_LDADD = $(LINK_BASE) $(UNIT_LIBS)
endif
