# The one binary. LINK_FLOOR is what a program that uses FLOOR links with: its library, those below, and theirs.
LINK_BASE = libbase.a $(EXPAT_LIBS) $(ZLIB_LIBS) -lm
LINK_CRYPTO = libcrypto_aforo.a libbase.a $(ARGON2_LIBS) $(P11KIT_LIBS) $(CRYPTO_LIBS) $(EXPAT_LIBS) $(ZLIB_LIBS) -lm
LINK_STORE = libstore.a $(LINK_CRYPTO) $(SQLITE_LIBS) $(ZSTD_LIBS)
LINK_LEDGER = libledger.a $(LINK_STORE)
LINK_DOMAIN = libdomain.a $(LINK_LEDGER)
LINK_APP = libapp.a $(LINK_DOMAIN)
LINK_REPORTS = libreports.a $(LINK_APP) $(XLSXWRITER_LIBS) $(HPDF_LIBS) $(HARFBUZZ_LIBS) $(QRENCODE_LIBS)
LINK_UI = libui.a $(LINK_REPORTS) $(NCURSES_LIBS)

bin_PROGRAMS += aforo
aforo_SOURCES = src/main.c src/verb.h src/verbs.def \
	src/verb_backup.c \
	src/verb_bank.c \
	src/verb_console.c \
	src/verb_key.c \
	src/verb_personal.c \
	src/verb_proof.c \
	src/verb_report.c \
	src/verb_session.c \
	src/verb_tariff.c \
	src/verb_verify.c
aforo_LDADD = $(LINK_UI)
aforo_SOURCES += src/verb_witness.c
aforo_SOURCES += src/verb_find.c
aforo_SOURCES += src/verb_reading.c
aforo_SOURCES += src/verb_receipt.c
aforo_SOURCES += src/verb_console.h src/verb_console_lists.c
