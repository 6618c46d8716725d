/* Errors: what was tried, on which object, why it failed.  Set once, given context on the
 * way up, reported once at the top. */
#ifndef AFORO_BASE_ERR_H
#define AFORO_BASE_ERR_H

#include <stdarg.h>

enum err_code {
    ERR_OK = 0,
    ERR_NOMEM,       /* an allocation failed */
    ERR_RANGE,       /* a value outside what its type or field can hold */
    ERR_PARSE,       /* malformed input */
    ERR_USAGE,       /* a command was called wrongly */
    ERR_NOT_FOUND,   /* the named thing does not exist */
    ERR_EXISTS,      /* the named thing exists already */
    ERR_STATE,       /* the thing is in a state that does not allow this */
    ERR_DENIED,      /* the actor may not do this */
    ERR_CONFLICT,    /* somebody else changed it meanwhile; try again */
    ERR_LIMIT,       /* a declared limit was reached */
    ERR_IO,          /* the operating system refused */
    ERR_DB,          /* the database refused */
    ERR_CRYPTO,      /* a key, a signature or the crypto library failed */
    ERR_TAMPERED,    /* evidence does not hold */
    ERR_CANCELLED,   /* the user stopped it */
    ERR_UNSUPPORTED, /* valid, but not handled by this build */
    ERR_CODE_COUNT
};

#define ERR_TEXT_MAX 1024

struct err {
    enum err_code code;
    char text[ERR_TEXT_MAX]; /* UTF-8, NUL-terminated, control characters already shown as
                                tokens */
};

#define ERR_INIT                                                                               \
    {                                                                                          \
        ERR_OK, ""                                                                             \
    }
#define MUST_CHECK __attribute__((warn_unused_result))

/*
 * Record an error.
 *
 * e:   may be NULL (the code is still returned).
 * fmt: printf format of the whole sentence, already translated.
 * Returns `code`, so that `return err_set(...)` reads well.
 */
enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put context in front of the text: "context: text", unless it stands there already. Returns
 * the code already in `e`, which must not be NULL. */
enum err_code err_wrap(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Record errno: "what: strerror".  Returns ERR_IO (ERR_NOMEM for ENOMEM, ERR_NOT_FOUND for
 * ENOENT). */
enum err_code err_errno(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

enum err_code err_nomem(struct err *e);

/* Stable machine name of a code: "not_found". Never NULL. */
const char *err_code_name(enum err_code code);

/* Process exit status for a code: 0 for ERR_OK, 2 for ERR_USAGE, 3 for ERR_TAMPERED, 4 for
 * ERR_DENIED, else 1. */
int err_exit_status(enum err_code code);

/* CHECK is for our own bugs; it stays in release builds and aborts with file and line. */
_Noreturn void check_failed(const char *expr, const char *file, int line);
#define CHECK(expr) ((expr) ? (void)0 : check_failed(#expr, __FILE__, __LINE__))

/* Hand a failure up: `TRY(call(...));` returns the code if it is not ERR_OK. For functions that
 * hold nothing to release; the others use `goto out`. */
#define TRY(call)                                                                              \
    do {                                                                                       \
        enum err_code try_code_ = (call);                                                      \
        if (try_code_ != ERR_OK) {                                                             \
            return try_code_;                                                                  \
        }                                                                                      \
    } while (0)

#endif
