#include <config.h>

#include "app/field_paper.h"

#include <inttypes.h>
#include <string.h>

#include "app/words.h"
#include "base/i18n.h"

/* A choice as people say it; any other text as it is. */
static const char *value_text(const struct param *p, const char *text)
{
    const char *word = p->type == PARAM_CHOICE ? code_word(text, strlen(text)) : NULL;
    return word != NULL ? word : text;
}

/* Who signs is personal data: its name, or the entry that erased it. */
static const char paper_sql[] =
    "SELECT f.template, f.date, coalesce(f.due, ''), coalesce(f.work, 0), f.seq, f.voided IS "
    "NOT NULL, coalesce(f.void_reason, ''), coalesce(m.serial, ''), coalesce(m.kind, ''), "
    "coalesce(l.value, ''), coalesce(a.number, ''), coalesce(n.value, ''), coalesce(s.value, "
    "''), coalesce(u.value, h.actor), lower(hex(e.leaf)) "
    "FROM field_paper f JOIN history h ON h.seq = "
    "f.seq JOIN entry e ON e.seq = f.seq "
    "LEFT JOIN meter m ON m.id = f.meter LEFT JOIN service_point y ON y.id = m.point "
    "LEFT JOIN personal l ON l.owner = 'service_point' AND l.id = y.id AND l.field = 'place' "
    "AND l.hash = y.place LEFT JOIN account a ON a.id = f.account LEFT JOIN customer c ON "
    "c.id = a.customer LEFT JOIN personal n ON n.owner = 'customer' AND n.id = c.id AND "
    "n.field = 'name' AND n.hash = c.name "
    "LEFT JOIN personal s ON s.owner = 'field_paper' AND s.id = f.id AND s.field = 'signer' "
    "AND s.hash = f.signer LEFT JOIN user w ON 'user:' || w.id = h.actor "
    "LEFT JOIN personal u ON u.owner = 'user' AND u.id = w.id AND u.field = 'name' AND "
    "u.hash = w.name WHERE f.id = ?";

static enum err_code head_read(const struct stmt *q, struct arena *a, struct field_paper *p,
                               struct err *e)
{
    bool bad = false;
    const char *code = stmt_text(q, 0);
    p->template = code != NULL ? paper_template_find(code) : NULL;
    if (p->template == NULL) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("paper %" PRId64 " is of a template that this program does not know"),
                       p->number);
    }
    p->date = stmt_keep(q, 1, a, &bad);
    p->due = stmt_keep(q, 2, a, &bad);
    p->work = stmt_int(q, 3);
    p->seq = stmt_int(q, 4);
    p->is_void = stmt_int(q, 5) != 0;
    p->void_reason = stmt_keep(q, 6, a, &bad);
    p->serial = stmt_keep(q, 7, a, &bad);
    p->kind = stmt_keep(q, 8, a, &bad);
    p->place = stmt_keep(q, 9, a, &bad);
    p->account = stmt_keep(q, 10, a, &bad);
    p->customer = stmt_keep(q, 11, a, &bad);
    p->signer = stmt_keep(q, 12, a, &bad);
    p->author = stmt_keep(q, 13, a, &bad);
    p->leaf = stmt_keep(q, 14, a, &bad);
    return bad ? err_nomem(e) : ERR_OK;
}

static const struct param *param_find(const struct command *command, const char *name)
{
    for (const struct param *p = command->params; p->name != NULL; p++) {
        if (strcmp(p->name, name) == 0) {
            return p;
        }
    }
    return NULL;
}

/* The help of a parameter begins small; a line of a form does not. */
static const char *label_keep(const char *text, struct arena *a, bool *bad)
{
    char *label = arena_strdup(a, text);
    *bad = *bad || label == NULL;
    if (label != NULL && label[0] >= 'a' && label[0] <= 'z') {
        label[0] = (char)(label[0] - 'a' + 'A');
    }
    return label;
}

static enum err_code values_read(struct office *o, struct arena *a, struct field_paper *p,
                                 struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bad = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT name, value FROM field_paper_value WHERE paper = ? ORDER BY position",
                 VALS(V_INT(p->number))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row &&
           p->value_count < PAPER_VALUES_MAX) {
        struct paper_value *v = &p->values[p->value_count++];
        v->name = stmt_keep(q, 0, a, &bad);
        v->text = stmt_keep(q, 1, a, &bad);
        const struct param *param = param_find(p->template->command, v->name);
        v->label = label_keep(param != NULL ? _(param->help) : v->name, a, &bad);
        v->text = param != NULL ? value_text(param, v->text) : v->text;
    }
    stmt_done(q);
    return code == ERR_OK && bad ? err_nomem(e) : code;
}

enum err_code field_paper_load(struct office *o, int64_t number, struct arena *arena,
                               struct field_paper *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *out = (struct field_paper){.number = number, .office = o->name};
    TRY(db_query(o->db, &q, e, paper_sql, VALS(V_INT(number))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        code =
            row ? head_read(q, arena, out, e)
                : err_set(e, ERR_NOT_FOUND,
                          _("there is no paper %" PRId64 "; see: aforo list papers"), number);
    }
    stmt_done(q);
    return code == ERR_OK ? values_read(o, arena, out, e) : code;
}
