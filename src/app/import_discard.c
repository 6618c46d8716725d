#include <config.h>

#include "app/import_discard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/import_billed.h"
#include "app/import_run.h"
#include "app/import_swaps.h"
#include "base/i18n.h"
#include "ledger/entry.h"

#define ENTRY_ARENA_MAX ((size_t)1 << 20)

/* Numbers of rows that a run made: [first, end). */
struct range {
    int64_t first, end;
};

enum made {
    MADE_METERS,
    MADE_POINTS,
    MADE_ACCOUNTS,
    MADE_CUSTOMERS,
    MADE_ASSIGNMENTS,
    MADE_BALANCES,
    MADE_BILLS,
    MADE_VISITS,
    MADE_FACTORS,
    MADE_COUNT
};
static const char *const made_names[MADE_COUNT] = {"meters",    "points",      "accounts",
                                                   "customers", "assignments", "balances",
                                                   "bills",     "visits",      "factors"};

/* In rising order; those that touch are one. */
struct ranges {
    struct range *all;
    size_t count, size;
};

struct discard {
    int64_t run, opened, ended;
    int64_t exchanges; /* of meters, taken from its file */
    bool readings, meters;
    char kind[16]; /* of files */
    struct ranges made[MADE_COUNT];
};

static enum err_code ranges_add(struct ranges *r, int64_t first, int64_t count, struct err *e)
{
    if (count == 0) {
        return ERR_OK;
    }
    if (r->count > 0 && r->all[r->count - 1].end == first) {
        r->all[r->count - 1].end += count;
        return ERR_OK;
    }
    struct range *all = mem_grow(r->all, r->count, &r->size, sizeof *all);
    if (all == NULL) {
        return err_nomem(e);
    }
    r->all = all;
    r->all[r->count++] = (struct range){first, first + count};
    return ERR_OK;
}

static int64_t ranges_total(const struct ranges *r)
{
    int64_t n = 0;
    for (size_t i = 0; i < r->count; i++) {
        n += r->all[i].end - r->all[i].first;
    }
    return n;
}

static bool ranges_hold(const struct ranges *r, int64_t id)
{
    size_t low = 0;
    size_t high = r->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (id < r->all[mid].first) {
            high = mid;
        } else if (id >= r->all[mid].end) {
            low = mid + 1;
        } else {
            return true;
        }
    }
    return false;
}

/* ---- what the run made, from the entries of its batches ---- */

/* A batch of meters made places, accounts and customers too. */
static enum err_code meters_ranges(struct discard *d, const struct json *data, int64_t first,
                                   int64_t count, struct err *e)
{
    TRY(ranges_add(&d->made[MADE_METERS], first, count, e));
    for (size_t i = MADE_POINTS; i <= MADE_CUSTOMERS; i++) {
        const struct json *pair = json_get(data, made_names[i]);
        if (pair == NULL || pair->type != JSON_ARRAY || pair->u.array.count != 2) {
            return err_set(e, ERR_TAMPERED, _("a batch of import %" PRId64 " cannot be read"),
                           d->run);
        }
        TRY(ranges_add(&d->made[i], pair->u.array.items[0]->u.integer,
                       pair->u.array.items[1]->u.integer, e));
    }
    return ERR_OK;
}

static enum err_code batch_ranges(struct discard *d, const struct json *data, struct err *e)
{
    int64_t run = 0;
    int64_t first = 0;
    int64_t count = 0;
    if (!json_get_int(data, "run", &run) || run != d->run) {
        return ERR_OK;
    }
    if (!json_get_int(data, "first", &first) || !json_get_int(data, "count", &count)) {
        return err_set(e, ERR_TAMPERED, _("a batch of import %" PRId64 " cannot be read"),
                       d->run);
    }
    if (d->meters) {
        return meters_ranges(d, data, first, count, e);
    }
    for (size_t i = 0; i < MADE_COUNT; i++) {
        if (strcmp(made_names[i], d->kind) == 0) {
            return ranges_add(&d->made[i], first, count, e);
        }
    }
    return err_set(e, ERR_TAMPERED, _("a batch of import %" PRId64 " cannot be read"), d->run);
}

static enum err_code batch_read(struct command_ctx *c, struct discard *d, int64_t seq,
                                struct arena *arena, struct err *e)
{
    struct stored_entry stored;
    struct entry en;
    arena_reset(arena);
    TRY(ledger_get(c->office->db, seq, arena, &stored, e));
    TRY(entry_decode(stored.payload, stored.payload_len, arena, &en, e));
    return batch_ranges(d, en.data, e);
}

static enum err_code made_read(struct command_ctx *c, struct discard *d, struct err *e)
{
    struct arena arena;
    int64_t seq = d->opened;
    bool found = true;
    enum err_code code = ERR_OK;
    arena_init(&arena, ENTRY_ARENA_MAX);
    while (code == ERR_OK && found) {
        code = db_get_int(c->office->db, &seq, &found, e,
                          "SELECT min(seq) FROM history WHERE kind IN ('meters.batch', "
                          "'records.batch') AND seq > ?1 AND (?2 = 0 OR seq < ?2)",
                          VALS(V_INT(seq), V_INT(d->ended)));
        if (code == ERR_OK && found) {
            code = batch_read(c, d, seq, &arena, e);
        }
    }
    arena_release(&arena);
    return code;
}

/* ---- nothing may build on it ---- */

/* What was imported after it stands in the way as a rule, and goes first. */
static enum err_code in_use(struct command_ctx *c, const struct discard *d, const char *what,
                            struct err *e)
{
    int64_t later = 0;
    bool any = false;
    TRY(db_get_int(
        c->office->db, &later, &any, e,
        "SELECT id FROM import_run WHERE id > ? AND state <> 'discarded' ORDER BY id "
        "DESC LIMIT 1",
        VALS(V_INT(d->run))));
    return any ? err_set(e, ERR_STATE,
                         _("import %" PRId64
                           " cannot be discarded: %s. Discard what was imported "
                           "after it first, from import %" PRId64 " back, or correct what is "
                           "wrong one by one"),
                         d->run, what, later)
               : err_set(e, ERR_STATE,
                         _("import %" PRId64
                           " cannot be discarded: %s. Correct what is wrong one "
                           "by one instead"),
                         d->run, what);
}

/* True when the query finds something in one of the ranges. */
static enum err_code any_in(struct command_ctx *c, const struct ranges *r, const char *sql,
                            bool *any, struct err *e)
{
    int64_t one = 0;
    *any = false;
    for (size_t i = 0; i < r->count && !*any; i++) {
        TRY(db_get_int(c->office->db, &one, any, e, sql,
                       VALS(V_INT(r->all[i].first), V_INT(r->all[i].end - 1))));
    }
    return ERR_OK;
}

static enum err_code sum_in(struct command_ctx *c, const struct ranges *r, const char *sql,
                            int64_t *sum, struct err *e)
{
    *sum = 0;
    for (size_t i = 0; i < r->count; i++) {
        int64_t n = 0;
        TRY(db_get_int(c->office->db, &n, NULL, e, sql,
                       VALS(V_INT(r->all[i].first), V_INT(r->all[i].end - 1))));
        *sum += n;
    }
    return ERR_OK;
}

/* An exchange (h, of the history) whose import was discarded: no meter has that one's place. */
#define SWAP_UNDONE                                                                            \
    "(h.kind = 'meter.swapped' AND NOT EXISTS(SELECT 1 FROM meter n WHERE n.replaces = "       \
    "h.meter))"

/* What may not stand on anything of a run: (made, query over a range, what is said). */
static const struct {
    enum made made;
    const char *sql, *why;
} uses[] = {
    {MADE_METERS,
     "SELECT 1 FROM register g JOIN bill_meter b ON b.register = g.id WHERE g.meter BETWEEN ? "
     "AND ? LIMIT 1",
     N_("meters of it were billed")},
    {MADE_METERS,
     "SELECT 1 FROM register g JOIN reading r ON r.register = g.id WHERE g.meter BETWEEN ? AND "
     "? AND r.source <> 'install' AND NOT EXISTS(SELECT 1 FROM import_run i WHERE i.id = r.run "
     "AND i.state = 'discarded') LIMIT 1",
     N_("meters of it were read; discard the imports of those readings first")},
    {MADE_METERS,
     "SELECT 1 FROM history h WHERE h.meter BETWEEN ? AND ? AND NOT " SWAP_UNDONE " LIMIT 1",
     N_("meters of it were changed since")},
    {MADE_METERS, "SELECT 1 FROM visit WHERE meter BETWEEN ? AND ? LIMIT 1",
     N_("visits to meters of it were brought; discard their import first")},
    {MADE_METERS, "SELECT 1 FROM old_bill WHERE meter BETWEEN ? AND ? LIMIT 1",
     N_("bills of the earlier system name meters of it; discard their import first")},
    {MADE_ACCOUNTS, "SELECT 1 FROM bill WHERE account BETWEEN ? AND ? LIMIT 1",
     N_("accounts of it have bills")},
    {MADE_CUSTOMERS,
     "SELECT 1 FROM customer k WHERE k.id BETWEEN ? AND ? AND (EXISTS (SELECT 1 FROM "
     "personal_past x WHERE x.owner = 'customer' AND x.id = k.id) OR EXISTS (SELECT 1 FROM "
     "attachment t WHERE t.owner = 'customer' AND t.owner_id = k.id)) LIMIT 1",
     N_("customers of it were changed since")},
    {MADE_ACCOUNTS, "SELECT 1 FROM history WHERE account BETWEEN ? AND ? LIMIT 1",
     N_("accounts of it were changed since")},
    {MADE_ACCOUNTS, "SELECT 1 FROM posting WHERE account BETWEEN ? AND ? LIMIT 1",
     N_("accounts of it have postings")},
    {MADE_ACCOUNTS, "SELECT 1 FROM old_bill WHERE account BETWEEN ? AND ? LIMIT 1",
     N_("accounts of it have bills of the earlier system; discard their import first")},
    {MADE_ASSIGNMENTS,
     "SELECT 1 FROM assignment g JOIN register r ON r.meter = g.meter JOIN bill_meter m ON "
     "m.register = r.id JOIN bill b ON b.id = m.bill AND b.account = g.account WHERE g.id "
     "BETWEEN ? AND ? LIMIT 1",
     N_("meters of it were billed")},
    {MADE_FACTORS,
     "SELECT 1 FROM bill_gas x WHERE x.volume_factor BETWEEN ?1 AND ?2 OR x.calorific_factor "
     "BETWEEN ?1 AND ?2 LIMIT 1",
     N_("factors of it stand on bills; a later factor for the same days supersedes one")},
    {MADE_BALANCES, "SELECT 1 FROM plan_item WHERE posting BETWEEN ? AND ? LIMIT 1",
     N_("instalments were agreed for what it brought")},
    {MADE_BALANCES,
     "SELECT 1 FROM allocation a JOIN posting p ON p.id = a.credit WHERE a.debit BETWEEN ? AND "
     "? AND p.kind = 'write_off' LIMIT 1",
     N_("some of what it brought was written off")},
    {MADE_BALANCES,
     "SELECT 1 FROM allocation a JOIN posting p ON p.id = a.debit WHERE a.credit BETWEEN ? AND "
     "? AND p.kind = 'refund' LIMIT 1",
     N_("some of what it brought was refunded")},
};

static enum err_code made_unused(struct command_ctx *c, const struct discard *d, struct err *e)
{
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        bool any = false;
        TRY(any_in(c, &d->made[uses[i].made], uses[i].sql, &any, e));
        if (any) {
            return in_use(c, d, _(uses[i].why), e);
        }
    }
    return ERR_OK;
}

/* Assignments that changed hands since. */
static enum err_code assignments_unused(struct command_ctx *c, const struct discard *d,
                                        struct err *e)
{
    const struct ranges *r = &d->made[MADE_ASSIGNMENTS];
    for (size_t i = 0; i < r->count; i++) {
        int64_t one = 0;
        bool any = false;
        TRY(db_get_int(
            c->office->db, &one, &any, e,
            "SELECT 1 FROM assignment g JOIN history h ON h.meter = g.meter WHERE "
            "g.id BETWEEN ? AND ? AND h.seq > ? AND NOT " SWAP_UNDONE " LIMIT 1",
            VALS(V_INT(r->all[i].first), V_INT(r->all[i].end - 1), V_INT(d->opened))));
        if (any) {
            return in_use(c, d, _("meters of it were changed since"), e);
        }
    }
    return ERR_OK;
}

/* How many assignments of the run's meters are to the run's accounts. */
static enum err_code own_assignments(struct command_ctx *c, const struct discard *d,
                                     int64_t *sum, struct err *e)
{
    struct stmt *q = NULL;
    const struct ranges *meters = &d->made[MADE_METERS];
    enum err_code code = ERR_OK;
    *sum = 0;
    for (size_t i = 0; code == ERR_OK && i < meters->count; i++) {
        bool row = false;
        TRY(db_query(c->office->db, &q, e,
                     "SELECT account FROM assignment WHERE meter BETWEEN ? AND ?",
                     VALS(V_INT(meters->all[i].first), V_INT(meters->all[i].end - 1))));
        while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
            *sum += ranges_hold(&d->made[MADE_ACCOUNTS], stmt_int(q, 0));
        }
        stmt_done(q);
    }
    return code;
}

static enum err_code accounts_unused(struct command_ctx *c, const struct discard *d,
                                     struct err *e)
{
    int64_t all = 0;
    int64_t own = 0;
    int64_t opened = 0;
    const struct ranges *accounts = &d->made[MADE_ACCOUNTS];
    TRY(sum_in(c, accounts, "SELECT count(*) FROM assignment WHERE account BETWEEN ? AND ?",
               &all, e));
    TRY(own_assignments(c, d, &own, e));
    if (all != own) {
        return in_use(c, d, _("accounts of it have other meters too"), e);
    }
    TRY(sum_in(c, &d->made[MADE_CUSTOMERS],
               "SELECT count(*) FROM account WHERE customer BETWEEN ? AND ?", &opened, e));
    return d->made[MADE_CUSTOMERS].count > 0 && opened != ranges_total(accounts)
               ? in_use(c, d, _("customers of it have other accounts too"), e)
               : ERR_OK;
}

/* An exchange goes with the readings that it was taken from. */
static enum err_code exchanges_unused(struct command_ctx *c, struct discard *d, struct err *e)
{
    const char *why = NULL;
    TRY(import_swaps(c, d->run, &d->exchanges, &why, e));
    return why != NULL ? in_use(c, d, why, e) : ERR_OK;
}

/* ---- the entry ---- */

static enum err_code data_ranges(struct command_ctx *c, struct json *o, const char *name,
                                 const struct ranges *r, struct err *e)
{
    struct json *list = json_new_array(c->arena);
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < r->count; i++) {
        struct json *pair = json_new_array(c->arena);
        ok = pair != NULL &&
             json_push(c->arena, pair, json_new_int(c->arena, r->all[i].first)) &&
             json_push(c->arena, pair, json_new_int(c->arena, r->all[i].end - 1)) &&
             json_push(c->arena, list, pair);
    }
    return ok && json_set(c->arena, o, name, list) ? ERR_OK : err_nomem(e);
}

static enum err_code run_read(struct command_ctx *c, struct discard *d, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool discarded = false;
    bool packets = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT kind, state, opened, ended FROM import_run WHERE id = ?",
                 VALS(V_INT(d->run))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(d->kind, sizeof d->kind, "%s", stmt_text(q, 0));
        d->meters = strcmp(d->kind, "meters") == 0;
        d->readings = strcmp(d->kind, "readings") == 0;
        packets = strcmp(stmt_text(q, 0), "packets") == 0;
        discarded = strcmp(stmt_text(q, 1), "discarded") == 0;
        d->opened = stmt_int(q, 2);
        d->ended = stmt_int(q, 3);
    }
    stmt_done(q);
    TRY(code);
    if (!row) {
        return err_set(e, ERR_NOT_FOUND, _("there is no import %" PRId64), d->run);
    }
    if (packets) {
        return err_set(e, ERR_STATE,
                       _("%" PRId64 " is a window of signed packets, which stays; correct its "
                         "readings one by one"),
                       d->run);
    }
    return discarded
               ? err_set(e, ERR_STATE, _("import %" PRId64 " was discarded before"), d->run)
               : ERR_OK;
}

static enum err_code build_checked(struct command_ctx *c, struct draft *d, struct discard *x,
                                   struct err *e)
{
    TRY(run_read(c, x, e));
    if (x->readings) {
        TRY(import_unbilled(c, x->run, e));
        TRY(exchanges_unused(c, x, e));
    } else {
        TRY(made_read(c, x, e));
        TRY(made_unused(c, x, e));
        TRY(assignments_unused(c, x, e));
        TRY(accounts_unused(c, x, e));
    }
    TRY(draft_begin(c, d, "run.discarded", e));
    TRY(data_int(c, d->data, "run", x->run, e));
    if (arg_text(c, "reason") != NULL) {
        TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    }
    if (x->exchanges > 0) {
        TRY(data_int(c, d->data, "exchanges", x->exchanges, e));
    }
    for (size_t i = 0; i < MADE_COUNT; i++) {
        if (x->meters ? i <= MADE_CUSTOMERS : x->made[i].count > 0) {
            TRY(data_ranges(c, d->data, made_names[i], &x->made[i], e));
        }
    }
    c->result_id = x->run;
    (void)snprintf(c->message, sizeof c->message,
                   x->readings
                       ? _("import %" PRId64 " discarded: nothing of it is believed any more")
                   : x->made[MADE_BALANCES].count > 0
                       ? _("import %" PRId64 " discarded: nothing is owed for it any more")
                       : _("import %" PRId64 " discarded: what it made is gone"),
                   x->run);
    if (x->exchanges > 0) {
        (void)snprintf(c->message, sizeof c->message,
                       ngettext("import %" PRId64 " discarded: nothing of it is believed any "
                                "more, and %" PRId64 " exchange of a meter is undone",
                                "import %" PRId64 " discarded: nothing of it is believed any "
                                "more, and %" PRId64 " exchanges of meters are undone",
                                (unsigned long)x->exchanges),
                       x->run, x->exchanges);
    }
    return ERR_OK;
}

enum err_code build_import_discard(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct discard x = {.run = arg_get(c, "run")->integer};
    enum err_code code = build_checked(c, d, &x, e);
    for (size_t i = 0; i < MADE_COUNT; i++) {
        mem_free(x.made[i].all);
    }
    return code;
}

enum err_code run_import_discard(struct command_ctx *c, struct err *e)
{
    struct ticket t;
    int lock = -1;
    enum err_code code = import_lock(c->office, &lock, e);
    if (code == ERR_OK) {
        code = act_user(c, build_import_discard, &t, e);
    }
    if (lock >= 0) {
        (void)close(lock);
    }
    return code;
}
