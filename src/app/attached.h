/* Attachments as people see them beside what they belong to. */
#ifndef AFORO_APP_ATTACHED_H
#define AFORO_APP_ATTACHED_H

#include "app/list.h"
#include "base/sheet.h"

/*
 * Append a paragraph for each attachment of a thing: its number, the file's name (where the
 * reader may see it), type, size, and the SHA-256 of its bytes, which were compared with what
 * the ledger commits to. Nothing when there are none.
 *
 * owner: "reading", "dispute", "bill" ... as the command attach calls them.
 * Errors: the database's. A file that was erased or does not match says so in its paragraph.
 */
enum err_code attached_text(struct office *o, const char *owner, int64_t id, struct buf *out,
                            struct err *e) MUST_CHECK;
/* The same in a detail's note, and on a page under a heading of its own (a msgid). */
enum err_code attached_note(struct office *o, const char *owner, int64_t id,
                            struct list_detail *out, struct err *e) MUST_CHECK;
enum err_code attached_part(struct office *o, const char *owner, int64_t id,
                            const char *heading, struct sheet *out, struct err *e) MUST_CHECK;

#endif
