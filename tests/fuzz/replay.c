/*
 * Replay a fuzz target's kept corpus without libFuzzer: every input once, in the order of
 * names. With arguments, those files; without, $AFORO_SRCDIR/tests/fuzz/corpus/PROGRAM/. Exit
 * status 1 when an input cannot be read or there is none: an empty corpus guards nothing.
 */
#include <config.h>

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX_BYTES = 16 << 20, PATH_MAX_BYTES = 4096 };

/* The buffer is exactly as long as the input, so that AddressSanitizer sees one byte read too
 * far. */
static int replay_file(const char *path)
{
    struct stat st;
    uint8_t *data = NULL;
    FILE *f = NULL;
    size_t size;
    int rc = 1;

    if (stat(path, &st) != 0 || st.st_size < 0 || st.st_size > INPUT_MAX_BYTES) {
        fprintf(stderr, "%s: cannot be read, or above 16 MiB\n", path);
        goto out;
    }
    size = (size_t)st.st_size;
    data = malloc(size > 0 ? size : 1);
    f = fopen(path, "rb");
    if (data == NULL || f == NULL || fread(data, 1, size, f) != size) {
        fprintf(stderr, "%s: cannot be read\n", path);
        goto out;
    }
    (void)LLVMFuzzerTestOneInput(data, size);
    rc = 0;
out:
    if (f != NULL) {
        (void)fclose(f);
    }
    free(data);
    return rc;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_folder(const char *folder, int *count)
{
    struct dirent **names = NULL;
    int n = scandir(folder, &names, visible, alphasort);
    int rc = 0;

    if (n < 0) {
        fprintf(stderr, "%s: no such corpus\n", folder);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        char path[PATH_MAX_BYTES];
        int len = snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        rc |= len < 0 || (size_t)len >= sizeof(path) || replay_file(path) != 0;
        free(names[i]);
    }
    free(names);
    *count += n;
    return rc;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash != NULL ? slash + 1 : argv[0];
    const char *top = getenv("AFORO_SRCDIR");
    int count = 0;
    int rc = 0;

    if (argc > 1) {
        for (int i = 1; i < argc; i++) {
            rc |= replay_file(argv[i]);
            count++;
        }
    } else {
        char folder[PATH_MAX_BYTES];
        int len = snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
                           top != NULL ? top : ".", name);
        rc = len < 0 || (size_t)len >= sizeof(folder) || replay_folder(folder, &count) != 0;
    }
    printf("%s: %d inputs replayed\n", name, count);
    return rc != 0 || count == 0;
}
