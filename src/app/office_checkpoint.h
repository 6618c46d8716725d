/* Checkpoints of an office: computed twice, signed with its log key, kept with the ledger and
 * outside of it. Source: ledger.md, Checkpoints. */
#ifndef AFORO_APP_OFFICE_CHECKPOINT_H
#define AFORO_APP_OFFICE_CHECKPOINT_H

#include "app/office.h"

struct checkpoint_made {
    bool made; /* false: the newest one covers all entries already */
    int64_t id;
    uint64_t size;
    struct hash root;
};

/*
 * Sign what the ledger holds now, unless nothing is new.
 *
 * Outside of a transaction. The key may be slow: it is used before the lock.
 * Errors: ERR_STATE in an office that is behind what it published; ERR_TAMPERED when entries,
 * tiles or the last checkpoint contradict each other; those of office_log_key; ERR_IO when the
 * high-water file or the TPM cannot be written (the checkpoint is kept all the same).
 */
enum err_code office_checkpoint(struct office *o, struct checkpoint_made *out,
                                struct err *e) MUST_CHECK;

/* Bring the high-water file up to what the database holds; under the lock of evidence_lock().
 */
enum err_code high_water_update(struct office *o, struct err *e) MUST_CHECK;
/* Writers of checkpoints and cosignatures take turns. Give the descriptor to evidence_unlock().
 */
enum err_code evidence_lock(const struct office *o, int *fd, struct err *e) MUST_CHECK;
void evidence_unlock(int fd);

#endif
