# base: errors, memory, text, numbers, time, JSON, CSV. Sees nothing of ours.
noinst_LIBRARIES += libbase.a
libbase_a_CPPFLAGS = $(AM_CPPFLAGS)
libbase_a_SOURCES = src/base/err.h
