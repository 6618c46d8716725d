/* The bare tokens that bench_token measures against: a few lines over PKCS#11 and over
 * OpenSSL's provider for TPMs, without any of ours. Each ends the program where something
 * fails. */
#ifndef AFORO_TESTS_BENCH_TOKEN_LIMIT_H
#define AFORO_TESTS_BENCH_TOKEN_LIMIT_H

#include <stddef.h>
#include <stdint.h>

/* The first P-256 and the first Ed25519 private key of the module's token, logged in already.
 */
void limit_hsm_open(const char *module);
/* One signature of each: of a digest, and of a text. */
void limit_hsm_window(const uint8_t digest[32], const void *text, size_t len);
void limit_hsm_close(void);

/* Two new P-256 keys of the TPM, one signature of each a window. */
void limit_tpm_open(void);
void limit_tpm_window(const uint8_t entry[32], const uint8_t checkpoint[32]);
void limit_tpm_close(void);

#endif
