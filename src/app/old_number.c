#include <config.h>

#include "app/old_number.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

enum err_code old_number_check(const char *number, struct err *e)
{
    struct buf safe;
    buf_init(&safe, 4096);
    text_sanitize(number, strlen(number), &safe);
    bool clean = !safe.failed && strcmp(buf_str(&safe), number) == 0;
    buf_release(&safe);
    return !clean ? err_set(e, ERR_PARSE,
                            _("an old number holds signs that cannot be shown or searched"))
           : strlen(number) > OLD_NUMBER_MAX
               ? err_set(e, ERR_RANGE, _("an old number has at most %d bytes"), OLD_NUMBER_MAX)
               : ERR_OK;
}

enum err_code old_number_find(struct office *o, const char *owner, const char *number,
                              int64_t *id, struct err *e)
{
    *id = 0;
    return db_get_int(o->db, id, NULL, e,
                      "SELECT id FROM old_number WHERE owner = ? AND number = ?",
                      VALS(V_TEXT(owner), V_TEXT(number)));
}

static enum err_code account_by_id(struct office *o, int64_t id, struct account_row *out,
                                   struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char number[sizeof out->number] = "";
    TRY(db_query(o->db, &q, e, "SELECT number FROM account WHERE id = ?", VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        text_sanitize_to(stmt_text(q, 0), strlen(stmt_text(q, 0)), number, sizeof number);
    }
    stmt_done(q);
    TRY(code);
    return account_by_number(o, number, out, NULL, e);
}

enum err_code account_of_line(struct office *o, const struct import_line *l,
                              struct account_row *out, struct err *e)
{
    const char *number = l->field[FIELD_ACCOUNT];
    const char *old = l->field[FIELD_OLD_ACCOUNT];
    int64_t by_old = 0;
    if (number == NULL && old == NULL) {
        return err_set(e, ERR_USAGE, _("field account: it is empty"));
    }
    if (old != NULL) {
        TRY(old_number_find(o, "account", old, &by_old, e));
    }
    if (old != NULL && by_old == 0) {
        return err_set(e, ERR_NOT_FOUND,
                       _("field old_account: no account \"%s\" of the earlier system is here; "
                         "import the accounts first"),
                       old);
    }
    TRY(number != NULL ? account_by_number(o, number, out, NULL, e)
                       : account_by_id(o, by_old, out, e));
    return by_old == 0 || by_old == out->id
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("field old_account: \"%s\" was another account than %s"), old,
                         number);
}
