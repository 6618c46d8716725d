#include <config.h>

#include "app/import_billed.h"

#include <inttypes.h>

#include "app/billed.h"
#include "base/buf.h"
#include "base/i18n.h"

#define NAMED_MAX 5 /* bills that the sentence names */

/* Readings of run ?1, corrections of them and of those, and what its exchanges brought. */
#define THEIRS                                                                                 \
    "WITH RECURSIVE reg(id) AS (SELECT g.id FROM meter m JOIN register g ON g.meter = m.id "   \
    "WHERE m.run = ?1), its(id) AS (SELECT id FROM reading WHERE run = ?1 UNION SELECT x.id "  \
    "FROM meter m JOIN register g ON g.meter = m.replaces JOIN reading x ON x.register = "     \
    "g.id WHERE m.run = ?1 AND x.source = 'removal'), c(id) AS (SELECT id FROM its UNION "     \
    "SELECT d.corrected FROM decision d JOIN c ON c.id = d.reading WHERE d.corrected IS NOT "  \
    "NULL) "
#define IN_FORCE                                                                               \
    "SELECT b.id, b.run FROM bill b JOIN billing_run r ON r.id = b.run WHERE r.state <> "      \
    "'discarded' AND b.cancelled IS NULL AND b.id IN (SELECT x.bill FROM " BILLED_READINGS     \
    " x WHERE x.register IN reg OR x.from_reading IN c OR x.to_reading IN c UNION SELECT "     \
    "q.bill FROM bill_quantity q WHERE q.source IN reg OR q.from_reading IN c OR "             \
    "q.to_reading IN c) ORDER BY b.id"

struct standing {
    struct buf named; /* "12, 13, 14" */
    int64_t count, first, run;
};

static enum err_code standing_read(struct command_ctx *c, int64_t run, struct standing *s,
                                   struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e, THEIRS IN_FORCE, VALS(V_INT(run))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (s->count == 0) {
            s->first = stmt_int(q, 0);
            s->run = stmt_int(q, 1);
        }
        if (s->count++ < NAMED_MAX) {
            buf_addf(&s->named, "%s%" PRId64, s->count > 1 ? ", " : "", stmt_int(q, 0));
        }
    }
    stmt_done(q);
    return code;
}

static enum err_code standing_refuse(const struct standing *s, int64_t import, struct err *e)
{
    if (s->count > NAMED_MAX) {
        return err_set(e, ERR_STATE,
                       _("import %" PRId64 " cannot be discarded: %" PRId64
                         " bills in force stand on its readings (%s ...). Take them back first "
                         "(a whole run with: aforo bill discard %" PRId64
                         ", one bill with: aforo bill cancel %" PRId64
                         " --reason TEXT), then discard the import"),
                       import, s->count, buf_str(&s->named), s->run, s->first);
    }
    return err_set(e, ERR_STATE,
                   ngettext("import %" PRId64 " cannot be discarded: a bill in force stands on "
                            "its readings (%s). Take it back first (with: aforo bill cancel "
                            "%" PRId64 " --reason TEXT, or its whole run with: aforo bill "
                            "discard %" PRId64 "), then discard the import",
                            "import %" PRId64 " cannot be discarded: bills in force stand on "
                            "its readings (%s). Take them back first (each with: aforo bill "
                            "cancel %" PRId64 " --reason TEXT, or a whole run with: aforo bill "
                            "discard %" PRId64 "), then discard the import",
                            (unsigned long)s->count),
                   import, buf_str(&s->named), s->first, s->run);
}

enum err_code import_unbilled(struct command_ctx *c, int64_t run, struct err *e)
{
    struct standing s = {0};
    buf_init(&s.named, 256);
    enum err_code code = standing_read(c, run, &s, e);
    if (code == ERR_OK && s.count > 0) {
        code = standing_refuse(&s, run, e);
    }
    buf_release(&s.named);
    return code;
}
