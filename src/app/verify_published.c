/* A verified ledger against checkpoints from outside the database: the office's own high-water
 * file, and the one an auditor brings. Each is proved to be a beginning of the tree that was
 * just verified, whatever the stored tiles say. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/files.h"
#include "app/high_water.h"
#include "app/verify_deep.h"
#include "base/i18n.h"
#include "crypto/witness_request.h"
#include "ledger/evidence.h"
#include "ledger/tree.h"

/* *holds: the checkpoint's tree is the beginning of the chain's. A proof that the stored tiles
 * cannot give is none. */
static enum err_code beginning_check(struct db *db, const struct chain *c,
                                     const struct checkpoint *says, bool *holds, struct err *e)
{
    struct hash path[MERKLE_PATH_MAX];
    struct hash root;
    size_t len = 0;
    struct err why = ERR_INIT;
    enum err_code code = tree_consistency(db, says->size, c->tree.size, path, &len, &why);
    merkle_root(&c->tree, &root);
    *holds = code == ERR_OK &&
             merkle_verify_consistency(says->size, c->tree.size, path, len, &says->root, &root);
    return code == ERR_OK || code == ERR_TAMPERED ? ERR_OK : err_set(e, code, "%s", why.text);
}

/* Entry that admits that the ledger went on behind this checkpoint; 0: none does. */
static enum err_code admitted(struct db *db, const struct checkpoint *says, int64_t *seq,
                              struct err *e)
{
    *seq = 0;
    return db_get_int(db, seq, NULL, e,
                      "SELECT seq FROM rollback WHERE published_size=? AND published_root=?",
                      VALS(V_INT((int64_t)says->size), V_HASH(&says->root)));
}

/* ---- the high-water file
 * ------------------------------------------------------------------- */

static enum err_code evidence_there(struct db *db, const struct high_water *h, struct audit *a,
                                    struct err *e)
{
    int64_t n = 0;
    bool there = false;
    TRY(db_get_int(db, &n, &there, e, "SELECT id FROM checkpoint WHERE size=?",
                   VALS(V_INT((int64_t)h->says.size))));
    if (!there) {
        (void)audit_add(a, "checkpoint", 0, -1,
                        _("the checkpoint of %" PRIu64
                          " entries that was published is not in the database; aforo "
                          "checkpoint sign takes it back"),
                        h->says.size);
    }
    TRY(db_get_int(db, &n, NULL, e, "SELECT count(*) FROM cosignature", NO_VALS));
    if (n < h->cosignatures) {
        (void)audit_add(
            a, "cosignature", 0, -1,
            _("the office had %" PRId64 " cosignatures and has %" PRId64
              "; add the missing ones again: aforo checkpoint add-cosignature FILE"),
            h->cosignatures, n);
    }
    return ERR_OK;
}

/* path: where it was found, for sentences. */
static enum err_code high_water_check(struct db *db, const struct high_water *known,
                                      const char *path, const struct chain *c, struct audit *a,
                                      struct err *e)
{
    const struct high_water h = *known;
    struct checkpoint says;
    struct err why = ERR_INIT;
    uint64_t now = 0;
    int64_t seq = 0;
    bool holds = false;
    TRY(tree_size(db, &now, e));
    if (!h.found || (h.says.size > c->tree.size && h.says.size <= now)) {
        return ERR_OK; /* none, or one that was signed while we checked */
    }
    TRY(admitted(db, &h.says, &seq, e));
    if (seq != 0) {
        return ERR_OK;
    }
    if (h.says.size > now) {
        (void)audit_add(a, "rollback", (int64_t)now, -1,
                        _("the ledger ends at entry %" PRIu64 ", but its checkpoint of %" PRIu64
                          " entries was published: the database was rolled back"),
                        now, h.says.size);
        return ERR_OK;
    }
    enum err_code code = evidence_open(c, h.note, h.note_len, &says, &why);
    if (code == ERR_NOMEM || code == ERR_CRYPTO) {
        return err_set(e, code, "%s", why.text);
    }
    if (code != ERR_OK) {
        (void)audit_add(a, "high_water", 0, -1, "%s: %s", path, why.text);
        return ERR_OK;
    }
    TRY(beginning_check(db, c, &says, &holds, e));
    if (!holds) {
        (void)audit_add(
            a, "rewritten", (int64_t)says.size, -1,
            _("the first %" PRIu64
              " entries are not those of the checkpoint that was published of them"),
            says.size);
    }
    return evidence_there(db, &h, a, e);
}

static enum err_code file_check(struct db *db, const char *path, const struct chain *c,
                                struct audit *a, struct err *e)
{
    struct high_water h;
    struct err why = ERR_INIT;
    enum err_code code = high_water_read(path, &h, &why);
    if (code == ERR_TAMPERED) {
        (void)audit_add(a, "high_water", 0, -1, _("%s; find out why, and remove it"), why.text);
        return ERR_OK;
    }
    return code == ERR_OK ? high_water_check(db, &h, path, c, a, e)
                          : err_set(e, code, "%s", why.text);
}

/* The TPM, of an office whose log has a key there. An office that cannot be opened has other
 * faults, found elsewhere. */
static enum err_code tpm_check(struct db *db, const struct verify_request *q,
                               const struct chain *c, struct audit *a, struct err *e)
{
    struct office *o = NULL;
    struct high_water h = {.found = false};
    struct err why = ERR_INIT;
    bool any = false;
    int64_t one = 0;
    TRY(db_get_int(
        db, &one, &any, e,
        "SELECT 1 FROM key WHERE purpose = 'log' AND algorithm = 'p256' AND valid_to "
        "IS NULL LIMIT 1",
        NO_VALS));
    if (!any || office_open(q->dir, DB_READ, q->env, &o, &why) != ERR_OK) {
        return ERR_OK;
    }
    enum err_code code = high_water_tpm_read(o, &h, &why);
    office_close(o);
    if (code == ERR_TAMPERED) {
        (void)audit_add(a, "high_water", 0, -1, "%s", why.text);
        return ERR_OK;
    }
    return code == ERR_OK ? high_water_check(db, &h, "TPM", c, a, e)
                          : err_set(e, code, "%s", why.text);
}

/* ---- an auditor's checkpoint
 * --------------------------------------------------------------- */

static enum err_code against_check(struct db *db, const char *path, const struct chain *c,
                                   struct audit *a, struct err *e)
{
    struct buf note;
    struct checkpoint says = {.size = 0};
    int64_t seq = 0;
    bool holds = false;
    buf_init(&note, WITNESS_REQUEST_MAX);
    enum err_code code = file_read(path, &note, e);
    if (code == ERR_OK) {
        struct note_text t = note_within(buf_str(&note), note.len);
        code = evidence_open(c, t.data, t.len, &says, e);
        code = code == ERR_OK ? code : err_wrap(e, "%s", path);
    }
    buf_release(&note);
    /* It is the file that is no good here: nothing is said against the ledger. */
    TRY(code == ERR_TAMPERED ? err_set(e, ERR_PARSE, "%s", e->text) : code);
    TRY(admitted(db, &says, &seq, e));
    if (says.size <= c->tree.size) {
        TRY(beginning_check(db, c, &says, &holds, e));
    }
    a->against = says.size;
    if (holds) {
        return ERR_OK;
    }
    if (says.size > c->tree.size) {
        (void)audit_add(
            a, "against", (int64_t)c->tree.size, -1,
            _("the ledger ends at entry %" PRIu64 "; %s covers %" PRIu64 " entries"),
            c->tree.size, path, says.size);
    } else {
        (void)audit_add(a, "against", (int64_t)says.size, -1,
                        _("the first %" PRIu64 " entries are not those of %s"), says.size,
                        path);
    }
    if (seq != 0) {
        (void)audit_add(
            a, "against", seq, -1,
            _("entry %" PRId64 " says that the office went on behind that checkpoint"), seq);
    }
    return ERR_OK;
}

enum err_code published_check(const struct verify_request *q, const char *db_path,
                              const char *high_water, const struct chain *c, struct audit *a,
                              struct err *e)
{
    struct db *db = NULL;
    TRY(db_open(db_path, DB_READ, &db, e));
    enum err_code code = evidence_cosignatures(db, (uint64_t)(a->from - 1), a, e);
    code = code == ERR_TAMPERED ? ERR_OK : code; /* its fault stands in a */
    if (code == ERR_OK) {
        code = file_check(db, high_water, c, a, e);
    }
    if (code == ERR_OK) {
        code = tpm_check(db, q, c, a, e);
    }
    if (code == ERR_OK && q->against != NULL) {
        code = against_check(db, q->against, c, a, e);
    }
    db_close(db);
    return code == ERR_OK ? audit_status(a, e) : code;
}
