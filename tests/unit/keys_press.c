/* What is pressed: keys at random, weighted by what the screen offers; forms filled as their
 * fields ask; and, most often, the way to what was reached least. */
#include <config.h>

#include "keys_rig.h"
#include "noise_key.h"

#include <stdlib.h>
#include <string.h>

/* Wrong passwords make the next one wait; nobody waits here. */
static void forget_failures(void)
{
    struct db *db = NULL;
    struct err e = ERR_INIT;
    MUST(db_open(rig.bound.act->sessions_path, DB_WRITE, &db, &e) == ERR_OK &&
             db_run(db, &e, "DELETE FROM attempt", NO_VALS) == ERR_OK,
         "%s", e.text);
    db_close(db);
}

static void tick(int64_t ms)
{
    struct event ev = {.kind = EV_TICK, .now_ms = rig.now_ms += ms};
    ev.local_secs = rig.model.local_now(rig.model.ctx);
    rig_send(&ev);
}

/* Whichever field has the focus, one of two attempts begins in the first. */
static void log_in(void)
{
    for (unsigned attempt = 0; attempt < 4 && rig_top()->ops == &screen_login; attempt++) {
        forget_failures();
        tick(61000);
        rig_key(K_ESC);
        rig_key(K_ESC);
        for (unsigned i = 0; i < 2 + attempt % 2; i++) {
            rig_key(K_END);
            rig_key(K_CTRL | 'u');
            rig_key(K_TAB);
        }
        rig_type("olga\t" FIXTURE_PASSWORD "\n");
        rig_jobs(0);
    }
    MUST(rig.worn || rig_top()->ops != &screen_login,
         "key %llu: olga cannot log in any more as %s: %s", (unsigned long long)rig.pressed,
         rig.role, rig.refused);
}

/* The password, or once in a while another one. */
static void unlock(void)
{
    rig_key(K_CTRL | 'u');
    if (pick(4) != 0) {
        forget_failures();
        rig_type(FIXTURE_PASSWORD "\n");
    } else {
        rig_type("otra\n");
    }
    rig_jobs(0);
}

/* ---- forms ------------------------------------------------------------------------------- */

static void answer_question(void)
{
    if (rig.console.overlay == OVERLAY_CONFIRM) {
        rig_key(pick(8) != 0 ? 'y' : K_ESC);
        rig_jobs(0);
    }
}

/* The form on top: each field by what it is. */
static void fill_form(const struct command *c)
{
    for (const struct param *p = c->params; p->name != NULL; p++) {
        bool leave = (p->flags & PARAM_REQUIRED) == 0 && pick(4) != 0;
        if (!leave && (p->type == PARAM_CHOICE || p->type == PARAM_FLAG)) {
            for (uint32_t n = 1 + pick(4); n > 0; n--) {
                rig_key(K_RIGHT);
            }
        } else if (!leave) {
            rig_key(K_END);
            rig_key(K_CTRL | 'u');
            rig_type(value_for(c, p));
        }
        if (p[1].name != NULL) {
            rig_key(K_TAB);
        }
    }
    rig_key(K_ENTER);
    rig_jobs(0);
    answer_question();
}

static void close_all(void)
{
    for (int i = 0; i < 20 && (rig.console.depth > 1 || rig.console.overlay != OVERLAY_NONE);
         i++) {
        rig_key(rig.console.overlay == OVERLAY_CONFIRM ? 'y' : K_ESC);
        if (rig.console.overlay == OVERLAY_LOCK) {
            unlock();
        }
    }
    rig_jobs(0);
}

static void by_palette(const char *name)
{
    close_all();
    rig_key(K_CTRL | 'p');
    rig_type(name);
    rig_key(K_ENTER);
    rig_jobs(0);
}

static void one_command(const struct command *c)
{
    by_palette(c->name);
    if (rig_top()->ops == &screen_command) {
        rig.reached.forms[command_index(c->name)]++;
        if (pick(8) != 0) {
            fill_form(c);
        }
    }
}

/* Any of so many; of the forms of reports, which differ little, one in thirty. */
static const struct command *any_command(size_t count)
{
    const struct command *c;
    do {
        c = rig.model.command_at(rig.model.ctx, pick((uint32_t)count));
    } while (strncmp(c->name, "report ", 7) == 0 && pick(30) != 0);
    return c;
}

/* Half of the times what was done least; then any. */
static void some_command(void)
{
    size_t count = 0;
    size_t least = 0;
    const struct command *c;
    while ((c = rig.model.command_at(rig.model.ctx, count)) != NULL) {
        const struct command *best = rig.model.command_at(rig.model.ctx, least);
        if (rig.reached.runs[command_index(c->name)] +
                2 * rig.reached.done[command_index(c->name)] <
            rig.reached.runs[command_index(best->name)] +
                2 * rig.reached.done[command_index(best->name)]) {
            least = count;
        }
        count++;
    }
    if (count > 0) {
        one_command(pick(2) == 0 ? rig.model.command_at(rig.model.ctx, least)
                                 : any_command(count));
    }
}

static size_t seen(const struct screen_ops *ops)
{
    for (size_t i = 0; i < screens_all_count; i++) {
        if (screens_all[i] == ops) {
            return rig.reached.screens[i];
        }
    }
    return 0;
}

static void some_screen(void)
{
    const struct screen_ops *ops = NULL;
    for (size_t i = 0; i < screens_openable_count; i++) {
        const struct screen_ops *s = screens_openable[i];
        if (rig_may_open(s) && (ops == NULL || seen(s) < seen(ops))) {
            ops = s;
        }
    }
    if (pick(2) == 0) {
        ops = screens_openable[pick((uint32_t)screens_openable_count)];
    }
    if (ops == NULL) {
        return;
    }
    by_palette(ops->name);
    for (uint32_t n = pick(6); n > 0; n--) {
        rig_key(K_DOWN);
        rig_jobs(0);
    }
    for (uint32_t n = pick(4); n > 0; n--) { /* what a row stands for, and what that offers */
        rig_key(pick(2) == 0 ? K_ENTER : K_F1 + 1 + pick(8));
        rig_jobs(0);
    }
}

/* A form whose fields are not known: anything in each. */
static void fill_fields(void)
{
    static const char *const values[] = {
        "W00001", "A00001", "1",    "10.5", "02/11/2026",
        "olga",   "x",      "cash", "",     "\342\200\256evil"};
    for (uint32_t n = 1 + pick(6); n > 0; n--) {
        rig_type(values[pick(sizeof values / sizeof values[0])]);
        rig_key(K_TAB);
    }
    rig_key(K_ENTER);
    rig_key('y');
}

/* ---- single keys ------------------------------------------------------------------------- */

/* A key that the screen says it has. */
static uint32_t offered(void)
{
    struct key_table t =
        pick(3) == 0 ? console_keys(&rig.console) : rig_top()->ops->keys(rig_top()->state);
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
    uint32_t key =
        pick(4) == 0 ? offered() : noise_key(pick, likely, sizeof likely / sizeof likely[0]);
    /* Who logs out each minute sees little of the office. */
    return key == 'Q' && pick(8) != 0 ? K_DOWN : key;
}

static void resize_somehow(void)
{
    static const int sizes[][2] = {{1, 1}, {24, 80}, {24, 80}, {43, 132}, {5, 20}, {24, 80}};
    size_t which = pick(8);
    struct event ev = {
        .kind = EV_RESIZE, .rows = 1 + (int)pick(50), .columns = 1 + (int)pick(140)};
    if (which < sizeof sizes / sizeof sizes[0]) {
        ev.rows = sizes[which][0];
        ev.columns = sizes[which][1];
    } else if (pick(16) == 0) {
        ev.rows = 200;
        ev.columns = 500;
    }
    MUST(frame_resize(&rig.frame, ev.rows, ev.columns, NULL) == ERR_OK, "no frame");
    rig_send(&ev);
}

static void paste_something(void)
{
    static const char *const pastes[] = {"W00001", "a\nb\tc", "\033[2J", "\342\200\256x",
                                         "\377\376"};
    struct event ev = {.kind = EV_PASTE, .text = pastes[pick(5)]};
    ev.len_bytes = strlen(ev.text);
    rig_send(&ev);
}

static void single_keys(void)
{
    for (uint32_t n = 1 + pick(8); n > 0; n--) {
        uint32_t k = any_key();
        if (!(k == '/' && rig_typing())) { /* no path out of the test's folder is typed */
            rig_key(k);
        }
        rig_jobs(pick(4) == 0 ? 2 : 0);
    }
}

void press_something(void)
{
    if (rig.old_key) {
        by_palette("logout");
        rig.old_key = false;
    }
    if (rig_top()->ops == &screen_login) {
        log_in();
    }
    if (rig.console.overlay == OVERLAY_LOCK) {
        unlock();
    }
    switch (pick(24)) {
    case 0:
        resize_somehow();
        break;
    case 1:
        tick(pick(3000));
        break;
    case 2:
        tick(pick(8) == 0 ? 61000 : 10);
        break;
    case 3:
        paste_something();
        break;
    case 4:
    case 5:
        if (rig_typing()) {
            fill_fields();
        }
        break;
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
        some_command();
        break;
    case 12:
    case 13:
    case 14:
    case 15:
    case 16:
        some_screen();
        break;
    case 17:
        answer_question();
        break;
    default:
        single_keys();
        break;
    }
    rig_jobs(pick(4) == 0 ? 2 : 0);
}
