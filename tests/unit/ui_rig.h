/* A console without terminal or threads, over a made-up office. Jobs run at once, or when the
 * test says so. */
#ifndef AFORO_TESTS_UI_RIG_H
#define AFORO_TESTS_UI_RIG_H

#include "ui/console.h"

/* The made-up office: what it holds and what was asked of it. */
struct fake {
    struct ui_model model;
    size_t meter_count; /* up to fake_listed they are the rows of a list, above it they are
                           generated */
    uint64_t ledger_height;
    bool logged_in;
    bool reader; /* a role that may do nothing but look */
    size_t builds, fetches, fetched_rows, checks, runs;
    char last_command[64]; /* name and values of the last command run: "limit set serial=A-0122
                              ..." */
    char last_values[512];
    enum err_code fail_with; /* the next command fails so */
    const char *fail_field;
    const char *fail_value;     /* a command with this value fails */
    const char *previous_value; /* of every meter's last reading, NULL: as listed */
};

/* Rows of each list but the meters. */
#define FAKE_LIST_ROWS 9

#define RIG_JOBS_MAX 256u

struct rig {
    struct fake fake;
    struct console console;
    struct frame frame;
    bool deferred; /* jobs wait for rig_run_job() */
    struct job *jobs[RIG_JOBS_MAX];
    size_t job_count;
    bool quit;
    size_t suspended, redrawn;
    char theme[32];
    char copied[1024];
    int64_t now_ms;
};

extern const size_t fake_listed;
/* The model's lists (ui_fake_list.c): rows made up from the columns of the list's screen. */
const struct rowsource *fake_list(void *ctx, const char *name);
enum err_code fake_list_detail(void *ctx, const char *name, int64_t id, struct list_detail *out,
                               struct err *e);
/* Columns called serial, account or bill lead to row 1 of what they name. */
enum err_code fake_list_goals(void *ctx, const char *name, int64_t id,
                              struct list_goal out[LIST_LINKS_MAX], size_t *count,
                              struct err *e);
/* Its pages and its search (ui_fake_page.c). */
enum err_code fake_sheet(void *ctx, const char *name, int64_t id, struct sheet *out,
                         struct err *e);
enum err_code fake_find(void *ctx, const char *text, struct ui_search *out, struct err *e);
/* An empty office with the list of meters, nobody logged in. */
void fake_init(struct fake *f);

void rig_open(struct rig *r, const struct screen_ops *first, int rows, int columns);
void rig_close(struct rig *r);
/* The same, logged in, on the meters screen. */
void rig_open_meters(struct rig *r, size_t meter_count, int rows, int columns);

void rig_key(struct rig *r, uint32_t key);
/* Each byte as a key; '\n' is Enter, '\t' Tab, '\033' Esc. UTF-8 goes through as code points.
 */
void rig_type(struct rig *r, const char *text);
void rig_paste(struct rig *r, const char *text, size_t len);
void rig_resize(struct rig *r, int rows, int columns);
void rig_tick(struct rig *r, int64_t ms);
/* Run the waiting job of an index and deliver its answer. */
void rig_run_job(struct rig *r, size_t index);
void rig_run_all(struct rig *r);
/* Draw, and give the frame as text; valid until the next call. */
const char *rig_text(struct rig *r);
/* Draw, and assert that the text stands (or does not stand) somewhere in the frame. */
void rig_sees(struct rig *r, const char *text);
void rig_misses(struct rig *r, const char *text);
/* The screen on top. */
const struct screen_ops *rig_top(const struct rig *r);

#endif
