#include <config.h>

#include "app/import_exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/lookup.h"
#include "base/i18n.h"

#define BEHIND_SECS 60
#define SWAP_ARENA_MAX ((size_t)16 << 20)

/* ---- finding ---- */

static enum err_code fall_decide(struct exchange_finder *f, const struct sort_row *next,
                                 struct err *e)
{
    bool back =
        next != NULL && next->reg == f->fall.after.reg && next->value >= f->fall.before.value;
    if (!f->open) {
        return ERR_OK;
    }
    f->open = false;
    return back ? ERR_OK : f->found(f->ctx, &f->fall, e);
}

enum err_code exchange_feed(struct exchange_finder *f, const struct sort_row *row,
                            struct err *e)
{
    TRY(fall_decide(f, row, e));
    bool same = f->begun && f->last.reg == row->reg;
    if (same && row->local > f->last.local && row->value < f->last.value / 2) {
        f->open = true;
        f->fall = (struct exchange){f->last, *row};
    }
    f->begun = true;
    f->last = *row;
    return ERR_OK;
}

enum err_code exchange_end(struct exchange_finder *f, struct err *e)
{
    return fall_decide(f, NULL, e);
}

enum err_code exchange_is_rollover(struct office *o, const struct exchange *x, bool *rollover,
                                   struct err *e)
{
    struct meter_row m;
    TRY(meter_by_register(o, x->before.reg, &m, e));
    int64_t top = register_dial_max(&m.reg);
    *rollover = x->before.value >= top - top / 10;
    return ERR_OK;
}

/* ---- taking ---- */

/* The rows of one register, on their way to the meters that stood there one after the other. */
struct taking {
    struct command_ctx *c;
    struct local_clock *clock;
    struct sorter *out;
    struct exchange_finder finder;
    struct import_run *run; /* NULL: follow exchanges that a file brought before, take none */
    uint32_t base;          /* register as the file names it */
    uint32_t current;       /* that has its place now */
    int64_t next;           /* the one after it; 0: none */
    int64_t next_utc;
    bool waiting; /* `held` is a fall that is not decided */
    struct sort_row held;
    uint64_t count;
};

/* The meter in its place; where no exchanges are taken only one that an import put there: who
 * exchanged a meter by hand knows the new serial, and a file under the old one is wrong. */
static enum err_code next_find(struct taking *t, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    t->next = 0;
    TRY(db_query(
        t->c->office->db, &q, e,
        "SELECT b.id, x.utc FROM register a JOIN meter m ON m.replaces = a.meter JOIN "
        "register b ON b.meter = m.id AND b.obis = a.obis JOIN reading x ON x.register "
        "= b.id AND x.source = 'install' WHERE a.id = ?1 AND (?2 OR m.run IS NOT NULL) ORDER "
        "BY x.utc LIMIT 1",
        VALS(V_INT(t->current), V_INT(t->run != NULL))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        t->next = stmt_int(q, 0);
        t->next_utc = stmt_int(q, 1);
    }
    stmt_done(q);
    return code;
}

static int64_t utc_of(struct taking *t, int64_t local)
{
    int64_t first = 0;
    int64_t second = 0;
    (void)local_resolve(t->clock, local, &first, &second);
    return first;
}

/* "W-7" -> "W-7-2", "W-7-2" -> "W-7-3": the first that is free. */
static enum err_code serial_next(struct taking *t, const char *serial, char *out, size_t size,
                                 struct err *e)
{
    struct meter_row other;
    for (int n = 2; n < 1000; n++) {
        bool taken = false;
        int len = snprintf(out, size, "%s-%d", serial, n);
        if (len < 0 || (size_t)len > SERIAL_MAX) {
            break;
        }
        TRY(meter_by_serial(t->c->office, out, &other, &taken, e));
        if (!taken) {
            return ERR_OK;
        }
    }
    return err_set(e, ERR_RANGE,
                   _("meter %s was exchanged, and there is no serial left to give to the new "
                     "one; record it with: aforo meter swap"),
                   serial);
}

static enum err_code swap_run(struct taking *t, const char *const args[][2], size_t count,
                              struct err *e)
{
    struct arena arena;
    struct ticket ticket;
    struct command_ctx c = {.office = t->c->office,
                            .session = t->c->session,
                            .command = command_find("meter swap"),
                            .arena = &arena,
                            .import = t->run->id};
    enum err_code code = ERR_OK;
    memcpy(c.date, t->c->date, sizeof c.date);
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        code = arg_set(&c, args[i][0], args[i][1], e);
    }
    arena_init(&arena, SWAP_ARENA_MAX);
    if (code == ERR_OK) {
        code = command_run(&c, &ticket, e);
    }
    arena_release(&arena);
    return code;
}

/* The meter whose place this register has now, the serial as the file says it, the time of the
 * exchange on the office's wall clock. */
static enum err_code swap_words(struct taking *t, const struct exchange *x, struct meter_row *m,
                                struct meter_row *first, struct buf *time, struct buf *final,
                                struct err *e)
{
    TRY(meter_by_register(t->c->office, t->current, m, e));
    TRY(meter_by_register(t->c->office, t->base, first, e));
    int64_t utc = utc_of(t, x->before.local) + BEHIND_SECS;
    civil_print(zone_to_civil(t->c->office->zone, utc), time);
    char *mark = time->data != NULL ? strchr(time->data, 'T') : NULL;
    if (mark != NULL) {
        *mark = ' ';
    }
    quantity_print(x->before.value, m->reg.unit, 0, final);
    TRY(buf_status(time, _("time"), e));
    return buf_status(final, _("reading the file"), e);
}

static enum err_code exchange_record(struct taking *t, const struct exchange *x, struct err *e)
{
    struct meter_row m;
    struct meter_row first;
    char serial[SERIAL_MAX + 8];
    struct buf time;
    struct buf final;
    TRY(import_run_open(t->c, t->run, e));
    buf_init(&time, 64);
    buf_init(&final, 64);
    enum err_code code = swap_words(t, x, &m, &first, &time, &final, e);
    if (code == ERR_OK) {
        code = serial_next(t, first.serial, serial, sizeof serial, e);
    }
    if (code == ERR_OK) {
        const char *const args[][2] = {
            {"serial", m.serial},       {"new", serial},
            {"final", buf_str(&final)}, {"initial", "0"},
            {"time", buf_str(&time)},   {"reason", "falling step in an imported file"}};
        code = swap_run(t, args, sizeof args / sizeof args[0], e);
    }
    buf_release(&time);
    buf_release(&final);
    return code;
}

static enum err_code exchange_found(void *ctx, const struct exchange *x, struct err *e)
{
    struct taking *t = ctx;
    bool rollover = false;
    TRY(exchange_is_rollover(t->c->office, x, &rollover, e));
    if (rollover || t->next != 0 || t->run == NULL) {
        return ERR_OK; /* the rules judge it */
    }
    enum err_code code = exchange_record(t, x, e);
    if (code != ERR_OK) {
        return err_wrap(e,
                        _("exchange in line %" PRIu32 ", import %" PRId64 " is not finished"),
                        x->after.line, t->run->id);
    }
    t->count++;
    TRY(next_find(t, e));
    t->current = (uint32_t)t->next;
    return next_find(t, e);
}

static enum err_code row_put(struct taking *t, const struct sort_row *row, struct err *e)
{
    struct sort_row mapped = *row;
    mapped.reg = t->current;
    return sorter_add(t->out, &mapped, e);
}

static enum err_code held_put(struct taking *t, struct err *e)
{
    bool waiting = t->waiting;
    t->waiting = false;
    return waiting ? row_put(t, &t->held, e) : ERR_OK;
}

static enum err_code base_begin(struct taking *t, const struct sort_row *row, struct err *e)
{
    TRY(exchange_end(&t->finder, e));
    TRY(held_put(t, e));
    t->finder.begun = false;
    t->base = t->current = row->reg;
    return next_find(t, e);
}

static enum err_code row_take(struct taking *t, const struct sort_row *row, struct err *e)
{
    if (row->reg != t->base) {
        TRY(base_begin(t, row, e));
    }
    while (t->next != 0 && utc_of(t, row->local) > t->next_utc) {
        TRY(exchange_end(&t->finder, e));
        TRY(held_put(t, e));
        t->finder.begun = false;
        t->current = (uint32_t)t->next;
        TRY(next_find(t, e));
    }
    TRY(exchange_feed(&t->finder, row, e));
    TRY(held_put(t, e)); /* decided with this row at the latest */
    if (!t->finder.open) {
        return row_put(t, row, e);
    }
    t->held = *row;
    t->waiting = true;
    return ERR_OK;
}

enum err_code exchanges_known(struct office *o, bool *any, struct err *e)
{
    int64_t one = 0;
    return db_get_int(o->db, &one, any, e, "SELECT 1 FROM meter WHERE run IS NOT NULL LIMIT 1",
                      NO_VALS);
}

enum err_code exchanges_take(struct command_ctx *c, struct local_clock *clock,
                             struct import_run *run, struct sorter *in, struct sorter *out,
                             uint64_t *count, struct err *e)
{
    struct taking t = {.c = c, .clock = clock, .out = out, .run = run};
    bool end = false;
    t.finder.found = exchange_found;
    t.finder.ctx = &t;
    for (;;) {
        struct sort_row row;
        TRY(sorter_next(in, &row, &end, e));
        if (end) {
            break;
        }
        TRY(row_take(&t, &row, e));
    }
    TRY(exchange_end(&t.finder, e));
    TRY(held_put(&t, e));
    *count = t.count;
    return ERR_OK;
}
