/* proof, check: what shows outsiders that a figure stands in the ledger. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_code.h"
#include "app/personal.h"
#include "app/proof_check.h"
#include "app/proof_make.h"
#include "app/segment_offline.h"
#include "app/session.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "reports/out_file.h"
#include "reports/pdf_attachment.h"
#include "verb.h"

/* ---- proof ---- */

const char *verb_take_output(struct cli *cli)
{
    const char *path = cli_take(cli, "output");
    for (int i = 0; path == NULL && i + 1 < cli->argc; i++) {
        if (strcmp(cli->argv[i], "-o") == 0) {
            path = cli->argv[i + 1];
            cli->argc -= 2;
            memmove(&cli->argv[i], &cli->argv[i + 2],
                    (size_t)(cli->argc - i) * sizeof cli->argv[0]);
        }
    }
    return path;
}

static enum err_code proof_usage(struct err *e)
{
    struct buf names;
    buf_init(&names, 1024);
    for (size_t i = 0; proof_target_names[i] != NULL; i++) {
        buf_addf(&names, "%s%s", i > 0 ? ", " : "", proof_target_names[i]);
    }
    enum err_code code =
        err_set(e, ERR_USAGE,
                _("say what to prove, by its number, and where to: aforo proof "
                  "KIND NUMBER -o FILE [--evidence all|N,N]; a KIND is one of: %s"),
                buf_str(&names));
    buf_release(&names);
    return code;
}

/* Files that were attached are personal data: whose reads it may put them into a proof. */
static enum err_code proof_with_files(const struct cli *cli, const char *target, int64_t number,
                                      const char *evidence, const char *segments,
                                      struct buf *out, struct err *e)
{
    struct office *o = NULL;
    struct session *s = NULL;
    bool may = false;
    enum err_code code = verb_office(cli, DB_READ, &o, &s, e);
    if (code == ERR_OK) {
        code = session_may(o, s->user, PERSONAL_READ, &may, e);
    }
    if (code == ERR_OK && !may) {
        code = session_denied(s, PERSONAL_READ, e);
    }
    if (code == ERR_OK) {
        o->segments = segments;
        code = proof_make_evidence(o, target, number, evidence, out, e);
    }
    session_free(s);
    office_close(o);
    return code;
}

static enum err_code proof_plain(const struct cli *cli, const char *target, int64_t number,
                                 const char *segments, struct buf *out, struct err *e)
{
    struct office *o = NULL;
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    o->segments = segments;
    enum err_code code = proof_make(o, target, number, PROOF_NEWEST, out, e);
    office_close(o);
    return code;
}

enum err_code verb_proof(struct cli *cli, struct err *e)
{
    struct buf proof;
    int64_t number = 0;
    const char *path = verb_take_output(cli);
    const char *evidence = cli_take(cli, "evidence");
    const char *segments = cli_take(cli, "segments");
    if (cli->argc != 2 || path == NULL || !cli_whole(cli->argv[1], 1, INT64_MAX, &number)) {
        return proof_usage(e);
    }
    buf_init(&proof, 2 * PROOF_FILE_MAX);
    enum err_code code =
        evidence == NULL
            ? proof_plain(cli, cli->argv[0], number, segments, &proof, e)
            : proof_with_files(cli, cli->argv[0], number, evidence, segments, &proof, e);
    if (code == ERR_OK) {
        code = out_file_save(path, proof.data, proof.len, e);
    }
    if (code == ERR_OK && strcmp(path, "-") != 0) {
        verb_answer(cli,
                    ANSWER({"file", path, 0}, {"target", cli->argv[0], 0},
                           {"number", NULL, number}, {"bytes", NULL, (int64_t)proof.len}),
                    _("%s: %zu bytes; anybody checks it with: aforo check %s\n"), path,
                    proof.len, path);
    }
    buf_release(&proof);
    return code;
}

/* ---- check ---- */

#define PINNED_MAX 64
#define FILE_SIZE_MAX ((size_t)16 << 20) /* a PDF with its fonts */

/* Keys that the user brought; borrowed from the command line. */
struct pinned {
    const char *keys[PINNED_MAX];
    size_t count;
};

static enum err_code pinned_take(struct cli *cli, struct pinned *p, struct err *e)
{
    for (const char *key = cli_take(cli, "key"); key != NULL; key = cli_take(cli, "key")) {
        if (p->count == PINNED_MAX) {
            return err_set(e, ERR_LIMIT, _("at most %d keys can be given"), PINNED_MAX);
        }
        p->keys[p->count++] = key;
    }
    return ERR_OK;
}

/* Read a file of at most `max` bytes; one more byte is read, so that a larger one is noticed.
 */
static enum err_code file_read(const char *path, size_t max, struct buf *out, struct err *e)
{
    char chunk[65536];
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (in == NULL) {
        return err_errno(e, _("cannot read %s"), path);
    }
    size_t n = 0;
    while (out->len <= max && (n = fread(chunk, 1, sizeof chunk, in)) > 0) {
        buf_add(out, chunk, n);
    }
    enum err_code code = ferror(in) != 0 ? err_errno(e, _("cannot read %s"), path) : ERR_OK;
    if (in != stdin) {
        (void)fclose(in);
    }
    if (code == ERR_OK && out->len > max) {
        return err_set(e, ERR_LIMIT, _("%s is larger than %zu bytes"), path, max);
    }
    return code == ERR_OK ? buf_status(out, path, e) : code;
}

static enum err_code checked_print(const struct cli *cli, const struct proof_checked *c,
                                   enum err_code outcome, struct err *e)
{
    struct buf out;
    struct err why = ERR_INIT;
    buf_init(&out, (size_t)2 << 20);
    if (cli->json) {
        proof_checked_json(c, outcome == ERR_OK, &out);
    } else {
        proof_checked_text(c, &out);
        buf_adds(&out, outcome == ERR_OK ? _("it holds\n") : "");
    }
    enum err_code code = buf_status(&out, _("report"), &why);
    (void)fputs(buf_str(&out), stdout);
    buf_release(&out);
    return code == ERR_OK ? outcome : err_set(e, code, "%s", why.text);
}

/* A QR code beside a bill's proof: signed by a document key that the proof's entries name, and
 * the same bill. */
static enum err_code code_match(const char *text, const struct proof_checked *c, struct err *e)
{
    struct bill_code code;
    struct buf amount;
    char want[64] = "";
    TRY(bill_code_parse(text, strlen(text), &code, e));
    TRY(bill_code_verify(&code, text, &c->verified.keys, NULL, e));
    const struct currency *currency = c->is_bill ? currency_find(c->currency) : NULL;
    if (currency != NULL) {
        buf_init(&amount, 64);
        money_print((struct money){c->total}, currency, &amount);
        (void)snprintf(want, sizeof want, "%s", buf_str(&amount));
        buf_release(&amount);
    }
    if (code.receipt || currency == NULL || strcmp(code.office, c->proof.office) != 0 ||
        code.bill != c->proof.number || strcmp(code.currency, c->currency) != 0 ||
        strcmp(code.amount, want) != 0 || !hash_equal(&code.leaf, &c->leaf)) {
        return err_set(e, ERR_TAMPERED,
                       _("the QR code is of another bill than the proof, or of other figures"));
    }
    return ERR_OK;
}

static enum err_code check_proof(const struct cli *cli, const struct buf *file,
                                 const struct pinned *p, const char *qr, struct err *e)
{
    struct proof_checked c;
    proof_checked_init(&c);
    enum err_code code = proof_check(buf_str(file), file->len, p->keys, p->count, &c, e);
    if (code == ERR_OK && qr != NULL) {
        code = code_match(qr, &c, e);
    }
    if (code == ERR_OK || code == ERR_STATE) {
        code = checked_print(cli, &c, code, e);
    }
    if (code == ERR_OK && qr != NULL && !cli->json) {
        (void)printf("%s\n", _("the QR code is this bill's, signed by the document key that "
                               "the ledger names"));
    }
    proof_checked_release(&c);
    return code;
}

/* The text of a QR code alone: authentic, when the key is the office's. */
static enum err_code check_code(const struct cli *cli, const char *text, size_t len,
                                const struct pinned *p, struct err *e)
{
    struct bill_code c;
    TRY(bill_code_parse(text, len, &c, e));
    if (p->count > 1) {
        return err_set(e, ERR_USAGE, _("a QR code is signed by one key: give one"));
    }
    TRY(bill_code_verify(&c, text, NULL, p->count == 1 ? p->keys[0] : NULL, e));
    if (cli->json) {
        char hex[65];
        hash_hex(&c.leaf, hex);
        (void)printf("{\"holds\":true,\"office\":\"%s\",\"%s\":%" PRId64
                     ",\"currency\":\"%s\",\"amount\":\"%s\",\"leaf\":\"%s\"}\n",
                     c.office, c.receipt ? "receipt" : "bill", c.bill, c.currency, c.amount,
                     hex);
    } else {
        (void)printf(c.receipt
                         ? _("receipt %" PRId64 " of office %s: %s %s; printed by whoever has "
                             "the key given. That it stands in the ledger shows the proof "
                             "file.\n")
                         : _("bill %" PRId64 " of office %s: %s %s; printed by whoever has the "
                             "key given. That it stands in the ledger shows the proof file.\n"),
                     c.bill, c.office, c.amount, c.currency);
    }
    return ERR_OK;
}

static enum err_code check_bytes(const struct cli *cli, const struct buf *file,
                                 const struct pinned *p, const char *qr, struct err *e)
{
    struct buf attached;
    if (bill_code_begins(buf_str(file), file->len)) {
        size_t len = file->len - (file->data[file->len - 1] == '\n' ? 1 : 0);
        return check_code(cli, file->data, len, p, e);
    }
    if (segment_begins(buf_str(file), file->len)) { /* it is read twice */
        return err_set(e, ERR_USAGE,
                       _("a segment is read from a file, not from standard input: aforo check "
                         "FILE"));
    }
    if (!pdf_begins(buf_str(file), file->len)) {
        return check_proof(cli, file, p, qr, e);
    }
    buf_init(&attached, PROOF_SIZE_MAX);
    enum err_code code = pdf_attachment(file->data, file->len, &attached, e);
    if (code == ERR_OK) {
        code = check_proof(cli, &attached, p, qr, e);
    }
    buf_release(&attached);
    return code;
}

/* The beginning of a file says whether it is a segment, which may be large. */
static bool is_segment(const char *path)
{
    char head[32];
    FILE *in = strcmp(path, "-") == 0 ? NULL : fopen(path, "rbe");
    if (in == NULL) {
        return false;
    }
    size_t n = fread(head, 1, sizeof head, in);
    (void)fclose(in);
    return segment_begins(head, n);
}

static void segment_print(const struct cli *cli, const struct segment_report *r)
{
    char sha[65];
    char key[65];
    const struct segment_seen *s = &r->seen;
    hash_hex(&r->sha256, sha);
    hash_hex(&s->log_key, key);
    if (cli->json) {
        (void)printf("{\"holds\":true,\"office\":\"%s\",\"segment\":%" PRId64
                     ",\"first\":%" PRId64 ",\"last\":%" PRId64 ",\"packets\":%" PRId64
                     ",\"size\":%" PRIu64 ",\"sha256\":\"%s\",\"pinned\":%s}\n",
                     s->office, s->number, s->first, s->last, r->packets, s->checkpoint.size,
                     sha, s->pinned ? "true" : "false");
        return;
    }
    (void)printf(_("segment %" PRId64 " of office %s: windows %" PRId64 " to %" PRId64
                   ", whole; each of its %" PRId64
                   " packets is signed by its device's key and stands in its batch\n"),
                 s->number, s->office, s->first, s->last, r->packets);
    (void)printf(_("tree: all entries stand in the checkpoint of %" PRIu64
                   " entries, signed by key %.16s...\n"),
                 s->checkpoint.size, key);
    (void)printf("%s\n", s->pinned ? _("keys: the checkpoint is signed by the key given")
                                   : _("keys: all checked by the keys in the file; to know "
                                       "whose it is, give the log's key: --key VERIFIER"));
    (void)printf(_("SHA-256 of the file, to compare with the entry that sealed it: %s\n"), sha);
    (void)printf("%s", _("it holds\n"));
}

static enum err_code check_segment(const struct cli *cli, const char *path,
                                   const struct pinned *p, const char *qr, struct err *e)
{
    struct segment_report *r = mem_alloc(sizeof *r);
    if (r == NULL) {
        return err_nomem(e);
    }
    enum err_code code = p->count > 1 || qr != NULL
                             ? err_set(e, ERR_USAGE,
                                       _("a segment is checked by one key, that of the log: "
                                         "aforo check FILE --key KEY"))
                             : segment_offline(path, p->count == 1 ? p->keys[0] : NULL,
                                               verb_progress_or_null(cli), r, e);
    if (code == ERR_OK) {
        segment_print(cli, r);
    } else if (code != ERR_USAGE) {
        (void)err_wrap(e, "%s", path);
    }
    mem_free(r);
    return code;
}

static enum err_code check_file(const struct cli *cli, const char *path, const struct pinned *p,
                                const char *qr, struct err *e)
{
    struct buf file;
    if (bill_code_begins(path, strlen(path))) {
        return check_code(cli, path, strlen(path), p, e);
    }
    if (is_segment(path)) {
        return check_segment(cli, path, p, qr, e);
    }
    buf_init(&file, FILE_SIZE_MAX + 65536);
    enum err_code code = file_read(path, FILE_SIZE_MAX, &file, e);
    if (code == ERR_OK) {
        code = check_bytes(cli, &file, p, qr, e);
        if (code != ERR_OK) {
            (void)err_wrap(e, "%s", path);
        }
    }
    buf_release(&file);
    return code;
}

enum err_code verb_check(struct cli *cli, struct err *e)
{
    struct pinned p = {.count = 0};
    const char *qr = cli_take(cli, "qr");
    enum err_code code = pinned_take(cli, &p, e);
    if (code == ERR_OK && cli->argc != 1) {
        code = err_set(
            e, ERR_USAGE,
            _("name one file, a proof, a PDF or a segment, or the text of a QR code: aforo "
              "check FILE [--key KEY ...] [--qr TEXT]"));
    }
    if (code == ERR_OK) {
        code = check_file(cli, cli->argv[0], &p, qr, e);
    }
    return code;
}
