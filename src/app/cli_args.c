#include <config.h>

#include "app/cli_args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/files.h"
#include "base/i18n.h"

#define SECRET_MAX 1024

/* Remove n words at i. */
static void cli_drop(struct cli *cli, int i, int n)
{
    for (int k = i; k + n < cli->argc; k++) {
        cli->argv[k] = cli->argv[k + n];
    }
    cli->argc -= n;
}

/* Does word i say --name? *value gets what follows "=", or NULL. */
static bool option_is(const struct cli *cli, int i, const char *name, const char **value)
{
    const char *w = cli->argv[i];
    size_t len = strlen(name);
    *value = NULL;
    if (strncmp(w, "--", 2) != 0 || strncmp(w + 2, name, len) != 0) {
        return false;
    }
    if (w[2 + len] == '=') {
        *value = w + 3 + len;
        return true;
    }
    return w[2 + len] == '\0';
}

const char *cli_take(struct cli *cli, const char *name)
{
    for (int i = 0; i < cli->argc && strcmp(cli->argv[i], "--") != 0; i++) {
        const char *value = NULL;
        if (option_is(cli, i, name, &value)) {
            if (value == NULL && i + 1 == cli->argc) {
                cli->lacking = cli->argv[i];
                return NULL;
            }
            value = value != NULL ? value : cli->argv[i + 1];
            cli_drop(cli, i, cli->argv[i][2 + strlen(name)] == '=' ? 1 : 2);
            return value;
        }
    }
    return NULL;
}

enum err_code cli_lacks_nothing(const struct cli *cli, struct err *e)
{
    return cli->lacking == NULL
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("%s needs a value behind it"), cli->lacking);
}

bool cli_take_flag(struct cli *cli, const char *name)
{
    for (int i = 0; i < cli->argc && strcmp(cli->argv[i], "--") != 0; i++) {
        const char *value = NULL;
        if (option_is(cli, i, name, &value) && value == NULL) {
            cli_drop(cli, i, 1);
            return true;
        }
    }
    return false;
}

enum err_code cli_parse(struct cli *cli, int argc, char **argv, struct err *e)
{
    *cli = (struct cli){.argc = argc - 1, .argv = argv + 1};
    cli->office = cli_take(cli, "office");
    cli->session = cli_take(cli, "session");
    cli->lang = cli_take(cli, "lang");
    cli->date = cli_take(cli, "date");
    cli->json = cli_take_flag(cli, "json");
    cli->yes = cli_take_flag(cli, "yes");
    cli->quiet = cli_take_flag(cli, "quiet");
    if (cli->lang != NULL && strcmp(cli->lang, "es") != 0 && strcmp(cli->lang, "en") != 0) {
        return err_set(e, ERR_USAGE, _("--lang is es or en, not \"%s\""), cli->lang);
    }
    if (cli->lang != NULL) { /* what is wrong with the rest is said in it */
        i18n_switch(cli->lang);
    }
    TRY(cli_lacks_nothing(cli, e));
    if (cli->office == NULL) {
        cli->office = getenv("AFORO_OFFICE");
    }
    if (cli->office == NULL || *cli->office == '\0') {
        cli->office = "office";
    }
    if (cli->session == NULL) {
        cli->session = getenv("AFORO_SESSION");
    }
    struct date d;
    if (cli->date != NULL && date_parse(cli->date, strlen(cli->date), &d, e) != ERR_OK) {
        return err_set(e, ERR_USAGE, _("--date \"%s\" is no date; write it as 2026-11-21"),
                       cli->date);
    }
    return ERR_OK;
}

const struct command *cli_command(const struct cli *cli, int *words)
{
    const struct command *best = NULL;
    *words = 0;
    for (size_t i = 0; commands[i] != NULL; i++) {
        const char *at = commands[i]->name;
        int n = 0;
        while (*at != '\0' && n < cli->argc) {
            size_t len = strcspn(at, " ");
            if (strlen(cli->argv[n]) != len || memcmp(cli->argv[n], at, len) != 0) {
                break;
            }
            n++;
            at += len;
            at += *at == ' ' ? 1 : 0;
        }
        if (*at == '\0' && n > *words) {
            *words = n;
            best = commands[i];
        }
    }
    return best;
}

/* Secrets of the running command; wiped when the program ends its command. */
static struct buf secrets[4];

bool cli_whole(const char *text, int64_t least, int64_t most, int64_t *out)
{
    struct decimal d;
    struct err ignored = ERR_INIT;
    if (text == NULL || decimal_parse(text, strlen(text), &d, &ignored) != ERR_OK ||
        d.scale != 0 || d.mantissa < least || d.mantissa > most) {
        return false;
    }
    *out = d.mantissa;
    return true;
}

enum err_code cli_secret(const char *prompt, const char *file, struct buf *out, struct err *e)
{
    char line[SECRET_MAX];
    if (file != NULL) {
        TRY(file_read(file, out, e));
    } else if (!isatty(STDIN_FILENO)) {
        return err_set(
            e, ERR_USAGE,
            _("%s: there is no terminal to type it at; name a file with --password-file"),
            prompt);
    } else {
        struct termios was;
        (void)fprintf(stderr, "%s: ", prompt);
        (void)tcgetattr(STDIN_FILENO, &was);
        struct termios silent = was;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        const char *got = fgets(line, sizeof line, stdin);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
        (void)fputc('\n', stderr);
        buf_adds(out, got != NULL ? got : "");
        secure_wipe(line, sizeof line);
    }
    while (out->len > 0 &&
           (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r')) {
        out->data[--out->len] = '\0';
    }
    return buf_status(out, prompt, e);
}

static enum err_code take_secret(struct cli *cli, const struct param *p, size_t slot,
                                 struct arg *a, struct err *e)
{
    char option[64];
    const char *file = NULL;
    CHECK(slot < sizeof secrets / sizeof secrets[0]);
    (void)snprintf(option, sizeof option, "%s-file", p->name);
    buf_init(&secrets[slot], SECRET_MAX);
    file = cli_take(cli, option);
    if (file == NULL && (p->flags & PARAM_REQUIRED) == 0) {
        return ERR_OK; /* not wanted; --NAME-file - asks for it */
    }
    if (file != NULL && strcmp(file, "-") == 0) {
        file = NULL;
    }
    TRY(cli_secret(_(p->help), file, &secrets[slot], e));
    a->given = true;
    a->text = buf_str(&secrets[slot]);
    return ERR_OK;
}

enum err_code cli_args(struct cli *cli, int words, struct command_ctx *c, struct err *e)
{
    size_t slot = 0;
    cli_drop(cli, 0, words);
    for (size_t i = 0; c->command->params[i].name != NULL; i++) {
        const struct param *p = &c->command->params[i];
        struct arg *a = &c->args[i];
        *a = (struct arg){0};
        if (p->type == PARAM_SECRET) {
            TRY(take_secret(cli, p, slot++, a, e));
        } else if (p->type == PARAM_FLAG) {
            a->given = cli_take_flag(cli, p->name);
            a->text = "1";
        } else {
            a->text = cli_take(cli, p->name);
            a->given = a->text != NULL;
        }
    }
    for (size_t i = 0; c->command->params[i].name != NULL && cli->argc > 0; i++) {
        if ((c->command->params[i].flags & PARAM_POSITIONAL) != 0 && !c->args[i].given &&
            (cli->argv[0][0] != '-' || cli->argv[0][1] == '\0')) {
            c->args[i] = (struct arg){.given = true, .text = cli->argv[0]};
            cli_drop(cli, 0, 1);
        }
    }
    TRY(cli_lacks_nothing(cli, e));
    if (cli->argc > 0 && strncmp(cli->argv[0], "--", 2) == 0) {
        return err_set(e, ERR_USAGE, _("\"%s\" has no option %s; see: aforo help %s"),
                       c->command->name, cli->argv[0], c->command->name);
    }
    if (cli->argc > 0) {
        return err_set(e, ERR_USAGE, _("\"%s\" is too much here; see: aforo help %s"),
                       cli->argv[0], c->command->name);
    }
    return ERR_OK;
}

void cli_usage(const struct command *command)
{
    (void)printf("aforo %s", command->name);
    for (const struct param *p = command->params; p->name != NULL; p++) {
        if ((p->flags & PARAM_POSITIONAL) != 0) {
            (void)printf((p->flags & PARAM_REQUIRED) != 0 ? " %s" : " [%s]", p->name);
        }
    }
    (void)printf("\n    %s\n", _(command->summary));
    for (const struct param *p = command->params; p->name != NULL; p++) {
        const char *suffix = p->type == PARAM_SECRET ? "-file FILE" : "";
        const char *kind = p->type == PARAM_CHOICE ? p->choices : NULL;
        (void)printf("    --%s%s%s%s  %s%s", p->name, suffix, kind != NULL ? " " : "",
                     kind != NULL ? kind : "", _(p->help),
                     (p->flags & PARAM_REQUIRED) != 0 ? _(" (required)") : "");
        if (p->fallback != NULL) {
            (void)printf(_(" (default: %s)"), p->fallback);
        }
        (void)fputc('\n', stdout);
    }
}
