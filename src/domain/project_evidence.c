/* Projectors of the witnesses an office trusts, and of the gaps that it admitted. */
#include <config.h>

#include "domain/project.h"
#include "store/db.h"

enum err_code project_witness_added(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    const char *name = NULL;
    const char *vkey = NULL;
    TRY(take_int(p, d, "witness", &id));
    TRY(take_text(p, d, "name", &name));
    TRY(take_text(p, d, "vkey", &vkey));
    return db_run(p->db, p->e, "INSERT INTO witness(id, name, vkey, added) VALUES(?,?,?,?)",
                  VALS(V_INT(id), V_TEXT(name), V_TEXT(vkey), V_INT(p->entry->seq)));
}

enum err_code project_witness_removed(struct projection *p, const struct json *d)
{
    int64_t id = 0;
    TRY(take_int(p, d, "witness", &id));
    return db_run(p->db, p->e, "UPDATE witness SET removed=? WHERE id=?",
                  VALS(V_INT(p->entry->seq), V_INT(id)));
}

enum err_code project_rollback_resolved(struct projection *p, const struct json *d)
{
    int64_t published_size = 0;
    int64_t size = 0;
    struct hash published_root;
    struct hash root;
    TRY(take_int(p, d, "published_size", &published_size));
    TRY(take_hash(p, d, "published_root", &published_root));
    TRY(take_int(p, d, "size", &size));
    TRY(take_hash(p, d, "root", &root));
    return db_run(p->db, p->e,
                  "INSERT INTO rollback(seq, published_size, published_root, size, root) "
                  "VALUES(?,?,?,?,?)",
                  VALS(V_INT(p->entry->seq), V_INT(published_size), V_HASH(&published_root),
                       V_INT(size), V_HASH(&root)));
}
