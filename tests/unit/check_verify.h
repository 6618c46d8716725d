/* Suites of what checks a whole office: rebuilding, the levels of verification, and the tamper
 * matrix. One busy office is made and checked once; each test works on a copy of its folder. */
#ifndef AFORO_TESTS_CHECK_VERIFY_H
#define AFORO_TESTS_CHECK_VERIFY_H

#include <check.h>
#include <sqlite3.h>
#include <string.h>

#include "app/verify_office.h"
#include "tests/lib/office_busy.h"

Suite *suite_office_checkpoint(void);
Suite *suite_rebuild(void);
Suite *suite_segment(void);
Suite *suite_tamper(void);
Suite *suite_tamper_pages(void);
Suite *suite_verify_office(void);

#define OFFICE_PATH (FIXTURE_PATH_MAX + 80)

/* A closed copy of the busy office, whose last deep check held. */
struct copied {
    char dir[FIXTURE_PATH_MAX];
    char db[OFFICE_PATH];
};
void copied_make(struct copied *c);
/* The same, or a longer one where that table has rows only then. */
void copied_make_for(struct copied *c, const char *table);
/* The same, one window's packets dropped into the first of its two segments. */
void copied_make_dropped(struct copied *c);
void copied_free(struct copied *c);
/* The same office some entries earlier. */
const char *office_before(void);

/* A connection that nothing of ours guards: constraints and foreign keys are off. */
sqlite3 *raw_open(const char *path);
void raw_close(sqlite3 *raw);
void raw_exec(sqlite3 *raw, const char *sql);
int64_t raw_int(sqlite3 *raw, const char *sql);
/* Hash over all rows of all tables and the schema's text: equal for databases that say the
 * same. False when the file cannot be read. */
bool raw_digest(const char *path, char hex[65]);

/* Who rebuilds: this program, with the projector of that name ("", "silent", "off_by_one",
 * "refusing", "crashing"). */
void rebuild_with(const char *projector);

enum err_code check_office(const char *dir, enum verify_level level, struct audit *a,
                           struct err *e);
/* The same with a checkpoint that an auditor brought; NULL: none. */
enum err_code check_office_against(const char *dir, enum verify_level level,
                                   const char *against, struct audit *a, struct err *e);

bool soak(void);

#define assert_ok(call)                                                                        \
    do {                                                                                       \
        struct err e = ERR_INIT;                                                               \
        enum err_code code_ = (call);                                                          \
        ck_assert_msg(code_ == ERR_OK, "%s: %s", #call, e.text);                               \
    } while (0)
#define assert_error(call, wanted, word)                                                       \
    do {                                                                                       \
        struct err e = ERR_INIT;                                                               \
        enum err_code code_ = (call);                                                          \
        ck_assert_msg(code_ == (wanted), "%s: %s (%s)", #call, err_code_name(code_), e.text);  \
        ck_assert_msg(strstr(e.text, (word)) != NULL, "%s: %s", #call, e.text);                \
    } while (0)

#endif
