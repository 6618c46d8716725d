# fuzz targets of crypto
FUZZERS += tests/fuzz/fuzz_dsse
tests_fuzz_fuzz_dsse_SOURCES = tests/fuzz/fuzz_dsse.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_dsse_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_dsse_LDADD = $(LINK_CRYPTO)
FUZZERS += tests/fuzz/fuzz_merkle
tests_fuzz_fuzz_merkle_SOURCES = tests/fuzz/fuzz_merkle.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_merkle_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_merkle_LDADD = $(LINK_CRYPTO)
FUZZERS += tests/fuzz/fuzz_sealed
tests_fuzz_fuzz_sealed_SOURCES = tests/fuzz/fuzz_sealed.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_sealed_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_sealed_LDADD = $(LINK_CRYPTO)
