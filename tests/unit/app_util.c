#include <config.h>

#include "app_util.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/verify_office.h"

struct office_fixture app_office;
const char *app_option, *app_option_value;
const struct progress *app_progress;

static struct {
    const char *what;
    int left;
} stop;

static bool stop_step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)done;
    (void)total;
    return strcmp(what, stop.what) != 0 || --stop.left > 0;
}

const struct progress *app_stop_at(const char *what, int nth)
{
    static const struct progress p = {NULL, stop_step};
    stop.what = what;
    stop.left = nth;
    return &p;
}

const char *app_path(const char *name)
{
    static char paths[4][FIXTURE_PATH_MAX + 64];
    static unsigned next;
    char *out = paths[next++ % 4];
    (void)snprintf(out, sizeof paths[0], "%s/%s", app_office.dir, name);
    return out;
}

const char *app_file_bytes(const char *name, const void *data, size_t len)
{
    const char *path = app_path(name);
    FILE *f = fopen(path, "we");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, len, f), len);
    ck_assert_int_eq(fclose(f), 0);
    return path;
}

const char *app_file(const char *name, const char *text)
{
    return app_file_bytes(name, text, strlen(text));
}

void app_mapping(const char *name, const char *json)
{
    (void)fixture_run(&app_office, app_office.ana, "mapping save", "name", name, "file",
                      app_file("mapping.json", json), NULL);
}

void app_setup(void)
{
    app_option = app_option_value = NULL;
    app_progress = NULL;
    fixture_init(&app_office);
    fixture_meters(&app_office, 3);
    app_mapping("readings",
                "{\"kind\":\"readings\",\"columns\":{\"serial\":\"serial\",\"time\":"
                "\"time\",\"value\":\"value\"},\"time_format\":\"%Y-%m-%d %H:%M\","
                "\"unit\":\"m3\"}");
    app_mapping(
        "madrid",
        "{\"kind\":\"readings\",\"separator\":\";\",\"columns\":{\"serial\":1,\"time\":2,"
        "\"value\":3},\"heading_lines\":0,\"time_format\":\"%d/%m/%Y %H:%M:%S\","
        "\"time_zone\":\"Europe/Madrid\",\"unit\":\"l\",\"as_of\":\"newest\"}");
    app_mapping("meters",
                "{\"kind\":\"meters\",\"columns\":{\"serial\":\"serial\",\"place\":\"place\","
                "\"installed\":\"installed\",\"initial\":\"initial\",\"account\":\"account\","
                "\"customer\":\"customer\",\"tariff\":\"tariff\",\"limit\":\"limit\"},"
                "\"constants\":{\"kind\":\"water\",\"digits\":\"5\",\"decimals\":\"3\"},"
                "\"time_format\":\"%d/%m/%Y\",\"decimal\":\",\",\"group\":\".\",\"separator\":"
                "\";\"}");
}

void app_teardown(void)
{
    fixture_free(&app_office);
}

enum err_code app_import(const char *command, const char *mapping, const char *path,
                         struct import_report *report, struct err *e)
{
    struct ticket t;
    struct command_ctx c = {.office = app_office.office,
                            .session = app_office.ana,
                            .command = command_find(command),
                            .progress = app_progress,
                            .report = report};
    ck_assert_ptr_nonnull(c.command);
    ck_assert_int_eq(arg_set(&c, "file", path, e), ERR_OK);
    ck_assert_int_eq(arg_set(&c, "mapping", mapping, e), ERR_OK);
    if (app_option != NULL) {
        ck_assert_int_eq(arg_set(&c, app_option, app_option_value, e), ERR_OK);
    }
    return command_run(&c, &t, e);
}

struct import_report app_import_fine(const char *command, const char *mapping, const char *path)
{
    struct import_report report = {0};
    struct err e = ERR_INIT;
    ck_assert_msg(app_import(command, mapping, path, &report, &e) == ERR_OK, "%s", e.text);
    ck_assert_uint_eq(report.refused, 0);
    return report;
}

void app_verify_deep(void)
{
    static struct audit a;
    char program[FIXTURE_PATH_MAX];
    struct err e = ERR_INIT;
    const char *dir = getenv("AFORO_BUILDDIR");
    ck_assert_ptr_nonnull(dir);
    (void)snprintf(program, sizeof program, "%s/aforo", dir);
    struct verify_request q = {.dir = app_office.dir,
                               .env = &app_office.clock.env,
                               .level = VERIFY_DEEP,
                               .program = program};
    ck_assert_msg(verify_office(&q, &a, &e) == ERR_OK, "%s", e.text);
}

int64_t app_count(const char *sql)
{
    int64_t n = -1;
    struct err e = ERR_INIT;
    ck_assert_msg(db_get_int(app_office.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s",
                  e.text);
    return n;
}

int64_t app_height(void)
{
    return app_count("SELECT max(seq) FROM entry");
}
