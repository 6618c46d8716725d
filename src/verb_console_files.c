/* What a path that somebody types into a form stands for: how it goes on, and what the file is.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/attach.h"
#include "app/files.h"
#include "base/i18n.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "verb_console_export.h"

/* Names of a folder that are looked at. */
#define NAMES_MAX 20000
#define SHOWN_MAX 6u

/* "~/" is the user's own folder. False when it does not fit. */
static bool path_of(const char *typed, char out[PATH_TYPED_MAX])
{
    const char *home = getenv("HOME");
    int n = strncmp(typed, "~/", 2) == 0 && home != NULL
                ? snprintf(out, PATH_TYPED_MAX, "%s%s", home, typed + 1)
                : snprintf(out, PATH_TYPED_MAX, "%s", typed);
    return n >= 0 && n < PATH_TYPED_MAX;
}

/* Bytes that two names begin with alike, whole characters. */
static size_t alike(const char *a, const char *b, size_t most)
{
    size_t n = 0;
    while (n < most && a[n] == b[n] && a[n] != '\0') {
        n++;
    }
    while (n > 0 && ((unsigned char)a[n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

struct names {
    char common[NAME_TYPED_MAX]; /* what all of them begin with */
    size_t len, count;
    struct buf shown;
};

static void name_take(struct names *n, const char *name)
{
    if (n->count++ == 0) {
        (void)snprintf(n->common, sizeof n->common, "%s", name);
        n->len = strlen(n->common);
    } else {
        n->len = alike(n->common, name, n->len);
    }
    if (n->count <= SHOWN_MAX) {
        buf_addf(&n->shown, "%s%s", n->count > 1 ? "  " : "", name);
    }
}

/* Names of a folder that go on from what was typed; hidden ones only when their point was. */
static void names_read(const char *folder, const char *begin, struct names *n)
{
    DIR *dir = opendir(folder);
    struct dirent *d;
    size_t len = strlen(begin);
    for (int i = 0; dir != NULL && i < NAMES_MAX && (d = readdir(dir)) != NULL; i++) {
        if (strncmp(d->d_name, begin, len) == 0 && (d->d_name[0] != '.' || begin[0] == '.') &&
            strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
            strlen(d->d_name) < NAME_TYPED_MAX && utf8_valid(d->d_name, strlen(d->d_name))) {
            name_take(n, d->d_name);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

static void complete(const char *typed, const char *path, struct ui_file *out)
{
    const char *slash = strrchr(path, '/');
    const char *typed_slash = strrchr(typed, '/');
    char folder[PATH_TYPED_MAX] = ".";
    struct names n = {.count = 0};
    struct stat st;
    char whole[PATH_TYPED_MAX + NAME_TYPED_MAX];
    buf_init(&n.shown, sizeof out->names - 1);
    if (slash != NULL) {
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    }
    names_read(folder, slash != NULL ? slash + 1 : path, &n);
    out->matches = n.count;
    if (n.count > 0) {
        (void)snprintf(whole, sizeof whole, "%s/%.*s", folder, (int)n.len, n.common);
        (void)snprintf(out->completed, sizeof out->completed, "%.*s%.*s%s",
                       typed_slash != NULL ? (int)(typed_slash - typed) + 1 : 0, typed,
                       (int)n.len, n.common,
                       n.count == 1 && stat(whole, &st) == 0 && S_ISDIR(st.st_mode) ? "/" : "");
    }
    if (n.count > 1) {
        text_sanitize_to(buf_str(&n.shown), n.shown.len, out->names, sizeof out->names);
    }
    buf_release(&n.shown);
}

/* Type by content, and the hash that people compare. */
static void read_whole(const char *path, struct ui_file *out)
{
    struct buf bytes;
    struct err e = ERR_INIT;
    struct hash h;
    const char *type = NULL;
    buf_init(&bytes, ATTACHMENT_BYTES_DEFAULT);
    if (file_read(path, &bytes, &e) != ERR_OK) {
        (void)snprintf(out->fault, sizeof out->fault, "%.199s", e.text);
    } else {
        type = attachment_type(bytes.data, bytes.len);
        (void)snprintf(out->type, sizeof out->type, "%s", type != NULL ? type : "");
        sha256(bytes.data, bytes.len, &h);
        hash_hex(&h, out->sha256);
        if (type == NULL) {
            (void)snprintf(out->fault, sizeof out->fault, "%s",
                           _("It is no whole JPEG, PNG, PDF or text file by its content."));
        }
    }
    buf_release(&bytes);
}

enum err_code bound_file_look(void *ctx, const char *typed, struct ui_file *out, struct err *e)
{
    char path[PATH_TYPED_MAX];
    struct stat st;
    (void)ctx;
    (void)e;
    *out = (struct ui_file){0};
    if (!path_of(typed, path)) {
        return ERR_OK;
    }
    complete(typed, path, out);
    if (stat(path, &st) != 0 || S_ISDIR(st.st_mode)) {
        (void)snprintf(out->fault, sizeof out->fault, "%s", _("There is no such file."));
    } else if (!S_ISREG(st.st_mode)) {
        (void)snprintf(out->fault, sizeof out->fault, "%s", _("It is no ordinary file."));
    } else {
        (void)snprintf(out->path, sizeof out->path, "%s", path);
        out->bytes = (int64_t)st.st_size;
        if ((uint64_t)st.st_size > ATTACHMENT_BYTES_DEFAULT) {
            (void)snprintf(out->fault, sizeof out->fault,
                           _("It is larger than the %zu bytes that an attachment may have."),
                           ATTACHMENT_BYTES_DEFAULT);
        } else {
            read_whole(path, out);
        }
    }
    return ERR_OK;
}
