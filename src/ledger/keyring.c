#include <config.h>

#include "ledger/keyring.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"

void keyring_init(struct keyring *r)
{
    *r = (struct keyring){0};
}

void keyring_release(struct keyring *r)
{
    for (size_t i = 0; i < r->count; i++) {
        verify_key_free(r->spans[i].key);
        mem_free(r->spans[i].spki);
    }
    mem_free(r->spans);
    mem_free(r->slots);
    keyring_init(r);
}

/* A key id is a hash already: its first bytes spread well enough. */
static size_t slot_of(const struct keyring *r, const struct hash *id)
{
    uint64_t h = 0;
    memcpy(&h, id->b, sizeof h);
    size_t at = (size_t)(h % r->slot_count);
    while (r->slots[at] != 0 &&
           memcmp(r->spans[r->slots[at] - 1].id.b, id->b, HASH_SIZE) != 0) {
        at = (at + 1) % r->slot_count;
    }
    return at;
}

const struct key_span *keyring_find(const struct keyring *r, const struct hash *id)
{
    if (r->count == 0) {
        return NULL;
    }
    uint32_t at = r->slots[slot_of(r, id)];
    return at == 0 ? NULL : &r->spans[at - 1];
}

/* Room for one more, at most half of the slots taken. */
static enum err_code keyring_grow(struct keyring *r, struct err *e)
{
    if (r->count < r->size) {
        return ERR_OK;
    }
    if (r->count >= KEYRING_MAX) {
        return err_set(e, ERR_LIMIT, _("the ledger names more than %d keys"), KEYRING_MAX);
    }
    size_t size = r->size == 0 ? 16 : r->size * 2;
    struct key_span *spans = mem_realloc_array(r->spans, size, sizeof spans[0]);
    if (spans == NULL) {
        return err_nomem(e);
    }
    r->spans = spans;
    uint32_t *slots = mem_array(size * 2, sizeof slots[0]);
    if (slots == NULL) {
        return err_nomem(e);
    }
    mem_free(r->slots);
    r->slots = slots;
    r->slot_count = size * 2;
    r->size = size;
    for (size_t i = 0; i < r->count; i++) {
        r->slots[slot_of(r, &r->spans[i].id)] = (uint32_t)i + 1;
    }
    return ERR_OK;
}

static const char *const purposes[KEY_PURPOSES] = {"entry", "log", "document", "recovery"};

const char *key_purpose_name(enum key_purpose p)
{
    return purposes[p];
}

enum key_purpose key_purpose_find(const char *name)
{
    unsigned p = 0;
    while (p < KEY_PURPOSES && strcmp(purposes[p], name) != 0) {
        p++;
    }
    return (enum key_purpose)p;
}

bool key_purpose_takes(enum key_purpose p, enum key_algorithm a)
{
    return p == KEY_LOG || a == (p == KEY_ENTRY ? KEY_P256 : KEY_ED25519);
}

enum err_code keyring_add(struct keyring *r, const struct hash *id, const char *owner,
                          enum key_purpose purpose, const void *spki, size_t len, int64_t from,
                          int64_t to, struct err *e)
{
    struct key_span s = {
        .id = *id, .purpose = purpose, .from = from, .to = to, .spki_len = len};
    if (strlen(owner) > KEY_OWNER_MAX || keyring_find(r, id) != NULL) {
        return err_set(e, ERR_TAMPERED, _("the key of %s was named before"), owner);
    }
    TRY(keyring_grow(r, e));
    memcpy(s.owner, owner, strlen(owner) + 1);
    if (!key_algorithm_of(spki, len, &s.algorithm) ||
        !key_purpose_takes(purpose, s.algorithm)) {
        return purpose != KEY_ENTRY
                   ? err_set(e, ERR_TAMPERED, _("the key of %s is no Ed25519 public key"),
                             owner)
                   : err_set(e, ERR_TAMPERED, _("the key of %s is no P-256 public key"), owner);
    }
    enum err_code code = verify_key_load_as(s.algorithm, spki, len, &s.key, e);
    if (code != ERR_OK) {
        return code == ERR_NOMEM
                   ? code
                   : err_set(e, ERR_TAMPERED, _("the key of %s is no P-256 public key"), owner);
    }
    s.spki = mem_alloc(len);
    if (s.spki == NULL || memcmp(verify_key_id(s.key)->b, id->b, HASH_SIZE) != 0) {
        code = s.spki == NULL ? err_nomem(e)
                              : err_set(e, ERR_TAMPERED,
                                        _("the key of %s is not the one of its key id"), owner);
        verify_key_free(s.key);
        mem_free(s.spki);
        return code;
    }
    memcpy(s.spki, spki, len);
    r->slots[slot_of(r, id)] = (uint32_t)r->count + 1;
    r->spans[r->count++] = s;
    return ERR_OK;
}

/* The key that an object of an entry names. */
static enum err_code add_named(struct keyring *r, const struct json *o, const char *owner,
                               enum key_purpose purpose, int64_t from, struct err *e)
{
    struct hash id;
    struct buf der;
    const char *spki = json_get_str(o, "spki");
    if (spki == NULL || !json_get_hash(o, "keyid", &id)) {
        return err_set(e, ERR_TAMPERED, _("it names no key for %s"), owner);
    }
    buf_init(&der, 4096);
    enum err_code code = base64_decode(spki, strlen(spki), &der, e);
    if (code == ERR_OK) {
        code = keyring_add(r, &id, owner, purpose, der.data, der.len, from, INT64_MAX, e);
    } else if (code != ERR_NOMEM) {
        code = err_set(e, ERR_TAMPERED, _("the key of %s is not base64"), owner);
    }
    buf_release(&der);
    return code;
}

/* The keys an office begins with: the one that signs its entries, and in "keys" those of the
 * other purposes. It signs itself: the root of all trust in this ledger. */
static enum err_code add_office(struct keyring *r, const struct entry *en, struct err *e)
{
    const struct json *list = json_get(en->data, "keys");
    TRY(add_named(r, en->data, en->actor, KEY_ENTRY, en->seq, e));
    if (list == NULL) {
        return ERR_OK;
    }
    if (list->type != JSON_ARRAY) {
        return err_set(e, ERR_TAMPERED, _("it names no key for %s"), en->actor);
    }
    for (size_t i = 0; i < list->u.array.count; i++) {
        const struct json *o = list->u.array.items[i];
        const char *name = o->type == JSON_OBJECT ? json_get_str(o, "purpose") : NULL;
        enum key_purpose purpose = name == NULL ? KEY_PURPOSES : key_purpose_find(name);
        if (purpose == KEY_PURPOSES || purpose == KEY_ENTRY) {
            return err_set(e, ERR_TAMPERED, _("a key of %s has no purpose that is known"),
                           en->actor);
        }
        TRY(add_named(r, o, en->actor, purpose, en->seq, e));
    }
    return ERR_OK;
}

static void end_keys(struct keyring *r, const char *owner, int64_t last)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->spans[i].to == INT64_MAX && strcmp(r->spans[i].owner, owner) == 0) {
            r->spans[i].to = last;
        }
    }
}

int64_t key_first(enum key_purpose p, int64_t seq)
{
    return p == KEY_ENTRY ? seq + 1 : seq;
}

void recovery_statement(const char *office, int64_t user, const struct hash *keyid,
                        struct buf *out)
{
    buf_addf(out, "aforo-recovery-v1\n%s\n%" PRId64 "\n", office, user);
    buf_add_hex(out, keyid->b, HASH_SIZE);
    buf_addc(out, '\n');
}

static enum err_code hash_member(const struct entry *en, const char *name, struct hash *out,
                                 struct err *e)
{
    return json_get_hash(en->data, name, out) ? ERR_OK
                                              : err_set(e, ERR_TAMPERED, _("it names no key"));
}

/* End one of the office's keys, which must be valid and of that purpose (KEY_PURPOSES: any). */
static enum err_code end_office_key(struct keyring *r, const struct entry *en, const char *name,
                                    enum key_purpose purpose, int64_t last, struct err *e)
{
    struct hash id;
    TRY(hash_member(en, name, &id, e));
    const struct key_span *found = keyring_find(r, &id);
    if (found == NULL || found->to != INT64_MAX || strncmp(found->owner, "office:", 7) != 0 ||
        (purpose != KEY_PURPOSES && found->purpose != purpose)) {
        return err_set(e, ERR_TAMPERED, _("it ends a key that is no valid one of the office"));
    }
    r->spans[found - r->spans].to = last;
    return ERR_OK;
}

static enum err_code apply_added(struct keyring *r, const struct entry *en, struct err *e)
{
    char owner[KEY_OWNER_MAX + 1];
    const char *name = json_get_str(en->data, "purpose");
    enum key_purpose purpose = name == NULL ? KEY_PURPOSES : key_purpose_find(name);
    (void)snprintf(owner, sizeof owner, "office:%s", en->office);
    if (purpose == KEY_PURPOSES) {
        return err_set(e, ERR_TAMPERED, _("a key of %s has no purpose that is known"), owner);
    }
    if (json_get(en->data, "ends") != NULL) {
        TRY(end_office_key(r, en, "ends", purpose, en->seq, e));
    }
    return add_named(r, en->data, owner, purpose, key_first(purpose, en->seq), e);
}

/* Is a new key of a user signed for by a recovery key of the office? */
static enum err_code recovery_check(const struct keyring *r, const struct entry *en,
                                    int64_t user, const char *text, struct err *e)
{
    struct hash id;
    struct buf sig;
    struct buf said;
    bool held = false;
    TRY(hash_member(en, "keyid", &id, e));
    buf_init(&sig, 1024);
    buf_init(&said, 1024);
    recovery_statement(en->office, user, &id, &said);
    enum err_code code = buf_status(&said, _("entry"), e);
    if (code == ERR_OK && base64_decode(text, strlen(text), &sig, NULL) == ERR_OK) {
        for (size_t i = 0; i < r->count && !held; i++) {
            const struct key_span *s = &r->spans[i];
            held = s->purpose == KEY_RECOVERY && en->seq >= s->from && en->seq <= s->to &&
                   verify_data(s->key, said.data, said.len, sig.data, sig.len);
        }
    }
    buf_release(&sig);
    buf_release(&said);
    return code != ERR_OK || held
               ? code
               : err_set(e, ERR_TAMPERED, _("no recovery key of the office signed for it"));
}

/* A user replaces his own key; for another it takes a request that others approved (which the
 * projector checks) or the recovery key. */
static enum err_code apply_user_key(struct keyring *r, const struct entry *en, struct err *e)
{
    char owner[KEY_OWNER_MAX + 1];
    int64_t user = 0;
    const char *recovery = json_get_str(en->data, "recovery");
    if (!json_get_int(en->data, "user", &user)) {
        return err_set(e, ERR_TAMPERED, _("it names no user"));
    }
    (void)snprintf(owner, sizeof owner, "user:%" PRId64, user);
    if (recovery != NULL) {
        TRY(recovery_check(r, en, user, recovery, e));
    } else if (strcmp(owner, en->actor) != 0 && json_get(en->data, "request") == NULL) {
        return err_set(e, ERR_TAMPERED, _("it gives %s a key that nobody approved"), owner);
    }
    end_keys(r, owner, en->seq);
    return add_named(r, en->data, owner, KEY_ENTRY, en->seq + 1, e);
}

const struct key_span *keyring_log_key(const struct keyring *r, uint64_t size)
{
    for (size_t i = r->count; i > 0; i--) {
        const struct key_span *s = &r->spans[i - 1];
        if (s->purpose == KEY_LOG && s->algorithm == KEY_ED25519 && (uint64_t)s->from <= size &&
            size <= (uint64_t)s->to) {
            return s;
        }
    }
    return NULL;
}

bool keyring_reads(enum kind kind)
{
    return kind == KIND_office_created || kind == KIND_key_added || kind == KIND_key_revoked ||
           kind == KIND_user_key_set || kind == KIND_user_created || kind == KIND_user_disabled;
}

enum err_code keyring_apply(struct keyring *r, const struct entry *en, enum kind kind,
                            struct err *e)
{
    char owner[KEY_OWNER_MAX + 1];
    int64_t user = 0;
    if (!keyring_reads(kind)) {
        return ERR_OK;
    }
    if (kind == KIND_office_created) {
        return add_office(r, en, e);
    }
    if (kind == KIND_key_added) {
        return apply_added(r, en, e);
    }
    if (kind == KIND_key_revoked) {
        return end_office_key(r, en, "keyid", KEY_PURPOSES, en->seq - 1, e);
    }
    if (kind == KIND_user_key_set) {
        return apply_user_key(r, en, e);
    }
    if (!json_get_int(en->data, "user", &user)) {
        return err_set(e, ERR_TAMPERED, _("it names no user"));
    }
    (void)snprintf(owner, sizeof owner, "user:%" PRId64, user);
    if (kind == KIND_user_created) {
        return add_named(r, en->data, owner, KEY_ENTRY, en->seq + 1, e);
    }
    end_keys(r, owner, en->seq);
    return ERR_OK;
}
