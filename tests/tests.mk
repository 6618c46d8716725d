# Unit tests: one Check program a floor, tests/unit/check_FLOOR; each floor's list is its own file.
# Tests that read the larger corpora (AFORO_DATA) add these to their sources.
CORPUS_FILES = tests/lib/corpus.c tests/lib/corpus.h
# Tests that need an office with users, tariffs and meters; they link with $(LINK_APP).
FIXTURE_FILES = tests/lib/office_fixture.c tests/lib/office_fixture.h
# The same for unit tests, whose passwords cost nothing; and for those that are not about the disk, whose syncs cost nothing.
UNIT_FIXTURE = $(FIXTURE_FILES) tests/lib/cheap_password.c
QUICK_FIXTURE = $(UNIT_FIXTURE) tests/lib/cheap_sync.c
# What every Check program is linked with: fewer messages an assertion, and how the sanitizers look on.
check_LIBRARIES = tests/lib/libunit.a
tests_lib_libunit_a_SOURCES = tests/lib/check_points.c tests/lib/sanitized.c
UNIT_LIBS = tests/lib/check_points.$(OBJEXT) tests/lib/sanitized.$(OBJEXT) $(CHECK_LIBS)
# What a device signs with, on the host.
FIRMWARE_PACKET = firmware-adapter/packet.c firmware-adapter/packet.h
# In the order in which they start: the longest first, so that two cores are busy to the end.
include tests/unit/faults.mk
include tests/unit/memory.mk
include tests/unit/ledger.mk
include tests/unit/domain.mk
include tests/unit/crypto.mk
include tests/unit/ui.mk
include tests/unit/keys.mk
include tests/unit/proof.mk
include tests/unit/base.mk
include tests/unit/app.mk
include tests/unit/reports.mk
include tests/unit/kinds.mk
include tests/unit/import.mk
include tests/unit/commands.mk
include tests/unit/vee.mk
include tests/unit/billing.mk
include tests/unit/packet.mk
include tests/unit/group.mk
include tests/unit/store.mk
include tests/fuzz/fuzz.mk
include tests/bench/bench.mk

# Every test program, none run.
check-programs: $(check_PROGRAMS)

# Rules that the compiler does not know (tests/lint/lint.sh), and proof that each of them bites.
lint:
	$(srcdir)/tests/lint/lint.sh $(srcdir)
	$(srcdir)/tests/lint/selftest.sh
# Rewrite the golden files from what the program does now: look at the difference, and say why in the commit.
update-golden:
	AFORO_UPDATE_GOLDEN=1 $(MAKE) check
	-git -C $(srcdir) diff --stat -- tests/golden
# The same of the kinds of entries alone, and docs/kinds.md.
update-kinds: tests/unit/check_kinds
	cd '$(abs_builddir)' && AFORO_SRCDIR='$(abs_top_srcdir)' srcdir='$(abs_top_srcdir)' AFORO_UPDATE_GOLDEN=1 LC_ALL=C.UTF-8 tests/unit/check_kinds
	$(srcdir)/tests/lib/kinds_doc.sh >kinds.md.tmp && mv -f kinds.md.tmp $(srcdir)/docs/kinds.md
.PHONY: check-programs lint update-golden update-kinds

EXTRA_DIST += $(wildcard $(srcdir)/tests/lib/*.sh $(srcdir)/tests/lib/*.awk $(srcdir)/tests/lib/*.py $(srcdir)/tests/lint/* $(srcdir)/tests/e2e/* $(srcdir)/tests/tlog/*) \
	$(wildcard $(srcdir)/tests/golden $(srcdir)/tests/fixtures)
