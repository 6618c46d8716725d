/* What the program says of itself, all from the tables of commands, subcommands and reports:
 * help on the screen, the manual page, and the completions of bash and zsh. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/rep_office.h"
#include "ui/widget_palette.h"
#include "verb.h"

static const struct global_option {
    const char *name;   /* without its dashes */
    const char *arg;    /* NULL: none */
    const char *help;   /* N_() */
    const char *values; /* "a b c", "@dir", "@file"; NULL: nothing to offer */
} globals[] = {
    {"office", "DIR", N_("the office's folder; else AFORO_OFFICE, else \"office\""), "@dir"},
    {"session", "FILE",
     N_("whose session signs; else AFORO_SESSION, else the office's state/session"), "@file"},
    {"lang", "es|en",
     N_("language of what is said; else AFORO_LANG, LC_ALL, LC_MESSAGES, LANG"), "es en"},
    {"date", "DATE", N_("business date of what is recorded; needs the permission backdate"),
     NULL},
    {"json", NULL, N_("answer for programs"), NULL},
    {"yes", NULL, N_("confirmations are given"), NULL},
    {"quiet", NULL, N_("show no progress"), NULL},
};
#define GLOBALS (sizeof globals / sizeof globals[0])

/* ---- on the screen ------------------------------------------------------------------------
 */

static void help_all(void)
{
    (void)printf(
        "%s\n\n",
        _("Aforo: the meter-reading and billing office in a terminal, every figure provable."));
    (void)printf(
        "%s\n",
        _("Commands that record something (each needs a permission of the same name):"));
    for (size_t i = 0; commands[i] != NULL; i++) {
        (void)printf("  %-18s %s\n", commands[i]->name, _(commands[i]->summary));
    }
    (void)printf("\n%s\n", _("The others:"));
    for (size_t i = 0; verb_at(i) != NULL; i++) {
        (void)printf("  %-18s %s\n", verb_at(i)->name, _(verb_at(i)->summary));
    }
    (void)printf("\n%s\n",
                 _("Options of all: --office DIR, --session FILE, --lang es|en, "
                   "--date DATE, --json, --yes, "
                   "--quiet. Explain one: aforo help COMMAND; find one: aforo help WORD"));
}

/* ---- the manual page ----------------------------------------------------------------------
 */

/* Text for roff: dashes that can be copied, no line that begins as a request. */
static void roff(const char *s)
{
    for (; *s != '\0'; s++) {
        switch (*s) {
        case '\\':
            (void)fputs("\\e", stdout);
            break;
        case '-':
            (void)fputs("\\-", stdout);
            break;
        case '\n':
            (void)fputc(' ', stdout);
            break;
        case '.':
        case '\'':
            (void)printf("\\&%c", *s);
            break;
        default:
            (void)fputc(*s, stdout);
        }
    }
}

static void man_head(const char *title)
{
    (void)printf(".SH \"%s\"\n", title);
}

static void man_item(const char *bold, const char *plain, const char *text)
{
    (void)fputs(".TP\n\\fB", stdout);
    roff(bold);
    (void)fputs("\\fR", stdout);
    if (*plain != '\0') {
        (void)fputs(" \\fI", stdout);
        roff(plain);
        (void)fputs("\\fR", stdout);
    }
    (void)fputc('\n', stdout);
    roff(text);
    (void)fputc('\n', stdout);
}

#define CHOICES_SHOWN 100 /* bytes; more are told by the error message alone */

/* What stands behind --name: "FILE", "water|energy|gas", "DATE", or nothing. */
static const char *param_arg(const struct param *p)
{
    switch (p->type) {
    case PARAM_TEXT:
        return "TEXT";
    case PARAM_INT:
        return "N";
    case PARAM_DATE:
        return "DATE";
    case PARAM_TIME:
        return "TIME";
    case PARAM_DECIMAL:
        return "NUMBER";
    case PARAM_CHOICE:
        return strlen(p->choices) < CHOICES_SHOWN ? p->choices : "NAME";
    case PARAM_FILE:
    case PARAM_SECRET:
        return "FILE";
    case PARAM_FLAG:
        return "";
    }
    return "";
}

static void man_command(const struct command *c)
{
    man_item(c->name, "", _(c->summary));
    (void)puts(".RS");
    for (const struct param *p = c->params; p->name != NULL; p++) {
        char option[64];
        char text[1024];
        (void)snprintf(option, sizeof option, "--%s%s", p->name,
                       p->type == PARAM_SECRET ? "-file" : "");
        int n = snprintf(text, sizeof text, "%s%s", _(p->help),
                         (p->flags & PARAM_REQUIRED) != 0 ? _(" (required)") : "");
        if (p->fallback != NULL && n > 0 && (size_t)n < sizeof text) {
            (void)snprintf(text + n, sizeof text - (size_t)n, _(" (default: %s)"), p->fallback);
        }
        man_item(option, param_arg(p), text);
    }
    (void)puts(".RE");
}

static void man_page(void)
{
    (void)printf(".TH AFORO 1 \"\" \"aforo %s\" \"%s\"\n", PACKAGE_VERSION,
                 _("Aforo's manual"));
    (void)puts(".ad l\n.nh"); /* usage lines are copied: no spaces put in, no words parted */
    man_head(_("NAME"));
    (void)puts(_("aforo \\- read meters, bill what they say, and prove every figure"));
    man_head(_("SYNOPSIS"));
    (void)puts(
        "\\fBaforo\\fR\n.br\n\\fBaforo\\fR \\fICOMMAND\\fR [\\fB\\-\\-\\fINAME VALUE\\fR ...]");
    man_head(_("DESCRIPTION"));
    roff(
        _("Without a command, at a terminal, aforo opens the console; where there is no office "
          "yet, it offers to make one. Every command that records something needs a permission "
          "of its own name and becomes a signed entry of the office's ledger."));
    (void)fputc('\n', stdout);
    man_head(_("OPTIONS OF ALL COMMANDS"));
    for (size_t i = 0; i < GLOBALS; i++) {
        char option[64];
        (void)snprintf(option, sizeof option, "--%s", globals[i].name);
        man_item(option, globals[i].arg != NULL ? globals[i].arg : "", _(globals[i].help));
    }
    man_head(_("COMMANDS THAT RECORD SOMETHING"));
    for (size_t i = 0; commands[i] != NULL; i++) {
        man_command(commands[i]);
    }
    man_head(_("OTHER COMMANDS"));
    for (size_t i = 0; verb_at(i) != NULL; i++) {
        const struct verb *v = verb_at(i);
        man_item(v->name, *v->usage != '\0' ? _(v->usage) : "", _(v->summary));
    }
    man_head(_("REPORTS"));
    for (size_t i = 0; i < office_report_count; i++) {
        man_item(office_reports[i].name, "", _(office_reports[i].title));
    }
    man_head(_("EXIT STATUS"));
    man_item("0", "", _("it is done"));
    man_item("1", "",
             _("it could not be done; nothing was changed unless the message says so"));
    man_item("2", "", _("the command line is wrong"));
    man_item("3", "", _("the office's data were tampered with"));
    man_item("4", "", _("it is not permitted, or nobody is logged in"));
}

/* ---- completions --------------------------------------------------------------------------
 */

/* Within single quotes of a shell; in zsh a colon ends the word that is described. */
static void quoted(const char *s, bool colons)
{
    for (; *s != '\0'; s++) {
        if (*s == '\'') {
            (void)fputs("'\\''", stdout);
        } else if (*s == ':' && colons) {
            (void)fputs("\\:", stdout);
        } else {
            (void)fputc(*s == '\n' ? ' ' : *s, stdout);
        }
    }
}

/* Every command and subcommand, one after the other. NULL behind the last. */
static const char *name_at(size_t i, const char **summary)
{
    size_t n = 0;
    while (commands[n] != NULL) {
        n++;
    }
    if (i < n) {
        *summary = commands[i]->summary;
        return commands[i]->name;
    }
    const struct verb *v = verb_at(i - n);
    *summary = v != NULL ? v->summary : "";
    return v != NULL ? v->name : NULL;
}

/* The words "--name" in a usage line. */
static void usage_options(const char *usage, const char *before, const char *after)
{
    for (const char *at = strstr(usage, "--"); at != NULL; at = strstr(at + 2, "--")) {
        size_t len = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz0123456789-");
        if (len > 2) {
            (void)printf("%s%.*s%s", before, (int)len, at, after);
        }
    }
}

static void values_row(const char *name, const char *option, const char *values)
{
    (void)printf("    '%s %s') echo '", name, option);
    for (; *values != '\0'; values++) {
        (void)fputc(*values == '|' ? ' ' : *values, stdout);
    }
    (void)puts("' ;;");
}

/* Shell functions that both shells read: what follows what. */
static void shell_tables(void)
{
    const char *summary = NULL;
    const char *name = NULL;
    (void)puts("_aforo_options() {\n    case $1 in");
    for (size_t i = 0; commands[i] != NULL; i++) {
        (void)printf("    '%s') echo '", commands[i]->name);
        for (const struct param *p = commands[i]->params; p->name != NULL; p++) {
            (void)printf("--%s%s ", p->name, p->type == PARAM_SECRET ? "-file" : "");
        }
        (void)puts("' ;;");
    }
    for (size_t i = 0; verb_at(i) != NULL; i++) {
        (void)printf("    '%s') echo '", verb_at(i)->name);
        usage_options(verb_at(i)->usage, "", " ");
        (void)puts("' ;;");
    }
    (void)puts("    esac\n}\n_aforo_values() {\n    case $1 in");
    for (size_t i = 0; i < GLOBALS; i++) {
        if (globals[i].values != NULL) {
            (void)printf("    *' --%s') echo '%s' ;;\n", globals[i].name, globals[i].values);
        }
    }
    for (size_t i = 0; commands[i] != NULL; i++) {
        for (const struct param *p = commands[i]->params; p->name != NULL; p++) {
            char option[64];
            (void)snprintf(option, sizeof option, "--%s%s", p->name,
                           p->type == PARAM_SECRET ? "-file" : "");
            if (p->type == PARAM_CHOICE) {
                values_row(commands[i]->name, option, p->choices);
            } else if (p->type == PARAM_FILE || p->type == PARAM_SECRET) {
                values_row(commands[i]->name, option, "@file");
            }
        }
    }
    (void)puts("    *-file | *' --output') echo '@file' ;;\n    esac\n}\n_aforo_names() {\n"
               "    cat <<'END'");
    for (size_t i = 0; (name = name_at(i, &summary)) != NULL; i++) {
        (void)puts(name);
    }
    (void)puts("END\n}\n_aforo_reports() {\n    echo '");
    for (size_t i = 0; i < office_report_count; i++) {
        (void)printf("%s ", office_reports[i].name);
    }
    (void)puts("'\n}");
}

static void globals_list(void)
{
    for (size_t i = 0; i < GLOBALS; i++) {
        (void)printf("--%s ", globals[i].name);
    }
}

/* The words typed so far without options and what belongs to options of all, in words[]. */
static const char bash_body[] =
    "_aforo() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local words=() w i command values\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        w=${COMP_WORDS[i]}\n"
    "        case $w in --office | --session | --lang | --date) i=$((i + 1)) ;; -*) ;; *) "
    "words+=(\"$w\") ;; esac\n"
    "    done\n"
    "    command=\"${words[0]-} ${words[1]-}\"\n"
    "    _aforo_names | grep -qxF -- \"$command\" || command=${words[0]-}\n"
    "    values=$(_aforo_values \"$command $prev\")\n"
    "    case $prev in -*) case $values in\n"
    "        @dir) mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return ;;\n"
    "        @file) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n"
    "        ?*) mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\"); return ;;\n"
    "    esac ;; esac\n"
    "    case $cur in -*)\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_aforo_options \"$command\") "
    "$_aforo_globals\" -- \"$cur\")\n"
    "        return ;;\n"
    "    esac\n"
    "    case ${#words[@]} in\n"
    "    0) values=$(_aforo_names | cut -d' ' -f1 | sort -u) ;;\n"
    "    1) case ${words[0]} in\n"
    "        help) values=$(_aforo_names | cut -d' ' -f1 | sort -u) ;;\n"
    "        list | report) values=$(_aforo_reports) ;;\n"
    "        *) values=$(_aforo_names | sed -n \"s/^${words[0]//[!a-z-]/} //p\") ;;\n"
    "        esac ;;\n"
    "    *) values= ;;\n"
    "    esac\n"
    "    if [ -n \"$values\" ]; then mapfile -t COMPREPLY < <(compgen -W \"$values\" -- "
    "\"$cur\")\n"
    "    else mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); fi\n"
    "}\n"
    "complete -o filenames -F _aforo aforo\n";

static void bash_page(void)
{
    (void)puts("# bash completion of aforo; made by: aforo help --format bash");
    (void)fputs("_aforo_globals='", stdout);
    globals_list();
    (void)puts("'");
    shell_tables();
    (void)fputs(bash_body, stdout);
}

static const char zsh_body[] =
    "_aforo() {\n"
    "    local -a typed found\n"
    "    local w command values i prev=$words[CURRENT-1] skip=0\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        w=$words[i]\n"
    "        if ((skip)); then skip=0; continue; fi\n"
    "        case $w in --office | --session | --lang | --date) skip=1 ;; -*) ;; *) "
    "typed+=($w) "
    ";; esac\n"
    "    done\n"
    "    command=\"$typed[1] $typed[2]\"\n"
    "    _aforo_names | grep -qxF -- $command || command=$typed[1]\n"
    "    values=$(_aforo_values \"$command $prev\")\n"
    "    if [[ $prev == -* && -n $values ]]; then\n"
    "        case $values in\n"
    "        @dir) _files -/ ;;\n"
    "        @file) _files ;;\n"
    "        *) compadd -- ${=values} ;;\n"
    "        esac\n"
    "        return\n"
    "    fi\n"
    "    if [[ $words[CURRENT] == -* ]]; then\n"
    "        compadd -- ${=$(_aforo_options $command)} ${=_aforo_globals}\n"
    "        return\n"
    "    fi\n"
    "    case $#typed in\n"
    "    0) found=(${(f)\"$(_aforo_described)\"}); _describe command found ;;\n"
    "    1) case $typed[1] in\n"
    "        help) compadd -- ${(u)${(f)\"$(_aforo_names)\"}%% *} ;;\n"
    "        list | report) compadd -- ${=$(_aforo_reports)} ;;\n"
    "        *) found=(${(f)\"$(_aforo_described $typed[1])\"})\n"
    "            if (($#found)); then _describe command found; else _files; fi ;;\n"
    "        esac ;;\n"
    "    *) _files ;;\n"
    "    esac\n"
    "}\n"
    "_aforo \"$@\"\n";

/* Is this the first of the names that begin with its word? */
static bool leads(size_t i)
{
    const char *summary = NULL;
    const char *mine = name_at(i, &summary);
    size_t len = strcspn(mine, " ");
    for (size_t k = 0; k < i; k++) {
        const char *other = name_at(k, &summary);
        if (strcspn(other, " ") == len && memcmp(other, mine, len) == 0) {
            return false;
        }
    }
    return true;
}

static void described_row(const char *word, size_t len, const char *summary)
{
    (void)printf("        echo '%.*s:", (int)len, word);
    quoted(_(summary), true);
    (void)puts("'");
}

/* "word:what it does" of first words, or of the words behind a first one. */
static void zsh_described(void)
{
    const char *summary = NULL;
    const char *name = NULL;
    (void)puts("_aforo_described() {\n    case $1 in\n    '')");
    for (size_t i = 0; (name = name_at(i, &summary)) != NULL; i++) {
        if (leads(i)) {
            described_row(name, strcspn(name, " "), summary);
        }
    }
    (void)puts("        ;;");
    for (size_t i = 0; (name = name_at(i, &summary)) != NULL; i++) {
        size_t len = strcspn(name, " ");
        const char *other = NULL;
        if (name[len] == '\0' || !leads(i)) {
            continue;
        }
        (void)printf("    %.*s)\n", (int)len, name);
        for (size_t k = i; (other = name_at(k, &summary)) != NULL; k++) {
            if (strncmp(other, name, len + 1) == 0) {
                described_row(other + len + 1, strlen(other + len + 1), summary);
            }
        }
        (void)puts("        ;;");
    }
    (void)puts("    esac\n}");
}

static void zsh_page(void)
{
    (void)puts("#compdef aforo\n# zsh completion of aforo; made by: aforo help --format zsh");
    (void)fputs("_aforo_globals='", stdout);
    globals_list();
    (void)puts("'");
    shell_tables();
    zsh_described();
    (void)fputs(zsh_body, stdout);
}

/* ---- the subcommand -----------------------------------------------------------------------
 */

static enum err_code help_format(const char *format, struct err *e)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } formats[] = {
        {"text", help_all}, {"man", man_page}, {"bash", bash_page}, {"zsh", zsh_page}};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) == 0) {
            formats[i].print();
            return ERR_OK;
        }
    }
    return err_set(e, ERR_USAGE, _("--format is text, man, bash or zsh, not \"%s\""), format);
}

/* "aforo help user": a word that begins several names lists them. */
static bool help_family(const char *word)
{
    size_t len = strlen(word);
    const char *summary = NULL;
    const char *name = NULL;
    bool any = false;
    for (size_t i = 0; (name = name_at(i, &summary)) != NULL; i++) {
        if (strncmp(name, word, len) == 0 && name[len] == ' ') {
            (void)printf("  %-18s %s\n", name, _(summary));
            any = true;
        }
    }
    return any;
}

/* ---- by other words -----------------------------------------------------------------------
 */

static bool search_may(void *ctx, const char *command)
{
    (void)ctx;
    (void)command;
    return true;
}

static const struct command *search_command(void *ctx, size_t index)
{
    size_t n = 0;
    (void)ctx;
    while (commands[n] != NULL && n < index) {
        n++;
    }
    return commands[n];
}

static size_t search_show(const struct picker *p, int kind, const char *heading)
{
    size_t shown = 0;
    for (size_t i = 0; i < p->match_count; i++) {
        const struct picker_item *item = &p->items[p->matching[i]];
        if (item->kind == kind) {
            if (shown++ == 0) {
                (void)printf("%s\n", heading);
            }
            (void)printf("  %s%-18s %s\n", kind == PALETTE_SCREEN ? ":" : "", item->left,
                         _(item->text));
        }
    }
    return shown;
}

/* What the console's palette would find; false: nothing. */
static bool help_search(int argc, char *const *argv)
{
    struct picker p;
    struct ui_model every = {.may = search_may, .command_at = search_command};
    palette_fill(&p, &every);
    for (int i = 0; i < argc; i++) {
        picker_paste(&p, argv[i], strlen(argv[i]));
        picker_paste(&p, " ", 1);
    }
    size_t shown = search_show(&p, PALETTE_COMMAND, _("Commands:"));
    return search_show(&p, PALETTE_SCREEN,
                       _("Screens of the console, which : and the name opens:")) +
               shown >
           0;
}

enum err_code verb_help(struct cli *cli, struct err *e)
{
    int words = 0;
    const char *format = cli_take(cli, "format");
    const struct command *command = cli_command(cli, &words);
    const struct verb *verb = verb_find(cli, &words);
    if (command != NULL) {
        cli_usage(command);
        return ERR_OK;
    }
    if (verb != NULL) {
        (void)printf("aforo %s %s\n    %s\n", verb->name,
                     *verb->usage != '\0' ? _(verb->usage) : "", _(verb->summary));
        return ERR_OK;
    }
    if (cli->argc == 1 && help_family(cli->argv[0])) {
        return ERR_OK;
    }
    if (cli->argc > 0) {
        return help_search(cli->argc, cli->argv)
                   ? ERR_OK
                   : err_set(e, ERR_USAGE, _("there is no command \"%s\"; see: aforo help"),
                             cli->argv[0]);
    }
    return help_format(format != NULL ? format : "text", e);
}
