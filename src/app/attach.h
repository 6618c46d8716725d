/* Attachments: photos and documents that belong to a reading, a meter, a customer ... Their
 * bytes stand outside the ledger, tied by a salted commitment in the entry that added them. */
#ifndef AFORO_APP_ATTACH_H
#define AFORO_APP_ATTACH_H

#include "app/office.h"
#include "base/buf.h"

#define ATTACHMENT_BYTES_DEFAULT ((size_t)5 << 20)
#define ATTACHMENT_BYTES_MAX ((size_t)32 << 20)

/*
 * Media type by content: image/jpeg, image/png, application/pdf, text/plain (UTF-8 without
 * control characters). NULL when it is none of these; the file's name is not asked.
 */
const char *attachment_type(const void *bytes, size_t len);

/* One attachment, to print, export or prove. Strings live until the next call on the same
 * structure: fixed sizes. */
struct attachment {
    int64_t id, owner_id, bytes, seq; /* seq: entry that recorded it */
    char owner[32];
    char type[32];
    char name[128]; /* the file's name; "" when erased or not to be read */
    struct hash name_hash, content_hash;
    int64_t erased; /* entry that erased the content; 0: it is held */
};
enum err_code attachment_get(struct office *o, int64_t id, struct attachment *out,
                             struct err *e) MUST_CHECK;

/*
 * The bytes with their salt, for exports and proofs: SHA-256(salt || bytes) is content_hash,
 * which stands in entry `seq` as "content".
 *
 * Errors: ERR_NOT_FOUND, ERR_STATE "erased by entry N", ERR_TAMPERED when they do not match.
 */
enum err_code attachment_content(struct office *o, int64_t id, struct buf *out,
                                 uint8_t salt[SALT_SIZE], struct err *e) MUST_CHECK;

#endif
