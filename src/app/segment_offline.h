/* A segment's file checked where there is no office: as segment_check, and each packet by the
 * key that entries of the file give its device. Source: docs/segments.md. */
#ifndef AFORO_APP_SEGMENT_OFFLINE_H
#define AFORO_APP_SEGMENT_OFFLINE_H

#include "base/progress.h"
#include "ledger/segment_check.h"

struct segment_report {
    struct segment_seen seen;
    struct hash sha256; /* of the file, and its size */
    int64_t bytes;
    int64_t packets; /* whose signature holds */
};

/* Does a file begin as a segment does? */
bool segment_begins(const char *bytes, size_t len);
/*
 * Check a segment.
 *
 * log_key: verifier key of the office's log, known from elsewhere; NULL: the file's own.
 * Errors: as segment_check; ERR_TAMPERED naming the packet.
 */
enum err_code segment_offline(const char *path, const char *log_key,
                              const struct progress *progress, struct segment_report *out,
                              struct err *e) MUST_CHECK;

#endif
