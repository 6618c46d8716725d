# The one binary. LINK_FLOOR is what a program that uses FLOOR links with: its library, those below, and theirs.
LINK_BASE = libbase.a $(ZIP_LIBS) $(EXPAT_LIBS) $(ZLIB_LIBS) -lm
LINK_CRYPTO = libcrypto_aforo.a libbase.a $(ARGON2_LIBS) $(P11KIT_LIBS) $(TSS2_LIBS) $(CRYPTO_LIBS) $(ZIP_LIBS) $(EXPAT_LIBS) $(ZLIB_LIBS) -lm
LINK_STORE = libstore.a $(LINK_CRYPTO) $(SQLITE_LIBS) $(ZSTD_LIBS)
LINK_LEDGER = libledger.a $(LINK_STORE)
LINK_DOMAIN = libdomain.a $(LINK_LEDGER)
LINK_APP = libapp.a $(LINK_DOMAIN)
LINK_REPORTS = libreports.a $(LINK_APP) $(XLSXWRITER_LIBS) $(HPDF_LIBS) $(HARFBUZZ_LIBS) $(PNG_LIBS) $(QRENCODE_LIBS) $(ZINT_LIBS)
LINK_UI = libui.a $(LINK_REPORTS) $(NCURSES_LIBS)

bin_PROGRAMS += aforo
aforo_SOURCES = src/main.c src/verb.h src/verb_backup.c src/verb_bank.c src/verb_charges.c src/verb_console.c \
	src/verb_console.h src/verb_console_export.c src/verb_console_export.h src/verb_console_files.c \
	src/verb_console_lists.c src/verb_console_queue.c src/verb_console_queue.h src/verb_console_reading.c \
	src/verb_document.c src/verb_find.c src/verb_first.c src/verb_help.c src/verb_journal.c src/verb_key.c \
	src/verb_kiosk.c src/verb_note.c src/verb_notice.c src/verb_paper.c src/verb_personal.c src/verb_proof.c \
	src/verb_reading.c src/verb_receipt.c src/verb_reconcile.c src/verb_report.c src/verb_session.c src/verb_tariff.c \
	src/verb_verify.c src/verb_witness.c src/verbs.def
aforo_LDADD = $(LINK_UI)

# The manual and the completions, written by the program from its own tables.
man_MANS = doc/aforo.1
bashcompletiondir = $(datadir)/bash-completion/completions
nodist_bashcompletion_DATA = doc/bash/aforo
zshcompletiondir = $(datadir)/zsh/site-functions
nodist_zshcompletion_DATA = doc/zsh/_aforo
manesdir = $(mandir)/es/man1
nodist_manes_DATA = doc/es/aforo.1
CLEANFILES += doc/aforo.1 doc/es/aforo.1 doc/bash/aforo doc/zsh/_aforo
doc/aforo.1: aforo$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./aforo$(EXEEXT) --lang en help --format man >$@.tmp && mv -f $@.tmp $@
doc/es/aforo.1: aforo$(EXEEXT) $(CATALOGUES)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./aforo$(EXEEXT) --lang es help --format man >$@.tmp && mv -f $@.tmp $@
doc/bash/aforo: aforo$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./aforo$(EXEEXT) --lang en help --format bash >$@.tmp && mv -f $@.tmp $@
doc/zsh/_aforo: aforo$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./aforo$(EXEEXT) --lang en help --format zsh >$@.tmp && mv -f $@.tmp $@
