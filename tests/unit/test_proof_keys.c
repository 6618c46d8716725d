/* Keys that came and ended: proofs judge a signature by the keys at its place. Two ledgers are
 * written here with keys of our own, one of them by an office that went on signing with keys
 * that it had replaced; both the program and the script of docs/check-by-hand.md judge them. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/dsse.h"
#include "crypto/note.h"
#include "crypto/tlog_proof.h"
#include "tests/unit/check_proof.h"

#define ENTRIES 6
/* A commitment: of what, is of no matter here. */
#define SOMETHING "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""

struct writer {
    struct sign_key *office[2], *user[2]; /* before and after */
    struct note_key *log;
    struct buf payload[ENTRIES], envelope[ENTRIES], inclusion[ENTRIES], note;
    struct hash leaf[ENTRIES];
};

static struct writer w;
static struct err e;
static struct buf file;

static void must(enum err_code code)
{
    ck_assert_msg(code == ERR_OK, "%s", e.text);
}

static void set_up(void)
{
    struct sign_key **keys[] = {&w.office[0], &w.office[1], &w.user[0], &w.user[1]};
    e = (struct err)ERR_INIT;
    for (size_t i = 0; i < 4; i++) {
        must(sign_key_generate(keys[i], &e));
    }
    must(note_key_generate("aforo.office/SJ01", &w.log, &e));
    for (size_t i = 0; i < ENTRIES; i++) {
        buf_init(&w.payload[i], 65536);
        buf_init(&w.envelope[i], 65536);
        buf_init(&w.inclusion[i], 65536);
    }
    buf_init(&w.note, 65536);
    buf_init(&file, PROOF_SIZE_MAX);
}

static void tear_down(void)
{
    for (size_t i = 0; i < 2; i++) {
        sign_key_free(w.office[i]);
        sign_key_free(w.user[i]);
    }
    note_key_free(w.log);
    for (size_t i = 0; i < ENTRIES; i++) {
        buf_release(&w.payload[i]);
        buf_release(&w.envelope[i]);
        buf_release(&w.inclusion[i]);
    }
    buf_release(&w.note);
    buf_release(&file);
}

/* "keyid":HEX, and at its place in the order of names "spki":B64. */
static void add_keyid(struct buf *out, const struct sign_key *k)
{
    buf_adds(out, "\"keyid\":\"");
    buf_add_hex(out, sign_key_id(k)->b, HASH_SIZE);
    buf_adds(out, "\"");
}

static void add_spki(struct buf *out, const struct sign_key *k)
{
    struct buf der;
    buf_init(&der, 4096);
    must(sign_key_public(k, &der, &e));
    buf_adds(out, "\"spki\":\"");
    buf_add_base64(out, der.data, der.len);
    buf_adds(out, "\"");
    buf_release(&der);
}

static void head(size_t i, const char *actor)
{
    buf_addf(&w.payload[i], "{\"actor\":\"%s\",\"data\":{", actor);
}

/* The rest of the payload, the signature and the leaf. */
static void tail(size_t i, const char *kind, struct sign_key *by)
{
    struct dsse d = {.type = ENTRY_PAYLOAD_TYPE, .keyid = *sign_key_id(by)};
    struct hash prev = {{0}};
    struct buf *p = &w.payload[i];
    buf_addf(p, "},\"date\":\"2026-11-02\",\"kind\":\"%s\",\"office\":\"SJ01\",\"prev\":\"",
             kind);
    buf_add_hex(p, i == 0 ? prev.b : w.leaf[i - 1].b, HASH_SIZE);
    buf_addf(p, "\",\"seq\":%zu,\"time\":\"2026-11-02T14:00:0%zu.000Z\",\"v\":1}", i + 1, i);
    must(dsse_sign(by, ENTRY_PAYLOAD_TYPE, p->data, p->len, &d.sig, &e));
    must(dsse_write(&d, p->data, p->len, &w.envelope[i], &e));
    merkle_leaf(w.envelope[i].data, w.envelope[i].len, &w.leaf[i]);
}

static void begin(void)
{
    struct buf *p = &w.payload[0];
    head(0, "office:SJ01");
    buf_adds(p, "\"currency\":\"USD\",");
    add_keyid(p, w.office[0]);
    buf_adds(p, ",\"keys\":[{");
    add_keyid(p, note_key_signer(w.log));
    buf_adds(p, ",\"purpose\":\"log\",");
    add_spki(p, note_key_signer(w.log));
    buf_adds(p, "}],\"locale\":\"es_CR\",\"name\":\"Acueducto\",");
    add_spki(p, w.office[0]);
    buf_adds(p, ",\"zone\":\"America/Costa_Rica\"");
    tail(0, "office.created", w.office[0]);
    head(1, "office:SJ01");
    add_keyid(&w.payload[1], w.user[0]);
    buf_adds(&w.payload[1], ",\"login\":" SOMETHING ",\"name\":" SOMETHING
                            ",\"roles\":[\"operator\"],\"secret\":" SOMETHING ",");
    add_spki(&w.payload[1], w.user[0]);
    buf_adds(&w.payload[1], ",\"user\":1");
    tail(1, "user.created", w.office[0]);
}

/* The office's key and the user's are replaced. */
static void replace(void)
{
    struct buf *p = &w.payload[2];
    head(2, "user:1");
    buf_adds(p, "\"ends\":\"");
    buf_add_hex(p, sign_key_id(w.office[0])->b, HASH_SIZE);
    buf_adds(p, "\",");
    add_keyid(p, w.office[1]);
    buf_adds(p, ",\"purpose\":\"entry\",");
    add_spki(p, w.office[1]);
    buf_adds(p, ",\"store\":\"file\"");
    tail(2, "key.added", w.user[0]);
    p = &w.payload[3];
    head(3, "user:1");
    add_keyid(p, w.user[1]);
    buf_adds(p, ",\"secret\":" SOMETHING ",");
    add_spki(p, w.user[1]);
    buf_adds(p, ",\"user\":1");
    tail(3, "user.key_set", w.user[0]);
}

static void seal(void)
{
    struct checkpoint c = {.origin = "aforo.office/SJ01", .size = ENTRIES};
    merkle_root_of(w.leaf, ENTRIES, &c.root);
    must(checkpoint_sign(&c, w.log, &w.note, &e));
    for (size_t i = 0; i < ENTRIES; i++) {
        struct tlog_proof t = {.index = i};
        t.path_len = merkle_inclusion(w.leaf, ENTRIES, i, t.path);
        tlog_proof_write(&t, &w.inclusion[i]);
    }
}

/* A ledger whose last two entries are signed with the new keys, or still with the old. */
static void ledger(bool stale)
{
    begin();
    replace();
    head(4, "user:1");
    buf_adds(&w.payload[4], "\"customer\":1,\"name\":" SOMETHING);
    tail(4, "customer.created", w.user[stale ? 0 : 1]);
    head(5, "office:SJ01");
    buf_adds(&w.payload[5], "\"count\":3,\"hour_ms\":1793628000000");
    tail(5, "logins.failed", w.office[stale ? 0 : 1]);
    seal();
}

/* The proof of an entry from these entries, by number, ended by 0. */
static void proof_of(int64_t number, const size_t *seqs)
{
    static const char *lacks[] = {"cosignatures"};
    struct proof_entry entries[ENTRIES] = {{0}};
    struct proof p = {.office = "SJ01", .target = "entry", .number = number};
    p.entries = entries;
    p.checkpoint = buf_str(&w.note);
    p.missing = lacks;
    p.missing_count = 1;
    for (; *seqs != 0; seqs++) {
        struct proof_entry *en = &entries[p.entry_count++];
        en->envelope = buf_str(&w.envelope[*seqs - 1]);
        en->envelope_len = w.envelope[*seqs - 1].len;
        en->inclusion = buf_str(&w.inclusion[*seqs - 1]);
    }
    must(proof_write(&p, &file, &e));
}

static void judged(int64_t number, const size_t *seqs, bool holds)
{
    proof_of(number, seqs);
    enum err_code code = check_text(file.data, file.len, &e);
    ck_assert_msg(code == (holds ? ERR_OK : ERR_TAMPERED), "%s", e.text);
    ck_assert(holds || strstr(e.text, "not valid there") != NULL ||
              strstr(e.text, "no earlier entry names") != NULL ||
              strstr(e.text, "no valid one") != NULL);
    ck_assert_int_eq(check_by_hand(&file), holds ? 0 : 1);
}

START_TEST(what_new_keys_sign_holds)
{
    ledger(false);
    judged(5, (const size_t[]){1, 2, 4, 5, 0}, true);
    buf_clear(&file);
    judged(6, (const size_t[]){1, 2, 3, 6, 0}, true);
}
END_TEST

START_TEST(what_a_replaced_key_signs_does_not_hold)
{
    ledger(true);
    judged(5, (const size_t[]){1, 2, 4, 5, 0}, false);
    buf_clear(&file);
    judged(6, (const size_t[]){1, 2, 3, 6, 0}, false);
}
END_TEST

START_TEST(a_key_whose_entry_is_not_there_does_not_hold)
{
    ledger(false);
    judged(5, (const size_t[]){1, 2, 5, 0}, false);
    buf_clear(&file);
    judged(6, (const size_t[]){1, 2, 6, 0}, false);
}
END_TEST

Suite *suite_proof_keys(void)
{
    Suite *s = suite_create("proof_keys");
    TCase *t = tcase_create("keys");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, what_new_keys_sign_holds);
    tcase_add_test(t, what_a_replaced_key_signs_does_not_hold);
    tcase_add_test(t, a_key_whose_entry_is_not_there_does_not_hold);
    suite_add_tcase(s, t);
    return s;
}
