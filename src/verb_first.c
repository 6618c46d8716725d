/* The first run: `aforo` where there is no office yet. At a terminal it asks a few questions
 * and makes an office or the demo; without one it prints how. */
#include <config.h>

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/files.h"
#include "app/user_key.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "verb.h"

#define ANSWER_MAX 256
#define TRIES_MAX 20 /* of one question */
#define DEMO_FOLDER "demo-office"
#define DEMO_SCRIPT "demo/demo.sh"

extern char **environ;

static enum err_code nothing_made(struct err *e)
{
    return err_set(e, ERR_CANCELLED, _("nothing was made"));
}

/* A line of the terminal without its end. False at the end of input. */
static bool line_read(char out[ANSWER_MAX])
{
    if (fgets(out, ANSWER_MAX, stdin) == NULL) {
        return false;
    }
    if (strchr(out, '\n') ==
        NULL) { /* what does not fit is dropped with the rest of its line */
        int c = 0;
        while ((c = getchar()) != EOF && c != '\n') {
        }
    }
    out[strcspn(out, "\r\n")] = '\0';
    return true;
}

/* ---- questions --------------------------------------------------------------------------- */

struct question {
    const char *param; /* of the command init */
    const char *text;  /* N_() */
    const char *fallback;
};

static bool code_fits(const char *text)
{
    size_t len = strlen(text);
    return len >= 2 && len <= 16 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

/* What is wrong with an answer is said at once; the command judges all of them again. */
static enum err_code answer_check(const char *param, const char *text, struct err *e)
{
    struct zone *zone = NULL;
    if (*text == '\0') {
        return err_set(e, ERR_USAGE, _("an answer is needed here"));
    }
    if (strcmp(param, "code") == 0 && !code_fits(text)) {
        return err_set(e, ERR_USAGE, _("2 to 16 of the characters A-Z 0-9"));
    }
    if (strcmp(param, "currency") == 0 && currency_find(text) == NULL) {
        return err_set(e, ERR_USAGE, _("an ISO 4217 code, for example CRC, MXN, EUR or USD"));
    }
    if (strcmp(param, "locale") == 0 && numfmt_find(text) == NULL) {
        return err_set(e, ERR_USAGE, _("one of es_CR es_MX es_CO es_AR es_ES en_US"));
    }
    if (strcmp(param, "zone") == 0) {
        TRY(zone_load(text, &zone, e));
        zone_free(zone);
    }
    return ERR_OK;
}

static enum err_code ask(const struct question *q, char out[ANSWER_MAX], struct err *e)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        struct err why = ERR_INIT;
        (void)printf(q->fallback != NULL ? "%s [%s]: " : "%s: ", _(q->text), q->fallback);
        (void)fflush(stdout);
        if (!line_read(out)) {
            return nothing_made(e);
        }
        if (*out == '\0' && q->fallback != NULL) {
            (void)snprintf(out, ANSWER_MAX, "%s", q->fallback);
        }
        if (answer_check(q->param, out, &why) == ERR_OK) {
            return ERR_OK;
        }
        (void)printf("  %s\n", why.text);
    }
    return nothing_made(e);
}

/* Typed twice, since nobody sees it. */
static enum err_code ask_password(struct buf *out, struct err *e)
{
    struct buf again;
    buf_init(&again, 1024);
    for (int i = 0; i < TRIES_MAX; i++) {
        buf_wipe(out);
        buf_init(out, 1024);
        buf_wipe(&again);
        buf_init(&again, 1024);
        enum err_code code = cli_secret(_("The administrator's password"), NULL, out, e);
        if (code == ERR_OK) {
            code = cli_secret(_("The same again"), NULL, &again, e);
        }
        if (code != ERR_OK || (out->len == 0 && feof(stdin))) {
            buf_wipe(&again);
            return code != ERR_OK ? code : nothing_made(e);
        }
        if (out->len >= PASSWORD_MIN && strcmp(buf_str(out), buf_str(&again)) == 0) {
            buf_wipe(&again);
            return ERR_OK;
        }
        (void)printf(out->len < PASSWORD_MIN
                         ? _("  The password is too short: at least %d characters.\n")
                         : _("  They differ; type it of at least %d characters twice.\n"),
                     PASSWORD_MIN);
    }
    buf_wipe(&again);
    return nothing_made(e);
}

/* The machine's zone, as Debian keeps it: a link below /usr/share/zoneinfo. */
static const char *zone_here(char out[ANSWER_MAX])
{
    static const char base[] = "/usr/share/zoneinfo/";
    ssize_t n = readlink("/etc/localtime", out, ANSWER_MAX - 1);
    struct zone *zone = NULL;
    struct err ignored = ERR_INIT;
    if (n > 0) {
        out[n] = '\0';
        if (strncmp(out, base, sizeof base - 1) == 0) {
            memmove(out, out + sizeof base - 1, (size_t)n - (sizeof base - 1) + 1);
            if (strchr(out, '/') != NULL && zone_load(out, &zone, &ignored) == ERR_OK) {
                zone_free(zone);
                return out;
            }
        }
    }
    return "America/Costa_Rica";
}

/* ---- an office ----------------------------------------------------------------------------
 */

#define QUESTIONS 7
enum { ASK_NAME, ASK_CODE, ASK_CURRENCY, ASK_ZONE, ASK_LOCALE, ASK_PERSON, ASK_LOGIN };

static enum err_code office_make(struct cli *cli, char answers[QUESTIONS][ANSWER_MAX],
                                 const struct question *q, const char *password, struct err *e)
{
    struct command_ctx c = {.command = command_find("init")};
    struct ticket t;
    char *making = NULL;
    CHECK(c.command != NULL);
    for (size_t i = 0; i < QUESTIONS; i++) {
        TRY(arg_set(&c, q[i].param, answers[i], e));
    }
    TRY(arg_set(&c, "password", password, e));
    TRY(office_making(cli->office, &making, e));
    enum err_code code = office_open(making, DB_CREATE, &env_system, &c.office, e);
    if (code == ERR_OK) {
        code = command_run(&c, &t, e);
    }
    office_close(c.office);
    if (code == ERR_OK) {
        code = office_made(making, cli->office, e);
    }
    mem_free(making);
    if (code == ERR_OK) {
        (void)printf("\n%s\n", c.message);
    }
    secure_wipe(c.message, sizeof c.message);
    return code;
}

static bool agreed(void)
{
    char line[ANSWER_MAX];
    (void)fputs(_("Go on? [Y/n] "), stdout);
    (void)fflush(stdout);
    return line_read(line) && (line[0] == '\0' || strchr("yYsS", line[0]) != NULL);
}

static enum err_code first_office(struct cli *cli, struct err *e)
{
    char zone[ANSWER_MAX];
    char answers[QUESTIONS][ANSWER_MAX];
    bool spanish = strcmp(i18n_lang(), "es") == 0;
    struct buf password;
    const struct question q[QUESTIONS] = {
        [ASK_NAME] = {"name", N_("The office's name, as bills print it"), NULL},
        [ASK_CODE] = {"code", N_("A short code for it"), "OF01"},
        [ASK_CURRENCY] = {"currency", N_("Its currency"), spanish ? "CRC" : "USD"},
        [ASK_ZONE] = {"zone", N_("Its time zone"), zone_here(zone)},
        [ASK_LOCALE] = {"locale", N_("How it writes numbers and dates"),
                        spanish ? "es_CR" : "en_US"},
        [ASK_PERSON] = {"person", N_("The administrator's name"), NULL},
        [ASK_LOGIN] = {"login", N_("What the administrator types to log in"), "admin"},
    };
    buf_init(&password, 1024);
    for (size_t i = 0; i < QUESTIONS; i++) {
        TRY(ask(&q[i], answers[i], e));
    }
    enum err_code code = ask_password(&password, e);
    if (code == ERR_OK) {
        (void)printf(_("\nAforo will make the office \"%s\" (%s) in the folder \"%s\": a "
                       "database, and keys made here that sign what is recorded. %s becomes "
                       "its administrator. Nothing leaves this machine.\n"),
                     answers[ASK_NAME], answers[ASK_CODE], cli->office, answers[ASK_PERSON]);
        code = agreed() ? office_make(cli, answers, q, buf_str(&password), e) : nothing_made(e);
    }
    buf_wipe(&password);
    return code;
}

/* ---- the demo -----------------------------------------------------------------------------
 */

/* The script as installed, or beside the program in the tree that it was built from. */
static bool demo_script(char out[4096])
{
    char self[2048];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    (void)snprintf(out, 4096, "%s/%s", AFORO_PKGDATADIR, DEMO_SCRIPT);
    if (access(out, R_OK) == 0 || n <= 0) {
        return n > 0;
    }
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    (void)snprintf(out, 4096, "%s/../data/%s", self, DEMO_SCRIPT);
    return access(out, R_OK) == 0;
}

static enum err_code script_run(const char *script, struct err *e)
{
    pid_t pid = 0;
    int status = 0;
    char self[2048];
    char bin[2100];
    char lang[32];
    char *env[4] = {bin, lang, NULL, NULL};
    /* posix_spawn does not change its arguments. */
    char *argv[] = {(char *)(uintptr_t) "bash", (char *)(uintptr_t)script,
                    (char *)(uintptr_t)DEMO_FOLDER, NULL};
    const char *path = getenv("PATH");
    char path_text[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        return err_errno(e, _("cannot find this program"));
    }
    self[n] = '\0';
    (void)snprintf(bin, sizeof bin, "AFORO_BIN=%s", self);
    (void)snprintf(lang, sizeof lang, "AFORO_LANG=%s", i18n_lang());
    (void)snprintf(path_text, sizeof path_text, "PATH=%s",
                   path != NULL ? path : "/usr/bin:/bin");
    env[2] = path_text;
    int rc = posix_spawnp(&pid, "bash", NULL, NULL, argv, env);
    if (rc != 0) {
        errno = rc;
        return err_errno(e, _("cannot start %s"), script);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? ERR_OK
               : err_set(e, ERR_IO, _("the demo was not finished; see what stands above"));
}

static enum err_code first_demo(struct cli *cli, struct err *e)
{
    char script[4096];
    if (!demo_script(script)) {
        return err_set(e, ERR_NOT_FOUND,
                       _("the demo's data are not installed: %s/%s is missing"),
                       AFORO_PKGDATADIR, DEMO_SCRIPT);
    }
    (void)printf(_("\nAforo will make the demo in the folder \"%s\": ten water meters, a year "
                   "of hourly readings, twelve months of bills. It takes about ten seconds "
                   "and can be removed as a folder.\n"),
                 DEMO_FOLDER);
    if (!agreed()) {
        return nothing_made(e);
    }
    (void)fflush(stdout);
    TRY(script_run(script, e));
    cli->office = DEMO_FOLDER;
    (void)printf("%s\n", _("Log in as olga (operator), luis (supervisor), marta (billing) or "
                           "ana (administrator); the password of each is demo-1234. Next "
                           "time: aforo --office demo-office"));
    return ERR_OK;
}

/* ---- both ---------------------------------------------------------------------------------
 */

static void say_how(const struct cli *cli)
{
    (void)printf(_("There is no office in the folder \"%s\". Make one with\n"), cli->office);
    (void)puts("    aforo init --code OF01 --name NAME --login admin --person NAME "
               "--password-file FILE");
    (void)printf("%s\n", _("which \"aforo help init\" explains, or start aforo in a terminal: "
                           "it asks for what it needs, and can make a demo. All commands: "
                           "aforo help"));
}

enum err_code verb_first(struct cli *cli, struct err *e)
{
    char line[ANSWER_MAX];
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
        say_how(cli);
        return ERR_OK;
    }
    if (cli->lang == NULL) {
        (void)printf("Español: 1   English: 2   [%s] ",
                     strcmp(i18n_lang(), "es") == 0 ? "1" : "2");
        (void)fflush(stdout);
        if (!line_read(line)) {
            return nothing_made(e);
        }
        if (line[0] == '1' || line[0] == '2') {
            i18n_switch(line[0] == '1' ? "es" : "en");
        }
    }
    (void)printf(_("There is no office in the folder \"%s\" yet.\n"), cli->office);
    (void)printf("  1  %s\n  2  %s\n  q  %s\n> ", _("make an office here"),
                 _("make a demo office with meters, readings and bills, to look around"),
                 _("leave"));
    (void)fflush(stdout);
    if (!line_read(line) || (line[0] != '1' && line[0] != '2')) {
        return nothing_made(e);
    }
    TRY(line[0] == '1' ? first_office(cli, e) : first_demo(cli, e));
    (void)fputs(_("Press Enter to open the console: "), stdout);
    (void)fflush(stdout);
    return line_read(line) ? verb_console(cli, e) : ERR_OK;
}
