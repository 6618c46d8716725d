# fuzz targets of app
FUZZERS += tests/fuzz/fuzz_mapping
tests_fuzz_fuzz_mapping_SOURCES = tests/fuzz/fuzz_mapping.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_mapping_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_mapping_LDADD = $(LINK_APP)
FUZZERS += tests/fuzz/fuzz_erasures
tests_fuzz_fuzz_erasures_SOURCES = tests/fuzz/fuzz_erasures.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_erasures_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_erasures_LDADD = $(LINK_APP)
FUZZERS += tests/fuzz/fuzz_age
tests_fuzz_fuzz_age_SOURCES = tests/fuzz/fuzz_age.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_age_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_age_LDADD = $(LINK_APP)
FUZZERS += tests/fuzz/fuzz_proof
tests_fuzz_fuzz_proof_SOURCES = tests/fuzz/fuzz_proof.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_proof_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_proof_LDADD = $(LINK_APP)
