# base: errors, memory, text, numbers, time, JSON, CSV. Sees nothing of ours.
noinst_LIBRARIES += libbase.a
libbase_a_CPPFLAGS = $(AM_CPPFLAGS)
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/caltime.c src/base/caltime.h \
	src/base/clocale.c src/base/clocale.h \
	src/base/csv.c src/base/csv.h \
	src/base/env.c src/base/env.h \
	src/base/err.c src/base/err.h \
	src/base/i18n.c src/base/i18n.h \
	src/base/json.c src/base/json.h src/base/json_priv.h src/base/json_jcs.c src/base/json_parse.c \
	src/base/money.c src/base/money.h \
	src/base/numfmt.c \
	src/base/progress.c src/base/progress.h \
	src/base/quantity.c src/base/quantity.h \
	src/base/sheet.c src/base/sheet.h \
	src/base/text.c src/base/text.h src/base/text_fold.c \
	src/base/xml.c src/base/xml.h \
	src/base/zone.c src/base/zone_rule.c src/base/zone_rule.h
# Sheets of workbooks.
libbase_a_SOURCES += src/base/xlsx.c src/base/xlsx.h src/base/xlsx_cell.c src/base/xlsx_cell.h src/base/xlsx_priv.h \
	src/base/xlsx_rows.c
