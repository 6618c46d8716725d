/* The entries that bring the keys of a proof. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/proof_maker.h"
#include "base/i18n.h"

/* The entry that names a key: one that signs entries may do so from the next one on. */
static const char naming_sql[] =
    "SELECT CASE WHEN purpose = 'entry' AND valid_from > 1 THEN valid_from - 1 "
    "ELSE valid_from END FROM key WHERE keyid = ?";

enum err_code maker_key(struct proof_maker *m, const struct hash *keyid, struct err *e)
{
    struct proof_entry *en = NULL;
    int64_t seq = 0;
    bool found = false;
    char hex[65];
    hash_hex(keyid, hex);
    TRY(db_get_int(m->o->db, &seq, &found, e, naming_sql, VALS(V_HASH(keyid))));
    return found ? maker_entry(m, seq, &en, e)
                 : err_set(e, ERR_TAMPERED,
                           _("no entry names the key %.16s...; run: aforo verify --deep"), hex);
}

/* A key that the entry names by its id, under this member, if it does. */
static enum err_code member_key(struct proof_maker *m, const struct json *data,
                                const char *name, struct err *e)
{
    struct hash id;
    return json_get_hash(data, name, &id) ? maker_key(m, &id, e) : ERR_OK;
}

/* Recovery keys that may have signed for a user's new key. */
static enum err_code recovery_keys(struct proof_maker *m, int64_t seq, struct err *e)
{
    struct stmt *q = NULL;
    struct hash id;
    bool row = false;
    TRY(db_query(m->o->db, &q, e,
                 "SELECT keyid FROM key WHERE purpose = 'recovery' AND valid_from <= ?1 AND "
                 "(valid_to IS NULL OR valid_to >= ?1) ORDER BY valid_from, keyid",
                 VALS(V_INT(seq))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t len = 0;
        const void *blob = stmt_blob(q, 0, &len);
        if (blob != NULL && len == HASH_SIZE) {
            memcpy(id.b, blob, HASH_SIZE);
            code = maker_key(m, &id, e);
        }
    }
    stmt_done(q);
    return code;
}

/* The key that signed an entry, and what its own change of keys is judged by. */
static enum err_code entry_keys(struct proof_maker *m, const struct proof_entry *en,
                                struct err *e)
{
    const struct json *data = en->said.data; /* in the arena: en may move */
    enum kind kind = en->kind;
    int64_t seq = en->said.seq;
    struct hash signer = en->keyid;
    TRY(maker_key(m, &signer, e));
    if (kind == KIND_key_added) {
        return member_key(m, data, "ends", e);
    }
    if (kind == KIND_key_revoked) {
        return member_key(m, data, "keyid", e);
    }
    return kind == KIND_user_key_set && json_get_str(data, "recovery") != NULL
               ? recovery_keys(m, seq, e)
               : ERR_OK;
}

enum err_code maker_keys(struct proof_maker *m, struct err *e)
{
    size_t i = 0;
    for (size_t k = 0; k < m->proof.entry_count; k++) {
        m->proof.entries[k].keyed = false;
    }
    while (i < m->proof.entry_count) {
        struct proof_entry *en = &m->proof.entries[i];
        if (en->keyed) {
            i++;
            continue;
        }
        en->keyed = true;
        TRY(entry_keys(m, en, e));
        i = 0; /* others may have come before it */
    }
    return ERR_OK;
}
