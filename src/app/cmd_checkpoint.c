/* Commands of checkpoints and of the witnesses that cosign them. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/erasing.h"
#include "app/files.h"
#include "app/high_water.h"
#include "app/office_checkpoint.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/cosign.h"
#include "crypto/note_line.h"
#include "ledger/checkpoints.h"
#include "ledger/tree.h"

#define WITNESSES_MAX 32

/* ---- signing
 * ------------------------------------------------------------------------------- */

static enum err_code run_checkpoint_sign(struct command_ctx *c, struct err *e)
{
    struct checkpoint_made made;
    TRY(office_checkpoint(c->office, &made, e));
    c->result_id = made.id;
    (void)snprintf(c->message, sizeof c->message,
                   made.made ? ngettext("checkpoint %" PRId64 " of %" PRIu64 " entry signed",
                                        "checkpoint %" PRId64 " of %" PRIu64 " entries signed",
                                        (unsigned long)made.size)
                             : ngettext("checkpoint %" PRId64 " covers the %" PRIu64
                                        " entry already; nothing new to sign",
                                        "checkpoint %" PRId64 " covers all %" PRIu64
                                        " entries already; nothing new to sign",
                                        (unsigned long)made.size),
                   made.id, made.size);
    return ERR_OK;
}

static const struct param checkpoint_sign_params[] = {PARAM_END};
const struct command cmd_checkpoint_sign = {"checkpoint sign",
                                            N_("sign what the ledger holds now, for outsiders"),
                                            CMD_BULK,
                                            checkpoint_sign_params,
                                            NULL,
                                            run_checkpoint_sign};

/* ---- going on behind what was published
 * ---------------------------------------------------- */

static enum err_code hash_data(struct command_ctx *c, struct json *o, const char *name,
                               const struct hash *h, struct err *e)
{
    char hex[65];
    hash_hex(h, hex);
    return data_text(c, o, name, hex, e);
}

static enum err_code build_resolve(struct command_ctx *c, struct draft *d, struct err *e)
{
    const struct high_water *h = c->report;
    struct hash root;
    TRY(tree_root(c->office->db, (uint64_t)c->head.seq, &root, e));
    TRY(draft_begin(c, d, "rollback.resolved", e));
    TRY(data_int(c, d->data, "published_size", (int64_t)h->says.size, e));
    TRY(hash_data(c, d->data, "published_root", &h->says.root, e));
    TRY(data_text(c, d->data, "published", h->note, e));
    TRY(data_int(c, d->data, "size", c->head.seq, e));
    TRY(hash_data(c, d->data, "root", &root, e));
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

/* The note that can no longer be followed stays as evidence, beside the one that replaces it.
 */
static enum err_code published_keep(const struct office *o, const struct high_water *h,
                                    struct err *e)
{
    char name[64];
    (void)snprintf(name, sizeof name, "state/high-water.%" PRIu64, h->says.size);
    char *path = office_path(o, name);
    enum err_code code = path == NULL
                             ? err_nomem(e)
                             : high_water_write(path, h->note, h->note_len, h->cosignatures, e);
    mem_free(path);
    return code;
}

/* What was erased since is here again. The mark outlives a process that is killed after the
 * entry, so that the next writer does the rest. */
static enum err_code erasures_mark(const struct office *o, int *mark, struct err *e)
{
    char *path = office_path(o, "state/erasures");
    bool listed = path != NULL && access(path, F_OK) == 0;
    mem_free(path);
    *mark = -1;
    return listed ? erasing_begin(o, mark, e) : ERR_OK;
}

static void erasures_apply(struct command_ctx *c, int mark)
{
    struct err why = ERR_INIT;
    int64_t again = 0;
    enum err_code code =
        mark < 0 ? ERR_OK : erasing_apply(c->office, c->progress, &again, &why);
    erasing_end(mark, code == ERR_OK);
    if (code != ERR_OK) {
        (void)snprintf(c->warning, sizeof c->warning,
                       _("what had been erased is here again: %s"), why.text);
    } else if (again > 0 && c->out != NULL && !c->json) {
        buf_addf(c->out,
                 ngettext("%" PRId64 " value that had been erased is erased again",
                          "%" PRId64 " values that had been erased are erased again",
                          (unsigned long)again),
                 again);
        buf_addc(c->out, '\n');
    }
}

/* What a check saw of the lost entries is no fault any more; it is kept under another name. */
static void verified_keep(const struct office *o, uint64_t size)
{
    char name[64];
    (void)snprintf(name, sizeof name, "state/verified.%" PRIu64, size);
    char *from = office_path(o, "state/verified");
    char *to = office_path(o, name);
    if (from != NULL && to != NULL) {
        (void)rename(from, to); /* where there is none, the next check is a full one anyhow */
    }
    mem_free(from);
    mem_free(to);
}

static enum err_code run_checkpoint_resolve(struct command_ctx *c, struct err *e)
{
    struct high_water known[HIGH_WATERS];
    struct ticket t;
    struct checkpoint_made made;
    struct office *o = c->office;
    if (o->behind.code == ERR_OK) {
        return err_set(
            e, ERR_STATE,
            _("office %s reaches all that it published: there is nothing to resolve"), o->code);
    }
    if (o->behind.code != ERR_STATE) { /* a damaged file says nothing that could be resolved */
        return err_set(e, o->behind.code, "%s", o->behind.text);
    }
    int mark = -1;
    TRY(high_water_known(o, known, e));
    struct high_water *h = &known[0];
    TRY(published_keep(o, h, e));
    TRY(erasures_mark(o, &mark, e));
    c->report = h;
    enum err_code code = act_user(c, build_resolve, &t, e);
    c->report = NULL;
    if (code != ERR_OK) {
        erasing_end(mark, false);
        return code;
    }
    o->behind = (struct err)ERR_INIT;
    verified_keep(o, h->says.size);
    erasures_apply(c, mark);
    (void)unlink(o->high_water_path); /* its note and count stand in the copy */
    TRY(high_water_tpm_write(o, h->note, h->note_len, e));
    TRY(office_checkpoint(o, &made, e));
    (void)snprintf(c->message, sizeof c->message,
                   _("the ledger goes on behind the published checkpoint of %" PRIu64
                     " entries; witnesses that saw it will call this a fork"),
                   h->says.size);
    return ERR_OK;
}

static const struct param checkpoint_resolve_params[] = {
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("what happened to the newer database"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_checkpoint_resolve = {
    "checkpoint resolve",
    N_("go on with a database that is behind what the office published"),
    CMD_CONFIRM | CMD_BULK | CMD_BEHIND,
    checkpoint_resolve_params,
    NULL,
    run_checkpoint_resolve};

/* ---- witnesses
 * ----------------------------------------------------------------------------- */

static enum err_code build_witness_add(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct cosigner *who = NULL;
    const char *vkey = arg_text(c, "vkey");
    int64_t id = 0;
    int64_t same = 0;
    bool there = false;
    enum err_code code = cosigner_parse(vkey, &who, e);
    const char *name = code == ERR_OK ? arena_strdup(c->arena, cosigner_name(who)) : NULL;
    cosigner_free(who);
    TRY(code);
    if (name == NULL) {
        return err_nomem(e);
    }
    TRY(db_get_int(c->office->db, &same, &there, e,
                   "SELECT id FROM witness WHERE name=? AND removed IS NULL",
                   VALS(V_TEXT(name))));
    if (there) {
        return err_set(e, ERR_EXISTS, _("the office knows a witness %s already"), name);
    }
    TRY(db_get_int(c->office->db, &same, NULL, e,
                   "SELECT count(*) FROM witness WHERE removed IS NULL", NO_VALS));
    if (same >= WITNESSES_MAX) {
        return err_set(e, ERR_LIMIT, _("an office has at most %d witnesses"), WITNESSES_MAX);
    }
    TRY(next_id(c, "SELECT max(id) FROM witness", &id, e));
    TRY(draft_begin(c, d, "witness.added", e));
    TRY(data_int(c, d->data, "witness", id, e));
    TRY(data_text(c, d->data, "name", name, e));
    TRY(data_text(c, d->data, "vkey", vkey, e));
    (void)snprintf(c->message, sizeof c->message, _("witness %s added"), name);
    return ERR_OK;
}

static const struct param witness_add_params[] = {
    {"vkey", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("the witness's verifier key, NAME+ID+KEY"), NULL, NULL},
    PARAM_END};
const struct command cmd_witness_add = {"witness add",
                                        N_("trust a witness's cosignatures from now on"),
                                        0,
                                        witness_add_params,
                                        build_witness_add,
                                        NULL};

static enum err_code build_witness_remove(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *name = arg_text(c, "name");
    int64_t id = 0;
    bool found = false;
    TRY(db_get_int(c->office->db, &id, &found, e,
                   "SELECT id FROM witness WHERE name=? AND removed IS NULL",
                   VALS(V_TEXT(name))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND, _("the office knows no witness %s"), name);
    }
    TRY(draft_begin(c, d, "witness.removed", e));
    TRY(data_int(c, d->data, "witness", id, e));
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

static const struct param witness_remove_params[] = {{"name", PARAM_TEXT,
                                                      PARAM_REQUIRED | PARAM_POSITIONAL,
                                                      N_("the witness's name"), NULL, NULL},
                                                     PARAM_REASON,
                                                     PARAM_END};
const struct command cmd_witness_remove = {
    "witness remove",     N_("take no more cosignatures of a witness"),
    CMD_CONFIRM,          witness_remove_params,
    build_witness_remove, NULL};

/* ---- cosignatures
 * -------------------------------------------------------------------------- */

struct witness {
    int64_t id;
    struct cosigner *key;
};

static enum err_code witnesses_read(struct office *o, struct witness list[WITNESSES_MAX],
                                    size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, "SELECT id, vkey FROM witness WHERE removed IS NULL ORDER BY id",
                 NO_VALS));
    enum err_code code = ERR_OK;
    while (*count < WITNESSES_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        list[*count].id = stmt_int(q, 0);
        code = cosigner_parse(stmt_text(q, 1), &list[*count].key, e);
        if (code != ERR_OK) {
            break;
        }
        (*count)++;
    }
    stmt_done(q);
    return code;
}

/* Our checkpoint of that size, and the note is of its very text. */
static enum err_code ours_find(struct office *o, const char *note, size_t len,
                               struct checkpoint_row *row, struct err *e)
{
    struct checkpoint says;
    char origin[OFFICE_ORIGIN_MAX + 1];
    bool found = false;
    size_t text = note_text_len(note, len);
    office_origin(o, origin);
    TRY(checkpoint_parse(note, text, &says, e));
    if (strcmp(says.origin, origin) != 0) {
        return err_set(e, ERR_USAGE, _("it is a checkpoint of %s; this office is %s"),
                       says.origin, origin);
    }
    TRY(checkpoint_of_size(o->db, says.size, row, &found, e));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND,
                       _("this office's ledger has no checkpoint of %" PRIu64
                         " entries; whether it begins with what this one says is told by: "
                         "aforo verify --against FILE"),
                       says.size);
    }
    if (text != note_text_len(row->note, row->note_len) || memcmp(note, row->note, text) != 0) {
        return err_set(e, ERR_TAMPERED,
                       _("it has another root than the checkpoint of %" PRIu64
                         " entries that this office signed: somebody shows two ledgers"),
                       says.size);
    }
    return ERR_OK;
}

struct adding {
    int64_t checkpoint;
    const char *note;
    size_t len;
    unsigned added, known;
};

static enum err_code line_add(struct db *db, struct adding *w, const struct witness *who,
                              struct err *e)
{
    struct cosigned at;
    int64_t there = 0;
    bool have = false;
    struct err why = ERR_INIT;
    enum err_code code = cosign_check(w->note, w->len, who->key, &at, &why);
    if (code == ERR_NOT_FOUND) {
        return ERR_OK;
    }
    if (code == ERR_OK && at.line_len > COSIGNATURE_LINE_MAX) {
        code = err_set(&why, ERR_LIMIT, _("the cosignature of %s is too long"),
                       cosigner_name(who->key));
    }
    if (code != ERR_OK) {
        return err_set(e, code, "%s", why.text);
    }
    w->known++;
    TRY(db_get_int(db, &there, &have, e,
                   "SELECT witness FROM cosignature WHERE checkpoint=? AND witness=?",
                   VALS(V_INT(w->checkpoint), V_INT(who->id))));
    if (have) {
        return ERR_OK;
    }
    w->added++;
    return db_run(db, e, "INSERT INTO cosignature(checkpoint, witness, line) VALUES(?,?,?)",
                  VALS(V_INT(w->checkpoint), V_INT(who->id), V_TEXT_N(at.line, at.line_len)));
}

/* All or nothing. */
static enum err_code lines_add(struct office *o, struct adding *w, const struct witness *list,
                               size_t count, struct err *e)
{
    int fd = -1;
    TRY(evidence_lock(o, &fd, e));
    enum err_code code = db_begin(o->db, e);
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        code = line_add(o->db, w, &list[i], e);
    }
    if (code == ERR_OK && w->known == 0) {
        code = err_set(e, ERR_NOT_FOUND,
                       _("no witness that this office knows has cosigned it; see: aforo help "
                         "witness add"));
    }
    if (code == ERR_OK) {
        code = db_commit(o->db, e);
    }
    if (code != ERR_OK) {
        db_rollback(o->db);
    } else {
        code = high_water_update(o, e);
    }
    evidence_unlock(fd);
    return code;
}

static enum err_code run_add_cosignature(struct command_ctx *c, struct err *e)
{
    struct witness list[WITNESSES_MAX] = {{0, NULL}};
    struct checkpoint_row row;
    struct buf note;
    size_t count = 0;
    struct adding w = {.added = 0};
    const char *path = arg_text(c, "file");
    buf_init(&note, NOTE_SIZE_MAX);
    enum err_code code = file_read(path, &note, e);
    if (code == ERR_OK) {
        code = ours_find(c->office, buf_str(&note), note.len, &row, e);
        code = code == ERR_OK ? witnesses_read(c->office, list, &count, e) : code;
        w = (struct adding){.checkpoint = row.id, .note = buf_str(&note), .len = note.len};
        code = code == ERR_OK ? lines_add(c->office, &w, list, count, e) : code;
        code = code == ERR_OK ? code : err_wrap(e, "%s", path);
    }
    for (size_t i = 0; i < count; i++) {
        cosigner_free(list[i].key);
    }
    buf_release(&note);
    TRY(code);
    c->result_id = w.checkpoint;
    (void)snprintf(c->message, sizeof c->message,
                   ngettext("checkpoint %" PRId64 ": %u cosignature added, %u known before",
                            "checkpoint %" PRId64 ": %u cosignatures added, %u known before",
                            w.added),
                   w.checkpoint, w.added, w.known - w.added);
    return ERR_OK;
}

static const struct param add_cosignature_params[] = {
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("the checkpoint as a witness gave it back"), NULL, NULL},
    PARAM_END};
const struct command cmd_add_cosignature = {"checkpoint add-cosignature",
                                            N_("keep what a witness signed under a checkpoint"),
                                            CMD_BULK,
                                            add_cosignature_params,
                                            NULL,
                                            run_add_cosignature};
