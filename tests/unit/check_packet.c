/* The tests of device packets: the firmware's builder, both formats, foreign signatures. */
#include <config.h>

#include "tests/unit/check_packet.h"

#include <stdlib.h>
#include <string.h>

bool host_sign(void *ctx, const uint8_t *data, size_t len, uint8_t sig[PACKET_SIG_MAX],
               size_t *sig_len)
{
    struct signature s;
    struct err e = ERR_INIT;
    if (ctx == NULL || sign_data(ctx, data, len, &s, &e) != ERR_OK) {
        return false;
    }
    memcpy(sig, s.der, s.len);
    *sig_len = s.len;
    return true;
}

struct packet_fields sample_fields(uint64_t nonce)
{
    return (struct packet_fields){.device_id = "AKM-0001",
                                  .firmware = "v1.2.3",
                                  .quantity = PACKET_ENERGY,
                                  .time = 1756461780,
                                  .nonce = nonce,
                                  .delta = {125, 3},
                                  .reg = {12500 + (int64_t)nonce, 3},
                                  .has_electric = true,
                                  .voltage = {2201, 1},
                                  .current = {57, 2},
                                  .power_factor = {980, 3}};
}

void sample_packet(struct sign_key *key, const struct packet_fields *f, struct buf *out)
{
    size_t len = 0;
    char *at = buf_reserve(out, PACKET_LEN_MAX);
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(packet_build(f, host_sign, key, at, PACKET_LEN_MAX, &len), PACK_OK);
    out->len += len;
}

struct ecdsa_key *device_key(const struct sign_key *key)
{
    struct buf spki;
    struct ecdsa_key *k = NULL;
    struct err e = ERR_INIT;
    buf_init(&spki, 256);
    ck_assert_int_eq(sign_key_public(key, &spki, &e), ERR_OK);
    ck_assert_int_eq(ecdsa_key_load(spki.data, spki.len, &k, &e), ERR_OK);
    buf_release(&spki);
    return k;
}

int main(void)
{
    SRunner *r = srunner_create(suite_ecdsa());
    srunner_add_suite(r, suite_firmware_packet());
    srunner_add_suite(r, suite_packet());
    srunner_add_suite(r, suite_ocmf());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
