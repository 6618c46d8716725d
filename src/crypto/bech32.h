/* Bech32, as age writes its keys: text with a sum that finds wrong characters.
 * Source: BIP 173. */
#ifndef AFORO_CRYPTO_BECH32_H
#define AFORO_CRYPTO_BECH32_H

#include <stdbool.h>
#include <stdint.h>

/* The 32 bytes that `text` holds under `prefix`, in one case throughout; false when it holds
 * none, or another number of bytes. */
bool bech32_decode(const char *text, const char *prefix, uint8_t out[32]);

#endif
