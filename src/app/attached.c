#include <config.h>

#include "app/attached.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/attach.h"
#include "base/i18n.h"
#include "crypto/hash.h"

/* Shown; more are counted. Each is read whole, to be compared. */
#define SHOWN_MAX 8
#define TEXT_MAX 8192u

static void hash_say(struct office *o, const struct attachment *a, struct buf *out)
{
    struct buf bytes;
    struct hash h;
    struct err why = ERR_INIT;
    uint8_t salt[SALT_SIZE];
    char hex[65];
    buf_init(&bytes, ATTACHMENT_BYTES_MAX);
    if (attachment_content(o, a->id, &bytes, salt, &why) == ERR_OK) {
        sha256(bytes.data, bytes.len, &h);
        hash_hex(&h, hex);
        buf_addf(out, "SHA-256 %s", hex);
    } else {
        buf_adds(out, why.text);
    }
    buf_release(&bytes);
}

static enum err_code one_say(struct office *o, int64_t id, struct buf *out, struct err *e)
{
    struct attachment a;
    struct buf size;
    char digits[24];
    TRY(attachment_get(o, id, &a, e));
    buf_init(&size, 64);
    (void)snprintf(digits, sizeof digits, "%" PRId64, a.bytes);
    numfmt_number(o->numfmt, digits, &size);
    buf_addf(out, _("Attachment %" PRId64 ": %s%s%s, %s bytes, entry %" PRId64), id, a.name,
             a.name[0] != '\0' ? ", " : "", a.type, buf_str(&size), a.seq);
    buf_adds(out, "\n");
    hash_say(o, &a, out);
    buf_adds(out, "\n");
    buf_release(&size);
    return ERR_OK;
}

enum err_code attached_text(struct office *o, const char *owner, int64_t id, struct buf *out,
                            struct err *e)
{
    int64_t ids[SHOWN_MAX];
    size_t count = 0;
    int64_t all = 0;
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT id, count(*) OVER () FROM attachment WHERE owner = ? AND owner_id = ? "
                 "ORDER BY id DESC LIMIT 8",
                 VALS(V_TEXT(owner), V_INT(id))));
    enum err_code code;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row && count < SHOWN_MAX) {
        ids[count++] = stmt_int(q, 0);
        all = stmt_int(q, 1);
    }
    stmt_done(q);
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        code = one_say(o, ids[i], out, e);
    }
    if (code == ERR_OK && all > (int64_t)count) {
        buf_addf(out,
                 ngettext("and %" PRId64 " older one", "and %" PRId64 " older ones",
                          (unsigned long)(all - (int64_t)count)),
                 all - (int64_t)count);
    }
    return code == ERR_OK ? buf_status(out, _("attachment"), e) : code;
}

enum err_code attached_note(struct office *o, const char *owner, int64_t id,
                            struct list_detail *out, struct err *e)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    enum err_code code = attached_text(o, owner, id, &text, e);
    if (code == ERR_OK && text.len > 0) {
        out->note = arena_strdup(&out->arena, buf_str(&text));
    }
    buf_release(&text);
    return code;
}

enum err_code attached_part(struct office *o, const char *owner, int64_t id,
                            const char *heading, struct sheet *out, struct err *e)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    enum err_code code = attached_text(o, owner, id, &text, e);
    if (code == ERR_OK && text.len > 0) {
        sheet_heading(out, heading);
        sheet_text(out, SHEET_PLAIN, buf_str(&text));
    }
    buf_release(&text);
    return code;
}
