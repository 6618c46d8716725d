# The one binary. Libraries stand in link order, highest floor first.
bin_PROGRAMS += aforo
aforo_SOURCES = src/main.c
AFORO_LIBS = libui.a libreports.a libapp.a libdomain.a libledger.a libstore.a libcrypto_aforo.a libbase.a
AFORO_SYSTEM_LIBS = $(NCURSES_LIBS) $(XLSXWRITER_LIBS) $(HPDF_LIBS) $(SQLITE_LIBS) $(ZSTD_LIBS) $(ARGON2_LIBS) \
	$(CRYPTO_LIBS) $(ZLIB_LIBS) -lm
