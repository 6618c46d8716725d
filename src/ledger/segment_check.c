#include <config.h>

#include "ledger/segment_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/dsse.h"
#include "crypto/tlog_proof.h"
#include "ledger/chain.h"
#include "ledger/proof.h"

#define ENTRY_ARENA_MAX ((size_t)64 << 20)
#define PROGRESS_EVERY 64

struct checker {
    const struct segment_watch *watch;
    struct segment_reader in;
    struct segment_seen *out;
    struct chain chain; /* office and keys only */
    struct audit *audit;
    struct arena arena; /* of the entry at hand */
    struct buf payload, scratch, note, plain;
    bool has_note;
    /* The entry at hand. */
    struct entry entry;
    enum kind kind;
    struct hash leaf, before; /* its leaf hash; that of the entry before in the file */
    int64_t seq, seq_before;
    bool path_due; /* its path has to come next */
    /* The batch at hand. */
    struct hash batch_root;
    int64_t batch_left, bundle; /* items that are still to come; number of the next bundle */
    struct merkle_frontier items;
    /* The window at hand. */
    int64_t window, batches; /* 0: none is open */
    struct merkle_frontier roots;
};

static enum err_code broken(const struct checker *c, struct err *e, const char *what)
{
    return err_set(e, ERR_TAMPERED, _("the segment, at entry %" PRId64 ": %s"), c->seq, what);
}

/* A failure of the chain's own checks, as an error. */
static enum err_code told(const struct checker *c, enum err_code code, struct err *e)
{
    return code == ERR_TAMPERED && c->audit->fault_count > 0
               ? err_set(e, ERR_TAMPERED, "%s", c->audit->faults[0].text)
               : code;
}

/* ---- entries ---- */

bool segment_takes(enum kind kind)
{
    return keyring_reads(kind) || kind == KIND_device_added ||
           kind == KIND_device_key_rotated || kind == KIND_device_key_revoked;
}

static bool window_kind(enum kind kind)
{
    return kind == KIND_window_opened || kind == KIND_window_batch ||
           kind == KIND_window_closed;
}

static enum err_code entry_open(struct checker *c, const struct segment_record *r,
                                struct chain_row *row, struct dsse *d, struct err *e)
{
    arena_reset(&c->arena);
    buf_clear(&c->payload);
    TRY(dsse_parse(r->data, r->len, d, &c->payload, e));
    if (strcmp(d->type, ENTRY_PAYLOAD_TYPE) != 0) {
        return broken(c, e, _("the envelope holds something else than an entry"));
    }
    merkle_leaf(r->data, r->len, &c->leaf);
    *row = (struct chain_row){.seq = r->number,
                              .payload = buf_str(&c->payload),
                              .payload_len = c->payload.len,
                              .keyid = d->keyid,
                              .leaf = c->leaf,
                              .sig = d->sig.der,
                              .sig_len = d->sig.len};
    TRY(told(c, chain_decode(row, &c->arena, &c->scratch, &c->entry, c->audit, e), e));
    c->kind = kind_find(c->entry.kind, c->entry.version);
    return ERR_OK;
}

static enum err_code entry_place(const struct checker *c, struct err *e)
{
    const struct entry *en = &c->entry;
    if (en->seq != c->seq || en->seq <= c->seq_before ||
        (c->kind == KIND_office_created) != (en->seq == 1)) {
        return broken(c, e, _("it is another entry, or not in its place"));
    }
    if (strcmp(en->office, c->in.office) != 0) {
        return broken(c, e, _("it is of another office"));
    }
    if (!window_kind(c->kind) && !segment_takes(c->kind)) {
        return broken(c, e, _("entries of its kind have no place in a segment"));
    }
    if (en->seq == c->seq_before + 1 && !hash_equal(&en->prev, &c->before)) {
        return broken(c, e, _("it does not follow the entry before it"));
    }
    return ERR_OK;
}

static enum err_code keys_take(struct checker *c, struct err *e)
{
    return keyring_apply(&c->chain.keys, &c->entry, c->kind, e);
}

/* Signed by a key that this entry or an earlier one of the file names. */
static enum err_code entry_signed(struct checker *c, const struct chain_row *row, struct err *e)
{
    const struct key_span *span = NULL;
    if (c->kind == KIND_office_created) {
        TRY(keys_take(c, e));
    }
    TRY(told(c, chain_signer(&c->chain, row, &c->entry, c->kind, &span, c->audit), e));
    TRY(told(c, chain_signature(row, span->key, &c->scratch, c->audit, e), e));
    return c->kind == KIND_office_created ? ERR_OK : keys_take(c, e);
}

/* ---- windows ---- */

static enum err_code window_follow(struct checker *c, struct err *e)
{
    const struct json *d = c->entry.data;
    int64_t run = 0;
    int64_t number = 0;
    if (!json_get_int(d, "run", &run) ||
        (c->kind == KIND_window_opened ? c->window != 0 || run <= c->out->last
                                       : c->window != run)) {
        return broken(c, e, _("windows are not whole, one behind the other"));
    }
    if (c->kind == KIND_window_opened) {
        c->window = run;
        c->batches = 0;
        c->out->first = c->out->first == 0 ? run : c->out->first;
        c->out->last = run;
        return ERR_OK;
    }
    if (c->kind == KIND_window_closed) {
        if (!json_get_int(d, "batches", &number) || number != c->batches) {
            return broken(c, e, _("the window has other batches than it says"));
        }
        c->window = 0;
        c->out->windows++;
        return ERR_OK;
    }
    c->batches++;
    if (!json_get_int(d, "batch", &number) || number != c->batches ||
        !chain_batch(&c->entry, &c->batch_root, &c->batch_left) || c->batch_left < 1) {
        return broken(c, e, _("windows are not whole, one behind the other"));
    }
    c->bundle = 0;
    merkle_init(&c->items);
    return ERR_OK;
}

static enum err_code entry_take(struct checker *c, const struct segment_record *r,
                                struct err *e)
{
    struct chain_row row;
    struct dsse d;
    c->seq_before = c->seq;
    c->before = c->leaf;
    c->seq = r->number;
    TRY(entry_open(c, r, &row, &d, e));
    TRY(entry_place(c, e));
    TRY(entry_signed(c, &row, e));
    if (window_kind(c->kind)) {
        TRY(window_follow(c, e));
    }
    c->out->entries++;
    c->path_due = true;
    return c->watch->entry != NULL ? c->watch->entry(c->watch->ctx, &c->entry, c->kind, e)
                                   : ERR_OK;
}

static enum err_code path_take(struct checker *c, const struct segment_record *r, struct err *e)
{
    struct tlog_proof t;
    const struct checkpoint *at = &c->out->checkpoint;
    TRY(tlog_proof_parse(r->data, r->len, &t, e));
    if (t.index != (uint64_t)c->seq - 1 ||
        !merkle_verify_inclusion(&c->leaf, t.index, at->size, t.path, t.path_len, &at->root)) {
        return broken(c, e, _("its path does not lead to the checkpoint"));
    }
    c->path_due = false;
    return ERR_OK;
}

/* ---- items ---- */

static enum err_code item_take(void *ctx, int64_t index, const char *item, size_t len,
                               struct err *e)
{
    const struct checker *c = ctx;
    return c->watch->item(c->watch->ctx, c->seq, index, item, len, e);
}

static enum err_code bundle_take(struct checker *c, const struct segment_record *r,
                                 struct err *e)
{
    struct hash leaves[ITEMS_PER_BUNDLE];
    struct hash root;
    int64_t want = c->batch_left < ITEMS_PER_BUNDLE ? c->batch_left : ITEMS_PER_BUNDLE;
    if (want == 0 || r->number != want) {
        return broken(c, e, _("it has other items than it recorded"));
    }
    TRY(items_unpack(r->data, r->len, c->seq, c->bundle, want, &c->plain, leaves,
                     c->watch->item != NULL ? item_take : NULL, c, e));
    for (int64_t i = 0; i < want; i++) {
        merkle_append(&c->items, &leaves[i]);
    }
    c->batch_left -= want;
    c->out->items += want;
    if (c->batch_left == 0) {
        struct hash leaf;
        merkle_root(&c->items, &root);
        if (!hash_equal(&root, &c->batch_root)) {
            return broken(c, e, _("its items have another root than it recorded"));
        }
        merkle_leaf(root.b, HASH_SIZE, &leaf);
        merkle_append(&c->roots, &leaf);
        c->out->batches++;
    }
    if (c->watch->bundle != NULL) {
        TRY(c->watch->bundle(c->watch->ctx, c->seq, c->bundle, leaves, want, r->data, r->len,
                             e));
    }
    c->bundle++;
    return ERR_OK;
}

/* ---- the checkpoint ---- */

static enum err_code note_take(struct checker *c, const struct segment_record *r, struct err *e)
{
    char origin[sizeof PROOF_ORIGIN + SEGMENT_OFFICE_MAX + 1];
    struct checkpoint *at = &c->out->checkpoint;
    buf_add(&c->note, r->data, r->len);
    TRY(buf_status(&c->note, _("checkpoint"), e));
    (void)snprintf(origin, sizeof origin, "%s%s", PROOF_ORIGIN, c->in.office);
    const char *end = memmem(c->note.data, c->note.len, "\n\n", 2);
    size_t len = end == NULL ? c->note.len : (size_t)(end - c->note.data) + 1;
    TRY(checkpoint_parse(buf_str(&c->note), len, at, e));
    at->extension = NULL; /* lives in a buffer of ours */
    at->extension_len = 0;
    c->has_note = true;
    return strcmp(at->origin, origin) == 0
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("the checkpoint is of the log \"%s\", the segment of office %s"),
                         at->origin, c->in.office);
}

/* All keys are known now. */
static enum err_code note_verified(struct checker *c, struct err *e)
{
    struct note_verifier *v = NULL;
    struct checkpoint ignored;
    const struct key_span *log = keyring_log_key(&c->chain.keys, c->out->checkpoint.size);
    if (log == NULL) {
        return err_set(e, ERR_TAMPERED,
                       _("no entry of the segment names a log key that was valid for its "
                         "checkpoint"));
    }
    c->out->log_key = log->id;
    enum err_code code =
        note_verifier_make(c->out->checkpoint.origin, log->spki, log->spki_len, &v, e);
    if (code == ERR_OK) {
        code = checkpoint_open(c->note.data, c->note.len, v, &ignored, e);
    }
    note_verifier_free(v);
    if (code == ERR_OK && c->watch->log_key != NULL) {
        code = note_verifier_parse(c->watch->log_key, &v, e);
        if (code == ERR_OK) {
            code = checkpoint_open(c->note.data, c->note.len, v, &ignored, e);
            note_verifier_free(v);
        }
        c->out->pinned = code == ERR_OK;
    }
    return code == ERR_NOT_FOUND
               ? err_set(e, ERR_TAMPERED, _("the checkpoint is not signed by the log's key"))
               : code;
}

/* ---- the whole ---- */

static enum err_code end_take(struct checker *c, struct err *e)
{
    const struct segment_counts *end = &c->in.end;
    merkle_root(&c->roots, &c->out->root);
    if (c->window != 0 || c->batch_left != 0 || c->out->windows == 0 ||
        end->entries != c->out->entries || end->items != c->out->items ||
        !hash_equal(&end->root, &c->out->root)) {
        return broken(c, e, _("what stands in the file is not what its end tells of"));
    }
    return note_verified(c, e);
}

static enum err_code record_take(struct checker *c, const struct segment_record *r,
                                 struct err *e)
{
    bool batch_due = c->batch_left != 0;
    bool fits = r->type == SEGMENT_NOTE     ? !c->has_note
                : r->type == SEGMENT_PATH   ? c->path_due
                : r->type == SEGMENT_BUNDLE ? batch_due && !c->path_due
                                            : c->has_note && !batch_due && !c->path_due;
    if (!fits) {
        return broken(c, e, _("a record of the file is missing, or not in its place"));
    }
    switch (r->type) {
    case SEGMENT_NOTE:
        return note_take(c, r, e);
    case SEGMENT_ENTRY:
        return entry_take(c, r, e);
    case SEGMENT_PATH:
        return path_take(c, r, e);
    case SEGMENT_BUNDLE:
        return bundle_take(c, r, e);
    case SEGMENT_END:
        break;
    }
    return end_take(c, e);
}

static enum err_code records_check(struct checker *c, FILE *in, struct err *e)
{
    struct segment_record r = {.type = SEGMENT_NOTE};
    TRY(segment_open(&c->in, in, e));
    memcpy(c->out->office, c->in.office, sizeof c->out->office);
    memcpy(c->chain.office, c->in.office, strlen(c->in.office) + 1);
    c->out->number = c->in.number;
    for (int64_t n = 0; r.type != SEGMENT_END; n++) {
        if (n % PROGRESS_EVERY == 0 &&
            !progress_step(c->watch->progress, _("checking the segment"), (uint64_t)ftello(in),
                           (uint64_t)c->in.size)) {
            return err_set(e, ERR_CANCELLED, _("stopped"));
        }
        TRY(segment_next(&c->in, false, &r, e));
        TRY(record_take(c, &r, e));
    }
    return ERR_OK;
}

enum err_code segment_check(FILE *in, const struct segment_watch *watch,
                            struct segment_seen *out, struct err *e)
{
    struct checker c = {.watch = watch, .out = out};
    *out = (struct segment_seen){.number = 0};
    c.audit = mem_alloc(sizeof *c.audit);
    if (c.audit == NULL) {
        return err_nomem(e);
    }
    chain_init(&c.chain);
    arena_init(&c.arena, ENTRY_ARENA_MAX);
    buf_init(&c.payload, ENTRY_ENVELOPE_MAX);
    buf_init(&c.scratch, 2 * ENTRY_ENVELOPE_MAX);
    buf_init(&c.note, NOTE_SIZE_MAX);
    buf_init(&c.plain, ITEMS_PLAIN_MAX + 1);
    merkle_init(&c.roots);
    enum err_code code = records_check(&c, in, e);
    segment_close(&c.in);
    chain_release(&c.chain);
    arena_release(&c.arena);
    buf_release(&c.payload);
    buf_release(&c.scratch);
    buf_release(&c.note);
    buf_release(&c.plain);
    mem_free(c.audit);
    return code;
}
