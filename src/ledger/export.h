/* The whole ledger as one stream of framed records that a shell script can take apart; nothing
 * but entries and items, so no personal data. Source: docs/ledger-export.md. */
#ifndef AFORO_LEDGER_EXPORT_H
#define AFORO_LEDGER_EXPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "crypto/dsse.h"
#include "crypto/merkle.h"

struct db;

struct export_counts {
    int64_t entries, items;
    struct hash root; /* of the tree over the entries */
};

/*
 * Write all entries up to the newest, each with its items, to a stream.
 *
 * office: its code, for the heading.
 * Errors: ERR_TAMPERED for items that cannot be unpacked, ERR_IO, ERR_DB, ERR_CANCELLED.
 */
enum err_code export_write(struct db *db, const char *office, FILE *out,
                           const struct progress *progress, struct export_counts *counts,
                           struct err *e) MUST_CHECK;
/* The same, with items from wherever they lie. */
struct item_source;
enum err_code export_write_from(const struct item_source *from, const char *office, FILE *out,
                                const struct progress *progress, struct export_counts *counts,
                                struct err *e) MUST_CHECK;

/* Reading back: every byte may be hostile. */
enum export_type { EXPORT_ENTRY, EXPORT_ITEM, EXPORT_END };
struct export_record {
    enum export_type type;
    const char *data; /* envelope or item, borrowed until the next call */
    size_t len;
};
struct export_reader {
    FILE *in; /* borrowed */
    char office[48];
    struct buf record;
    int64_t line;             /* record being read, from 1: for sentences */
    bool any_entry;           /* items need one before them */
    struct export_counts end; /* filled by EXPORT_END */
};
/* Read the heading. ERR_PARSE, ERR_UNSUPPORTED for another version, ERR_IO, ERR_NOMEM. */
enum err_code export_open(struct export_reader *r, FILE *in, struct err *e) MUST_CHECK;
/*
 * The next record. After EXPORT_END the stream is at its end, and counts and root are told in
 * r->end; whether they are true is the caller's to see.
 *
 * Errors: ERR_PARSE naming the record, ERR_IO, ERR_NOMEM. No record is larger than an envelope.
 */
enum err_code export_next(struct export_reader *r, struct export_record *out,
                          struct err *e) MUST_CHECK;
void export_close(struct export_reader *r);

#endif
