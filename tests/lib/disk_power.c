#include <config.h>

#include "tests/lib/disk_power.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MAX 512
#define NAMES_MAX 512
#define PATH_SIZE 600
#define SECTOR 512 /* what a disk writes whole */

/* A write (data) or a cut (data NULL) that no sync has followed. */
struct change {
    size_t at, len;
    unsigned char *data;
};
struct file {
    unsigned char *durable;
    size_t len;
    struct change *changes;
    size_t count, size;
};
struct name {
    char path[PATH_SIZE];
    int file; /* -1: free */
};
/* A change of names: file -1 takes the name away. */
struct naming {
    char path[PATH_SIZE], gone[PATH_SIZE];
    int file;
};

static char folder[PATH_SIZE];
static struct file files[FILES_MAX];
static int file_count;
static struct name live[NAMES_MAX], durable[NAMES_MAX];
static struct naming *namings;
static size_t naming_count, naming_size;

static _Noreturn void broken(const char *what)
{
    (void)fprintf(stderr, "disk_power: %s\n", what);
    abort();
}

static void *grown(void *p, size_t bytes)
{
    void *q = realloc(p, bytes > 0 ? bytes : 1);
    if (q == NULL) {
        broken("no memory");
    }
    return q;
}

/* ---- names
 * -------------------------------------------------------------------------------------- */

static struct name *name_find(struct name *in, const char *path)
{
    for (int i = 0; i < NAMES_MAX; i++) {
        if (in[i].path[0] != '\0' && strcmp(in[i].path, path) == 0) {
            return &in[i];
        }
    }
    return NULL;
}

static void name_set(struct name *in, const char *path, int file)
{
    struct name *n = name_find(in, path);
    for (int i = 0; n == NULL && i < NAMES_MAX; i++) {
        n = in[i].path[0] == '\0' ? &in[i] : NULL;
    }
    if (n == NULL) {
        broken("too many names");
    }
    (void)snprintf(n->path, sizeof n->path, "%s", path);
    n->file = file;
}

static void name_drop(struct name *in, const char *path)
{
    struct name *n = name_find(in, path);
    if (n != NULL) {
        n->path[0] = '\0';
    }
}

static void naming_apply(struct name *in, const struct naming *g)
{
    if (g->gone[0] != '\0') {
        name_drop(in, g->gone);
    }
    if (g->path[0] != '\0') {
        name_set(in, g->path, g->file);
    }
}

static void naming_add(const char *path, const char *gone, int file)
{
    if (naming_count == naming_size) {
        naming_size = naming_size * 2 + 16;
        namings = grown(namings, naming_size * sizeof *namings);
    }
    struct naming *g = &namings[naming_count++];
    (void)snprintf(g->path, sizeof g->path, "%s", path);
    (void)snprintf(g->gone, sizeof g->gone, "%s", gone);
    g->file = file;
    naming_apply(live, g);
}

static int file_new(void)
{
    if (file_count == FILES_MAX) {
        broken("too many files");
    }
    files[file_count] = (struct file){0};
    return file_count++;
}

int power_file(const char *path)
{
    const struct name *n = name_find(live, path);
    if (n != NULL) {
        return n->file;
    }
    int file = file_new();
    naming_add(path, "", file);
    return file;
}

void power_rename(const char *from, const char *to)
{
    naming_add(to, from, power_file(from));
}

void power_unlink(const char *path)
{
    naming_add("", path, -1);
}

void power_sync_names(void)
{
    for (size_t i = 0; i < naming_count; i++) {
        naming_apply(durable, &namings[i]);
    }
    naming_count = 0;
}

/* ---- contents
 * ----------------------------------------------------------------------------------- */

static void change_apply(struct file *f, const struct change *c, size_t from, size_t len)
{
    if (c->data == NULL) {
        f->durable = grown(f->durable, c->at);
        if (c->at > f->len) {
            memset(f->durable + f->len, 0, c->at - f->len);
        }
        f->len = c->at;
        return;
    }
    size_t end = c->at + from + len;
    if (end > f->len) {
        f->durable = grown(f->durable, end);
        memset(f->durable + f->len, 0, end - f->len);
        f->len = end;
    }
    memcpy(f->durable + c->at + from, c->data + from, len);
}

static struct change *change_add(int file)
{
    struct file *f = &files[file];
    if (f->count == f->size) {
        f->size = f->size * 2 + 16;
        f->changes = grown(f->changes, f->size * sizeof *f->changes);
    }
    return &f->changes[f->count++];
}

void power_write(int file, off_t at, const void *data, size_t len)
{
    if (file < 0) { /* opened before power_begin */
        return;
    }
    struct change *c = change_add(file);
    *c = (struct change){.at = (size_t)at, .len = len, .data = grown(NULL, len)};
    memcpy(c->data, data, len);
}

void power_truncate(int file, off_t len)
{
    if (file >= 0) {
        *change_add(file) = (struct change){.at = (size_t)len};
    }
}

void power_sync(int file)
{
    if (file < 0) {
        return;
    }
    struct file *f = &files[file];
    for (size_t i = 0; i < f->count; i++) {
        change_apply(f, &f->changes[i], 0, f->changes[i].len);
        free(f->changes[i].data);
    }
    f->count = 0;
}

size_t power_unsynced(const char *suffix)
{
    size_t n = 0;
    for (int i = 0; i < NAMES_MAX; i++) {
        size_t len = strlen(live[i].path);
        size_t tail = strlen(suffix);
        if (len >= tail && len > 0 && strcmp(live[i].path + len - tail, suffix) == 0) {
            n += files[live[i].file].count;
        }
    }
    return n;
}

/* ---- from and to a folder
 * ------------------------------------------------------------------------ */

static void file_load(const char *path)
{
    struct stat st;
    int file = file_new();
    struct file *f = &files[file];
    FILE *in = fopen(path, "rb");
    if (in == NULL || stat(path, &st) != 0) {
        broken(path);
    }
    f->len = (size_t)st.st_size;
    f->durable = grown(NULL, f->len);
    if (fread(f->durable, 1, f->len, in) != f->len || fclose(in) != 0) {
        broken(path);
    }
    name_set(live, path, file);
    name_set(durable, path, file);
}

static void folder_load(const char *dir, int depth)
{
    DIR *d = opendir(dir);
    if (d == NULL) {
        broken(dir);
    }
    for (const struct dirent *f = readdir(d); f != NULL; f = readdir(d)) {
        char path[PATH_SIZE];
        struct stat st;
        if (f->d_name[0] == '.' ||
            snprintf(path, sizeof path, "%s/%s", dir, f->d_name) >= (int)sizeof path ||
            stat(path, &st) != 0) {
            continue;
        }
        if (S_ISREG(st.st_mode)) {
            file_load(path);
        } else if (S_ISDIR(st.st_mode) && depth > 0) {
            folder_load(path, depth - 1);
        }
    }
    (void)closedir(d);
}

void power_begin(const char *dir)
{
    (void)snprintf(folder, sizeof folder, "%s", dir);
    for (int i = 0; i < file_count; i++) {
        power_sync(i);
        free(files[i].durable);
        free(files[i].changes);
    }
    file_count = 0;
    naming_count = 0;
    memset(live, 0, sizeof live);
    memset(durable, 0, sizeof durable);
    folder_load(dir, 1);
}

static uint64_t draw(uint64_t *state, uint64_t below)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (*state >> 33) % below;
}

/* Some of what was not synced reached the disk, in any order; a write may have reached it in
 * part. `manner`: 0 nothing did, 1 half of it, 2 nearly all, 3 the first writes, the last torn.
 */
static void file_settle(struct file *f, uint64_t manner, uint64_t *state)
{
    for (size_t i = f->count; manner != 3 && i > 1; i--) { /* shuffled */
        size_t j = (size_t)draw(state, i);
        struct change c = f->changes[i - 1];
        f->changes[i - 1] = f->changes[j];
        f->changes[j] = c;
    }
    size_t first = manner == 3 && f->count > 0 ? (size_t)draw(state, f->count + 1) : 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct change *c = &f->changes[i];
        bool kept = manner == 1   ? draw(state, 2) == 0
                    : manner == 2 ? draw(state, 8) != 0
                                  : manner == 3 && i < first;
        bool part = kept && (draw(state, 6) == 0 || (manner == 3 && i + 1 == first));
        size_t sectors = c->len / SECTOR;
        if (part && c->data != NULL && sectors > 0) {
            size_t from = (size_t)draw(state, sectors);
            size_t count = (size_t)draw(state, sectors - from + 1);
            change_apply(f, c, from * SECTOR, count * SECTOR);
        } else if (kept && !part) {
            change_apply(f, c, 0, c->len);
        }
    }
}

static void file_store(const char *path, const struct file *f)
{
    FILE *out = fopen(path, "wb");
    bool ok = out != NULL && (f->len == 0 || fwrite(f->durable, 1, f->len, out) == f->len);
    if (!ok || fclose(out) != 0) {
        broken(path);
    }
}

void power_cut(const char *to, uint64_t seed)
{
    static const char *const inner[] = {"", "/keys", "/state"};
    uint64_t state = seed * 2654435761U + 12345;
    uint64_t manner = seed % 4;
    /* A file system keeps the order of names. */
    size_t named = manner == 0 ? 0 : (size_t)draw(&state, naming_count + 1);
    for (size_t i = 0; i < named; i++) {
        naming_apply(durable, &namings[i]);
    }
    for (int i = 0; i < file_count; i++) {
        file_settle(&files[i], manner, &state);
    }
    char path[2 * PATH_SIZE];
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", to, inner[i]);
        (void)mkdir(path, 0700);
    }
    for (int i = 0; i < NAMES_MAX; i++) {
        const struct name *n = &durable[i];
        size_t len = strlen(n->path);
        if (len == 0 || (len > 4 && strcmp(n->path + len - 4, "-shm") == 0)) {
            continue; /* SQLite makes that file anew */
        }
        (void)snprintf(path, sizeof path, "%s%s", to, n->path + strlen(folder));
        file_store(path, &files[n->file]);
    }
}
