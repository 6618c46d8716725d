# store: the only floor that sees SQLite.
noinst_LIBRARIES += libstore.a
libstore_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
libstore_a_SOURCES = src/store/db.c src/store/db_own.c src/store/db.h src/store/migrate.c src/store/migrate.h src/store/tables.def
libstore_a_SOURCES += src/store/db_priv.h src/store/db_functions.c src/store/db_functions.h
nodist_libstore_a_SOURCES = src/store/migrations_data.c
