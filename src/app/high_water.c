#include <config.h>

#include "app/high_water.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/files.h"
#include "app/query_key.h"
#include "base/i18n.h"
#include "crypto/note_line.h"
#include "crypto/witness_request.h"
#include "ledger/tree.h"

static const char first_lines[] = HIGH_WATER_HEAD;

/* "123\n\n"; moves *at behind it. */
static bool take_count(const char **at, const char *end, int64_t *out)
{
    const char *digits = *at;
    *out = 0;
    while (*at < end && **at >= '0' && **at <= '9' && *at - digits < 18) {
        *out = *out * 10 + (**at - '0');
        (*at)++;
    }
    bool ok = *at > digits && end - *at > 2 && (*at)[0] == '\n' && (*at)[1] == '\n';
    *at += ok ? 2 : 0;
    return ok;
}

enum err_code high_water_parse(const char *text, size_t len, struct high_water *out,
                               struct err *e)
{
    const char *at = text + sizeof first_lines - 1;
    const char *end = text + len;
    *out = (struct high_water){.found = true};
    int64_t count = 0;
    bool ok = len > sizeof first_lines - 1 &&
              memcmp(text, first_lines, sizeof first_lines - 1) == 0 &&
              take_count(&at, end, &count);
    if (!ok) {
        return err_set(e, ERR_TAMPERED, _("it is damaged, or was edited"));
    }
    TRY(high_water_of_note(at, (size_t)(end - at), out, e));
    out->cosignatures = count;
    return ERR_OK;
}

struct note_text note_within(const char *text, size_t len)
{
    const char *at = text + sizeof first_lines - 1;
    struct witness_request r;
    int64_t count = 0;
    if (len > sizeof first_lines - 1 &&
        memcmp(text, first_lines, sizeof first_lines - 1) == 0 &&
        take_count(&at, text + len, &count)) {
        return (struct note_text){at, (size_t)(text + len - at)};
    }
    if (len > 4 && memcmp(text, "old ", 4) == 0 &&
        witness_request_parse(text, len, &r, NULL) == ERR_OK) {
        return (struct note_text){r.note, r.note_len};
    }
    return (struct note_text){text, len};
}

enum err_code high_water_of_note(const char *note, size_t len, struct high_water *out,
                                 struct err *e)
{
    bool ok = len < CHECKPOINT_NOTE_MAX;
    *out = (struct high_water){.found = true};
    if (ok) {
        out->note_len = len;
        memcpy(out->note, note, len);
        size_t text_len = note_text_len(out->note, len);
        ok = text_len > 0 &&
             checkpoint_parse(out->note, text_len, &out->says, NULL) == ERR_OK &&
             out->says.size > 0;
    }
    return ok ? ERR_OK : err_set(e, ERR_TAMPERED, _("it is damaged, or was edited"));
}

enum err_code high_water_read(const char *path, struct high_water *out, struct err *e)
{
    struct buf text;
    *out = (struct high_water){.found = false};
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return ERR_OK;
    }
    buf_init(&text, CHECKPOINT_NOTE_MAX + 128);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_LIMIT) {
        code = err_set(e, ERR_TAMPERED, _("it is damaged, or was edited"));
    }
    if (code == ERR_OK) {
        code = high_water_parse(buf_str(&text), text.len, out, e);
    }
    buf_release(&text);
    return code == ERR_TAMPERED ? err_wrap(e, "%s", path) : code;
}

enum err_code high_water_write(const char *path, const char *note, size_t note_len,
                               int64_t cosignatures, struct err *e)
{
    struct buf text;
    buf_init(&text, CHECKPOINT_NOTE_MAX + 128);
    buf_addf(&text, "%s%" PRId64 "\n\n", first_lines, cosignatures);
    buf_add(&text, note, note_len);
    enum err_code code = buf_status(&text, path, e);
    if (code == ERR_OK) {
        code = file_replace(path, text.data, text.len, e);
    }
    buf_release(&text);
    return code;
}

/* Nobody but the office can have written the note. ERR_NOT_FOUND: by a key that the database
 * does not know, as after a rollback to before a rotation. */
static enum err_code signed_by_us(const struct office *o, const struct high_water *h,
                                  struct err *e)
{
    struct note_verifier *who[LOG_VERIFIERS_MAX];
    struct note_verified verified;
    size_t count = 0;
    TRY(log_verifiers(o, (int64_t)h->says.size, who, &count, e));
    enum err_code code = note_verify(
        h->note, h->note_len, (const struct note_verifier *const *)who, count, &verified, e);
    for (size_t i = 0; i < count; i++) {
        note_verifier_free(who[i]);
    }
    return code;
}

static enum err_code rolled_back(const struct office *o, const struct high_water *h,
                                 uint64_t size, struct err *e)
{
    return err_set(
        e, ERR_STATE,
        _("office %s was rolled back: its checkpoint of %" PRIu64
          " entries has been published, and the database ends at entry %" PRIu64
          ". Nothing is recorded or signed. Put the newer database back, or, where it is lost, "
          "let an administrator run: aforo checkpoint resolve --reason TEXT"),
        o->code, h->says.size, size);
}

static enum err_code rewritten(const struct office *o, const struct high_water *h,
                               struct err *e)
{
    return err_set(
        e, ERR_STATE,
        _("office %s is not the one that published a checkpoint of %" PRIu64
          " entries: it has other entries now. Nothing is recorded or signed. Put the right "
          "database back, or, where it is lost, let an administrator run: aforo checkpoint "
          "resolve --reason TEXT"),
        o->code, h->says.size);
}

static enum err_code admitted(const struct office *o, const struct high_water *h, bool *out,
                              struct err *e)
{
    int64_t seq = 0;
    return db_get_int(o->db, &seq, out, e,
                      "SELECT seq FROM rollback WHERE published_size=? AND published_root=?",
                      VALS(V_INT((int64_t)h->says.size), V_HASH(&h->says.root)));
}

enum err_code high_water_judge(const struct office *o, const struct high_water *h,
                               struct err *e)
{
    uint64_t size = 0;
    struct hash root;
    bool known = false;
    if (!h->found) {
        return ERR_OK;
    }
    TRY(admitted(o, h, &known, e));
    if (known) {
        return ERR_OK;
    }
    TRY(tree_size(o->db, &size, e));
    struct err why = ERR_INIT;
    enum err_code code = signed_by_us(o, h, &why);
    if (code == ERR_NOT_FOUND && h->says.size > size) {
        return rolled_back(o, h, size, e);
    }
    if (code != ERR_OK && code != ERR_NOMEM && code != ERR_DB && h->tpm_index != 0) {
        return err_set(e, ERR_TAMPERED,
                       _("the TPM's memory 0x%08x does not hold a checkpoint that this office "
                         "signed; find out why, and remove it: tpm2_nvundefine 0x%08x"),
                       h->tpm_index, h->tpm_index);
    }
    if (code != ERR_OK) {
        return code == ERR_NOMEM || code == ERR_DB
                   ? err_set(e, code, "%s", why.text)
                   : err_set(
                         e, ERR_TAMPERED,
                         _("%s/state/high-water does not hold a checkpoint that this office "
                           "signed; find out why, and remove it"),
                         o->dir);
    }
    if (h->says.size > size) {
        return rolled_back(o, h, size, e);
    }
    TRY(tree_root(o->db, h->says.size, &root, e));
    return hash_equal(&root, &h->says.root) ? ERR_OK : rewritten(o, h, e);
}
