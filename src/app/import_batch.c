#include <config.h>

#include "app/import_batch.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"

#define ITEM_TEXT_MAX 8192
#define REASON_MAX 4096
/* Room for the findings of a batch; what is never filled takes no memory. */
#define FOUND_MAX ((size_t)CHUNK_ROWS * FINDINGS_MAX)

enum err_code batcher_init(struct batcher *b, struct err *e)
{
    buf_init(&b->text, ITEM_TEXT_MAX);
    b->state = mem_alloc(sizeof *b->state);
    b->work = mem_alloc(sizeof *b->work);
    b->counts = mem_alloc(sizeof *b->counts);
    b->rows = mem_array(CHUNK_ROWS, sizeof *b->rows);
    b->found = mem_array(FOUND_MAX, sizeof *b->found);
    if (b->state == NULL || b->work == NULL || b->counts == NULL || b->rows == NULL ||
        b->found == NULL) {
        return err_nomem(e);
    }
    TRY(items_init(&b->items, e));
    return judge_rules_init(b->c->office, &b->rules, e);
}

void batcher_release(struct batcher *b)
{
    mem_free(b->state);
    mem_free(b->work);
    mem_free(b->counts);
    mem_free(b->rows);
    mem_free(b->found);
    items_release(&b->items);
    buf_release(&b->text);
}

/* The report's list names each held row with its findings, once the batch is stored. */
static void list_held(struct batcher *b, const struct timed_row *r, const struct findings *f)
{
    struct buf reason;
    buf_init(&reason, REASON_MAX);
    for (size_t i = 0; i < f->count; i++) {
        if (i > 0) {
            buf_addc(&reason, ' ');
        }
        finding_text(&f->item[i], b->subject.meter.reg.unit, NULL, &reason);
    }
    report_list(b->report, r->row.line, b->subject.meter.serial, "held", buf_str(&reason));
    buf_release(&reason);
}

/* Turn to the row's register. */
static enum err_code subject_take(struct batcher *b, const struct timed_row *r, struct err *e)
{
    struct office *o = b->c->office;
    if (b->subject.meter.register_id != r->row.reg) {
        TRY(judge_subject_load(o, r->row.reg, &b->rules, &b->subject, e));
    }
    return b->work->reg == r->row.reg
               ? ERR_OK
               : judge_start(o, &b->subject, b->run->id, r->utc, b->work, e);
}

/* The row that the item makes in the tables; it need not be read again from its text. */
static void row_keep(struct batcher *b, const struct reading_item *item)
{
    const struct findings *f = item->findings;
    struct finding *kept = &b->found[b->found_count];
    if (f->count > 0) {
        memcpy(kept, f->item, f->count * sizeof *kept);
    }
    b->found_count += f->count;
    b->rows[b->items.count] =
        (struct reading_row){.id = item->id,
                             .reg = item->reg,
                             .utc = item->utc,
                             .local = item->local,
                             .value = item->value,
                             .line = item->line,
                             .run = b->run->id,
                             .state = f->hold ? "held" : "accepted",
                             .source = "import",
                             .findings = kept,
                             .finding_count = f->count,
                             .alert = f->hold ? item->alert : 0,
                             .meter = item->meter,
                             .worst = f->hold ? &kept[findings_worst(f) - f->item] : NULL};
}

static enum err_code row_item(struct batcher *b, const struct timed_row *r,
                              const struct findings *f, int64_t id, int64_t alert,
                              struct err *e)
{
    char raw[RAW_TEXT_MAX + 1];
    if (r->row.raw != 0) {
        TRY(raw_store_get(b->raws, r->row.raw, raw, e));
    }
    struct reading_item item = {
        .id = id,
        .reg = r->row.reg,
        .meter = b->subject.meter.id,
        .utc = r->utc,
        .local = r->row.local,
        .value = r->row.value,
        .line = r->row.line,
        .raw = r->row.raw != 0 ? raw : NULL,
        .dst = r->pass != PASS_NONE ? hour_pass_name(r->pass) : NULL,
        .dst_by = hour_by_name(r->by),
        .findings = f,
        .alert = alert,
    };
    row_keep(b, &item);
    buf_clear(&b->text);
    reading_item_print(&item, &b->text);
    if (b->text.failed) {
        return buf_status(&b->text, _("reading the file"), e);
    }
    return items_add(&b->items, b->text.data, b->text.len, e);
}

/* Judge the chunk's new rows in order and fill the batch with them. */
static enum err_code rows_judge(struct batcher *b, int64_t first, int64_t alert, struct err *e)
{
    struct findings f;
    int64_t id = first;
    b->found_count = 0;
    for (size_t i = 0; i < b->chunk->count; i++) {
        const struct timed_row *r = &b->chunk->rows[i];
        struct point p = {.value = r->row.value, .utc = r->utc};
        if (r->stored) {
            continue;
        }
        TRY(subject_take(b, r, e));
        int64_t as_of = b->each && r->utc < b->as_of_utc ? r->utc : b->as_of_utc;
        TRY(judge_next(b->c->office, &b->subject, b->work, p, as_of, &f, e));
        TRY(row_item(b, r, &f, id++, alert, e));
        alert += f.hold;
        counts_finding(b->counts, &f);
        if (f.hold && b->listing) {
            list_held(b, r, &f);
        }
    }
    return ERR_OK;
}

static const void *row_of(void *ctx, int64_t index)
{
    const struct batcher *b = ctx;
    return &b->rows[index];
}

static enum err_code build_batch(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct batcher *b = c->report;
    int64_t first = 0;
    int64_t alert = 0;
    TRY(import_run_is_open(c, b->run, e));
    TRY(next_id(c, "SELECT max(id) FROM reading", &first, e));
    TRY(next_id(c, "SELECT max(id) FROM alert", &alert, e));
    *b->work = *b->state;
    if (c->head.seq != b->head_seq) {
        /* Somebody decided or recorded in between. */
        TRY(judge_refresh(c->office, b->work, e));
        b->subject.meter.register_id = 0;
    }
    *b->counts = (struct import_counts){0};
    items_clear(&b->items);
    TRY(rows_judge(b, first, alert, e));
    TRY(import_run_draft(c, d, b->run, "batch", e));
    d->row_of = row_of;
    d->row_ctx = b;
    TRY(data_int(c, d->data, "batch", b->run->batches + 1, e));
    TRY(data_int(c, d->data, "first", first, e));
    return data_items(c, d, &b->items, e);
}

/* The chunk is judged: the next one goes on from here. */
static void batch_done(struct batcher *b)
{
    counts_add(&b->report->stored, b->counts);
    struct judge_state *done = b->work;
    b->work = b->state;
    b->state = done;
    judge_page_drop(b->state);
}

static enum err_code batch_count(struct batcher *b, struct err *e)
{
    *b->work = *b->state;
    *b->counts = (struct import_counts){0};
    items_clear(&b->items);
    TRY(rows_judge(b, 1, 1, e));
    batch_done(b);
    return ERR_OK;
}

enum err_code batcher_store(struct batcher *b, struct err *e)
{
    struct ticket t;
    if (b->dry) {
        return batch_count(b, e);
    }
    TRY(import_run_open(b->c, b->run, e));
    b->report->run = b->run->id;
    void *report = b->c->report;
    b->c->report = b;
    enum err_code code = act_user(b->c, build_batch, &t, e);
    b->c->report = report;
    TRY(code);
    b->head_seq = t.seq;
    b->run->batches++;
    batch_done(b);
    return ERR_OK;
}
