# domain: the office's work as pure functions, and the projectors of its tables.
noinst_LIBRARIES += libdomain.a
libdomain_a_SOURCES = \
	src/domain/project.c src/domain/project.h \
	src/domain/project_bill.c src/domain/project_meter.c \
	src/domain/project_office.c src/domain/project_reading.c
