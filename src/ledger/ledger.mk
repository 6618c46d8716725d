# ledger: entries, items, appending. Reaches projectors by callback.
noinst_LIBRARIES += libledger.a
libledger_a_CFLAGS = $(AM_CFLAGS) $(ZSTD_CFLAGS)
libledger_a_SOURCES = src/ledger/clock.c src/ledger/clock.h src/ledger/entry.c src/ledger/entry.h \
	src/ledger/items.c src/ledger/items.h src/ledger/kinds.c src/ledger/kinds.def src/ledger/kinds.h \
	src/ledger/ledger.c src/ledger/ledger.h
