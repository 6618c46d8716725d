#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/attached.h"
#include "app/entry_say.h"
#include "app/page.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/json.h"
#include "crypto/hash.h"

/* The signed entry behind a row: who, when, what it says and how it hangs in the chain; and a
 * page of what exactly was signed. */

#define PAYLOAD_SHOWN 6000

static void hex_fact(struct sheet *s, const char *label, const struct stmt *q, int column)
{
    size_t len = 0;
    const void *p = stmt_blob(q, column, &len);
    struct buf b;
    buf_init(&b, 512);
    buf_add_hex(&b, p, len > 200 ? 200 : len);
    sheet_fact(s, label, SHEET_AS_TEXT, buf_str(&b));
    buf_release(&b);
}

/* A line for each member of the payload's data, as it was signed. */
static void payload_lines(struct sheet *s, const char *payload)
{
    struct buf b;
    bool in_text = false;
    int depth = 0;
    buf_init(&b, PAYLOAD_SHOWN);
    for (const char *c = payload; *c != '\0' && b.len < PAYLOAD_SHOWN - 16; c++) {
        if (*c == '"' && (c == payload || c[-1] != '\\')) {
            in_text = !in_text;
        }
        if (!in_text && (*c == '{' || *c == '[')) {
            depth++;
        }
        if (!in_text && (*c == '}' || *c == ']')) {
            depth--;
        }
        buf_addc(&b, *c);
        if (!in_text && *c == ',' && depth <= 2) {
            buf_addc(&b, '\n');
        }
    }
    if (strlen(payload) > b.len) {
        buf_adds(&b, "\n...");
    }
    sheet_text(s, SHEET_PLAIN, buf_str(&b));
    buf_release(&b);
}

static enum err_code chain_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    int64_t covered = 0;
    int64_t witnesses = 0;
    TRY(db_get_int(o->db, &covered, NULL, e,
                   "SELECT coalesce(min(size), 0) FROM checkpoint WHERE size >= ?",
                   VALS(V_INT(id))));
    if (covered == 0) {
        sheet_fact(s, N_("Checkpoint"), SHEET_AS_WORD, N_("not yet under one"));
        sheet_mood(s, SHEET_NOTE);
        return ERR_OK;
    }
    TRY(db_get_int(
        o->db, &witnesses, NULL, e,
        "SELECT count(*) FROM cosignature g JOIN checkpoint c ON c.id = g.checkpoint "
        "WHERE c.size = ?",
        VALS(V_INT(covered))));
    sheet_fact_int(s, N_("Checkpoint"), covered);
    sheet_mood(s, SHEET_GOOD);
    sheet_fact_int(s, N_("Witnesses"), witnesses);
    return ERR_OK;
}

/* Photos and documents of what the entry recorded: one reading, one dispute. */
static enum err_code files_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    static const struct {
        const char *owner, *sql;
    } rows[] = {
        {"reading", "SELECT json_extract(CAST(e.payload AS TEXT), '$.data.reading.id') FROM "
                    "history h JOIN entry e ON e.seq = h.seq WHERE h.seq = ? AND h.kind = "
                    "'reading.recorded'"},
        {"dispute", "SELECT id FROM dispute WHERE seq = ?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t owner = 0;
        bool found = false;
        TRY(db_get_int(o->db, &owner, &found, e, rows[i].sql, VALS(V_INT(id))));
        if (found) {
            TRY(attached_part(o, rows[i].owner, owner, N_("Attachments"), s, e));
        }
    }
    return ERR_OK;
}

static enum err_code entry_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char at[PAGE_TEXT_MAX];
    (void)user;
    TRY(db_query(
        o->db, &q, e,
        "SELECT h.time / 1000, h.date, h.kind, coalesce(p.value, h.actor), e.payload, "
        "m.serial, a.number, (SELECT coalesce(sum(count), 0) "
        "FROM item WHERE seq = h.seq), m.id, a.id FROM history h JOIN entry e ON e.seq = h.seq "
        "LEFT JOIN meter m ON m.id = h.meter LEFT JOIN account a ON a.id = h.account "
        "LEFT JOIN user u ON 'user:' || u.id = h.actor LEFT JOIN personal p ON p.owner "
        "= 'user' AND p.id = u.id AND p.field = 'login' AND p.hash = u.login WHERE "
        "h.seq = ?",
        VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no entry %" PRId64), id);
    }
    if (code == ERR_OK) {
        (void)snprintf(at, sizeof at, "%" PRId64, id);
        sheet_set(s, "entry", at);
        sheet_set(s, "meter_id", stmt_text(q, 8));
        sheet_set(s, "account_id", stmt_text(q, 9));
        sheet_head(s, "%s %" PRId64 "   %s", _("Entry"), id, code_said(stmt_text(q, 2)));
        page_clock(civil_to_secs(zone_to_civil(o->zone, stmt_int(q, 0))), at);
        sheet_fact(s, N_("Recorded"), SHEET_AS_TIME, at);
        sheet_fact(s, N_("Business date"), SHEET_AS_DATE, stmt_text(q, 1));
        sheet_fact(s, N_("Signed by"), SHEET_AS_TEXT, stmt_text(q, 3));
        sheet_fact(s, N_("Meter"), SHEET_AS_TEXT, stmt_text(q, 5));
        sheet_fact(s, N_("Account"), SHEET_AS_TEXT, stmt_text(q, 6));
        if (stmt_int(q, 7) > 0) {
            sheet_fact_int(s, N_("Items"), stmt_int(q, 7));
        }
        code = chain_fill(o, id, s, e);
    }
    code = code == ERR_OK ? files_fill(o, id, s, e) : code;
    if (code == ERR_OK) {
        sheet_heading(s, N_("What was recorded"));
        code = entry_say(o, stmt_text(q, 4), strlen(stmt_text(q, 4)), s, e);
    }
    stmt_done(q);
    return code;
}

const struct page page_entry = {"entry", NULL, entry_fill};

/* ---- what was signed, byte for byte ---- */

static enum err_code signed_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                                 struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    (void)user;
    TRY(db_query(o->db, &q, e,
                 "SELECT h.kind, e.payload, e.leaf, e.keyid, e.sig FROM history h JOIN entry e "
                 "ON e.seq = h.seq WHERE h.seq = ?",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no entry %" PRId64), id);
    }
    if (code == ERR_OK) {
        sheet_head(s, "%s %" PRId64 "   %s", _("Entry"), id, stmt_text(q, 0));
        sheet_heading(s, N_("What was signed"));
        payload_lines(s, stmt_text(q, 1));
        sheet_heading(s, N_("Signature"));
        hex_fact(s, N_("Leaf hash"), q, 2);
        hex_fact(s, N_("Key"), q, 3);
        hex_fact(s, N_("Signature"), q, 4);
    }
    stmt_done(q);
    return code;
}

const struct page page_signed = {"signed", NULL, signed_fill};
