/* export checkpoint; witness: how an office's checkpoints come to be cosigned. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/witness_request.h"
#include "ledger/checkpoints.h"
#include "ledger/tree.h"
#include "reports/out_file.h"
#include "verb.h"

static enum err_code text_save(const struct buf *text, const char *path, struct err *e)
{
    struct out_file *f = mem_alloc(sizeof *f);
    if (f == NULL) {
        return err_nomem(e);
    }
    enum err_code code = out_file_open(f, path, e);
    if (code == ERR_OK) {
        out_file_write(f, text->data, text->len);
        code = out_file_commit(f, e);
    }
    out_file_discard(f);
    mem_free(f);
    return code;
}

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
        code = text_save(&out, cli->argv[0], e);
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
