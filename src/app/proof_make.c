#include <config.h>

#include "app/proof_make.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/proof_maker.h"
#include "app/proof_trace.h"
#include "app/segments.h"
#include "base/i18n.h"
#include "crypto/note_line.h"
#include "crypto/tlog_proof.h"
#include "ledger/checkpoints.h"
#include "ledger/item_shelf.h"
#include "ledger/tree.h"

/* ---- entries and items ---- */

/* Bytes of the envelope, and what it says, into the arena. */
static enum err_code entry_load(struct proof_maker *m, int64_t seq, struct proof_entry *out,
                                struct err *e)
{
    struct stored_entry s;
    TRY(ledger_get(m->o->db, seq, &m->arena, &s, e));
    TRY(entry_decode(s.payload, s.payload_len, &m->arena, &out->said, e));
    buf_clear(&m->scratch);
    TRY(stored_envelope(&s, &m->scratch, e));
    out->envelope = arena_strndup(&m->arena, m->scratch.data, m->scratch.len);
    out->envelope_len = m->scratch.len;
    out->kind = kind_find(out->said.kind, out->said.version);
    out->keyid = s.keyid;
    return out->envelope != NULL ? ERR_OK : err_nomem(e);
}

enum err_code maker_entry(struct proof_maker *m, int64_t seq, struct proof_entry **out,
                          struct err *e)
{
    struct proof *p = &m->proof;
    struct proof_entry fresh = {0};
    size_t at = p->entry_count;
    *out = proof_entry_at(p, seq);
    if (*out != NULL) {
        return ERR_OK;
    }
    if (p->entry_count == PROOF_ENTRIES_MAX) {
        return err_set(e, ERR_LIMIT, _("the proof would need more than %d entries"),
                       PROOF_ENTRIES_MAX);
    }
    TRY(entry_load(m, seq, &fresh, e));
    for (; at > 0 && p->entries[at - 1].said.seq > seq; at--) {
        p->entries[at] = p->entries[at - 1];
    }
    p->entries[at] = fresh;
    p->entry_count++;
    *out = &p->entries[at];
    return ERR_OK;
}

static enum err_code item_load(struct proof_maker *m, int64_t seq, struct proof_item *it,
                               struct err *e)
{
    static const struct json_limits limits = {
        .max_bytes = ITEM_MAX_BYTES, .max_depth = 16, .entry_profile = true};
    struct hash root;
    int64_t count = 0;
    struct json *o = NULL;
    buf_clear(&m->scratch);
    TRY(items_get_from(m->items, seq, it->index, &m->scratch, e));
    it->text = arena_strndup(&m->arena, m->scratch.data, m->scratch.len);
    it->len = m->scratch.len;
    it->path = arena_array(&m->arena, MERKLE_PATH_MAX, sizeof it->path[0]);
    if (it->text == NULL || it->path == NULL) {
        return err_nomem(e);
    }
    TRY(items_path(m->o->db, seq, it->index, it->path, &it->path_len, &root, &count, e));
    TRY(json_parse(it->text, it->len, &limits, &m->arena, &o, e));
    it->json = o;
    return ERR_OK;
}

enum err_code maker_item(struct proof_maker *m, int64_t seq, int64_t index, struct err *e)
{
    struct proof_entry *en = NULL;
    struct proof_item fresh = {.index = index};
    TRY(maker_entry(m, seq, &en, e));
    size_t at = en->item_count;
    for (size_t i = 0; i < en->item_count; i++) {
        if (en->items[i].index == index) {
            return ERR_OK;
        }
    }
    if (en->item_count == PROOF_ITEMS_MAX) {
        return err_set(e, ERR_LIMIT, _("the proof has more than %d \"%s\""), PROOF_ITEMS_MAX,
                       "items");
    }
    TRY(item_load(m, seq, &fresh, e));
    if ((at & (at - 1)) == 0) { /* room for the next power of two */
        struct proof_item *items =
            arena_array(&m->arena, at == 0 ? 1 : 2 * at, sizeof items[0]);
        if (items == NULL) {
            return err_nomem(e);
        }
        if (at > 0) {
            memcpy(items, en->items, at * sizeof items[0]);
        }
        en->items = items;
    }
    for (; at > 0 && en->items[at - 1].index > index; at--) {
        en->items[at] = en->items[at - 1];
    }
    en->items[at] = fresh;
    en->item_count++;
    return ERR_OK;
}

/* ---- records ---- */

/* One integer of one row; ERR_NOT_FOUND with the sentence when there is none. */
static enum err_code row_int(struct proof_maker *m, const char *sql, int64_t id, int64_t *out,
                             bool *found, struct err *e)
{
    return db_get_int(m->o->db, out, found, e, sql, VALS(V_INT(id)));
}

enum err_code maker_closed(struct proof_maker *m, bool billing, int64_t run, struct err *e)
{
    struct proof_entry *en = NULL;
    int64_t seq = 0;
    bool found = false;
    TRY(row_int(m,
                billing ? "SELECT ended FROM billing_run WHERE id = ? AND state = 'closed'"
                        : "SELECT ended FROM import_run WHERE id = ? AND state = 'closed'",
                run, &seq, &found, e));
    return found ? maker_entry(m, seq, &en, e) : ERR_OK;
}

/* Every decision about a reading. */
static enum err_code reading_decisions(struct proof_maker *m, int64_t id, struct err *e)
{
    struct stmt *q = NULL;
    struct proof_entry *en = NULL;
    bool row = false;
    TRY(db_query(m->o->db, &q, e,
                 "SELECT seq FROM decision WHERE reading = ? AND undone IS NULL ORDER BY seq",
                 VALS(V_INT(id))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = maker_entry(m, stmt_int(q, 0), &en, e);
    }
    stmt_done(q);
    return code;
}

/* The item of a reading in its batch: its own, or that of the meter whose dial it is. */
static enum err_code reading_item(struct proof_maker *m, const struct proof_entry *en,
                                  int64_t id, struct err *e)
{
    int64_t first = 0;
    int64_t own = id;
    int64_t seq = en->said.seq;
    if (en->kind == KIND_meters_batch) {
        TRY(row_int(m,
                    "SELECT g.meter FROM reading r JOIN register g ON g.id = r.register "
                    "WHERE r.id = ?",
                    id, &own, NULL, e));
    }
    if (!json_get_int(en->said.data, "first", &first)) {
        return err_set(e, ERR_TAMPERED, _("entry %" PRId64 " names no run"), seq);
    }
    return maker_item(m, seq, own - first, e);
}

/* Looks for the item that holds a reading, in a window of packets. */
struct seek {
    char mark[48]; /* "id":17, */
    int64_t id, found;
};

static bool holds_reading(const char *item, size_t len, int64_t id)
{
    static const struct json_limits limits = {
        .max_bytes = ITEM_MAX_BYTES, .max_depth = 16, .entry_profile = true};
    struct arena arena;
    struct json *o = NULL;
    struct err ignored = ERR_INIT;
    bool hit = false;
    arena_init(&arena, (size_t)4 << 20);
    if (json_parse(item, len, &limits, &arena, &o, &ignored) == ERR_OK) {
        const struct json *list = json_get(o, "readings");
        size_t count = list != NULL && list->type == JSON_ARRAY ? list->u.array.count : 0;
        for (size_t i = 0; i < count; i++) {
            int64_t v = 0;
            hit = hit || (json_get_int(list->u.array.items[i], "id", &v) && v == id);
        }
    }
    arena_release(&arena);
    return hit;
}

static enum err_code seek_item(void *ctx, int64_t index, const char *item, size_t len,
                               struct err *e)
{
    struct seek *s = ctx;
    (void)e;
    if (s->found < 0 && memmem(item, len, s->mark, strlen(s->mark)) != NULL &&
        holds_reading(item, len, s->id)) {
        s->found = index;
    }
    return ERR_OK;
}

/* The entry that named the device's key by which a window's packet is checked. */
static enum err_code device_key(struct proof_maker *m, const struct json *item, struct err *e)
{
    struct proof_entry *en = NULL;
    const char *keyid = json_get_str(item, "key");
    int64_t seq = 0;
    bool found = false;
    TRY(db_get_int(m->o->db, &seq, &found, e,
                   "SELECT h.seq FROM history h JOIN entry n ON n.seq = h.seq WHERE h.kind IN "
                   "('device.added', 'device.key_rotated') AND "
                   "json_extract(n.payload, '$.data.keyid') = ?",
                   VALS(V_TEXT(keyid))));
    return found ? maker_entry(m, seq, &en, e)
                 : err_set(e, ERR_TAMPERED,
                           _("no entry names the key %.16s...; run: aforo verify --deep"),
                           keyid != NULL ? keyid : "?");
}

static enum err_code window_item(struct proof_maker *m, int64_t seq, int64_t id, struct err *e)
{
    struct seek s = {.id = id, .found = -1};
    (void)snprintf(s.mark, sizeof s.mark, "\"id\":%" PRId64 ",", id);
    TRY(items_each_from(m->items, seq, false, seek_item, &s, NULL, NULL, e));
    if (s.found < 0) {
        return err_set(e, ERR_TAMPERED, _("the proof lacks the record of reading %" PRId64),
                       id);
    }
    return maker_item(m, seq, s.found, e);
}

enum err_code maker_reading(struct proof_maker *m, int64_t id, bool decisions, struct err *e)
{
    struct proof_entry *en = NULL;
    struct proof_trace t = {.proof = &m->proof, .arena = &m->arena, .said = &m->scratch};
    struct proof_record r = {0};
    int64_t seq = 0;
    bool found = false;
    TRY(row_int(m, "SELECT seq FROM reading WHERE id = ?", id, &seq, &found, e));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND, _("there is no reading %" PRId64), id);
    }
    TRY(maker_entry(m, seq, &en, e));
    if (en->kind == KIND_window_batch) {
        TRY(window_item(m, seq, id, e));
    } else if (kind_has_items(en->kind)) {
        TRY(reading_item(m, en, id, e));
    }
    TRY(trace_reading(&t, id, &r, e));
    if (r.entry->kind == KIND_window_batch) {
        TRY(device_key(m, r.object == NULL || r.item == NULL ? NULL : r.item->json, e));
    }
    const char *state = json_get_str(r.object, "state");
    bool at_once = state != NULL && strcmp(state, "accepted") == 0;
    return decisions || !at_once ? reading_decisions(m, id, e) : ERR_OK;
}

/* ---- targets ---- */

static enum err_code make_entry(struct proof_maker *m, int64_t number, struct err *e)
{
    struct proof_entry *en = NULL;
    return maker_entry(m, number, &en, e);
}

static enum err_code make_reading(struct proof_maker *m, int64_t number, struct err *e)
{
    int64_t run = 0;
    bool found = false;
    TRY(maker_reading(m, number, true, e));
    TRY(maker_attached(m, "reading", number, e));
    TRY(row_int(m, "SELECT run FROM reading WHERE id = ? AND run IS NOT NULL", number, &run,
                &found, e));
    if (found) {
        return maker_closed(m, false, run, e);
    }
    for (size_t i = 0; i < m->proof.entry_count; i++) { /* the dial of an imported meter */
        const struct proof_entry *en = &m->proof.entries[i];
        if (en->kind == KIND_meters_batch && json_get_int(en->said.data, "run", &run)) {
            return maker_closed(m, false, run, e);
        }
    }
    return ERR_OK;
}

static enum err_code make_payment(struct proof_maker *m, int64_t number, struct err *e)
{
    return maker_payment(m, number, e);
}

static enum err_code make_dispute(struct proof_maker *m, int64_t number, struct err *e)
{
    struct proof_entry *en = NULL;
    int64_t seq = 0;
    bool found = false;
    TRY(row_int(m, "SELECT seq FROM dispute WHERE id = ?", number, &seq, &found, e));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no dispute %" PRId64 "; see: aforo list disputes"), number);
    }
    TRY(maker_entry(m, seq, &en, e));
    TRY(row_int(m,
                "SELECT h.seq FROM history h JOIN entry n ON n.seq = h.seq WHERE h.kind = "
                "'dispute.resolved' AND json_extract(n.payload, '$.data.dispute') = ?",
                number, &seq, &found, e));
    TRY(found ? maker_entry(m, seq, &en, e) : ERR_OK);
    return maker_attached(m, "dispute", number, e);
}

static enum err_code make_bill(struct proof_maker *m, int64_t number, struct err *e)
{
    return maker_bill(m, number, e);
}

static const struct {
    const char *name;
    enum err_code (*make)(struct proof_maker *m, int64_t number, struct err *e);
} targets[] = {
#define PROOF_TARGET(name) {#name, make_##name},
#include "app/proof_targets.def"
#undef PROOF_TARGET
};

const char *const proof_target_names[] = {
#define PROOF_TARGET(name) #name,
#include "app/proof_targets.def"
#undef PROOF_TARGET
    NULL};

/* ---- the checkpoint ---- */

static enum err_code log_key_entry(struct proof_maker *m, uint64_t size, struct err *e)
{
    struct stmt *q = NULL;
    struct hash keyid = {{0}};
    bool row = false;
    TRY(db_query(m->o->db, &q, e,
                 "SELECT keyid FROM key WHERE purpose = 'log' AND algorithm = 'ed25519' AND "
                 "valid_from <= ?1 AND "
                 "(valid_to IS NULL OR valid_to >= ?1) ORDER BY valid_from DESC LIMIT 1",
                 VALS(V_INT((int64_t)size))));
    enum err_code code = stmt_next(q, &row, e);
    size_t len = 0;
    const void *blob = code == ERR_OK && row ? stmt_blob(q, 0, &len) : NULL;
    if (blob != NULL && len == HASH_SIZE) {
        memcpy(keyid.b, blob, HASH_SIZE);
    } else if (code == ERR_OK) {
        code = err_set(e, ERR_TAMPERED,
                       _("no log key was valid for a checkpoint of %" PRIu64 " entries"), size);
    }
    stmt_done(q);
    return code == ERR_OK ? maker_key(m, &keyid, e) : code;
}

/* Where an entry stands among the checkpoint's; m->scratch is used. */
static enum err_code inclusion_of(struct proof_maker *m, struct proof_entry *en, uint64_t size,
                                  struct err *e)
{
    struct tlog_proof t = {.index = (uint64_t)en->said.seq - 1};
    const char *text = item_shelf_path(m->o->shelf, t.index, size);
    if (text == NULL) {
        TRY(tree_inclusion(m->o->db, t.index, size, t.path, &t.path_len, e));
        buf_clear(&m->scratch);
        tlog_proof_write(&t, &m->scratch);
        TRY(buf_status(&m->scratch, _("proof"), e));
        text = buf_str(&m->scratch);
        item_shelf_path_put(m->o->shelf, t.index, size, text);
    }
    en->inclusion = arena_strdup(&m->arena, text);
    return en->inclusion != NULL ? ERR_OK : err_nomem(e);
}

static enum err_code inclusions(struct proof_maker *m, uint64_t size, struct err *e)
{
    for (size_t i = 0; i < m->proof.entry_count; i++) {
        TRY(inclusion_of(m, &m->proof.entries[i], size, e));
    }
    return ERR_OK;
}

/* Text and log signature of the note: what else signed it is added line by line, so that each
 * line has its key in the file. */
static enum err_code note_take(struct proof_maker *m, const struct checkpoint_row *c,
                               struct err *e)
{
    struct note_line line = {0};
    size_t at = note_text_len(c->note, c->note_len) + 1;
    bool more = false;
    buf_init(&line.sig, NOTE_SIZE_MAX);
    enum err_code code = note_line_next(c->note, c->note_len, &at, &line, &more, e);
    buf_clear(&m->scratch);
    if (code == ERR_OK) {
        buf_add(&m->scratch, c->note, at);
        code = buf_status(&m->scratch, _("proof"), e);
    }
    buf_release(&line.sig);
    return code;
}

static enum err_code cosignatures_take(struct proof_maker *m, int64_t checkpoint, struct err *e)
{
    struct proof *p = &m->proof;
    struct stmt *q = NULL;
    bool row = false;
    p->keys = arena_array(&m->arena, PROOF_KEYS_MAX, sizeof p->keys[0]);
    if (p->keys == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(m->o->db, &q, e,
                 "SELECT w.vkey, c.line FROM cosignature c JOIN witness w ON w.id = c.witness "
                 "WHERE c.checkpoint = ? ORDER BY w.vkey LIMIT ?",
                 VALS(V_INT(checkpoint), V_INT(PROOF_KEYS_MAX))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        p->keys[p->key_count] = arena_strdup(&m->arena, stmt_text(q, 0));
        code = p->keys[p->key_count] != NULL ? ERR_OK : err_nomem(e);
        p->key_count++;
        buf_adds(&m->scratch, stmt_text(q, 1));
    }
    stmt_done(q);
    return code;
}

static enum err_code checkpoint_take(struct proof_maker *m, const struct checkpoint_row *c,
                                     enum proof_point point, struct err *e)
{
    TRY(note_take(m, c, e));
    if (point == PROOF_NEWEST) {
        TRY(cosignatures_take(m, c->id, e));
    }
    TRY(buf_status(&m->scratch, _("proof"), e));
    m->proof.checkpoint = arena_strdup(&m->arena, buf_str(&m->scratch));
    if (m->proof.checkpoint == NULL) {
        return err_nomem(e);
    }
    TRY(log_key_entry(m, c->edge.size, e));
    TRY(maker_keys(m, e));
    return inclusions(m, c->edge.size, e);
}

/* Seal the entries with a checkpoint, if one covers them. */
static enum err_code seal(struct proof_maker *m, enum proof_point point, struct err *e)
{
    uint64_t last = (uint64_t)m->proof.entries[m->proof.entry_count - 1].said.seq;
    struct checkpoint_row *c = mem_alloc(sizeof *c);
    bool found = false;
    if (c == NULL) {
        return err_nomem(e);
    }
    enum err_code code = point == PROOF_FIRST
                             ? checkpoint_covering(m->o->db, last, c, &found, e)
                             : checkpoint_newest(m->o->db, c, &found, e);
    if (code == ERR_OK && found && c->edge.size >= last) {
        code = checkpoint_take(m, c, point, e);
    }
    mem_free(c);
    return code;
}

/* ---- all of it ---- */

static enum err_code missing_take(struct proof_maker *m, struct err *e)
{
    struct proof_trace *t = mem_alloc(sizeof *t);
    struct buf said;
    if (t == NULL) {
        return err_nomem(e);
    }
    buf_init(&said, (size_t)1 << 20);
    *t = (struct proof_trace){.proof = &m->proof, .arena = &m->arena, .said = &said};
    enum err_code code = proof_trace(t, e);
    if (code == ERR_OK) {
        m->proof.missing = arena_array(&m->arena, t->missing_count + 1, sizeof(char *));
        code = m->proof.missing != NULL ? ERR_OK : err_nomem(e);
    }
    if (code == ERR_OK) {
        memcpy(m->proof.missing, t->missing, t->missing_count * sizeof(char *));
        m->proof.missing_count = t->missing_count;
    }
    buf_release(&said);
    mem_free(t);
    return code;
}

static enum err_code make(struct proof_maker *m, const char *target, int64_t number,
                          enum proof_point point, const char *evidence, struct buf *out,
                          struct err *e)
{
    size_t i = 0;
    while (i < sizeof targets / sizeof targets[0] && strcmp(targets[i].name, target) != 0) {
        i++;
    }
    if (i == sizeof targets / sizeof targets[0]) {
        return err_set(e, ERR_USAGE, _("there is no proof of a \"%s\""), target);
    }
    m->proof.office = m->o->code;
    m->proof.target = targets[i].name;
    m->proof.number = number;
    m->proof.entries = arena_array(&m->arena, PROOF_ENTRIES_MAX, sizeof m->proof.entries[0]);
    if (m->proof.entries == NULL) {
        return err_nomem(e);
    }
    TRY(targets[i].make(m, number, e));
    TRY(evidence != NULL ? maker_evidence(m, evidence, e) : ERR_OK);
    TRY(maker_keys(m, e));
    TRY(seal(m, point, e));
    TRY(missing_take(m, e));
    return proof_write(&m->proof, out, e);
}

static enum err_code made(struct office *o, const char *target, int64_t number,
                          enum proof_point point, const char *evidence, struct buf *out,
                          struct err *e)
{
    struct proof_maker m = {.o = o};
    char folder[SEGMENT_PATH_MAX];
    struct segment_source *source = NULL;
    TRY(segment_folder(o->dir, o->segments, folder, e));
    TRY(segment_source_open(o->db, o->code, folder, &source, e));
    struct item_source items = *segment_items(source);
    items.shelf = o->shelf;
    m.items = &items;
    arena_init(&m.arena, proof_memory(evidence != NULL ? PROOF_FILE_MAX : PROOF_SIZE_MAX));
    buf_init(&m.scratch, (size_t)1 << 20);
    enum err_code code = make(&m, target, number, point, evidence, out, e);
    buf_release(&m.scratch);
    arena_release(&m.arena);
    segment_source_close(source);
    return code;
}

enum err_code proof_make(struct office *o, const char *target, int64_t number,
                         enum proof_point point, struct buf *out, struct err *e)
{
    return made(o, target, number, point, NULL, out, e);
}

enum err_code proof_make_evidence(struct office *o, const char *target, int64_t number,
                                  const char *evidence, struct buf *out, struct err *e)
{
    return made(o, target, number, PROOF_NEWEST, evidence, out, e);
}
