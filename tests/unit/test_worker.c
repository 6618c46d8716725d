#include <config.h>

#include "tests/unit/check_ui.h"

#include <poll.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "ui/rowsource.h"
#include "ui/worker.h"

/* A job that waits until it is let go or told to stop. */
struct gate_job {
    struct job job;
    atomic_bool *open;
    bool stopped;
};

static void gate_run(struct job *job, struct job_env *env)
{
    struct gate_job *g = (struct gate_job *)job;

    for (uint64_t turns = 0; !atomic_load(g->open); turns++) {
        if (!progress_step(&env->progress, "waiting", turns, 0)) {
            g->stopped = true;
            (void)err_set(&job->err, ERR_CANCELLED, "stopped");
            return;
        }
        (void)poll(NULL, 0, 1);
    }
}

static void gate_free(struct job *job)
{
    mem_free(job);
}

static const struct job_ops gate_ops = {gate_run, gate_free};

static struct job *gate(atomic_bool *open, enum lane lane, uint32_t owner, uint32_t kind,
                        bool replaces)
{
    struct gate_job *g = mem_alloc(sizeof(*g));

    ck_assert_ptr_nonnull(g);
    g->job.ops = &gate_ops;
    g->job.lane = lane;
    g->job.owner = owner;
    g->job.kind = kind;
    g->job.replaces = replaces;
    g->open = open;
    return &g->job;
}

static struct workers *w;

static void setup(void)
{
    ck_assert_int_eq(workers_new(&w, NULL), ERR_OK);
}

static void teardown(void)
{
    workers_free(w);
}

/* The next answer, waiting for it at most 20 s. */
static struct job *await(void)
{
    struct pollfd fd = {workers_fd(w), POLLIN, 0};
    struct job *job = workers_take(w);

    while (job == NULL) {
        ck_assert_msg(poll(&fd, 1, 20000) == 1, "no answer in time");
        job = workers_take(w);
    }
    return job;
}

START_TEST(answer_comes_back_through_the_pipe)
{
    atomic_bool open = true;
    struct job *job;

    workers_post(w, gate(&open, LANE_QUERY, 1, 1, false));
    job = await();
    ck_assert_int_eq(job->err.code, ERR_OK);
    ck_assert_ptr_null(workers_take(w));
    ck_assert(!workers_busy(w, LANE_QUERY));
    job_free(job);
}
END_TEST

START_TEST(lanes_do_not_wait_for_each_other)
{
    atomic_bool shut = false;
    atomic_bool open = true;
    struct job *job;

    workers_post(w, gate(&shut, LANE_ROWS, 1, 1, false));
    workers_post(w, gate(&open, LANE_QUERY, 1, 2, false));
    job = await();
    ck_assert_uint_eq(job->kind, 2);
    ck_assert(workers_busy(w, LANE_ROWS));
    job_free(job);
    atomic_store(&shut, true);
    job = await();
    ck_assert_uint_eq(job->kind, 1);
    job_free(job);
}
END_TEST

START_TEST(newer_job_cancels_the_one_it_replaces)
{
    atomic_bool shut = false;
    atomic_bool open = true;
    struct job *job;

    workers_post(w, gate(&shut, LANE_ROWS, 1, 1, true));
    workers_post(w, gate(&shut, LANE_ROWS, 1, 1, true)); /* waits, then is dropped unrun */
    workers_post(w, gate(&open, LANE_ROWS, 1, 1, true));
    for (int i = 0; i < 2; i++) {
        job = await();
        ck_assert_int_eq(job->err.code, ERR_CANCELLED);
        job_free(job);
    }
    job = await();
    ck_assert_int_eq(job->err.code, ERR_OK);
    job_free(job);
}
END_TEST

START_TEST(job_of_another_owner_or_kind_is_left_alone)
{
    atomic_bool shut = false;
    int answers = 0;

    workers_post(w, gate(&shut, LANE_ACT, 1, 1, false));
    workers_post(w, gate(&shut, LANE_ACT, 2, 1, true));
    workers_post(w, gate(&shut, LANE_ACT, 1, 2, true));
    atomic_store(&shut, true);
    for (; answers < 3; answers++) {
        struct job *job = await();

        ck_assert_int_eq(job->err.code, ERR_OK);
        job_free(job);
    }
}
END_TEST

START_TEST(what_runs_ahead_of_need_gives_way_and_comes_last)
{
    atomic_bool shut = false;
    atomic_bool open = true;
    const uint32_t order[] = {1, 3, 4, 2};
    struct work_progress p = {0};
    struct job *ahead[2] = {gate(&shut, LANE_QUERY, 1, 1, false),
                            gate(&open, LANE_QUERY, 1, 2, false)};

    ahead[0]->ahead = true;
    ahead[1]->ahead = true;
    workers_post(w, ahead[0]);
    workers_post(w, ahead[1]);
    while (strcmp(p.what, "waiting") != 0) {
        workers_progress(w, LANE_QUERY, &p);
    }
    ck_assert(workers_busy(w, LANE_QUERY));
    ck_assert(!workers_awaited(w, LANE_QUERY));
    workers_post(w, gate(&open, LANE_QUERY, 1, 3, false));
    workers_post(w, gate(&open, LANE_QUERY, 1, 4, false));
    for (size_t i = 0; i < 4; i++) {
        struct job *job = await();

        ck_assert_uint_eq(job->kind, order[i]);
        ck_assert_int_eq(job->err.code, i == 0 ? ERR_CANCELLED : ERR_OK);
        job_free(job);
    }
    ck_assert(!workers_awaited(w, LANE_QUERY));
}
END_TEST

START_TEST(what_is_kept_back_starts_when_it_is_let)
{
    atomic_bool open = true;
    struct job *ahead = gate(&open, LANE_QUERY, 1, 1, false);
    struct job *job;

    ahead->ahead = true;
    workers_hold(w, true);
    ck_assert(!workers_holding(w));
    workers_post(w, ahead);
    ck_assert(workers_holding(w));
    workers_post(w, gate(&open, LANE_QUERY, 1, 2, false)); /* what somebody waits for goes */
    job = await();
    ck_assert_uint_eq(job->kind, 2);
    job_free(job);
    ck_assert(workers_holding(w));
    workers_hold(w, false);
    job = await();
    ck_assert_uint_eq(job->kind, 1);
    ck_assert_int_eq(job->err.code, ERR_OK);
    job_free(job);
    ck_assert(!workers_holding(w));
}
END_TEST

START_TEST(cancelling_a_lane_stops_what_runs_and_drops_what_waits)
{
    atomic_bool shut = false;
    struct work_progress p = {0};

    workers_post(w, gate(&shut, LANE_ACT, 1, 1, false));
    workers_post(w, gate(&shut, LANE_ACT, 1, 2, false));
    while (strcmp(p.what, "waiting") != 0) {
        workers_progress(w, LANE_ACT, &p);
    }
    ck_assert(p.running);
    workers_cancel(w, LANE_ACT);
    for (int i = 0; i < 2; i++) {
        struct job *job = await();

        ck_assert_int_eq(job->err.code, ERR_CANCELLED);
        job_free(job);
    }
    workers_progress(w, LANE_ACT, &p);
    ck_assert(!p.running);
}
END_TEST

START_TEST(full_queue_answers_at_once)
{
    atomic_bool shut = false;
    size_t limited = 0;

    for (size_t i = 0; i < WORKER_QUEUE_MAX + 2; i++) { /* one of them runs */
        workers_post(w, gate(&shut, LANE_QUERY, 1, (uint32_t)i, false));
    }
    atomic_store(&shut, true);
    for (size_t i = 0; i < WORKER_QUEUE_MAX + 2; i++) {
        struct job *job = await();

        limited += job->err.code == ERR_LIMIT ? 1 : 0;
        job_free(job);
    }
    ck_assert_uint_ge(limited, 1);
    ck_assert_uint_le(limited, 2);
}
END_TEST

START_TEST(closing_stops_running_and_waiting_work)
{
    static atomic_bool shut;
    struct workers *own;

    ck_assert_int_eq(workers_new(&own, NULL), ERR_OK);
    for (uint32_t i = 0; i < 5; i++) {
        workers_post(own, gate(&shut, LANE_ROWS, 1, i, false));
    }
    workers_free(own);
}
END_TEST

/* ---- a list built on a thread ---- */

static enum err_code count_up(void *ctx, const struct row_query *q, struct idsink *sink,
                              struct err *e)
{
    int64_t ids[100];

    (void)ctx;
    (void)q;
    idsink_total(sink, 5000);
    for (int64_t at = 0; at < 5000; at += 100) {
        for (int64_t i = 0; i < 100; i++) {
            ids[i] = at + i + 1;
        }
        if (!idsink_add(sink, ids, 100)) {
            return err_set(e, ERR_CANCELLED, "stopped");
        }
    }
    return ERR_OK;
}

START_TEST(first_screenful_is_sent_before_the_list_is_whole)
{
    struct rowsource source = {NULL, count_up, NULL};
    struct row_query q = {0};
    struct rows_job *part;
    struct rows_job *whole;

    workers_post(w, rows_job_new(&source, &q, 3, 9));
    part = (struct rows_job *)await();
    ck_assert(part->partial);
    ck_assert_uint_eq(part->ids.count, ROW_FIRST_COUNT);
    ck_assert_uint_eq(part->job.serial, 9);
    whole = (struct rows_job *)await();
    ck_assert(!whole->partial && whole->has_total);
    ck_assert_uint_eq(whole->ids.count, 5000);
    ck_assert_uint_eq(whole->total, 5000);
    ck_assert_int_eq(whole->ids.ids[4999], 5000);
    job_free(&part->job);
    job_free(&whole->job);
}
END_TEST

/* Three rows, and long looks in between. */
static enum err_code find_slowly(void *ctx, const struct row_query *q, struct idsink *sink,
                                 struct err *e)
{
    (void)ctx;
    (void)q;
    for (int64_t id = 1; id <= 3; id++) {
        bool go = idsink_add(sink, &id, 1);
        for (int i = 0; i < 200 && go; i++) {
            go = idsink_wanted(sink);
        }
        if (!go) {
            return err_set(e, ERR_CANCELLED, "stopped");
        }
    }
    return ERR_OK;
}

START_TEST(what_is_found_slowly_is_sent_as_it_is_found)
{
    struct rowsource source = {NULL, find_slowly, NULL};
    struct row_query q = {0};

    workers_post(w, rows_job_new(&source, &q, 3, 9));
    for (size_t count = 1; count <= 4; count++) {
        struct rows_job *answer = (struct rows_job *)await();

        ck_assert_uint_eq(answer->ids.count, count < 4 ? count : 3);
        ck_assert_int_eq(answer->partial, count < 4);
        job_free(&answer->job);
    }
}
END_TEST

Suite *suite_worker(void)
{
    Suite *s = suite_create("worker");
    TCase *t = tcase_create("lanes");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, answer_comes_back_through_the_pipe);
    tcase_add_test(t, lanes_do_not_wait_for_each_other);
    tcase_add_test(t, newer_job_cancels_the_one_it_replaces);
    tcase_add_test(t, job_of_another_owner_or_kind_is_left_alone);
    tcase_add_test(t, what_runs_ahead_of_need_gives_way_and_comes_last);
    tcase_add_test(t, what_is_kept_back_starts_when_it_is_let);
    tcase_add_test(t, cancelling_a_lane_stops_what_runs_and_drops_what_waits);
    tcase_add_test(t, full_queue_answers_at_once);
    tcase_add_test(t, closing_stops_running_and_waiting_work);
    tcase_add_test(t, first_screenful_is_sent_before_the_list_is_whole);
    tcase_add_test(t, what_is_found_slowly_is_sent_as_it_is_found);
    suite_add_tcase(s, t);
    return s;
}
