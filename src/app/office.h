/* An office on disk: one folder with the database, the keys and the state that must stay
 * outside the database.
 *
 *   office.db                  the ledger and its projections
 *   keys/PURPOSE-KEYID.key     the office's private keys, sealed; KEYID is the start of the id
 *   keys/office.secret         what opens them (32 random bytes in hex); may be moved:
 *                              AFORO_OFFICE_SECRET names it then
 *   state/high-water           the newest checkpoint that was signed (high_water.h)
 *   segments/                  old windows of packets, a file each (segments.h)
 *   state/clock gate sessions.db verified      outside the database on purpose
 */
#ifndef AFORO_APP_OFFICE_H
#define AFORO_APP_OFFICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/caltime.h"
#include "base/env.h"
#include "base/err.h"
#include "base/money.h"
#include "base/text.h"
#include "crypto/keyfile.h"
#include "crypto/note.h"
#include "crypto/sign.h"
#include "ledger/keyring.h"
#include "ledger/ledger.h"
#include "store/db.h"

struct office {
    char *dir;
    char *db_path, *clock_path, *sessions_path, *high_water_path, *erasing_path;
    int gate; /* of ledger */
    /* Why nothing may be recorded: the database is behind what the office published
     * (high_water.h). Code ERR_OK: it may. */
    struct err behind;
    struct db *db;
    const struct env *env;
    struct ledger ledger;
    struct ledger_memory memory; /* of ledger */
    struct sign_key *key;        /* the office's own keys; each opened on first use */
    struct note_key *log_key, *log_key_beside;
    struct sign_key *document_key;
    struct item_shelf
        *shelf;           /* while a run only reads: bundles that it read; borrowed, or NULL */
    const char *segments; /* folder of segments' files; borrowed; NULL: "segments" in dir */
    /* From the ledger; empty strings before office.created. */
    char code[32];
    char name[256];
    const struct currency *currency;
    const struct numfmt *numfmt;
    struct zone *zone;
};

/*
 * Open an office's folder.
 *
 * dir: folder that holds office.db. mode: DB_READ, DB_WRITE, or DB_CREATE for a new one
 * (folders are made). out: owned by the caller, office_close(). Errors: ERR_NOT_FOUND ("no
 * office in DIR; make one with: aforo init"), schema and database errors.
 */
enum err_code office_open(const char *dir, enum db_mode mode, const struct env *env,
                          struct office **out, struct err *e) MUST_CHECK;
void office_close(struct office *o);
/*
 * A new office is made beside its place, in DIR.making, and put there whole: one that was cut
 * off leaves nothing that looks like an office.
 *
 * office_making: path of that folder, emptied of what an earlier attempt left; owned by the
 * caller. Errors: ERR_EXISTS when dir holds an office.
 */
enum err_code office_making(const char *dir, char **out, struct err *e) MUST_CHECK;
/* Move a finished office into its place; dir must not exist or be empty. */
enum err_code office_made(const char *making, const char *dir, struct err *e) MUST_CHECK;
/* Read code, name, currency, zone and locale again from the tables. */
enum err_code office_reload(struct office *o, struct err *e) MUST_CHECK;

/* Path of a file in the office's folder; owned by the caller (mem_free). NULL when memory is
 * out. */
char *office_path(const struct office *o, const char *name);

/*
 * The office's keys, one a purpose (ledger/keyring.h), made with the office.
 *
 * office_key:          signs the office's own entries (P-256).
 * office_log_key:      signs its checkpoints; a C2SP note key, its name the log's origin.
 * office_document_key: signs printed bills: sign_data() gives the 64 bytes of Ed25519.
 * Each is the one that is valid now, opened at the first call and again after a rotation;
 * borrowed until the next call. Public halves, also of earlier keys: app/query_key.h.
 * Errors: ERR_NOT_FOUND when the key's file is missing or no key of that purpose is valid,
 * ERR_DENIED when the secret is another.
 */
enum err_code office_keys_create(struct office *o, struct err *e) MUST_CHECK;
enum err_code office_key(struct office *o, struct sign_key **out, struct err *e) MUST_CHECK;
enum err_code office_log_key(struct office *o, struct note_key **out, struct err *e) MUST_CHECK;
/* A second key of the log, P-256, where a TPM has one: its signature stands beside the first
 * (note_sign_beside). *out NULL where there is none. */
enum err_code office_log_key_beside(struct office *o, struct note_key **out,
                                    struct err *e) MUST_CHECK;
enum err_code office_document_key(struct office *o, struct sign_key **out,
                                  struct err *e) MUST_CHECK;
/*
 * One key by its id, valid or not.
 *
 * make:  a new key in a store, its file under keys/; it signs nothing until an entry names it.
 *        Owned by the caller.
 * open:  from its file; owned by the caller.
 * store: where its file says it is kept.
 * forget: take away the file of a key that no entry named after all.
 * Errors: those of crypto/keyfile.h, with the path of the key's file before them.
 */
enum err_code office_key_make(const struct office *o, enum key_purpose purpose,
                              const struct key_want *want, struct sign_key **out,
                              struct err *e) MUST_CHECK;
enum err_code office_key_open(const struct office *o, enum key_purpose purpose,
                              const struct hash *id, struct sign_key **out,
                              struct err *e) MUST_CHECK;
void office_key_forget(const struct office *o, enum key_purpose purpose, const struct hash *id);
/* Id of the key of a purpose that is valid now. *found false where there is none, and in an
 * office that is being made. */
enum err_code office_key_now(const struct office *o, enum key_purpose purpose,
                             enum key_algorithm a, struct hash *id, bool *found,
                             struct err *e) MUST_CHECK;
/* Close the keys that are open in a TPM, which may serve one user at a time; the next use opens
 * them again. */
void office_tpm_release(struct office *o);
/* Keep another PIN for a key in a token, whose own PIN was changed. */
enum err_code office_key_pin(const struct office *o, enum key_purpose purpose,
                             const struct hash *id, const char *pin, struct err *e) MUST_CHECK;
enum err_code office_key_store(const struct office *o, enum key_purpose purpose,
                               const struct hash *id, enum key_store *out,
                               struct err *e) MUST_CHECK;
/* Name of a key's file in DIR/keys, "log-0123456789abcdef.key": sixteen digits tell apart all
 * keys that one office has. */
void office_key_file(enum key_purpose purpose, const struct hash *id, char out[64]);
/* Origin of the office's checkpoints and name of its log keys: "aforo.office/CODE". */
#define OFFICE_ORIGIN_MAX 63
void office_origin(const struct office *o, char out[OFFICE_ORIGIN_MAX + 1]);

/* Today's date in the office's zone. */
struct date office_today(const struct office *o);

#endif
