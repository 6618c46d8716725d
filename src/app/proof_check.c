#include <config.h>

#include "app/proof_check.h"
#include "app/words.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"

void proof_checked_init(struct proof_checked *c)
{
    *c = (struct proof_checked){0};
    arena_init(&c->arena, proof_memory(PROOF_FILE_MAX));
    proof_verified_init(&c->verified);
    buf_init(&c->said, (size_t)1 << 20);
}

void proof_checked_release(struct proof_checked *c)
{
    proof_verified_release(&c->verified);
    buf_release(&c->said);
    arena_release(&c->arena);
}

/* ---- nothing too much ---- */

static enum err_code all_used(const struct proof *p, struct err *e)
{
    for (size_t i = 0; i < p->entry_count; i++) {
        const struct proof_entry *en = &p->entries[i];
        if (!en->used) {
            return err_set(e, ERR_TAMPERED,
                           _("entry %" PRId64 " (%s) has no part in this proof"), en->said.seq,
                           en->said.kind);
        }
        for (size_t k = 0; k < en->item_count; k++) {
            if (!en->items[k].used) {
                return err_set(
                    e, ERR_TAMPERED,
                    _("item %" PRId64 " of entry %" PRId64 " has no part in this proof"),
                    en->items[k].index, en->said.seq);
            }
        }
    }
    return ERR_OK;
}

/* ---- missing steps ---- */

static const struct {
    const char *step; /* without its number */
    bool fatal;
    const char *text;
} steps[] = {
    {"approvals", false,
     N_("this entry gave a user a new key because others approved it: what they signed is not "
        "in the proof")},
    {"checkpoint", true,
     N_("no signed checkpoint covers it yet: make one with \"aforo "
        "checkpoint sign\", and the proof again")},
    {"closed", true,
     N_("the run that recorded it was not closed when the proof was made, so it "
        "was not in force")},
    {"cosignatures", false,
     N_("nobody but the office itself has signed the checkpoint: no "
        "witness has seen this ledger in the proof")},
    {"file", false,
     N_("an attached file is not in the proof, only what the ledger commits to: make the proof "
        "with --evidence")},
    {"packet", false,
     N_("no device signed this reading: it was imported, installed or written by hand")},
    {"quantities", false,
     N_("what the tariff measures besides the use (demand, times of day) is taken as the bill "
        "records it: its readings are not in the proof")},
    {"rollover", true, N_("the dial passed zero, and the record of that is not in the proof")},
};

static size_t step_find(const char *step)
{
    size_t len = strcspn(step, " ");
    size_t i = 0;
    while (i < sizeof steps / sizeof steps[0] &&
           (strlen(steps[i].step) != len || memcmp(steps[i].step, step, len) != 0)) {
        i++;
    }
    return i;
}

const char *proof_step_text(const char *step)
{
    size_t i = step_find(step);
    return i < sizeof steps / sizeof steps[0] ? _(steps[i].text) : "";
}

static enum err_code missing_check(const struct proof *p, const struct proof_trace *t,
                                   struct err *e)
{
    bool same = p->missing_count == t->missing_count;
    for (size_t i = 0; same && i < t->missing_count; i++) {
        same = strcmp(p->missing[i], t->missing[i]) == 0;
    }
    if (!same) {
        return err_set(e, ERR_TAMPERED,
                       _("the steps that the proof says are missing are not those that are"));
    }
    for (size_t i = 0; i < t->missing_count; i++) {
        size_t s = step_find(t->missing[i]);
        if (s == sizeof steps / sizeof steps[0] || steps[s].fatal) {
            return err_set(e, ERR_STATE,
                           _("what is there holds, but the proof is not complete: %s"),
                           proof_step_text(t->missing[i]));
        }
    }
    return ERR_OK;
}

/* ---- the check ---- */

static void bill_facts(const struct proof_trace *t, struct proof_checked *out)
{
    out->is_bill = t->bill != NULL;
    if (out->is_bill) {
        out->leaf = t->bill_leaf;
        out->currency = json_get_str(t->bill, "currency");
        (void)json_get_int(t->bill, "total", &out->total);
    }
}

static enum err_code check(const char *text, size_t len, const char *const *pinned,
                           size_t pinned_count, struct proof_checked *out, struct err *e)
{
    struct proof_trace *t = NULL;
    TRY(proof_read(text, len, &out->arena, &out->proof, e));
    TRY(proof_verify(&out->proof, &out->arena, pinned, pinned_count, &out->verified, e));
    t = mem_alloc(sizeof *t);
    if (t == NULL) {
        return err_nomem(e);
    }
    *t = (struct proof_trace){.proof = &out->proof, .arena = &out->arena, .said = &out->said};
    enum err_code code = proof_trace(t, e);
    if (code == ERR_OK) {
        code = trace_keys(t, &out->verified, e);
    }
    if (code == ERR_OK) {
        code = all_used(&out->proof, e);
    }
    if (code == ERR_OK) {
        bill_facts(t, out);
        code = missing_check(&out->proof, t, e);
    }
    mem_free(t);
    return code;
}

enum err_code proof_check(const char *text, size_t len, const char *const *pinned,
                          size_t pinned_count, struct proof_checked *out, struct err *e)
{
    out->arena.max_bytes = proof_memory(len);
    enum err_code code = check(text, len, pinned, pinned_count, out, e);
    if (code == ERR_NOMEM && out->arena.max_bytes - out->arena.used_bytes < 65536) {
        return err_set(e, ERR_LIMIT,
                       _("the proof has too many values for its size; this program writes none "
                         "like it"));
    }
    return code;
}

/* ---- telling ---- */

static size_t item_entries(const struct proof *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->entry_count; i++) {
        n += p->entries[i].item_count > 0;
    }
    return n;
}

static void signers_text(const struct proof_checked *c, struct buf *out)
{
    for (size_t k = 0; k < c->verified.keys.count; k++) {
        const struct key_span *s = &c->verified.keys.spans[k];
        char hex[65];
        for (size_t i = 0; i < c->proof.entry_count; i++) {
            if (memcmp(c->proof.entries[i].keyid.b, s->id.b, HASH_SIZE) == 0) {
                hash_hex(&s->id, hex);
                buf_addf(out, _("  key %.16s... of %s\n"), hex, s->owner);
                break;
            }
        }
    }
}

static void checkpoint_text(const struct proof_checked *c, struct buf *out)
{
    const struct proof_verified *v = &c->verified;
    char hex[65];
    hash_hex(&v->checkpoint.root, hex);
    buf_addf(out,
             _("tree: all of them are in the checkpoint of %" PRIu64 " entries, root %s\n"),
             v->checkpoint.size, hex);
    hash_hex(&v->log->id, hex);
    buf_addf(out, _("checkpoint: signed by %s, key %.16s...\n"), v->checkpoint.origin, hex);
    for (size_t i = 0; i < v->cosigner_count; i++) {
        buf_addf(out, _("checkpoint: cosigned by %s\n"), v->cosigners[i]);
    }
    buf_addf(out, "%s\n",
             v->pinned ? _("keys: the checkpoint is signed by every key given")
                       : _("keys: all checked by the keys in the file; to know whose it is, "
                           "give a key that you have from elsewhere: --key VERIFIER"));
}

void proof_checked_text(const struct proof_checked *c, struct buf *out)
{
    buf_addf(out, _("proof of %s %" PRId64 " of office %s\n"), code_said(c->proof.target),
             c->proof.number, c->proof.office);
    buf_add(out, buf_str(&c->said), c->said.len);
    if (c->verified.items > 0) {
        buf_addf(out, _("items: %zu lie in the batches of %zu entries\n"), c->verified.items,
                 item_entries(&c->proof));
    }
    buf_addf(out, _("entries: %zu signatures hold, by\n"), c->verified.signatures);
    signers_text(c, out);
    if (c->verified.has_checkpoint) {
        checkpoint_text(c, out);
    }
    for (size_t i = 0; i < c->proof.missing_count; i++) {
        buf_addf(out, _("missing: %s: %s\n"), c->proof.missing[i],
                 proof_step_text(c->proof.missing[i]));
    }
}

static void json_texts(const char *const *list, size_t count, struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        json_add_string(out, list[i], strlen(list[i]));
    }
    buf_addc(out, ']');
}

void proof_checked_json(const struct proof_checked *c, bool holds, struct buf *out)
{
    const struct proof_verified *v = &c->verified;
    char hex[65];
    buf_addf(out, "{\"holds\":%s,\"office\":", holds ? "true" : "false");
    json_add_string(out, c->proof.office, strlen(c->proof.office));
    buf_adds(out, ",\"target\":");
    json_add_string(out, c->proof.target, strlen(c->proof.target));
    buf_addf(out,
             ",\"number\":%" PRId64 ",\"entries\":%zu,\"signatures\":%zu,\"items\":%zu,"
             "\"keys\":\"%s\",\"cosigners\":",
             c->proof.number, c->proof.entry_count, v->signatures, v->items,
             v->pinned ? "given" : "file");
    json_texts(v->cosigners, v->cosigner_count, out);
    buf_adds(out, ",\"missing\":");
    json_texts(c->proof.missing, c->proof.missing_count, out);
    if (c->is_bill) {
        hash_hex(&c->leaf, hex);
        buf_addf(out, ",\"currency\":\"%s\",\"total\":%" PRId64 ",\"leaf\":\"%s\"", c->currency,
                 c->total, hex);
    }
    if (v->has_checkpoint) {
        hash_hex(&v->checkpoint.root, hex);
        buf_addf(out, ",\"size\":%" PRIu64 ",\"root\":\"%s\"", v->checkpoint.size, hex);
    }
    buf_adds(out, "}\n");
}
