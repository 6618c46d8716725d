# fuzz targets of domain
FUZZERS += tests/fuzz/fuzz_tariff
tests_fuzz_fuzz_tariff_SOURCES = tests/fuzz/fuzz_tariff.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_tariff_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_tariff_LDADD = libdomain.a $(LINK_CRYPTO)
