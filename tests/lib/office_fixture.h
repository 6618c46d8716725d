/* A small office made through the real command path, for tests and benchmarks.
 *
 * Passwords cost a fifth of a second each, so an office with its users is made once a process
 * (the template) and copied for each test; sessions are taken up again from token files. Call
 * fixture_template() in main(), before Check forks, so that all tests share it. What fails here
 * ends the program with a sentence: a test without its office proves nothing. */
#ifndef AFORO_TESTS_LIB_OFFICE_FIXTURE_H
#define AFORO_TESTS_LIB_OFFICE_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/command.h"
#include "app/office.h"
#include "app/session.h"
#include "base/env.h"

#define FIXTURE_PATH_MAX 512
#define FIXTURE_PASSWORD "clave-de-prueba"
/* 2026-11-02 14:00 UTC, a Monday morning in Costa Rica. */
#define FIXTURE_START_MS INT64_C(1793628000000)

/* Office SJ01, USD, America/Costa_Rica, es_CR; the clock moves 1 ms at each look. Tariffs
 * doc07-water and doc07-energy (data/tariffs) are published. */
struct office_fixture {
    char dir[FIXTURE_PATH_MAX]; /* removed by fixture_free */
    struct env_fake clock;      /* set .wall and .boot to move time */
    struct office *office;
    struct session *ana;   /* administrator, user 1 */
    struct session *olga;  /* operator, user 2 */
    struct session *luis;  /* supervisor, user 3 */
    struct session *marta; /* billing, user 4 */
};

/* Make the template now; removed when the process that made it ends. */
void fixture_template(void);
/* A fresh copy, opened, everybody logged in. Must not move after this: the clock points into
 * it. */
void fixture_init(struct office_fixture *f);
/* Another office, SJ02, with keys of its own, made anew: it takes most of a second. */
void fixture_other(struct office_fixture *f);
void fixture_free(struct office_fixture *f);
/* Close and open again, with the same sessions (for tests that edit the file behind our back).
 */
void fixture_close(struct office_fixture *f);
void fixture_reopen(struct office_fixture *f);

/* Run a command as `who`: pairs of parameter name and text, then NULL. Fills *t unless NULL. */
enum err_code fixture_try(struct office_fixture *f, struct session *who, struct ticket *t,
                          struct err *e, const char *command, ...) __attribute__((sentinel));
/* The same where it must succeed; returns the entry's seq. */
int64_t fixture_run(struct office_fixture *f, struct session *who, const char *command, ...)
    __attribute__((sentinel));

/* First digits of the id of the office's oldest valid key of a purpose. */
void fixture_key_of(struct office_fixture *f, const char *purpose, char digits[17]);

/* Install `count` meters as ana: serials W00001.., kind water, 5 digits and 3 decimals, dial at
 * 0 from 2026-01-01, limit 20 m3, each with an account A00001.. and a customer of its own,
 * tariff doc07-water. One entry each; they count on from meters already there. */
void fixture_meters(struct office_fixture *f, unsigned count);

/* Copy a folder of plain files, one level of folders deep; remove one. */
void fixture_copy_folder(const char *from, const char *to);
void fixture_remove_folder(const char *dir);
/* A new empty folder under TMPDIR, its name in out. */
void fixture_temp_folder(char out[FIXTURE_PATH_MAX]);

#endif
