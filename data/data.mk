# data: what the program reads as data. Migrations and grants are embedded, catalogues compiled, the rest installed.
MIGRATIONS = $(sort $(wildcard $(srcdir)/data/migrations/*.sql))
EMBED = $(srcdir)/data/embed.sh
EXTRA_DIST += $(MIGRATIONS) data/embed.sh data/embedded.h $(wildcard $(srcdir)/data/grants.csv) data/synonyms.csv

# One row a file, in the order of their numbers; declared in src/store/migrate.h, compiled into libstore.a by
# nodist_libstore_a_SOURCES in store.mk.
src/store/migrations_data.c: $(MIGRATIONS) $(EMBED)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sh $(EMBED) migrations $(MIGRATIONS) >$@.tmp && mv -f $@.tmp $@
# const char grants_csv[]: what each role may do; declared in data/embedded.h, compiled in by nodist_libapp_a_SOURCES.
src/app/grants_data.c: $(srcdir)/data/grants.csv $(EMBED)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sh $(EMBED) string grants_csv $(srcdir)/data/grants.csv >$@.tmp && mv -f $@.tmp $@
# const char synonyms_csv[]: other words for screens and commands; declared in data/embedded.h, compiled into libui.a.
ui/synonyms_data.c: $(srcdir)/data/synonyms.csv $(EMBED)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sh $(EMBED) string synonyms_csv $(srcdir)/data/synonyms.csv >$@.tmp && mv -f $@.tmp $@
CLEANFILES += ui/synonyms_data.c
# What entries and items may say, a file a kind and version; declared in src/ledger/schema.h, compiled into libledger.a.
SCHEMAS = $(sort $(wildcard $(srcdir)/data/schemas/*.json))
EXTRA_DIST += $(SCHEMAS)
src/ledger/schemas_data.c: $(SCHEMAS) $(EMBED)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sh $(EMBED) schemas $(SCHEMAS) >$@.tmp && mv -f $@.tmp $@
CLEANFILES += src/store/migrations_data.c src/app/grants_data.c src/ledger/schemas_data.c

# The demo, layouts of files for banks and tariffs are installed as they are, folders kept.
DATA_TREES = demo layouts tariffs
DATA_FILES = $(wildcard $(foreach t,$(DATA_TREES),$(srcdir)/data/$t/*))
EXTRA_DIST += $(DATA_FILES)
install-data-local:
	@for f in $(patsubst $(srcdir)/data/%,%,$(DATA_FILES)); do \
	  test -f '$(srcdir)/data/'"$$f" || continue; \
	  $(MKDIR_P) '$(DESTDIR)$(pkgdatadir)/'"$${f%/*}" && \
	  $(INSTALL_DATA) '$(srcdir)/data/'"$$f" '$(DESTDIR)$(pkgdatadir)/'"$$f" || exit 1; \
	done
uninstall-local:
	rm -f $(patsubst $(srcdir)/data/%,'$(DESTDIR)$(pkgdatadir)/%',$(DATA_FILES))
# Folders last, when the rest of what was in them is gone.
uninstall-hook:
	for t in $(DATA_TREES) systemd; do rmdir '$(DESTDIR)$(pkgdatadir)/'"$$t" 2>/dev/null || :; done
	rmdir '$(DESTDIR)$(pkgdatadir)' 2>/dev/null || :

# The kiosk's unit for systemd, in its own place of the package's data: docs/kiosk.md says how it is taken into use.
systemddatadir = $(pkgdatadir)/systemd
dist_systemddata_DATA = data/systemd/aforo-kiosk@.service

# Message catalogues: English stands in the source, data/po/LANG.po translates it.
LINGUAS = es
CATALOGUES = $(LINGUAS:%=data/po/%/LC_MESSAGES/aforo.mo)
EXTRA_DIST += $(LINGUAS:%=data/po/%.po)
CLEANFILES += $(CATALOGUES)
localeesdir = $(localedir)/es/LC_MESSAGES
nodist_localees_DATA = data/po/es/LC_MESSAGES/aforo.mo
data/po/%/LC_MESSAGES/aforo.mo: $(srcdir)/data/po/%.po
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MSGFMT) -c -o $@ $<

# Take new strings from the source into the catalogues; keeps what is translated.
# The columns of reports/rep_office.def have their headings in macros.
XGETTEXT_COLUMNS = --keyword=TEXT:2,3t --keyword=ID:2,3t --keyword=INT:2,2t --keyword=COUNT:2,2t --keyword=QTY:2,2t \
	--keyword=QTY_SUM:2,2t --keyword=MONEY:2,2t --keyword=DATE:2,2t --keyword=TIME:2,2t --keyword=NUMBER:2,2t --keyword=BALANCE:2,2t --keyword=PERCENT:2,2t
XGETTEXT_FLAGS = --from-code=UTF-8 --language=C --keyword=_ --keyword=N_ --keyword=ngettext:1,2 $(XGETTEXT_COLUMNS) --force-po --sort-by-file \
	--add-location=file --package-name=aforo --foreign-user --flag=_:1:pass-c-format --add-comments=Translators
data/po/aforo.pot: FORCE
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cd $(srcdir) && find src ui reports drivers -name '*.[ch]' -o -name '*.def' 2>/dev/null | LC_ALL=C sort | \
	  $(XGETTEXT) $(XGETTEXT_FLAGS) --files-from=- -o '$(abs_builddir)/$@'
CLEANFILES += data/po/aforo.pot
update-po: data/po/aforo.pot
	for l in $(LINGUAS); do \
	  $(MSGMERGE) --quiet --update --backup=none --no-fuzzy-matching --sort-by-file --add-location=file \
	    $(srcdir)/data/po/$$l.po data/po/aforo.pot && \
	  $(MSGATTRIB) --no-obsolete -o $(srcdir)/data/po/$$l.po $(srcdir)/data/po/$$l.po && \
	  sed -i '/^"POT-Creation-Date:/d' $(srcdir)/data/po/$$l.po || exit 1; \
	done
FORCE:
.PHONY: update-po FORCE
