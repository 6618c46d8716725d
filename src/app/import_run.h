/* Import runs: opened, then batches, then closed; one at a time; taken up again or discarded
 * when they were cut off. Source: ledger.md, Items. */
#ifndef AFORO_APP_IMPORT_RUN_H
#define AFORO_APP_IMPORT_RUN_H

#include "app/command.h"
#include "app/import_file.h"
#include "app/mapping.h"

struct import_run {
    enum mapping_kind kind;
    const struct import_file *file; /* borrowed */
    const char *mapping;            /* its name */
    char mapping_sha256[65];
    int64_t id;        /* 0: not opened yet */
    bool resumed;      /* it was open already */
    int64_t batches;   /* stored so far */
    int64_t as_of_utc; /* of an open run: what was decided when it was opened */
    int lock;          /* descriptor; -1: not held */
};

/*
 * Take the lock that keeps imports one at a time, and find out whether this file's run was cut
 * off.
 *
 * run:    kind, file, mapping and mapping_sha256 filled in; import_run_end() also after an
 * error. Errors: ERR_CONFLICT (another import is at work), ERR_STATE (a run of another file is
 * open; says the ways out).
 */
enum err_code import_run_begin(struct command_ctx *c, struct import_run *run,
                               struct err *e) MUST_CHECK;
void import_run_end(struct import_run *run);

/* Before each batch: record readings.opened or the like, unless the run is open. Uses
 * c->report meanwhile. ERR_LIMIT when the disk has no room for intake (app/intake_room.h). */
enum err_code import_run_open(struct command_ctx *c, struct import_run *run,
                              struct err *e) MUST_CHECK;
/* For the builder of a batch or of the end: ERR_STATE unless the run is open and nobody else
 * went on with it. */
enum err_code import_run_is_open(struct command_ctx *c, const struct import_run *run,
                                 struct err *e) MUST_CHECK;
/* Start the draft of "readings.batch" and the like, with its `run`. */
enum err_code import_run_draft(struct command_ctx *c, struct draft *d,
                               const struct import_run *run, const char *step,
                               struct err *e) MUST_CHECK;

/* The lock alone: held by the open descriptor, so it goes when the process does, however it
 * ends. ERR_CONFLICT when another import is at work. */
enum err_code import_lock(struct office *o, int *fd, struct err *e) MUST_CHECK;

#endif
