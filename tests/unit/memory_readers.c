#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/bill_code.h"
#include "app/erasures.h"
#include "app/high_water.h"
#include "app/mapping.h"
#include "app/proof_check.h"
#include "app/recovery.h"
#include "app/witness_memory.h"
#include "base/csv.h"
#include "crypto/age.h"
#include "crypto/dsse.h"
#include "crypto/ecdsa.h"
#include "crypto/keyfile.h"
#include "crypto/note_line.h"
#include "crypto/seal.h"
#include "crypto/tlog_proof.h"
#include "crypto/witness_request.h"
#include "domain/bank.h"
#include "domain/packet.h"
#include "domain/tariff.h"
#include "domain/urdb.h"
#include "ledger/entry.h"
#include "ledger/export.h"
#include "ledger/schema.h"
#include "ledger/segment_check.h"
#include "ledger/verified.h"
#include "reports/pdf_attachment.h"
#include "tests/unit/check_memory.h"

/* So much that no arena's own limit hides what a reader asks for. */
#define ARENA_BYTES ((size_t)4 << 30)

static enum err_code json_within(const char *text, size_t len, const struct json_limits *limits,
                                 struct err *e)
{
    struct arena a;
    struct json *v = NULL;
    arena_init(&a, ARENA_BYTES);
    enum err_code code = json_parse(text, len, limits, &a, &v, e);
    arena_release(&a);
    return code;
}

enum err_code read_json(const char *text, size_t len, struct err *e)
{
    return json_within(text, len, &json_limits_default, e);
}

enum err_code read_json_entry(const char *text, size_t len, struct err *e)
{
    return json_within(text, len, &json_limits_entry, e);
}

enum err_code read_packet(const char *text, size_t len, struct err *e)
{
    struct packet_scratch scratch;
    struct packet p;
    enum packet_refusal why = PACKET_TAKEN;
    packet_scratch_init(&scratch);
    enum err_code code = packet_parse(text, len, &scratch, &p, &why, e);
    packet_scratch_release(&scratch);
    return code;
}

enum err_code read_dsse(const char *text, size_t len, struct err *e)
{
    struct dsse d;
    struct buf body;
    buf_init(&body, DSSE_ENVELOPE_MAX);
    enum err_code code = dsse_parse(text, len, &d, &body, e);
    buf_release(&body);
    return code;
}

enum err_code read_entry(const char *text, size_t len, struct err *e)
{
    struct arena a;
    struct entry en;
    arena_init(&a, ARENA_BYTES);
    enum err_code code = entry_decode(text, len, &a, &en, e);
    arena_release(&a);
    return code;
}

enum err_code read_schema(const char *text, size_t len, struct err *e)
{
    return schema_check_canonical(text, len, e);
}

/* Judged, and besides read to its end as it is. */
enum err_code read_segment(const char *text, size_t len, struct err *e)
{
    struct segment_seen seen;
    struct segment_reader in;
    struct err ignored = ERR_INIT;
    struct segment_record r = {.type = SEGMENT_NOTE};
    const struct segment_watch watch = {.ctx = NULL};
    FILE *f = fmemopen((void *)(uintptr_t)text, len, "rb");
    CHECK(f != NULL);
    (void)!segment_check(f, &watch, &seen, &ignored);
    rewind(f);
    enum err_code code = segment_open(&in, f, e);
    while (code == ERR_OK && r.type != SEGMENT_END) {
        code = segment_next(&in, false, &r, e);
    }
    segment_close(&in);
    (void)fclose(f);
    return code;
}

enum err_code read_export(const char *text, size_t len, struct err *e)
{
    struct export_reader in;
    struct export_record rec = {EXPORT_ENTRY, NULL, 0};
    FILE *f = fmemopen((void *)(uintptr_t)text, len, "rb");
    CHECK(f != NULL);
    enum err_code code = export_open(&in, f, e);
    while (code == ERR_OK && rec.type != EXPORT_END) {
        code = export_next(&in, &rec, e);
    }
    export_close(&in);
    (void)fclose(f);
    return code;
}

static const char log_vkey[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

enum err_code read_note(const char *text, size_t len, struct err *e)
{
    struct note_verifier *v = NULL;
    struct note_verified out;
    enum err_code code = note_verifier_parse(log_vkey, &v, e);
    if (code == ERR_OK) {
        const struct note_verifier *known = v;
        code = note_verify(text, len, &known, 1, &out, e);
    }
    note_verifier_free(v);
    return code;
}

enum err_code read_checkpoint(const char *text, size_t len, struct err *e)
{
    struct checkpoint c;
    return checkpoint_parse(text, len, &c, e);
}

/* With the line of a witness of our own below it, so that there is one to be found. */
enum err_code read_cosigned(const char *text, size_t len, struct err *e)
{
    static struct cosigner *c;
    static struct sign_key *key;
    struct cosigned out;
    struct buf note;
    size_t text_len = note_text_len(text, len);
    buf_init(&note, NOTE_SIZE_MAX);
    if (c == NULL) {
        CHECK(sign_key_generate_as(KEY_ED25519, &key, NULL) == ERR_OK);
        CHECK(cosigner_vkey("witness.example/w1", key, &note, NULL) == ERR_OK);
        CHECK(cosigner_parse(buf_str(&note), &c, NULL) == ERR_OK);
        buf_clear(&note);
    }
    buf_add(&note, text, len);
    enum err_code code = buf_status(&note, "note", e);
    if (code == ERR_OK && text_len > 0) {
        code = cosign(text, text_len, 1, "witness.example/w1", key, &note, e);
    }
    if (code == ERR_OK) {
        code = cosign_check(buf_str(&note), note.len, c, &out, e);
    }
    buf_release(&note);
    return code;
}

enum err_code read_vkey(const char *text, size_t len, struct err *e)
{
    struct note_verifier *v = NULL;
    struct cosigner *c = NULL;
    (void)len;
    enum err_code code = note_verifier_parse(text, &v, e);
    note_verifier_free(v);
    if (code != ERR_OK) {
        code = cosigner_parse(text, &c, e);
    }
    cosigner_free(c);
    return code;
}

enum err_code read_tlog_proof(const char *text, size_t len, struct err *e)
{
    struct tlog_proof p;
    return tlog_proof_parse(text, len, &p, e);
}

enum err_code read_witness_request(const char *text, size_t len, struct err *e)
{
    static struct witness_request r;
    return witness_request_parse(text, len, &r, e);
}

enum err_code read_witness_memory(const char *text, size_t len, struct err *e)
{
    static struct witness_memory m;
    return witness_memory_parse(text, len, &m, e);
}

enum err_code read_proof(const char *text, size_t len, struct err *e)
{
    struct proof_checked c;
    proof_checked_init(&c);
    enum err_code code = proof_check(text, len, NULL, 0, &c, e);
    proof_checked_release(&c);
    return code;
}

enum err_code read_bill_code(const char *text, size_t len, struct err *e)
{
    struct bill_code c;
    return bill_code_parse(text, len, &c, e);
}

enum err_code read_pdf(const char *text, size_t len, struct err *e)
{
    struct buf out;
    buf_init(&out, PROOF_SIZE_MAX);
    enum err_code code = pdf_attachment(text, len, &out, e);
    buf_release(&out);
    return code;
}

static enum err_code bank(enum err_code (*reader)(const char *, size_t, struct arena *,
                                                  struct bank_file *, struct err *),
                          const char *text, size_t len, struct err *e)
{
    struct arena a;
    struct bank_file f;
    arena_init(&a, ARENA_BYTES);
    enum err_code code = reader(text, len, &a, &f, e);
    arena_release(&a);
    return code;
}

enum err_code read_camt(const char *text, size_t len, struct err *e)
{
    return bank(bank_read_camt, text, len, e);
}

enum err_code read_mt940(const char *text, size_t len, struct err *e)
{
    return bank(bank_read_mt940, text, len, e);
}

enum err_code read_csv(const char *text, size_t len, struct err *e)
{
    char path[64];
    struct csv *c = NULL;
    struct csv_row row;
    bool eof = false;
    int fd = memfd_create("memory", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, text, len) == (ssize_t)len);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum err_code code = csv_open(path, ';', false, &c, e);
    while (code == ERR_OK && !eof) {
        code = csv_next(c, &row, &eof, e);
    }
    csv_close(c);
    (void)close(fd);
    return code;
}

enum err_code read_tariff(const char *text, size_t len, struct err *e)
{
    struct arena a;
    struct faults faults;
    struct tariff *t = NULL;
    arena_init(&a, ARENA_BYTES);
    enum err_code code = tariff_parse(text, len, &a, &faults, &t, e);
    arena_release(&a);
    return code;
}

enum err_code read_urdb(const char *text, size_t len, struct err *e)
{
    static const struct json_limits limits = {(size_t)4 << 20, 16, false};
    struct urdb_options options = {.code = "memory"};
    struct arena a;
    struct faults faults = {0};
    struct json *doc = NULL, *out = NULL;
    struct tariff *t = NULL;
    arena_init(&a, ARENA_BYTES);
    enum err_code code = json_parse(text, len, &limits, &a, &doc, e);
    if (code == ERR_OK) {
        code = urdb_convert(doc, &options, &a, &faults, &out, e);
    }
    if (code == ERR_OK) {
        code = tariff_from_json(out, &a, &faults, &t, e);
    }
    arena_release(&a);
    return code;
}

enum err_code read_mapping(const char *text, size_t len, struct err *e)
{
    struct arena a;
    struct mapping m;
    struct json *doc = NULL;
    arena_init(&a, ARENA_BYTES);
    enum err_code code = mapping_parse(text, len, &a, &m, &doc, e);
    arena_release(&a);
    return code;
}

enum err_code read_erasures(const char *text, size_t len, struct err *e)
{
    struct erasures l = {0};
    enum err_code code = erasures_parse(&l, text, len, "list", e);
    erasures_release(&l);
    return code;
}

enum err_code read_high_water(const char *text, size_t len, struct err *e)
{
    static struct high_water h;
    return high_water_parse(text, len, &h, e);
}

enum err_code read_verified(const char *text, size_t len, struct err *e)
{
    struct chain c;
    int64_t at_ms = 0;
    chain_init(&c);
    enum err_code code = verified_parse(text, len, &c, &at_ms, e);
    chain_release(&c);
    if (code != ERR_OK) { /* once more as one that was not edited */
        struct buf sound;
        struct hash sum;
        buf_init(&sound, len + 128);
        buf_add(&sound, text, len);
        sha256(text, len, &sum);
        buf_adds(&sound, "sha256 ");
        buf_add_hex(&sound, sum.b, HASH_SIZE);
        buf_addc(&sound, '\n');
        chain_init(&c);
        code = verified_parse(buf_str(&sound), sound.len, &c, &at_ms, e);
        chain_release(&c);
        buf_release(&sound);
    }
    return code;
}

enum err_code read_age(const char *text, size_t len, struct err *e)
{
    static const struct age_key key = {
        .text = "AGE-SECRET-KEY-1SRP95R4LJHR88QR89PWCXH74Q2L5AACFK8S9RVRX4HJT9TJRFVYQZRP4M6"};
    struct age *a = NULL;
    uint8_t bytes[4096];
    size_t got = sizeof bytes;
    FILE *f = fmemopen((void *)(uintptr_t)text, len, "rb");
    CHECK(f != NULL);
    enum err_code code = age_read_open(f, &key, &a, e);
    while (code == ERR_OK && got == sizeof bytes) {
        code = age_read(a, bytes, sizeof bytes, &got, e);
    }
    age_free(a);
    (void)fclose(f);
    return code;
}

enum err_code read_keyfile(const char *text, size_t len, struct err *e)
{
    static const uint8_t secret[32] = {1, 2, 3};
    struct hash nobody = {{0}};
    struct sign_key *k = NULL;
    struct keyfile f;
    enum err_code code = keyfile_parse(text, len, &f, e);
    if (code == ERR_OK && f.store == STORE_FILE) {
        code = keyfile_open(&f, secret, "office:log", &nobody, &k, e);
    }
    sign_key_free(k);
    return code;
}

enum err_code read_sealed(const char *text, size_t len, struct err *e)
{
    static const uint8_t secret[32] = {1, 2, 3};
    struct seal_parts p;
    struct buf plain;
    (void)len;
    buf_init(&plain, SEAL_PLAIN_MAX);
    enum err_code code = seal_parse(text, &p, e);
    if (code == ERR_OK) {
        /* By a password, argon2 takes what the line asks for, within the limits of seal.c. */
        code = p.by_password ? ERR_OK : unseal_secret(text, secret, "user:1", &plain, e);
    }
    buf_wipe(&plain);
    return code;
}

enum err_code read_spki(const char *text, size_t len, struct err *e)
{
    struct verify_key *v = NULL;
    struct ecdsa_key *k = NULL;
    enum err_code code = verify_key_load(text, len, &v, e);
    verify_key_free(v);
    if (code != ERR_OK) {
        code = ecdsa_key_load(text, len, &k, e);
    }
    ecdsa_key_free(k);
    return code;
}

enum err_code read_private_key(const char *text, size_t len, struct err *e)
{
    struct sign_key *k = NULL;
    enum err_code code = sign_key_load(text, len, &k, e);
    sign_key_free(k);
    return code;
}

enum err_code read_recovery(const char *text, size_t len, struct err *e)
{
    struct sign_key *k = NULL;
    (void)len;
    enum err_code code = recovery_key_read(text, &k, e);
    sign_key_free(k);
    return code;
}

enum err_code read_zone(const char *text, size_t len, struct err *e)
{
    struct zone *z = NULL;
    enum err_code code = zone_parse((const uint8_t *)text, len, "memory", &z, e);
    zone_free(z);
    return code;
}
