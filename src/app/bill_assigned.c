#include <config.h>

#include "app/bill_assigned.h"

#include <stdio.h>
#include <string.h>

/* Put `a`, which may be NULL, behind what comes before it. */
static void assigned_link(struct assigned **list, struct assigned *a)
{
    if (a == NULL) {
        return;
    }
    while (*list != NULL && ((*list)->meter.register_id < a->meter.register_id ||
                             ((*list)->meter.register_id == a->meter.register_id &&
                              strcmp((*list)->start, a->start) <= 0))) {
        list = &(*list)->next;
    }
    a->next = *list;
    *list = a;
}

/* Columns of assigned_read. */
enum { COLUMN_ID = METER_FIELD_COUNT, COLUMN_TARIFF, COLUMN_START, COLUMN_END, COLUMN_LIMIT };

static struct assigned *assigned_new(const struct stmt *q, struct arena *arena)
{
    struct assigned *a = ARENA_NEW(arena, struct assigned);
    if (a != NULL) {
        const char *end = stmt_text(q, COLUMN_END);
        a->id = stmt_int(q, COLUMN_ID);
        a->has_limit = !stmt_is_null(q, COLUMN_LIMIT);
        a->limit = stmt_int(q, COLUMN_LIMIT);
        (void)snprintf(a->tariff, sizeof a->tariff, "%s", stmt_text(q, COLUMN_TARIFF));
        (void)snprintf(a->start, sizeof a->start, "%s", stmt_text(q, COLUMN_START));
        (void)snprintf(a->end, sizeof a->end, "%s", end != NULL ? end : "");
    }
    return a;
}

enum err_code assigned_read(struct office *o, const struct billing_period *p, int64_t account,
                            struct arena *arena, struct assigned **out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct assigned *last = NULL;
    *out = NULL;
    /* A row for each register; those of one assignment stand together. */
    TRY(db_query(
        o->db, &q, e,
        "SELECT " METER_FIELDS ", a.id, a.tariff, a.start_date, a.end_date, (SELECT "
        "value FROM usage_limit u WHERE u.meter = a.meter AND u.start_date < ?2 AND "
        "(u.end_date IS NULL OR u.end_date > ?3) ORDER BY u.start_date DESC, u.id DESC "
        "LIMIT 1) FROM assignment a CROSS JOIN meter m ON m.id = a.meter CROSS JOIN "
        "register r ON r.meter = a.meter WHERE a.account = ?1 AND a.start_date < ?2 "
        "AND (a.end_date IS NULL OR a.end_date > ?3) ORDER BY a.id",
        VALS(V_INT(account), V_TEXT(p->end_text), V_TEXT(p->start_text))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct meter_row meter;
        if (last == NULL || last->id != stmt_int(q, COLUMN_ID)) {
            assigned_link(out, last);
            last = assigned_new(q, arena);
        }
        code = last != NULL ? meter_row_read(q, &meter, e) : err_nomem(e);
        if (code == ERR_OK &&
            (last->registers++ == 0 || meter.register_id < last->meter.register_id)) {
            last->meter = meter;
        }
    }
    assigned_link(out, last);
    stmt_done(q);
    return code;
}

enum err_code old_bill_find(struct office *o, const struct tariff_book *book,
                            const struct billing_period *p, int64_t account,
                            struct old_bill *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    *found = false;
    if (!book->old_bills) {
        return ERR_OK;
    }
    /* Its end is the first day that it did not charge for, as with ours. */
    TRY(db_query(o->db, &q, e,
                 "SELECT b.run, b.number, a.number, b.start_date, b.end_date FROM old_bill b "
                 "JOIN account a ON a.id = b.account WHERE b.account = ? AND b.start_date < ? "
                 "AND b.end_date > ? ORDER BY b.start_date, b.id LIMIT 1",
                 VALS(V_INT(account), V_TEXT(p->end_text), V_TEXT(p->start_text))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        *out = (struct old_bill){.run = stmt_int(q, 0)};
        (void)snprintf(out->number, sizeof out->number, "%s", stmt_text(q, 1));
        (void)snprintf(out->account, sizeof out->account, "%s", stmt_text(q, 2));
        (void)snprintf(out->start, sizeof out->start, "%s", stmt_text(q, 3));
        (void)snprintf(out->end, sizeof out->end, "%s", stmt_text(q, 4));
    }
    stmt_done(q);
    return code;
}
