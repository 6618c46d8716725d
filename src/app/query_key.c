#include <config.h>

#include "app/query_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

static const char rows_sql[] =
    "SELECT keyid, owner, purpose, spki, valid_from, valid_to FROM key WHERE (?1 IS NULL OR "
    "owner=?1) AND (?2 IS NULL OR purpose=?2) AND (?3=0 OR (valid_from<=?3 AND (valid_to IS "
    "NULL OR valid_to>=?3))) ORDER BY valid_from, purpose, keyid";

static enum err_code row_read(const struct stmt *q, struct arena *arena, struct key_row *r,
                              struct err *e)
{
    size_t id_len = 0;
    const void *id = stmt_blob(q, 0, &id_len);
    const void *spki = stmt_blob(q, 3, &r->spki_len);
    r->purpose = key_purpose_find(stmt_text(q, 2));
    if (id_len != HASH_SIZE || r->purpose == KEY_PURPOSES ||
        !key_algorithm_of(spki, r->spki_len, &r->algorithm)) {
        return err_set(e, ERR_TAMPERED,
                       _("a key of %s is damaged in its table; run: aforo verify --deep"),
                       stmt_text(q, 1));
    }
    memcpy(r->id.b, id, HASH_SIZE);
    r->owner = arena_strdup(arena, stmt_text(q, 1));
    memcpy(r->spki, spki, r->spki_len);
    r->from = stmt_int(q, 4);
    r->to = stmt_val(q, 5).type == VAL_NULL ? INT64_MAX : stmt_int(q, 5);
    return r->owner == NULL ? err_nomem(e) : ERR_OK;
}

/* A row more, in an array that doubles within the arena. */
static struct key_row *row_add(struct arena *arena, struct key_row **rows, size_t *count,
                               size_t *size)
{
    if (*count == *size) {
        size_t more = *size == 0 ? 8 : *size * 2;
        struct key_row *grown = arena_array(arena, more, sizeof **rows);
        if (grown == NULL) {
            return NULL;
        }
        if (*count > 0) {
            memcpy(grown, *rows, *count * sizeof **rows);
        }
        *rows = grown;
        *size = more;
    }
    return &(*rows)[(*count)++];
}

enum err_code key_rows(struct db *db, const struct key_filter *f, struct arena *arena,
                       struct key_row **rows, size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    bool more = false;
    size_t size = 0;
    *rows = NULL;
    *count = 0;
    TRY(db_query(
        db, &q, e, rows_sql,
        VALS(f->owner == NULL ? V_NULL() : V_TEXT(f->owner),
             f->purpose == KEY_PURPOSES ? V_NULL() : V_TEXT(key_purpose_name(f->purpose)),
             V_INT(f->at))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &more, e)) == ERR_OK && more) {
        struct key_row *r = row_add(arena, rows, count, &size);
        code = r == NULL ? err_nomem(e) : row_read(q, arena, r, e);
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(q);
    return code;
}

enum err_code key_named(struct db *db, const char *digits, struct arena *arena,
                        struct key_row *out, struct err *e)
{
    struct key_row *rows = NULL;
    size_t count = 0;
    size_t found = 0;
    size_t len = strlen(digits);
    if (len < 8 || len > 64 || strspn(digits, "0123456789abcdef") != len) {
        return err_set(e, ERR_USAGE,
                       _("a key is named by the first digits of its id, 8 to 64 of 0-9 a-f; "
                         "see: aforo key list"));
    }
    TRY(key_rows(db, &(struct key_filter){.purpose = KEY_PURPOSES}, arena, &rows, &count, e));
    for (size_t i = 0; i < count; i++) {
        char hex[65];
        hash_hex(&rows[i].id, hex);
        if (memcmp(hex, digits, len) == 0) {
            *out = rows[i];
            found++;
        }
    }
    if (found == 0) {
        return err_set(e, ERR_NOT_FOUND, _("there is no key %s; see: aforo key list"), digits);
    }
    return found == 1 ? ERR_OK
                      : err_set(e, ERR_CONFLICT,
                                _("several keys begin with %s; write more digits"), digits);
}

enum err_code log_verifiers(const struct office *o, int64_t size,
                            struct note_verifier *out[LOG_VERIFIERS_MAX], size_t *count,
                            struct err *e)
{
    struct arena arena;
    struct key_row *rows = NULL;
    size_t found = 0;
    char owner[KEY_OWNER_MAX + 1];
    char origin[OFFICE_ORIGIN_MAX + 1];
    *count = 0;
    office_origin(o, origin);
    (void)snprintf(owner, sizeof owner, "office:%s", o->code);
    arena_init(&arena, 4 << 20);
    enum err_code code =
        key_rows(o->db, &(struct key_filter){owner, KEY_LOG, size}, &arena, &rows, &found, e);
    if (code == ERR_OK && found > LOG_VERIFIERS_MAX) {
        code = err_set(e, ERR_LIMIT, _("more than %d log keys were valid at entry %" PRId64),
                       LOG_VERIFIERS_MAX, size);
    }
    for (size_t i = 0; code == ERR_OK && i < found; i++) {
        code = note_verifier_make(origin, rows[i].spki, rows[i].spki_len, &out[i], e);
        *count += code == ERR_OK;
    }
    if (code == ERR_OK && found == 0) {
        code = err_set(e, ERR_NOT_FOUND,
                       _("no log key of the office was valid at entry %" PRId64), size);
    }
    if (code != ERR_OK) {
        for (size_t i = 0; i < *count; i++) {
            note_verifier_free(out[i]);
        }
        *count = 0;
    }
    arena_release(&arena);
    return code;
}
