/* Suites of what befalls a whole office from below: I/O errors, kills, power cuts, full disks,
 * memory. Each test works on copies of one prepared office; every command opens the office and
 * closes it, as a process would. */
#ifndef AFORO_TESTS_CHECK_FAULTS_H
#define AFORO_TESTS_CHECK_FAULTS_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/verify_office.h"
#include "tests/lib/disk_fault.h"
#include "tests/lib/office_fixture.h"

Suite *suite_fault_clock(void);
Suite *suite_fault_io(void);
Suite *suite_fault_jobs(void);
Suite *suite_fault_stop(void);
Suite *suite_fault_power(void);
Suite *suite_fault_full(void);

/* What is done to an office, and judged. */
enum flow {
    FLOW_ACT,     /* a customer is added */
    FLOW_IMPORT,  /* two files of readings */
    FLOW_BILL,    /* two months billed, of readings that are there */
    FLOW_REBUILD, /* its ledger's export into DIR/rebuilt */
    FLOW_VERIFY,  /* verify --deep */
    FLOW_PACKETS, /* signed packets of two devices */
    FLOW_ATTACH,  /* a photo of a meter */
    FLOW_WORK,    /* import, then bill: what is stopped and finished */
    FLOW_COUNT
};
extern const char *const flow_names[FLOW_COUNT];

#define RIG_PACKETS 60 /* in FLOW_PACKETS */

/* In main(), before Check forks. */
void rig_make(void);
/* A fresh copy of the flow's office in `dir`, which is emptied first. */
void rig_copy(enum flow flow, const char *dir);
/* Do it. `salt` makes the random numbers of this run its own. The answer of the command that
 * failed, or of the last. */
enum err_code rig_run(enum flow flow, const char *dir, unsigned salt, struct err *e);
/* One command, as a process of ana's or marta's would run it: pairs of parameter and text, then
 * NULL. */
enum err_code rig_client(const char *dir, const char *who, unsigned salt, struct err *e,
                         const char *command, ...) __attribute__((sentinel));
/* The clock of such a process. */
void rig_clock(struct env_fake *clock, unsigned salt);
/* One number out of an office's database. */
int64_t rig_count(const char *dir, const char *sql);
/* Where acknowledged entries are written to, one "SEQ\n" each; -1: nowhere. */
void rig_acks(int fd);
/* Called at each acknowledgement too; NULL: nothing. */
void rig_at_ack(void (*look)(void));
/* The newest acknowledged entry in a file, 0 without. */
int64_t rig_acked(const char *path);
/* The newest entry of an office. */
int64_t rig_entries(const char *dir);
/* Packets that are kept, and attachments. */
int64_t rig_packets(const char *dir);
int64_t rig_attachments(const char *dir);
/* Hash over the readings and bills: equal when the same work was done. */
void rig_work_digest(const char *dir, char hex[65]);
/* What the check says; the test fails unless it holds. */
void rig_holds(const char *dir, enum verify_level level, const char *after);

/* After a fault: what was acknowledged is there, the deep check holds, and the same commands
 * finish the work as if nothing had happened. */
void rig_finishes(const char *dir, int64_t acked, const char *after);
/* The digest of the work done undisturbed; made at the first call. */
const char *rig_calm(void);

/* A sweep of many points under a name of its own, made before Check forks. In a soak it comes
 * in so many tests, because Check takes none that lasts longer than 35 minutes. */
struct spread;
struct spread *spread_new(const char *name, unsigned parts);
int spread_parts(const struct spread *s);
int spread_timeout(void); /* of such a test, seconds */
/*
 * try(i) for this part's share of the points from 1 to count, in two processes; the test fails
 * when one of them does. The last part prints "# count NAME DONE FINDINGS".
 *
 * In a soak: how far it is comes every half minute; AFORO_SOAK_STATE names a file of the points
 * that were done, which are not done again; AFORO_SOAK_FROM and AFORO_SOAK_TO leave out others,
 * AFORO_SOAK_WORKERS=1 takes one process.
 */
void rig_spread(struct spread *s, int part, uint64_t count, void (*try)(uint64_t i));

bool soak(void);
/* How many of `all` points to try: at most so many, and in a soak run so many. */
uint64_t points_of(uint64_t all, uint64_t reduced, uint64_t full);
/* The ith of them (from 1): spread evenly. */
uint64_t point(uint64_t i, uint64_t count, uint64_t all);

#endif
