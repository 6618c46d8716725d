/* Subcommand table and the one place where errors are reported. */
#include <config.h>

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/outcome.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "store/migrate.h"
#include "verb.h"

#define COMMAND_OUT_MAX ((size_t)64 << 20)

static const struct verb verbs[] = {
#define VERB(ident, name, usage, summary) {name, usage, summary, verb_##ident},
#include "verbs.def"
#undef VERB
};
#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

const struct verb *verb_at(size_t index)
{
    return index < VERB_COUNT ? &verbs[index] : NULL;
}

const struct verb *verb_find(const struct cli *cli, int *words)
{
    const struct verb *best = NULL;
    *words = 0;
    for (size_t i = 0; i < VERB_COUNT; i++) {
        const char *space = strchr(verbs[i].name, ' ');
        int n = space != NULL ? 2 : 1;
        size_t first = space != NULL ? (size_t)(space - verbs[i].name) : strlen(verbs[i].name);
        bool fits = cli->argc >= n && strlen(cli->argv[0]) == first &&
                    memcmp(cli->argv[0], verbs[i].name, first) == 0 &&
                    (space == NULL || strcmp(cli->argv[1], space + 1) == 0);
        if (fits && n > *words) {
            *words = n;
            best = &verbs[i];
        }
    }
    return best;
}

enum err_code verb_version(struct cli *cli, struct err *e)
{
    TRY(verb_no_more(cli, e));
    verb_answer(
        cli,
        ANSWER({"version", PACKAGE_VERSION, 0}, {"schema", NULL, (int64_t)migrations_count}),
        "aforo %s, schema %zu\n", PACKAGE_VERSION, migrations_count);
    return ERR_OK;
}

enum err_code verb_migrate(struct cli *cli, struct err *e)
{
    TRY(verb_no_more(cli, e));
    struct db *db = NULL;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/office.db", cli->office);
    TRY(db_open(path, DB_WRITE, &db, e));
    enum err_code code = schema_migrate(db, (int64_t)migrations_count, e);
    db_close(db);
    return code;
}

/* What would follow is told first; what cannot be done is refused before it is asked. */
static enum err_code confirm(const struct cli *cli, struct command_ctx *c, struct err *e)
{
    char line[16] = "";
    char what[256];
    struct buf text;
    if ((c->command->flags & CMD_CONFIRM) == 0 || cli->yes) {
        return ERR_OK;
    }
    size_t len = (size_t)snprintf(what, sizeof what, "%s", c->command->name);
    for (size_t i = 0; c->command->params[i].name != NULL && len < sizeof what; i++) {
        if ((c->command->params[i].flags & PARAM_POSITIONAL) != 0 && c->args[i].given) {
            len += (size_t)snprintf(what + len, sizeof what - len, " %s", c->args[i].text);
        }
    }
    buf_init(&text, COMMAND_OUT_MAX);
    enum err_code code = outcome_tell(c, &text, e);
    if (code == ERR_OK) {
        (void)fprintf(stderr, "%s", buf_str(&text));
        (void)fprintf(stderr, _("%s: %s. Go on? [y/N] "), what, _(c->command->summary));
        code = fgets(line, sizeof line, stdin) != NULL && line[0] != '\0' &&
                       strchr("yYsS", line[0]) != NULL
                   ? ERR_OK
                   : err_set(e, ERR_CANCELLED, _("not confirmed; nothing was changed"));
    }
    buf_release(&text);
    return code;
}

static void ticket_print(const struct cli *cli, const struct command_ctx *c,
                         const struct ticket *t)
{
    if (cli->json) {
        (void)printf("{\"command\":\"%s\",\"entry\":%lld,\"id\":%lld,\"state\":\"%s\"}\n",
                     c->command->name, (long long)t->seq, (long long)c->result_id,
                     t->state == TICKET_FINAL ? "final" : "pending");
    } else if (t->seq == 0) {
        (void)printf("%s\n", c->message[0] != '\0' ? c->message : _("nothing was recorded"));
    } else if (c->message[0] != '\0') {
        (void)printf(_("%s (entry %lld)\n"), c->message, (long long)t->seq);
    } else {
        (void)printf(_("recorded as entry %lld\n"), (long long)t->seq);
    }
}

/* With --json each entry is told as soon as it is durable: what a caller has seen is never
 * lost. */
static void durable_print(const struct entry *en)
{
    (void)printf("{\"durable\":%lld,\"kind\":\"%s\"}\n", (long long)en->seq, en->kind);
    (void)fflush(stdout);
}

static void out_spill(struct command_ctx *c)
{
    if (c->progress != NULL) {
        (void)fputs("\r\033[K", stderr); /* on the line where progress stands */
    }
    (void)fputs(buf_str(c->out), stdout);
    buf_clear(c->out);
    c->spilled = true;
}

static enum err_code run_command(struct cli *cli, const struct command *command, int words,
                                 struct err *e)
{
    struct command_ctx c = {
        .command = command,
        .progress = verb_progress_or_null(cli),
        .spill = out_spill,
        .durable = cli->json && (command->flags & CMD_BULK) != 0 ? durable_print : NULL};
    struct ticket t = {0};
    struct buf out;
    bool bootstrap = (command->flags & CMD_BOOTSTRAP) != 0;
    const char *place = cli->office;
    char *making = NULL; /* a new office is made beside its place and moved there whole */
    buf_init(&out, COMMAND_OUT_MAX);
    c.out = &out;
    c.json = cli->json;
    enum err_code code = cli_args(cli, words, &c, e);
    if (code == ERR_OK && cli->date != NULL) {
        (void)snprintf(c.date, sizeof c.date, "%s", cli->date);
    }
    if (code == ERR_OK && bootstrap) {
        code = office_making(place, &making, e);
        cli->office = making;
    }
    if (code == ERR_OK) {
        code = verb_office(
            cli, bootstrap ? DB_CREATE : DB_WRITE, &c.office,
            (command->flags & (CMD_BOOTSTRAP | CMD_OFFICE)) != 0 ? NULL : &c.session, e);
    }
    if (code == ERR_OK) {
        code = confirm(cli, &c, e);
    }
    if (code == ERR_OK) {
        code = command_run(&c, &t, e);
    }
    session_free(c.session);
    office_close(c.office);
    if (code == ERR_OK && bootstrap) {
        code = office_made(making, place, e);
    }
    /* What a command has to say it says also when it fails in the end: which rows, and why. */
    bool told = c.spilled || out.len > 0;
    if (out.failed) {
        (void)fprintf(stderr, "aforo: %s\n",
                      _("the list was too long to be told whole: it ends early"));
    }
    (void)fputs(buf_str(&out), stdout);
    if (code == ERR_OK && (!told || (!cli->json && c.message[0] != '\0'))) {
        ticket_print(cli, &c, &t);
    }
    if (c.warning[0] != '\0') {
        (void)fprintf(stderr, "aforo: %s\n", c.warning);
    }
    buf_release(&out);
    mem_free(making);
    return code;
}

/* "--help" anywhere and "--version" alone mean what they mean to other programs. */
static bool takes_flag(struct cli *cli, const char *flag, int until)
{
    for (int i = 0; i < cli->argc && i < until; i++) {
        if (strcmp(cli->argv[i], flag) == 0) {
            cli->argc--;
            memmove(&cli->argv[i], &cli->argv[i + 1],
                    (size_t)(cli->argc - i) * sizeof cli->argv[0]);
            return true;
        }
    }
    return false;
}

/* No command: the console, or what comes before there is an office. */
static enum err_code at_rest(struct cli *cli, struct err *e)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/office.db", cli->office);
    if (access(path, F_OK) != 0) {
        return verb_first(cli, e);
    }
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 ? verb_console(cli, e)
                                                                   : verb_help(cli, e);
}

/* An option without its value says so itself, whatever the subcommand made of the words. */
static enum err_code lacking_told(const struct cli *cli, enum err_code code, struct err *e)
{
    return cli->lacking != NULL ? cli_lacks_nothing(cli, e) : code;
}

static enum err_code dispatch(struct cli *cli, struct err *e)
{
    if (takes_flag(cli, "--help", INT_MAX)) {
        return verb_help(cli, e);
    }
    if (takes_flag(cli, "--version", 1)) {
        return verb_version(cli, e);
    }
    int command_words = 0;
    int verb_words = 0;
    const struct command *command = cli_command(cli, &command_words);
    const struct verb *verb = verb_find(cli, &verb_words);
    if (cli->argc == 0) {
        return at_rest(cli, e);
    }
    if (verb != NULL && verb_words >= command_words) {
        cli->argc -= verb_words;
        cli->argv += verb_words;
        enum err_code code = verb->run(cli, e);
        return code == ERR_OK || code == ERR_USAGE ? lacking_told(cli, code, e) : code;
    }
    if (command != NULL) {
        return run_command(cli, command, command_words, e);
    }
    return err_set(e, ERR_USAGE, _("there is no command \"%s\"; see: aforo help %s"),
                   cli->argv[0], cli->argv[0]);
}

int main(int argc, char **argv)
{
    struct cli cli;
    struct err e = ERR_INIT;
    (void)signal(SIGPIPE, SIG_IGN);
    i18n_init(NULL);
    enum err_code code = cli_parse(&cli, argc, argv, &e);
    if (code == ERR_OK) {
        code = dispatch(&cli, &e);
    }
    if (code == ERR_OK && (fflush(stdout) != 0 || ferror(stdout))) {
        code = err_errno(&e, _("cannot write the output"));
    }
    if (code != ERR_OK && cli.json) {
        struct buf text;
        buf_init(&text, 16384);
        json_add_string(&text, e.text, strlen(e.text));
        (void)fprintf(stderr, "{\"error\":\"%s\",\"message\":%s}\n", err_code_name(code),
                      buf_str(&text));
        buf_release(&text);
    } else if (code != ERR_OK) {
        (void)fprintf(stderr, "aforo: %s\n", e.text);
    }
    return err_exit_status(code);
}
