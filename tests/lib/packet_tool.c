/* Makes signed packets on a host with the firmware's own code, for tests and for trying things
 * out.
 * usage: packet_tool KEY.pem DEVICE QUANTITY NONCE COUNT TIME STEP REGISTER DELTA
 * KEY.pem: private key on secp256r1 or secp256k1. QUANTITY: energy, water or gas. TIME: seconds
 * since 1970 of the first packet; STEP seconds between two. REGISTER, DELTA: in thousandths of
 * kWh or m3, the register after the first packet, and how much it grows each time. One packet a
 * line. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "firmware-adapter/packet.h"

static bool sign(void *ctx, const uint8_t *data, size_t len, uint8_t sig[PACKET_SIG_MAX],
                 size_t *sig_len)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    *sig_len = PACKET_SIG_MAX;
    bool ok = md != NULL && EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, ctx) == 1 &&
              EVP_DigestSign(md, sig, sig_len, data, len) == 1;
    EVP_MD_CTX_free(md);
    return ok;
}

static EVP_PKEY *key_read(const char *path)
{
    FILE *f = fopen(path, "rb");
    EVP_PKEY *key = f == NULL ? NULL : PEM_read_PrivateKey(f, NULL, NULL, NULL);
    if (f != NULL) {
        (void)fclose(f);
    }
    return key;
}

static int packets_print(EVP_PKEY *key, struct packet_fields f, int64_t count, int64_t step,
                         int64_t grow)
{
    for (int64_t i = 0; i < count; i++) {
        char out[PACKET_LEN_MAX];
        size_t len = 0;
        enum packet_status status = packet_build(&f, sign, key, out, sizeof out, &len);
        if (status != PACK_OK) {
            (void)fprintf(stderr, "packet_tool: packet %" PRIu64 ": status %d\n", f.nonce,
                          (int)status);
            return EXIT_FAILURE;
        }
        (void)fwrite(out, 1, len, stdout);
        (void)putchar('\n');
        f.nonce++;
        f.time += step;
        f.reg.value += grow;
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc != 10) {
        (void)fprintf(stderr, "usage: packet_tool KEY.pem DEVICE energy|water|gas NONCE COUNT "
                              "TIME STEP REGISTER DELTA\n");
        return EXIT_FAILURE;
    }
    EVP_PKEY *key = key_read(argv[1]);
    int64_t n[6];
    for (int i = 0; i < 6; i++) {
        n[i] = strtoll(argv[4 + i], NULL, 10);
    }
    bool energy = strcmp(argv[3], "energy") == 0;
    struct packet_fields f = {.device_id = argv[2],
                              .firmware = "v1.2.3",
                              .quantity = energy                          ? PACKET_ENERGY
                                          : strcmp(argv[3], "water") == 0 ? PACKET_WATER
                                                                          : PACKET_GAS,
                              .time = n[2],
                              .nonce = (uint64_t)n[0],
                              .delta = {n[5], 3},
                              .reg = {n[4], 3},
                              .has_electric = energy,
                              .voltage = {2201, 1},
                              .current = {57, 2},
                              .power_factor = {98, 2}};
    if (key == NULL) {
        (void)fprintf(stderr, "packet_tool: no private key in %s\n", argv[1]);
        return EXIT_FAILURE;
    }
    int status = packets_print(key, f, n[1], n[3], n[5]);
    EVP_PKEY_free(key);
    return status;
}
