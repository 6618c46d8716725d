/* Projectors of field papers: what was filled in and signed where a meter stands. */
#include <config.h>

#include <inttypes.h>

#include "base/i18n.h"
#include "domain/project.h"
#include "store/db.h"

static enum err_code values_project(struct projection *p, const struct json *d, int64_t paper)
{
    const struct json *list = NULL;
    const char *name = NULL;
    const char *value = NULL;
    TRY(take_array(p, d, "values", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        TRY(take_text(p, list->u.array.items[i], "name", &name));
        TRY(take_text(p, list->u.array.items[i], "value", &value));
        TRY(db_run(
            p->db, p->e,
            "INSERT INTO field_paper_value(paper, position, name, value) VALUES(?,?,?,?)",
            VALS(V_INT(paper), V_INT((int64_t)i + 1), V_TEXT(name), V_TEXT(value))));
    }
    return ERR_OK;
}

enum err_code project_paper_recorded(struct projection *p, const struct json *d)
{
    int64_t paper = 0;
    const char *template = NULL;
    struct hash signer;
    bool signed_by = json_get(d, "signer") != NULL;
    TRY(take_int(p, d, "paper", &paper));
    TRY(take_text(p, d, "template", &template));
    if (signed_by) {
        TRY(take_hash(p, d, "signer", &signer));
    }
    TRY(db_run(p->db, p->e,
               "INSERT INTO field_paper(id, template, date, meter, account, work, signer, due, "
               "seq) VALUES(?,?,?,?,?,?,?,?,?)",
               VALS(V_INT(paper), V_TEXT(template), V_TEXT(p->entry->date),
                    optional_int(d, "meter"), optional_int(d, "account"),
                    optional_int(d, "work"), signed_by ? V_HASH(&signer) : V_NULL(),
                    optional_text(d, "due"), V_INT(p->entry->seq))));
    return values_project(p, d, paper);
}

enum err_code project_paper_voided(struct projection *p, const struct json *d)
{
    int64_t paper = 0;
    int64_t one = 0;
    bool found = false;
    const char *reason = NULL;
    TRY(take_int(p, d, "paper", &paper));
    TRY(take_text(p, d, "reason", &reason));
    TRY(db_get_int(p->db, &one, &found, p->e,
                   "SELECT 1 FROM field_paper WHERE id = ? AND voided IS NULL",
                   VALS(V_INT(paper))));
    if (!found) {
        return err_set(p->e, ERR_TAMPERED,
                       _("entry %" PRId64 " (%s): paper %" PRId64 " is not valid"),
                       p->entry->seq, p->entry->kind, paper);
    }
    return db_run(p->db, p->e, "UPDATE field_paper SET voided=?, void_reason=? WHERE id=?",
                  VALS(V_TEXT(p->entry->date), V_TEXT(reason), V_INT(paper)));
}
