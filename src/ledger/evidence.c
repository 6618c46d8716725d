#include <config.h>

#include "ledger/evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "crypto/cosign.h"
#include "crypto/note_line.h"
#include "ledger/tree.h"
#include "store/db.h"

#define LOG_KEYS_MAX 8 /* valid at one position; one is usual */

static enum err_code fault(struct audit *a, const char *check, int64_t seq, const char *text)
{
    (void)audit_add(a, check, seq, -1, "%s", text);
    return ERR_TAMPERED;
}

/* ---- a checkpoint by the keys of its position
 * ---------------------------------------------------- */

/* beside: index of the P-256 key, of several the newest, that signs beside the Ed25519 key;
 * LOG_KEYS_MAX where there is none. */
static enum err_code keys_take(const struct chain *c, uint64_t size, const char *origin,
                               struct note_verifier *out[LOG_KEYS_MAX], size_t *count,
                               size_t *beside, struct err *e)
{
    char owner[KEY_OWNER_MAX + 1];
    (void)snprintf(owner, sizeof owner, "office:%s", c->office);
    *count = 0;
    *beside = LOG_KEYS_MAX;
    for (size_t i = 0; i < c->keys.count && *count < LOG_KEYS_MAX; i++) {
        const struct key_span *s = &c->keys.spans[i];
        if (s->purpose == KEY_LOG && strcmp(s->owner, owner) == 0 && s->from >= 0 &&
            (uint64_t)s->from <= size && (uint64_t)s->to >= size) {
            TRY(note_verifier_make(origin, s->spki, s->spki_len, &out[*count], e));
            *beside = s->algorithm == KEY_P256 ? *count : *beside;
            (*count)++;
        }
    }
    return *count > 0 ? ERR_OK
                      : err_set(e, ERR_NOT_FOUND,
                                _("no key of the office was valid for a checkpoint of %" PRIu64
                                  " entries"),
                                size);
}

static size_t bits(uint64_t set)
{
    size_t n = 0;
    for (; set != 0; set &= set - 1) {
        n++;
    }
    return n;
}

/* whole: as the office keeps it, with the signatures of all keys that sign. */
static enum err_code note_open(const struct chain *c, const char *note, size_t len, bool whole,
                               struct checkpoint *out, struct err *e)
{
    struct note_verifier *keys[LOG_KEYS_MAX] = {NULL};
    struct note_verified verified = {.by = 0};
    size_t beside = LOG_KEYS_MAX;
    char origin[OFFICE_CODE_MAX + 16];
    size_t count = 0;
    (void)snprintf(origin, sizeof origin, "aforo.office/%s", c->office);
    TRY(checkpoint_parse(note, note_text_len(note, len), out, e));
    if (strcmp(out->origin, origin) != 0) {
        return err_set(e, ERR_TAMPERED,
                       _("it is a checkpoint of another log, %s; this one is %s"), out->origin,
                       origin);
    }
    enum err_code code = out->size == 0
                             ? err_set(e, ERR_TAMPERED, _("it covers no entry"))
                             : keys_take(c, out->size, origin, keys, &count, &beside, e);
    if (code == ERR_OK) {
        code = note_verify(note, len, (const struct note_verifier *const *)keys, count,
                           &verified, e);
    }
    if (code == ERR_OK && whole && beside < LOG_KEYS_MAX &&
        (verified.by & UINT64_C(1) << beside) == 0) {
        code = err_set(e, ERR_TAMPERED,
                       _("the signature of the log's P-256 key is missing from it"));
    }
    if (code == ERR_OK && whole && note_line_count(note, len) != bits(verified.by)) {
        code =
            err_set(e, ERR_TAMPERED, _("it has signature lines that the office did not write"));
    }
    for (size_t i = 0; i < LOG_KEYS_MAX; i++) {
        note_verifier_free(keys[i]);
    }
    return code;
}

enum err_code evidence_open(const struct chain *c, const char *note, size_t len,
                            struct checkpoint *out, struct err *e)
{
    return note_open(c, note, len, false, out, e);
}

/* ---- the walk
 * ------------------------------------------------------------------------------ */

static enum err_code row_next(struct evidence_walk *w, uint64_t behind, struct audit *a,
                              struct err *e)
{
    struct err why = ERR_INIT;
    enum err_code code = checkpoint_covering(w->db, behind + 1, &w->row, &w->more, &why);
    if (code == ERR_TAMPERED) {
        w->more = false;
        return fault(a, "checkpoint", 0, why.text);
    }
    return code == ERR_OK ? ERR_OK : err_set(e, code, "%s", why.text);
}

enum err_code evidence_begin(struct evidence_walk *w, struct db *db, uint64_t from,
                             struct audit *a, struct err *e)
{
    *w = (struct evidence_walk){.db = db};
    return row_next(w, from, a, e);
}

static bool edges_equal(const struct merkle_frontier *x, const struct merkle_frontier *y)
{
    bool same = x->size == y->size;
    for (unsigned i = 0; same && i < MERKLE_PATH_MAX; i++) {
        same = (x->size >> i & 1) == 0 || hash_equal(&x->edge[i], &y->edge[i]);
    }
    return same;
}

static enum err_code row_check(struct evidence_walk *w, const struct chain *c, struct audit *a,
                               struct err *e)
{
    struct checkpoint says;
    struct hash root;
    struct err why = ERR_INIT;
    enum err_code code = note_open(c, w->row.note, w->row.note_len, true, &says, &why);
    if (code == ERR_NOMEM || code == ERR_CRYPTO) {
        return err_set(e, code, "%s", why.text);
    }
    merkle_root(&c->tree, &root);
    if (code == ERR_OK && says.size != c->tree.size) {
        code = err_set(&why, ERR_TAMPERED, _("it is stored under another size than it says"));
    } else if (code == ERR_OK && !hash_equal(&says.root, &root)) {
        code = err_set(&why, ERR_TAMPERED, _("the entries have another root than it says"));
    } else if (code == ERR_OK && !edges_equal(&w->row.edge, &c->tree)) {
        code = err_set(&why, ERR_TAMPERED, _("the edge kept with it is not the tree's"));
    }
    if (code != ERR_OK) {
        (void)audit_add(a, "checkpoint", (int64_t)c->tree.size, -1,
                        _("checkpoint %" PRId64 " of %" PRIu64 " entries: %s"), w->row.id,
                        c->tree.size, why.text);
        return ERR_TAMPERED;
    }
    a->checkpoints++;
    return row_next(w, c->tree.size, a, e);
}

enum err_code evidence_at(struct evidence_walk *w, const struct chain *c, struct audit *a,
                          struct err *e)
{
    return w->more && w->row.edge.size == c->tree.size ? row_check(w, c, a, e) : ERR_OK;
}

/* ---- the end
 * ------------------------------------------------------------------------------- */

static enum err_code gaps_check(struct evidence_walk *w, struct audit *a, struct err *e)
{
    static const char *const queries[] = {
        "SELECT count(*) - coalesce(max(id), 0) FROM checkpoint",
        "SELECT count(*) FROM checkpoint x JOIN checkpoint y ON y.id = x.id + 1 WHERE y.size "
        "<= "
        "x.size",
        "SELECT count(*) FROM checkpoint WHERE id < 1 OR size < 1",
    };
    int64_t wrong = 0;
    for (size_t i = 0; i < sizeof queries / sizeof queries[0] && wrong == 0; i++) {
        TRY(db_get_int(w->db, &wrong, NULL, e, queries[i], NO_VALS));
    }
    if (wrong != 0) {
        return fault(
            a, "checkpoint", 0,
            _("a checkpoint is missing, or they are not in the order in which they were "
              "signed"));
    }
    return ERR_OK;
}

/* A cosignature with the note it stands under. */
struct cosigned_row {
    int64_t checkpoint, witness;
    struct buf note;
    char vkey[1024];
};

static enum err_code cosigned_check(const struct cosigned_row *r, struct audit *a,
                                    struct err *e)
{
    struct cosigner *who = NULL;
    struct cosigned at;
    struct err why = ERR_INIT;
    enum err_code code = cosigner_parse(r->vkey, &who, &why);
    if (code == ERR_OK) {
        code = cosign_check(buf_str(&r->note), r->note.len, who, &at, &why);
    }
    /* The line and nothing behind it. */
    size_t text = note_text_len(buf_str(&r->note), r->note.len);
    if (code == ERR_OK && (at.line != r->note.data + text + 1 ||
                           at.line + at.line_len != r->note.data + r->note.len)) {
        code = err_set(&why, ERR_TAMPERED, _("it is not one line"));
    }
    cosigner_free(who);
    if (code == ERR_NOMEM) {
        return err_set(e, code, "%s", why.text);
    }
    if (code != ERR_OK) {
        (void)audit_add(a, "cosignature", 0, -1, _("cosignature of checkpoint %" PRId64 ": %s"),
                        r->checkpoint, why.text);
        return ERR_TAMPERED;
    }
    a->cosignatures++;
    return ERR_OK;
}

/* The cosignature after the one in r, of a checkpoint behind `from`; the note with no line but
 * this one. */
static enum err_code cosigned_next(struct db *db, uint64_t from, struct cosigned_row *r,
                                   bool *more, struct err *e)
{
    struct stmt *q = NULL;
    buf_clear(&r->note);
    TRY(db_query(
        db, &q, e,
        "SELECT s.checkpoint, s.witness, c.note, s.line, w.vkey FROM cosignature s LEFT JOIN "
        "checkpoint c "
        "ON c.id = s.checkpoint LEFT JOIN witness w ON w.id = s.witness WHERE (s.checkpoint, "
        "s.witness) > (?, ?) AND (c.size IS NULL OR c.size > ?) ORDER BY s.checkpoint, "
        "s.witness LIMIT 1",
        VALS(V_INT(r->checkpoint), V_INT(r->witness), V_INT((int64_t)from))));
    enum err_code code = stmt_next(q, more, e);
    if (code == ERR_OK && *more) {
        const char *note = stmt_text(q, 2);
        struct val line = stmt_val(q, 3);
        const char *vkey = stmt_text(q, 4);
        size_t text = note == NULL ? 0 : note_text_len(note, strlen(note));
        r->checkpoint = stmt_int(q, 0);
        r->witness = stmt_int(q, 1);
        buf_add(&r->note, note, text);
        buf_addc(&r->note, '\n');
        buf_add(&r->note, line.data, line.len);
        (void)snprintf(r->vkey, sizeof r->vkey, "%s", vkey == NULL ? "" : vkey);
        code = buf_status(&r->note, _("cosignature"), e);
    }
    stmt_done(q);
    return code;
}

enum err_code evidence_cosignatures(struct db *db, uint64_t from, struct audit *a,
                                    struct err *e)
{
    struct cosigned_row r = {.checkpoint = INT64_MIN};
    bool more = true;
    enum err_code code = ERR_OK;
    buf_init(&r.note, NOTE_SIZE_MAX);
    while (code == ERR_OK && more) {
        code = cosigned_next(db, from, &r, &more, e);
        if (code == ERR_OK && more) {
            code = cosigned_check(&r, a, e);
        }
    }
    buf_release(&r.note);
    return code;
}

enum err_code evidence_end(struct evidence_walk *w, const struct chain *c, struct audit *a,
                           struct err *e)
{
    uint64_t now = 0;
    struct hash stored;
    struct hash root;
    TRY(tree_size(w->db, &now, e));
    if (w->more && w->row.edge.size > now) {
        (void)audit_add(a, "checkpoint", (int64_t)now, -1,
                        _("checkpoint %" PRId64 " covers %" PRIu64
                          " entries, and the ledger ends at entry %" PRIu64),
                        w->row.id, w->row.edge.size, now);
        return ERR_TAMPERED;
    }
    struct err why = ERR_INIT;
    enum err_code code = tree_root(w->db, c->tree.size, &stored, &why);
    merkle_root(&c->tree, &root);
    if (code == ERR_TAMPERED || (code == ERR_OK && !hash_equal(&stored, &root))) {
        return fault(a, "tile", 0,
                     code == ERR_OK
                         ? _("the stored tiles of the ledger's tree have another root than the "
                             "entries")
                         : why.text);
    }
    if (code != ERR_OK) {
        return err_set(e, code, "%s", why.text);
    }
    return gaps_check(w, a, e);
}
