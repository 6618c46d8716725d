#include <config.h>

#include "app/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/backup_file.h"
#include "app/backups_made.h"
#include "app/erasing.h"
#include "app/files.h"
#include "app/high_water.h"
#include "app/office_checkpoint.h"
#include "app/personal.h"
#include "app/verify_deep.h"
#include "app/verify_office.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/witness_request.h"

#define PATH_SIZE 4096

static enum err_code path_of(char out[PATH_SIZE], struct err *e, const char *dir,
                             const char *name)
{
    int n = snprintf(out, PATH_SIZE, "%s/%s", dir, name);
    return n > 0 && n < PATH_SIZE ? ERR_OK
                                  : err_set(e, ERR_RANGE, _("the path is too long: %s"), dir);
}

/* ---- the copy ---- */

/* A copy is no backup of anything unless it holds. */
static enum err_code copy_verify(const char *dir, const struct env *env,
                                 const struct progress *progress, int64_t *seq, struct err *e)
{
    struct verify_request q = {
        .dir = dir, .level = VERIFY_FULL, .env = env, .progress = progress};
    struct audit *a = mem_alloc(sizeof *a);
    if (a == NULL) {
        return err_nomem(e);
    }
    enum err_code code = verify_office(&q, a, e);
    *seq = (int64_t)a->size;
    mem_free(a);
    return code;
}

static enum err_code high_water_copy(const struct office *o, const char *dir, struct err *e)
{
    char path[PATH_SIZE];
    struct high_water h;
    TRY(high_water_read(o->high_water_path, &h, e));
    TRY(path_of(path, e, dir, "state/high-water"));
    return h.found ? high_water_write(path, h.note, h.note_len, h.cosignatures, e) : ERR_OK;
}

static enum err_code stage_fill(struct office *o, const char *dir,
                                const struct progress *progress, int64_t *seq, struct err *e)
{
    char path[PATH_SIZE];
    struct erasures list = {0};
    TRY(path_of(path, e, dir, "state"));
    if (mkdir(path, 0700) != 0) {
        return err_errno(e, _("cannot make the folder %s"), path);
    }
    TRY(high_water_copy(o, dir, e)); /* first: the copy of the database must reach it */
    TRY(path_of(path, e, dir, "office.db"));
    (void)progress_step(progress, _("copying"), 0, 0);
    TRY(db_backup(o->db, path, e));
    TRY(copy_verify(dir, o->env, progress, seq, e));
    TRY(path_of(path, e, o->dir, "state/erasures"));
    enum err_code code = erasures_read(&list, path, e);
    if (code == ERR_OK) {
        code = erasures_of_db(&list, o->db, e);
    }
    if (code == ERR_OK) {
        code = path_of(path, e, dir, "state/erasures");
    }
    if (code == ERR_OK) {
        code = erasures_write(&list, path, e);
    }
    erasures_release(&list);
    return code;
}

/* ---- the file ---- */

static enum err_code keys_add(struct backup_writer *w, const char *office_dir, struct err *e)
{
    char dir[PATH_SIZE];
    char path[PATH_SIZE];
    char name[PATH_SIZE];
    TRY(path_of(dir, e, office_dir, "keys"));
    DIR *d = opendir(dir);
    enum err_code code = d != NULL ? ERR_OK : err_errno(e, _("cannot read %s"), dir);
    for (const struct dirent *f = NULL; code == ERR_OK && (f = readdir(d)) != NULL;) {
        struct stat st;
        code = path_of(path, e, dir, f->d_name);
        if (code == ERR_OK && lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            (void)snprintf(name, sizeof name, "keys/%s", f->d_name);
            code = backup_file_add(w, name, path, e);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return code;
}

static enum err_code contents_write(struct office *o, const char *stage,
                                    struct backup_writer *w, struct err *e)
{
    char path[PATH_SIZE];
    TRY(path_of(path, e, stage, "office.db"));
    TRY(backup_file_add(w, "office.db", path, e));
    TRY(path_of(path, e, stage, "state/erasures"));
    TRY(backup_file_add(w, "state/erasures", path, e));
    TRY(path_of(path, e, stage, "state/high-water"));
    if (access(path, F_OK) == 0) {
        TRY(backup_file_add(w, "state/high-water", path, e));
    }
    TRY(keys_add(w, o->dir, e));
    return backup_file_finish(w, e);
}

/* Written, synced, and opened again: decrypted to the end, every file as its sum says. */
static enum err_code backup_write(struct office *o, const char *stage, const char *part,
                                  const struct age_key *key, const struct progress *progress,
                                  struct err *e)
{
    struct backup_writer *w = NULL;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (f == NULL) {
        return err_errno(e, _("cannot write %s"), part);
    }
    enum err_code code = backup_file_begin(f, key, o->env, progress, &w, e);
    if (code == ERR_OK) {
        code = contents_write(o, stage, w, e);
    }
    backup_file_end(w);
    if (code == ERR_OK && (fflush(f) != 0 || fsync(fd) != 0)) {
        code = err_errno(e, _("cannot write %s"), part);
    }
    if (fclose(f) != 0 && code == ERR_OK) {
        code = err_errno(e, _("cannot write %s"), part);
    }
    if (code == ERR_OK && key->passphrase != NULL) {
        code = backup_file_read(part, key, NULL, progress, e);
    }
    return code;
}

static enum err_code name_make(struct office *o, const char *path, char out[PATH_SIZE],
                               struct err *e)
{
    struct stat st;
    char name[96];
    int64_t s = env_wall_ms(o->env) / 1000;
    struct civil t = civil_from_secs(s);
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    (void)snprintf(name, sizeof name, "%s-%04d%02d%02dT%02d%02d%02dZ.tar.age", o->code,
                   t.date.year, t.date.month, t.date.day, t.hour, t.minute, t.second);
    if (folder) {
        TRY(path_of(out, e, path, name));
    } else if (snprintf(out, PATH_SIZE, "%s", path) >= PATH_SIZE) {
        return err_set(e, ERR_RANGE, _("the path is too long: %s"), path);
    }
    return access(out, F_OK) != 0 ? ERR_OK
                                  : err_set(e, ERR_EXISTS, _("%s exists already"), out);
}

static int newest_first(const void *x, const void *y)
{
    return strcmp(*(char *const *)y, *(char *const *)x); /* names sort as their times do */
}

/* Of the backups that this office made in a folder the newest stay. */
static enum err_code retain(const struct office *o, const char *dir, int64_t keep,
                            struct err *e)
{
    enum { MANY = 4096 };
    char prefix[48];
    char path[PATH_SIZE];
    size_t count = 0;
    char **names = mem_array(MANY, sizeof *names);
    DIR *d = opendir(dir);
    int n = snprintf(prefix, sizeof prefix, "%s-", o->code);
    for (const struct dirent *f = NULL;
         names != NULL && d != NULL && count < MANY && (f = readdir(d)) != NULL;) {
        size_t len = strlen(f->d_name);
        if (strncmp(f->d_name, prefix, (size_t)n) == 0 && len == (size_t)n + 24 &&
            strcmp(f->d_name + len - 8, ".tar.age") == 0 &&
            (names[count] = mem_strdup(f->d_name)) != NULL) {
            count++;
        }
    }
    enum err_code code = names == NULL ? err_nomem(e) : ERR_OK;
    if (count > 0) {
        qsort(names, count, sizeof *names, newest_first);
    }
    for (size_t i = 0; i < count; i++) {
        if (code == ERR_OK && (int64_t)i >= keep && path_of(path, e, dir, names[i]) == ERR_OK) {
            (void)unlink(path);
        }
        mem_free(names[i]);
    }
    mem_free(names);
    if (d != NULL) {
        (void)closedir(d);
    }
    return code;
}

enum err_code backup_make(struct office *o, const char *path, const struct age_key *key,
                          int64_t keep, const struct progress *progress,
                          struct backup_info *out, struct err *e)
{
    char stage[PATH_SIZE];
    char part[PATH_SIZE + 8];
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    *out = (struct backup_info){0};
    if (o->behind.code != ERR_OK) { /* nobody could tell from the copy which state is right */
        return err_set(e, o->behind.code, "%s", o->behind.text);
    }
    TRY(name_make(o, path, out->file, e));
    (void)snprintf(part, sizeof part, "%s.part", out->file);
    /* The name says whose copy it is: an erasure waits for it, and removes it when its maker
     * was killed. */
    int n = snprintf(stage, sizeof stage, "%s/state/deep-%ld-XXXXXX", o->dir, (long)getpid());
    char *state = office_path(o, "state");
    if (state != NULL) {
        (void)temp_folders_left(state); /* removes those of backups that were killed */
    }
    mem_free(state);
    if (n >= (int)sizeof stage || mkdtemp(stage) == NULL) {
        return err_errno(e, _("cannot make a temporary folder in %s"), o->dir);
    }
    enum err_code code = stage_fill(o, stage, progress, &out->seq, e);
    if (code == ERR_OK) {
        code = backup_write(o, stage, part, key, progress, e);
    }
    temp_folder_remove(stage);
    if (code == ERR_OK && rename(part, out->file) != 0) {
        code = err_errno(e, _("cannot write %s"), out->file);
    }
    if (code != ERR_OK) {
        (void)unlink(part);
        return code;
    }
    out->bytes = stat(out->file, &st) == 0 ? (uint64_t)st.st_size : 0;
    TRY(folder_sync_of(out->file, e));
    if (backups_made_add(o, out->file, out->seq, e) != ERR_OK) {
        return err_wrap(e, _("%s is made, but was not noted"), out->file);
    }
    return folder && keep > 0 ? retain(o, path, keep, e) : ERR_OK;
}

/* ---- restore ---- */

/* A high-water file, or a checkpoint as it was exported or published. */
static enum err_code against_read(const char *path, struct high_water *out, struct err *e)
{
    struct buf text;
    struct err why = ERR_INIT;
    buf_init(&text, WITNESS_REQUEST_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK && high_water_parse(buf_str(&text), text.len, out, &why) != ERR_OK) {
        struct note_text t = note_within(buf_str(&text), text.len);
        if (high_water_of_note(t.data, t.len, out, &why) != ERR_OK) {
            code = err_set(e, ERR_PARSE, _("%s is neither a checkpoint nor a high-water file"),
                           path);
        }
    }
    buf_release(&text);
    return code;
}

static enum err_code against_judge(const struct office *o, const char *path,
                                   const struct high_water *h, struct err *e)
{
    char origin[OFFICE_ORIGIN_MAX + 1];
    struct err why = ERR_INIT;
    office_origin(o, origin);
    if (strcmp(h->says.origin, origin) != 0) {
        return err_set(e, ERR_USAGE, _("%s is a checkpoint of %s; this office is %s"), path,
                       h->says.origin, origin);
    }
    enum err_code code = high_water_judge(o, h, &why);
    if (code == ERR_TAMPERED) {
        return err_set(e, ERR_PARSE, _("%s does not hold a checkpoint that this office signed"),
                       path);
    }
    return code == ERR_OK || code == ERR_STATE ? ERR_OK : err_set(e, code, "%s", why.text);
}

/* What the restored office is held to: the newest of what the backup knew and what is brought
 * along; of these the one that the database contradicts. */
static enum err_code published_choose(struct office *o, const char *against, struct err *e)
{
    struct high_water brought = {.found = false};
    struct high_water kept;
    TRY(high_water_read(o->high_water_path, &kept, e));
    if (against != NULL) {
        TRY(against_read(against, &brought, e));
        TRY(against_judge(o, against, &brought, e));
    }
    struct err ignored = ERR_INIT;
    bool contradicted = brought.found && high_water_judge(o, &brought, &ignored) != ERR_OK;
    bool holds_more = brought.found && (!kept.found || brought.says.size > kept.says.size);
    if (contradicted || holds_more) { /* a backup never contradicts itself: backup_make */
        return high_water_write(o->high_water_path, brought.note, brought.note_len,
                                brought.cosignatures, e);
    }
    return kept.found ? ERR_OK : high_water_update(o, e);
}

static enum err_code published_place(const char *dir, const char *against,
                                     const struct env *env, struct err *e)
{
    struct office *o = NULL;
    TRY(office_open(dir, DB_WRITE, env, &o, e));
    enum err_code code = published_choose(o, against, e);
    office_close(o);
    return code;
}

static enum err_code list_merge(const char *dir, const char *newer, struct erasures *list,
                                struct err *e)
{
    char path[PATH_SIZE];
    TRY(path_of(path, e, dir, "state/erasures"));
    TRY(erasures_read(list, path, e));
    if (newer != NULL && access(newer, R_OK) != 0) {
        return err_errno(e, _("cannot read %s"), newer);
    }
    if (newer != NULL) {
        TRY(erasures_read(list, newer, e));
    }
    return erasures_write(list, path, e);
}

/* An office that is behind signs no erasure either: the mark makes it wait. */
static enum err_code erase_again(const char *dir, const char *newer, const struct env *env,
                                 const struct progress *progress, struct backup_info *out,
                                 struct err *e)
{
    struct office *o = NULL;
    struct erasures list = {0};
    int mark = -1;
    enum err_code code = list_merge(dir, newer, &list, e);
    if (code == ERR_OK) {
        code = office_open(dir, DB_WRITE, env, &o, e);
    }
    if (code == ERR_OK) {
        code = erasing_begin(o, &mark, e);
    }
    out->behind = code == ERR_OK && o->behind.code != ERR_OK;
    if (out->behind) {
        (void)snprintf(out->why, sizeof out->why, "%s", o->behind.text);
        code = personal_held(o, &list, &out->waiting, e);
    } else if (code == ERR_OK) {
        code = erasing_apply(o, progress, &out->erased, e);
    }
    erasing_end(mark, code == ERR_OK && !out->behind);
    erasures_release(&list);
    office_close(o);
    return code;
}

static enum err_code folder_new(const char *path, struct err *e)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST
               ? ERR_OK
               : err_errno(e, _("cannot make the folder %s"), path);
}

/* Everything that a restore may have left in DIR.making. */
static enum err_code making_clear(const char *making, struct err *e)
{
    char path[PATH_SIZE];
    static const char *const dirs[] = {"keys", "state"};
    TRY(folder_new(making, e));
    for (size_t i = 0; i < 2; i++) {
        TRY(path_of(path, e, making, dirs[i]));
        TRY(folder_new(path, e));
    }
    return ERR_OK;
}

enum err_code backup_restore(const char *file, const char *dir, const struct age_key *key,
                             const char *erasures, const char *against, const struct env *env,
                             const struct progress *progress, struct backup_info *out,
                             struct err *e)
{
    char *making = NULL;
    *out = (struct backup_info){0};
    if (access(dir, F_OK) == 0 && rmdir(dir) != 0) {
        return err_set(e, ERR_EXISTS,
                       _("%s is not empty; a backup is restored into a new folder"), dir);
    }
    TRY(office_making(dir, &making, e));
    enum err_code code = making_clear(making, e);
    if (code == ERR_OK) {
        code = backup_file_read(file, key, making, progress, e);
    }
    if (code == ERR_OK) {
        code = copy_verify(making, env, progress, &out->seq, e);
    }
    if (code == ERR_OK) {
        code = published_place(making, against, env, e);
    }
    if (code == ERR_OK) {
        code = erase_again(making, erasures, env, progress, out, e);
    }
    if (code == ERR_OK) {
        code = office_made(making, dir, e);
    }
    mem_free(making);
    return code;
}
