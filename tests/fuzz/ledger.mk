# fuzz targets of ledger
FUZZERS += tests/fuzz/fuzz_entry
tests_fuzz_fuzz_entry_SOURCES = tests/fuzz/fuzz_entry.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_entry_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_entry_LDADD = $(LINK_LEDGER)
FUZZERS += tests/fuzz/fuzz_items
tests_fuzz_fuzz_items_SOURCES = tests/fuzz/fuzz_items.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_items_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_items_LDADD = $(LINK_LEDGER)
FUZZERS += tests/fuzz/fuzz_export
tests_fuzz_fuzz_export_SOURCES = tests/fuzz/fuzz_export.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_export_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_export_LDADD = $(LINK_LEDGER)
FUZZERS += tests/fuzz/fuzz_verified
tests_fuzz_fuzz_verified_SOURCES = tests/fuzz/fuzz_verified.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_verified_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_verified_LDADD = $(LINK_LEDGER)
