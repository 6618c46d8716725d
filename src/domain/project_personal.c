/* Projectors of what changes or ends personal data: newer versions, erasures, attachments. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/project.h"
#include "store/db.h"

/* The commitments of a customer: what held until now is kept as a past version. */
#define CUSTOMER_FIELD(field)                                                                  \
    {                                                                                          \
#field,                                                                                \
            "INSERT INTO personal_past(owner, id, field, hash, replaced) "                     \
            "SELECT 'customer', id, '" #field "', " #field ", ?1 FROM customer WHERE id = ?2 " \
            "AND " #field " IS NOT NULL ON CONFLICT DO UPDATE SET replaced = ?1",              \
            "UPDATE customer SET " #field " = ? WHERE id = ?"                                  \
    }
static const struct {
    const char *name, *past_sql, *set_sql;
} customer_fields[] = {CUSTOMER_FIELD(name), CUSTOMER_FIELD(tax_id), CUSTOMER_FIELD(phone),
                       CUSTOMER_FIELD(email), CUSTOMER_FIELD(address)};

/* Among "removed": the customer has none any more. */
static bool is_removed(const struct json *d, const char *field)
{
    const struct json *list = json_get(d, "removed");
    for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->u.array.count;
         i++) {
        const struct json *name = list->u.array.items[i];
        if (name->type == JSON_STRING && strcmp(name->u.string.data, field) == 0) {
            return true;
        }
    }
    return false;
}

enum err_code project_customer_edited(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    TRY(take_int(p, d, "customer", &id));
    for (size_t i = 0; i < sizeof customer_fields / sizeof customer_fields[0]; i++) {
        struct hash h;
        struct val v = V_NULL();
        if (json_get(d, customer_fields[i].name) != NULL) {
            TRY(take_hash(p, d, customer_fields[i].name, &h));
            v = V_HASH(&h);
        } else if (!is_removed(d, customer_fields[i].name)) {
            continue;
        }
        TRY(db_run(p->db, p->e, customer_fields[i].past_sql,
                   VALS(V_INT(p->entry->seq), V_INT(id))));
        TRY(db_run(p->db, p->e, customer_fields[i].set_sql, VALS(v, V_INT(id))));
    }
    return ERR_OK;
}

/* Value and salt go with the entry that says so. In a rebuild there is none to delete. */
static enum err_code value_erase(struct projection *p, const struct json *o)
{
    const char *owner = NULL;
    const char *field = NULL;
    int64_t id = 0;
    struct hash h;
    TRY(take_text(p, o, "owner", &owner));
    TRY(take_int(p, o, "id", &id));
    TRY(take_text(p, o, "field", &field));
    TRY(take_hash(p, o, "hash", &h));
    TRY(db_run(
        p->db, p->e,
        "INSERT INTO personal_past(owner, id, field, hash, erased) VALUES(?,?,?,?,?) "
        "ON CONFLICT DO UPDATE SET erased = coalesce(erased, excluded.erased)",
        VALS(V_TEXT(owner), V_INT(id), V_TEXT(field), V_HASH(&h), V_INT(p->entry->seq))));
    if (strcmp(owner, "attachment") == 0 && strcmp(field, "content") == 0) {
        return db_run(p->db, p->e, "DELETE FROM attachment_content WHERE id = ? AND hash = ?",
                      VALS(V_INT(id), V_HASH(&h)));
    }
    return db_run(
        p->db, p->e,
        "UPDATE main.personal SET salt = NULL, value = NULL WHERE owner = ? AND id = ? "
        "AND field = ? AND hash = ?",
        VALS(V_TEXT(owner), V_INT(id), V_TEXT(field), V_HASH(&h)));
}

enum err_code project_personal_erased(struct projection *p, const struct json *d)
{
    const struct json *values = NULL;
    TRY(take_array(p, d, "values", &values));
    for (size_t i = 0; i < values->u.array.count; i++) {
        TRY(value_erase(p, values->u.array.items[i]));
    }
    return ERR_OK;
}

enum err_code project_attachment_added(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    int64_t owner_id = 0;
    int64_t bytes = 0;
    const char *owner = NULL;
    const char *type = NULL;
    struct hash name;
    struct hash content;
    TRY(take_int(p, d, "attachment", &id));
    TRY(take_text(p, d, "owner", &owner));
    TRY(take_int(p, d, "owner_id", &owner_id));
    TRY(take_text(p, d, "type", &type));
    TRY(take_int(p, d, "bytes", &bytes));
    TRY(take_hash(p, d, "name", &name));
    TRY(take_hash(p, d, "content", &content));
    return db_run(p->db, p->e,
                  "INSERT INTO attachment(id, owner, owner_id, type, bytes, name, content, "
                  "seq) VALUES(?,?,?,?,?,?,?,?)",
                  VALS(V_INT(id), V_TEXT(owner), V_INT(owner_id), V_TEXT(type), V_INT(bytes),
                       V_HASH(&name), V_HASH(&content), V_INT(p->entry->seq)));
}
