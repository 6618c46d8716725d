# tests of ledger
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_ledger
TESTS += tests/unit/check_ledger
endif
tests_unit_check_ledger_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_ledger_SOURCES = tests/lib/openssl_ready.c tests/lib/openssl_ready.h \
	tests/lib/fault.c tests/lib/fault.h \
	tests/unit/check_ledger.c tests/unit/check_ledger.h \
	tests/unit/test_audit.c tests/unit/test_chain.c tests/unit/test_clock.c tests/unit/test_entry.c tests/unit/test_entry_scan.c tests/unit/test_export.c \
	tests/unit/test_items.c tests/unit/test_keyring.c tests/unit/test_kinds.c tests/unit/test_ledger.c tests/unit/test_schema.c \
	tests/unit/test_tree.c tests/unit/test_verified.c tests/unit/test_verify.c tests/unit/test_verify_flip.c tests/unit/test_verify_pool.c
tests_unit_check_ledger_LDADD = $(LINK_LEDGER) $(UNIT_LIBS)
# Verification of a whole office, and the tamper matrix; the program is its own second process.
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_verify
TESTS += tests/unit/check_verify
endif
tests_unit_check_verify_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_check_verify_SOURCES = $(UNIT_FIXTURE) tests/lib/office_busy.c tests/lib/office_busy.h tests/lib/office_segments.c tests/lib/office_segments.h \
	tests/lib/sqlite_map.c tests/lib/sqlite_map.h \
	tests/unit/check_verify.c tests/unit/check_verify.h \
	tests/unit/tamper.h tests/unit/tamper_clever.c tests/unit/tamper_sql.c \
	tests/unit/test_office_checkpoint.c tests/unit/test_rebuild.c tests/unit/test_segment.c tests/unit/test_tamper.c tests/unit/test_tamper_pages.c tests/unit/test_verify_office.c
tests_unit_check_verify_LDADD = $(LINK_APP) $(UNIT_LIBS)
