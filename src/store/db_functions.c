#include <config.h>

#include "store/db_functions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "base/text.h"

#define FOLD_MAX_BYTES (1u << 20)

static void fold(sqlite3_context *ctx, int count, sqlite3_value **values)
{
    struct buf out;
    const char *text = (const char *)sqlite3_value_text(values[0]);

    (void)count;
    if (text == NULL) {
        sqlite3_result_null(ctx);
        return;
    }
    buf_init(&out, FOLD_MAX_BYTES);
    text_fold(text, (size_t)sqlite3_value_bytes(values[0]), &out);
    if (out.failed) {
        sqlite3_result_error_nomem(ctx);
    } else {
        sqlite3_result_text(ctx, buf_str(&out), (int)out.len, SQLITE_TRANSIENT);
    }
    buf_release(&out);
}

/* -1234 with 2 digits: "-12.34". */
static void with_point(sqlite3_context *ctx, int count, sqlite3_value **values)
{
    int64_t value = sqlite3_value_int64(values[0]);
    int64_t digits = sqlite3_value_int64(values[1]);
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = 1;
    char text[48];

    (void)count;
    if (sqlite3_value_type(values[0]) != SQLITE_INTEGER || digits < 0 || digits > 18) {
        sqlite3_result_null(ctx);
        return;
    }
    for (int64_t i = 0; i < digits; i++) {
        unit *= 10;
    }
    (void)snprintf(text, sizeof(text), "%s%" PRIu64, value < 0 ? "-" : "", size / unit);
    if (digits > 0) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof(text) - len, ".%0*" PRIu64, (int)digits, size % unit);
    }
    sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
}

/* in_unit(integer in the smallest unit, unit, decimals); of no unit: the number. */
static void in_unit(sqlite3_context *ctx, int count, sqlite3_value **values)
{
    int64_t value = sqlite3_value_int64(values[0]);
    const struct unit *unit = unit_find((const char *)sqlite3_value_text(values[1]));
    int decimals = sqlite3_value_int(values[2]);
    struct buf text;

    (void)count;
    if (sqlite3_value_type(values[0]) != SQLITE_INTEGER || unit == NULL || decimals < 0 ||
        decimals > 18) {
        sqlite3_result_value(ctx, values[0]);
        return;
    }
    buf_init(&text, 64);
    quantity_print(value, unit, (unsigned)decimals, &text);
    sqlite3_result_text(ctx, buf_str(&text), -1, SQLITE_TRANSIENT);
    buf_release(&text);
}

static const struct {
    const char *name;
    int arguments;
    void (*run)(sqlite3_context *ctx, int count, sqlite3_value **values);
} functions[] = {{"fold", 1, fold}, {"with_point", 2, with_point}, {"in_unit", 3, in_unit}};

int db_add_functions(sqlite3 *raw)
{
    int how = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    int rc = SQLITE_OK;

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]) && rc == SQLITE_OK; i++) {
        rc = sqlite3_create_function_v2(raw, functions[i].name, functions[i].arguments, how,
                                        NULL, functions[i].run, NULL, NULL, NULL);
    }
    return rc;
}
