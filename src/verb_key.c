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

typedef enum err_code (*key_fn)(struct office *o, const struct key_row *k, struct err *e);

/* The key that the one argument names. */
static enum err_code with_key(struct cli *cli, key_fn each, struct err *e)
{
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
        code = each(o, &k, e);
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
        (void)printf("%-16s  %-14s %-9s %-8s %-8s %8s %8s\n", _("key"), _("owner"),
                     _("purpose"), _("kind"), _("kept in"), _("from"), _("to"));
    }
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        row_print(cli, o, &rows[i]);
    }
    arena_release(&arena);
    office_close(o);
    return code;
}

/* For openssl: PEM. For tlog clients: the note verifier key. */
static enum err_code export_one(struct office *o, const struct key_row *k, struct err *e)
{
    struct buf text;
    struct note_verifier *v = NULL;
    char origin[OFFICE_ORIGIN_MAX + 1];
    buf_init(&text, 4096);
    buf_add_base64(&text, k->spki, k->spki_len);
    enum err_code code = buf_status(&text, _("public key"), e);
    if (code == ERR_OK) {
        (void)fputs("-----BEGIN PUBLIC KEY-----\n", stdout);
        for (size_t at = 0; at < text.len; at += 64) {
            (void)printf("%.64s\n", buf_str(&text) + at);
        }
        (void)fputs("-----END PUBLIC KEY-----\n", stdout);
    }
    buf_clear(&text);
    if (code == ERR_OK && k->purpose == KEY_LOG) {
        office_origin(o, origin);
        code = note_verifier_make(origin, k->spki, k->spki_len, &v, e);
        if (code == ERR_OK) {
            code = note_verifier_print(v, &text, e);
        }
        if (code == ERR_OK) {
            (void)printf("%s\n", buf_str(&text));
        }
        note_verifier_free(v);
    }
    buf_release(&text);
    return code;
}

enum err_code verb_key_export(struct cli *cli, struct err *e)
{
    return with_key(cli, export_one, e);
}

/* Open it and sign with it: whatever is wrong with its store is said by the store. */
static enum err_code test_one(struct office *o, const struct key_row *k, struct err *e)
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
        (void)printf("%s\n", k->to == INT64_MAX
                                 ? _("the key opens, signs, and its signature holds")
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
static unsigned valid_test(struct office *o, const struct key_row *rows, size_t count)
{
    unsigned bad = 0;
    for (size_t i = 0; i < count; i++) {
        struct err why = ERR_INIT;
        char name[64];
        if (!tried(&rows[i]) || rows[i].to != INT64_MAX) {
            continue;
        }
        office_key_file(rows[i].purpose, &rows[i].id, name);
        (void)printf("%s: ", name);
        if (test_one(o, &rows[i], &why) != ERR_OK) {
            (void)printf("%s\n", why.text);
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
static enum err_code strangers_tell(const struct office *o, const struct key_row *rows,
                                    size_t count, unsigned *bad, struct err *e)
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
            (void)printf(_("%s: no key on record has this file"), shown);
            (void)printf("\n");
            (*bad)++;
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    mem_free(path);
    return code;
}

static enum err_code test_all(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct arena arena;
    struct key_row *rows = NULL;
    size_t count = 0;
    unsigned bad = 0;
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    arena_init(&arena, 256 << 20);
    enum err_code code = key_rows(o->db, &(struct key_filter){.purpose = KEY_PURPOSES}, &arena,
                                  &rows, &count, e);
    if (code == ERR_OK) {
        bad = valid_test(o, rows, count);
        code = strangers_tell(o, rows, count, &bad, e);
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
    return cli->argc == 0 ? test_all(cli, e) : with_key(cli, test_one, e);
}

static const char *new_pin; /* the verb's only; set just before pin_one */

static enum err_code pin_one(struct office *o, const struct key_row *k, struct err *e)
{
    if (!of_office(k) || k->purpose == KEY_RECOVERY) {
        return err_set(e, ERR_USAGE, _("only a key in a token has a PIN"));
    }
    return office_key_pin(o, k->purpose, &k->id, new_pin, e);
}

enum err_code verb_key_pin(struct cli *cli, struct err *e)
{
    struct buf pin;
    const char *file = cli_take(cli, "pin-file");
    buf_init(&pin, 1024);
    enum err_code code = cli_secret(_("PIN of the token"), file, &pin, e);
    new_pin = buf_str(&pin);
    if (code == ERR_OK) {
        code = with_key(cli, pin_one, e);
    }
    new_pin = NULL;
    buf_wipe(&pin);
    return code;
}
