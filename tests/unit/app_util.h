/* What the tests of imports share: an office with meters and mappings, files written on the
 * spot. */
#ifndef AFORO_TESTS_APP_UTIL_H
#define AFORO_TESTS_APP_UTIL_H

#include "app/import_report.h"
#include "lib/office_fixture.h"

extern struct office_fixture app_office;

/* Setup and teardown of a test case: an office with 3 water meters (W00001..3, 5 digits and 3
 * decimals, installed 2026-01-01 at 0) and the mappings "readings" (serial,time,value in m3 by
 * the office's clock, as of now), "madrid" (serial;time;value in litres, dd/mm/yyyy, zone of
 * Madrid, as of the newest) and "meters". */
void app_setup(void);
void app_teardown(void);

/* Path of a file in the office's folder; valid until the next call but three. */
const char *app_path(const char *name);
/* Write a file there and return its path. */
const char *app_file(const char *name, const char *text);
const char *app_file_bytes(const char *name, const void *data, size_t len);
/* Save a mapping by name from its JSON. */
void app_mapping(const char *name, const char *json);

/* How an import is run beyond its file: an option with its value (NULL: none), and who may stop
 * it (NULL: nobody). For the imports from here on; cleared by app_setup. */
extern const char *app_option, *app_option_value;
extern const struct progress *app_progress;
/* A progress that stops at the nth step of that name, "storing" or "reading the file". */
const struct progress *app_stop_at(const char *what, int nth);

/* Run an import as ana and fill the report; the error's text goes to e. */
enum err_code app_import(const char *command, const char *mapping, const char *path,
                         struct import_report *report, struct err *e);
/* The same where the file must be taken without a refused row. */
struct import_report app_import_fine(const char *command, const char *mapping,
                                     const char *path);

/* "verify --deep" of the office holds, rebuilt by the program that was built beside the tests.
 */
void app_verify_deep(void);

int64_t app_count(const char *sql);
int64_t app_height(void); /* newest entry */

#endif
