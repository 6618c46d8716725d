/* The console over a real office, walked through: every list and every page, and Enter on every
 * row of each. */
#include <config.h>

#include <check.h>
#include <string.h>

#include "app/command.h"
#include "base/i18n.h"
#include "lib/office_busy.h"
#include "reports/exports.h"
#include "ui/console.h"
#include "ui/sheet_screen.h"
#include "ui/synonyms.h"
#include "verb_console.h"

Suite *suite_walk(const char *dir);

#define JOBS_MAX 256
#define STEPS_MAX 12

static struct {
    struct bound bound;
    struct ui_model model;
    struct console console;
    struct frame frame;
    struct job *jobs[JOBS_MAX];
    size_t job_count;
    size_t rows, opened; /* selected, and opened by Enter */
} w;
static const char *busy_dir;

static bool go_on(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)done;
    (void)total;
    return true;
}

static void send(const struct event *ev)
{
    struct effects fx = {0};
    console_update(&w.console, ev, &fx);
    for (size_t i = 0; i < fx.count; i++) {
        if (fx.list[i].kind == FX_JOB) {
            ck_assert_uint_lt(w.job_count, JOBS_MAX);
            w.jobs[w.job_count++] = fx.list[i].job;
            fx.list[i].job = NULL;
        }
    }
    fx_release(&fx);
}

static void deliver(struct job *job)
{
    struct event ev = {.kind = EV_JOB, .job = job};
    send(&ev);
    job_free(job);
}

static void on_post(void *ctx, struct job *part)
{
    (void)ctx;
    deliver(part);
}

static void settle(void)
{
    for (size_t rounds = 0; w.job_count > 0; rounds++) {
        struct job_env env = {{NULL, go_on}, NULL, on_post};
        struct job *job = w.jobs[0];
        ck_assert_uint_lt(rounds, 2000);
        w.job_count--;
        memmove(&w.jobs[0], &w.jobs[1], w.job_count * sizeof w.jobs[0]);
        job->ops->run(job, &env);
        deliver(job);
    }
}

static void key(uint32_t k)
{
    struct event ev = {.kind = EV_KEY, .key = k};
    send(&ev);
    settle();
}

static void type(const char *text)
{
    for (; *text != '\0'; text++) {
        key(*text == '\n' ? K_ENTER : *text == '\t' ? K_TAB : (unsigned char)*text);
    }
}

static const struct console_slot *top(void)
{
    return &w.console.stack[w.console.depth - 1];
}

static void setup(void)
{
    struct effects fx = {0};
    struct err e = ERR_INIT;
    struct event size = {.kind = EV_RESIZE, .rows = 43, .columns = 132};
    memset(&w, 0, sizeof w);
    ck_assert_msg(bound_open(busy_dir, &w.bound, &e) == ERR_OK, "%s", e.text);
    w.model = bound_model(&w.bound);
    frame_init(&w.frame);
    ck_assert_int_eq(frame_resize(&w.frame, 43, 132, NULL), ERR_OK);
    ck_assert_int_eq(console_init(&w.console, &w.model, &screen_login, 43, 132, &fx, NULL),
                     ERR_OK);
    fx_release(&fx);
    send(&size);
    type("ana\t" FIXTURE_PASSWORD "\n");
    ck_assert(w.console.logged_in);
}

static void teardown(void)
{
    console_release(&w.console);
    frame_release(&w.frame);
    bound_close(&w.bound);
}

static void open_screen(const struct screen_ops *ops)
{
    type(":");
    type(ops->name);
    key(K_ENTER);
    ck_assert_msg(top()->ops == ops, ":%s opened %s", ops->name, top()->ops->name);
}

static void page_is_there(const char *from)
{
    const struct sheet_state *s = top()->state;
    if (top()->ops->sheet != NULL) {
        ck_assert_msg(s->has_sheet, "%s opens %s: %s", from, top()->ops->name, s->failed.text);
    }
}

/* Every row of the page on top opens something, and Esc comes back to that row. */
static void page_rows_open(size_t *left)
{
    const struct screen_ops *page = top()->ops;
    size_t depth = w.console.depth;
    for (size_t i = 0; i<STEPS_MAX && * left> 0; i++, (*left)--) {
        const struct sheet_state *s = top()->state;
        size_t selected = s->selected;
        const struct sheet_part *row = sheet_row_selected(s);
        if (row == NULL) {
            return;
        }
        w.rows++;
        key(K_ENTER);
        if (w.console.depth == depth) { /* what the role may not open says so */
            ck_assert_msg(w.console.message[0] != '\0', "Enter does nothing on %s: %s",
                          page->name, row->cells[0]);
        } else {
            page_is_there(page->name);
            w.opened++;
            while (w.console.depth > depth) {
                key(K_ESC);
            }
        }
        ck_assert_ptr_eq(top()->ops, page);
        ck_assert_uint_eq(((const struct sheet_state *)top()->state)->selected, selected);
        key(K_DOWN);
        if (((const struct sheet_state *)top()->state)->selected == selected) {
            return;
        }
    }
}

/* Enter on the first rows of a list opens the page of each, and its lines open what they name.
 */
static void list_rows_open(const struct screen_ops *ops)
{
    size_t left = 40;
    open_screen(ops);
    for (int i = 0; i < 3; i++) {
        size_t depth = w.console.depth;
        if (ops->list != NULL &&
            table_selected(&((const struct list_state *)top()->state)->table) == 0) {
            return; /* there are no rows */
        }
        key(K_ENTER);
        ck_assert_msg(w.console.depth == depth + 1, "Enter does nothing on %s: %s", ops->name,
                      w.console.message);
        page_is_there(ops->name);
        if (top()->ops->sheet != NULL) {
            page_rows_open(&left);
        }
        while (w.console.depth > depth) {
            key(K_ESC);
        }
        key(K_DOWN);
    }
}

START_TEST(enter_opens_every_row_of_every_list)
{
    size_t lists = 0;
    for (size_t i = 0; i < screens_openable_count; i++) {
        const struct screen_ops *ops = screens_openable[i];
        if (ops != &screen_meters && ops->list == NULL) {
            continue;
        }
        if (ops->needs == NULL || w.model.may(w.model.ctx, ops->needs)) {
            list_rows_open(ops);
            key(K_ESC);
            lists++;
        }
    }
    ck_assert_uint_gt(lists, 15);
    ck_assert_uint_gt(w.opened, 60);
}
END_TEST

START_TEST(enter_opens_every_row_of_the_pages_of_the_day)
{
    static const struct screen_ops *const pages[] = {&screen_home, &screen_settings,
                                                     &screen_reports};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        size_t left = 40;
        open_screen(pages[i]);
        page_rows_open(&left);
        key(K_ESC);
    }
    ck_assert_uint_gt(w.opened, 15);
}
END_TEST

/* Other words name commands, files that are written, screens, and the console's own few. */
START_TEST(synonyms_name_commands_and_screens)
{
    static const char *const own[] = {"language es", "language en", "logout", "quit"};
    const char *at = NULL;
    struct synonym s;
    while (synonym_next(&at, &s)) {
        bool found = false;
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
            found = found || synonym_is_of(&s, own[i]);
        }
        for (size_t i = 0; commands[i] != NULL; i++) {
            found = found || synonym_is_of(&s, commands[i]->name);
        }
        for (size_t i = 0; export_at(i) != NULL; i++) {
            found = found || synonym_is_of(&s, export_at(i)->name);
        }
        for (size_t i = 0; i < screens_openable_count; i++) {
            found = found || synonym_is_of(&s, screens_openable[i]->name);
        }
        ck_assert_msg(found, "data/synonyms.csv names %.*s, which there is not",
                      (int)s.name_len, s.name);
    }
}
END_TEST

Suite *suite_walk(const char *dir)
{
    Suite *s = suite_create("walk");
    TCase *t = tcase_create("walk");
    busy_dir = dir;
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, enter_opens_every_row_of_every_list);
    tcase_add_test(t, enter_opens_every_row_of_the_pages_of_the_day);
    tcase_add_test(t, synonyms_name_commands_and_screens);
    suite_add_tcase(s, t);
    return s;
}
