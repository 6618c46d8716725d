/* export checkpoint; witness: how an office's checkpoints come to be cosigned. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/witness.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/witness_request.h"
#include "ledger/checkpoints.h"
#include "ledger/tree.h"
#include "reports/out_file.h"
#include "verb.h"

/* ---- export checkpoint
 * --------------------------------------------------------------------- */

/* Decimal digits and nothing else, up to 2^63-1. */
static bool size_parse(const char *text, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    *out = v;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && v <= INT64_MAX;
}

static enum err_code request_make(struct db *db, uint64_t since, struct checkpoint_row *row,
                                  struct buf *out, struct err *e)
{
    struct witness_request r = {.old_size = since};
    bool found = false;
    TRY(checkpoint_newest(db, row, &found, e));
    if (!found) {
        return err_set(
            e, ERR_STATE,
            _("the office has signed no checkpoint yet; run: aforo checkpoint sign"));
    }
    if (since > row->edge.size) {
        return err_set(e, ERR_RANGE,
                       _("the newest checkpoint is of %" PRIu64 " entries; nothing leads to it "
                         "from %" PRIu64),
                       row->edge.size, since);
    }
    TRY(tree_consistency(db, since, row->edge.size, r.path, &r.path_len, e));
    r.note = row->note;
    r.note_len = row->note_len;
    return witness_request_write(&r, out, e);
}

enum err_code verb_export_checkpoint(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct buf out;
    struct checkpoint_row row;
    uint64_t since = 0;
    const char *told = cli_take(cli, "since");
    if (cli->argc != 1 || (told != NULL && !size_parse(told, &since))) {
        return err_set(e, ERR_USAGE,
                       _("say where to, and from which size on: aforo export checkpoint FILE "
                         "[--since SIZE]"));
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    buf_init(&out, WITNESS_REQUEST_MAX);
    enum err_code code = request_make(o->db, since, &row, &out, e);
    if (code == ERR_OK) {
        code = out_file_save(cli->argv[0], out.data, out.len, e);
    }
    if (code == ERR_OK && strcmp(cli->argv[0], "-") != 0) {
        (void)printf(cli->json
                         ? "{\"size\":%" PRIu64 ",\"since\":%" PRIu64 "}\n"
                         : _("the checkpoint of %" PRIu64
                             " entries, and the proof that it follows from %" PRIu64 "\n"),
                     row.edge.size, since);
    }
    buf_release(&out);
    office_close(o);
    return code;
}

/* ---- witness
 * ------------------------------------------------------------------------------- */

enum err_code verb_witness_init(struct cli *cli, struct err *e)
{
    struct buf vkey;
    struct buf password;
    const char *name = cli_take(cli, "name");
    const char *file = cli_take(cli, "password-file");
    if (cli->argc != 1 || name == NULL) {
        return err_set(e, ERR_USAGE,
                       _("name the folder and the witness: aforo witness init DIR --name NAME "
                         "[--password-file FILE]"));
    }
    buf_init(&vkey, 1024);
    buf_init(&password, 1024);
    enum err_code code = ERR_OK;
    if (file != NULL) {
        code = cli_secret(_("password"), file, &password, e);
    }
    if (code == ERR_OK) {
        code = witness_create(cli->argv[0], name, file != NULL ? buf_str(&password) : NULL,
                              &env_system, &vkey, e);
    }
    if (code == ERR_OK) {
        verb_answer(cli, ANSWER({"witness", buf_str(&vkey), 0}), "%s\n", buf_str(&vkey));
    }
    buf_wipe(&password);
    buf_release(&vkey);
    return code;
}

enum err_code verb_witness_log(struct cli *cli, struct err *e)
{
    struct witness *w = NULL;
    const char *key = cli_take(cli, "key");
    if (cli->argc != 2 || strcmp(cli->argv[0], "add") != 0 || key == NULL) {
        return err_set(
            e, ERR_USAGE,
            _("name the witness's folder and a key of the log: aforo witness log add "
              "DIR --key KEY; an office prints its own with: aforo key export"));
    }
    TRY(witness_open(cli->argv[1], &env_system, &w, e));
    enum err_code code = witness_log_add(w, key, e);
    witness_free(w);
    if (code == ERR_OK) {
        verb_answer(cli, ANSWER({"key", key, 0}), _("the witness follows %.*s\n"),
                    (int)strcspn(key, "+"), key);
    }
    return code;
}

static enum err_code cosigned_save(const struct cli *cli, const struct buf *answer,
                                   const struct witness_outcome *made, const char *path,
                                   struct err *e)
{
    TRY(out_file_save(path, answer->data, answer->len, e));
    if (strcmp(path, "-") == 0) {
        return ERR_OK;
    }
    if (cli->json) {
        (void)printf("{\"size\":%" PRIu64 ",\"repeated\":%s}\n", made->size,
                     made->repeated ? "true" : "false");
    } else {
        (void)printf(made->repeated ? _("%s, %" PRIu64 " entries: cosigned before, the same "
                                        "answer\n")
                                    : _("%s, %" PRIu64 " entries: cosigned\n"),
                     made->origin, made->size);
    }
    return ERR_OK;
}

enum err_code verb_witness_cosign(struct cli *cli, struct err *e)
{
    struct witness *w = NULL;
    struct buf answer;
    struct buf password;
    struct witness_outcome made;
    const char *file = cli_take(cli, "password-file");
    const char *path = verb_take_output(cli);
    if (cli->argc != 2) {
        return err_set(e, ERR_USAGE,
                       _("name the witness's folder, and a request or a folder of tiles: aforo "
                         "witness cosign DIR REQUEST|TILES [-o FILE] [--password-file FILE]"));
    }
    TRY(witness_open(cli->argv[0], &env_system, &w, e));
    buf_init(&answer, NOTE_SIZE_MAX);
    buf_init(&password, 1024);
    enum err_code code =
        w->by_password ? cli_secret(_("password"), file, &password, e) : ERR_OK;
    if (code == ERR_OK) {
        code = witness_cosign(w, buf_str(&password), cli->argv[1], &answer, &made, e);
    }
    if (code == ERR_OK) {
        code = cosigned_save(cli, &answer, &made, path != NULL ? path : "-", e);
    }
    buf_wipe(&password);
    buf_release(&answer);
    witness_free(w);
    return code;
}

static enum err_code log_print(void *ctx, const struct witness_memory *m, int64_t time_s,
                               struct err *e)
{
    const struct cli *cli = ctx;
    char root[65];
    char at[32] = "-";
    struct tm tm;
    struct buf origin;
    time_t t = (time_t)time_s;
    hash_hex(&m->root, root);
    if (m->size > 0 && gmtime_r(&t, &tm) != NULL) {
        (void)strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &tm);
    }
    buf_init(&origin, 4096);
    if (cli->json) {
        json_add_string(&origin, m->origin, strlen(m->origin));
        (void)printf("{\"origin\":%s,\"size\":%" PRIu64 ",\"root\":\"%s\",\"time\":\"%s\"}\n",
                     buf_str(&origin), m->size, m->size > 0 ? root : "", at);
    } else if (m->size == 0) {
        text_sanitize(m->origin, strlen(m->origin), &origin);
        (void)printf(_("%s: nothing cosigned yet\n"), buf_str(&origin));
    } else {
        text_sanitize(m->origin, strlen(m->origin), &origin);
        (void)printf(_("%s: %" PRIu64 " entries, root %s, cosigned at %s\n"), buf_str(&origin),
                     m->size, root, at);
    }
    enum err_code code = buf_status(&origin, m->origin, e);
    buf_release(&origin);
    return code;
}

enum err_code verb_witness_status(struct cli *cli, struct err *e)
{
    struct witness *w = NULL;
    unsigned forks = 0;
    if (cli->argc != 1) {
        return err_set(e, ERR_USAGE, _("name the witness's folder: aforo witness status DIR"));
    }
    TRY(witness_open(cli->argv[0], &env_system, &w, e));
    (void)printf(cli->json ? "{\"witness\":\"%s\"}\n" : "%s\n", w->vkey);
    enum err_code code = witness_each(w, log_print, cli, e);
    if (code == ERR_OK) {
        code = witness_forks(w, &forks, e);
    }
    if (code == ERR_OK && cli->json) {
        (void)printf("{\"forks\":%u}\n", forks);
    } else if (code == ERR_OK && forks > 0) {
        (void)printf(ngettext("%u FORK is kept as evidence in %s/evidence\n",
                              "%u FORKS are kept as evidence in %s/evidence\n", forks),
                     forks, w->dir);
    }
    witness_free(w);
    return code;
}
