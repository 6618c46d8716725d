/* login, logout, and what the verbs share. */
#include <config.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/personal.h"
#include "base/arena.h"
#include "base/env.h"
#include "base/i18n.h"
#include "base/json.h"
#include "verb.h"

char *verb_session_path(const struct cli *cli)
{
    if (cli->session != NULL) {
        return mem_strdup(cli->session);
    }
    struct buf b;
    buf_init(&b, 8192);
    buf_addf(&b, "%s/state/session", cli->office);
    return b.failed ? NULL : b.data;
}

void verb_behind(const struct office *o)
{
    if (o->behind.code != ERR_OK) {
        (void)fprintf(stderr, "aforo: %s\n", o->behind.text);
    }
}

enum err_code verb_office(const struct cli *cli, enum db_mode mode, struct office **o,
                          struct session **session, struct err *e)
{
    struct session *reader = NULL; /* whoever is logged in, where a verb needs nobody */
    struct err nobody = ERR_INIT;
    TRY(office_open(cli->office, mode, &env_system, o, e));
    if (mode == DB_READ) { /* commands refuse with these words */
        verb_behind(*o);
    }
    if (mode == DB_CREATE) {
        return ERR_OK;
    }
    char *path = verb_session_path(cli);
    enum err_code code = path == NULL      ? err_nomem(e)
                         : session != NULL ? session_resume(*o, path, session, e)
                                           : ERR_OK;
    bool resumed = code == ERR_OK && session == NULL &&
                   session_resume(*o, path, &reader, &nobody) == ERR_OK;
    int64_t user = resumed ? reader->user : 0;
    if (code == ERR_OK) {
        code = personal_access(*o, session != NULL ? (*session)->user : user, e);
    }
    session_free(reader);
    mem_free(path);
    return code;
}

enum err_code verb_no_more(const struct cli *cli, struct err *e)
{
    TRY(cli_lacks_nothing(cli, e));
    return cli->argc == 0 ? ERR_OK
                          : err_set(e, ERR_USAGE, _("\"%s\" is too much here; see: aforo help"),
                                    cli->argv[0]);
}

void verb_answer(const struct cli *cli, const struct answer *parts, const char *sentence, ...)
{
    struct buf text;
    va_list args;
    if (!cli->json) {
        va_start(args, sentence);
        (void)vprintf(sentence, args);
        va_end(args);
        return;
    }
    buf_init(&text, 65536);
    for (size_t i = 0; parts[i].name != NULL; i++) {
        buf_addf(&text, "%s\"%s\":", i == 0 ? "{" : ",", parts[i].name);
        if (parts[i].text != NULL) {
            json_add_string(&text, parts[i].text, strlen(parts[i].text));
        } else {
            buf_addf(&text, "%" PRId64, parts[i].number);
        }
    }
    (void)printf("%s}\n", buf_str(&text));
    buf_release(&text);
}

/* Rate and time left from a monotonic clock; drawn at most five times a second. */
static bool progress_draw(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    static int64_t start_ms, drawn_ms;
    static const char *now_what;
    static uint64_t last_done;
    int64_t now_ms = monotonic_ms();
    (void)ctx;
    bool again = now_what != what || done < last_done || (done == 0 && total > 0);
    last_done = done;
    if (again) {
        now_what = what;
        start_ms = now_ms;
        drawn_ms = 0;
    }
    if (now_ms - drawn_ms < 200 && (done != total || total == 0)) {
        return true;
    }
    drawn_ms = now_ms;
    int64_t run_ms = now_ms - start_ms;
    (void)fputc('\r', stderr);
    uint64_t rate = run_ms > 0 ? done * 1000 / (uint64_t)run_ms : 0;
    if (total > 0) {
        uint64_t left_s = rate > 0 && total > done ? (total - done) / rate : 0;
        (void)fprintf(stderr, _("%s %" PRIu64 "%%, %" PRIu64 "/s, %" PRIu64 " s left"), what,
                      done * 100 / total, rate, left_s);
    } else if (done > 0) {
        (void)fprintf(stderr, "%s %" PRIu64 ", %" PRIu64 "/s", what, done, rate);
    } else { /* at work on the first one */
        (void)fprintf(stderr, "%s, %" PRId64 " s", what, run_ms / 1000);
    }
    (void)fputs("\033[K", stderr);
    if (done == total && total > 0) {
        (void)fputs("\r\033[K", stderr);
    }
    return true;
}

const struct progress verb_progress = {NULL, progress_draw};

const struct progress *verb_progress_or_null(const struct cli *cli)
{
    return cli->quiet || isatty(STDERR_FILENO) == 0 ? NULL : &verb_progress;
}

enum err_code verb_login(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct session *s = NULL;
    struct buf password;
    int wait_s = 0;
    const char *user = cli_take(cli, "user");
    const char *file = cli_take(cli, "password-file");
    TRY(verb_no_more(cli, e));
    if (user == NULL) {
        return err_set(e, ERR_USAGE, _("login needs --user NAME"));
    }
    TRY(verb_office(cli, DB_WRITE, &o, NULL, e));
    verb_behind(o);
    buf_init(&password, 1024);
    char *path = verb_session_path(cli);
    enum err_code code = cli_secret(_("password"), file, &password, e);
    if (code == ERR_OK) {
        code = session_login(o, user, buf_str(&password), &s, &wait_s, e);
    }
    buf_wipe(&password);
    if (code == ERR_OK) {
        code = path == NULL ? err_nomem(e) : session_save(o, s, path, e);
    }
    if (code == ERR_OK) {
        struct buf who;
        buf_init(&who, 2048);
        session_words(s, &who);
        verb_answer(cli,
                    ANSWER({"user", NULL, s->user}, {"name", s->name, 0},
                           {"roles", s->roles, 0}, {"hours", NULL, SESSION_HOURS}),
                    _("%s is logged in for %d hours\n"), buf_str(&who), SESSION_HOURS);
        buf_release(&who);
    }
    mem_free(path);
    session_free(s);
    office_close(o);
    return code;
}

enum err_code verb_logout(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    TRY(verb_no_more(cli, e));
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    char *path = verb_session_path(cli);
    enum err_code code = path == NULL ? err_nomem(e) : session_end(o, path, e);
    mem_free(path);
    office_close(o);
    return code;
}
