#include <config.h>

#include "tests/lib/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <check.h>

/* False when the name does not fit. */
static bool folder_of(char out[CORPUS_PATH_SIZE])
{
    const char *data = getenv("AFORO_DATA");
    const char *top = getenv("AFORO_SRCDIR");
    int len = 0;

    if (data != NULL && data[0] != '\0') {
        len = snprintf(out, CORPUS_PATH_SIZE, "%s", data);
    } else {
        len = snprintf(out, CORPUS_PATH_SIZE, "%s/../shared/data", top != NULL ? top : ".");
    }
    return len >= 0 && len < CORPUS_PATH_SIZE;
}

bool corpus_path(const char *test, const char *relative, char out[CORPUS_PATH_SIZE])
{
    char folder[CORPUS_PATH_SIZE];
    int len = 0;

    ck_assert(folder_of(folder));
    if (access(folder, R_OK | X_OK) != 0) {
        printf("# skip %s: AFORO_DATA is not there (%s)\n", test, folder);
        (void)fflush(stdout);
        return false;
    }
    len = snprintf(out, CORPUS_PATH_SIZE, "%s/%s", folder, relative);
    ck_assert(len >= 0 && len < CORPUS_PATH_SIZE);
    ck_assert_msg(access(out, R_OK) == 0, "%s is missing from the corpora", out);
    return true;
}

bool corpus_read(const char *test, const char *relative, struct buf *out)
{
    char path[CORPUS_PATH_SIZE];
    char chunk[4096];
    FILE *f = NULL;
    size_t n = 0;

    if (!corpus_path(test, relative, path)) {
        return false;
    }
    f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s cannot be opened", path);
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
        buf_add(out, chunk, n);
    }
    ck_assert_msg(ferror(f) == 0 && !out->failed, "%s cannot be read whole", path);
    (void)fclose(f);
    return true;
}
