#include <config.h>

#include "app/lookup.h"

#include <stdio.h>
#include <string.h>

#include "app/biller.h"
#include "base/i18n.h"
#include "domain/charged.h"

#define METER_COLUMNS "SELECT " METER_FIELDS " FROM meter m JOIN register r ON r.meter = m.id "

enum err_code meter_row_read(const struct stmt *q, struct meter_row *out, struct err *e)
{
    *out = (struct meter_row){
        .id = stmt_int(q, 0), .register_id = stmt_int(q, 6), .replaces = stmt_int(q, 12)};
    const char *removed = stmt_text(q, 5);
    (void)snprintf(out->serial, sizeof out->serial, "%s", stmt_text(q, 3));
    (void)snprintf(out->installed, sizeof out->installed, "%s", stmt_text(q, 4));
    (void)snprintf(out->removed, sizeof out->removed, "%s", removed != NULL ? removed : "");
    out->reg = (struct register_def){.unit = unit_find(stmt_text(q, 7)),
                                     .digits = (uint8_t)stmt_int(q, 8),
                                     .decimals = (uint8_t)stmt_int(q, 9),
                                     .multiplier_num = stmt_int(q, 10),
                                     .multiplier_den = 1,
                                     .max_rate_per_hour = stmt_int(q, 11)};
    if (!meter_kind_find(stmt_text(q, 1), &out->kind) ||
        !meter_state_find(stmt_text(q, 2), &out->state) || out->reg.unit == NULL) {
        return err_set(e, ERR_TAMPERED,
                       _("the row of meter %s is damaged; run: aforo verify --deep"),
                       out->serial);
    }
    return ERR_OK;
}

enum err_code meter_by_serial(struct office *o, const char *serial, struct meter_row *out,
                              bool *found, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, METER_COLUMNS "WHERE m.serial = ? ORDER BY r.id LIMIT 1",
                 VALS(V_TEXT(serial))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code = meter_row_read(q, out, e);
    }
    stmt_done(q);
    if (found != NULL) {
        *found = row;
    } else if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no meter with serial \"%s\""), serial);
    }
    return code;
}

enum err_code meter_by_register(struct office *o, int64_t reg, struct meter_row *out,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, METER_COLUMNS "WHERE r.id = ?", VALS(V_INT(reg))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK) {
        code = row ? meter_row_read(q, out, e)
                   : err_set(e, ERR_NOT_FOUND, _("there is no such register"));
    }
    stmt_done(q);
    return code;
}

enum err_code meter_register_row(struct office *o, const struct meter_row *m, const char *obis,
                                 struct meter_row *out, struct err *e)
{
    int64_t reg = 0;
    bool found = false;
    TRY(db_get_int(o->db, &reg, &found, e,
                   "SELECT id FROM register WHERE meter = ? AND obis = ?",
                   VALS(V_INT(m->id), V_TEXT(obis))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND, _("meter %s has no register %s"), m->serial, obis);
    }
    return meter_by_register(o, reg, out, e);
}

/* By its number (id 0), or by its id (number NULL). */
static enum err_code account_read(struct office *o, const char *number, int64_t id,
                                  struct account_row *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(
        o->db, &q, e,
        "SELECT id, customer, number, opened, closed FROM account WHERE number = ?1 OR "
        "id = ?2",
        VALS(V_TEXT(number), V_INT(id))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        const char *closed = stmt_text(q, 4);
        *out = (struct account_row){.id = stmt_int(q, 0), .customer = stmt_int(q, 1)};
        (void)snprintf(out->number, sizeof out->number, "%s", stmt_text(q, 2));
        (void)snprintf(out->opened, sizeof out->opened, "%s", stmt_text(q, 3));
        (void)snprintf(out->closed, sizeof out->closed, "%s", closed != NULL ? closed : "");
    }
    stmt_done(q);
    return code;
}

enum err_code account_by_number(struct office *o, const char *number, struct account_row *out,
                                bool *found, struct err *e)
{
    bool row = false;
    int64_t account = 0;
    int64_t bill = 0;
    TRY(account_read(o, number, 0, out, &row, e));
    if (found != NULL) {
        *found = row;
        return ERR_OK;
    }
    if (!row) { /* a scanner at the counter types the payment code of a paper */
        TRY(biller_reference_find(o, number, &account, &bill, e));
    }
    if (account != 0) {
        TRY(account_read(o, NULL, account, out, &row, e));
    }
    return row ? ERR_OK : err_set(e, ERR_NOT_FOUND, _("there is no account \"%s\""), number);
}

enum err_code tariff_usable(struct office *o, const char *code, enum meter_kind kind,
                            const char *date, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT kind, min(valid_from) FROM tariff WHERE code = ? GROUP BY kind ORDER "
                 "BY kind LIMIT 1",
                 VALS(V_TEXT(code))));
    enum err_code result = stmt_next(q, &row, e);
    if (result == ERR_OK && !row) {
        result = err_set(
            e, ERR_NOT_FOUND,
            _("there is no tariff \"%s\"; publish it with: aforo tariff publish FILE"), code);
    } else if (result == ERR_OK && strcmp(stmt_text(q, 0), meter_kind_name(kind)) != 0) {
        result = err_set(e, ERR_STATE, _("tariff \"%s\" is for %s, the meter is for %s"), code,
                         stmt_text(q, 0), meter_kind_name(kind));
    } else if (result == ERR_OK && strcmp(stmt_text(q, 1), date) > 0) {
        result = err_set(e, ERR_STATE, _("tariff \"%s\" is valid from %s only, not on %s"),
                         code, stmt_text(q, 1), date);
    }
    stmt_done(q);
    return result;
}

enum err_code tariff_bills(struct office *o, const char *code, enum meter_kind kind,
                           const struct unit *unit, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT json_extract(json, '$.unit') FROM tariff WHERE code = ? ORDER BY "
                 "version DESC LIMIT 1",
                 VALS(V_TEXT(code))));
    enum err_code result = stmt_next(q, &row, e);
    const struct unit *billed = result == ERR_OK && row ? unit_find(stmt_text(q, 0)) : NULL;
    if (billed != NULL && !unit_billed_by(unit, billed, kind == METER_GAS)) {
        result =
            err_set(e, ERR_STATE, _("tariff \"%s\" bills by the %s, the meter counts in %s"),
                    code, billed->symbol, unit->symbol);
    }
    stmt_done(q);
    return result;
}

enum err_code serial_taken(const struct meter_row *m, struct err *e)
{
    return m->removed[0] == '\0'
               ? err_set(e, ERR_EXISTS, _("there is a meter with serial \"%s\" already"),
                         m->serial)
               : err_set(
                     e, ERR_EXISTS,
                     _("meter %s was removed on %s and keeps its serial and its readings; put "
                       "up again, it is another one: %s-2, say"),
                     m->serial, m->removed, m->serial);
}
