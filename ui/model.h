/* What the console needs from the floor below, as structs of functions: the binding to the
 * office fills them, tests fill them with fakes. Screens know nothing else of the program.
 *
 * Text handed up is UTF-8 and may hold anything: the frame shows hostile characters as tokens.
 * Strings named "msgid" are English messages marked with N_(), translated when they are drawn.
 * Numbers and dates travel in machine form
 * ("3212.9", "2025-06-10", "2025-06-10 09:42", office local time) and are written in the
 * office's way by the console.
 *
 * Which thread calls: functions marked [query] run on LANE_QUERY and those marked [act] on
 * LANE_ACT (ui/job.h), one at a time a lane; [any] is called by the main thread too and must
 * not touch disk. */
#ifndef AFORO_UI_MODEL_H
#define AFORO_UI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/changed.h"
#include "app/command.h"
#include "app/list.h"
#include "app/pick.h"
#include "app/undo.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/sheet.h"
#include "base/text.h"
#include "ui/rowsource.h"

/* ---- session ---- */

struct ui_status {
    char office[96];
    char user[64];
    char role[32]; /* machine name: "operator" */
    uint64_t ledger_height;
    uint32_t alerts;
    char drawer[48]; /* that the user has open; "" for none */
};

struct ui_login_reply {
    /* Seconds until this user may try again; 0: at once. */
    uint32_t wait_seconds;
};

/* ---- commands: the palette and its forms read the rows of app/command.h ---- */

struct ui_value {
    const char *name;
    const char *value; /* machine form, "" when left empty */
};

#define UI_SAID_MAX 16384u
#define UI_MESSAGE_MAX 512u

struct ui_ticket {
    uint64_t entry;               /* ledger entry, 0 if the command wrote none */
    int64_t result;               /* number of what was made: a receipt, a dispute; 0: none */
    bool pending;                 /* not final yet */
    char message[UI_MESSAGE_MAX]; /* translated sentence on what was done; may be "" */
    char said[UI_SAID_MAX]; /* what it printed besides: a preview, a trial; may be cut or "" */
    char field[48];         /* on failure: name of the parameter at fault, or "" */
};

/* ---- meters ---- */

#define UI_HISTORY_MAX 36u

/* Columns of the meters list, the order of cells in struct row. */
enum ui_meter_cell {
    UI_METER_SERIAL,
    UI_METER_PLACE,
    UI_METER_LAST,    /* date of the last reading */
    UI_METER_READING, /* its value, with the dial's decimals */
    UI_METER_STATE,   /* ok high low zero held none out */
    UI_METER_PENDING, /* read review none: what is to be done */
    UI_METER_KIND,    /* water energy gas */
    UI_METER_ROUTE,
    UI_METER_ACCOUNT,
    UI_METER_CELLS
};

struct ui_meter_detail {
    int64_t id;
    char serial[48];
    char kind[16]; /* water energy gas */
    char route[48];
    char place[128];
    char account[48];
    char unit[16];                   /* as shown: "m³" */
    int64_t history[UI_HISTORY_MAX]; /* consumption of the last periods, oldest first, in any
                                        one unit */
    size_t history_count;
    int64_t history_limit; /* the limit in the unit of history; -1: none */
    char mean[32];         /* machine numbers; "" when unknown */
    char expected_low[32];
    char expected_high[32];
    char limit[32];
};

/* ---- reading entry ---- */

/* Saves a reading; run with values serial, value, time, note. */
#define UI_COMMAND_READING "reading add"
/* Sets a meter's limit; opened with serial filled in. */
#define UI_COMMAND_LIMIT "limit set"

struct ui_reading_subject {
    struct ui_meter_detail meter;
    char previous_at[24]; /* "" when there is none */
    char previous_value[32];
    char customer[96]; /* whose account it is on; "" where nobody's, or not to be read */
    unsigned digits, decimals; /* of the dial */
    char multiplier[16];
    char expected_low[32]; /* the register's expected range today */
    char expected_high[32];
};

enum ui_severity { UI_SEVERITY_NOTE, UI_SEVERITY_WARN, UI_SEVERITY_BAD };

#define UI_FINDINGS_MAX 8u

struct ui_finding {
    enum ui_severity severity;
    char title[640];  /* translated sentences: what, against which limit, of which source */
    char source[192]; /* translated: the rule, what will happen; may be "" */
};

struct ui_findings {
    char consumption[32]; /* since the previous reading; "" when it cannot be told */
    uint32_t days;
    size_t count;
    struct ui_finding list[UI_FINDINGS_MAX];
    char advice[192]; /* translated: the likeliest slip of the fingers; may be "" */
};

/* ---- the queue of what waits for a decision: the list "queue" ---- */

/* Its columns. The id of a row is twice the number of a held reading, or that of an alert and
 * one more. */
enum ui_queue_cell {
    UI_QUEUE_RANK,
    UI_QUEUE_SERIAL,
    UI_QUEUE_WHY, /* translated */
    UI_QUEUE_VALUE,
    UI_QUEUE_USE,
    UI_QUEUE_EXPECTED,
    UI_QUEUE_MONEY, /* at stake */
    UI_QUEUE_AGE,   /* days */
    UI_QUEUE_ACCOUNT,
    UI_QUEUE_NUMBER, /* of the reading or alert */
    UI_QUEUE_RULE,   /* codes, for deciding a group */
    UI_QUEUE_CLASS,
    UI_QUEUE_TIME,
    UI_QUEUE_BEST, /* the likeliest value that the dial showed instead; "" */
    UI_QUEUE_CELLS
};

/* ---- looking for whatever a customer says ---- */

#define UI_FOUND_MAX 60u

struct ui_found {
    int64_t account, meter; /* ids, 0: none */
    const char *field;      /* msgid: where the text stands */
    char number[42];        /* of the account */
    char serial[42];
    char name[96];
    char match[128];
};

struct ui_search {
    size_t count;
    bool more; /* there were more than these */
    struct ui_found list[UI_FOUND_MAX];
};

/* ---- files that are named in forms ---- */

#define PATH_TYPED_MAX 512
#define NAME_TYPED_MAX 256

/* What stands behind a path as somebody types it. */
struct ui_file {
    char completed[PATH_TYPED_MAX + NAME_TYPED_MAX]; /* as far as it goes on one way alone */
    size_t matches;                                  /* names that begin so */
    char names[200];           /* some of them, when there is more than one */
    char path[PATH_TYPED_MAX]; /* of the ordinary file that it is; "" when it is none */
    int64_t bytes;
    char type[32];   /* by content, of what can be attached; "" */
    char sha256[65]; /* "" for what cannot be attached */
    char fault[200]; /* translated: why it cannot be attached; "" when it can */
};

struct ui_model {
    void *ctx;
    const struct numfmt *format; /* the office's way to write numbers and dates */

    /* [any] Local wall-clock time of the office, seconds as civil_to_secs(). */
    int64_t (*local_now)(void *ctx);
    /* [any] May the user who is logged in run this command? Unknown commands: no. */
    bool (*may)(void *ctx, const char *command);

    /* On LANE_IDLE, after login and when the ledger grew: make later work faster, as by an
     * index. NULL: there is nothing of the kind. */
    enum err_code (*upkeep)(void *ctx, const struct progress *progress, struct err *e);

    /* [query] Nobody logged in: user and role stay empty, alerts 0. */
    enum err_code (*status)(void *ctx, struct ui_status *out, struct err *e);

    /* [act] ERR_DENIED for a wrong name or password alike; the sentence in e says so. The reply
     * is filled either way. */
    enum err_code (*login)(void *ctx, const char *user, const char *password,
                           struct ui_login_reply *reply, struct err *e);
    /* [act] */
    void (*logout)(void *ctx);
    /* [act] Is this the password of the user who is logged in? ERR_DENIED when it is not. */
    enum err_code (*unlock)(void *ctx, const char *password, struct ui_login_reply *reply,
                            struct err *e);
    int64_t lock_after_ms; /* without a key, until the console locks; 0: never */

    /* [any] The commands the user may run, by index; NULL past the last. */
    const struct command *(*command_at)(void *ctx, size_t index);
    /* [query] Which command undoes an entry, and with which values. */
    enum err_code (*undo)(void *ctx, int64_t entry, struct undo *out, struct err *e);
    /* [query] What somebody recorded about one of these after entry `since`; NULL: nobody else
     * can. */
    enum err_code (*changed)(void *ctx, int64_t since, const struct changed_about *about,
                             size_t count, struct changed *out, struct err *e);
    /* [act] What running it would do, in translated lines; nothing is recorded. NULL: it cannot
     * be told. */
    enum err_code (*command_preview)(void *ctx, const char *name, const struct ui_value *values,
                                     size_t count, struct buf *out, struct err *e);
    /* [act] */
    enum err_code (*command_run)(void *ctx, const char *name, const struct ui_value *values,
                                 size_t count, const struct progress *progress,
                                 struct ui_ticket *out, struct err *e);

    /* [any] The rows of a list by its name (app/list.h); NULL: there is none, or the user may
     * not see it. */
    const struct rowsource *(*list)(void *ctx, const char *name);
    /* [query] More about a row of a list; out is list_detail_init()ed. */
    enum err_code (*list_detail)(void *ctx, const char *name, int64_t id,
                                 struct list_detail *out, struct err *e);
    /* [query] The things that a row of a list speaks of and that have a page; at most
     * LIST_LINKS_MAX. */
    enum err_code (*list_goals)(void *ctx, const char *name, int64_t id,
                                struct list_goal out[LIST_LINKS_MAX], size_t *count,
                                struct err *e);
    /* [query] One thing in full, by the page's name (app/page.h); out is sheet_init()ed. */
    enum err_code (*sheet)(void *ctx, const char *name, int64_t id, struct sheet *out,
                           struct err *e);

    /* [query] What a parameter of a command may be filled with; out is a new one. */
    enum err_code (*picks)(void *ctx, const char *command, const char *param, const char *typed,
                           struct picks *out, struct err *e);

    /* [query] What a path that is being typed stands for. */
    enum err_code (*file_look)(void *ctx, const char *typed, struct ui_file *out,
                               struct err *e);

    /* [any] Where a file goes that a form of this name writes, unless another path is typed; ""
     * or NULL: it must be typed. */
    void (*file_default)(void *ctx, const char *name, char out[PATH_TYPED_MAX]);

    /* [query] What holds a text, the best first. */
    enum err_code (*find)(void *ctx, const char *text, struct ui_search *out, struct err *e);

    /* The meters list; filterable and sortable by every cell of enum ui_meter_cell. */
    struct rowsource meters;
    /* [query] */
    enum err_code (*meter_detail)(void *ctx, int64_t meter, struct ui_meter_detail *out,
                                  struct err *e);

    /* [query] What the entry form shows about a meter. */
    enum err_code (*reading_subject)(void *ctx, int64_t meter, struct ui_reading_subject *out,
                                     struct err *e);
    /* [query] What the rules say of a value not saved yet; value and when are in machine form.
     */
    enum err_code (*reading_check)(void *ctx, int64_t meter, const char *value,
                                   const char *when, struct ui_findings *out, struct err *e);
};

#endif
