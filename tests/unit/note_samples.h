/* A note and its keys, published elsewhere. */
#ifndef AFORO_TESTS_NOTE_SAMPLES_H
#define AFORO_TESTS_NOTE_SAMPLES_H

/* The example of Go's golang.org/x/mod/sumdb/note (note.go, note_test.go): keys, text and
 * signatures of two people. Ed25519 is deterministic, so the same key has to give the same
 * bytes. */
#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define ENOCH "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define TEXT                                                                                   \
    "If you think cryptography is the answer to your problem,\n"                               \
    "then you don't know what your problem is.\n"
#define PETER_SIG                                                                              \
    "\xe2\x80\x94 PeterNeumann "                                                               \
    "x08go/ZJkuBS9UG/"                                                                         \
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ENOCH_SIG                                                                              \
    "\xe2\x80\x94 EnochRoot "                                                                  \
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/"                                             \
    "5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
/* base64 of 0x01 || seed in its private key string, here as PKCS#8 (RFC 8410 section 7). */
static const char peter_pkcs8[] =
    "302e020100300506032b657004220420"
    "810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173";

#endif
