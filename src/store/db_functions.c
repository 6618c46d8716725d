#include <config.h>

#include "store/db_functions.h"

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

int db_add_functions(sqlite3 *raw)
{
    return sqlite3_create_function_v2(raw, "fold", 1,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                      NULL, fold, NULL, NULL, NULL);
}
