#include <config.h>

#include "tests/lib/office_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    char dir[FIXTURE_PATH_MAX];
    pid_t owner;
    int64_t wall, boot; /* of its clock when it was done */
} template;

static const struct person {
    const char *login, *name, *role;
    size_t at; /* its session in struct office_fixture */
} people[] = {
    {"ana", "Ana Mora Solano", "administrator", offsetof(struct office_fixture, ana)},
    {"olga", "Olga Rojas Vega", "operator", offsetof(struct office_fixture, olga)},
    {"luis", "Luis Brenes Mata", "supervisor", offsetof(struct office_fixture, luis)},
    {"marta", "Marta Quirós Núñez", "billing", offsetof(struct office_fixture, marta)},
};
#define PEOPLE (sizeof people / sizeof people[0])

static _Noreturn void broken(const char *what, const struct err *e)
{
    (void)fprintf(stderr, "office fixture: %s: %s\n", what, e != NULL ? e->text : "");
    abort();
}

static void must(enum err_code code, const char *what, const struct err *e)
{
    if (code != ERR_OK) {
        broken(what, e);
    }
}

static struct session **session_at(struct office_fixture *f, const struct person *p)
{
    return (struct session **)(void *)((char *)f + p->at);
}

static void path_of(char out[FIXTURE_PATH_MAX], const char *dir, const char *name)
{
    int n = snprintf(out, FIXTURE_PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= FIXTURE_PATH_MAX) {
        broken("the path is too long", NULL);
    }
}

void fixture_temp_folder(char out[FIXTURE_PATH_MAX])
{
    const char *tmp = getenv("TMPDIR");
    path_of(out, tmp != NULL && *tmp != '\0' ? tmp : "/tmp", "aforo-test-XXXXXX");
    if (mkdtemp(out) == NULL) {
        broken("no temporary folder", NULL);
    }
}

static void file_copy(const char *from, const char *to)
{
    char block[65536];
    ssize_t n = 0;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    while (in >= 0 && out >= 0 && (n = read(in, block, sizeof block)) > 0) {
        if (write(out, block, (size_t)n) != n) {
            n = -1;
            break;
        }
    }
    if (in < 0 || out < 0 || n < 0 || close(out) != 0) {
        broken(to, NULL);
    }
    (void)close(in);
}

typedef void (*each_file)(const char *path, const char *name, bool folder, const char *ctx);

static void folder_walk(const char *dir, each_file each, const char *ctx)
{
    DIR *d = opendir(dir);
    if (d == NULL) {
        return;
    }
    for (struct dirent *f = readdir(d); f != NULL; f = readdir(d)) {
        char path[FIXTURE_PATH_MAX];
        struct stat st;
        if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0) {
            continue;
        }
        path_of(path, dir, f->d_name);
        if (lstat(path, &st) == 0) {
            each(path, f->d_name, S_ISDIR(st.st_mode), ctx);
        }
    }
    (void)closedir(d);
}

static void copy_one(const char *path, const char *name, bool folder, const char *to)
{
    char target[FIXTURE_PATH_MAX];
    path_of(target, to, name);
    if (folder) {
        (void)mkdir(target, 0700);
        folder_walk(path, copy_one, target);
    } else {
        file_copy(path, target);
    }
}

void fixture_copy_folder(const char *from, const char *to)
{
    (void)mkdir(to, 0700);
    folder_walk(from, copy_one, to);
}

static void remove_one(const char *path, const char *name, bool folder, const char *ctx)
{
    (void)name;
    if (folder) {
        folder_walk(path, remove_one, ctx);
        (void)rmdir(path);
    } else {
        (void)unlink(path);
    }
}

void fixture_remove_folder(const char *dir)
{
    folder_walk(dir, remove_one, NULL);
    (void)rmdir(dir);
}

static enum err_code run_list(struct office_fixture *f, struct session *who, struct ticket *t,
                              struct err *e, const char *command, va_list pairs)
{
    struct ticket ignored;
    struct command_ctx c = {
        .office = f->office, .session = who, .command = command_find(command)};
    if (c.command == NULL) {
        broken(command, NULL);
    }
    for (const char *name = va_arg(pairs, const char *); name != NULL;
         name = va_arg(pairs, const char *)) {
        const char *text = va_arg(pairs, const char *);
        if (strcmp(name, "date") == 0) { /* the business date is no parameter */
            (void)snprintf(c.date, sizeof c.date, "%s", text);
            continue;
        }
        must(arg_set(&c, name, text, e), command, e);
    }
    return command_run(&c, t != NULL ? t : &ignored, e);
}

enum err_code fixture_try(struct office_fixture *f, struct session *who, struct ticket *t,
                          struct err *e, const char *command, ...)
{
    va_list pairs;
    va_start(pairs, command);
    enum err_code code = run_list(f, who, t, e, command, pairs);
    va_end(pairs);
    return code;
}

int64_t fixture_run(struct office_fixture *f, struct session *who, const char *command, ...)
{
    struct err e = ERR_INIT;
    struct ticket t = {0};
    va_list pairs;
    va_start(pairs, command);
    must(run_list(f, who, &t, &e, command, pairs), command, &e);
    va_end(pairs);
    return t.seq;
}

static void publish(struct office_fixture *f, const char *file)
{
    char path[FIXTURE_PATH_MAX];
    const char *top = getenv("AFORO_SRCDIR");
    path_of(path, top != NULL ? top : ".", file);
    (void)fixture_run(f, f->ana, "tariff publish", "file", path, NULL);
}

static void token_path(const struct office_fixture *f, const struct person *p,
                       char out[FIXTURE_PATH_MAX])
{
    char name[64];
    (void)snprintf(name, sizeof name, "state/token-%s", p->login);
    path_of(out, f->dir, name);
}

/* Everybody types the password once; the tokens are what later tests use. */
static void log_in(struct office_fixture *f, const struct person *p)
{
    struct err e = ERR_INIT;
    int wait_s = 0;
    char path[FIXTURE_PATH_MAX];
    struct session **s = session_at(f, p);
    token_path(f, p, path);
    must(session_login(f->office, p->login, FIXTURE_PASSWORD, s, &wait_s, &e), p->login, &e);
    must(session_save(f->office, *s, path, &e), p->login, &e);
}

static void template_fill(struct office_fixture *f, const char *code)
{
    struct err e = ERR_INIT;
    must(office_open(f->dir, DB_CREATE, &f->clock.env, &f->office, &e), "office", &e);
    (void)fixture_run(f, NULL, "init", "code", code, "name", "Acueducto San José", "currency",
                      "USD", "zone", "America/Costa_Rica", "locale", "es_CR", "login",
                      people[0].login, "person", people[0].name, "password", FIXTURE_PASSWORD,
                      NULL);
    log_in(f, &people[0]);
    for (size_t i = 1; i < PEOPLE; i++) {
        (void)fixture_run(f, f->ana, "user add", "login", people[i].login, "person",
                          people[i].name, "roles", people[i].role, "password", FIXTURE_PASSWORD,
                          NULL);
        log_in(f, &people[i]);
    }
    publish(f, "data/tariffs/doc07-water.json");
    publish(f, "data/tariffs/doc07-energy.json");
}

void fixture_other(struct office_fixture *f)
{
    *f = (struct office_fixture){0};
    fixture_temp_folder(f->dir);
    env_fake_init(&f->clock, FIXTURE_START_MS, 900);
    template_fill(f, "SJ02");
}

static void template_remove(void)
{
    if (template.owner == getpid()) {
        fixture_remove_folder(template.dir);
    }
}

void fixture_template(void)
{
    if (template.owner != 0) {
        return;
    }
    struct office_fixture f = {0};
    fixture_temp_folder(f.dir);
    memcpy(template.dir, f.dir, sizeof template.dir);
    template.owner = getpid();
    (void)atexit(template_remove);
    env_fake_init(&f.clock, FIXTURE_START_MS, 1);
    template_fill(&f, "SJ01");
    fixture_close(&f);
    template.wall = f.clock.wall;
    template.boot = f.clock.boot;
}

void fixture_close(struct office_fixture *f)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        session_free(*session_at(f, &people[i]));
        *session_at(f, &people[i]) = NULL;
    }
    office_close(f->office);
    f->office = NULL;
}

void fixture_reopen(struct office_fixture *f)
{
    struct err e = ERR_INIT;
    must(office_open(f->dir, DB_WRITE, &f->clock.env, &f->office, &e), "office", &e);
    for (size_t i = 0; i < PEOPLE; i++) {
        char path[FIXTURE_PATH_MAX];
        token_path(f, &people[i], path);
        must(session_resume(f->office, path, session_at(f, &people[i]), &e), people[i].login,
             &e);
    }
}

void fixture_init(struct office_fixture *f)
{
    static unsigned copies;
    fixture_template();
    *f = (struct office_fixture){0};
    fixture_temp_folder(f->dir);
    fixture_copy_folder(template.dir, f->dir);
    /* Another seed for each copy, and none that the template used: salts must not repeat. */
    env_fake_init(&f->clock, template.wall, 1000 + (uint64_t)++copies);
    f->clock.boot = template.boot;
    fixture_reopen(f);
}

void fixture_free(struct office_fixture *f)
{
    fixture_close(f);
    fixture_remove_folder(f->dir);
}

void fixture_meters(struct office_fixture *f, unsigned count)
{
    struct err e = ERR_INIT;
    int64_t first = 0;
    must(db_get_int(f->office->db, &first, NULL, &e, "SELECT count(*) FROM meter", NO_VALS),
         "meters", &e);
    for (int64_t i = first + 1; i <= first + (int64_t)count; i++) {
        char serial[32];
        char account[32];
        char customer[64];
        char place[64];
        char order[32];
        (void)snprintf(serial, sizeof serial, "W%05" PRId64, i);
        (void)snprintf(account, sizeof account, "A%05" PRId64, i);
        (void)snprintf(customer, sizeof customer, "Cliente %" PRId64, i);
        (void)snprintf(place, sizeof place, "Calle %" PRId64 ", casa %" PRId64, i / 20, i % 20);
        (void)snprintf(order, sizeof order, "%" PRId64, i);
        (void)fixture_run(f, f->ana, "meter add", "serial", serial, "kind", "water", "place",
                          place, "route", "R1", "order", order, "digits", "5", "decimals", "3",
                          "installed", "2026-01-01", "initial", "0", "account", account,
                          "customer", customer, "tariff", "doc07-water", "limit", "20", NULL);
    }
}

void fixture_key_of(struct office_fixture *f, const char *purpose, char digits[17])
{
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    bool row = false;
    if (db_query(
            f->office->db, &q, &e,
            "SELECT lower(hex(keyid)) FROM key WHERE owner LIKE 'office:%' AND purpose=? AND "
            "valid_to IS NULL ORDER BY valid_from LIMIT 1",
            VALS(V_TEXT(purpose))) != ERR_OK ||
        stmt_next(q, &row, &e) != ERR_OK || !row) {
        (void)fprintf(stderr, "office fixture: no key for %s: %s\n", purpose, e.text);
        abort();
    }
    (void)snprintf(digits, 17, "%.16s", stmt_text(q, 0));
    stmt_done(q);
}
