# crypto: hashes, Merkle trees, signatures, keys at rest. The only floor that sees OpenSSL, argon2, p11-kit and tss2.
noinst_LIBRARIES += libcrypto_aforo.a
libcrypto_aforo_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(ARGON2_CFLAGS) $(P11KIT_CFLAGS) $(TSS2_CFLAGS)
libcrypto_aforo_a_SOURCES = \
	src/crypto/age.c src/crypto/age.h src/crypto/bech32.c src/crypto/bech32.h \
	src/crypto/checkpoint.c src/crypto/checkpoint.h \
	src/crypto/cosign.c src/crypto/cosign.h \
	src/crypto/dsse.c src/crypto/dsse.h \
	src/crypto/ecdsa.c src/crypto/ecdsa.h \
	src/crypto/hash.c src/crypto/hash.h \
	src/crypto/keyfile.c src/crypto/keyfile.h \
	src/crypto/keystore.c src/crypto/keystore.h \
	src/crypto/merkle.c src/crypto/merkle.h \
	src/crypto/note.c src/crypto/note.h src/crypto/note_line.c src/crypto/note_line.h \
	src/crypto/ossl.c src/crypto/ossl.h \
	src/crypto/seal.c src/crypto/seal.h \
	src/crypto/sign.c src/crypto/sign.h \
	src/crypto/tlog_proof.c src/crypto/tlog_proof.h \
	src/crypto/token.h src/crypto/token_pkcs11.c src/crypto/token_tpm2.c
libcrypto_aforo_a_SOURCES += src/crypto/witness_request.c src/crypto/witness_request.h
libcrypto_aforo_a_SOURCES += src/crypto/tpm_nv.c src/crypto/tpm_nv.h
