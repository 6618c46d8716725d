#include <config.h>

#include "app/note_lines.h"

#include <string.h>

#include "app/lookup.h"

/* The reading whose correction the note follows, and what it was corrected to. */
struct correction {
    int64_t reading, value, reg;
};

static enum err_code correction_read(struct office *o, const char *type, int64_t number,
                                     struct correction *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(o->db, &q, e,
                 "SELECT d.reading, c.value, c.register FROM document d JOIN decision x ON "
                 "x.reading = d.reading JOIN reading c ON c.id = x.corrected WHERE d.type = ? "
                 "AND d.number = ? AND d.cause = 'correction' ORDER BY x.id LIMIT 1",
                 VALS(V_TEXT(type), V_INT(number))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        *out = (struct correction){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
    }
    stmt_done(q);
    return code;
}

/* The share's consumption with the corrected value in its place; false where it is not one of
 * the share's ends, or was billed otherwise. */
static enum err_code use_corrected(struct office *o, const struct bill_view_meter *m,
                                   const struct correction *c, int64_t *use, bool *known,
                                   struct err *e)
{
    struct meter_row meter;
    struct err ignored = ERR_INIT;
    int64_t was = 0;
    bool from = m->from_id == c->reading;
    *known = false;
    if (!from && m->to_id != c->reading) {
        return ERR_OK;
    }
    TRY(meter_by_register(o, c->reg, &meter, e));
    for (unsigned n = 0; n <= 1 && !*known; n++) {
        *known =
            register_consumption(&meter.reg, m->from_value, m->to_value, n, &was, &ignored) ==
                ERR_OK &&
            was == m->consumption &&
            register_consumption(&meter.reg, from ? c->value : m->from_value,
                                 from ? m->to_value : c->value, n, use, &ignored) == ERR_OK;
    }
    return ERR_OK;
}

/* They have to come to the note's amount; otherwise they are not what it was made of. */
static bool lines_fit(struct bill_view_line *lines, size_t count, bool credit, int64_t amount)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (credit) {
            lines[i].amount.minor = -lines[i].amount.minor;
            lines[i].base = exact_neg(lines[i].base);
        }
        if (__builtin_add_overflow(sum, lines[i].amount.minor, &sum)) {
            return false;
        }
    }
    return sum == amount;
}

enum err_code note_lines(struct office *o, const char *type, int64_t number, int64_t amount,
                         const struct bill_view *v, struct arena *arena,
                         struct bill_view_line **lines, size_t *count, struct err *e)
{
    struct correction c = {0};
    struct err why = ERR_INIT;
    bool found = false;
    bool known = false;
    int64_t use = 0;
    *count = 0;
    TRY(correction_read(o, type, number, &c, &found, e));
    for (size_t i = 0; found && !known && i < v->meter_count; i++) {
        const struct bill_view_meter *m = &v->meters[i];
        TRY(m->reg == c.reg ? use_corrected(o, m, &c, &use, &known, e) : ERR_OK);
        if (!known) {
            continue;
        }
        enum err_code code = bill_share_difference(o, v, m, use, arena, lines, count, &why);
        if (code == ERR_NOMEM || code == ERR_TAMPERED) {
            *e = why;
            return code;
        }
        if (code != ERR_OK ||
            !lines_fit(*lines, *count, strcmp(type, "credit_note") == 0, amount)) {
            *count = 0;
        }
    }
    return ERR_OK;
}
