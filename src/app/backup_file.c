#include <config.h>

#include "app/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "app/tar.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "crypto/hash.h"

#define SUMS "SHA256SUMS"
#define SUMS_MAX ((size_t)256 << 10)
#define BLOCK ((size_t)64 << 10)
/* An office keeps the file of every key that it ever had: one more with each rotation. Their
 * sums fit into SUMS_MAX. */
#define MEMBERS_MAX 2000

/* ---- writing ---- */

struct backup_writer {
    struct age *age;
    struct buf sums;
    int members;
    const struct progress *progress;
    uint8_t block[BLOCK];
};

enum err_code backup_file_begin(FILE *f, const struct age_key *key, const struct env *env,
                                const struct progress *progress, struct backup_writer **out,
                                struct err *e)
{
    struct backup_writer *w = mem_alloc(sizeof *w);
    *out = NULL;
    if (w == NULL) {
        return err_nomem(e);
    }
    buf_init(&w->sums, SUMS_MAX);
    w->progress = progress;
    enum err_code code = age_write_open(f, key, env, &w->age, e);
    if (code != ERR_OK) {
        backup_file_end(w);
        return code;
    }
    *out = w;
    return ERR_OK;
}

static enum err_code pad(struct backup_writer *w, uint64_t bytes, struct err *e)
{
    static const uint8_t zeros[TAR_BLOCK];
    size_t rest = (size_t)(bytes % TAR_BLOCK);
    return rest == 0 ? ERR_OK : age_write(w->age, zeros, TAR_BLOCK - rest, e);
}

static enum err_code bytes_copy(struct backup_writer *w, const char *name, int fd,
                                uint64_t size, struct hasher *h, struct err *e)
{
    for (uint64_t done = 0; done < size;) {
        uint64_t want = size - done < BLOCK ? size - done : BLOCK;
        ssize_t n = read(fd, w->block, (size_t)want);
        if (n <= 0) {
            return n == 0 ? err_set(e, ERR_IO, _("%s became shorter while it was read"), name)
                          : err_errno(e, _("cannot read %s"), name);
        }
        hasher_add(h, w->block, (size_t)n);
        TRY(age_write(w->age, w->block, (size_t)n, e));
        done += (uint64_t)n;
        if (!progress_step(w->progress, _("encrypting"), done, size)) {
            return err_set(e, ERR_CANCELLED, _("stopped; there is no backup"));
        }
    }
    return ERR_OK;
}

enum err_code backup_file_add(struct backup_writer *w, const char *name, const char *path,
                              struct err *e)
{
    uint8_t header[TAR_BLOCK];
    struct stat st;
    struct hash sum;
    if (strlen(name) > TAR_NAME_MAX) {
        return err_set(e, ERR_RANGE, _("the name is too long: %s"), name);
    }
    if (++w->members >= MEMBERS_MAX) { /* SHA256SUMS is one more */
        return err_set(
            e, ERR_LIMIT,
            _("there are more than %d files to back up; move those of ended keys out "
              "of keys/"),
            MEMBERS_MAX - 1);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        enum err_code code = err_errno(e, _("cannot read %s"), path);
        if (fd >= 0) {
            (void)close(fd);
        }
        return code;
    }
    uint64_t size = (uint64_t)st.st_size;
    struct hasher *h = hasher_new();
    tar_header(name, size, header);
    enum err_code code = h == NULL ? err_nomem(e) : age_write(w->age, header, TAR_BLOCK, e);
    if (code == ERR_OK) {
        code = bytes_copy(w, path, fd, size, h, e);
    }
    (void)close(fd);
    if (h != NULL) {
        hasher_end(h, &sum);
    }
    TRY(code);
    buf_add_hex(&w->sums, sum.b, HASH_SIZE);
    buf_addf(&w->sums, "  %s\n", name);
    return pad(w, size, e);
}

enum err_code backup_file_finish(struct backup_writer *w, struct err *e)
{
    static const uint8_t zeros[2 * TAR_BLOCK];
    uint8_t header[TAR_BLOCK];
    TRY(buf_status(&w->sums, SUMS, e));
    tar_header(SUMS, w->sums.len, header);
    TRY(age_write(w->age, header, TAR_BLOCK, e));
    TRY(age_write(w->age, w->sums.data, w->sums.len, e));
    TRY(pad(w, w->sums.len, e));
    TRY(age_write(w->age, zeros, sizeof zeros, e));
    return age_finish(w->age, e);
}

void backup_file_end(struct backup_writer *w)
{
    if (w != NULL) {
        age_free(w->age);
        buf_release(&w->sums);
        secure_wipe(w->block, sizeof w->block);
        mem_free(w);
    }
}

/* ---- reading ---- */

struct backup_reader {
    const char *path;
    struct age *age;
    const char *into;
    const struct progress *progress;
    struct buf sums, told; /* as computed; as SHA256SUMS says */
    uint64_t done;
    bool db_seen;
    uint8_t block[BLOCK];
};

static enum err_code damaged(const struct backup_reader *r, struct err *e)
{
    return err_set(e, ERR_TAMPERED, _("%s is no backup of an office, or it is damaged"),
                   r->path);
}

static bool name_allowed(const char *name)
{
    static const char fits[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (strcmp(name, "office.db") == 0 || strcmp(name, "state/erasures") == 0 ||
        strcmp(name, "state/high-water") == 0) {
        return true;
    }
    return strncmp(name, "keys/", 5) == 0 && name[5] != '\0' && name[5] != '.' &&
           strspn(name + 5, fits) == strlen(name + 5);
}

static enum err_code exactly(struct backup_reader *r, void *data, size_t len, struct err *e)
{
    size_t got = 0;
    TRY(age_read(r->age, data, len, &got, e));
    return got == len ? ERR_OK : damaged(r, e);
}

static enum err_code member_bytes(struct backup_reader *r, uint64_t bytes, int fd,
                                  struct hasher *h, struct err *e)
{
    for (uint64_t left = bytes; left > 0;) {
        size_t n = left < BLOCK ? (size_t)left : BLOCK;
        TRY(exactly(r, r->block, n, e));
        hasher_add(h, r->block, n);
        if (fd >= 0 && !file_put(fd, r->block, n)) {
            return err_errno(e, _("cannot write what %s holds"), r->path);
        }
        left -= n;
        r->done += n;
        if (!progress_step(r->progress, _("reading back"), r->done, 0)) {
            return err_set(e, ERR_CANCELLED, _("stopped; nothing was put in place"));
        }
    }
    size_t rest = (size_t)(bytes % TAR_BLOCK);
    return rest == 0 ? ERR_OK : exactly(r, r->block, TAR_BLOCK - rest, e);
}

static enum err_code member_open(const struct backup_reader *r, const char *name, int *fd,
                                 struct err *e)
{
    char path[4096];
    *fd = -1;
    if (r->into == NULL) {
        return ERR_OK;
    }
    int n = snprintf(path, sizeof path, "%s/%s", r->into, name);
    if (n <= 0 || n >= (int)sizeof path) {
        return err_set(e, ERR_RANGE, _("the path is too long: %s"), r->into);
    }
    *fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return *fd >= 0 ? ERR_OK : err_errno(e, _("cannot write %s"), path);
}

static enum err_code member_read(struct backup_reader *r, const char *name, uint64_t bytes,
                                 struct err *e)
{
    struct hash sum;
    int fd = -1;
    if (!name_allowed(name)) {
        return damaged(r, e);
    }
    TRY(member_open(r, name, &fd, e));
    struct hasher *h = hasher_new();
    enum err_code code = h == NULL ? err_nomem(e) : member_bytes(r, bytes, fd, h, e);
    if (h != NULL) {
        hasher_end(h, &sum);
    }
    if (fd >= 0) {
        if (code == ERR_OK && fsync(fd) != 0) {
            code = err_errno(e, _("cannot write what %s holds"), r->path);
        }
        (void)close(fd);
    }
    TRY(code);
    r->db_seen = r->db_seen || strcmp(name, "office.db") == 0;
    buf_add_hex(&r->sums, sum.b, HASH_SIZE);
    buf_addf(&r->sums, "  %s\n", name);
    return ERR_OK;
}

static enum err_code sums_read(struct backup_reader *r, uint64_t bytes, struct err *e)
{
    if (bytes > SUMS_MAX) {
        return damaged(r, e);
    }
    size_t padded = ((size_t)bytes + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    char *to = buf_reserve(&r->told, padded + 1);
    if (to == NULL) {
        return err_nomem(e);
    }
    TRY(exactly(r, to, padded, e));
    r->told.len += (size_t)bytes;
    return ERR_OK;
}

/* The whole of it: members, sums, end of the archive, end of the stream. */
static enum err_code members_read(struct backup_reader *r, struct err *e)
{
    uint8_t header[TAR_BLOCK];
    char name[TAR_NAME_MAX + 1];
    uint64_t bytes = 0;
    bool end = false;
    for (int i = 0; i < MEMBERS_MAX && !end; i++) {
        TRY(exactly(r, header, sizeof header, e));
        if (!tar_parse(header, name, &bytes, &end)) {
            return damaged(r, e);
        }
        if (end) {
            break;
        }
        TRY(strcmp(name, SUMS) == 0 ? sums_read(r, bytes, e) : member_read(r, name, bytes, e));
    }
    size_t got = 1;
    TRY(exactly(r, header, sizeof header, e)); /* the second block of zeros */
    TRY(age_read(r->age, header, 1, &got, e));
    bool same = end && got == 0 && r->db_seen && r->told.len == r->sums.len &&
                memcmp(r->told.data, r->sums.data, r->sums.len) == 0;
    return same ? ERR_OK : damaged(r, e);
}

enum err_code backup_file_read(const char *path, const struct age_key *key, const char *into,
                               const struct progress *progress, struct err *e)
{
    struct backup_reader *r = mem_alloc(sizeof *r);
    FILE *f = fopen(path, "rbe");
    enum err_code code = r == NULL   ? err_nomem(e)
                         : f == NULL ? err_errno(e, _("cannot read %s"), path)
                                     : ERR_OK;
    if (code == ERR_OK) {
        *r = (struct backup_reader){.path = path, .into = into, .progress = progress};
        buf_init(&r->sums, SUMS_MAX);
        buf_init(&r->told, SUMS_MAX + TAR_BLOCK + 1);
        code = age_read_open(f, key, &r->age, e);
        if (code != ERR_OK) {
            code = err_wrap(e, "%s", path);
        } else {
            code = members_read(r, e);
        }
        age_free(r->age);
        buf_release(&r->sums);
        buf_release(&r->told);
        secure_wipe(r->block, sizeof r->block);
    }
    mem_free(r);
    if (f != NULL) {
        (void)fclose(f);
    }
    return code;
}
