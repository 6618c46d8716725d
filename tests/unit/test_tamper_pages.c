/* Damage below SQL: bits flipped in the database file and its WAL, old pages played again. Each
 * is found, or lies where the file says nothing and changed nothing of what the database says;
 * and nobody "repairs" the file by cutting it. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/sqlite_map.h"
#include "tests/unit/check_verify.h"

#ifdef AFORO_SANITIZED
#define FLIPS 4 /* four times as slow there */
#else
#define FLIPS 13
#endif
#define PAGE 4096

static struct copied office;
static struct audit a;
static char digest[65];

static void begin(void)
{
    copied_make(&office);
    ck_assert(raw_digest(office.db, digest));
}

static void end(void)
{
    copied_free(&office);
}

struct file {
    char path[OFFICE_PATH + 8];
    uint8_t *data;
    size_t len;
};

static void file_take(struct file *f, const char *path)
{
    struct stat st;
    (void)snprintf(f->path, sizeof f->path, "%s", path);
    ck_assert_int_eq(stat(path, &st), 0);
    f->len = (size_t)st.st_size;
    f->data = malloc(f->len);
    FILE *in = fopen(path, "rb");
    ck_assert(in != NULL && f->data != NULL);
    ck_assert_uint_eq(fread(f->data, 1, f->len, in), f->len);
    ck_assert_int_eq(fclose(in), 0);
}

static void file_put(const struct file *f)
{
    FILE *out = fopen(f->path, "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(f->data, 1, f->len, out), f->len);
    ck_assert_int_eq(fclose(out), 0);
}

static void beside_remove(void)
{
    char path[OFFICE_PATH + 8];
    (void)snprintf(path, sizeof path, "%s-wal", office.db);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s-shm", office.db);
    (void)unlink(path);
}

/* True when the check found it; false when the database says what it said before. Anything else
 * fails the test. */
static bool found_or_same(const char *what, size_t at)
{
    struct err e = ERR_INIT;
    char now[65] = "";
    if (check_office(office.dir, VERIFY_DEEP, &a, &e) != ERR_OK) {
        return true;
    }
    ck_assert_msg(raw_digest(office.db, now) && strcmp(now, digest) == 0,
                  "%s at byte %zu was not found", what, at);
    return false;
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 16;
}

/* A check changes nothing of what it found. */
static void assert_untouched(const struct file *f, size_t at)
{
    struct file now;
    file_take(&now, f->path);
    ck_assert_msg(now.len == f->len && memcmp(now.data, f->data, f->len) == 0,
                  "%s was changed by the check that found byte %zu flipped", f->path, at);
    free(now.data);
}

/* How many flips nobody noticed, by what the byte is for. */
struct unseen {
    int by_class[MAP_CLASSES];
};

static void unseen_add(struct unseen *u, const uint8_t *map, const struct file *f, size_t at)
{
    ck_assert_msg(map[at] != MAP_LIVE, "%s: byte %zu says something, was flipped and not seen",
                  f->path, at);
    u->by_class[map[at]]++;
}

static void unseen_print(const struct unseen *u, const char *name, int flips, int found)
{
    printf("# count flips_%s %d 0\n# of %d flips %d were found; in bytes of no meaning: "
           "%d unused, %d counters, %d separators, %d nulls\n",
           name, flips, flips, found, u->by_class[MAP_UNUSED], u->by_class[MAP_COUNTER],
           u->by_class[MAP_SEPARATOR], u->by_class[MAP_NULL]);
}

enum { FLIP_LOOPS = 8 };

START_TEST(flipped_bits_of_the_database_are_found)
{
    struct file db;
    struct unseen unseen = {{0}};
    int flips = soak() ? 800 : FLIPS;
    int found = 0;
    uint64_t state = 7 + (uint64_t)_i;
    beside_remove();
    file_take(&db, office.db);
    uint8_t *map = sqlite_map(db.data, db.len);
    for (int i = 0; i < flips; i++) {
        size_t at = (size_t)next_random(&state) % db.len;
        uint8_t bit = (uint8_t)(1U << next_random(&state) % 8);
        db.data[at] ^= bit;
        file_put(&db);
        bool seen = found_or_same("a flipped bit", at);
        if (!seen) {
            unseen_add(&unseen, map, &db, at);
        }
        found += seen;
        assert_untouched(&db, at);
        beside_remove();
        db.data[at] ^= bit;
    }
    unseen_print(&unseen, "database", flips, found);
    free(map);
    free(db.data);
}
END_TEST

/* The newest acts still stand in the WAL when its bits flip: SQLite drops what follows, which
 * is a roll-back. */
START_TEST(flipped_bits_of_the_wal_are_found)
{
    static struct office_fixture f;
    char wal_path[OFFICE_PATH + 8];
    struct file wal;
    struct file db;
    struct err e = ERR_INIT;
    struct unseen unseen = {{0}};
    int flips = soak() ? 800 : FLIPS;
    int found = 0;
    uint64_t state = 99 + (uint64_t)_i;
    copied_free(&office);
    fixture_init(&f);
    fixture_meters(&f, 3);
    ck_assert_int_eq(check_office(f.dir, VERIFY_NEW, &a, &e), ERR_OK);
    copied_make(&office);
    fixture_copy_folder(f.dir, office.dir); /* with its WAL */
    fixture_free(&f);
    (void)snprintf(wal_path, sizeof wal_path, "%s-wal", office.db);
    file_take(&wal, wal_path);
    file_take(&db, office.db);
    ck_assert_uint_gt(wal.len, 32);
    uint8_t *map = sqlite_map_wal(wal.data, wal.len);
    ck_assert(raw_digest(office.db, digest));
    for (int i = 0; i < flips; i++) {
        size_t at = (size_t)next_random(&state) % wal.len;
        uint8_t bit = (uint8_t)(1U << next_random(&state) % 8);
        beside_remove();
        wal.data[at] ^= bit;
        file_put(&wal);
        file_put(&db);
        bool seen = found_or_same("a flipped bit of the WAL", at);
        if (!seen) {
            unseen_add(&unseen, map, &wal, at);
        }
        found += seen;
        assert_untouched(&wal, at);
        assert_untouched(&db, at);
        wal.data[at] ^= bit;
    }
    unseen_print(&unseen, "wal", flips, found);
    free(map);
    free(wal.data);
    free(db.data);
}
END_TEST

/* Pages as they were some entries before, one at a time. */
START_TEST(old_pages_played_again_are_found)
{
    struct file now;
    struct file old;
    char path[OFFICE_PATH];
    int played = 0;
    int found = 0;
    beside_remove();
    (void)snprintf(path, sizeof path, "%s/office.db", office_before());
    file_take(&now, office.db);
    file_take(&old, path);
    for (size_t page = 0; (page + 1) * PAGE <= old.len && (page + 1) * PAGE <= now.len;
         page++) {
        uint8_t kept[PAGE];
        uint8_t *at = now.data + page * PAGE;
        if (memcmp(at, old.data + page * PAGE, PAGE) == 0) {
            continue;
        }
        memcpy(kept, at, PAGE);
        memcpy(at, old.data + page * PAGE, PAGE);
        file_put(&now);
        found += found_or_same("an old page", page * PAGE);
        played++;
        beside_remove();
        memcpy(at, kept, PAGE);
    }
    ck_assert_int_gt(played, 5);
    ck_assert_int_gt(found, 5);
    printf("# count old_pages %d 0\n# %d of %d old pages changed what the database says\n",
           played, found, played);
    free(now.data);
    free(old.data);
}
END_TEST

START_TEST(file_cut_short_is_found)
{
    static const int parts[] = {0, 1, 2, 5, 9};
    struct stat st;
    struct err e = ERR_INIT;
    beside_remove();
    ck_assert_int_eq(stat(office.db, &st), 0);
    off_t len = st.st_size / 10 * parts[_i] / PAGE * PAGE;
    ck_assert_int_eq(truncate(office.db, len), 0);
    ck_assert_int_ne(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_OK);
}
END_TEST

Suite *suite_tamper_pages(void)
{
    Suite *s = suite_create("tamper_pages");
    TCase *t = tcase_create("tamper_pages");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, flipped_bits_of_the_database_are_found, 0, FLIP_LOOPS);
    tcase_add_loop_test(t, flipped_bits_of_the_wal_are_found, 0, FLIP_LOOPS);
    tcase_add_test(t, old_pages_played_again_are_found);
    tcase_add_loop_test(t, file_cut_short_is_found, 0, 5);
    suite_add_tcase(s, t);
    return s;
}
