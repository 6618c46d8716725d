#include <config.h>

#include "tests/lib/proof_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/proof_make.h"
#include "crypto/cosign.h"
#include "crypto/note_line.h"
#include "ledger/checkpoints.h"

#define WITNESS "witness.example/w1"

static struct sign_key *witness_key;

static void must(enum err_code code, const struct err *e)
{
    if (code != ERR_OK) {
        (void)fprintf(stderr, "proof sample: %s\n", e->text);
        abort();
    }
}

void sample_witness_key(struct buf *out)
{
    struct err e = ERR_INIT;
    if (witness_key == NULL) {
        must(sign_key_generate_as(KEY_ED25519, &witness_key, &e), &e);
    }
    must(cosigner_vkey(WITNESS, witness_key, out, &e), &e);
}

void sample_log_key(struct office_fixture *f, struct buf *out)
{
    struct err e = ERR_INIT;
    struct note_key *key = NULL;
    must(office_log_key(f->office, &key, &e), &e);
    must(note_key_public(key, out, &e), &e);
}

void sample_witness(struct office_fixture *f)
{
    struct buf vkey;
    buf_init(&vkey, 512);
    sample_witness_key(&vkey);
    (void)fixture_run(f, f->ana, "witness add", "vkey", buf_str(&vkey), NULL);
    buf_release(&vkey);
}

static void cosign_it(struct office_fixture *f, const struct checkpoint_row *c)
{
    char path[FIXTURE_PATH_MAX + 32];
    struct err e = ERR_INIT;
    struct buf note;
    buf_init(&note, NOTE_SIZE_MAX);
    buf_add(&note, c->note, c->note_len);
    must(cosign(c->note, note_text_len(c->note, c->note_len), FIXTURE_START_MS / 1000, WITNESS,
                witness_key, &note, &e),
         &e);
    (void)snprintf(path, sizeof path, "%s/cosigned-sample", f->dir);
    FILE *out = fopen(path, "w");
    if (out == NULL || fputs(buf_str(&note), out) < 0 || fclose(out) != 0) {
        abort();
    }
    (void)fixture_run(f, f->ana, "checkpoint add-cosignature", "file", path, NULL);
    buf_release(&note);
}

void sample_checkpoint(struct office_fixture *f)
{
    static struct checkpoint_row c;
    struct err e = ERR_INIT;
    bool found = false;
    int64_t witnesses = 0;
    (void)fixture_run(f, f->ana, "checkpoint sign", NULL);
    must(db_get_int(f->office->db, &witnesses, NULL, &e,
                    "SELECT count(*) FROM witness WHERE name = ?", VALS(V_TEXT(WITNESS))),
         &e);
    if (witnesses > 0) {
        must(checkpoint_newest(f->office->db, &c, &found, &e), &e);
        cosign_it(f, &c);
    }
}

void sample_proof(struct office_fixture *f, const char *target, int64_t number, struct buf *out)
{
    struct err e = ERR_INIT;
    must(proof_make(f->office, target, number, PROOF_NEWEST, out, &e), &e);
}

void sample_proof_files(struct office_fixture *f, const char *target, int64_t number,
                        const char *files, struct buf *out)
{
    struct err e = ERR_INIT;
    must(proof_make_evidence(f->office, target, number, files, out, &e), &e);
}
