#include <config.h>

#include "app/office_checkpoint.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/high_water.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/note_line.h"
#include "ledger/checkpoints.h"
#include "ledger/tree.h"

enum err_code evidence_lock(const struct office *o, int *fd, struct err *e)
{
    char *path = office_path(o, "state/evidence");
    enum err_code code = ERR_OK;
    *fd = -1;
    if (path == NULL) {
        return err_nomem(e);
    }
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0 || flock(*fd, LOCK_EX) != 0) {
        code = err_errno(e, _("cannot lock %s"), path);
        evidence_unlock(*fd);
        *fd = -1;
    }
    mem_free(path);
    return code;
}

void evidence_unlock(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

enum err_code high_water_update(struct office *o, struct err *e)
{
    struct checkpoint_row newest;
    bool found = false;
    int64_t cosignatures = 0;
    struct high_water before;
    struct err damaged = ERR_INIT;
    TRY(checkpoint_newest(o->db, &newest, &found, e));
    TRY(db_get_int(o->db, &cosignatures, NULL, e, "SELECT count(*) FROM cosignature", NO_VALS));
    /* One that was deleted stays missed until it is added again. */
    if (high_water_read(o->high_water_path, &before, &damaged) == ERR_OK && before.found &&
        before.cosignatures > cosignatures) {
        cosignatures = before.cosignatures;
    }
    return found ? high_water_write(o->high_water_path, newest.note, newest.note_len,
                                    cosignatures, e)
                 : ERR_OK;
}

/* A TPM's memory wears out by being written: only when there is something new. */
static enum err_code tpm_update(struct office *o, struct err *e)
{
    struct checkpoint_row newest;
    struct high_water h;
    bool found = false;
    TRY(checkpoint_newest(o->db, &newest, &found, e));
    office_tpm_release(o);
    TRY(high_water_tpm_read(o, &h, e));
    if (!found || (h.found && h.note_len == newest.note_len &&
                   memcmp(h.note, newest.note, h.note_len) == 0)) {
        return ERR_OK;
    }
    return high_water_tpm_write(o, newest.note, newest.note_len, e);
}

static enum err_code row_store(struct office *o, const struct checkpoint_row *c, bool *stored,
                               struct err *e)
{
    TRY(db_begin(o->db, e));
    enum err_code code = checkpoint_store(o->db, c, stored, e);
    if (code == ERR_OK) {
        code = db_commit(o->db, e);
    }
    if (code != ERR_OK) {
        db_rollback(o->db);
    }
    return code;
}

/* What somebody handed in may have lines of witnesses, which are kept elsewhere. */
static enum err_code own_lines_keep(const struct office *o, const struct high_water *h,
                                    struct checkpoint_row *c, struct err *e)
{
    struct buf note;
    char origin[OFFICE_ORIGIN_MAX + 1];
    office_origin(o, origin);
    buf_init(&note, CHECKPOINT_NOTE_MAX - 1);
    enum err_code code = note_lines_of(h->note, h->note_len, origin, &note, e);
    if (code == ERR_OK) {
        memcpy(c->note, buf_str(&note), note.len + 1);
        c->note_len = note.len;
    }
    buf_release(&note);
    return code;
}

/* A database that was restored from before the newest checkpoint, but not from before its
 * entries, takes the note back from the high-water file or the TPM. */
static enum err_code published_take(struct office *o, struct checkpoint_row *last,
                                    struct err *e)
{
    struct high_water known[HIGH_WATERS];
    const struct high_water *h = known;
    struct hash root;
    struct checkpoint_row c = {.id = last->id + 1, .edge = last->edge};
    bool stored = false;
    TRY(high_water_known(o, known, e));
    for (size_t i = 0; i < HIGH_WATERS; i++) {
        TRY(high_water_judge(o, &known[i], e));
    }
    uint64_t size = 0;
    TRY(tree_size(o->db, &size, e));
    if (!h->found || h->says.size <= last->edge.size || h->says.size > size) {
        return ERR_OK; /* the last: an admitted gap */
    }
    TRY(tree_follow(o->db, &c.edge, h->says.size, e));
    merkle_root(&c.edge, &root);
    if (!hash_equal(&root, &h->says.root)) {
        return ERR_OK; /* an admitted gap that the ledger has outgrown */
    }
    TRY(own_lines_keep(o, h, &c, e));
    TRY(row_store(o, &c, &stored, e));
    *last = c;
    return ERR_OK;
}

static enum err_code note_make(struct office *o, struct checkpoint *c,
                               struct checkpoint_row *row, struct err *e)
{
    struct note_key *key = NULL, *beside = NULL;
    struct buf note;
    TRY(office_log_key(o, &key, e));
    TRY(office_log_key_beside(o, &beside, e));
    (void)snprintf(c->origin, sizeof c->origin, "%s", note_key_name(key));
    buf_init(&note, CHECKPOINT_NOTE_MAX - 1);
    enum err_code code = checkpoint_sign(c, key, &note, e);
    if (code == ERR_OK && beside != NULL) { /* the second line; proofs take the first alone */
        code = note_sign_beside(&note, beside, e);
    }
    if (code == ERR_OK) {
        memcpy(row->note, note.data, note.len);
        row->note_len = note.len;
    }
    buf_release(&note);
    return code;
}

static enum err_code checkpoint_next(struct office *o, struct checkpoint_made *out,
                                     struct err *e)
{
    struct checkpoint_row last;
    struct checkpoint c = {.extension = NULL};
    struct checkpoint_row row = {.id = 0};
    bool found = false;
    TRY(checkpoint_newest(o->db, &last, &found, e));
    TRY(published_take(o, &last, e));
    TRY(checkpoint_compute(o->db, &last, &c, &row.edge, e));
    *out = (struct checkpoint_made){.id = last.id, .size = c.size, .root = c.root};
    if (c.size > last.edge.size) {
        TRY(note_make(o, &c, &row, e));
        TRY(row_store(o, &row, &out->made, e));
        out->id = last.id + 1;
    }
    TRY(high_water_update(o, e));
    return tpm_update(o, e);
}

enum err_code office_checkpoint(struct office *o, struct checkpoint_made *out, struct err *e)
{
    int fd = -1;
    *out = (struct checkpoint_made){.made = false};
    if (o->behind.code != ERR_OK) {
        return err_set(e, o->behind.code, "%s", o->behind.text);
    }
    TRY(evidence_lock(o, &fd, e));
    enum err_code code = checkpoint_next(o, out, e);
    evidence_unlock(fd);
    return code;
}
