# tests of domain
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_domain
TESTS += tests/unit/check_domain
endif
tests_unit_check_domain_SOURCES = \
	tests/unit/check_domain.c tests/unit/check_domain.h \
	tests/unit/domain_util.c tests/unit/domain_util.h \
	tests/unit/test_bank.c \
	tests/unit/test_bill_calc.c \
	tests/unit/test_bill_property.c \
	tests/unit/test_exact.c \
	tests/unit/test_interleave.c \
	tests/unit/test_meter.c \
	tests/unit/test_period.c \
	tests/unit/test_rules_alicante.c tests/lib/corpus.c tests/lib/corpus.h tests/lib/fault.c tests/lib/fault.h \
	tests/unit/test_estimate.c tests/unit/test_rules_window.c tests/unit/test_suspicion.c tests/unit/test_rules_period.c \
	tests/unit/test_rules_reading.c \
	tests/unit/test_tariff.c tests/unit/test_tariff_terms.c tests/unit/test_tariff_time.c tests/unit/test_urdb.c
tests_unit_check_domain_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_domain_LDADD = libdomain.a $(LINK_CRYPTO) $(UNIT_LIBS)
tests_unit_check_domain_SOURCES += tests/unit/test_tax_id.c tests/unit/test_pay_code.c
