/* Files of the larger corpora, which live outside the source tree. */
#ifndef AFORO_TESTS_CORPUS_H
#define AFORO_TESTS_CORPUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { CORPUS_PATH_SIZE = 4096 };

/*
 * Path of a file in the corpora's folder: $AFORO_DATA, else ../shared/data of the source tree.
 *
 * test:     name of the test, for the line that says it was skipped.
 * relative: path below the folder.
 * Returns false, after printing that line, when there is no such folder: the test then returns
 * at once. A file that is missing from a folder that is there fails the test.
 */
bool corpus_path(const char *test, const char *relative, char out[CORPUS_PATH_SIZE]);

/* The whole file appended to `out`, which has its limit; false as above. */
bool corpus_read(const char *test, const char *relative, struct buf *out);

#endif
