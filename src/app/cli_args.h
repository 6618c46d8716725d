/* The command line: global options, then words of a command, then its parameters as --name
 * value. */
#ifndef AFORO_APP_CLI_ARGS_H
#define AFORO_APP_CLI_ARGS_H

#include <stdbool.h>

#include "app/command.h"

/* Options that stand before or behind any command. */
struct cli {
    const char *office;  /* --office DIR; AFORO_OFFICE; "office" */
    const char *session; /* --session FILE; AFORO_SESSION; OFFICE/state/session */
    const char *lang;    /* --lang es|en */
    const char *date;    /* --date: business date */
    bool json;           /* --json: machine output */
    bool yes;            /* --yes: confirmations are given */
    bool quiet;          /* --quiet: no progress */
    const char *lacking; /* an option whose value is not there; NULL: none */
    int argc;            /* what is left */
    char **argv;
};

/* Take the global options out of argv, which is reordered in place, and speak the language that
 * --lang says. */
enum err_code cli_parse(struct cli *cli, int argc, char **argv, struct err *e) MUST_CHECK;
/* The option --name VALUE (or --name=VALUE) among what is left: taken out; NULL when absent.
 * One without its value stays where it is and is kept in `lacking`, so that nothing asked for
 * is passed over in silence. */
const char *cli_take(struct cli *cli, const char *name);
bool cli_take_flag(struct cli *cli, const char *name);
/* A whole number within [least, most]. False when the text, which may be NULL, is none; *out is
 * set otherwise only. */
bool cli_whole(const char *text, int64_t least, int64_t most, int64_t *out);
/* ERR_USAGE naming an option whose value is not there, if one was asked for. */
enum err_code cli_lacks_nothing(const struct cli *cli, struct err *e) MUST_CHECK;
/* The longest command whose words begin argv; *words gets how many. NULL when there is none. */
const struct command *cli_command(const struct cli *cli, int *words);
/* Fill the context's arguments from what follows the words. Secrets come from --NAME-file FILE
 * or are typed. */
enum err_code cli_args(struct cli *cli, int words, struct command_ctx *c,
                       struct err *e) MUST_CHECK;
/* Read a secret: from the file when given, else typed at the terminal without echo. Owned by
 * the caller: buf_wipe. */
enum err_code cli_secret(const char *prompt, const char *file, struct buf *out,
                         struct err *e) MUST_CHECK;

/* Print the usage of a command from its parameter rows. */
void cli_usage(const struct command *command);

#endif
