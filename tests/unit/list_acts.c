#include <config.h>

#include "unit/list_acts.h"

#include <check.h>
#include <stdio.h>

static struct office_fixture *f;
static unsigned (*dice)(unsigned sides);

void acts_days(struct office_fixture *office, int64_t days)
{
    office->clock.wall += days * 86400000;
    office->clock.boot += days * 86400000;
}

void acts_try(struct office_fixture *office, struct session *who, const char *command,
              const char *a, const char *av, const char *b, const char *bv, const char *c,
              const char *cv)
{
    struct err e = ERR_INIT;
    struct ticket t;
    (void)fixture_try(office, who, &t, &e, command, a, av, b, bv, c, cv, NULL);
}

const char *acts_file(const struct office_fixture *office, const char *text)
{
    static char path[FIXTURE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/file", office->dir);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert(fputs(text, out) >= 0);
    ck_assert_int_eq(fclose(out), 0);
    return path;
}

static void import(void)
{
    static unsigned number;
    static const char *const files[] = {"customers", "accounts", "balances", "bills"};
    char rows[4][200];
    unsigned n = ++number;
    (void)snprintf(rows[0], sizeof rows[0], "no,name,phone\nN-%u,Élida Núñez,2222 %u\n", n, n);
    (void)snprintf(rows[1], sizeof rows[1], "account,old,no,opened\nI-%u,01-%u,%s,2019-02-01\n",
                   n, n, dice(2) == 0 ? "V-10" : "V-11");
    (void)snprintf(rows[2], sizeof rows[2],
                   "old,amount,due,bill\n00-17,%u.50,2026-09-15,F-1%u\n", n, n);
    (void)snprintf(rows[3], sizeof rows[3],
                   "old,number,issued,start,end,amount,serial,use\n00-17,G-%u,2024-07-02,"
                   "2024-06-01,2024-07-01,40.10,W00003,21\n",
                   n);
    unsigned kind = dice(4);
    char command[32];
    (void)snprintf(command, sizeof command, "import %s", files[kind]);
    acts_try(f, f->ana, command, "file", acts_file(f, rows[kind]), "mapping", files[kind], NULL,
             NULL);
}

static void work_on_meters(const char *number)
{
    static unsigned added;
    struct err e = ERR_INIT;
    struct ticket t;
    char serial[32];
    char other[32];
    (void)snprintf(serial, sizeof serial, "W%05u", 1 + dice(9));
    (void)snprintf(other, sizeof other, "X%05u", ++added);
    switch (dice(4)) {
    case 0:
        acts_try(f, f->ana, "meter assign", "serial", serial, "account", "A00003", "tariff",
                 "doc07-water");
        break;
    case 1:
        acts_try(f, f->ana, "meter state", "serial", serial, "state", "removed", "reason", "x");
        break;
    case 2:
        (void)fixture_try(f, f->ana, &t, &e, "meter swap", "serial", serial, "new", other,
                          "final", number, "initial", "0", "time", "2026-11-01 10:00", "reason",
                          "x", NULL);
        break;
    default:
        fixture_meters(f, 1);
        break;
    }
}

static void work_with_customers(const char *number, const char *account)
{
    static const char *const people[] = {"José Ñandú", "Rosa María", "Élida", "1234"};
    const char *who = people[dice(4)];
    switch (dice(5)) {
    case 0:
        acts_try(f, f->olga, "customer edit", "customer", number, "name", who, "phone",
                 account);
        break;
    case 1:
        acts_try(f, f->olga, "customer add", "name", who, "tax-id", account, NULL, NULL);
        break;
    case 2:
        acts_try(f, f->ana, "account open", "number", who, "customer", number, NULL, NULL);
        break;
    case 3:
        acts_try(f, f->marta, "account close", "number", dice(2) == 0 ? who : account, NULL,
                 NULL, NULL, NULL);
        break;
    default:
        acts_try(f, f->olga, "customer edit", "customer", number, "email", "a@example.org",
                 "address", who);
        break;
    }
}

static void work_with_bills(const char *number)
{
    char reading[32];
    (void)snprintf(reading, sizeof reading, "%u", 300 + dice(2000));
    switch (dice(6)) {
    case 0:
        acts_try(f, f->marta, "bill run", "from", "2026-10-01", "to", "2026-11-01", NULL, NULL);
        break;
    case 1:
        acts_try(f, f->marta, "bill discard", "run", number, "reason", "x", NULL, NULL);
        break;
    case 2:
        acts_try(f, f->marta, "bill cancel", "bill", number, "reason", "x", NULL, NULL);
        break;
    case 3:
        acts_try(f, f->olga, "dispute open", "bill", number, "reason", "x", NULL, NULL);
        break;
    case 4:
        acts_try(f, f->luis, "dispute resolve", "dispute", number, "outcome", "rejected",
                 "reason", "x");
        break;
    default:
        acts_try(f, f->olga, "reading add", "serial", "W00001", "value", reading, "time",
                 "2026-11-01 09:00");
        break;
    }
}

static void work_with_money(const char *number, const char *account)
{
    switch (dice(6)) {
    case 0:
        acts_try(f, f->marta, "payment reverse", "receipt", number, "reason", "x", NULL, NULL);
        break;
    case 1:
        acts_try(f, f->marta, "note issue", "type", dice(2) == 0 ? "credit" : "debit", "bill",
                 number, "amount", "2");
        break;
    case 2:
        acts_try(f, f->marta, "account opening", "account", account, "amount", number, NULL,
                 NULL);
        break;
    case 3:
        acts_try(f, f->marta, "bank discard", "file", number, "reason", "x", NULL, NULL);
        break;
    case 4:
        acts_try(f, f->luis, "import discard", "run", number, "reason", "x", NULL, NULL);
        break;
    default:
        acts_try(f, f->olga, "payment take", "account", account, "amount", number, "slip",
                 dice(2) == 0 ? number : "");
        break;
    }
}

void acts_one(struct office_fixture *office, unsigned (*by)(unsigned sides))
{
    f = office;
    dice = by;
    char number[32];
    char account[32];
    (void)snprintf(number, sizeof number, "%u", 1 + dice(14));
    (void)snprintf(account, sizeof account, "A%05u", 1 + dice(9));
    switch (dice(12)) {
    case 0:
        import();
        break;
    case 1:
    case 2:
        work_on_meters(number);
        break;
    case 3:
    case 4:
        work_with_customers(number, account);
        break;
    case 5:
    case 6:
    case 7:
        work_with_bills(number);
        break;
    case 8:
        acts_days(f, (int64_t)dice(2));
        break;
    default:
        work_with_money(number, account);
        break;
    }
}
