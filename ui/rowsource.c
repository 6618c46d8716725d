#include <config.h>

#include "ui/rowsource.h"

#include <string.h>

#define ROWSET_MAX_BYTES (4u << 20)
#define IDARRAY_FIRST 4096u
/* Ids between two looks at whether the list is still wanted. */
#define STEP_EVERY 1024u
/* A source calls about once a millisecond: a tenth of a second between two parts of a list that
 * grows slowly. */
#define PART_EVERY 128u
/* Rows fetched ahead of need between two looks at whether something more urgent has come. */
#define AHEAD_ROWS 8u

void idarray_init(struct idarray *a)
{
    memset(a, 0, sizeof(*a));
}

void idarray_release(struct idarray *a)
{
    mem_free(a->ids);
    idarray_init(a);
}

enum err_code idarray_add(struct idarray *a, const int64_t *ids, size_t count, struct err *e)
{
    if (count > ROW_IDS_MAX - a->count) {
        return err_set(e, ERR_LIMIT, "The list is longer than %u rows.", ROW_IDS_MAX);
    }
    if (a->count + count > a->size) {
        size_t size = a->size == 0 ? IDARRAY_FIRST : a->size;
        int64_t *bigger;

        while (size < a->count + count) {
            size *= 2;
        }
        bigger = mem_realloc_array(a->ids, size, sizeof(*bigger));
        if (bigger == NULL) {
            return err_nomem(e);
        }
        a->ids = bigger;
        a->size = size;
    }
    if (count > 0) {
        memcpy(a->ids + a->count, ids, count * sizeof(*ids));
        a->count += count;
    }
    return ERR_OK;
}

size_t idarray_find(const struct idarray *a, int64_t id, size_t near)
{
    size_t below;
    size_t above;

    if (a->count == 0) {
        return a->count;
    }
    near = near < a->count ? near : a->count - 1;
    below = near;
    above = near;
    while (a->ids[below] != id && a->ids[above] != id) {
        if (below == 0 && above == a->count - 1) {
            return a->count;
        }
        below -= below > 0 ? 1 : 0;
        above += above < a->count - 1 ? 1 : 0;
    }
    return a->ids[below] == id ? below : above;
}

enum err_code rowset_init(struct rowset *s, size_t max, struct err *e)
{
    arena_init(&s->arena, ROWSET_MAX_BYTES);
    s->count = 0;
    s->max = max;
    s->rows = arena_array(&s->arena, max, sizeof(*s->rows));
    return s->rows == NULL ? err_nomem(e) : ERR_OK;
}

void rowset_release(struct rowset *s)
{
    arena_release(&s->arena);
    memset(s, 0, sizeof(*s));
}

bool rowset_copy(struct rowset *s, const struct row *row)
{
    struct row *to = rowset_add(s, row->id);

    for (size_t i = 0; to != NULL && i < ROW_CELLS_MAX; i++) {
        if (row->cells[i] != NULL) {
            to->cells[i] = rowset_text(s, row->cells[i]);
            to = to->cells[i] == NULL ? NULL : to;
        }
        if (to == NULL) {
            return false;
        }
    }
    return to != NULL;
}

struct row *rowset_add(struct rowset *s, int64_t id)
{
    struct row *row;

    if (s->rows == NULL || s->count >= s->max) {
        return NULL;
    }
    row = &s->rows[s->count++];
    row->id = id;
    return row;
}

const char *rowset_text(struct rowset *s, const char *text)
{
    return arena_strdup(&s->arena, text == NULL ? "" : text);
}

/* ---- building the id array ---- */

struct idsink {
    struct rows_job *job;
    struct job_env *env;
    size_t sent;    /* ids that the screen has */
    unsigned asked; /* calls since then */
    size_t stepped; /* ids when progress was last told */
    struct err *err;
};

static const struct job_ops rows_ops;

/* A list longer than the first screenful is shown before it is complete; of one that grows
 * slowly, what there is. */
static void send_part(struct idsink *s)
{
    struct rows_job *whole = s->job;
    size_t count = whole->ids.count < ROW_FIRST_COUNT ? whole->ids.count : ROW_FIRST_COUNT;
    struct job *part;

    s->sent = count;
    s->asked = 0;
    part = rows_job_new(whole->source, &whole->query, whole->job.kind, whole->job.serial);
    if (part == NULL) {
        return; /* the whole list will say so */
    }
    part->owner = whole->job.owner;
    ((struct rows_job *)part)->partial = true;
    if (idarray_add(&((struct rows_job *)part)->ids, whole->ids.ids, count, NULL) != ERR_OK) {
        job_free(part);
        return;
    }
    s->env->post(s->env->ctx, part);
}

bool idsink_add(struct idsink *s, const int64_t *ids, size_t count)
{
    if (s->err->code != ERR_OK || idarray_add(&s->job->ids, ids, count, s->err) != ERR_OK) {
        return false;
    }
    if (s->sent < ROW_FIRST_COUNT && s->job->ids.count > ROW_FIRST_COUNT) {
        send_part(s);
    }
    if (s->job->ids.count - s->stepped < STEP_EVERY && s->stepped > 0) {
        return true;
    }
    s->stepped = s->job->ids.count;
    return progress_step(&s->env->progress, "", s->job->ids.count, 0);
}

bool idsink_wanted(struct idsink *s)
{
    if (s->sent < ROW_FIRST_COUNT && s->job->ids.count > s->sent && ++s->asked >= PART_EVERY) {
        send_part(s);
    }
    return s->err->code == ERR_OK && progress_step(&s->env->progress, "", s->job->ids.count, 0);
}

void idsink_total(struct idsink *s, size_t total)
{
    s->job->total = total;
    s->job->has_total = true;
}

static void rows_run(struct job *job, struct job_env *env)
{
    struct rows_job *r = (struct rows_job *)job;
    struct idsink sink = {.job = r, .env = env, .err = &job->err};
    struct err why = ERR_INIT;
    enum err_code rc = r->source->build(r->source->ctx, &r->query, &sink, &why);

    if (rc != ERR_OK && job->err.code == ERR_OK) {
        job->err = why;
        job->err.code = rc;
    }
}

static void rows_free(struct job *job)
{
    idarray_release(&((struct rows_job *)job)->ids);
    mem_free(job);
}

static const struct job_ops rows_ops = {rows_run, rows_free};

struct job *rows_job_new(const struct rowsource *source, const struct row_query *q,
                         uint32_t kind, uint32_t serial)
{
    struct rows_job *r = mem_alloc(sizeof(*r));

    if (r == NULL) {
        return NULL;
    }
    r->job.ops = &rows_ops;
    r->job.lane = LANE_ROWS;
    r->job.kind = kind;
    r->job.serial = serial;
    r->job.replaces = true;
    r->source = source;
    r->query = *q;
    return &r->job;
}

/* ---- fetching a window ---- */

/* Put the rows in the order of the ids asked for; both are small and mostly in order already.
 */
static enum err_code order_rows(struct window_job *w, struct err *e)
{
    struct row *ordered = arena_array(&w->rows.arena, w->count, sizeof(*ordered));
    size_t next = 0;

    if (ordered == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < w->count; i++) {
        for (size_t tried = 0; tried < w->rows.count; tried++) {
            const struct row *row = &w->rows.rows[(next + tried) % w->rows.count];

            if (row->id == w->ids[i]) {
                ordered[i] = *row;
                next = (next + tried + 1) % w->rows.count;
                break;
            }
        }
    }
    w->rows.rows = ordered;
    w->rows.count = w->count;
    return ERR_OK;
}

static void window_run(struct job *job, struct job_env *env)
{
    struct window_job *w = (struct window_job *)job;
    size_t done = 0;
    enum err_code rc;

    if (!progress_step(&env->progress, "", 0, 0)) {
        (void)err_set(&job->err, ERR_CANCELLED, "cancelled");
        return;
    }
    rc = rowset_init(&w->rows, w->count, &job->err);
    while (rc == ERR_OK && done < w->count) {
        size_t left = w->count - done;
        size_t next = job->ahead && left > AHEAD_ROWS ? AHEAD_ROWS : left;

        rc = w->source->fetch(w->source->ctx, w->ids + done, next, &w->rows, &job->err);
        done += next;
        if (job->ahead && !progress_step(&env->progress, "", 0, 0)) {
            w->count = done; /* it gives way with what there is */
        }
    }
    if (rc == ERR_OK) {
        rc = order_rows(w, &job->err);
    }
    job->err.code = rc;
}

static void window_free(struct job *job)
{
    rowset_release(&((struct window_job *)job)->rows);
    mem_free(job);
}

static const struct job_ops window_ops = {window_run, window_free};

struct job *window_job_new(const struct rowsource *source, const int64_t *ids, size_t first,
                           size_t count, uint32_t kind, uint32_t serial)
{
    struct window_job *w = mem_alloc(sizeof(*w));

    if (w == NULL) {
        return NULL;
    }
    w->job.ops = &window_ops;
    w->job.lane = LANE_QUERY;
    w->job.kind = kind;
    w->job.serial = serial;
    w->job.replaces = true;
    w->source = source;
    w->first = first;
    w->count = count < WINDOW_ROWS_MAX ? count : WINDOW_ROWS_MAX;
    memcpy(w->ids, ids + first, w->count * sizeof(*ids));
    return &w->job;
}
