/* Segments: closed windows of packets in one file, with what proves them to outsiders. Framed
 * records as in an export (export.h), read here without judging them; segment_check.h does
 * that. Source: docs/segments.md; ledger.md, Packets from devices. */
#ifndef AFORO_LEDGER_SEGMENT_H
#define AFORO_LEDGER_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"

#define SEGMENT_OFFICE_MAX 31
#define SEGMENT_HEADING "aforo-segment "
/* Bytes of a bundle as it is stored: more than 256 of the largest items pack into. */
#define SEGMENT_BUNDLE_MAX ((size_t)17 << 20)

enum segment_type {
    SEGMENT_NOTE,   /* the signed checkpoint, once and first */
    SEGMENT_ENTRY,  /* an entry's envelope */
    SEGMENT_PATH,   /* its way to the checkpoint: head of a tlog-proof */
    SEGMENT_BUNDLE, /* up to 256 items of the entry before, as the database held them */
    SEGMENT_END
};
struct segment_record {
    enum segment_type type;
    int64_t number;   /* entry: its seq; bundle: its items; else 0 */
    const char *data; /* when read: borrowed until the next call; NULL where it was skipped */
    size_t len;
};
struct segment_counts {
    int64_t entries, items;
    struct hash root; /* of the RFC 6962 tree whose leaves are the roots of the batches */
};

/* Writing; the stream says later whether all went well. */
enum err_code segment_begin(FILE *out, const char *office, int64_t number,
                            struct err *e) MUST_CHECK;
enum err_code segment_write(FILE *out, const struct segment_record *r,
                            struct err *e) MUST_CHECK;
enum err_code segment_finish(FILE *out, const struct segment_counts *c,
                             struct err *e) MUST_CHECK;

/* Reading back: every byte may be hostile. No record is given room before as much of the file
 * is there. */
struct segment_reader {
    FILE *in; /* borrowed; a file that can be positioned */
    int64_t size;
    char office[SEGMENT_OFFICE_MAX + 1];
    int64_t number; /* of the segment */
    struct buf record;
    int64_t line; /* record being read, from 1: for sentences */
    struct segment_counts end;
};
/* Read the heading, from the file's beginning. ERR_PARSE, ERR_UNSUPPORTED for another version,
 * ERR_IO, ERR_NOMEM. */
enum err_code segment_open(struct segment_reader *r, FILE *in, struct err *e) MUST_CHECK;
/*
 * The next record. After SEGMENT_END the file is at its end.
 *
 * skip: the bytes of bundles are passed over.
 * Errors: ERR_PARSE naming the record, ERR_IO, ERR_NOMEM.
 */
enum err_code segment_next(struct segment_reader *r, bool skip, struct segment_record *out,
                           struct err *e) MUST_CHECK;
void segment_close(struct segment_reader *r);

#endif
