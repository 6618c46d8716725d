/* Subcommands that change nothing, or that are whole programs: the table that main() looks
 * into. Commands that change state stand in app/commands.def. */
#ifndef AFORO_VERB_H
#define AFORO_VERB_H

#include "app/cli_args.h"

struct verb {
    const char *name;    /* "login"; one word, or two as in "export ledger" */
    const char *usage;   /* N_("--user NAME [--password-file FILE]") */
    const char *summary; /* N_("...") */
    enum err_code (*run)(struct cli *cli, struct err *e);
};

#define VERB(ident, name, usage, summary)                                                      \
    enum err_code verb_##ident(struct cli *cli, struct err *e);
#include "verbs.def"
#undef VERB

/* The rows of verbs.def by index; NULL past the last. */
const struct verb *verb_at(size_t index);
/* The one whose words begin the command line; *words gets how many. */
const struct verb *verb_find(const struct cli *cli, int *words);
/* No command where there is no office: offer to make one, or print how. */
enum err_code verb_first(struct cli *cli, struct err *e);

/* Open the office that the options name, and in *session (unless NULL) the saved session. */
enum err_code verb_office(const struct cli *cli, enum db_mode mode, struct office **o,
                          struct session **session, struct err *e);
/* Say on standard error when the office is behind what it published. verb_office does so for
 * DB_READ, and commands refuse. */
void verb_behind(const struct office *o);
/* Path of the session file; owned by the caller. */
char *verb_session_path(const struct cli *cli);
/* Progress on standard error, one line drawn over, when that is a terminal and not --quiet. */
extern const struct progress verb_progress;
const struct progress *verb_progress_or_null(const struct cli *cli);
/* ERR_USAGE when words are left that nobody took. */
enum err_code verb_no_more(const struct cli *cli, struct err *e);
/* What a subcommand did: with --json an object of `parts`, else the sentence, which has its
 * newline. */
struct answer {
    const char *name;
    const char *text; /* NULL: the number */
    int64_t number;
};
#define ANSWER(...)                                                                            \
    (const struct answer[])                                                                    \
    {                                                                                          \
        __VA_ARGS__,                                                                           \
        {                                                                                      \
            NULL, NULL, 0                                                                      \
        }                                                                                      \
    }
void verb_answer(const struct cli *cli, const struct answer *parts, const char *sentence, ...)
    __attribute__((format(printf, 3, 4)));
/* "-o FILE", as compilers have it, besides --output; taken out. NULL when absent. */
const char *verb_take_output(struct cli *cli);

#endif
