#include <config.h>

#include "app/attach.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

static bool starts(const void *bytes, size_t len, const char *magic, size_t magic_len)
{
    return len >= magic_len && memcmp(bytes, magic, magic_len) == 0;
}

/* UTF-8 that a terminal may show: of the control characters only tab, line feed and carriage
 * return. */
static bool is_text(const char *text, size_t len)
{
    if (len == 0 || !utf8_valid(text, len)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)text[i];
        if ((ch < 0x20 && ch != '\t' && ch != '\n' && ch != '\r') || ch == 0x7f) {
            return false;
        }
    }
    return true;
}

/* A file ends as it began, or it was cut: JPEG with its end-of-image marker, PNG with IEND, PDF
 * with %%EOF (which may be followed by some bytes). */
static bool tail_has(const unsigned char *bytes, size_t len, const char *mark, size_t mark_len,
                     size_t within)
{
    size_t from = len > within ? len - within : 0;
    for (size_t i = len - mark_len + 1; len >= mark_len && i-- > from;) {
        if (memcmp(bytes + i, mark, mark_len) == 0) {
            return true;
        }
    }
    return false;
}

const char *attachment_type(const void *bytes, size_t len)
{
    if (starts(bytes, len, "\xff\xd8\xff", 3)) {
        return tail_has(bytes, len, "\xff\xd9", 2, 64) ? "image/jpeg" : NULL;
    }
    if (starts(bytes, len, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16)) {
        return tail_has(bytes, len, "IEND\xae\x42\x60\x82", 8, 8) ? "image/png" : NULL;
    }
    if (starts(bytes, len, "%PDF-1.", 7) || starts(bytes, len, "%PDF-2.", 7)) {
        return tail_has(bytes, len, "%%EOF", 5, 1024) ? "application/pdf" : NULL;
    }
    return is_text(bytes, len) ? "text/plain" : NULL;
}

static void text_copy(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text != NULL ? text : "");
}

static void hash_copy(struct hash *out, const struct stmt *q, int column)
{
    size_t len = 0;
    const void *blob = stmt_blob(q, column, &len);
    *out = (struct hash){{0}};
    if (blob != NULL && len == HASH_SIZE) {
        memcpy(out->b, blob, HASH_SIZE);
    }
}

enum err_code attachment_get(struct office *o, int64_t id, struct attachment *out,
                             struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *out = (struct attachment){.id = id};
    TRY(db_query(o->db, &q, e,
                 "SELECT t.owner, t.owner_id, t.type, t.bytes, t.seq, t.name, t.content, "
                 "p.value, x.erased FROM attachment t LEFT JOIN personal p ON p.owner = "
                 "'attachment' AND p.id = t.id AND p.field = 'name' AND p.hash = t.name "
                 "LEFT JOIN personal_past x ON x.owner = 'attachment' AND x.id = t.id AND "
                 "x.field = 'content' AND x.hash = t.content WHERE t.id = ?",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no attachment %" PRId64), id);
    } else if (code == ERR_OK) {
        text_copy(out->owner, sizeof out->owner, stmt_text(q, 0));
        out->owner_id = stmt_int(q, 1);
        text_copy(out->type, sizeof out->type, stmt_text(q, 2));
        out->bytes = stmt_int(q, 3);
        out->seq = stmt_int(q, 4);
        hash_copy(&out->name_hash, q, 5);
        hash_copy(&out->content_hash, q, 6);
        text_copy(out->name, sizeof out->name, stmt_text(q, 7));
        out->erased = stmt_int(q, 8);
    }
    stmt_done(q);
    return code;
}

static enum err_code content_take(const struct stmt *q, const struct attachment *a,
                                  struct buf *out, uint8_t salt[SALT_SIZE], struct err *e)
{
    struct hash is;
    size_t salt_len = 0;
    size_t len = 0;
    const void *stored = stmt_blob(q, 0, &salt_len);
    const void *bytes = stmt_blob(q, 1, &len);
    if (salt_len == SALT_SIZE) {
        memcpy(salt, stored, SALT_SIZE);
        commitment(salt, bytes, len, &is);
    }
    if (salt_len != SALT_SIZE || !hash_equal(&is, &a->content_hash)) {
        return err_set(e, ERR_TAMPERED,
                       _("attachment %" PRId64 " was changed: it is not the one that entry "
                         "%" PRId64 " commits to"),
                       a->id, a->seq);
    }
    buf_add(out, bytes, len);
    return buf_status(out, _("attachment"), e);
}

enum err_code attachment_content(struct office *o, int64_t id, struct buf *out,
                                 uint8_t salt[SALT_SIZE], struct err *e)
{
    struct attachment a;
    struct stmt *q = NULL;
    bool row = false;
    TRY(attachment_get(o, id, &a, e));
    if (a.erased != 0) {
        return err_set(e, ERR_STATE, _("attachment %" PRId64 " was erased by entry %" PRId64),
                       id, a.erased);
    }
    TRY(db_query(o->db, &q, e, "SELECT salt, value FROM attachment_content WHERE id = ?",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_TAMPERED,
                       _("attachment %" PRId64 " is missing; run: aforo verify --deep"), id);
    }
    if (code == ERR_OK) {
        code = content_take(q, &a, out, salt, e);
    }
    stmt_done(q);
    return code;
}
