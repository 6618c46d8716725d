#include <config.h>

#include "domain/bill_row.h"

#include <string.h>

#include "base/json.h"

/* The members stand in the order of RFC 8785, that is of their names; an entry whose items are
 * not canonical is refused before it is signed (ledger/schema.h). */

#define PUT(out, literal) buf_add((out), "" literal, sizeof(literal) - 1)

static void put_text(struct buf *out, const char *text)
{
    json_add_string(out, text, strlen(text));
}

static void print_alert(const struct bill_alert_row *a, struct buf *out)
{
    PUT(out, "{\"id\":");
    buf_add_int(out, a->id);
    PUT(out, ",\"meter\":");
    buf_add_int(out, a->meter);
    PUT(out, ",\"observed\":");
    buf_add_int(out, a->observed);
    PUT(out, ",\"rule\":");
    put_text(out, a->rule);
    PUT(out, ",\"threshold\":");
    buf_add_int(out, a->threshold);
    PUT(out, "}");
}

static void print_line(const struct bill_line_row *l, struct buf *out)
{
    PUT(out, "{\"amount\":");
    buf_add_int(out, l->amount);
    PUT(out, ",\"block\":");
    buf_add_int(out, l->block);
    PUT(out, ",\"component\":");
    put_text(out, l->component);
    PUT(out, ",\"explanation\":");
    put_text(out, l->explanation);
    PUT(out, ",\"formula\":");
    put_text(out, l->formula);
    PUT(out, ",\"label_en\":");
    put_text(out, l->label_en);
    PUT(out, ",\"label_es\":");
    put_text(out, l->label_es);
    if (l->has_part) {
        PUT(out, ",\"part\":");
        buf_add_int(out, l->part);
    }
    PUT(out, ",\"price\":");
    put_text(out, l->price);
    PUT(out, ",\"quantity\":");
    put_text(out, l->quantity);
    PUT(out, ",\"register\":");
    buf_add_int(out, l->reg);
    PUT(out, ",\"unit\":");
    put_text(out, l->unit);
    PUT(out, "}");
}

static void print_quantity(const struct bill_quantity_row *q, struct buf *out)
{
    PUT(out, "{");
    if (q->from != 0) {
        PUT(out, "\"from\":");
        buf_add_int(out, q->from);
        PUT(out, ",");
    }
    PUT(out, "\"name\":");
    put_text(out, q->name);
    if (q->source != 0) {
        PUT(out, ",\"register\":");
        buf_add_int(out, q->source);
    }
    if (q->to != 0) {
        PUT(out, ",\"to\":");
        buf_add_int(out, q->to);
    }
    PUT(out, ",\"value\":");
    buf_add_int(out, q->value);
    PUT(out, "}");
}

static void print_part(const struct bill_part_row *p, struct buf *out)
{
    PUT(out, "{\"consumption\":");
    buf_add_int(out, p->consumption);
    PUT(out, ",\"days\":");
    buf_add_int(out, p->days);
    if (p->has_limit) {
        PUT(out, ",\"limit\":");
        buf_add_int(out, p->limit);
    }
    if (p->quantity_count > 0) {
        PUT(out, ",\"quantities\":[");
        for (size_t i = 0; i < p->quantity_count; i++) {
            buf_add(out, ",", i > 0 ? 1 : 0);
            print_quantity(&p->quantities[i], out);
        }
        PUT(out, "]");
    }
    PUT(out, ",\"start\":");
    put_text(out, p->start);
    PUT(out, ",\"tariff\":");
    buf_add_int(out, p->tariff);
    PUT(out, "}");
}

static void print_gas(const struct bill_gas_row *g, struct buf *out)
{
    PUT(out, "{");
    if (g->calorific != NULL) {
        PUT(out, "\"calorific\":");
        put_text(out, g->calorific);
        PUT(out, ",");
    }
    if (g->calorific_factor != 0) {
        PUT(out, "\"calorific_factor\":");
        buf_add_int(out, g->calorific_factor);
        PUT(out, ",");
    }
    PUT(out, "\"days\":");
    buf_add_int(out, g->days);
    PUT(out, ",\"volume\":");
    put_text(out, g->volume);
    if (g->volume_factor != 0) {
        PUT(out, ",\"volume_factor\":");
        buf_add_int(out, g->volume_factor);
    }
    PUT(out, "}");
}

static void print_sub(const struct bill_sub_row *s, struct buf *out)
{
    PUT(out, "{\"from\":");
    buf_add_int(out, s->from);
    PUT(out, ",\"register\":");
    buf_add_int(out, s->reg);
    PUT(out, ",\"to\":");
    buf_add_int(out, s->to);
    PUT(out, ",\"use\":");
    buf_add_int(out, s->use);
    PUT(out, "}");
}

/* The lists of what is charged, each where its name stands among the meter's members. */
static void print_spans(const struct bill_meter_row *m, struct buf *out)
{
    size_t count = m->charged != NULL ? m->charged->gas_count : 0;
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i == 0 ? ",\"gas\":[" : ",");
        print_gas(&m->charged->gas[i], out);
    }
    buf_adds(out, count > 0 ? "]" : "");
}

static void print_subs(const struct bill_meter_row *m, struct buf *out)
{
    size_t count = m->charged != NULL ? m->charged->sub_count : 0;
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i == 0 ? ",\"subs\":[" : ",");
        print_sub(&m->charged->subs[i], out);
    }
    buf_adds(out, count > 0 ? "]" : "");
}

static void print_meter(const struct bill_meter_row *m, struct buf *out)
{
    PUT(out, "{");
    if (m->charged != NULL) {
        PUT(out, "\"charged\":");
        buf_add_int(out, m->charged->use);
        PUT(out, ",");
    }
    PUT(out, "\"consumption\":");
    buf_add_int(out, m->consumption);
    PUT(out, ",\"days\":");
    buf_add_int(out, m->days);
    PUT(out, ",\"flags\":");
    put_text(out, m->flags);
    PUT(out, ",\"from\":");
    buf_add_int(out, m->from);
    print_spans(m, out);
    if (m->has_limit) {
        PUT(out, ",\"limit\":");
        buf_add_int(out, m->limit);
    }
    if (m->part_count > 0) {
        PUT(out, ",\"parts\":[");
        for (size_t i = 0; i < m->part_count; i++) {
            buf_add(out, ",", i > 0 ? 1 : 0);
            print_part(&m->parts[i], out);
        }
        PUT(out, "]");
    }
    PUT(out, ",\"register\":");
    buf_add_int(out, m->reg);
    print_subs(m, out);
    PUT(out, ",\"tariff\":");
    buf_add_int(out, m->tariff);
    PUT(out, ",\"to\":");
    buf_add_int(out, m->to);
    if (m->whole_days != 0) {
        PUT(out, ",\"whole_days\":");
        buf_add_int(out, m->whole_days);
    }
    PUT(out, "}");
}

static void print_surcharge(const struct bill_surcharge_row *s, struct buf *out)
{
    PUT(out, "{\"amount\":");
    buf_add_int(out, s->amount);
    PUT(out, ",\"consumption\":");
    buf_add_int(out, s->consumption);
    PUT(out, ",\"excess\":");
    buf_add_int(out, s->excess);
    PUT(out, ",\"limit\":");
    buf_add_int(out, s->limit);
    PUT(out, ",\"register\":");
    buf_add_int(out, s->reg);
    PUT(out, "}");
}

void bill_row_print(const struct bill_row *r, struct buf *out)
{
    PUT(out, "{\"account\":");
    buf_add_int(out, r->account);
    PUT(out, ",\"alerts\":[");
    for (size_t i = 0; i < r->alert_count; i++) {
        buf_add(out, ",", i > 0 ? 1 : 0);
        print_alert(&r->alerts[i], out);
    }
    PUT(out, "],\"bill\":");
    buf_add_int(out, r->bill);
    PUT(out, ",\"currency\":");
    put_text(out, r->currency);
    PUT(out, ",\"due\":");
    put_text(out, r->due);
    PUT(out, ",\"end\":");
    put_text(out, r->end);
    PUT(out, ",\"issued\":");
    put_text(out, r->issued);
    PUT(out, ",\"lines\":[");
    for (size_t i = 0; i < r->line_count; i++) {
        buf_add(out, ",", i > 0 ? 1 : 0);
        print_line(&r->lines[i], out);
    }
    PUT(out, "],\"meters\":[");
    for (size_t i = 0; i < r->meter_count; i++) {
        buf_add(out, ",", i > 0 ? 1 : 0);
        print_meter(&r->meters[i], out);
    }
    PUT(out, "],\"start\":");
    put_text(out, r->start);
    PUT(out, ",\"surcharges\":[");
    for (size_t i = 0; i < r->surcharge_count; i++) {
        buf_add(out, ",", i > 0 ? 1 : 0);
        print_surcharge(&r->surcharges[i], out);
    }
    PUT(out, "],\"total\":");
    buf_add_int(out, r->total);
    PUT(out, "}");
}
