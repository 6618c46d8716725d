#include <config.h>

#include "ledger/ledger.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/i18n.h"
#include "ledger/clock.h"
#include "ledger/kinds.h"
#include "ledger/schema.h"
#include "ledger/tree.h"
#include "store/db.h"

/* After this many lost races a writer queues at the gate instead of trying on. */
#define GATE_AFTER 8

enum err_code ledger_head(struct db *db, struct ledger_head *out, struct err *e)
{
    *out = (struct ledger_head){0};
    struct stmt *q = NULL;
    struct arena arena;
    arena_init(&arena, 4 << 20);
    bool row = false;
    enum err_code code = db_query(
        db, &q, e, "SELECT seq, leaf, payload FROM entry ORDER BY seq DESC LIMIT 1", NO_VALS);
    if (code == ERR_OK) {
        code = stmt_next(q, &row, e);
    }
    if (code == ERR_OK && row) {
        size_t len = 0;
        const void *leaf = stmt_blob(q, 1, &len);
        struct entry en;
        struct val payload = stmt_val(q, 2);
        CHECK(len == HASH_SIZE); /* the table says so */
        out->seq = stmt_int(q, 0);
        memcpy(out->leaf.b, leaf, HASH_SIZE);
        code = entry_decode(payload.data, payload.len, &arena, &en, e);
        out->time_ms = en.time_ms;
        if (code != ERR_OK && code != ERR_NOMEM) {
            code =
                err_set(e, ERR_TAMPERED,
                        _("the newest entry, %" PRId64 ", cannot be read; run: aforo verify"),
                        out->seq);
        }
    }
    stmt_done(q);
    arena_release(&arena);
    return code;
}

/* Number and leaf hash of the newest entry alone. */
static enum err_code head_peek(struct db *db, struct ledger_head *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    size_t len = 0;
    *out = (struct ledger_head){0};
    TRY(db_query(db, &q, e, "SELECT seq, leaf FROM entry ORDER BY seq DESC LIMIT 1", NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        const void *leaf = stmt_blob(q, 1, &len);
        CHECK(len == HASH_SIZE); /* the table says so */
        out->seq = stmt_int(q, 0);
        memcpy(out->leaf.b, leaf, HASH_SIZE);
    }
    stmt_done(q);
    return code;
}

static bool head_equal(const struct ledger_head *a, const struct ledger_head *b)
{
    return a->seq == b->seq && hash_equal(&a->leaf, &b->leaf);
}

enum err_code ledger_head_now(const struct ledger *l, struct ledger_head *out, struct err *e)
{
    if (l->memory == NULL || l->memory->head.seq == 0) {
        return ledger_head(l->db, out, e);
    }
    TRY(head_peek(l->db, out, e));
    if (!head_equal(out, &l->memory->head)) {
        return ledger_head(l->db, out, e);
    }
    *out = l->memory->head;
    return ERR_OK;
}

void prepared_init(struct prepared *p)
{
    *p = (struct prepared){0};
    buf_init(&p->payload, ENTRY_ENVELOPE_MAX);
    buf_init(&p->scratch, 2 * ENTRY_ENVELOPE_MAX);
}

void prepared_release(struct prepared *p)
{
    buf_release(&p->payload);
    buf_release(&p->scratch);
}

/* Nothing is signed that verification would refuse to read, or that says what its kind may not
 * say. */
static enum err_code payload_hold(const struct draft *d, const struct prepared *p,
                                  struct arena *arena, struct err *e)
{
    struct entry again;
    enum kind kind = KIND_COUNT;
    const char *data = NULL;
    size_t len = 0;
    if (entry_scan(p->payload.data, p->payload.len, arena, &again, &kind, &data, &len)) {
        return ERR_OK;
    }
    TRY(entry_decode(p->payload.data, p->payload.len, arena, &again, e));
    kind = kind_find(d->kind, d->version);
    if (schema_check_payload(kind, p->payload.data, p->payload.len, e) != ERR_OK) {
        return err_wrap(e, _("an entry of kind %s does not fit its schema"), d->kind);
    }
    return ERR_OK;
}

/* Each item too. */
static enum err_code items_hold(const struct draft *d, struct err *e)
{
    const struct schema *s = NULL;
    size_t cursor = 0;
    const char *item = NULL;
    size_t len = 0;
    TRY(schema_of_item(kind_find(d->kind, d->version), &s, e));
    for (int64_t i = 0;
         s != NULL && d->items != NULL && items_next(d->items, &cursor, &item, &len); i++) {
        if (schema_check(s, item, len, e) != ERR_OK) {
            return err_wrap(e, _("item %" PRId64 " of kind %s does not fit its schema"), i,
                            d->kind);
        }
    }
    return ERR_OK;
}

enum err_code ledger_draw_up(const struct ledger *l, const struct ledger_head *head,
                             const struct draft *d, struct arena *arena, struct prepared *out,
                             struct err *e)
{
    buf_clear(&out->payload);
    out->entry = (struct entry){.seq = head->seq + 1,
                                .kind = d->kind,
                                .version = d->version,
                                .actor = d->actor,
                                .office = l->office,
                                .date = d->date,
                                .prev = head->leaf,
                                .data = d->data};
    TRY(clock_next(l->env, l->clock_path, l->memory != NULL ? &l->memory->clock : NULL,
                   head->time_ms, d->clock_forced, &out->entry.time_ms, &out->entry.clock_held,
                   e));
    TRY(entry_encode(&out->entry, arena, &out->payload, e));
    TRY(payload_hold(d, out, arena, e));
    return items_hold(d, e);
}

enum err_code ledger_sign(struct prepared *p, struct sign_key *key, struct err *e)
{
    p->keyid = *sign_key_id(key);
    buf_clear(&p->scratch);
    entry_signing_bytes(p->payload.data, p->payload.len, &p->scratch);
    TRY(buf_status(&p->scratch, _("entry"), e));
    TRY(sign_data(key, p->scratch.data, p->scratch.len, &p->sig, e));
    return entry_leaf(p->payload.data, p->payload.len, &p->keyid, p->sig.der, p->sig.len,
                      &p->scratch, &p->leaf, e);
}

enum err_code ledger_prepare(const struct ledger *l, const struct ledger_head *head,
                             const struct draft *d, struct sign_key *key, struct arena *arena,
                             struct prepared *out, struct err *e)
{
    TRY(ledger_draw_up(l, head, d, arena, out, e));
    return ledger_sign(out, key, e);
}

void ledger_follow(struct prepared *p, const struct hash *prev)
{
    entry_put_prev(&p->payload, prev);
}

static enum err_code values_store(struct db *db, const struct kept_value *v, struct err *e)
{
    for (; v != NULL; v = v->next) {
        struct val salt = V_BLOB(v->salt, SALT_SIZE);
        if (v->content) {
            TRY(db_run(db, e,
                       "INSERT INTO attachment_content(id, hash, salt, value) VALUES(?,?,?,?)",
                       VALS(V_INT(v->id), V_HASH(&v->hash), salt, V_BLOB(v->value, v->len))));
        } else if (v->owner == NULL) {
            TRY(db_run(db, e, "INSERT INTO sealed(hash, salt, value) VALUES(?,?,?)",
                       VALS(V_HASH(&v->hash), salt, V_TEXT_N(v->value, v->len))));
        } else {
            TRY(db_run(db, e,
                       "INSERT INTO main.personal(owner, id, field, hash, salt, value) "
                       "VALUES(?,?,?,?,?,?)",
                       VALS(V_TEXT(v->owner), V_INT(v->id), V_TEXT(v->field), V_HASH(&v->hash),
                            salt, V_TEXT_N(v->value, v->len))));
        }
    }
    return ERR_OK;
}

static enum err_code items_project(const struct ledger *l, const struct draft *d,
                                   const struct entry *en, struct err *e)
{
    struct arena arena;
    size_t cursor = 0;
    const char *item = NULL;
    size_t len = 0;
    enum err_code code = ERR_OK;
    arena_init(&arena, 8 << 20);
    for (int64_t i = 0; code == ERR_OK && items_next(d->items, &cursor, &item, &len); i++) {
        const void *row = d->row_of != NULL ? d->row_of(d->row_ctx, i) : NULL;
        if (row != NULL && l->projector->row != NULL) {
            code = l->projector->row(l->db, en, row, e);
            continue;
        }
        arena_reset(&arena);
        code = l->projector->item(l->db, en, i, item, len, &arena, e);
    }
    arena_release(&arena);
    return code;
}

enum err_code ledger_store(const struct ledger *l, const struct prepared *p, struct err *e)
{
    TRY(db_run(l->db, e, "INSERT INTO entry(seq, payload, keyid, sig, leaf) VALUES(?,?,?,?,?)",
               VALS(V_INT(p->entry.seq), V_TEXT_N(p->payload.data, p->payload.len),
                    V_HASH(&p->keyid), V_BLOB(p->sig.der, p->sig.len), V_HASH(&p->leaf))));
    return tree_append(l->db, p->entry.seq, e);
}

enum err_code ledger_project(const struct ledger *l, const struct draft *d,
                             const struct entry *en, struct arena *arena, struct err *e)
{
    TRY(values_store(l->db, d->values, e));
    TRY(l->projector->entry(l->db, en, arena, e));
    if (d->items != NULL) {
        TRY(items_store(d->items, l->db, en->seq, e));
        TRY(items_project(l, d, en, e));
    }
    return ERR_OK;
}

/* The row first, to which those of its projections refer. */
static enum err_code ledger_append(const struct ledger *l, const struct draft *d,
                                   const struct prepared *p, struct arena *arena, struct err *e)
{
    TRY(ledger_store(l, p, e));
    return ledger_project(l, d, &p->entry, arena, e);
}

void ledger_committed(const struct ledger *l, const struct ledger_head *head, bool clock_forced)
{
    if (l->memory != NULL) {
        l->memory->head = *head;
    }
    /* The entry is durable; the clock file only sharpens a later check, so failing to write it
     * is no failure. */
    struct err ignored = ERR_INIT;
    bool kept =
        clock_remember(l->env, l->clock_path, l->memory != NULL ? &l->memory->clock : NULL,
                       clock_forced, &ignored) == ERR_OK;
    (void)kept;
}

/* Wait for the lock, and look whether somebody has written since. */
static enum err_code lock_take(struct db *db, const struct ledger_head *head, bool *moved,
                               struct err *e)
{
    struct ledger_head now;
    TRY(db_begin(db, e));
    TRY(head_peek(db, &now, e));
    *moved = !head_equal(&now, head);
    return ERR_OK;
}

enum err_code ledger_commit(const struct ledger *l, const struct ledger_head *head,
                            const struct draft *d, const struct prepared *p,
                            struct arena *arena, bool *moved, struct err *e)
{
    *moved = false;
    /* The snapshot in which the head was read takes the lock with its first change; SQLite
     * refuses that when somebody has written since, or is writing. */
    enum err_code code =
        db_in_transaction(l->db) ? ledger_append(l, d, p, arena, e) : ERR_CONFLICT;
    if (code == ERR_CONFLICT) {
        db_rollback(l->db);
        code = lock_take(l->db, head, moved, e);
        if (code == ERR_OK && !*moved) {
            code = ledger_append(l, d, p, arena, e);
        }
    }
    if (code == ERR_OK && !*moved) {
        code = db_commit(l->db, e);
    }
    if (code != ERR_OK || *moved) {
        db_rollback(l->db);
        return code;
    }
    struct ledger_head written = {p->entry.seq, p->leaf, p->entry.time_ms};
    ledger_committed(l, &written, d->clock_forced);
    return ERR_OK;
}

int gate_open(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

void gate_close(int gate)
{
    if (gate >= 0) {
        (void)close(gate);
    }
}

bool gate_enter(const struct ledger *l, unsigned attempt)
{
    /* Everybody waits for whoever holds the gate; only who lost often keeps it. */
    if (l->gate < 0 || flock(l->gate, LOCK_EX) != 0) {
        return false;
    }
    bool keep = attempt >= GATE_AFTER;
    if (!keep) {
        gate_leave(l);
    }
    return keep;
}

void gate_leave(const struct ledger *l)
{
    (void)flock(l->gate, LOCK_UN);
}

/* What `like` says of the value, with salt and commitment made here. */
static enum err_code keep(struct draft *d, const struct env *env, struct arena *arena,
                          const struct kept_value *like, char hex[65], struct err *e)
{
    struct kept_value *v = ARENA_NEW(arena, struct kept_value);
    if (v == NULL) {
        return err_nomem(e);
    }
    *v = *like;
    TRY(env_random(env, v->salt, SALT_SIZE, e));
    commitment(v->salt, v->value, v->len, &v->hash);
    v->next = d->values;
    d->values = v;
    hash_hex(&v->hash, hex);
    return ERR_OK;
}

enum err_code draft_keep_sealed(struct draft *d, const struct env *env, struct arena *arena,
                                const char *value, char hex[65], struct err *e)
{
    const struct kept_value like = {.value = value, .len = strlen(value)};
    return keep(d, env, arena, &like, hex, e);
}

enum err_code draft_keep_content(struct draft *d, const struct env *env, struct arena *arena,
                                 int64_t id, const void *bytes, size_t len, char hex[65],
                                 struct err *e)
{
    const struct kept_value like = {.value = bytes, .len = len, .content = true, .id = id};
    return keep(d, env, arena, &like, hex, e);
}

enum err_code draft_keep_personal(struct draft *d, const struct env *env, struct arena *arena,
                                  const char *owner, int64_t id, const char *field,
                                  const char *value, char hex[65], struct err *e)
{
    const struct kept_value like = {
        .value = value, .len = strlen(value), .owner = owner, .id = id, .field = field};
    return keep(d, env, arena, &like, hex, e);
}

enum err_code ledger_get(struct db *db, int64_t seq, struct arena *arena,
                         struct stored_entry *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, "SELECT payload, keyid, sig, leaf FROM entry WHERE seq=?",
                 VALS(V_INT(seq))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no entry %" PRId64), seq);
    }
    if (code == ERR_OK) {
        struct val payload = stmt_val(q, 0);
        size_t len = 0;
        *out = (struct stored_entry){.seq = seq, .payload_len = payload.len};
        out->payload = arena_strndup(arena, payload.data, payload.len);
        memcpy(out->keyid.b, stmt_blob(q, 1, &len), HASH_SIZE);
        memcpy(out->leaf.b, stmt_blob(q, 3, &len), HASH_SIZE);
        const void *sig = stmt_blob(q, 2, &len);
        if (len > sizeof out->sig) {
            code = err_set(e, ERR_TAMPERED, _("the signature of entry %" PRId64 " is too long"),
                           seq);
        } else {
            memcpy(out->sig, sig, len);
            out->sig_len = len;
        }
        if (code == ERR_OK && out->payload == NULL) {
            code = err_nomem(e);
        }
    }
    stmt_done(q);
    return code;
}

enum err_code stored_envelope(const struct stored_entry *s, struct buf *out, struct err *e)
{
    return entry_envelope(s->payload, s->payload_len, &s->keyid, s->sig, s->sig_len, out, e);
}
