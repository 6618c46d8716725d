/* backup, restore. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/backup.h"
#include "app/files.h"
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

static enum err_code backup_run(struct cli *cli, const char *path, const struct age_key *key,
                                int64_t keep, struct err *e)
{
    struct office *o = NULL;
    struct session *s = NULL;
    struct backup_info info;
    bool may = false;
    enum err_code code = verb_office(cli, DB_READ, &o, &s, e);
    if (code == ERR_OK) {
        code = session_may(o, s->user, "backup", &may, e);
    }
    if (code == ERR_OK && !may) {
        code = err_set(e, ERR_DENIED,
                       _("%s (%s) may not do \"%s\"; ask an administrator for a role that may"),
                       s->name, s->roles, "backup");
    }
    if (code == ERR_OK) {
        code = backup_make(o, path, key, keep, verb_progress_or_null(cli), &info, e);
    }
    if (code == ERR_OK) {
        verb_answer(cli,
                    ANSWER({"file", info.file, 0}, {"entries", NULL, info.seq},
                           {"bytes", NULL, (int64_t)info.bytes}),
                    _("%s: entries 1 to %" PRId64 ", %" PRIu64 " bytes, %s\n"), info.file,
                    info.seq, info.bytes,
                    key->passphrase != NULL
                        ? _("verified and read back")
                        : _("verified; only the owner of the key can read it back"));
    }
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
    if (cli->argc != 1 || (keep != NULL && !cli_whole(keep, 1, INT64_MAX, &copies))) {
        return err_set(e, ERR_USAGE,
                       _("backup needs a file or a folder, and --keep a number from 1"));
    }
    buf_init(&secret, SECRET_MAX);
    enum err_code code = key_take(recipient, file, &secret, &key, e);
    if (code == ERR_OK) {
        code = backup_run(cli, cli->argv[0], &key, copies, e);
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

enum err_code verb_restore(struct cli *cli, struct err *e)
{
    struct age_key key;
    struct buf secret;
    struct backup_info info;
    const char *identity = cli_take(cli, "identity");
    const char *file = cli_take(cli, "passphrase-file");
    const char *erasures = cli_take(cli, "erasures");
    const char *against = cli_take(cli, "against");
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
    if (code == ERR_OK) {
        verb_answer(cli,
                    ANSWER({"office", cli->argv[1], 0}, {"entries", NULL, info.seq},
                           {"erased", NULL, info.erased}, {"waiting", NULL, info.waiting}),
                    _("%s: entries 1 to %" PRId64 " restored and verified; %" PRId64
                      " values erased again\n"),
                    cli->argv[1], info.seq, info.erased);
    }
    if (code == ERR_OK && info.behind) {
        (void)fprintf(stderr, "aforo: %s\n", info.why);
    }
    if (code == ERR_OK && info.waiting > 0) {
        (void)fprintf(stderr, "aforo: ");
        (void)fprintf(
            stderr,
            ngettext("%" PRId64 " value that had been erased is here again until then",
                     "%" PRId64 " values that had been erased are here again until then",
                     (unsigned long)info.waiting),
            info.waiting);
        (void)fprintf(stderr, "\n");
    }
    return code;
}
