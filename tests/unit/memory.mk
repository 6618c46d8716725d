# What each reader of outside bytes takes of memory, measured.
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_memory
# Sanitizers change what an allocation takes; there the fuzz targets hold each reader to its bound.
if !FUZZING
TESTS += tests/unit/check_memory
endif
endif
tests_unit_check_memory_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_memory_SOURCES = tests/lib/alloc_meter.c tests/lib/alloc_meter.h \
	tests/unit/check_memory.c tests/unit/check_memory.h tests/unit/memory_readers.c
tests_unit_check_memory_LDADD = $(LINK_REPORTS) $(UNIT_LIBS)
