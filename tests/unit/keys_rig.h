/* The console over a real office without a terminal and without threads, for random keys: what
 * one sees, presses and asks the office for, counted. */
#ifndef AFORO_TESTS_UNIT_KEYS_RIG_H
#define AFORO_TESTS_UNIT_KEYS_RIG_H

#include <check.h>

#include "lib/office_busy.h"
#include "ui/console.h"
#include "verb_console.h"

#define JOBS_MAX 256
#define COMMANDS_MAX 384
#define SCREENS_MAX 128

/* As ck_assert_msg(), which writes to a file each time that it is asked; this one when it
 * fails. */
#define MUST(condition, ...)                                                                   \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            ck_abort_msg(__VA_ARGS__);                                                         \
        }                                                                                      \
    } while (0)

/* How often: a screen was on top; a form was opened, run, and recorded something. */
struct reached {
    size_t screens[SCREENS_MAX], forms[COMMANDS_MAX], runs[COMMANDS_MAX], done[COMMANDS_MAX];
};

struct keys_rig {
    struct bound bound;
    struct ui_model real, model;
    struct console console;
    struct frame frame;
    struct job *jobs[JOBS_MAX];
    size_t job_count;
    int64_t now_ms;
    const char *role; /* of olga, who is logged in */
    const struct office_fixture *office;
    int64_t grants;        /* of the role */
    bool worn;             /* what olga may, or how she logs in, is another now */
    uint64_t pressed;      /* keys */
    bool hit[SCREENS_MAX]; /* screens that were on top since the last key */
    char refused[256];     /* why she could not log in the last time */
    bool old_key;          /* the session's key signs nothing any more */
    /* In this round, so that a round can be replayed by itself; and in all. */
    struct reached reached, total;
};

extern struct keys_rig rig;

/* Replayable chance. */
void chance_seed(uint64_t seed);
uint32_t pick(uint32_t below);

/* Open the console over the office in `dir`, logged out; close it, and count in what was
 * reached. */
void rig_open(const char *dir);
void rig_close(void);

extern struct office_fixture rig_busy; /* made once, before Check forks */

/* Open the console, logged out, over a copy of the busy office in which olga has that role.
 * At its end the ledger is verified, and what was reached is counted in. */
void rig_begin(struct office_fixture *f, const char *role);
void rig_end(struct office_fixture *f);

void rig_send(const struct event *ev);
void rig_key(uint32_t key);
void rig_type(const char *text);
/* Answer the jobs that wait, in any order that lanes allow, until `leave` are left. */
void rig_jobs(size_t leave);
/* Whole characters, every row as wide as the frame, no control among them. */
void rig_check_frame(void);
/* Does the text stand in the frame, its words on one line or on the next? */
bool rig_shows(const char *text);
void rig_count_screen(void);

const struct console_slot *rig_top(void);
bool rig_typing(void);
/* Index among all commands, exports after them; COMMANDS_MAX - 1 for any other name. */
size_t command_index(const char *name);
const char *command_name(size_t index); /* NULL past the last */
/* Has the role the screen? */
bool rig_may_open(const struct screen_ops *ops);

/* One thing that somebody might do at the console: a key, a form, another size. */
void press_something(void);

/* What is in the office now, for fields. */
void values_load(const struct office_fixture *f);
/* Something for a field of a command: mostly what fits, sometimes what nobody should type.
 * Good until the next call. */
const char *value_for(const struct command *c, const struct param *p);

#endif
