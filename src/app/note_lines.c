#include <config.h>

#include "app/note_lines.h"

#include <string.h>

#include "app/billed.h"

/* A note after a correction, and what its bill could be credited by it. */
struct corrected {
    int64_t seq, rest;
    bool bound;
};

static enum err_code corrected_find(struct office *o, const char *type, int64_t number,
                                    const struct bill_view *v, struct corrected *out,
                                    bool *found, struct err *e)
{
    TRY(db_get_int(o->db, &out->seq, found, e,
                   "SELECT seq FROM document WHERE type = ? AND number = ? AND cause = "
                   "'correction'",
                   VALS(V_TEXT(type), V_INT(number))));
    return *found ? billed_rest(o, v->id, v->total.minor, out->seq, &out->rest, &out->bound, e)
                  : ERR_OK;
}

/* What other notes gave back of the bill before is not given back again. */
static struct bill_view_line given_before(int64_t minor)
{
    return (struct bill_view_line){.component = "credited",
                                   .type = "credited",
                                   .formula = "",
                                   .label_es = "Acreditado antes por otras notas",
                                   .label_en = "Credited before by other notes",
                                   .quantity = "",
                                   .unit = "",
                                   .price = "",
                                   .explanation = "",
                                   .amount = {minor},
                                   .base = exact_from_int(0)};
}

/* A credit note says what it takes back as amounts above 0. */
static enum err_code lines_turn(struct bill_view_line *lines, size_t count, struct arena *arena,
                                struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        const char *q = lines[i].quantity;
        lines[i].amount.minor = -lines[i].amount.minor;
        lines[i].base = exact_neg(lines[i].base);
        lines[i].quantity = q[0] == '-' ? q + 1
                            : q[0] == '\0' || strcmp(q, "0") == 0
                                ? q
                                : arena_printf(arena, "-%s", q);
        if (lines[i].quantity == NULL) {
            return err_nomem(e);
        }
    }
    return ERR_OK;
}

/* The lines of one share, when it is the one that the note is of. */
static enum err_code share_lines(struct office *o, const struct corrected *x, bool credit,
                                 int64_t amount, const struct bill_view *v, size_t meter,
                                 struct arena *arena, struct bill_view_line **lines,
                                 size_t *count, struct err *e)
{
    const struct bill_change change = {x->seq, NULL, 0};
    struct bill_view_line *made = NULL;
    struct err why = ERR_INIT;
    int64_t difference = 0;
    size_t n = 0;
    enum err_code code = bill_share_change(o, v, &v->meters[meter], &change, arena, &difference,
                                           &made, &n, &why);
    if (code == ERR_STATE || code == ERR_RANGE) {
        return ERR_OK; /* it was not what the note was made of */
    }
    if (code != ERR_OK) {
        *e = why;
        return code;
    }
    int64_t asked = credit ? -difference : difference;
    bool cut = credit && x->bound && asked > x->rest && amount == x->rest;
    if (n == 0 || (asked != amount && !cut)) {
        return ERR_OK;
    }
    struct bill_view_line *all = arena_array(arena, n + 1, sizeof *all);
    if (all == NULL) {
        return err_nomem(e);
    }
    memcpy(all, made, n * sizeof *all);
    TRY(credit ? lines_turn(all, n, arena, e) : ERR_OK);
    if (cut) {
        all[n++] = given_before(amount - asked);
    }
    *lines = all;
    *count = n;
    return ERR_OK;
}

enum err_code note_lines(struct office *o, const char *type, int64_t number, int64_t amount,
                         const struct bill_view *v, struct arena *arena,
                         struct bill_view_line **lines, size_t *count, struct err *e)
{
    struct corrected x = {0};
    bool found = false;
    *count = 0;
    TRY(corrected_find(o, type, number, v, &x, &found, e));
    for (size_t i = 0; found && *count == 0 && i < v->meter_count; i++) {
        TRY(share_lines(o, &x, strcmp(type, "credit_note") == 0, amount, v, i, arena, lines,
                        count, e));
    }
    return ERR_OK;
}
