# tests of store
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_store
TESTS += tests/unit/check_store
endif
tests_unit_check_store_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_store_SOURCES = tests/unit/check_store.c tests/unit/check_store.h tests/unit/test_db.c tests/unit/test_migrate.c
tests_unit_check_store_LDADD = $(LINK_STORE) $(UNIT_LIBS)
