/* Keys that are there: listed, given out, tried. Nothing is recorded. */
#include <config.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/query_key.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "verb.h"

/* What is asked about one key, or about each. */
struct asked {
    const struct cli *cli;
    const char *pin; /* of key pin */
};

typedef enum err_code (*key_fn)(const struct asked *a, struct office *o,
                                const struct key_row *k, struct err *e);

/* The key that the one argument names. */
static enum err_code with_key(const struct asked *a, key_fn each, struct err *e)
{
    const struct cli *cli = a->cli;
    struct office *o = NULL;
    struct arena arena;
    struct key_row k;
    if (cli->argc != 1) {
        return err_set(e, ERR_USAGE,
                       _("name one key by the first digits of its id; see: aforo "
                         "key list"));
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    arena_init(&arena, 1 << 20);
    enum err_code code = key_named(o->db, cli->argv[0], &arena, &k, e);
    if (code == ERR_OK) {
        code = each(a, o, &k, e);
    }
    arena_release(&arena);
    office_close(o);
    return code;
}

static bool of_office(const struct key_row *k)
{
    return strncmp(k->owner, "office:", 7) == 0;
}

/* Where the private half is, as far as this machine knows. */
static const char *store_word(const struct office *o, const struct key_row *k)
{
    struct err ignored = ERR_INIT;
    enum key_store s = STORE_FILE;
    if (!of_office(k)) {
        return "password";
    }
    if (k->purpose == KEY_RECOVERY) {
        return "paper";
    }
    return office_key_store(o, k->purpose, &k->id, &s, &ignored) == ERR_OK ? key_store_name(s)
                                                                           : "-";
}

static void row_print(const struct cli *cli, const struct office *o, const struct key_row *k)
{
    char hex[65];
    char to[24] = "-";
    hash_hex(&k->id, hex);
    if (k->to != INT64_MAX) {
        (void)snprintf(to, sizeof to, "%" PRId64, k->to);
    }
    if (cli->json) {
        (void)printf("{\"key\":\"%s\",\"owner\":\"%s\",\"purpose\":\"%s\",\"algorithm\":\"%s\","
                     "\"store\":\"%s\",\"from\":%" PRId64 ",\"to\":%s}\n",
                     hex, k->owner, key_purpose_name(k->purpose),
                     key_algorithm_name(k->algorithm), store_word(o, k), k->from,
                     k->to == INT64_MAX ? "null" : to);
        return;
    }
    (void)printf("%.16s  %-14s %-9s %-8s %-8s %8" PRId64 " %8s\n", hex, k->owner,
                 key_purpose_name(k->purpose), key_algorithm_name(k->algorithm),
                 store_word(o, k), k->from, to);
}

/* By columns, not bytes: words of other languages have letters of two. */
static void heads_print(void)
{
    static const struct {
        const char *name;
        int width; /* below 0: to the left */
    } heads[] = {{N_("key"), -17},    {N_("owner"), -14}, {N_("purpose"), -9}, {N_("kind"), -8},
                 {N_("kept in"), -8}, {N_("from"), 8},    {N_("to"), 8}};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        const char *name = _(heads[i].name);
        int more = (int)(strlen(name) - text_width(name, strlen(name)));
        (void)printf("%s%*s", i > 0 ? " " : "",
                     heads[i].width < 0 ? heads[i].width - more : heads[i].width + more, name);
    }
    (void)printf("\n");
}

enum err_code verb_key_list(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct arena arena;
    struct key_row *rows = NULL;
    size_t count = 0;
    TRY(verb_no_more(cli, e));
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    arena_init(&arena, 256 << 20);
    enum err_code code = key_rows(o->db, &(struct key_filter){.purpose = KEY_PURPOSES}, &arena,
                                  &rows, &count, e);
    if (code == ERR_OK && !cli->json) {
        heads_print();
    }
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        row_print(cli, o, &rows[i]);
    }
    arena_release(&arena);
    office_close(o);
    return code;
}

/* For openssl. */
static void pem_add(const struct key_row *k, struct buf *out)
{
    struct buf text;
    buf_init(&text, 4096);
    buf_add_base64(&text, k->spki, k->spki_len);
    buf_adds(out, "-----BEGIN PUBLIC KEY-----\n");
    for (size_t at = 0; at < text.len; at += 64) {
        buf_addf(out, "%.64s\n", buf_str(&text) + at);
    }
    buf_adds(out, "-----END PUBLIC KEY-----\n");
    buf_release(&text);
}

/* For clients of transparency logs; nothing where the key is not the log's. */
static enum err_code vkey_add(const struct office *o, const struct key_row *k, struct buf *out,
                              struct err *e)
{
    struct note_verifier *v = NULL;
    char origin[OFFICE_ORIGIN_MAX + 1];
    if (k->purpose != KEY_LOG) {
        return ERR_OK;
    }
    office_origin(o, origin);
    enum err_code code = note_verifier_make(origin, k->spki, k->spki_len, &v, e);
    if (code == ERR_OK) {
        code = note_verifier_print(v, out, e);
    }
    note_verifier_free(v);
    return code;
}

static enum err_code export_one(const struct asked *a, struct office *o,
                                const struct key_row *k, struct err *e)
{
    struct buf pem;
    struct buf vkey;
    char hex[65];
    hash_hex(&k->id, hex);
    buf_init(&pem, 8192);
    buf_init(&vkey, 4096);
    pem_add(k, &pem);
    enum err_code code = buf_status(&pem, _("public key"), e);
    if (code == ERR_OK) {
        code = vkey_add(o, k, &vkey, e);
    }
    if (code == ERR_OK) {
        verb_answer(a->cli,
                    ANSWER({"key", hex, 0}, {"pem", buf_str(&pem), 0},
                           {vkey.len > 0 ? "verifier" : NULL, buf_str(&vkey), 0}),
                    "%s%s%s", buf_str(&pem), buf_str(&vkey), vkey.len > 0 ? "\n" : "");
    }
    buf_release(&pem);
    buf_release(&vkey);
    return code;
}

enum err_code verb_key_export(struct cli *cli, struct err *e)
{
    return with_key(&(struct asked){.cli = cli}, export_one, e);
}

/* Open it and sign with it: whatever is wrong with its store is said by the store. */
static enum err_code test_one(const struct asked *a, struct office *o, const struct key_row *k,
                              struct err *e)
{
    static const char text[] = "aforo key test";
    struct sign_key *key = NULL;
    struct verify_key *public = NULL;
    struct signature sig;
    if (!of_office(k) || k->purpose == KEY_RECOVERY) {
        return err_set(e, ERR_USAGE,
                       _("only the office's keys can be tried: a user's opens at login, the "
                         "recovery key is on paper"));
    }
    TRY(office_key_open(o, k->purpose, &k->id, &key, e));
    enum err_code code = sign_data(key, text, strlen(text), &sig, e);
    if (code == ERR_OK) {
        code = verify_key_load_as(k->algorithm, k->spki, k->spki_len, &public, e);
    }
    if (code == ERR_OK && !verify_data(public, text, strlen(text), sig.der, sig.len)) {
        code = err_set(e, ERR_CRYPTO,
                       _("the key signs, but its signature does not hold: it is another key"));
    }
    if (code == ERR_OK) {
        bool valid = k->to == INT64_MAX;
        char hex[65];
        hash_hex(&k->id, hex);
        verb_answer(a->cli, ANSWER({"key", hex, 0}, {"state", valid ? "valid" : "ended", 0}),
                    "%s\n",
                    valid ? _("the key opens, signs, and its signature holds")
                          : _("the key opens and signs, but it is not valid any more"));
    }
    verify_key_free(public);
    sign_key_free(key);
    return code;
}

/* ---- all of them ---- */

static bool tried(const struct key_row *k)
{
    return of_office(k) && k->purpose != KEY_RECOVERY;
}

/* Each that is valid opens, signs, and is the one that the ledger names. */
static unsigned valid_test(const struct asked *a, struct office *o, const struct key_row *rows,
                           size_t count)
{
    unsigned bad = 0;
    for (size_t i = 0; i < count; i++) {
        struct err why = ERR_INIT;
        char name[64];
        if (!tried(&rows[i]) || rows[i].to != INT64_MAX) {
            continue;
        }
        office_key_file(rows[i].purpose, &rows[i].id, name);
        (void)fputs(a->cli->json ? "" : name, stdout);
        (void)fputs(a->cli->json ? "" : ": ", stdout);
        if (test_one(a, o, &rows[i], &why) != ERR_OK) {
            verb_answer(a->cli, ANSWER({"file", name, 0}, {"problem", why.text, 0}), "%s\n",
                        why.text);
            bad++;
        }
    }
    return bad;
}

static bool on_record(const char *file, const struct key_row *rows, size_t count)
{
    char name[64];
    bool known = strcmp(file, "office.secret") == 0;
    for (size_t i = 0; i < count && !known; i++) {
        if (tried(&rows[i])) {
            office_key_file(rows[i].purpose, &rows[i].id, name);
            known = strcmp(file, name) == 0;
        }
    }
    return known;
}

/* Files that no entry names: put there, or left by a key that never came to be. */
static enum err_code strangers_tell(const struct asked *a, const struct office *o,
                                    const struct key_row *rows, size_t count, unsigned *bad,
                                    struct err *e)
{
    char *path = office_path(o, "keys");
    DIR *d = path == NULL ? NULL : opendir(path);
    enum err_code code = path == NULL ? err_nomem(e)
                         : d == NULL  ? err_errno(e, _("cannot read %s"), path)
                                      : ERR_OK;
    for (const struct dirent *f = NULL; code == ERR_OK && (f = readdir(d)) != NULL;) {
        if (strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0 &&
            !on_record(f->d_name, rows, count)) {
            char shown[1024];
            text_sanitize_to(f->d_name, strlen(f->d_name), shown, sizeof shown);
            verb_answer(
                a->cli, ANSWER({"file", shown, 0}, {"problem", "stranger", 0}),
                _("%s: no key on record has this file; it was put there, or a key was being "
                  "made when something went wrong: it can be removed"),
                shown);
            (void)fputs(a->cli->json ? "" : "\n", stdout);
            (*bad)++;
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    mem_free(path);
    return code;
}

static enum err_code test_all(const struct asked *a, struct err *e)
{
    struct office *o = NULL;
    struct arena arena;
    struct key_row *rows = NULL;
    size_t count = 0;
    unsigned bad = 0;
    TRY(verb_office(a->cli, DB_READ, &o, NULL, e));
    arena_init(&arena, 256 << 20);
    enum err_code code = key_rows(o->db, &(struct key_filter){.purpose = KEY_PURPOSES}, &arena,
                                  &rows, &count, e);
    if (code == ERR_OK) {
        bad = valid_test(a, o, rows, count);
        code = strangers_tell(a, o, rows, count, &bad, e);
    }
    arena_release(&arena);
    office_close(o);
    return code != ERR_OK || bad == 0
               ? code
               : err_set(e, ERR_CRYPTO,
                         ngettext("%u file under keys/ is not what the ledger says",
                                  "%u files under keys/ are not what the ledger says", bad),
                         bad);
}

enum err_code verb_key_test(struct cli *cli, struct err *e)
{
    const struct asked a = {.cli = cli};
    return cli->argc == 0 ? test_all(&a, e) : with_key(&a, test_one, e);
}

static enum err_code pin_one(const struct asked *a, struct office *o, const struct key_row *k,
                             struct err *e)
{
    char hex[65];
    if (!of_office(k) || k->purpose == KEY_RECOVERY) {
        return err_set(e, ERR_USAGE, _("only a key in a token has a PIN"));
    }
    TRY(office_key_pin(o, k->purpose, &k->id, a->pin, e));
    hash_hex(&k->id, hex);
    verb_answer(a->cli, ANSWER({"key", hex, 0}), _("the new PIN of key %.16s is kept\n"), hex);
    return ERR_OK;
}

enum err_code verb_key_pin(struct cli *cli, struct err *e)
{
    struct buf pin;
    const char *file = cli_take(cli, "pin-file");
    buf_init(&pin, 1024);
    enum err_code code = cli_secret(_("PIN of the token"), file, &pin, e);
    if (code == ERR_OK) {
        code = with_key(&(struct asked){cli, buf_str(&pin)}, pin_one, e);
    }
    buf_wipe(&pin);
    return code;
}
