#include <config.h>

#include "tests/unit/check_base.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"

/* splitmix64 */
uint64_t random_next(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

size_t random_below(uint64_t *state, size_t below)
{
    return (size_t)(random_next(state) % below);
}

void assert_text(struct buf *b, const char *expected)
{
    ck_assert(!b->failed);
    ck_assert_str_eq(buf_str(b), expected);
    ck_assert_uint_eq(b->len, strlen(expected));
    buf_release(b);
}

bool data_read(const char *relative, struct buf *out)
{
    const char *root = getenv("AFORO_DATA");
    const char *source = getenv("AFORO_SRCDIR");
    char path[4096];
    struct stat st;
    if (root != NULL) {
        (void)snprintf(path, sizeof(path), "%s", root);
    } else {
        (void)snprintf(path, sizeof(path), "%s/../shared/data", source != NULL ? source : ".");
    }
    if (stat(path, &st) != 0) {
        return false;
    }
    size_t len = strlen(path);
    (void)snprintf(path + len, sizeof(path) - len, "/%s", relative);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
        buf_add(out, chunk, n);
    }
    ck_assert_int_eq(fclose(f), 0);
    ck_assert(!out->failed);
    return true;
}

static char scratch[] = "/tmp/aforo-base-XXXXXX";

const char *scratch_folder(void)
{
    return scratch;
}

static void scratch_remove(void)
{
    DIR *folder = opendir(scratch);
    if (folder == NULL) {
        return;
    }
    for (struct dirent *d = readdir(folder); d != NULL; d = readdir(folder)) {
        if (d->d_name[0] != '.') {
            (void)unlinkat(dirfd(folder), d->d_name, 0);
        }
    }
    (void)closedir(folder);
    (void)rmdir(scratch);
}

const char *scratch_file(const char *name, const void *data, size_t len_bytes)
{
    static char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", scratch_folder(), name);
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, len_bytes, f), len_bytes);
    ck_assert_int_eq(fclose(f), 0);
    return path;
}

static int run_suites(void)
{
    static Suite *(*const suites[])(void) = {
        suite_err,      suite_arena, suite_buf,       suite_env,       suite_progress,
        suite_quantity, suite_money, suite_text,      suite_text_fold, suite_numfmt,
        suite_caltime,  suite_zone,  suite_zone_rule, suite_json,      suite_json_parse,
        suite_json_jcs, suite_csv,   suite_csv_file,  suite_i18n,      suite_sanitized,
    };
    if (mkdtemp(scratch) ==
        NULL) { /* by the parent, so that the tests' own processes share it */
        perror(scratch);
        return EXIT_FAILURE;
    }
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        srunner_add_suite(runner, suites[i]());
    }
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    scratch_remove();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The tests of i18n run this program from another folder, to say one sentence in a language. */
int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--say") == 0) {
        i18n_init(strcmp(argv[2], "-") == 0 ? NULL : argv[2]);
        (void)printf("%s %s\n", i18n_lang(), _("There is not enough memory for this."));
        return EXIT_SUCCESS;
    }
    return run_suites();
}
