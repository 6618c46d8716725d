/* What the tests of this floor share. */
#ifndef AFORO_TESTS_CHECK_BASE_H
#define AFORO_TESTS_CHECK_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <check.h>

#include "base/buf.h"
#include "base/err.h"

Suite *suite_arena(void);
Suite *suite_buf(void);
Suite *suite_caltime(void);
Suite *suite_csv(void);
Suite *suite_csv_file(void);
Suite *suite_env(void);
Suite *suite_err(void);
Suite *suite_i18n(void);
Suite *suite_sanitized(void);
Suite *suite_json(void);
Suite *suite_json_parse(void);
Suite *suite_json_jcs(void);
Suite *suite_money(void);
Suite *suite_numfmt(void);
Suite *suite_progress(void);
Suite *suite_quantity(void);
Suite *suite_text(void);
Suite *suite_text_fold(void);
Suite *suite_zone(void);
Suite *suite_zone_rule(void);

/* For loops of millions: Check's own assertions report each success through a pipe. */
#define QUICK(condition)                                                                       \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            ck_abort_msg("%s", #condition);                                                    \
        }                                                                                      \
    } while (0)
/* The call, which names its struct err "e", must be fine; else the test fails with the error's
 * text. */
#define OK(call)                                                                               \
    do {                                                                                       \
        struct err ok_err_ = ERR_INIT, *e = &ok_err_;                                          \
        if ((call) != ERR_OK) {                                                                \
            ck_abort_msg("%s: %s", #call, e->text);                                            \
        }                                                                                      \
    } while (0)
/* It must fail with this code, and say so in the error too, with a text. */
#define FAILS(expected, call)                                                                  \
    do {                                                                                       \
        struct err fails_err_ = ERR_INIT, *e = &fails_err_;                                    \
        enum err_code fails_code_ = (call);                                                    \
        if (fails_code_ != (expected) || e->code != (expected) || e->text[0] == '\0') {        \
            ck_abort_msg("%s: %s, not %s: %s", #call, err_code_name(fails_code_),              \
                         err_code_name(expected), e->text);                                    \
        }                                                                                      \
    } while (0)

/* A small generator of the tests' own, so that each failure replays from its seed. */
uint64_t random_next(uint64_t *state);
/* 0..below-1 */
size_t random_below(uint64_t *state, size_t below);

/* The buffer's text, which is released. */
void assert_text(struct buf *b, const char *expected);

/* A file of the folder AFORO_DATA, appended; false when that folder does not exist. */
bool data_read(const char *relative, struct buf *out);

/* A folder of this test process's own, made on first use; removed with what is in it at the
 * end. */
const char *scratch_folder(void);
/* Write a file into it; the path is static. */
const char *scratch_file(const char *name, const void *data, size_t len_bytes);

#endif
