#include <config.h>

#include "app/import_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/intake_room.h"
#include "base/i18n.h"
#include "ledger/entry.h"

#define RUN_ARENA_MAX ((size_t)4 << 20)

enum err_code import_lock(struct office *o, int *fd, struct err *e)
{
    char *path = office_path(o, "state/import");
    if (path == NULL) {
        return err_nomem(e);
    }
    enum err_code code = ERR_OK;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) {
        code = err_errno(e, _("cannot make %s"), path);
    } else if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        code = errno == EWOULDBLOCK
                   ? err_set(e, ERR_CONFLICT,
                             _("another import is at work in this office; wait until it ends"))
                   : err_errno(e, _("cannot lock %s"), path);
    }
    mem_free(path);
    return code;
}

/* What the entry that opened a run says beyond its row. */
static enum err_code opened_read(struct command_ctx *c, int64_t seq, struct import_run *run,
                                 bool *same_mapping, struct err *e)
{
    struct arena arena;
    struct stored_entry stored;
    struct entry en;
    arena_init(&arena, RUN_ARENA_MAX);
    enum err_code code = ledger_get(c->office->db, seq, &arena, &stored, e);
    if (code == ERR_OK) {
        code = entry_decode(stored.payload, stored.payload_len, &arena, &en, e);
    }
    if (code == ERR_OK) {
        const char *sha = json_get_str(en.data, "mapping_sha256");
        *same_mapping = sha != NULL && strcmp(sha, run->mapping_sha256) == 0;
        (void)json_get_int(en.data, "as_of", &run->as_of_utc);
    }
    arena_release(&arena);
    return code;
}

struct open_run {
    bool found;
    int64_t id, opened, batches;
    char kind[16], file[IMPORT_NAME_MAX + 1], sha256[65], mapping[MAPPING_NAME_MAX + 1];
};

static enum err_code open_run_read(struct command_ctx *c, struct open_run *r, struct err *e)
{
    struct stmt *q = NULL;
    *r = (struct open_run){0};
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT id, opened, batches, kind, file, sha256, mapping FROM import_run WHERE "
        "state = 'open' AND kind <> 'packets' ORDER BY id LIMIT 1",
        NO_VALS));
    enum err_code code = stmt_next(q, &r->found, e);
    if (code == ERR_OK && r->found) {
        r->id = stmt_int(q, 0);
        r->opened = stmt_int(q, 1);
        r->batches = stmt_int(q, 2);
        (void)snprintf(r->kind, sizeof r->kind, "%s", stmt_text(q, 3));
        (void)snprintf(r->file, sizeof r->file, "%s", stmt_text(q, 4));
        (void)snprintf(r->sha256, sizeof r->sha256, "%s", stmt_text(q, 5));
        (void)snprintf(r->mapping, sizeof r->mapping, "%s", stmt_text(q, 6));
    }
    stmt_done(q);
    return code;
}

static enum err_code run_in_the_way(const struct open_run *r, struct err *e)
{
    return err_set(e, ERR_STATE,
                   _("import %" PRId64 " (file %s, mapping %s) was cut off; import that same "
                     "file again to go on, or: aforo import discard %" PRId64),
                   r->id, r->file, r->mapping, r->id);
}

enum err_code import_run_begin(struct command_ctx *c, struct import_run *run, struct err *e)
{
    struct open_run open;
    bool same_mapping = false;
    run->lock = -1;
    TRY(intake_room(c->office, e));
    TRY(import_lock(c->office, &run->lock, e));
    TRY(open_run_read(c, &open, e));
    if (!open.found) {
        return ERR_OK;
    }
    if (strcmp(open.kind, mapping_kind_name(run->kind)) != 0 ||
        strcmp(open.sha256, run->file->sha256) != 0 ||
        strcmp(open.mapping, run->mapping) != 0) {
        return run_in_the_way(&open, e);
    }
    TRY(opened_read(c, open.opened, run, &same_mapping, e));
    if (!same_mapping) {
        return err_set(e, ERR_STATE,
                       _("import %" PRId64
                         " was begun with an earlier version of the mapping %s; discard it "
                         "with: aforo import discard %" PRId64),
                       open.id, open.mapping, open.id);
    }
    run->id = open.id;
    run->batches = open.batches;
    run->resumed = true;
    return ERR_OK;
}

void import_run_end(struct import_run *run)
{
    if (run->lock >= 0) {
        (void)close(run->lock);
    }
    run->lock = -1;
}

/* Readings and meters have entries of their own kinds; all else is "records". */
static const char *run_family(enum mapping_kind kind)
{
    return kind == MAPPING_READINGS || kind == MAPPING_METERS ? mapping_kind_name(kind)
                                                              : "records";
}

enum err_code import_run_draft(struct command_ctx *c, struct draft *d,
                               const struct import_run *run, const char *step, struct err *e)
{
    const char *kind = arena_printf(c->arena, "%s.%s", run_family(run->kind), step);
    if (kind == NULL) {
        return err_nomem(e);
    }
    TRY(draft_begin(c, d, kind, e));
    return data_int(c, d->data, "run", run->id, e);
}

static enum err_code build_open(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct import_run *run = c->report;
    struct open_run other;
    TRY(open_run_read(c, &other, e));
    if (other.found) {
        return run_in_the_way(&other, e);
    }
    TRY(next_id(c, "SELECT max(id) FROM import_run", &run->id, e));
    TRY(import_run_draft(c, d, run, "opened", e));
    TRY(data_text(c, d->data, "file", run->file->name, e));
    TRY(data_text(c, d->data, "sha256", run->file->sha256, e));
    TRY(data_text(c, d->data, "mapping", run->mapping, e));
    TRY(data_text(c, d->data, "mapping_sha256", run->mapping_sha256, e));
    return run->kind == MAPPING_READINGS ? data_int(c, d->data, "as_of", run->as_of_utc, e)
           : run->kind == MAPPING_METERS
               ? ERR_OK
               : data_text(c, d->data, "of", mapping_kind_name(run->kind), e);
}

enum err_code import_run_open(struct command_ctx *c, struct import_run *run, struct err *e)
{
    struct ticket t;
    TRY(intake_room(c->office, e));
    if (run->id != 0) {
        return ERR_OK;
    }
    void *report = c->report;
    c->report = run;
    enum err_code code = act_user(c, build_open, &t, e);
    c->report = report;
    if (code != ERR_OK) {
        run->id = 0;
    }
    return code;
}

enum err_code import_run_is_open(struct command_ctx *c, const struct import_run *run,
                                 struct err *e)
{
    int64_t one = 0;
    bool open = false;
    TRY(db_get_int(c->office->db, &one, &open, e,
                   "SELECT 1 FROM import_run WHERE id = ? AND state = 'open' AND batches = ?",
                   VALS(V_INT(run->id), V_INT(run->batches))));
    return open ? ERR_OK
                : err_set(e, ERR_STATE,
                          _("import %" PRId64 " was continued or discarded by somebody else"),
                          run->id);
}
