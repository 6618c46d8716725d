# tests of crypto
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_crypto
TESTS += tests/unit/check_crypto
tests_unit_check_crypto_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(ARGON2_CFLAGS) $(CHECK_CFLAGS)
tests_unit_check_crypto_SOURCES = tests/unit/check_crypto.c tests/unit/check_crypto.h $(CORPUS_FILES) \
	tests/unit/key_samples.h tests/unit/note_samples.h tests/unit/test_age.c tests/unit/test_checkpoint.c tests/unit/test_dsse.c \
	tests/unit/test_hash.c tests/unit/test_keyfile.c tests/unit/test_keystore.c tests/unit/test_merkle.c tests/unit/test_merkle_vectors.c \
	tests/unit/test_note.c tests/unit/test_note_key.c tests/unit/test_seal.c tests/unit/test_sign.c \
	tests/unit/test_sign_keys.c tests/lib/fault.c tests/lib/fault.h
# Lets a test make argon2 fail, which allocates where no hook reaches.
tests_unit_check_crypto_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=argon2id_hash_raw
tests_unit_check_crypto_LDADD = $(LINK_CRYPTO) $(UNIT_LIBS)
tests_unit_check_crypto_SOURCES += tests/lib/openssl_ready.c tests/lib/openssl_ready.h tests/unit/test_cosign.c tests/unit/test_witness_request.c
endif
