/* Old windows of packets sealed into segments, dropped from the database, taken back. Source:
 * docs/segments.md. */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/segment_write.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

#define DROP_BATCHES 16 /* batches whose bytes go in one transaction */

#define PARAM_SEGMENTS                                                                         \
    {                                                                                          \
        "segments", PARAM_TEXT, 0,                                                             \
            N_("folder of the segments' files; left out: the folder segments of the office"),  \
            NULL, NULL                                                                         \
    }
#define PARAM_NUMBER                                                                           \
    {                                                                                          \
        "segment", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the segment"),  \
            NULL, NULL                                                                         \
    }

/* What the entries of these commands are about. */
struct segment_act {
    char folder[SEGMENT_PATH_MAX];
    struct segment_row row;
};

/* ---- one at a time ---- */

static enum err_code segments_lock(const struct office *o, int *fd, struct err *e)
{
    char *path = office_path(o, "state/segments");
    if (path == NULL) {
        return err_nomem(e);
    }
    enum err_code code = ERR_OK;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) {
        code = err_errno(e, _("cannot lock %s"), path);
    } else if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        code = err_set(e, ERR_CONFLICT,
                       _("segments of this office are being worked on already; wait until that "
                         "is done"));
        (void)close(*fd);
        *fd = -1;
    }
    mem_free(path);
    return code;
}

/* Run a command's part under the lock. */
static enum err_code locked(struct command_ctx *c,
                            enum err_code (*run)(struct command_ctx *c, struct segment_act *a,
                                                 struct err *e),
                            struct err *e)
{
    int fd = -1;
    struct segment_act *a = mem_alloc(sizeof *a);
    if (a == NULL) {
        return err_nomem(e);
    }
    void *report = c->report;
    enum err_code code = segment_folder(c->office->dir, arg_text(c, "segments"), a->folder, e);
    if (code == ERR_OK) {
        code = segments_lock(c->office, &fd, e);
    }
    if (code == ERR_OK) {
        c->report = a;
        code = run(c, a, e);
        c->report = report;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    mem_free(a);
    return code;
}

static enum err_code hash_data(struct command_ctx *c, struct json *o, const char *name,
                               const struct hash *h, struct err *e)
{
    char hex[65];
    hash_hex(h, hex);
    return data_text(c, o, name, hex, e);
}

static void count_words(const struct office *o, int64_t n, struct buf *out)
{
    char machine[24];
    (void)snprintf(machine, sizeof machine, "%" PRId64, n);
    numfmt_number(o->numfmt, machine, out);
}

/* ---- sealing ---- */

static enum err_code build_sealed(struct command_ctx *c, struct draft *d, struct err *e)
{
    const struct segment_act *a = c->report;
    const struct segment_row *s = &a->row;
    int64_t next = 0;
    const struct {
        const char *name;
        int64_t value;
    } figures[] = {{"segment", s->id},      {"first", s->first},     {"last", s->last},
                   {"windows", s->windows}, {"batches", s->batches}, {"packets", s->packets},
                   {"bytes", s->bytes},     {"size", s->size}};
    TRY(next_id(c, "SELECT max(id) FROM segment", &next, e));
    if (next != s->id) {
        return err_set(e, ERR_CONFLICT,
                       _("segments of this office are being worked on already; wait until that "
                         "is done"));
    }
    TRY(draft_begin(c, d, "segment.sealed", e));
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        TRY(data_int(c, d->data, figures[i].name, figures[i].value, e));
    }
    TRY(data_text(c, d->data, "before", arg_text(c, "before"), e));
    TRY(hash_data(c, d->data, "root", &s->root, e));
    return hash_data(c, d->data, "sha256", &s->sha256, e);
}

static enum err_code nothing_to_seal(const struct command_ctx *c, const struct segment_plan *p,
                                     struct err *e)
{
    return p->open != 0
               ? err_set(e, ERR_STATE,
                         _("window %" PRId64
                           " is still open, and windows are sealed in their order; the next "
                           "import of packets closes it"),
                         p->open)
               : err_set(e, ERR_STATE,
                         _("every window that was closed before %s is in a segment already"),
                         arg_text(c, "before"));
}

static void sealed_tell(struct command_ctx *c, const struct segment_act *a,
                        const struct segment_plan *p)
{
    struct buf packets;
    char name[SEGMENT_NAME_MAX];
    const struct segment_row *s = &a->row;
    buf_init(&packets, 64);
    count_words(c->office, s->packets, &packets);
    segment_name(c->office->code, s->id, &s->sha256, name);
    (void)snprintf(c->message, sizeof c->message,
                   _("segment %" PRId64 ": windows %" PRId64 " to %" PRId64
                     ", %s packets, in %s/%s; keep a copy of it elsewhere"),
                   s->id, s->first, s->last, buf_str(&packets), a->folder, name);
    if (p->more) {
        (void)snprintf(c->warning, sizeof c->warning,
                       _("more windows are as old: run the same again for the next segment"));
    } else if (p->open != 0) {
        (void)snprintf(
            c->warning, sizeof c->warning,
            _("window %" PRId64
              " is still open and waits, with those behind it, for the next segment"),
            p->open);
    }
    buf_release(&packets);
}

static enum err_code seal(struct command_ctx *c, struct segment_act *a, struct err *e)
{
    struct segment_plan p;
    struct ticket t;
    TRY(segment_plan(c->office->db, arg_text(c, "before"), &p, e));
    if (p.windows == 0) {
        return nothing_to_seal(c, &p, e);
    }
    TRY(segment_make(c->office, &p, a->folder, c->progress, &a->row, e));
    TRY(act_user(c, build_sealed, &t, e));
    c->result_id = a->row.id;
    sealed_tell(c, a, &p);
    return ERR_OK;
}

static enum err_code run_segment_seal(struct command_ctx *c, struct err *e)
{
    return locked(c, seal, e);
}

static const struct param seal_params[] = {{"before", PARAM_DATE, PARAM_REQUIRED,
                                            N_("windows that were closed before this day"),
                                            NULL, NULL},
                                           PARAM_SEGMENTS,
                                           PARAM_END};
const struct command cmd_segment_seal = {
    "segment seal",
    N_("write old windows of packets, with their proofs, into a file of their own"),
    CMD_BULK,
    seal_params,
    NULL,
    run_segment_seal};

/* ---- dropping ---- */

static enum err_code row_load(struct command_ctx *c, struct segment_act *a, struct err *e)
{
    bool found = false;
    int64_t id = arg_get(c, "segment")->integer;
    TRY(segment_load(c->office->db, id, &a->row, &found, e));
    return found ? ERR_OK
                 : err_set(
                       e, ERR_NOT_FOUND,
                       _("there is no segment %" PRId64 "; see them with: aforo list segments"),
                       id);
}

/* Somebody else may have done it since: then there is nothing to record. */
static enum err_code change_data(struct command_ctx *c, struct draft *d, const char *kind,
                                 struct err *e)
{
    const struct segment_act *a = c->report;
    struct segment_row now;
    bool found = false;
    TRY(segment_load(c->office->db, a->row.id, &now, &found, e));
    if (!found || now.dropped != a->row.dropped) {
        return err_set(e, ERR_CONFLICT, _("somebody else changed the segment meanwhile"));
    }
    TRY(draft_begin(c, d, kind, e));
    TRY(data_int(c, d->data, "segment", a->row.id, e));
    return hash_data(c, d->data, "sha256", &a->row.sha256, e);
}

static enum err_code build_dropped(struct command_ctx *c, struct draft *d, struct err *e)
{
    return change_data(c, d, "segment.dropped", e);
}

static enum err_code build_restored(struct command_ctx *c, struct draft *d, struct err *e)
{
    return change_data(c, d, "segment.restored", e);
}

/* The entries of a segment's windows. */
static enum err_code entries_of(struct office *o, const struct segment_row *s, int64_t *from,
                                int64_t *to, struct err *e)
{
    TRY(db_get_int(o->db, from, NULL, e, "SELECT opened FROM import_run WHERE id = ?",
                   VALS(V_INT(s->first))));
    return db_get_int(o->db, to, NULL, e, "SELECT ended FROM import_run WHERE id = ?",
                      VALS(V_INT(s->last)));
}

/* The next batches that still hold bytes; *seq moves on behind them. */
static enum err_code bytes_drop_some(struct office *o, int64_t *seq, int64_t to, bool *more,
                                     struct err *e)
{
    TRY(db_begin(o->db, e));
    enum err_code code = ERR_OK;
    *more = true;
    for (int i = 0; code == ERR_OK && *more && i < DROP_BATCHES; i++) {
        int64_t at = 0;
        code = db_get_int(o->db, &at, more, e,
                          "SELECT min(seq) FROM history WHERE kind = 'window.batch' AND seq > "
                          "? AND seq <= ?",
                          VALS(V_INT(*seq), V_INT(to)));
        if (code == ERR_OK && *more) {
            *seq = at;
            code = db_run(o->db, e,
                          "UPDATE item SET data = NULL WHERE seq = ? AND data IS NOT NULL",
                          VALS(V_INT(at)));
        }
    }
    if (code == ERR_OK) {
        code = db_commit(o->db, e);
    }
    if (code != ERR_OK) {
        db_rollback(o->db);
    }
    return code;
}

static enum err_code bytes_drop(struct command_ctx *c, const struct segment_row *s,
                                struct err *e)
{
    int64_t from = 0;
    int64_t to = 0;
    bool more = true;
    TRY(entries_of(c->office, s, &from, &to, e));
    for (int64_t seq = from; more;) {
        TRY(bytes_drop_some(c->office, &seq, to, &more, e));
        if (!progress_step(c->progress, _("dropping packets"), (uint64_t)(seq - from),
                           (uint64_t)(to - from))) {
            return err_set(e, ERR_CANCELLED, _("stopped; run the same again to drop the rest"));
        }
    }
    return ERR_OK;
}

/* Recorded first: until then nothing may be missing. One that was stopped behind its entry goes
 * on here. */
static enum err_code drop(struct command_ctx *c, struct segment_act *a, struct err *e)
{
    struct ticket t;
    TRY(row_load(c, a, e));
    TRY(segment_verify(c->office->db, a->folder, c->office->code, &a->row, false, c->progress,
                       e));
    if (a->row.dropped == 0) {
        TRY(act_user(c, build_dropped, &t, e));
    }
    TRY(bytes_drop(c, &a->row, e));
    c->result_id = a->row.id;
    (void)snprintf(c->message, sizeof c->message,
                   _("the packets of segment %" PRId64
                     " are in its file alone now; verify --deep and their proofs need it"),
                   a->row.id);
    return ERR_OK;
}

static enum err_code run_segment_drop(struct command_ctx *c, struct err *e)
{
    return locked(c, drop, e);
}

static const struct param drop_params[] = {PARAM_NUMBER, PARAM_SEGMENTS, PARAM_END};
const struct command cmd_segment_drop = {
    "segment drop",
    N_("take a segment's packets out of the database, once its file was read back"),
    CMD_BULK | CMD_CONFIRM,
    drop_params,
    NULL,
    run_segment_drop};

/* ---- taking back ---- */

static enum err_code restore(struct command_ctx *c, struct segment_act *a, struct err *e)
{
    struct ticket t;
    TRY(row_load(c, a, e));
    if (a->row.dropped == 0) {
        return err_set(e, ERR_STATE,
                       _("the packets of segment %" PRId64 " are in the database"), a->row.id);
    }
    TRY(segment_verify(c->office->db, a->folder, c->office->code, &a->row, true, c->progress,
                       e));
    TRY(act_user(c, build_restored, &t, e));
    c->result_id = a->row.id;
    (void)snprintf(c->message, sizeof c->message,
                   _("the packets of segment %" PRId64 " are in the database again"),
                   a->row.id);
    return ERR_OK;
}

static enum err_code run_segment_restore(struct command_ctx *c, struct err *e)
{
    return locked(c, restore, e);
}

static const struct param restore_params[] = {PARAM_NUMBER, PARAM_SEGMENTS, PARAM_END};
const struct command cmd_segment_restore = {
    "segment restore",
    N_("put a segment's packets back into the database"),
    CMD_BULK,
    restore_params,
    NULL,
    run_segment_restore};
