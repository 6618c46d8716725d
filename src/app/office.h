/* An office on disk: one folder with the database, the keys and the state that must stay
 * outside the database.
 *
 *   office.db            the ledger and its projections
 *   keys/office.key      the office's signing key, sealed
 *   keys/office.secret   what opens it (32 random bytes in hex); may be moved:
 * AFORO_OFFICE_SECRET names it then state/clock gate sessions.db verified    outside the
 * database on purpose
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
#include "crypto/sign.h"
#include "ledger/ledger.h"
#include "store/db.h"

struct office {
    char *dir;
    char *db_path, *clock_path, *gate_path, *sessions_path;
    struct db *db;
    const struct env *env;
    struct ledger ledger;
    struct sign_key *key; /* the office's own; opened on first use */
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

/* The office's key: made with the office, opened when the office itself signs. Borrowed. */
enum err_code office_key_create(struct office *o, struct err *e) MUST_CHECK;
enum err_code office_key(struct office *o, struct sign_key **out, struct err *e) MUST_CHECK;

/* Today's date in the office's zone. */
struct date office_today(const struct office *o);

#endif
