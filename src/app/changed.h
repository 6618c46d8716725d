/* What somebody recorded about a thing while a form about it was open. */
#ifndef AFORO_APP_CHANGED_H
#define AFORO_APP_CHANGED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/office.h"

#define CHANGED_ABOUT_MAX 4u

/* A parameter that says what a form is about, with its value: "serial" "W-0003". */
struct changed_about {
    const char *name, *value;
};

struct changed {
    int64_t seq;    /* the newest entry about it; 0: there is none */
    char about[96]; /* "serial W-0003" */
    char kind[48];  /* of the entry, in words */
    char who[128];  /* login of who signed it */
    char at[24];    /* office local "2026-11-21 09:42" */
};

/* Does a parameter of this name say what a command is about? */
bool changed_by_name(const char *param);

/*
 * Find the newest entry after `since` about one of these.
 *
 * Looks at 256 entries at most. Errors: those of the database, ERR_NOMEM.
 */
enum err_code changed_since(struct office *o, int64_t since, const struct changed_about *about,
                            size_t count, struct changed *out, struct err *e) MUST_CHECK;

#endif
