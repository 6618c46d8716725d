# Proof files: made, checked, changed.
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_proof
TESTS += tests/unit/check_proof
endif
PROOF_SAMPLE = $(QUICK_FIXTURE) tests/lib/office_busy.c tests/lib/office_busy.h tests/lib/office_segments.c tests/lib/office_segments.h tests/lib/proof_sample.c tests/lib/proof_sample.h
tests_unit_check_proof_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
tests_unit_check_proof_SOURCES = $(PROOF_SAMPLE) tests/lib/proof_mutate.c tests/lib/proof_mutate.h \
	tests/unit/check_proof.c tests/unit/check_proof.h \
	tests/unit/test_proof.c tests/unit/test_proof_bad.c tests/unit/test_proof_keys.c tests/unit/test_proof_mutate.c
tests_unit_check_proof_LDADD = $(LINK_APP) $(UNIT_LIBS)
CLEANFILES += proof-accepted.json
