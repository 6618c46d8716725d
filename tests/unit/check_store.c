#include <config.h>

#include "tests/unit/check_store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[STORE_PATH];

void store_folder_make(void)
{
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/aforo-store-XXXXXX",
                   tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

const char *store_file(const char *name)
{
    static char paths[4][2 * STORE_PATH];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

void store_folder_remove(void)
{
    DIR *d = opendir(folder);
    for (struct dirent *f = d == NULL ? NULL : readdir(d); f != NULL; f = readdir(d)) {
        (void)unlink(store_file(f->d_name));
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    (void)rmdir(folder);
}

struct db *store_open(const char *name, enum db_mode mode)
{
    struct db *db = NULL;
    assert_ok(db_open(store_file(name), mode, &db, &e));
    return db;
}

void store_exec(struct db *db, const char *sql)
{
    assert_ok(db_exec(db, sql, &e));
}

int64_t store_int(struct db *db, const char *sql)
{
    int64_t v = -1;
    assert_ok(db_get_int(db, &v, NULL, &e, sql, NO_VALS));
    return v;
}

int main(void)
{
    SRunner *runner = srunner_create(suite_db());
    srunner_add_suite(runner, suite_migrate());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
