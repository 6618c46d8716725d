# Fuzz targets: tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput, kept corpus in tests/fuzz/corpus/fuzz_NAME/.
# In a normal build each target is linked with replay.c and `make check` replays its corpus; in a build with
# --enable-fuzzing it is linked with libFuzzer. A target is four lines in its floor's .mk file here:
#
#     FUZZERS += tests/fuzz/fuzz_json
#     tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(FUZZ_DRIVER)
#     tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
#     tests_fuzz_fuzz_json_LDADD = $(LINK_BASE)
if FUZZING
FUZZ_DRIVER = $(FUZZ_BOUND)
else
FUZZ_DRIVER = tests/fuzz/replay.c $(FUZZ_BOUND)
endif
# Each input is also held to a bound of memory.
FUZZ_BOUND = tests/fuzz/bound.c tests/lib/alloc_meter.c tests/lib/alloc_meter.h
FUZZERS =
include tests/fuzz/base.mk
include tests/fuzz/crypto.mk
include tests/fuzz/ledger.mk
include tests/fuzz/domain.mk
include tests/fuzz/app.mk
include tests/fuzz/ui.mk
check_PROGRAMS += $(FUZZERS)
# Linked with libFuzzer a target without options would never end: run.sh runs those.
if !FUZZING
TESTS += $(FUZZERS)
endif
EXTRA_DIST += $(wildcard $(srcdir)/tests/fuzz/corpus) tests/fuzz/run.sh tests/fuzz/build.sh tests/fuzz/replay.c

# What runtests builds in its libFuzzer folder.
fuzz-programs: $(FUZZERS)
fuzz-list:
	@echo $(FUZZERS)
# make fuzz [FUZZ_SECONDS=60]: from any build folder, in a libFuzzer build of its own below it.
FUZZ_SECONDS = 10
fuzz:
	$(srcdir)/tests/fuzz/build.sh '$(abs_builddir)/build-fuzz'
	$(srcdir)/tests/fuzz/run.sh '$(abs_builddir)/build-fuzz' $(FUZZ_SECONDS)
.PHONY: fuzz fuzz-programs fuzz-list
