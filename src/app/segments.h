/* Segments of an office: files of sealed windows, in OFFICE/segments or where the caller says.
 * A file's name holds the segment's number and the beginning of its SHA-256, so that none is
 * ever written over another. Source: docs/segments.md. */
#ifndef AFORO_APP_SEGMENTS_H
#define AFORO_APP_SEGMENTS_H

#include "base/progress.h"
#include "ledger/items.h"
#include "ledger/segment_check.h"
#include "store/db.h"

#define SEGMENT_NAME_MAX 96
#define SEGMENT_PATH_MAX 4096

/* What the ledger says of a segment. */
struct segment_row {
    int64_t id, first, last; /* windows */
    int64_t windows, batches, packets, bytes, size;
    struct hash sha256, root;
    int64_t sealed, dropped; /* entries; dropped 0: its packets are in the database */
};
/* By its number; the one that holds a window. *found false when there is none. */
enum err_code segment_load(struct db *db, int64_t id, struct segment_row *out, bool *found,
                           struct err *e) MUST_CHECK;
enum err_code segment_of_window(struct db *db, int64_t window, struct segment_row *out,
                                bool *found, struct err *e) MUST_CHECK;

/* Where segments lie: `given`, or NULL for OFFICE/segments. ERR_RANGE. */
enum err_code segment_folder(const char *office_dir, const char *given,
                             char out[SEGMENT_PATH_MAX], struct err *e) MUST_CHECK;
/* "SJ01-segment-3-0123456789abcdef.packets" */
void segment_name(const char *office, int64_t id, const struct hash *sha256,
                  char out[SEGMENT_NAME_MAX]);
enum err_code segment_path(const char *folder, const char *office, const struct segment_row *s,
                           char out[SEGMENT_PATH_MAX], struct err *e) MUST_CHECK;

/*
 * Open a segment's file. ERR_NOT_FOUND, when it is not in the folder, names the segment, the
 * entries that sealed and dropped it, and the way out.
 */
enum err_code segment_file_open(const char *folder, const char *office,
                                const struct segment_row *s, FILE **out,
                                struct err *e) MUST_CHECK;

/*
 * Check a segment's file: the bytes that were sealed, all that segment_check asks, and every
 * bundle against the leaf hashes in the database.
 *
 * put_back: also store the bytes of bundles that the database lacks, in transactions of its
 *           own (none may be open).
 * Errors: ERR_NOT_FOUND as segment_file_open; ERR_TAMPERED naming file and segment; ERR_IO,
 * ERR_DB, ERR_NOMEM, ERR_CANCELLED.
 */
enum err_code segment_verify(struct db *db, const char *folder, const char *office,
                             const struct segment_row *s, bool put_back,
                             const struct progress *progress, struct err *e) MUST_CHECK;
/* The same for a file that was just written and has no row yet: name of the file and row are
 * given. */
enum err_code segment_verify_file(struct db *db, const char *path, const char *office,
                                  const struct segment_row *s, bool put_back,
                                  const struct progress *progress, struct err *e) MUST_CHECK;
/* SHA-256 and size of what a file holds on the disk, past the system's cache where that is
 * possible. */
enum err_code segment_hash(FILE *in, struct hash *out, int64_t *bytes,
                           struct err *e) MUST_CHECK;

/* Where readers of items find bundles that were dropped: in the segments of a folder. */
struct segment_source;
enum err_code segment_source_open(struct db *db, const char *office, const char *folder,
                                  struct segment_source **out, struct err *e) MUST_CHECK;
void segment_source_close(struct segment_source *s); /* NULL is fine */
/* What to give to items_each_from(); valid as long as s. */
const struct item_source *segment_items(const struct segment_source *s);

#endif
