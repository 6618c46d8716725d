#include <config.h>

#include "base/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

/* Longer than the text kept, because tokens and cutting happen after formatting. */
#define RAW_MAX (2 * ERR_TEXT_MAX)

/* The length of s without a multi-byte character that formatting cut in two. */
static size_t whole_chars(const char *s, size_t len)
{
    size_t back = 0;
    while (back < 3 && back < len && ((unsigned char)s[len - 1 - back] & 0xC0) == 0x80) {
        back++;
    }
    if (back >= len) {
        return len;
    }
    unsigned char lead = (unsigned char)s[len - 1 - back];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return want > back + 1 ? len - back - 1 : len;
}

/* Format, then make it safe to show. */
__attribute__((format(printf, 3, 0))) static void format_safe(char *out, size_t out_size,
                                                              const char *fmt, va_list ap)
{
    char raw[RAW_MAX];
    int n = vsnprintf(raw, sizeof(raw), fmt, ap);
    size_t len = n < 0 ? 0 : (size_t)n;
    if (len >= sizeof(raw)) {
        len = whole_chars(raw, sizeof(raw) - 1);
    }
    text_sanitize_to(raw, len, out, out_size);
}

enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    if (e != NULL) {
        char safe[ERR_TEXT_MAX];
        va_list ap;
        va_start(ap, fmt);
        format_safe(safe, sizeof(safe), fmt, ap);
        va_end(ap);
        e->code = code;
        memcpy(e->text, safe, sizeof(safe));
    }
    return code;
}

/* "context: text"; the context goes first, so it is the end of a long text that is cut. */
static void prepend(struct err *e, const char *context)
{
    char raw[RAW_MAX];
    int n = snprintf(raw, sizeof(raw), "%s: %s", context, e->text);
    size_t len = n < 0 ? 0 : (size_t)n;
    text_sanitize_to(raw, len, e->text, sizeof(e->text));
}

enum err_code err_wrap(struct err *e, const char *fmt, ...)
{
    CHECK(e != NULL);
    char context[ERR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    format_safe(context, sizeof(context), fmt, ap);
    va_end(ap);
    size_t len = strlen(context);
    if (strncmp(e->text, context, len) != 0 || strncmp(e->text + len, ": ", 2) != 0) {
        prepend(e, context);
    }
    return e->code;
}

enum err_code err_errno(struct err *e, const char *fmt, ...)
{
    int number = errno;
    enum err_code code = number == ENOMEM   ? ERR_NOMEM
                         : number == ENOENT ? ERR_NOT_FOUND
                                            : ERR_IO;
    if (e != NULL) {
        char context[ERR_TEXT_MAX];
        va_list ap;
        va_start(ap, fmt);
        format_safe(context, sizeof(context), fmt, ap);
        va_end(ap);
        char reason[128];
        err_set(e, code, "%s", strerror_r(number, reason, sizeof(reason)));
        prepend(e, context);
    }
    errno = number;
    return code;
}

enum err_code err_nomem(struct err *e)
{
    return err_set(e, ERR_NOMEM, "%s", _("There is not enough memory for this."));
}

const char *err_code_name(enum err_code code)
{
    switch (code) {
    case ERR_OK:
        return "ok";
    case ERR_NOMEM:
        return "no_memory";
    case ERR_RANGE:
        return "range";
    case ERR_PARSE:
        return "parse";
    case ERR_USAGE:
        return "usage";
    case ERR_NOT_FOUND:
        return "not_found";
    case ERR_EXISTS:
        return "exists";
    case ERR_STATE:
        return "state";
    case ERR_DENIED:
        return "denied";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_LIMIT:
        return "limit";
    case ERR_IO:
        return "io";
    case ERR_DB:
        return "database";
    case ERR_CRYPTO:
        return "crypto";
    case ERR_TAMPERED:
        return "tampered";
    case ERR_CANCELLED:
        return "cancelled";
    case ERR_UNSUPPORTED:
        return "unsupported";
    case ERR_CODE_COUNT:
        break;
    }
    return "unknown";
}

int err_exit_status(enum err_code code)
{
    if (code == ERR_OK) {
        return 0;
    }
    if (code == ERR_USAGE) {
        return 2;
    }
    if (code == ERR_TAMPERED) {
        return 3;
    }
    return code == ERR_DENIED ? 4 : 1;
}

void check_failed(const char *expr, const char *file, int line)
{
    fprintf(stderr, "aforo: internal check failed: %s (%s:%d)\n", expr, file, line);
    abort();
}
