#include <config.h>

#include "app/bill_build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_assigned.h"
#include "app/bill_usage.h"
#include "app/rule_settings.h"
#include "base/i18n.h"
#include "domain/period.h"

enum err_code tariff_book_runs(struct office *o, struct arena *arena, struct tariff_book *out,
                               struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    TRY(db_get_int(o->db, &count, NULL, e,
                   "SELECT count(*) FROM billing_run WHERE state = 'discarded'", NO_VALS));
    out->discarded_count = 0;
    out->discarded = arena_array(arena, (size_t)count, sizeof out->discarded[0]);
    if (out->discarded == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(
        o->db, &q, e,
        "SELECT id FROM billing_run WHERE state = 'discarded' ORDER BY id DESC LIMIT ?",
        VALS(V_INT(count))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        out->discarded[out->discarded_count++] = stmt_int(q, 0);
    }
    stmt_done(q);
    TRY(code);
    TRY(db_get_int(o->db, &count, &out->old_bills, e, "SELECT id FROM old_bill LIMIT 1",
                   NO_VALS));
    TRY(db_get_int(o->db, &count, &out->subs, e, "SELECT 1 FROM feed WHERE deduct = 1 LIMIT 1",
                   NO_VALS));
    return gas_memo_new(o, arena, &out->gas, e);
}

enum err_code tariff_book_load(struct office *o, struct arena *arena, struct tariff_book *out,
                               struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    size_t used = 0;
    TRY(db_get_int(o->db, &count, NULL, e, "SELECT count(*) FROM tariff", NO_VALS));
    struct tariff_row *rows =
        arena_array(arena, count > 0 ? (size_t)count : 1, sizeof(struct tariff_row));
    if (rows == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(o->db, &q, e, "SELECT id, json FROM tariff ORDER BY id LIMIT ?",
                 VALS(V_INT(count))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct faults faults = {0};
        const char *json = stmt_text(q, 1);
        rows[used].id = stmt_int(q, 0);
        code = tariff_parse(json, strlen(json), arena, &faults, &rows[used].tariff, e);
        used++;
    }
    stmt_done(q);
    out->rows = rows;
    out->count = used;
    TRY(code);
    TRY(tariff_book_runs(o, arena, out, e));
    return rules_load(o, out->rules, e);
}

const struct tariff_row *tariff_book_find(const struct tariff_book *b, const char *code,
                                          struct date on)
{
    const struct tariff_row *best = NULL;
    for (size_t i = 0; i < b->count; i++) {
        const struct tariff *t = b->rows[i].tariff;
        if (strcmp(t->code, code) != 0 || date_cmp(t->valid_from, on) > 0) {
            continue;
        }
        int newer = best == NULL ? 1 : date_cmp(t->valid_from, best->tariff->valid_from);
        if (newer > 0 || (newer == 0 && t->version > best->tariff->version)) {
            best = &b->rows[i];
        }
    }
    return best;
}

enum err_code reading_of(struct office *o, const char *sql, int64_t reg, int64_t utc,
                         struct bill_reading *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(o->db, &q, e, sql, VALS(V_INT(reg), V_INT(utc))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        *out = (struct bill_reading){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
    }
    stmt_done(q);
    return code;
}

enum err_code reading_until(struct office *o, int64_t reg, int64_t utc,
                            struct bill_reading *out, bool *found, struct err *e)
{
    return reading_of(o,
                      "SELECT id, value, utc FROM reading WHERE register = ? AND utc <= ? "
                      "AND " READING_BELIEVED " ORDER BY utc DESC, id DESC LIMIT 1",
                      reg, utc, out, found, e);
}

enum err_code reading_after(struct office *o, int64_t reg, int64_t utc,
                            struct bill_reading *out, bool *found, struct err *e)
{
    return reading_of(o,
                      "SELECT id, value, utc FROM reading WHERE register = ? AND utc > ? "
                      "AND " READING_BELIEVED " ORDER BY utc, id LIMIT 1",
                      reg, utc, out, found, e);
}

/* Discarded runs are few; a look-up for each bill of the history costs more. */
static bool run_discarded(const struct tariff_book *book, int64_t run)
{
    for (size_t i = 0; i < book->discarded_count; i++) {
        if (book->discarded[i] == run) {
            return true;
        }
    }
    return false;
}

/* A bill of the register, as billed_before reads it. */
static void billed_take(const struct stmt *q, struct bill_share *s, int64_t *ends_at,
                        char newest[DATE_TEXT], const char *start)
{
    const char *end = stmt_text(q, 2);
    if (strcmp(end, start) <= 0 && strcmp(end, newest) > 0) {
        (void)snprintf(newest, 11, "%s", end);
        *ends_at = stmt_int(q, 0);
    }
    if (s->history_count < HISTORY_MAX && stmt_text(q, 5)[0] == '\0') {
        s->history[s->history_count++] = (struct period_use){stmt_int(q, 3), stmt_int(q, 4)};
    }
}

/*
 * The register's bills, newest first: the reading at which the last one before the period ended
 * (0: there is none), and up to twelve periods to compare with (not those without a reading:
 * their use stands in the next). Almost always the first bill ends where the period starts;
 * only an older period that was billed again makes one look on.
 */
static enum err_code billed_before(struct office *o, const struct tariff_book *book,
                                   const struct billing_period *p, bool moved_in,
                                   struct bill_share *s, int64_t *ends_at, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char newest[DATE_TEXT] = "";
    enum err_code code = ERR_OK;
    s->history_count = 0;
    TRY(db_query(o->db, &q, e,
                 "SELECT bm.to_reading, b.run, b.end_date, bm.consumption, bm.days, bm.flags "
                 "FROM bill_meter bm CROSS JOIN bill b ON b.id = bm.bill WHERE bm.register = ? "
                 "AND b.cancelled IS NULL ORDER BY bm.bill DESC",
                 VALS(V_INT(s->meter.register_id))));
    while (
        (s->history_count < HISTORY_MAX || (!moved_in && strcmp(newest, p->start_text) != 0)) &&
        (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (!run_discarded(book, stmt_int(q, 1))) {
            billed_take(q, s, ends_at, newest, p->start_text);
        }
    }
    stmt_done(q);
    return code;
}

/* Where the last bill before the period ended: at the reading as it was corrected since, if it
 * was. */
static enum err_code reading_billed(struct office *o, int64_t ends_at, struct bill_reading *out,
                                    bool *found, struct err *e)
{
    return reading_of(o,
                      "SELECT id, value, utc FROM reading WHERE ?2 = 0 AND id = "
                      "coalesce((SELECT corrected FROM decision WHERE reading = ?1 AND "
                      "corrected IS NOT NULL), ?1)",
                      ends_at, 0, out, found, e);
}

enum err_code rollovers_between(struct office *o, int64_t reg, const struct bill_reading *from,
                                const struct bill_reading *to, unsigned *out, struct err *e)
{
    int64_t n = 0;
    *out = 0;
    if (to->utc <= from->utc) {
        return ERR_OK;
    }
    TRY(db_get_int(o->db, &n, NULL, e,
                   "SELECT count(*) FROM reading JOIN finding f ON f.reading = reading.id "
                   "WHERE register = ? AND utc > ? AND utc <= ? AND f.rule = 'rollover' "
                   "AND " READING_BELIEVED,
                   VALS(V_INT(reg), V_INT(from->utc), V_INT(to->utc))));
    *out = n < 1000 ? (unsigned)n : 1000;
    return ERR_OK;
}

/* The two readings that a share lies between. *found false: the register was never read. */
static enum err_code share_cut(struct office *o, int64_t billed_to, int64_t start_utc,
                               int64_t end_utc, struct bill_share *s, bool *found,
                               struct err *e)
{
    int64_t reg = s->meter.register_id;
    *found = false;
    if (billed_to != 0) {
        TRY(reading_billed(o, billed_to, &s->from, found, e));
    }
    if (!*found) {
        TRY(reading_until(o, reg, start_utc, &s->from, found, e));
    }
    if (!*found) { /* read for the first time within the period */
        TRY(reading_after(o, reg, start_utc, &s->from, found, e));
        *found = *found && s->from.utc <= end_utc;
    }
    if (!*found) {
        return ERR_OK;
    }
    bool later = false;
    TRY(reading_until(o, reg, end_utc, &s->to, &later, e));
    if (!later || s->to.utc < s->from.utc) {
        s->to = s->from;
    }
    s->no_reading = s->to.id == s->from.id;
    return ERR_OK;
}

static enum err_code share_use(struct office *o, const struct billing_period *p,
                               struct bill_share *s, struct err *e)
{
    unsigned rollovers = 0;
    struct err ignored = ERR_INIT;
    TRY(rollovers_between(o, s->meter.register_id, &s->from, &s->to, &rollovers, e));
    enum err_code code = register_consumption(&s->meter.reg, s->from.value, s->to.value,
                                              rollovers, &s->consumption, &ignored);
    if (code != ERR_OK) {
        /* The dial stands lower than where the last bill ended: its use waits until a person
         * decides, and the next bill starts from the same reading. */
        s->falls = true;
        s->to = s->from;
        s->consumption = 0;
    }
    int32_t first = 0;
    int32_t end = 0;
    share_days(o, p, s, &first, &end);
    s->days = end - first;
    return ERR_OK;
}

/* Of a meter that took another's place: the periods that either was billed for. */
static enum err_code history_through(struct office *o, const struct tariff_book *book,
                                     struct bill_share *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code = ERR_OK;
    s->history_count = 0;
    TRY(db_query(
        o->db, &q, e,
        "SELECT bm.consumption, bm.days, b.run FROM bill_meter bm CROSS JOIN bill b ON b.id = "
        "bm.bill WHERE b.cancelled IS NULL AND bm.flags = '' AND bm.register IN (?1, (SELECT "
        "g.id FROM register n JOIN register g ON g.meter = ?2 AND g.obis = n.obis WHERE n.id = "
        "?1)) ORDER BY bm.bill DESC",
        VALS(V_INT(s->meter.register_id), V_INT(s->meter.replaces))));
    while (s->history_count < HISTORY_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (!run_discarded(book, stmt_int(q, 2))) {
            s->history[s->history_count++] =
                (struct period_use){stmt_int(q, 0), stmt_int(q, 1)};
        }
    }
    stmt_done(q);
    return code;
}

/* Compare with up to twelve periods billed before. */
static enum err_code share_judge(struct office *o, const struct tariff_book *book,
                                 const struct billing_period *p, const struct period_use *use,
                                 struct bill_share *s, struct err *e)
{
    s->findings.count = 0;
    if (s->no_reading || s->falls || !s->last) {
        return ERR_OK; /* alerts of their own; an exchanged meter is judged with its successor
                        */
    }
    TRY(s->meter.replaces != 0 ? history_through(o, book, s, e) : ERR_OK);
    struct period_ctx ctx = {.rules = &book->rules[s->meter.kind],
                             .unit = s->meter.reg.unit,
                             .period = *use,
                             .cycle_days = date_to_days(p->end) - date_to_days(p->start),
                             .active = s->meter.state == METER_IN_SERVICE,
                             .multiplier = s->meter.reg.multiplier_num,
                             .history = s->history,
                             .count = s->history_count};
    rules_judge_period(&ctx, &s->findings);
    return ERR_OK;
}

/* The instants between which a share lies, by period, move-in and move-out. */
static enum err_code share_bounds(struct office *o, const struct billing_period *p,
                                  const struct assigned *a, struct bill_share *s,
                                  int64_t *start_utc, int64_t *end_utc, bool *moved_in,
                                  struct err *e)
{
    struct date day;
    *start_utc = p->start_utc;
    *end_utc = p->end_utc;
    *moved_in = strcmp(a->start, p->start_text) > 0;
    TRY(date_parse(a->start, strlen(a->start), &day, e));
    s->since_utc = zone_day_start(o->zone, day);
    if (*moved_in) {
        *start_utc = s->since_utc;
    }
    if (a->end[0] != '\0' && strcmp(a->end, p->end_text) < 0) {
        TRY(date_parse(a->end, strlen(a->end), &day, e));
        *end_utc = zone_day_start(o->zone, day);
    }
    return ERR_OK;
}

/* Lines of each part, and what they come to. */
static enum err_code share_compute(struct bill_share *s, struct arena *arena,
                                   struct money *total, struct err *e)
{
    struct surcharge_event *sum = &s->surcharge;
    for (size_t i = 0; i < s->part_count; i++) {
        struct bill_part *part = &s->parts[i];
        struct usage usage = {.consumption = part->consumption,
                              .has_limit = s->has_limit,
                              .limit = part->limit,
                              .days = part->days,
                              .whole_days = s->whole_days != 0  ? s->whole_days
                                            : s->part_count > 1 ? s->days
                                                                : 0,
                              .month = part->month,
                              .quantities = part->values};
        TRY(bill_compute(part->tariff->tariff, &usage, arena, &part->result, e));
        TRY(money_add(*total, part->result.total, total, e));
        const struct surcharge_event *x = &part->result.surcharge;
        if (part->result.has_surcharge) {
            s->has_surcharge = true;
            sum->consumption += x->consumption;
            sum->limit += x->limit;
            sum->excess += x->excess;
            sum->billable += x->billable;
            TRY(money_add(sum->amount, x->amount, &sum->amount, e));
        }
    }
    return ERR_OK;
}

/* Which of the meter's registers is billed: the only one, or what the tariff leaves. */
static enum err_code share_register(struct office *o, const struct tariff_book *book,
                                    const struct billing_period *p, const struct assigned *a,
                                    struct bill_share *s, struct err *e)
{
    int64_t reg = 0;
    const struct tariff_row *row =
        tariff_book_find(book, a->tariff, date_from_days(date_to_days(p->end) - 1));
    s->meter = a->meter;
    if (row == NULL) {
        return err_set(e, ERR_NOT_FOUND, _("meter %s: tariff %s is not in force before %s"),
                       s->meter.serial, a->tariff, p->end_text);
    }
    if (a->registers > 1) {
        if (main_register(o, a->meter.id, row->tariff, &reg, e) != ERR_OK) {
            return err_wrap(e, _("meter %s"), s->meter.serial);
        }
        TRY(meter_by_register(o, reg, &s->meter, e));
    }
    const struct tariff *t = row->tariff;
    return unit_billed_by(s->meter.reg.unit, t->unit, t->kind == METER_GAS)
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("meter %s counts in %s, which tariff %s, by the %s, cannot bill; "
                           "give it another one: aforo meter assign"),
                         s->meter.serial, s->meter.reg.unit->symbol, t->code, t->unit->symbol);
}

/* Which readings, and what was used between them. */
static enum err_code share_measure(struct office *o, const struct tariff_book *book,
                                   const struct billing_period *p, const struct assigned *a,
                                   struct account_bill *out, struct err *e)
{
    struct bill_share *s = &out->shares[out->count];
    bool found = false;
    bool moved_in = false;
    int64_t start_utc = 0;
    int64_t end_utc = 0;
    int64_t billed_to = 0;
    *s = (struct bill_share){.last = true, .has_limit = a->has_limit, .limit = a->limit};
    (void)snprintf(s->code, sizeof s->code, "%s", a->tariff);
    TRY(share_bounds(o, p, a, s, &start_utc, &end_utc, &moved_in, e));
    TRY(share_register(o, book, p, a, s, e));
    TRY(billed_before(o, book, p, moved_in, s, &billed_to, e));
    TRY(share_cut(o, moved_in ? 0 : billed_to, start_utc, end_utc, s, &found, e));
    if (!found) {
        out->skipped++;
        return ERR_OK;
    }
    TRY(share_use(o, p, s, e));
    s->span_days = local_days(o->zone, start_utc, end_utc);
    out->count++;
    return ERR_OK;
}

/* The days of the members of a supply, and those on which it was another's account. */
static void supply_divide(struct account_bill *b, const size_t *root, size_t r,
                          int64_t period_days)
{
    int64_t whole = 0;
    int64_t had = 0;
    size_t members = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct bill_share *s = &b->shares[i];
        if (root[i] == r) {
            members++;
            had += s->span_days;
        }
    }
    bool apart = members > 1 || (members == 1 && had < period_days);
    for (size_t i = 0; apart && i < b->count; i++) {
        struct bill_share *s = &b->shares[i];
        if (root[i] == r) {
            s->days = s->no_reading || s->falls ? s->span_days : s->days;
            s->days = s->days < 1 ? 1 : s->days;
            whole += s->days;
        }
    }
    whole += had < period_days ? period_days - had : 0;
    for (size_t i = 0; apart && i < b->count; i++) {
        struct bill_share *s = &b->shares[i];
        if (root[i] == r) {
            s->whole_days = whole;
            s->limit = (int64_t)div_round128((int128)s->limit * s->days, whole, ROUND_HALF_UP);
        }
    }
}

/* Meters that were exchanged within the period are one supply, so that its fixed charges,
 * blocks and limit count once, by the days of each meter; of a supply that the account had for
 * a part of the period, by the days that it had it. */
static void shares_link(struct account_bill *b, int64_t period_days)
{
    size_t root[BILL_SHARES_MAX];
    for (size_t i = 0; i < b->count; i++) {
        root[i] = i;
        for (size_t k = 0; b->shares[i].meter.replaces != 0 && k < b->count; k++) {
            if (k != i && b->shares[k].meter.id == b->shares[i].meter.replaces) {
                root[i] = k;
                b->shares[k].last = false;
            }
        }
    }
    for (size_t i = 0; i < b->count; i++) {
        for (size_t hops = 0; root[root[i]] != root[i] && hops < b->count; hops++) {
            root[i] = root[root[i]];
        }
    }
    for (size_t r = 0; r < b->count; r++) {
        supply_divide(b, root, r, period_days);
    }
}

/* What the meters used that were exchanged for this one within the period. */
static struct period_use use_through(const struct account_bill *b, const struct bill_share *s)
{
    struct period_use sum = {s->consumption, s->days};
    int64_t before = s->whole_days != 0 ? s->meter.replaces : 0;
    for (size_t hops = 0; before != 0 && hops < b->count; hops++) {
        int64_t next = 0;
        for (size_t i = 0; i < b->count; i++) {
            if (b->shares[i].meter.id == before) {
                sum.use += b->shares[i].consumption;
                sum.days += b->shares[i].days;
                next = b->shares[i].meter.replaces;
            }
        }
        before = next;
    }
    return sum;
}

static enum err_code share_charge(struct office *o, const struct tariff_book *book,
                                  const struct billing_period *p, struct bill_share *s,
                                  struct arena *arena, struct account_bill *out, struct err *e)
{
    struct period_use use = use_through(out, s);
    TRY(share_judge(o, book, p, &use, s, e));
    enum err_code code = share_charged(o, book, p, s, arena, e);
    if (code == ERR_OK) {
        code = share_parts(o, book, p, s->code, s, arena, e);
    }
    if (code == ERR_OK) {
        code = share_compute(s, arena, &out->total, e);
    }
    return code == ERR_OK ? ERR_OK : err_wrap(e, _("meter %s"), s->meter.serial);
}

enum err_code bill_not_covered(struct office *o, const struct tariff_book *book,
                               const struct billing_period *p, int64_t account, struct err *e)
{
    struct old_bill old;
    bool covered = false;
    TRY(old_bill_find(o, book, p, account, &old, &covered, e));
    return covered
               ? err_set(e, ERR_STATE,
                         _("account %s: bill %s of the earlier system covers %s to %s; begin "
                           "the run where it ends, or take its import back: aforo import "
                           "discard %" PRId64),
                         old.account, old.number, old.start, old.end, old.run)
               : ERR_OK;
}

enum err_code bill_build(struct office *o, const struct tariff_book *book,
                         const struct billing_period *p, int64_t account, struct arena *arena,
                         struct account_bill *out, struct err *e)
{
    struct assigned *a = NULL;
    out->account = account;
    out->count = 0;
    out->skipped = 0;
    out->total = (struct money){0};
    TRY(bill_not_covered(o, book, p, account, e));
    TRY(assigned_read(o, p, account, arena, &a, e));
    for (; a != NULL; a = a->next) {
        if (out->count >= BILL_SHARES_MAX) {
            return err_set(e, ERR_LIMIT, _("an account has more than %d meters in a period"),
                           BILL_SHARES_MAX);
        }
        TRY(share_measure(o, book, p, a, out, e));
    }
    shares_link(out, local_days(o->zone, p->start_utc, p->end_utc));
    for (size_t i = 0; i < out->count; i++) {
        TRY(share_charge(o, book, p, &out->shares[i], arena, out, e));
    }
    return ERR_OK;
}
