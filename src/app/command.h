/* The one command path. A command is a table row: name (which is also its permission),
 * parameters that drive the CLI flags, the console's forms and the API alike, and a function
 * that validates and builds its ledger entry. */
#ifndef AFORO_APP_COMMAND_H
#define AFORO_APP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "app/office.h"
#include "app/session.h"
#include "base/arena.h"
#include "base/caltime.h"
#include "base/err.h"
#include "base/progress.h"
#include "ledger/ledger.h"

enum param_type {
    PARAM_TEXT,
    PARAM_INT,     /* whole number */
    PARAM_DATE,    /* 2026-11-21 */
    PARAM_TIME,    /* 2026-11-21 09:41[:30], office's wall clock */
    PARAM_DECIMAL, /* exact decimal, kept as text */
    PARAM_CHOICE,  /* one of `choices` */
    PARAM_FILE,    /* path of a file to read; "-" standard input where it says so */
    PARAM_SECRET,  /* typed or read from a file, never from the command line */
    PARAM_FLAG,    /* present or not */
};

enum param_flags {
    PARAM_REQUIRED = 1,
    PARAM_PERSONAL = 2,   /* personal data: goes off the ledger behind a commitment */
    PARAM_POSITIONAL = 4, /* may stand on the command line without its --name */
    PARAM_WRITTEN = 8     /* PARAM_FILE: the command makes the file */
};

struct param {
    const char *name; /* "serial" */
    enum param_type type;
    unsigned flags;
    const char *help;     /* N_("...") */
    const char *choices;  /* "water|energy|gas" */
    const char *fallback; /* default text; NULL: none */
};
/* Why something is done that takes a reason; the end of a list of parameters. */
#define PARAM_REASON                                                                           \
    {                                                                                          \
        "reason", PARAM_TEXT, PARAM_REQUIRED, N_("why"), NULL, NULL                            \
    }
#define PARAM_END                                                                              \
    {                                                                                          \
        NULL, PARAM_TEXT, 0, NULL, NULL, NULL                                                  \
    }

#define PARAMS_MAX 24

struct arg {
    bool given;
    const char *text;
    int64_t integer;   /* PARAM_INT, PARAM_FLAG */
    struct date date;  /* PARAM_DATE, PARAM_TIME */
    struct civil time; /* PARAM_TIME */
};

struct command;

/* Everything a running command may use. */
struct command_ctx {
    struct office *office;
    struct session *session; /* NULL only for init */
    const struct command *command;
    struct arg args[PARAMS_MAX]; /* parallel to command->params */
    struct arena *arena;         /* reset before each attempt */
    struct ledger_head head; /* what `build` saw; ids count on from the tables at this head */
    char date[DATE_TEXT];    /* business date */
    const struct progress *progress;
    struct buf
        *out; /* what the command prints for its caller, as JSON when `json`; NULL: nothing */
    /* Prints `out` now and empties it, for what may be very long; NULL: it is kept to the end.
     */
    void (*spill)(struct command_ctx *c);
    bool spilled; /* it has printed something */
    bool json;
    /* Called for each entry once it is durable; NULL: nobody asked. */
    void (*durable)(const struct entry *en);
    struct act_group *group; /* set by group.c; NULL: each entry is a commit of its own */
    void *report;            /* bulk commands fill what their caller passed; see each header */
    int64_t import;          /* whose act this is (`meter swap`); 0: of none */
    int64_t request;   /* the approved request being carried out (app/request.h); 0: none */
    int64_t result_id; /* id of what was made, for the message */
    char warning[512]; /* what went wrong after all was recorded; empty: nothing */
    char message[512]; /* one sentence for the person, in her language */
};

enum command_flags {
    CMD_CONFIRM = 1,    /* ask before running, show what it does */
    CMD_BULK = 2,       /* `run` makes many entries itself */
    CMD_BOOTSTRAP = 4,  /* only on an empty ledger */
    CMD_TWO_PERSON = 8, /* needs the approval of somebody else: see app/request.h */
    CMD_OFFICE = 16,    /* nobody is logged in: the office's key signs, `run` judges who may */
    CMD_BEHIND = 64,    /* may run in an office behind what it published */
    CMD_WINDOW = 128,   /* a checkpoint is signed over what it recorded */
};

/* The transaction that a command shares with others (group.h). */
struct act_group {
    struct signer *signer;
    struct ledger_head head; /* of what is in it so far; its leaf once signer_finish() told */
    bool clock_forced;       /* clock.adjusted is among it */
    bool spoiled;            /* a part of an entry is in it: it must not be committed */
};

struct command {
    const char *name;    /* "meter add": words; also the permission */
    const char *summary; /* N_("...") */
    unsigned flags;
    const struct param *params; /* ends with a NULL name */
    /* Validate against the tables and say what to record. Runs again when another writer was
     * first. */
    enum err_code (*build)(struct command_ctx *c, struct draft *d, struct err *e);
    enum err_code (*run)(struct command_ctx *c, struct err *e); /* CMD_BULK, CMD_OFFICE; with
                                                                   CMD_TWO_PERSON: asks */
};

extern const struct command *const commands[]; /* ends with NULL; sorted by family */
const struct command *command_find(const char *name);

/* A submission's receipt: in a single office it is final at commit. */
enum ticket_state { TICKET_FINAL, TICKET_PENDING };
struct ticket {
    int64_t seq; /* entry; 0 when nothing was recorded */
    enum ticket_state state;
};

/*
 * Run a command: the only way state changes.
 *
 * c:  office, session, command and raw args (text, given) filled in; the rest is set here.
 * Checks parameters, permission (a refusal of a known user is recorded), business date,
 * validates, signs, appends, projects and commits; comes again when another writer was first.
 */
enum err_code command_run(struct command_ctx *c, struct ticket *out, struct err *e) MUST_CHECK;

/* The first thing that command_run does: every argument is there and of its type; what is not
 * given takes its fallback. ERR_USAGE names the parameter. */
enum err_code command_check(struct command_ctx *c, struct err *e) MUST_CHECK;

/* Do what was approved: c is filled in with the request and its arguments; its arena is the
 * caller's. Only for app/cmd_request.c. */
enum err_code command_carry_out(struct command_ctx *c, struct ticket *out,
                                struct err *e) MUST_CHECK;

/* What command_run and bulk commands use: append one entry made by `build`. */
typedef enum err_code (*build_fn)(struct command_ctx *c, struct draft *d, struct err *e);
enum err_code act(struct command_ctx *c, build_fn build, struct sign_key *key,
                  const char *actor, struct ticket *out, struct err *e) MUST_CHECK;
/* The same, signed by the user of the session. */
enum err_code act_user(struct command_ctx *c, build_fn build, struct ticket *out,
                       struct err *e) MUST_CHECK;

/* Arguments by name; a name that the command lacks is our bug. */
const struct arg *arg_get(const struct command_ctx *c, const char *name);
const char *arg_text(const struct command_ctx *c, const char *name); /* NULL when not given */
bool arg_flag(const struct command_ctx *c, const char *name);
/* Set one raw argument. ERR_USAGE when the command has no such parameter. */
enum err_code arg_set(struct command_ctx *c, const char *name, const char *text,
                      struct err *e) MUST_CHECK;
/* Date argument or the business date. */
const char *arg_date_or_today(const struct command_ctx *c, const char *name);

/* Next free id of a table whose query is "SELECT max(id) FROM ...". */
enum err_code next_id(struct command_ctx *c, const char *max_sql, int64_t *out,
                      struct err *e) MUST_CHECK;

/* Start a draft: kind, version 1, data object. */
enum err_code draft_begin(struct command_ctx *c, struct draft *d, const char *kind,
                          struct err *e) MUST_CHECK;
/* Members of a draft's data. ERR_NOMEM. */
enum err_code data_int(struct command_ctx *c, struct json *o, const char *name, int64_t v,
                       struct err *e) MUST_CHECK;
enum err_code data_text(struct command_ctx *c, struct json *o, const char *name, const char *v,
                        struct err *e) MUST_CHECK;
enum err_code data_set(struct command_ctx *c, struct json *o, const char *name, struct json *v,
                       struct err *e) MUST_CHECK;
/* Finish a batch and make it the draft's; members count and root. What may be recorded of the
 * items must be in them already; they are borrowed until the draft is recorded. */
enum err_code data_items(struct command_ctx *c, struct draft *d, struct item_batch *items,
                         struct err *e) MUST_CHECK;
/* Members keyid and spki of a public key. */
enum err_code public_key_data(struct command_ctx *c, const struct sign_key *key, struct json *o,
                              struct err *e) MUST_CHECK;
/* Personal value: kept off the ledger, its commitment set as member `name` of `o`. owner, id:
 * table and row that will hold it in a column of that name (commitments.def). */
enum err_code data_personal(struct command_ctx *c, struct draft *d, struct json *o,
                            const char *owner, int64_t id, const char *name, const char *value,
                            struct err *e) MUST_CHECK;

#endif
