/* What the tests of device packets share. */
#ifndef AFORO_TESTS_CHECK_PACKET_H
#define AFORO_TESTS_CHECK_PACKET_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/sign.h"
#include "domain/packet.h"
#include "firmware-adapter/packet.h"

Suite *suite_ecdsa(void);
Suite *suite_firmware_packet(void);
Suite *suite_packet(void);
Suite *suite_ocmf(void);

/* The firmware's way to sign, over a host's key: ctx is a struct sign_key. */
bool host_sign(void *ctx, const uint8_t *data, size_t len, uint8_t sig[PACKET_SIG_MAX],
               size_t *sig_len);
/* A sound energy packet of "AKM-0001": register 12.5 + nonce/1000 kWh. */
struct packet_fields sample_fields(uint64_t nonce);
/* It, signed; appended to out. */
void sample_packet(struct sign_key *key, const struct packet_fields *f, struct buf *out);
/* The same key for checking. */
struct ecdsa_key *device_key(const struct sign_key *key);

#endif
