/* Projectors of disputes. */
#include <config.h>

#include <inttypes.h>

#include "base/i18n.h"
#include "domain/project_money.h"
#include "store/db.h"

enum err_code project_dispute_opened(struct projection *p, const struct json *d)
{
    int64_t v[3] = {0};
    int64_t bill = 0;
    int64_t reading = 0;
    const char *deadline = NULL;
    const char *reason = NULL;
    static const char *const names[3] = {"dispute", "account", "amount"};
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    TRY(take_text(p, d, "deadline", &deadline));
    TRY(take_text(p, d, "reason", &reason));
    bool has_bill = json_get_int(d, "bill", &bill);
    bool has_reading = json_get_int(d, "reading", &reading);
    TRY(db_run(p->db, p->e,
               "INSERT INTO dispute(id, account, bill, reading, amount, state, opened, "
               "deadline, reason, seq) VALUES(?,?,?,?,?,'open',?,?,?,?)",
               VALS(V_INT(v[0]), V_INT(v[1]), has_bill ? V_INT(bill) : V_NULL(),
                    has_reading ? V_INT(reading) : V_NULL(), V_INT(v[2]),
                    V_TEXT(p->entry->date), V_TEXT(deadline), V_TEXT(reason),
                    V_INT(p->entry->seq))));
    return cuts_hold(p, d, v[0]);
}

enum err_code project_dispute_resolved(struct projection *p, const struct json *d)
{
    int64_t dispute = 0;
    int64_t number = 0;
    int64_t one = 0;
    bool found = false;
    const char *outcome = NULL;
    const char *reason = NULL;
    const struct json *note = json_get(d, "note");
    TRY(take_int(p, d, "dispute", &dispute));
    TRY(take_text(p, d, "outcome", &outcome));
    TRY(take_text(p, d, "reason", &reason));
    TRY(db_get_int(p->db, &one, &found, p->e,
                   "SELECT 1 FROM dispute WHERE id=? AND state='open'", VALS(V_INT(dispute))));
    if (!found) {
        return err_set(p->e, ERR_TAMPERED,
                       _("entry %" PRId64 " (%s): dispute %" PRId64 " is not open"),
                       p->entry->seq, p->entry->kind, dispute);
    }
    if (note != NULL) {
        TRY(note_project(p, note));
        TRY(take_int(p, note, "number", &number));
    }
    TRY(db_run(p->db, p->e,
               "UPDATE dispute SET state=?, closed=?, resolution=?, note=? WHERE id=?",
               VALS(V_TEXT(outcome), V_TEXT(p->entry->date), V_TEXT(reason),
                    note != NULL ? V_INT(number) : V_NULL(), V_INT(dispute))));
    return cuts_resume(p, d);
}
