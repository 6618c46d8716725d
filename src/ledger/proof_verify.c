#include <config.h>

#include "ledger/proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "crypto/dsse.h"
#include "crypto/note_line.h"
#include "crypto/tlog_proof.h"
#include "ledger/chain.h"

void proof_verified_init(struct proof_verified *v)
{
    *v = (struct proof_verified){0};
    keyring_init(&v->keys);
}

void proof_verified_release(struct proof_verified *v)
{
    keyring_release(&v->keys);
}

/* What the checks of the entries share. */
struct verifier {
    struct proof *proof;
    struct arena *arena;
    struct chain chain; /* office and keys only */
    struct audit *audit;
    struct buf payload, scratch;
    struct proof_verified *out;
};

/* A failure of the chain's own checks, as an error. */
static enum err_code told(const struct verifier *v, enum err_code code, struct err *e)
{
    return code == ERR_TAMPERED && v->audit->fault_count > 0
               ? err_set(e, ERR_TAMPERED, "%s", v->audit->faults[0].text)
               : code;
}

/* ---- entries ---- */

static enum err_code envelope_open(struct verifier *v, const struct proof_entry *en,
                                   struct dsse *d, struct chain_row *row, struct err *e)
{
    buf_clear(&v->payload);
    if (dsse_parse(en->envelope, en->envelope_len, d, &v->payload, e) != ERR_OK) {
        return err_wrap(e, _("an entry of the proof"));
    }
    if (strcmp(d->type, ENTRY_PAYLOAD_TYPE) != 0) {
        return err_set(e, ERR_TAMPERED,
                       _("an envelope of the proof holds \"%s\"; an entry is \"%s\""), d->type,
                       ENTRY_PAYLOAD_TYPE);
    }
    char *copy = arena_strndup(v->arena, buf_str(&v->payload), v->payload.len);
    if (copy == NULL) {
        return err_nomem(e);
    }
    *row = (struct chain_row){.payload = copy,
                              .payload_len = v->payload.len,
                              .keyid = d->keyid,
                              .leaf = en->leaf,
                              .sig = d->sig.der,
                              .sig_len = d->sig.len};
    return ERR_OK;
}

/* Of this office, behind the entry before, and next to it when it says so. */
static enum err_code entry_place(const struct verifier *v, const struct proof_entry *en,
                                 const struct proof_entry *before, struct err *e)
{
    const struct entry *s = &en->said;
    if (strcmp(s->office, v->proof->office) != 0) {
        return err_set(e, ERR_TAMPERED,
                       _("the proof is of office %s, its entry %" PRId64 " of office %s"),
                       v->proof->office, s->seq, s->office);
    }
    if (en->kind == KIND_COUNT || (en->kind == KIND_office_created) != (s->seq == 1)) {
        return err_set(e, ERR_TAMPERED,
                       _("entry %" PRId64 " is of kind %s version %" PRId64
                         ", which this program does not know there"),
                       s->seq, s->kind, s->version);
    }
    if (before == NULL) {
        return ERR_OK;
    }
    if (s->seq <= before->said.seq || s->time_ms < before->said.time_ms) {
        return err_set(e, ERR_TAMPERED,
                       _("entries of the proof are not in order: %" PRId64 " stands behind "
                         "%" PRId64),
                       s->seq, before->said.seq);
    }
    if (s->seq == before->said.seq + 1 && !hash_equal(&s->prev, &before->leaf)) {
        return err_set(e, ERR_TAMPERED,
                       _("entry %" PRId64 " does not follow entry %" PRId64
                         " of the proof: it names another one as the one before"),
                       s->seq, before->said.seq);
    }
    return ERR_OK;
}

static enum err_code keys_take(struct verifier *v, struct proof_entry *en, struct err *e)
{
    struct err why = ERR_INIT;
    en->keys_from = v->chain.keys.count;
    enum err_code code = keyring_apply(&v->chain.keys, &en->said, en->kind, &why);
    en->keys_to = v->chain.keys.count;
    return code == ERR_OK ? ERR_OK
                          : err_set(e, code, _("entry %" PRId64 " (%s): %s"), en->said.seq,
                                    en->said.kind, why.text);
}

/* Signed by a key that this entry or an earlier one of the file names. */
static enum err_code entry_signed(struct verifier *v, struct proof_entry *en,
                                  const struct chain_row *row, struct err *e)
{
    const struct key_span *span = NULL;
    if (en->kind == KIND_office_created) {
        TRY(keys_take(v, en, e));
    }
    TRY(told(v, chain_signer(&v->chain, row, &en->said, en->kind, &span, v->audit), e));
    TRY(told(v, chain_signature(row, span->key, &v->scratch, v->audit, e), e));
    en->keyid = row->keyid;
    v->out->signatures++;
    return en->kind == KIND_office_created ? ERR_OK : keys_take(v, en, e);
}

/* ---- items ---- */

static enum err_code item_verify(struct verifier *v, const struct proof_entry *en,
                                 struct proof_item *it, const struct hash *root, int64_t count,
                                 struct err *e)
{
    static const struct json_limits limits = {
        .max_bytes = DSSE_ENVELOPE_MAX, .max_depth = 16, .entry_profile = true};
    struct hash leaf;
    struct json *o = NULL;
    merkle_leaf(it->text, it->len, &leaf);
    if (it->index >= count ||
        !merkle_verify_inclusion(&leaf, (uint64_t)it->index, (uint64_t)count, it->path,
                                 it->path_len, root)) {
        return err_set(
            e, ERR_TAMPERED,
            _("item %" PRId64 " of entry %" PRId64
              " is not the one recorded: item and path do not give the root that the "
              "entry names"),
            it->index, en->said.seq);
    }
    if (json_parse(it->text, it->len, &limits, v->arena, &o, e) != ERR_OK) {
        return err_wrap(e, _("item %" PRId64 " of entry %" PRId64), it->index, en->said.seq);
    }
    it->json = o;
    v->out->items++;
    return ERR_OK;
}

static enum err_code items_verify(struct verifier *v, struct proof_entry *en, struct err *e)
{
    struct hash root;
    int64_t count = 0;
    if (en->item_count == 0) {
        return ERR_OK;
    }
    if (!kind_has_items(en->kind) || !chain_batch(&en->said, &root, &count)) {
        return err_set(e, ERR_TAMPERED,
                       _("the proof has items behind entry %" PRId64 " (%s), which has none"),
                       en->said.seq, en->said.kind);
    }
    for (size_t i = 0; i < en->item_count; i++) {
        TRY(item_verify(v, en, &en->items[i], &root, count, e));
    }
    return ERR_OK;
}

static enum err_code entry_verify(struct verifier *v, size_t at, struct err *e)
{
    struct proof_entry *en = &v->proof->entries[at];
    struct chain_row row;
    struct dsse d;
    merkle_leaf(en->envelope, en->envelope_len, &en->leaf);
    TRY(envelope_open(v, en, &d, &row, e));
    TRY(told(v, chain_decode(&row, v->arena, &v->scratch, &en->said, v->audit, e), e));
    row.seq = en->said.seq;
    en->kind = kind_find(en->said.kind, en->said.version);
    TRY(entry_place(v, en, at > 0 ? &v->proof->entries[at - 1] : NULL, e));
    TRY(entry_signed(v, en, &row, e));
    return items_verify(v, en, e);
}

static enum err_code entries_verify(struct verifier *v, struct err *e)
{
    if (v->proof->entry_count == 0 || strlen(v->proof->office) > OFFICE_CODE_MAX) {
        return err_set(e, ERR_PARSE, _("the proof names no entry, or no office"));
    }
    memcpy(v->chain.office, v->proof->office, strlen(v->proof->office) + 1);
    for (size_t i = 0; i < v->proof->entry_count; i++) {
        TRY(entry_verify(v, i, e));
    }
    return ERR_OK;
}

/* ---- the checkpoint ---- */

static enum err_code inclusion_verify(const struct proof_entry *en, const struct checkpoint *c,
                                      struct err *e)
{
    struct tlog_proof t;
    if (en->inclusion == NULL) {
        return err_set(
            e, ERR_TAMPERED,
            _("the proof has a checkpoint, but no path from entry %" PRId64 " to it"),
            en->said.seq);
    }
    if (tlog_proof_parse(en->inclusion, strlen(en->inclusion), &t, e) != ERR_OK) {
        return err_wrap(e, _("entry %" PRId64), en->said.seq);
    }
    if (t.index != (uint64_t)en->said.seq - 1 ||
        !merkle_verify_inclusion(&en->leaf, t.index, c->size, t.path, t.path_len, &c->root)) {
        return err_set(e, ERR_TAMPERED,
                       _("entry %" PRId64 " is not in the tree of the checkpoint of %" PRIu64
                         " entries: its path does not give the root"),
                       en->said.seq, c->size);
    }
    return ERR_OK;
}

/* A failure of the note's own checks. */
static enum err_code note_failed(enum err_code code, struct err *e)
{
    return code == ERR_NOMEM ? code
                             : err_set(e, ERR_TAMPERED, _("the checkpoint: %s"), e->text);
}

/* The id in a verifier key has lower-case digits in a proof: a key has one spelling. */
static bool one_spelling(const char *vkey)
{
    const char *id = strchr(vkey, '+');
    const char *end = id == NULL ? NULL : strchr(id + 1, '+');
    for (const char *c = id; end != NULL && c < end; c++) {
        if (*c >= 'A' && *c <= 'F') {
            return false;
        }
    }
    return end != NULL;
}

/* This line of the note has to be this witness's. */
static enum err_code cosigner_verify(const struct proof *p, const char *vkey, const char *line,
                                     struct err *e)
{
    struct cosigner *c = NULL;
    struct cosigned found = {0};
    enum err_code code =
        one_spelling(vkey)
            ? cosigner_parse(vkey, &c, e)
            : err_set(e, ERR_PARSE, _("a key of the proof is not as this program writes it"));
    if (code == ERR_OK) {
        code = cosign_check(p->checkpoint, strlen(p->checkpoint), c, &found, e);
    }
    cosigner_free(c);
    if (code != ERR_OK) {
        return note_failed(code, e);
    }
    return found.line == line
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("the checkpoint: signature lines are not in the order "
                           "of the keys that the proof names"));
}

/* One line a key, the log's first, then in the order of the keys, and no others: a line that
 * nobody can check proves nothing, and may be anything. */
static enum err_code lines_verify(const struct proof *p, const char *origin, struct err *e)
{
    struct note_line line = {0};
    size_t len = strlen(p->checkpoint);
    size_t at = note_text_len(p->checkpoint, len) + 1;
    size_t count = 0;
    bool more = true;
    enum err_code code = ERR_OK;
    buf_init(&line.sig, NOTE_SIZE_MAX);
    while (code == ERR_OK &&
           (code = note_line_next(p->checkpoint, len, &at, &line, &more, e)) == ERR_OK &&
           more) {
        bool too_many = count > p->key_count;
        if (too_many || (count == 0) != (strcmp(line.name, origin) == 0)) {
            code = err_set(e, ERR_TAMPERED,
                           _("the checkpoint is not signed by exactly the office's log key and "
                             "the keys that the proof names, in their order"));
        } else if (count > 0) {
            code = cosigner_verify(p, p->keys[count - 1], line.text, e);
        }
        count++;
    }
    buf_release(&line.sig);
    if (code == ERR_OK && count != p->key_count + 1) {
        return err_set(e, ERR_TAMPERED,
                       _("the checkpoint is not signed by exactly the office's log key and the "
                         "keys that the proof names, in their order"));
    }
    return code;
}

/* Signed by the log's key. */
static enum err_code log_verify(const struct proof *p, const struct key_span *log,
                                const char *origin, struct err *e)
{
    const struct note_verifier *by[1] = {NULL};
    struct note_verifier *v = NULL;
    struct note_verified note;
    enum err_code code = note_verifier_make(origin, log->spki, log->spki_len, &v, e);
    if (code == ERR_OK) {
        by[0] = v;
        code = note_verify(p->checkpoint, strlen(p->checkpoint), by, 1, &note, e);
    }
    note_verifier_free(v);
    return code == ERR_OK ? ERR_OK : note_failed(code, e);
}

static enum err_code checkpoint_read(const struct proof *p, struct checkpoint *c, struct err *e)
{
    char origin[sizeof PROOF_ORIGIN + OFFICE_CODE_MAX + 1];
    const char *end = strstr(p->checkpoint, "\n\n");
    size_t len = end == NULL ? strlen(p->checkpoint) : (size_t)(end - p->checkpoint) + 1;
    (void)snprintf(origin, sizeof origin, "%s%s", PROOF_ORIGIN, p->office);
    if (checkpoint_parse(p->checkpoint, len, c, e) != ERR_OK) {
        return err_wrap(e, _("the checkpoint"));
    }
    if (strcmp(c->origin, origin) != 0) {
        return err_set(e, ERR_TAMPERED,
                       _("the checkpoint is of the log \"%s\", the proof of office %s"),
                       c->origin, p->office);
    }
    return ERR_OK;
}

static enum err_code checkpoint_verify(struct proof *p, struct proof_verified *out,
                                       struct err *e)
{
    struct checkpoint *c = &out->checkpoint;
    TRY(checkpoint_read(p, c, e));
    out->log = keyring_log_key(&out->keys, c->size);
    if (out->log == NULL) {
        return err_set(
            e, ERR_TAMPERED,
            _("no entry of the proof names a log key that was valid for a checkpoint "
              "of %" PRIu64 " entries"),
            c->size);
    }
    TRY(log_verify(p, out->log, c->origin, e));
    TRY(lines_verify(p, c->origin, e));
    for (size_t i = 0; i < p->entry_count; i++) {
        TRY(inclusion_verify(&p->entries[i], c, e));
    }
    out->has_checkpoint = true;
    return ERR_OK;
}

/* A key that the user brought has to have signed: the log's, or a witness's. */
static enum err_code pin_verify(const struct proof *p, const char *vkey, struct err *e)
{
    const struct note_verifier *by[1] = {NULL};
    struct note_verifier *v = NULL;
    struct cosigner *c = NULL;
    struct note_verified note;
    struct cosigned found;
    struct err why = ERR_INIT;
    enum err_code code = note_verifier_parse(vkey, &v, &why);
    if (code == ERR_UNSUPPORTED) {
        code = cosigner_parse(vkey, &c, &why);
    }
    if (code != ERR_OK) {
        return err_set(e, code, _("the key given, %s: %s"), vkey, why.text);
    }
    by[0] = v;
    code = c != NULL ? cosign_check(p->checkpoint, strlen(p->checkpoint), c, &found, &why)
                     : note_verify(p->checkpoint, strlen(p->checkpoint), by, 1, &note, &why);
    note_verifier_free(v);
    cosigner_free(c);
    return code == ERR_OK || code == ERR_NOMEM
               ? code
               : err_set(e, ERR_TAMPERED,
                         _("the key given, %s, has not signed the checkpoint: %s"), vkey,
                         why.text);
}

static enum err_code pinned_verify(const struct proof *p, const char *const *pinned,
                                   size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        TRY(pin_verify(p, pinned[i], e));
    }
    return ERR_OK;
}

/* Without a checkpoint nothing may look like one. */
static enum err_code no_checkpoint(const struct proof *p, size_t pinned_count, struct err *e)
{
    for (size_t i = 0; i < p->entry_count; i++) {
        if (p->entries[i].inclusion != NULL) {
            return err_set(e, ERR_TAMPERED,
                           _("the proof has paths to a checkpoint, but no checkpoint"));
        }
    }
    if (p->key_count > 0) {
        return err_set(e, ERR_TAMPERED, _("the proof has cosigners, but no checkpoint"));
    }
    return pinned_count == 0
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("the proof has no checkpoint yet that the key given could have "
                           "signed"));
}

enum err_code proof_verify(struct proof *p, struct arena *arena, const char *const *pinned,
                           size_t pinned_count, struct proof_verified *out, struct err *e)
{
    struct verifier v = {.proof = p, .arena = arena, .out = out};
    v.audit = mem_alloc(sizeof *v.audit);
    if (v.audit == NULL) {
        return err_nomem(e);
    }
    chain_init(&v.chain);
    buf_init(&v.payload, DSSE_ENVELOPE_MAX);
    buf_init(&v.scratch, 2 * DSSE_ENVELOPE_MAX);
    enum err_code code = entries_verify(&v, e);
    out->keys = v.chain.keys; /* taken over: keys of entries judge checkpoint and bill, too */
    if (code == ERR_OK) {
        code = p->checkpoint == NULL ? no_checkpoint(p, pinned_count, e)
                                     : checkpoint_verify(p, out, e);
    }
    if (code == ERR_OK && p->checkpoint != NULL) {
        code = pinned_verify(p, pinned, pinned_count, e);
    }
    for (size_t i = 0; i < p->key_count; i++) {
        out->cosigners[out->cosigner_count++] = p->keys[i];
    }
    out->pinned = code == ERR_OK && pinned_count > 0;
    buf_release(&v.scratch);
    buf_release(&v.payload);
    mem_free(v.audit);
    return code;
}
