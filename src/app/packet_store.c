#include <config.h>

#include "app/packet_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/packet_numbers.h"
#include "base/arena.h"
#include "base/i18n.h"

#define ITEM_TEXT_MAX ITEM_MAX_BYTES
#define BATCH_BYTES_MAX ((size_t)16 << 20)
#define REGISTER_SLOTS (2 * ITEMS_PER_BATCH)
#define ALERTS_MAX 256

enum err_code packet_store_init(struct packet_store *s, struct command_ctx *c,
                                struct device_cache *cache, struct err *e)
{
    *s = (struct packet_store){
        .c = c, .key = c->session->key, .actor = c->session->actor, .cache = cache};
    buf_init(&s->text, ITEM_TEXT_MAX);
    s->state = mem_alloc(sizeof *s->state);
    s->rows = mem_array(ITEMS_PER_BATCH, sizeof *s->rows);
    s->plain = mem_array(ITEMS_PER_BATCH, sizeof *s->plain);
    s->registers = mem_array(REGISTER_SLOTS, sizeof *s->registers);
    s->speakers = mem_array(REGISTER_SLOTS, sizeof *s->speakers);
    if (s->state == NULL || s->rows == NULL || s->plain == NULL || s->registers == NULL ||
        s->speakers == NULL) {
        return err_nomem(e);
    }
    TRY(items_init(&s->items, e));
    return judge_rules_init(c->office, &s->rules, e);
}

void packet_store_release(struct packet_store *s)
{
    mem_free(s->state);
    mem_free(s->rows);
    mem_free(s->plain);
    mem_free(s->registers);
    mem_free(s->speakers);
    items_release(&s->items);
    buf_release(&s->text);
}

/* Append an entry of ours. */
static enum err_code append(struct packet_store *s, build_fn build, struct ticket *t,
                            struct err *e)
{
    void *report = s->c->report;
    s->c->report = s;
    enum err_code code = act(s->c, build, s->key, s->actor, t, e);
    s->c->report = report;
    return code;
}

/* ---- readings ---- */

/* Has another device of this batch spoken of the register? What it said is not stored yet, so
 * it could not be judged against. */
static bool register_taken(struct packet_store *s, int64_t reg, const struct device *d)
{
    size_t at = (size_t)((uint64_t)reg * UINT64_C(0x9e3779b97f4a7c15) >> 40) % REGISTER_SLOTS;
    while (s->registers[at] != 0 && s->registers[at] != reg) {
        at = (at + 1) % REGISTER_SLOTS;
    }
    if (s->registers[at] == 0) {
        s->registers[at] = reg;
        s->speakers[at] = d;
        return false;
    }
    return s->speakers[at] != d;
}

/* Would its values be judged after values of the same batch that come later or from elsewhere?
 */
static bool must_wait(struct packet_store *s, const struct checked *x)
{
    bool wait = false;
    for (size_t i = 0; i < x->value_count; i++) {
        const struct packet_value *v = &x->values[i];
        bool same = s->state->reg == v->place->reg;
        wait = wait || (same && v->utc < s->state->at_utc) ||
               (!same && register_taken(s, v->place->reg, x->device));
    }
    return wait && s->items.count > 0;
}

static enum err_code value_judge(struct packet_store *s, const struct checked *x,
                                 const struct packet_value *v, struct findings *f,
                                 struct err *e)
{
    struct office *o = s->c->office;
    if (s->state->reg != v->place->reg || v->utc < s->state->at_utc) {
        if (s->subject.meter.register_id != v->place->reg) {
            TRY(judge_subject_load(o, v->place->reg, &s->rules, &s->subject, e));
        }
        TRY(judge_start(o, &s->subject, s->run, v->utc, s->state, e));
    }
    s->state->step = x->has_step && v == &x->values[0] ? &x->step : NULL;
    enum err_code code =
        judge_next(o, &s->subject, s->state, (struct point){.value = v->value, .utc = v->utc},
                   env_wall_ms(o->env) / 1000, f, e);
    s->state->step = NULL;
    return code;
}

/* ---- items ---- */

struct ids {
    int64_t reading, alert;
};

static void item_head(const struct checked *x, const char *text, struct buf *out)
{
    buf_adds(out, "{\"device\":");
    buf_add_int(out, x->device->id);
    buf_adds(out, ",\"key\":\"");
    buf_add_hex(out, x->device->keyid.b, HASH_SIZE);
    buf_adds(out, "\",\"lane\":");
    buf_add_int(out, (int64_t)x->lane);
    buf_adds(out, ",\"nonce\":");
    buf_add_int(out, x->nonce);
    buf_adds(out, ",\"packet\":");
    json_add_string(out, text, x->len);
    buf_adds(out, ",\"readings\":[");
}

static void item_tail(const struct checked *x, struct buf *out)
{
    buf_adds(out, "],\"utc\":");
    buf_add_int(out, x->utc);
    if (x->value_count > 0) {
        buf_adds(out, ",\"value\":");
        buf_add_int(out, x->values[0].value);
    }
    buf_addc(out, '}');
}

static enum err_code value_print(struct packet_store *s, struct checked *x,
                                 const struct packet_value *v, struct ids *ids, struct err *e)
{
    struct findings f;
    char raw[PACKET_VALUE_MAX + 1] = "";
    TRY(value_judge(s, x, v, &f, e));
    if (v->raw.data != NULL) {
        (void)snprintf(raw, sizeof raw, "%.*s", (int)v->raw.len, v->raw.data);
    }
    struct reading_item item = {
        .id = ids->reading++,
        .reg = v->place->reg,
        .meter = v->place->meter,
        .utc = v->utc,
        .local = v->utc + zone_offset_at(s->c->office->zone, v->utc),
        .value = v->value,
        .raw = raw[0] != '\0' ? raw : NULL,
        .source = "automatic",
        .findings = &f,
        .alert = ids->alert,
    };
    ids->alert += f.hold;
    s->held += f.hold;
    s->accepted += !f.hold;
    x->held = x->held || f.hold;
    if (v != &x->values[0]) {
        buf_addc(&s->text, ',');
    }
    reading_item_print(&item, &s->text);
    struct packet_row *row = &s->rows[s->items.count];
    s->plain[s->items.count] = x->value_count == 1 && f.count == 0;
    row->has_reading = true;
    row->reading = (struct reading_row){.id = item.id,
                                        .reg = item.reg,
                                        .utc = item.utc,
                                        .local = item.local,
                                        .value = item.value,
                                        .run = s->run,
                                        .state = "accepted",
                                        .source = "automatic"};
    return ERR_OK;
}

static enum err_code packet_print(struct packet_store *s, struct checked *x, struct ids *ids,
                                  struct err *e)
{
    uint32_t at = s->items.count;
    s->rows[at] = (struct packet_row){.device = x->device->id,
                                      .lane = (int64_t)x->lane,
                                      .nonce = x->nonce,
                                      .utc = x->utc,
                                      .item = at,
                                      .hash = x->hash};
    s->plain[at] = x->value_count == 0;
    x->item = at;
    x->held = false;
    buf_clear(&s->text);
    item_head(x, s->set->text.data + x->text, &s->text);
    for (size_t i = 0; i < x->value_count; i++) {
        TRY(value_print(s, x, &x->values[i], ids, e));
    }
    item_tail(x, &s->text);
    TRY(buf_status(&s->text, _("packet"), e));
    return items_add(&s->items, s->text.data, s->text.len, e);
}

static const void *row_of(void *ctx, int64_t index)
{
    const struct packet_store *s = ctx;
    return s->plain[index] ? &s->rows[index] : NULL;
}

static enum err_code batch_fill(struct packet_store *s, struct ids *ids, struct err *e)
{
    items_clear(&s->items);
    s->accepted = s->held = 0;
    s->state->reg = 0;
    s->subject.meter.register_id = 0; /* somebody may have changed the meter */
    memset(s->registers, 0, REGISTER_SLOTS * sizeof *s->registers);
    for (s->until = s->from; s->until < s->new_count; s->until++) {
        struct checked *x = s->set->order[s->until];
        if (items_full(&s->items) || s->items.plain.len > BATCH_BYTES_MAX || must_wait(s, x)) {
            break;
        }
        TRY(packet_print(s, x, ids, e));
    }
    return ERR_OK;
}

/* ---- entries ---- */

/* Keys and places are judged where the window stands. */
static enum err_code registry_same(struct packet_store *s, struct err *e)
{
    int64_t now = 0;
    TRY(device_generation(s->c->office, &now, e));
    s->stale = now != s->cache->generation;
    return s->stale ? err_set(e, ERR_CONFLICT, _("the registry of devices changed meanwhile"))
                    : ERR_OK;
}

static enum err_code build_opened(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct packet_store *s = c->report;
    TRY(registry_same(s, e));
    TRY(next_id(c, "SELECT max(id) FROM import_run", &s->run, e));
    TRY(draft_begin(c, d, "window.opened", e));
    return data_int(c, d->data, "run", s->run, e);
}

static enum err_code build_batch(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct packet_store *s = c->report;
    struct ids ids = {0, 0};
    TRY(registry_same(s, e));
    TRY(next_id(c, "SELECT max(id) FROM reading", &ids.reading, e));
    TRY(next_id(c, "SELECT max(id) FROM alert", &ids.alert, e));
    int64_t first = ids.reading;
    TRY(batch_fill(s, &ids, e));
    TRY(draft_begin(c, d, "window.batch", e));
    d->row_of = row_of;
    d->row_ctx = s;
    TRY(data_int(c, d->data, "run", s->run, e));
    TRY(data_int(c, d->data, "batch", s->batches + 1, e));
    TRY(data_int(c, d->data, "first", first, e));
    return data_items(c, d, &s->items, e);
}

static enum err_code batch_store(struct packet_store *s, struct err *e)
{
    struct ticket t;
    TRY(append(s, build_batch, &t, e));
    for (size_t i = s->from; i < s->until; i++) {
        s->set->order[i]->seq = t.seq;
        packet_number_used(s->set->order[i]);
    }
    s->totals.stored += s->until - s->from;
    s->totals.accepted += s->accepted;
    s->totals.held += s->held;
    s->from = s->until;
    s->batches++;
    return ERR_OK;
}

static enum err_code refused_data(struct command_ctx *c, const struct packet_set *set,
                                  struct json *o, struct err *e)
{
    int64_t by[PACKET_REFUSAL_COUNT] = {0};
    struct json *counts = json_new_object(c->arena);
    for (size_t i = 0; i < set->count; i++) {
        by[set->all[i].why]++;
    }
    for (size_t i = PACKET_TAKEN + 1; i < PACKET_REFUSAL_COUNT; i++) {
        if (by[i] > 0 && counts != NULL) {
            TRY(data_int(c, counts, packet_refusal_name((enum packet_refusal)i), by[i], e));
        }
    }
    return data_set(c, o, "refused", counts, e);
}

static enum err_code build_closed(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct packet_store *s = c->report;
    TRY(draft_begin(c, d, "window.closed", e));
    TRY(data_int(c, d->data, "run", s->run, e));
    TRY(data_int(c, d->data, "batches", s->batches, e));
    if (s->set == NULL) { /* left open by a process that was killed */
        return json_set_bool(c->arena, d->data, "recovered", true) ? ERR_OK : err_nomem(e);
    }
    TRY(data_int(c, d->data, "stored", (int64_t)s->new_count, e));
    return refused_data(c, s->set, d->data, e);
}

static enum err_code window_close(struct packet_store *s, struct err *e)
{
    struct ticket t;
    enum err_code code = append(s, build_closed, &t, e);
    s->run = 0;
    s->totals.windows += code == ERR_OK;
    return code;
}

/* ---- what was refused ---- */

/* Alerts to raise: one a meter and reason, unless such a one is open. */
struct alerts {
    struct {
        int64_t meter, count;
        enum packet_refusal why;
    } item[ALERTS_MAX];
    size_t count;
};

static void alert_note(struct alerts *a, const struct checked *x)
{
    const struct device *d = x->device;
    if (d == NULL || d->place_count == 0 || x->why == PACKET_TAKEN) {
        return;
    }
    int64_t meter = d->places[d->place_count - 1].meter;
    for (size_t i = 0; i < a->count; i++) {
        if (a->item[i].meter == meter && a->item[i].why == x->why) {
            a->item[i].count++;
            return;
        }
    }
    if (a->count < ALERTS_MAX) {
        a->item[a->count].meter = meter;
        a->item[a->count].why = x->why;
        a->item[a->count++].count = 1;
    }
}

static enum err_code alert_open(struct office *o, int64_t meter, const char *rule, bool *open,
                                struct err *e)
{
    int64_t one = 0;
    *open = false;
    return db_get_int(
        o->db, &one, open, e,
        "SELECT 1 FROM alert WHERE meter = ? AND resolved IS NULL AND rule = ? LIMIT 1",
        VALS(V_INT(meter), V_TEXT(rule)));
}

static enum err_code alerts_data(struct command_ctx *c, const struct packet_set *set,
                                 struct json *list, struct err *e)
{
    struct alerts a = {.count = 0};
    int64_t id = 0;
    TRY(next_id(c, "SELECT max(id) FROM alert", &id, e));
    for (size_t i = 0; i < set->count; i++) {
        alert_note(&a, &set->all[i]);
    }
    for (size_t i = 0; i < a.count; i++) {
        char rule[48];
        bool open = false;
        (void)snprintf(rule, sizeof rule, "packet_%s", packet_refusal_name(a.item[i].why));
        TRY(alert_open(c->office, a.item[i].meter, rule, &open, e));
        struct json *o = open ? NULL : json_new_object(c->arena);
        if (open) {
            continue;
        }
        bool ok = o != NULL && json_set_int(c->arena, o, "id", id++) &&
                  json_set_int(c->arena, o, "meter", a.item[i].meter) &&
                  json_set_int(c->arena, o, "observed", a.item[i].count) &&
                  json_set_str(c->arena, o, "rule", rule) &&
                  json_set_int(c->arena, o, "threshold", 0) && json_push(c->arena, list, o);
        if (!ok) {
            return err_nomem(e);
        }
    }
    return ERR_OK;
}

static enum err_code build_refused(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct packet_store *s = c->report;
    struct json *list = json_new_array(c->arena);
    if (list == NULL) {
        return err_nomem(e);
    }
    TRY(alerts_data(c, s->set, list, e));
    if (list->u.array.count == 0) { /* somebody raised them first */
        return err_set(e, ERR_EXISTS, _("there is nothing to alert"));
    }
    TRY(draft_begin(c, d, "packets.refused", e));
    TRY(data_set(c, d->data, "alerts", list, e));
    return refused_data(c, s->set, d->data, e);
}

/* Refused packets of a known device are an alert before they are answered. */
static enum err_code refused_record(struct packet_store *s, struct err *e)
{
    struct ticket t;
    struct err why = ERR_INIT;
    bool any = false;
    for (size_t i = 0; i < s->set->count && !any; i++) {
        any = s->set->all[i].why != PACKET_TAKEN && s->set->all[i].device != NULL;
    }
    if (!any) {
        return ERR_OK;
    }
    enum err_code code = append(s, build_refused, &t, &why);
    return code == ERR_OK || code == ERR_EXISTS ? ERR_OK : err_set(e, code, "%s", why.text);
}

/* ---- the whole ---- */

static void totals_add(struct packet_store *s)
{
    s->totals.read += s->set->count;
    for (size_t i = 0; i < s->set->count; i++) {
        const struct checked *x = &s->set->all[i];
        s->totals.known += x->known;
        s->totals.refused += x->why != PACKET_TAKEN;
        s->totals.refused_by[x->why]++;
    }
}

enum err_code packet_store_recover(struct packet_store *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(s->c->office->db, &q, e,
                 "SELECT id, batches FROM import_run WHERE kind = 'packets' AND state = 'open' "
                 "ORDER BY id LIMIT 1",
                 NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        s->run = stmt_int(q, 0);
        s->batches = stmt_int(q, 1);
    }
    stmt_done(q);
    TRY(code);
    s->set = NULL;
    return row ? window_close(s, e) : ERR_OK;
}

static enum err_code window_store(struct packet_store *s, struct err *e)
{
    struct ticket t;
    if (s->new_count == 0) {
        return ERR_OK;
    }
    TRY(append(s, build_opened, &t, e));
    while (s->from < s->new_count) {
        TRY(batch_store(s, e));
    }
    return window_close(s, e);
}

enum err_code packet_store_set(struct packet_store *s, struct packet_set *set, struct err *e)
{
    s->set = set;
    s->stale = false;
    s->run = s->batches = 0;
    s->from = 0;
    TRY(packet_numbers(s->c->office, set, &s->new_count, e));
    enum err_code code = window_store(s, e);
    if (code != ERR_OK && s->stale) {
        /* What stands is signed by keys that were valid where it stands. */
        struct err why = ERR_INIT;
        s->set = NULL;
        code = packet_store_recover(s, &why);
        s->stale = code == ERR_OK;
        return code == ERR_OK ? ERR_CONFLICT : err_set(e, code, "%s", why.text);
    }
    TRY(code);
    TRY(refused_record(s, e));
    totals_add(s);
    return ERR_OK;
}
