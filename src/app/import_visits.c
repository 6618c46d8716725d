/* Files that come back from a route: why a meter was not read, and what the reader noted. The
 * readings of the same file come by `import readings`, and are judged as all others. */
#include <config.h>

#include <string.h>

#include "app/import_lines.h"
#include "app/lookup.h"
#include "base/i18n.h"
#include "base/text.h"

#define SKIP_MAX 40 /* bytes */

static enum err_code visit_compare(struct line_import *im, struct import_line *l,
                                   struct refused *why, struct err *e)
{
    int64_t one = 0;
    bool there = false;
    const char *skip = l->field[FIELD_SKIP];
    const char *note = l->field[FIELD_NOTE];
    (void)why;
    if (skip == NULL && note == NULL) {
        l->verdict = LINE_STORED; /* it was read, and that is all */
        return ERR_OK;
    }
    /* A note that was erased is not taken in again. */
    TRY(db_get_int(im->job.c->office->db, &one, &there, e,
                   "SELECT 1 FROM visit v JOIN meter m ON m.id = v.meter LEFT JOIN "
                   "main.personal p ON p.owner = 'visit' AND p.id = v.id AND p.field = 'note' "
                   "WHERE m.serial = ?1 AND v.date = ?2 AND v.skip = ?3 AND (p.value IS ?4 OR "
                   "(v.note IS NOT NULL AND p.value IS NULL)) LIMIT 1",
                   VALS(V_TEXT(l->field[FIELD_SERIAL]), V_TEXT(l->field[FIELD_DAY]),
                        V_TEXT(skip != NULL ? skip : ""), V_TEXT(note))));
    l->verdict = there ? LINE_STORED : LINE_NEW;
    return ERR_OK;
}

static bool skip_fits(const char *skip)
{
    char shown[4 * SKIP_MAX];
    text_sanitize_to(skip, strlen(skip), shown, sizeof shown);
    return strlen(skip) <= SKIP_MAX && strcmp(shown, skip) == 0;
}

static enum err_code visit_make(struct line_import *im, struct draft *d,
                                const struct import_line *l, struct json *o, struct err *e)
{
    struct command_ctx *c = im->job.c;
    struct meter_row m;
    const char *day = l->field[FIELD_DAY];
    const char *skip = l->field[FIELD_SKIP];
    struct json *v = json_new_object(c->arena);
    int64_t id = im->ids.visit;
    if (v == NULL) {
        return err_nomem(e);
    }
    TRY(meter_by_serial(c->office, l->field[FIELD_SERIAL], &m, NULL, e));
    if (day == NULL) {
        return err_set(e, ERR_USAGE, _("field %s: it is empty"), field_name(FIELD_DAY));
    }
    if (strcmp(day, c->date) > 0) {
        return err_set(e, ERR_RANGE, _("field day: %s is in the future"), day);
    }
    if (skip != NULL && !skip_fits(skip)) {
        return err_set(e, ERR_RANGE,
                       _("field skip: a code has at most %d bytes, all of which can be shown"),
                       SKIP_MAX);
    }
    TRY(data_int(c, v, "id", id, e));
    TRY(data_int(c, v, "meter", m.id, e));
    TRY(data_text(c, v, "date", day, e));
    TRY(data_text(c, v, "skip", skip != NULL ? skip : "", e));
    if (l->field[FIELD_NOTE] != NULL) {
        TRY(data_personal(c, d, v, "visit", id, "note", l->field[FIELD_NOTE], e));
    }
    im->ids.visit++;
    TRY(data_set(c, o, "visit", v, e));
    return data_int(c, o, "line", (int64_t)l->line, e);
}

static int64_t *visit_next(struct line_ids *ids)
{
    return &ids->visit;
}

const struct line_kind line_kind_visits = {{FIELD_SERIAL, FIELD_DAY, FIELD_SKIP, FIELD_NOTE},
                                           4,
                                           false,
                                           visit_compare,
                                           visit_make,
                                           visit_next};
