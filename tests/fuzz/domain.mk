# fuzz targets of domain
FUZZERS += tests/fuzz/fuzz_tariff
tests_fuzz_fuzz_tariff_SOURCES = tests/fuzz/fuzz_tariff.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_tariff_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_tariff_LDADD = libdomain.a $(LINK_CRYPTO)
FUZZERS += tests/fuzz/fuzz_packet
tests_fuzz_fuzz_packet_SOURCES = tests/fuzz/fuzz_packet.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_packet_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_packet_LDADD = $(LINK_DOMAIN)
FUZZERS += tests/fuzz/fuzz_ocmf
tests_fuzz_fuzz_ocmf_SOURCES = tests/fuzz/fuzz_ocmf.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_ocmf_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_ocmf_LDADD = $(LINK_DOMAIN)
FUZZERS += tests/fuzz/fuzz_urdb
tests_fuzz_fuzz_urdb_SOURCES = tests/fuzz/fuzz_urdb.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_urdb_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_urdb_LDADD = $(LINK_DOMAIN)
