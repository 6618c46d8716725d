#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/attached.h"
#include "app/page.h"
#include "app/page_losses.h"
#include "app/query_meter.h"
#include "app/queue.h"
#include "app/words.h"
#include "base/i18n.h"

/* A meter in full: where, whose, what it used by month, and its readings. */

#define DAY_VALUES 24

static void facts(struct sheet *s, const struct meter_detail *d)
{
    char text[PAGE_TEXT_MAX];
    char at[PAGE_TEXT_MAX];
    sheet_head(s, "%s   %s", d->row.serial, d->row.place);
    sheet_set(s, "serial", d->row.serial);
    sheet_fact(s, N_("Kind"), SHEET_AS_WORD, code_msgid(d->row.kind));
    sheet_fact(s, N_("Route"), SHEET_AS_TEXT, d->row.route);
    sheet_fact(s, N_("Account"), SHEET_AS_TEXT, d->row.account);
    sheet_factf(s, N_("Dial"), "%d+%d, x%" PRId64, d->digits, d->decimals, d->multiplier);
    if (d->last_utc != 0) {
        page_quantity(d->unit->symbol, d->decimals, d->last_value, text);
        sheet_fact(s, N_("Reading"), SHEET_AS_NUMBER, text);
        sheet_unit(s, d->unit->pretty);
        page_clock(d->last_local, at);
        sheet_fact(s, N_("Read at"), SHEET_AS_TIME, at);
    }
    if (d->mean >= 0) {
        page_quantity(d->unit->symbol, d->decimals, d->mean, text);
        sheet_fact(s, N_("Mean"), SHEET_AS_NUMBER, text);
        sheet_unit(s, d->unit->pretty);
    }
    if (d->limit >= 0) {
        page_quantity(d->unit->symbol, d->decimals, d->limit, text);
        sheet_fact(s, N_("Limit"), SHEET_AS_NUMBER, text);
        sheet_unit(s, d->unit->pretty);
    }
}

/* Use by period, named by its month, with the limit of today. */
static enum err_code months_fill(struct office *o, const struct meter_detail *d,
                                 struct sheet *s, struct err *e)
{
    int64_t values[METER_HISTORY];
    char names[METER_HISTORY][8];
    const char *pointers[METER_HISTORY];
    size_t n = 0;
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT bm.consumption, substr(b.end_date, 6, 2) || '/' || substr(b.end_date, "
                 "3, 2) FROM bill_meter bm JOIN bill b ON b.id = bm.bill JOIN billing_run r ON "
                 "r.id = b.run WHERE bm.register = ? AND r.state = 'closed' AND b.cancelled IS "
                 "NULL ORDER BY bm.bill DESC LIMIT 13",
                 VALS(V_INT(d->register_id))));
    enum err_code code = ERR_OK;
    while (n < METER_HISTORY && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        size_t at = METER_HISTORY - 1 - n++;
        values[at] = stmt_int(q, 0);
        (void)snprintf(names[at], sizeof names[at], "%.7s", stmt_text(q, 1));
        pointers[at] = names[at];
    }
    stmt_done(q);
    if (code == ERR_OK && n > 0) {
        const size_t first = METER_HISTORY - n;
        char top[PAGE_TEXT_MAX];
        char limit[PAGE_TEXT_MAX] = "";
        int64_t most = d->limit > 0 ? d->limit : 0;
        for (size_t i = first; i < METER_HISTORY; i++) {
            most = values[i] > most ? values[i] : most;
        }
        page_quantity(d->unit->symbol, d->decimals, most, top);
        if (d->limit >= 0) {
            page_quantity(d->unit->symbol, d->decimals, d->limit, limit);
        }
        sheet_heading(s, N_("Use by period"));
        sheet_plot(s, SHEET_BARS, N_("Use in"), d->unit->pretty, values + first,
                   pointers + first, n, d->limit, top, limit);
    }
    return code;
}

/* The mean use of each hour of the day over the last month of readings, where there are some of
 * almost every hour. */
static enum err_code day_fill(struct office *o, const struct meter_detail *d, struct sheet *s,
                              struct err *e)
{
    static const char *const hours[DAY_VALUES] = {
        "00", "", "", "", "", "", "06", "", "", "", "", "",
        "12", "", "", "", "", "", "18", "", "", "", "", "",
    };
    int64_t values[DAY_VALUES];
    size_t known = 0;
    struct stmt *q = NULL;
    bool row = false;
    for (size_t i = 0; i < DAY_VALUES; i++) {
        values[i] = -1;
    }
    TRY(db_query(
        o->db, &q, e,
        "SELECT (before / 3600) % 24, sum(use) / count(*) FROM (SELECT lag(local) OVER w AS "
        "before, value - lag(value) OVER w AS use, utc - lag(utc) OVER w AS gap FROM reading "
        "WHERE register = ?1 AND state = 'accepted' AND utc > (SELECT max(utc) FROM reading "
        "WHERE register = ?1) - 2678400 WINDOW w AS (ORDER BY utc)) WHERE gap = 3600 AND use "
        ">= "
        "0 GROUP BY 1",
        VALS(V_INT(d->register_id))));
    enum err_code code = ERR_OK;
    int64_t top = 0;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int64_t hour = stmt_int(q, 0);
        if (hour >= 0 && hour < DAY_VALUES) {
            values[hour] = stmt_int(q, 1);
            top = values[hour] > top ? values[hour] : top;
            known++;
        }
    }
    stmt_done(q);
    if (code == ERR_OK && known >= 20 && top > 0) {
        char text[PAGE_TEXT_MAX];
        page_quantity(d->unit->symbol, (int64_t)d->unit->exponent, top, text);
        sheet_heading(s, N_("Use by hour of the day"));
        sheet_plot(s, SHEET_CURVE, N_("Mean of the last 31 days in"), d->unit->pretty, values,
                   hours, DAY_VALUES, -1, text, "");
    }
    return code;
}

/* What the list's word for the meter's state comes from. */
static enum err_code alerts_fill(struct office *o, int64_t meter, struct sheet *s,
                                 struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT rule, count(*) FROM alert WHERE meter = ? AND resolved IS NULL GROUP BY "
        "rule ORDER BY max(id) DESC LIMIT 4",
        VALS(V_INT(meter))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (stmt_int(q, 1) > 1) {
            sheet_factf(s, N_("Open alert"), "%s (%" PRId64 ")", alert_title(stmt_text(q, 0)),
                        stmt_int(q, 1));
        } else {
            sheet_fact(s, N_("Open alert"), SHEET_AS_TEXT, alert_title(stmt_text(q, 0)));
        }
        sheet_mood(s, SHEET_WARN);
    }
    stmt_done(q);
    return code;
}

/* Said of the selected reading: what the rules found, and that files are attached. */
static enum err_code reading_note(struct office *o, struct sheet *s, size_t part, struct err *e)
{
    const int64_t reading = strtoll(s->parts[part].key, NULL, 10);
    struct stmt *q = NULL;
    struct buf note;
    bool row = false;
    int64_t files = 0;
    TRY(db_get_int(o->db, &files, NULL, e,
                   "SELECT count(*) FROM attachment WHERE owner = 'reading' AND owner_id = ?",
                   VALS(V_INT(reading))));
    TRY(db_query(o->db, &q, e, "SELECT rule FROM finding WHERE reading = ? ORDER BY rule",
                 VALS(V_INT(reading))));
    enum err_code code = ERR_OK;
    buf_init(&note, 4096);
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        buf_addf(&note, "%s\n", alert_title(stmt_text(q, 0)));
    }
    stmt_done(q);
    if (files > 0) {
        buf_addf(&note,
                 ngettext("%" PRId64 " file is attached.", "%" PRId64 " files are attached.",
                          (unsigned long)files),
                 files);
    }
    if (code == ERR_OK && note.len > 0) {
        sheet_note_at(s, part, _("About this reading"), buf_str(&note));
    }
    buf_release(&note);
    return code;
}

static enum err_code readings_fill(struct office *o, const struct meter_detail *d,
                                   struct sheet *s, struct err *e)
{
    static const struct sheet_column columns[] = {
        {N_("No."), SHEET_AS_ID, 7, 10, 4},        {N_("Read at"), SHEET_AS_TIME, 14, 14, 1},
        {N_("Value"), SHEET_AS_NUMBER, 10, 14, 1}, {N_("State"), SHEET_AS_STATE, 11, 12, 2},
        {N_("Source"), SHEET_AS_WORD, 10, 12, 3},  {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    const size_t first = s->count;
    sheet_heading(s, N_("Readings"));
    sheet_table(s, columns, N_("This meter has not been read yet."));
    TRY(page_rows(
        s, o, "entry", "nlqww",
        "SELECT x.seq, x.id, CASE x.state WHEN 'accepted' THEN 'good' WHEN 'held' THEN 'bad' "
        "ELSE 'dim' END, x.id, x.local, x.value, r.unit, r.decimals, x.state, x.source FROM "
        "reading x JOIN register r ON r.id = x.register WHERE x.register = ? ORDER BY x.utc "
        "DESC, x.id DESC LIMIT 24",
        VALS(V_INT(d->register_id)), e));
    for (size_t i = first; i < s->count; i++) {
        if (s->parts[i].kind == SHEET_ROW) {
            TRY(reading_note(o, s, i, e));
        }
    }
    return ERR_OK;
}

static enum err_code meter_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                                struct err *e)
{
    struct meter_detail d;
    char today[DATE_TEXT];
    (void)user;
    date_text(office_today(o), today);
    TRY(meter_detail(o->db, id, today, &d, e));
    facts(s, &d);
    TRY(page_account_id(s, o, d.row.account, e));
    TRY(alerts_fill(o, id, s, e));
    TRY(readings_fill(o, &d, s, e));
    sheet_side(s, true);
    TRY(months_fill(o, &d, s, e));
    TRY(day_fill(o, &d, s, e));
    TRY(page_feeder_fill(o, id, d.unit, d.decimals, s, e));
    TRY(attached_part(o, "meter", id, N_("Attachments"), s, e));
    sheet_side(s, false);
    return ERR_OK;
}

const struct page page_meter = {"meter", NULL, meter_fill};
