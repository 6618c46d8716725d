/* A growing byte buffer that declares its largest size. */
#ifndef AFORO_BASE_BUF_H
#define AFORO_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct buf {
    char *data;    /* NUL-terminated whenever not NULL; the NUL is not counted in len */
    size_t len;    /* bytes in use */
    size_t size;   /* bytes allocated */
    size_t max;    /* largest len allowed */
    bool failed;   /* an append failed (memory or max); sticky until buf_clear */
    bool over_max; /* ... and it was max */
};

/* Initialise an empty buffer of at most max_bytes. Allocates nothing. */
void buf_init(struct buf *b, size_t max_bytes);
/* Release the memory; the buffer is empty and usable again. */
void buf_release(struct buf *b);
/* Wipe with zeros, then release: for keys and passwords. Reserve the full size first: growing
 * leaves copies. */
void buf_wipe(struct buf *b);
/* Forget the contents and the failed flag, keep the memory. */
void buf_clear(struct buf *b);

/* Appends never report one by one: they set `failed`; buf_status() reports at the end. */
void buf_add(struct buf *b, const void *data, size_t len_bytes);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
void buf_add_int(struct buf *b, int64_t v); /* decimal, fast path for items */
void buf_add_hex(struct buf *b, const void *data, size_t len_bytes); /* lower case */
void buf_add_base64(struct buf *b, const void *data,
                    size_t len_bytes); /* standard alphabet, padded */
/* Make room for len_bytes more and return the place to write to (NULL on failure); the caller
 * writes there and adds as many bytes to len as it wrote. */
char *buf_reserve(struct buf *b, size_t len_bytes);
/* ERR_OK, ERR_NOMEM or ERR_LIMIT ("what: larger than N bytes"). */
enum err_code buf_status(const struct buf *b, const char *what, struct err *e) MUST_CHECK;
/* The contents as a C string, "" when empty; borrowed. */
const char *buf_str(const struct buf *b);

/* Decode lower- or upper-case hex of exactly 2*size digits. False when it is not that. */
bool hex_decode(const char *hex, size_t hex_len, uint8_t *out, size_t size);
/* Decode strict padded base64 (no white space, unused bits zero); appends to out. ERR_PARSE,
 * ERR_NOMEM, ERR_LIMIT. */
enum err_code base64_decode(const char *s, size_t len, struct buf *out,
                            struct err *e) MUST_CHECK;

#endif
