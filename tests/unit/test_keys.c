/* Random keys at the console over a real office, logged in as each role: it never breaks, never
 * runs what the role may not, and the ledger holds afterwards. Keys are weighted by what the
 * screen offers. 400 keys a role, 1,000,000 with AFORO_SOAK=1; AFORO_KEYS=n for another
 * count, AFORO_SEED=n replays. Prints how often each screen and command was reached. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/verify_office.h"
#include "base/i18n.h"
#include "base/text.h"
#include "lib/office_busy.h"
#include "ui/console.h"
#include "verb_console.h"

Suite *suite_keys(void);

#define JOBS_MAX 256
#define COMMANDS_MAX 512

static const char *const roles[] = {"administrator", "operator",  "supervisor", "billing",
                                    "reader",        "installer", "auditor",    "regulator"};
#define ROLES (sizeof roles / sizeof roles[0])

static struct {
    struct bound bound;
    struct ui_model real, model;
    struct console console;
    struct frame frame;
    struct job *jobs[JOBS_MAX];
    size_t job_count;
    int64_t now_ms;
    size_t screens[128], forms[COMMANDS_MAX], runs[COMMANDS_MAX], done[COMMANDS_MAX];
} s;

static uint64_t state;

static uint32_t pick(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % below);
}

static size_t command_index(const char *name)
{
    for (size_t i = 0; commands[i] != NULL && i < COMMANDS_MAX - 1; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return i;
        }
    }
    return COMMANDS_MAX - 1; /* an export: a form of the console's own */
}

/* ---- between the console and the office -------------------------------------------------- */

/* Whatever key was pressed: what the role may not is not even asked for. */
static enum err_code counted_run(void *ctx, const char *name, const struct ui_value *values,
                                 size_t count, const struct progress *progress,
                                 struct ui_ticket *out, struct err *e)
{
    bool may = false;
    size_t at = command_index(name);
    s.runs[at]++;
    if (at < COMMANDS_MAX - 1) {
        ck_assert_ptr_nonnull(s.bound.session);
        ck_assert_int_eq(session_may(s.bound.act, s.bound.session->user, name, &may, e),
                         ERR_OK);
        ck_assert_msg(may, "the console asked for \"%s\" as %s", name, s.bound.role);
    }
    enum err_code code = s.real.command_run(ctx, name, values, count, progress, out, e);
    s.done[at] += code == ERR_OK ? 1 : 0;
    return code;
}

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
    console_update(&s.console, ev, &fx);
    for (size_t i = 0; i < fx.count; i++) {
        struct effect *f = &fx.list[i];
        if (f->kind == FX_JOB) {
            ck_assert_uint_lt(s.job_count, JOBS_MAX);
            s.jobs[s.job_count++] = f->job;
            f->job = NULL;
        } else if (f->kind == FX_LANGUAGE) {
            i18n_switch(f->text);
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

/* Answers of different lanes come in any order; those of one lane in theirs. */
static void jobs_run(size_t leave)
{
    for (size_t rounds = 0; s.job_count > leave; rounds++) {
        struct job_env env = {{NULL, go_on}, NULL, on_post};
        size_t at = pick((uint32_t)s.job_count);
        ck_assert_msg(rounds < 2000, "jobs ask for jobs without end");
        for (size_t i = 0; i < at; i++) {
            at = s.jobs[i]->lane == s.jobs[at]->lane ? i : at;
        }
        struct job *job = s.jobs[at];
        s.job_count--;
        memmove(&s.jobs[at], &s.jobs[at + 1], (s.job_count - at) * sizeof s.jobs[0]);
        job->ops->run(job, &env);
        deliver(job);
    }
}

static const struct console_slot *top(void)
{
    return &s.console.stack[s.console.depth - 1];
}

static void key(uint32_t k)
{
    struct event ev = {.kind = EV_KEY, .key = k};
    send(&ev);
}

static void type(const char *text)
{
    while (*text != '\0') {
        uint32_t cp = 0;
        size_t used = utf8_decode(text, strlen(text), &cp);
        text += used > 0 ? used : 1;
        key(cp == '\n' ? K_ENTER : cp == '\t' ? K_TAB : cp);
    }
}

static bool typing(void)
{
    return top()->ops->typing != NULL && top()->ops->typing(top()->state);
}

/* ---- what is pressed --------------------------------------------------------------------- */

static void log_in(void)
{
    for (int i = 0; i < 2; i++) {
        key(K_ESC);
    }
    for (int i = 0; i < 2; i++) { /* whichever field has the focus */
        key(K_END);
        key(K_CTRL | 'u');
        key(K_TAB);
    }
    if (s.console.overlay == OVERLAY_NONE && top()->ops == &screen_login) {
        type("olga\t" FIXTURE_PASSWORD "\n");
    }
    jobs_run(0);
}

/* What there is in the busy office, by the name of the parameter. */
static const char *known(const struct param *p)
{
    static const struct {
        const char *name;
        const char *values[6];
    } rows[] = {{"serial", {"W00001", "W00003", "E00001", "W99999"}},
                {"account", {"A00001", "A00002", "A00009", "B-1"}},
                {"meter", {"W00002", "1", "2"}},
                {"login", {"luis", "marta", "zoe1"}},
                {"to", {"luis", "marta", "10"}},
                {"role", {"lector", "operator"}},
                {"roles", {"operator", "supervisor", "auditor"}},
                {"commands", {"reading add", "payment take,drawer open"}},
                {"ids", {"1", "2,3"}},
                {"tariff", {"doc07-water", "nada"}},
                {"currency", {"USD", "EUR"}},
                {"policy", {"kiosk", "late_fee", "bank"}},
                {"rule", {"spike", "zero", "decrease"}},
                {"period", {"2026-10", "2026-11"}},
                {"obis", {"1-0:2.8.0", "8-0:1.0.0"}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = 0;
        while (n < 6 && rows[i].values[n] != NULL) {
            n++;
        }
        if (strcmp(rows[i].name, p->name) == 0) {
            return rows[i].values[pick((uint32_t)n)];
        }
    }
    return NULL;
}

/* Something for a field: mostly what fits, sometimes what nobody should type. */
static const char *field_value(const struct param *p)
{
    static const char *const hostile[] = {
        "",     "\342\200\256evil", "\xcc\x81\xcc\x81\xcc\x81", "99999999999999999999", "-1",
        "a b c"};
    static const char *const dates[] = {"02/11/2026", "01/10/2026", "31/12/2026"};
    static const char *const numbers[] = {"1", "2", "3", "10", "1000", "0"};
    const char *value = known(p);
    if (pick(16) == 0) {
        return hostile[pick(6)];
    }
    if (value != NULL) {
        return value;
    }
    switch (p->type) {
    case PARAM_DATE:
        return dates[pick(3)];
    case PARAM_TIME:
        return "02/11/2026 10:00";
    case PARAM_INT:
    case PARAM_DECIMAL:
        return numbers[pick(6)];
    case PARAM_FILE:
        return pick(2) == 0 ? "policy.json" : "none.json";
    case PARAM_SECRET:
        return FIXTURE_PASSWORD;
    case PARAM_TEXT:
    case PARAM_CHOICE:
    case PARAM_FLAG:
        return "prueba";
    }
    return "";
}

/* The form that the palette opened: each field by what it is. */
static void fill_form(const struct command *c)
{
    for (const struct param *p = c->params; p->name != NULL; p++) {
        if ((p->flags & PARAM_REQUIRED) == 0 && pick(3) != 0) {
            key(K_TAB);
            continue;
        }
        if (p->type == PARAM_CHOICE || p->type == PARAM_FLAG) {
            for (uint32_t n = 1 + pick(4); n > 0; n--) {
                key(K_RIGHT);
            }
        } else {
            key(K_END);
            key(K_CTRL | 'u');
            type(field_value(p));
        }
        key(K_TAB);
    }
    key(K_ENTER);
    jobs_run(0);
    key('y');
    key(K_ENTER);
    jobs_run(0);
}

/* A form whose fields are not known: anything in each. */
static void fill_fields(void)
{
    static const char *const values[] = {
        "W00001", "A00001", "1",    "10.5", "02/11/2026",
        "olga",   "x",      "cash", "",     "\342\200\256evil"};
    for (uint32_t n = 1 + pick(6); n > 0; n--) {
        type(values[pick(sizeof values / sizeof values[0])]);
        key(K_TAB);
    }
    key(K_ENTER);
    key('y');
}

/* Open the form of a command that the role may run, or a screen. */
static void palette(void)
{
    size_t count = 0;
    while (s.model.command_at(s.model.ctx, count) != NULL) {
        count++;
    }
    key(K_ESC);
    key(K_ESC);
    jobs_run(0);
    type(":");
    if (count == 0 || pick(3) == 0) {
        type(screens_openable[pick((uint32_t)screens_openable_count)]->name);
        for (uint32_t n = pick(2) * pick(5); n > 0; n--) { /* other lines name it too */
            key(K_DOWN);
        }
        key(K_ENTER);
        return;
    }
    const struct command *c = s.model.command_at(s.model.ctx, pick((uint32_t)count));
    type(c->name);
    key(K_ENTER);
    jobs_run(0);
    if (top()->ops == &screen_command && pick(4) != 0) {
        s.forms[command_index(c->name)]++;
        fill_form(c);
    }
}

/* A key that the screen says it has. */
static uint32_t offered(void)
{
    struct key_table t =
        pick(3) == 0 ? console_keys(&s.console) : top()->ops->keys(top()->state);
    if (t.count == 0) {
        return K_ENTER;
    }
    const struct key_row *row = &t.rows[pick((uint32_t)t.count)];
    return row->also != K_NONE && pick(2) == 0 ? row->also : row->key;
}

static uint32_t any_key(void)
{
    static const uint32_t likely[] = {K_DOWN, K_UP, K_ENTER, K_ENTER, K_TAB,
                                      K_ESC,  ' ',  'y',     'n'};
    switch (pick(8)) {
    case 0:
        return K_ENTER + pick(K_LAST - K_ENTER);
    case 1:
        return 1 + pick(0x10ffff);
    case 2:
        return pick(0x80) | (pick(2) != 0 ? K_CTRL : K_ALT);
    case 3:
        return ' ' + pick(0x5f);
    case 4:
    case 5:
        return offered();
    default:
        return likely[pick(sizeof likely / sizeof likely[0])];
    }
}

static void resize_somehow(void)
{
    static const int sizes[][2] = {{1, 1}, {24, 80}, {24, 80}, {43, 132}, {5, 20}, {200, 500}};
    size_t which = pick(8);
    struct event ev = {
        .kind = EV_RESIZE, .rows = 1 + (int)pick(50), .columns = 1 + (int)pick(140)};
    if (which < sizeof sizes / sizeof sizes[0]) {
        ev.rows = sizes[which][0];
        ev.columns = sizes[which][1];
    }
    ck_assert_int_eq(frame_resize(&s.frame, ev.rows, ev.columns, NULL), ERR_OK);
    send(&ev);
}

static void one_event(void)
{
    if (top()->ops == &screen_login) {
        log_in();
    }
    switch (pick(40)) {
    case 0:
        resize_somehow();
        break;
    case 1:
    case 2:
    case 3:
        palette();
        break;
    case 4:
    case 5:
        if (typing()) {
            fill_fields();
        }
        break;
    case 6: {
        struct event ev = {.kind = EV_TICK, .now_ms = s.now_ms += pick(3000)};
        ev.local_secs = s.model.local_now(s.model.ctx);
        send(&ev);
        break;
    }
    default: {
        uint32_t k = any_key();
        if (!(k == '/' && typing())) { /* no path out of the test's folder is typed */
            key(k);
        }
    }
    }
    jobs_run(pick(4) == 0 ? 2 : 0);
}

/* ---- what is seen ------------------------------------------------------------------------ */

static void check_frame(size_t event)
{
    console_render(&s.console, &s.frame);
    for (int row = 0; row < s.frame.rows; row++) {
        int width = 0;
        for (int column = 0; column < s.frame.columns; column++) {
            const struct cell *c = frame_at(&s.frame, row, column);
            width += c->width;
            for (const char *p = c->text; *p != '\0'; p++) {
                ck_assert_msg((unsigned char)*p >= ' ' && *p != 0x7f, "event %zu: a control",
                              event);
            }
        }
        ck_assert_msg(width == s.frame.columns, "event %zu, row %d", event, row);
    }
}

static void count_reached(void)
{
    for (size_t i = 0; i < screens_all_count && i < 128; i++) {
        s.screens[i] += top()->ops == screens_all[i] ? 1 : 0;
    }
}

static size_t keys_wanted(void)
{
    const char *n = getenv("AFORO_KEYS");
    return n != NULL ? strtoull(n, NULL, 10) : getenv("AFORO_SOAK") != NULL ? 1000000 : 400;
}

static void console_begin(const char *dir)
{
    struct effects fx = {0};
    struct err e = ERR_INIT;
    ck_assert_msg(bound_open(dir, &s.bound, &e) == ERR_OK, "%s", e.text);
    s.real = bound_model(&s.bound);
    s.model = s.real;
    s.model.command_run = counted_run;
    frame_init(&s.frame);
    ck_assert_int_eq(frame_resize(&s.frame, 24, 80, NULL), ERR_OK);
    ck_assert_int_eq(console_init(&s.console, &s.model, &screen_login, 24, 80, &fx, NULL),
                     ERR_OK);
    fx_release(&fx);
}

static void console_end(void)
{
    for (size_t i = 0; i < s.job_count; i++) {
        job_free(s.jobs[i]);
    }
    s.job_count = 0;
    console_release(&s.console);
    frame_release(&s.frame);
    bound_close(&s.bound);
}

static void tell(const char *role)
{
    size_t runs = 0;
    size_t done = 0;
    for (size_t i = 0; i < screens_all_count && i < 128; i++) {
        if (s.screens[i] > 0) {
            printf("# reached %s screen %s %zu\n", role, screens_all[i]->name, s.screens[i]);
        }
    }
    for (size_t i = 0; i < COMMANDS_MAX; i++) {
        if (s.forms[i] + s.runs[i] > 0) {
            printf("# reached %s command %s form %zu, run %zu, done %zu\n", role,
                   i == COMMANDS_MAX - 1 ? "(files)" : commands[i]->name, s.forms[i], s.runs[i],
                   s.done[i]);
        }
        runs += s.runs[i];
        done += s.done[i];
    }
    printf("# count keys_%s %zu 0\n# %s: %zu commands run, %zu done\n", role, keys_wanted(),
           role, runs, done);
}

/* In the soak count nothing that the role may is left out; here everything is told. */
static void all_reached(struct office_fixture *f, const char *role)
{
    struct err e = ERR_INIT;
    for (size_t i = 0; commands[i] != NULL && keys_wanted() >= 1000000; i++) {
        bool may = false;
        ck_assert_int_eq(session_may(f->office, f->olga->user, commands[i]->name, &may, &e),
                         ERR_OK);
        may = may && (commands[i]->flags & (CMD_BOOTSTRAP | CMD_OFFICE)) == 0;
        ck_assert_msg(!may || s.forms[i] + s.runs[i] > 0, "\"%s\" as %s was never reached",
                      commands[i]->name, role);
    }
    for (size_t i = 0; i < screens_openable_count && keys_wanted() >= 1000000; i++) {
        const struct screen_ops *ops = screens_openable[i];
        bool may = ops->needs == NULL || s.model.may(s.model.ctx, ops->needs);
        size_t at = 0;
        while (at + 1 < screens_all_count && screens_all[at] != ops) {
            at++;
        }
        ck_assert_msg(!may || s.screens[at] > 0, "the screen \"%s\" as %s was never reached",
                      ops->name, role);
    }
}

static struct office_fixture busy; /* made once, before Check forks */

START_TEST(random_keys_as_each_role_break_nothing_and_escape_nothing)
{
    struct office_fixture f;
    struct err e = ERR_INIT;
    struct audit a;
    char place[FIXTURE_PATH_MAX];
    const char *role = roles[_i];
    const char *seed = getenv("AFORO_SEED");
    int64_t refused = 0;
    size_t wanted = keys_wanted();
    memset(&s, 0, sizeof s);
    state = (seed != NULL ? strtoull(seed, NULL, 10) : 20261121u) * 16 + (uint64_t)_i * 2 + 1;
    fixture_temp_folder(place);
    fixture_copy_folder(busy.dir, place);
    f = busy;
    memcpy(f.dir, place, sizeof place);
    fixture_reopen(&f);
    fixture_run(&f, f.ana, "user roles", "login", "olga", "roles", role, NULL);
    ck_assert_int_eq(chdir(place), 0); /* files that it writes stay in the office's folder */
    FILE *policy = fopen("policy.json", "w");
    ck_assert_ptr_nonnull(policy);
    ck_assert_int_ge(fputs("{\"readings\": true}", policy), 0);
    ck_assert_int_eq(fclose(policy), 0);
    console_begin(place);
    for (size_t i = 0; i < wanted; i++) {
        one_event();
        count_reached();
        if (i % (s.frame.columns > 160 ? 32 : 4) == 0) {
            check_frame(i);
        }
    }
    tell(role);
    ck_assert_int_eq(
        db_get_int(f.office->db, &refused, NULL, &e,
                   "SELECT count(*) FROM history h WHERE h.kind = 'access.refused' "
                   "AND h.seq > (SELECT max(seq) FROM history WHERE kind = "
                   "'user.roles_set' AND actor = 'user:1')",
                   NO_VALS),
        ERR_OK);
    ck_assert_msg(refused == 0 || s.done[command_index("user roles")] > 0,
                  "%lld refusals as %s: the console offered what the role may not",
                  (long long)refused, role);
    all_reached(&f, role);
    console_end();
    fixture_close(&f);
    struct verify_request q = {.dir = place, .level = VERIFY_FULL, .env = &env_system};
    ck_assert_msg(verify_office(&q, &a, &e) == ERR_OK, "%s", e.text);
    i18n_switch("en");
    ck_assert_int_eq(chdir("/"), 0);
    fixture_remove_folder(place);
}
END_TEST

Suite *suite_keys(void)
{
    Suite *suite = suite_create("keys");
    TCase *t = tcase_create("keys");
    fixture_init(&busy);
    fixture_busy(&busy);
    fixture_close(&busy);
    tcase_set_timeout(t, getenv("AFORO_SOAK") != NULL ? 36000 : 300);
    tcase_add_loop_test(t, random_keys_as_each_role_break_nothing_and_escape_nothing, 0,
                        (int)ROLES);
    suite_add_tcase(suite, t);
    return suite;
}

int main(void)
{
    i18n_init("en");
    fixture_template();
    SRunner *r = srunner_create(suite_keys());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fixture_remove_folder(busy.dir);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
