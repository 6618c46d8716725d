/* Files in DIR/state that make lists fast: each is made whole beside its place by one program
 * at a time, put there under its name, and never changed. They hold personal data: an erasure
 * removes them. */
#ifndef AFORO_APP_INDEX_FILE_H
#define AFORO_APP_INDEX_FILE_H

#include "app/office.h"

struct index_file {
    const char *name; /* "search": state/search.db */
    /* usable: it is the office's own and tells what holds; needed: it is to be made anew. */
    enum err_code (*look)(struct office *o, const void *ctx, bool *usable, bool *needed,
                          struct err *e);
    /* Make it at `path`; *made false: there can be none. */
    enum err_code (*make)(struct office *o, const void *ctx, const char *path, bool *made,
                          struct err *e);
    const void *ctx;
};

/* Make it where it is needed; nothing to do when another program is at one of these files. An
 * erasure that came meanwhile has the last word. */
enum err_code index_file_build(struct office *o, const struct index_file *f,
                               struct err *e) MUST_CHECK;
/* Remove it and what is left of one being made. */
enum err_code index_file_forget(const struct office *o, const char *name,
                                struct err *e) MUST_CHECK;
/* state/NAME.db; the caller frees it. NULL without memory. */
char *index_file_path(const struct office *o, const char *name);
/* Does the ledger of `office` still hold the entry `seq` that was the newest when the index was
 * made, so that it was not rolled back and is no other office's? index: holds its leaf in
 * made(leaf). */
enum err_code index_file_same_ledger(struct db *index, struct db *office, int64_t seq,
                                     bool *same, struct err *e) MUST_CHECK;
/* Was it made so lately that what comes every minute is no reason to make it anew? */
bool index_file_lately(const struct office *o, const char *name);

/*
 * For an entry "run.discarded": did the import that it takes back leave other rows where they
 * are? One of readings does, unless meters were exchanged by it: its readings stay, and count
 * no more.
 */
enum err_code index_rows_stay(struct db *office, int64_t seq, bool *stay,
                              struct err *e) MUST_CHECK;

#endif
