# Benchmarks: tests/bench/bench_NAME.c, one or more lines of figures each; see README.md here. Not built by all or check.
#
#     BENCHES += tests/bench/bench_import
#     tests_bench_bench_import_SOURCES = tests/bench/bench_import.c tests/bench/bench.c tests/bench/bench.h
#     tests_bench_bench_import_LDADD = $(LINK_APP)
BENCHES =
BENCHES += tests/bench/bench_verify
tests_bench_bench_verify_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_bench_bench_verify_SOURCES = tests/bench/bench_verify.c tests/bench/bench.c tests/bench/bench.h $(FIXTURE_FILES)
tests_bench_bench_verify_LDADD = $(LINK_APP)
BENCHES += tests/bench/bench_import
tests_bench_bench_import_SOURCES = tests/bench/bench_import.c tests/bench/bench.c tests/bench/bench.h $(FIXTURE_FILES)
tests_bench_bench_import_LDADD = $(LINK_APP)
BENCHES += tests/bench/bench_act
tests_bench_bench_act_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_bench_bench_act_SOURCES = tests/bench/bench_act.c tests/bench/bench.c tests/bench/bench.h $(FIXTURE_FILES)
tests_bench_bench_act_LDADD = $(LINK_APP)
BENCHES += tests/bench/bench_ingest
tests_bench_bench_ingest_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_bench_bench_ingest_SOURCES = tests/bench/bench_ingest.c tests/bench/bench.c tests/bench/bench.h $(FIXTURE_FILES) $(FIRMWARE_PACKET)
tests_bench_bench_ingest_LDADD = $(LINK_APP)
BENCHES += tests/bench/bench_proof
tests_bench_bench_proof_SOURCES = tests/bench/bench_proof.c tests/bench/bench.c tests/bench/bench.h $(PROOF_SAMPLE)
tests_bench_bench_proof_LDADD = $(LINK_APP)
BENCHES += tests/bench/bench_tree
tests_bench_bench_tree_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_bench_bench_tree_SOURCES = tests/bench/bench_tree.c tests/bench/bench.c tests/bench/bench.h
tests_bench_bench_tree_LDADD = $(LINK_LEDGER)
BENCHES += tests/bench/bench_pdf
tests_bench_bench_pdf_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS) $(QRENCODE_CFLAGS) -DAFORO_FONTDIR='"$(FONTDIR)"'
tests_bench_bench_pdf_SOURCES = tests/bench/bench_pdf.c tests/bench/pdf_limit.c tests/bench/pdf_limit.h tests/bench/pdf_ops.c \
	tests/bench/bench.c tests/bench/bench.h
tests_bench_bench_pdf_LDADD = $(LINK_REPORTS)
BENCHES += tests/bench/bench_xlsx
tests_bench_bench_xlsx_CPPFLAGS = $(AM_CPPFLAGS) $(XLSXWRITER_CFLAGS)
tests_bench_bench_xlsx_SOURCES = tests/bench/bench_xlsx.c tests/bench/bench.c tests/bench/bench.h
tests_bench_bench_xlsx_LDADD = $(LINK_REPORTS)
BENCHES += tests/bench/bench_list
tests_bench_bench_list_SOURCES = tests/bench/bench_list.c tests/bench/bench_list_others.c tests/bench/bench_list_others.h tests/bench/big_office.c tests/bench/big_office.h \
	tests/bench/bench.c tests/bench/bench.h $(FIXTURE_FILES)
tests_bench_bench_list_LDADD = $(LINK_APP)
BENCHES += tests/bench/bench_billing
tests_bench_bench_billing_SOURCES = tests/bench/bench_billing.c tests/bench/big_office.c tests/bench/big_office.h \
	tests/bench/bench.c tests/bench/bench.h $(FIXTURE_FILES)
tests_bench_bench_billing_LDADD = $(LINK_APP)
BENCHES += tests/bench/bench_console
tests_bench_bench_console_CPPFLAGS = $(AM_CPPFLAGS) $(NCURSES_CFLAGS)
tests_bench_bench_console_SOURCES = tests/bench/bench_console.c tests/bench/console_limit.c tests/bench/console_limit.h \
	tests/bench/pty.c tests/bench/pty.h tests/bench/big_office.c tests/bench/big_office.h tests/bench/bench.c tests/bench/bench.h \
	$(FIXTURE_FILES)
tests_bench_bench_console_LDADD = $(LINK_UI)
# Needs daemons, which a script starts.
BENCH_TOKEN = tests/bench/bench_token
tests_bench_bench_token_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(P11KIT_CFLAGS)
tests_bench_bench_token_SOURCES = tests/bench/bench_token.c tests/bench/token_limit.h tests/bench/token_limit_hsm.c \
	tests/bench/token_limit_tpm.c tests/bench/bench.c tests/bench/bench.h
tests_bench_bench_token_LDADD = $(LINK_CRYPTO)
EXTRA_PROGRAMS += $(BENCHES) $(BENCH_TOKEN)
CLEANFILES += $(BENCHES) $(BENCH_TOKEN) bench.json
EXTRA_DIST += tests/bench/README.md tests/bench/bench.sh tests/bench/bench_token.sh tests/bench/bench_counter.sh tests/bench/bench.c tests/bench/bench.h

bench: $(BENCHES) $(BENCH_TOKEN) aforo
	$(srcdir)/tests/bench/bench.sh --json bench.json $(BENCHES) $(abs_srcdir)/tests/bench/bench_token.sh $(abs_srcdir)/tests/bench/bench_counter.sh
bench-quick: $(BENCHES) $(BENCH_TOKEN) aforo
	$(srcdir)/tests/bench/bench.sh --quick --json bench.json $(BENCHES) $(abs_srcdir)/tests/bench/bench_token.sh $(abs_srcdir)/tests/bench/bench_counter.sh
.PHONY: bench bench-quick
BENCHES += tests/bench/bench_validation
tests_bench_bench_validation_SOURCES = tests/bench/bench_validation.c tests/bench/bench.c tests/bench/bench.h $(FIXTURE_FILES)
tests_bench_bench_validation_LDADD = $(LINK_APP)
