# ledger: entries, items, appending. Reaches projectors by callback.
noinst_LIBRARIES += libledger.a
libledger_a_CFLAGS = $(AM_CFLAGS) $(ZSTD_CFLAGS)
libledger_a_SOURCES = src/ledger/audit.c src/ledger/audit.h src/ledger/chain.c src/ledger/chain.h \
	src/ledger/checkpoints.c src/ledger/checkpoints.h \
	src/ledger/clock.c src/ledger/clock.h src/ledger/entry.c src/ledger/entry.h src/ledger/entry_scan.c \
	src/ledger/evidence.c src/ledger/evidence.h \
	src/ledger/export.c src/ledger/export.h \
	src/ledger/items.c src/ledger/items.h src/ledger/item_shelf.c src/ledger/item_shelf.h src/ledger/keyring.c src/ledger/keyring.h \
	src/ledger/items.def src/ledger/kinds.c src/ledger/kinds.def src/ledger/kinds.h \
	src/ledger/ledger.c src/ledger/ledger.h \
	src/ledger/schema.c src/ledger/schema.h src/ledger/schema_compile.c src/ledger/schema_priv.h src/ledger/schema_set.c \
	src/ledger/tree.c src/ledger/tree.h src/ledger/verified.c src/ledger/verified.h \
	src/ledger/proof.c src/ledger/proof.h src/ledger/proof_verify.c \
	src/ledger/ledger.c src/ledger/ledger.h src/ledger/verified.c src/ledger/verified.h \
	src/ledger/dropped.c src/ledger/dropped.h src/ledger/frame.c src/ledger/frame.h \
	src/ledger/segment.c src/ledger/segment.h src/ledger/segment_check.c src/ledger/segment_check.h \
	src/ledger/verify.c src/ledger/verify.h src/ledger/verify_items.c src/ledger/verify_items.h src/ledger/verify_pool.c src/ledger/verify_pool.h
nodist_libledger_a_SOURCES = src/ledger/schemas_data.c
