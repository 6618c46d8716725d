/* Taking signed packets in, durably, against bare P-256 checks of the same signed bytes with
 * cached keys on as many threads as there are cores. */
#include <config.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERR_STATE ossl_renamed_err_state
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#undef ERR_STATE

#include "app/packet_intake.h"
#include "base/arena.h"
#include "firmware-adapter/packet.h"
#include "tests/bench/bench.h"
#include "tests/lib/office_fixture.h"

#define DEVICES 64
#define ROUNDS 5
#define CORES_MAX 64
#define START                                                                                  \
    INT64_C(1777600000) /* well before the fixture's clock, after the installation             \
                         */

static struct {
    struct office_fixture office;
    struct sign_key *keys[DEVICES];
    unsigned char spki[DEVICES][128];
    size_t spki_len[DEVICES];
    int64_t next; /* packets of a device so far */
    int64_t each; /* packets of a device a round */
    struct row *rows;
    size_t count;
    int cores;
    uint64_t stored;
} b;

/* One packet: as it is sent, and what is checked of it. */
struct row {
    char text[PACKET_LEN_MAX], canonical[PACKET_LEN_MAX];
    size_t len, canonical_len;
    unsigned char sig[PACKET_SIG_MAX];
    size_t sig_len;
    int device;
};

/* ---- the limit: hash and check the signature ---- */

struct part {
    size_t from, to;
    int bad;
    pthread_t thread;
};

static void *bare_main(void *arg)
{
    struct part *p = arg;
    EVP_PKEY_CTX *ctx[DEVICES];
    unsigned char digest[32];
    for (int i = 0; i < DEVICES; i++) {
        const unsigned char *der = b.spki[i];
        EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)b.spki_len[i]);
        ctx[i] = EVP_PKEY_CTX_new(key, NULL);
        (void)EVP_PKEY_verify_init(ctx[i]);
        EVP_PKEY_free(key);
    }
    for (size_t i = p->from; i < p->to; i++) {
        const struct row *r = &b.rows[i];
        (void)SHA256((const unsigned char *)r->canonical, r->canonical_len, digest);
        p->bad += EVP_PKEY_verify(ctx[r->device], r->sig, r->sig_len, digest, 32) != 1;
    }
    for (int i = 0; i < DEVICES; i++) {
        EVP_PKEY_CTX_free(ctx[i]);
    }
    return NULL;
}

static uint64_t limit_run(void *ctx)
{
    struct part parts[CORES_MAX] = {{0}};
    int bad = 0;
    (void)ctx;
    for (int i = 0; i < b.cores; i++) {
        parts[i].from = b.count * (size_t)i / (size_t)b.cores;
        parts[i].to = b.count * ((size_t)i + 1) / (size_t)b.cores;
        (void)pthread_create(&parts[i].thread, NULL, bare_main, &parts[i]);
    }
    for (int i = 0; i < b.cores; i++) {
        (void)pthread_join(parts[i].thread, NULL);
        bad += parts[i].bad;
    }
    return bad == 0 ? b.count : 0;
}

/* ---- ours ---- */

static void answered(void *ctx, const struct packet_answer *a)
{
    (void)ctx;
    b.stored += a->outcome == PACKET_IS_STORED && !a->held;
    if (a->outcome != PACKET_IS_STORED) {
        (void)fprintf(stderr, "packet %" PRIu64 ": %s\n", a->tag, a->detail);
    }
}

static enum err_code ingest(struct command_ctx *c, struct err *e)
{
    struct packet_intake *in = NULL;
    enum err_code code = packet_intake_open(c, answered, NULL, &in, e);
    for (size_t i = 0; code == ERR_OK && i < b.count; i++) {
        if (packet_intake_full(in)) {
            code = packet_intake_push(in, e);
        }
        if (code == ERR_OK) {
            code = packet_intake_submit(in, b.rows[i].text, b.rows[i].len, i, e);
        }
    }
    if (code == ERR_OK) {
        code = packet_intake_drain(in, e);
    }
    packet_intake_close(in);
    return code;
}

static uint64_t ours_run(void *ctx)
{
    struct arena arena;
    struct err e = ERR_INIT;
    struct command_ctx c = {.office = b.office.office,
                            .session = b.office.ana,
                            .command = command_find("import packets"),
                            .arena = &arena,
                            .date = "2026-11-02"};
    (void)ctx;
    arena_init(&arena, 64 << 20);
    b.stored = 0;
    enum err_code code = ingest(&c, &e);
    arena_release(&arena);
    if (code != ERR_OK || b.stored != b.count) {
        (void)fprintf(stderr, "%" PRIu64 " of %zu taken in: %s\n", b.stored, b.count, e.text);
        return 0;
    }
    return b.count;
}

/* ---- data ---- */

static bool sign(void *ctx, const uint8_t *data, size_t len, uint8_t sig[PACKET_SIG_MAX],
                 size_t *sig_len)
{
    struct row *r = ctx;
    struct signature s;
    struct err e = ERR_INIT;
    if (sign_data(b.keys[r->device], data, len, &s, &e) != ERR_OK) {
        return false;
    }
    memcpy(r->canonical, data, len);
    r->canonical_len = len;
    memcpy(r->sig, s.der, s.len);
    r->sig_len = s.len;
    memcpy(sig, s.der, s.len);
    *sig_len = s.len;
    return true;
}

/* As they come in: every device's packet of one time, then the next time's. */
static void packets_make(void)
{
    size_t at = 0;
    for (int64_t k = 0; k < b.each; k++, b.next++) {
        for (int d = 0; d < DEVICES; d++) {
            char name[32];
            struct row *r = &b.rows[at++];
            (void)snprintf(name, sizeof name, "AKM-%04d", d);
            struct packet_fields f = {.device_id = name,
                                      .firmware = "v1.2.3",
                                      .quantity = PACKET_WATER,
                                      .time = START + b.next * 60,
                                      .nonce = (uint64_t)b.next + 1,
                                      .delta = {3, 3},
                                      .reg = {b.next * 3, 3}};
            r->device = d;
            if (packet_build(&f, sign, r, r->text, sizeof r->text, &r->len) != PACK_OK) {
                abort();
            }
        }
    }
    b.count = at;
}

static void devices_make(void)
{
    struct err e = ERR_INIT;
    fixture_meters(&b.office, DEVICES);
    for (int d = 0; d < DEVICES; d++) {
        char path[FIXTURE_PATH_MAX + 16];
        char name[32];
        char serial[32];
        struct buf spki;
        struct buf hex;
        buf_init(&spki, 256);
        buf_init(&hex, 1024);
        if (sign_key_generate(&b.keys[d], &e) != ERR_OK ||
            sign_key_public(b.keys[d], &spki, &e) != ERR_OK) {
            abort();
        }
        memcpy(b.spki[d], spki.data, spki.len);
        b.spki_len[d] = spki.len;
        buf_add_hex(&hex, spki.data, spki.len);
        (void)snprintf(path, sizeof path, "%s/key.pub", b.office.dir);
        (void)snprintf(name, sizeof name, "AKM-%04d", d);
        (void)snprintf(serial, sizeof serial, "W%05d", d + 1);
        FILE *out = fopen(path, "w");
        if (out == NULL || fputs(buf_str(&hex), out) < 0 || fclose(out) != 0) {
            abort();
        }
        (void)fixture_run(&b.office, b.office.ana, "device add", "name", name, "key", path,
                          "meter", serial, NULL);
        buf_release(&spki);
        buf_release(&hex);
    }
}

int main(int argc, char **argv)
{
    double ours[ROUNDS];
    double limit[ROUNDS];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    bool ok = true;
    b.cores = cores < 1 ? 1 : cores > CORES_MAX ? CORES_MAX : (int)cores;
    b.each = bench_quick(argc, argv) ? 512 : 1280;
    b.rows = calloc((size_t)(b.each * DEVICES), sizeof b.rows[0]);
    if (b.rows == NULL) {
        return EXIT_FAILURE;
    }
    fixture_init(&b.office);
    devices_make();
    for (int i = 0; ok && i < ROUNDS; i++) { /* each round has new packets */
        packets_make();
        int64_t start = bench_now_ns();
        ok = limit_run(NULL) == b.count;
        int64_t middle = bench_now_ns();
        ok = ok && ours_run(NULL) == b.count;
        int64_t end = bench_now_ns();
        limit[i] = (double)b.count * 1e9 / (double)(middle - start);
        ours[i] = (double)b.count * 1e9 / (double)(end - middle);
    }
    printf(
        "# ingest: %zu signed packets of %d devices a round, durable; limit: bare SHA-256 and "
        "P-256 on %d threads, keys cached\n",
        b.count, DEVICES, b.cores);
    if (ok) {
        struct bench_pair pair = {.ours = bench_median(ours, ROUNDS),
                                  .limit = bench_median(limit, ROUNDS)};
        bench_print_rate("ingest", "packets/s", pair, "ratio>=0.70");
    }
    for (int d = 0; d < DEVICES; d++) {
        sign_key_free(b.keys[d]);
    }
    free(b.rows);
    fixture_free(&b.office);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
