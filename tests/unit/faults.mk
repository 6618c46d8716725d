# Faults under a whole office: the disk refuses, is full, loses power; the process is killed; memory is out.
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_faults
TESTS += tests/unit/check_faults
endif
tests_unit_check_faults_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_check_faults_SOURCES = $(UNIT_FIXTURE) \
	tests/lib/disk_fault.c tests/lib/disk_fault.h tests/lib/disk_power.c tests/lib/disk_power.h \
	tests/lib/disk_stream.c \
	tests/lib/fault.c tests/lib/fault.h tests/lib/sqlite_memory.c tests/lib/sqlite_memory.h \
	tests/unit/check_faults.c tests/unit/check_faults.h tests/unit/faults_rig.c tests/unit/faults_spread.c \
	tests/unit/test_fault_clock.c tests/unit/test_fault_full.c tests/unit/test_fault_io.c tests/unit/test_fault_jobs.c \
	tests/unit/test_fault_power.c tests/unit/test_fault_stop.c
tests_unit_check_faults_LDADD = $(LINK_APP) $(UNIT_LIBS)
