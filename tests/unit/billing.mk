# tests of bills, receipts, files for banks and agencies, and the year
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_billing
TESTS += tests/unit/check_billing
endif
tests_unit_check_billing_SOURCES = tests/unit/check_billing.c tests/unit/check_billing.h $(QUICK_FIXTURE)
tests_unit_check_billing_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
tests_unit_check_billing_LDADD = $(LINK_REPORTS) $(UNIT_LIBS)
tests_unit_check_billing_SOURCES += tests/unit/test_receipt.c tests/unit/test_charges.c tests/unit/test_cycle.c tests/unit/test_charged.c tests/unit/test_try.c tests/unit/test_document.c \
	tests/unit/test_year_property.c tests/unit/test_race.c
tests_unit_check_billing_SOURCES += tests/unit/test_bill_row.c
tests_unit_check_billing_SOURCES += tests/unit/test_note_lines.c
