# fuzz targets of app
FUZZERS += tests/fuzz/fuzz_mapping
tests_fuzz_fuzz_mapping_SOURCES = tests/fuzz/fuzz_mapping.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_mapping_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_mapping_LDADD = $(LINK_APP)
