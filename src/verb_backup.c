/* backup, restore. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/backup.h"
#include "app/files.h"
#include "app/segments_outside.h"
#include "base/i18n.h"
#include "base/quantity.h"
#include "verb.h"

#define SECRET_MAX 1024

/* A passphrase typed or from a file, unless a public key or an identity is named. */
static enum err_code key_take(const char *text, const char *file, struct buf *secret,
                              struct age_key *out, struct err *e)
{
    *out = (struct age_key){.text = text};
    if (text != NULL) {
        return ERR_OK;
    }
    TRY(cli_secret(_("passphrase of the backup"), file, secret, e));
    if (secret->len < 8) {
        return err_set(e, ERR_USAGE, _("the passphrase of a backup has at least %d characters"),
                       8);
    }
    out->passphrase = buf_str(secret);
    return ERR_OK;
}

#define OUTSIDE_BYTES_MAX ((size_t)256 << 10)

/* What a backup cannot hold. */
struct outside {
    struct buf list; /* a line each */
    int64_t count, missing;
};

static enum err_code outside_read(struct office *o, const char *segments, struct outside *out,
                                  struct err *e)
{
    o->segments = segments;
    return segments_outside(o, &out->list, &out->count, &out->missing, e);
}

/* Below the answer to a backup. */
static void outside_not_in_it(const struct cli *cli, const struct outside *x)
{
    if (x->count > 0 && !cli->json) {
        (void)printf(ngettext("Not in it is the file of %" PRId64
                              " segment whose packets were dropped from the database; keep a "
                              "copy of it beside the backup:",
                              "Not in it are the files of %" PRId64
                              " segments whose packets were dropped from the database; keep a "
                              "copy of them beside the backup:",
                              (unsigned long)x->count),
                     x->count);
        (void)printf("\n%s", buf_str(&x->list));
    }
}

/* Below the answer to a restore. */
static void outside_wanted(const struct outside *x)
{
    if (x->missing > 0) {
        (void)fprintf(stderr, "aforo: ");
        (void)fprintf(
            stderr,
            ngettext("%" PRId64 " file of dropped packets, which no backup holds, is missing: "
                     "bring it from where it is archived, or name its folder with --segments. "
                     "Until then verify --deep, export ledger and proofs of its packets name "
                     "it; everything else works",
                     "%" PRId64
                     " files of dropped packets, which no backup holds, are missing: "
                     "bring them from where they are archived, or name their folder with "
                     "--segments. Until then verify --deep, export ledger and proofs of their "
                     "packets name them; everything else works",
                     (unsigned long)x->missing),
            x->missing);
        (void)fprintf(stderr, "\n%s", buf_str(&x->list));
    }
}

static enum err_code backup_run(struct cli *cli, const char *path, const struct age_key *key,
                                int64_t keep, const char *segments, struct err *e)
{
    struct office *o = NULL;
    struct outside x = {.count = 0};
    struct session *s = NULL;
    struct backup_info info;
    bool may = false;
    buf_init(&x.list, OUTSIDE_BYTES_MAX);
    enum err_code code = verb_office(cli, DB_READ, &o, &s, e);
    if (code == ERR_OK) {
        code = session_may(o, s->user, "backup", &may, e);
    }
    if (code == ERR_OK && !may) {
        code = session_denied(s, "backup", e);
    }
    if (code == ERR_OK) {
        code = backup_make(o, path, key, keep, verb_progress_or_null(cli), &info, e);
    }
    if (code == ERR_OK) {
        code = outside_read(o, segments, &x, e);
    }
    if (code == ERR_OK) {
        verb_answer(cli,
                    ANSWER({"file", info.file, 0}, {"entries", NULL, info.seq},
                           {"bytes", NULL, (int64_t)info.bytes},
                           {"segments_outside", NULL, x.count}),
                    _("%s: entries 1 to %" PRId64 ", %" PRIu64 " bytes, %s\n"), info.file,
                    info.seq, info.bytes,
                    key->passphrase != NULL
                        ? _("verified and read back")
                        : _("verified; only the owner of the key can read it back"));
        outside_not_in_it(cli, &x);
    }
    buf_release(&x.list);
    session_free(s);
    office_close(o);
    return code;
}

enum err_code verb_backup(struct cli *cli, struct err *e)
{
    struct age_key key;
    struct buf secret;
    int64_t copies = 0;
    const char *recipient = cli_take(cli, "recipient");
    const char *file = cli_take(cli, "passphrase-file");
    const char *keep = cli_take(cli, "keep");
    const char *segments = cli_take(cli, "segments");
    if (cli->argc != 1 || (keep != NULL && !cli_whole(keep, 1, INT64_MAX, &copies))) {
        return err_set(e, ERR_USAGE,
                       _("backup needs a file or a folder, and --keep a number from 1"));
    }
    buf_init(&secret, SECRET_MAX);
    enum err_code code = key_take(recipient, file, &secret, &key, e);
    if (code == ERR_OK) {
        code = backup_run(cli, cli->argv[0], &key, copies, segments, e);
    }
    buf_wipe(&secret);
    return code;
}

/* The line of an identity file that holds the key; others are comments. */
static const char *identity_line(struct buf *text)
{
    for (char *at = text->data; at != NULL && *at != '\0';) {
        char *end = at + strcspn(at, "\r\n");
        char *next = end + strspn(end, "\r\n");
        *end = '\0';
        if (*at != '#' && *at != '\0') {
            return at;
        }
        at = next;
    }
    return "";
}

static enum err_code restored_outside(const char *dir, const char *segments, struct outside *x,
                                      struct err *e)
{
    struct office *o = NULL;
    TRY(office_open(dir, DB_READ, &env_system, &o, e));
    enum err_code code = outside_read(o, segments, x, e);
    office_close(o);
    return code;
}

static void restore_tell(const struct cli *cli, const struct backup_info *info,
                         const struct outside *x)
{
    verb_answer(cli,
                ANSWER({"office", cli->argv[1], 0}, {"entries", NULL, info->seq},
                       {"erased", NULL, info->erased}, {"waiting", NULL, info->waiting},
                       {"segments_missing", NULL, x->missing}),
                _("%s: entries 1 to %" PRId64 " restored and verified; %" PRId64
                  " values erased again\n"),
                cli->argv[1], info->seq, info->erased);
    if (info->behind) {
        (void)fprintf(stderr, "aforo: %s\n", info->why);
    }
    if (info->waiting > 0) {
        (void)fprintf(stderr, "aforo: ");
        (void)fprintf(
            stderr,
            ngettext("%" PRId64 " value that had been erased is here again until then",
                     "%" PRId64 " values that had been erased are here again until then",
                     (unsigned long)info->waiting),
            info->waiting);
        (void)fprintf(stderr, "\n");
    }
    outside_wanted(x);
}

enum err_code verb_restore(struct cli *cli, struct err *e)
{
    struct outside x = {.count = 0};
    struct age_key key;
    struct buf secret;
    struct backup_info info;
    const char *identity = cli_take(cli, "identity");
    const char *file = cli_take(cli, "passphrase-file");
    const char *erasures = cli_take(cli, "erasures");
    const char *against = cli_take(cli, "against");
    const char *segments = cli_take(cli, "segments");
    if (cli->argc != 2) {
        return err_set(e, ERR_USAGE, _("restore needs a backup and a new folder"));
    }
    buf_init(&secret, SECRET_MAX);
    enum err_code code = identity != NULL ? file_read(identity, &secret, e) : ERR_OK;
    if (code == ERR_OK) {
        code =
            key_take(identity != NULL ? identity_line(&secret) : NULL, file, &secret, &key, e);
    }
    if (code == ERR_OK) {
        code = backup_restore(cli->argv[0], cli->argv[1], &key, erasures, against, &env_system,
                              verb_progress_or_null(cli), &info, e);
    }
    buf_wipe(&secret);
    buf_init(&x.list, OUTSIDE_BYTES_MAX);
    if (code == ERR_OK) {
        code = restored_outside(cli->argv[1], segments, &x, e);
    }
    if (code == ERR_OK) {
        restore_tell(cli, &info, &x);
    }
    buf_release(&x.list);
    return code;
}
