#include <config.h>

#include "vee_util.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/verify_office.h"

int64_t vee_number(struct office_fixture *f, const char *sql)
{
    struct err e = ERR_INIT;
    int64_t v = -1;
    ck_assert_msg(db_get_int(f->office->db, &v, NULL, &e, sql, NO_VALS) == ERR_OK, "%s: %s",
                  sql, e.text);
    return v;
}

void vee_read(struct office_fixture *f, const char *serial, const char *value, const char *time)
{
    (void)fixture_run(f, f->olga, "reading add", "serial", serial, "value", value, "time", time,
                      NULL);
}

void vee_office_months(struct office_fixture *f, unsigned meters, unsigned months)
{
    static const char *const days[] = {"2026-06-01 00:00", "2026-07-01 00:00",
                                       "2026-08-01 00:00"};
    static const char *const periods[] = {"2026-05", "2026-06", "2026-07"};
    fixture_init(f);
    fixture_meters(f, meters);
    for (unsigned m = 0; m < months && m < 3; m++) {
        for (unsigned i = 1; i <= meters; i++) {
            char serial[16];
            char value[16];
            (void)snprintf(serial, sizeof serial, "W%05u", i);
            (void)snprintf(value, sizeof value, "%u", (m + 1) * (10 + i));
            vee_read(f, serial, value, days[m]);
        }
        (void)fixture_run(f, f->marta, "bill run", "period", periods[m], NULL);
    }
}

void vee_office(struct office_fixture *f, unsigned meters)
{
    vee_office_months(f, meters, 3);
}

void vee_verify(struct office_fixture *f)
{
    struct err e = ERR_INIT;
    struct audit *a = calloc(1, sizeof *a);
    char program[FIXTURE_PATH_MAX];
    const char *build = getenv("AFORO_BUILDDIR");
    ck_assert_ptr_nonnull(a);
    (void)snprintf(program, sizeof program, "%s/aforo", build != NULL ? build : ".");
    struct verify_request q = {.dir = f->dir,
                               .level = VERIFY_DEEP,
                               .threads = 1,
                               .env = &f->clock.env,
                               .program = program};
    ck_assert_msg(verify_office(&q, a, &e) == ERR_OK, "%s", e.text);
    free(a);
}
