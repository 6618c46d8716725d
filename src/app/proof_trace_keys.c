/* The keys of a proof: which entries are there because they bring a key that signed. */
#include <config.h>

#include <string.h>

#include "app/proof_trace.h"

/* Entries that are used and whose keys are still to be followed. */
struct follow {
    struct proof *proof;
    const struct proof_verified *v;
    size_t *queue; /* indices; room for all entries */
    size_t count;
};

static void use(struct follow *f, struct proof_entry *en)
{
    en->used = true;
    if (!en->keyed) {
        en->keyed = true;
        f->queue[f->count++] = (size_t)(en - f->proof->entries);
    }
}

/* The entry that names the key of a span. */
static void use_naming(struct follow *f, const struct key_span *s)
{
    size_t at = (size_t)(s - f->v->keys.spans);
    for (size_t i = 0; i < f->proof->entry_count; i++) {
        struct proof_entry *en = &f->proof->entries[i];
        if (en->keys_from <= at && at < en->keys_to) {
            use(f, en);
            return;
        }
    }
}

static void use_named(struct follow *f, const struct json *data, const char *name)
{
    struct hash id;
    const struct key_span *s =
        json_get_hash(data, name, &id) ? keyring_find(&f->v->keys, &id) : NULL;
    if (s != NULL) {
        use_naming(f, s);
    }
}

static void use_recovery(struct follow *f, int64_t seq)
{
    for (size_t i = 0; i < f->v->keys.count; i++) {
        const struct key_span *s = &f->v->keys.spans[i];
        if (s->purpose == KEY_RECOVERY && s->from <= seq && seq <= s->to) {
            use_naming(f, s);
        }
    }
}

static void follow_entry(struct follow *f, const struct proof_entry *en)
{
    const struct key_span *signer = keyring_find(&f->v->keys, &en->keyid);
    if (signer != NULL) {
        use_naming(f, signer);
    }
    if (en->kind == KIND_key_added) {
        use_named(f, en->said.data, "ends");
    } else if (en->kind == KIND_key_revoked) {
        use_named(f, en->said.data, "keyid");
    } else if (en->kind == KIND_user_key_set && json_get(en->said.data, "recovery") != NULL) {
        use_recovery(f, en->said.seq);
    }
}

enum err_code trace_keys(struct proof_trace *t, const struct proof_verified *v, struct err *e)
{
    struct follow f = {.proof = t->proof, .v = v};
    f.queue = arena_array(t->arena, t->proof->entry_count + 1, sizeof f.queue[0]);
    if (f.queue == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        t->proof->entries[i].keyed = false;
    }
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        if (t->proof->entries[i].used) {
            use(&f, &t->proof->entries[i]);
        }
    }
    if (v->log != NULL) {
        use_naming(&f, v->log);
    }
    while (f.count > 0) {
        follow_entry(&f, &t->proof->entries[f.queue[--f.count]]);
    }
    return ERR_OK;
}

enum err_code trace_approvals(struct proof_trace *t, struct err *e)
{
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        const struct proof_entry *en = &t->proof->entries[i];
        if (en->kind == KIND_user_key_set && json_get(en->said.data, "request") != NULL) {
            TRY(trace_missing(t, "approvals", en->said.seq, e));
        }
    }
    return ERR_OK;
}
