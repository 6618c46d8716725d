/* Suites of the store floor, and a folder for their databases. */
#ifndef AFORO_TESTS_CHECK_STORE_H
#define AFORO_TESTS_CHECK_STORE_H

#include <check.h>

#include "store/db.h"

Suite *suite_db(void);
Suite *suite_migrate(void);

#define STORE_PATH 512
/* A new folder for this test, and a file in it. Removed by store_folder_remove. */
void store_folder_make(void);
void store_folder_remove(void);
const char *store_file(const char *name);

/* Open, or fail the test with the sentence. */
struct db *store_open(const char *name, enum db_mode mode);
/* Run statements, or fail the test. */
void store_exec(struct db *db, const char *sql);
int64_t store_int(struct db *db, const char *sql);

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
