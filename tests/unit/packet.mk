# tests of device packets: the firmware's builder, the two formats, signatures of any curve
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_packet
TESTS += tests/unit/check_packet
endif
tests_unit_check_packet_SOURCES = tests/unit/check_packet.c tests/unit/check_packet.h tests/unit/test_ecdsa.c \
	tests/unit/test_firmware_packet.c tests/unit/test_ocmf.c tests/unit/test_packet.c $(FIRMWARE_PACKET) $(CORPUS_FILES)
tests_unit_check_packet_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_check_packet_LDADD = $(LINK_DOMAIN) $(UNIT_LIBS)
# Makes signed packets for the end-to-end scripts.
check_PROGRAMS += tests/lib/packet_tool
tests_lib_packet_tool_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_lib_packet_tool_SOURCES = tests/lib/packet_tool.c $(FIRMWARE_PACKET)
tests_lib_packet_tool_LDADD = $(CRYPTO_LIBS)
