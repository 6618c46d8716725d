/* Random bills, payments, reversals, notes, refunds and write-offs against a model that knows
 * nothing but sums: balances, open amounts, months and numbers hold after every act, and a
 * rebuild from the ledger gives the same rows. A seed is an act; a soak makes 100,000. */
#include <config.h>

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/verify_office.h"
#include "lib/office_fixture.h"

#define ACCOUNTS 4
#define ACTS 120
#define ACTS_SOAK 100000

Suite *suite_money_property(void);

static struct office_fixture f;
static uint64_t state;
static int64_t balance[ACCOUNTS]; /* the model */
static int64_t refused;

static uint64_t draw(uint64_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (state >> 33) % below;
}

static int64_t query(const char *sql)
{
    int64_t n = 0;
    struct err e = ERR_INIT;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

/* The same with one value bound: statements are cached by the address of their text. */
static int64_t query_of(const char *sql, int64_t value)
{
    int64_t n = 0;
    struct err e = ERR_INIT;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, VALS(V_INT(value))) == ERR_OK,
                  "%s", e.text);
    return n;
}

/* Cents as the command takes them. */
static const char *money(int64_t minor, char out[32])
{
    (void)snprintf(out, 32, "%" PRId64 ".%02" PRId64, minor / 100, minor % 100);
    return out;
}

/* Take or give on an account; what is refused must change nothing. */
static void act_on(unsigned kind, unsigned at, int64_t minor)
{
    char account[16];
    char amount[32];
    char slip[32];
    struct err e = ERR_INIT;
    enum err_code code = ERR_OK;
    (void)snprintf(account, sizeof account, "A%05u", at + 1);
    (void)snprintf(slip, sizeof slip, "S%d", (int)draw(400));
    money(minor, amount);
    if (kind < 4) { /* the same slip now and then: it must not count twice */
        code = fixture_try(&f, f.olga, NULL, &e, "payment take", "account", account, "amount",
                           amount, "method", "card", "slip", slip, NULL);
        balance[at] -= code == ERR_OK ? minor : 0;
    } else if (kind < 6) {
        code = fixture_try(&f, f.marta, NULL, &e, "note issue", "type", "debit", "account",
                           account, "amount", amount, "reason", "azar", NULL);
        balance[at] += code == ERR_OK ? minor : 0;
    } else if (kind == 6) {
        code = fixture_try(&f, f.marta, NULL, &e, "note issue", "type", "credit", "account",
                           account, "amount", amount, "reason", "azar", NULL);
        balance[at] -= code == ERR_OK ? minor : 0;
    } else if (kind == 7) {
        code = fixture_try(&f, f.marta, NULL, &e, "account refund", "account", account,
                           "amount", amount, "reason", "azar", NULL);
        balance[at] += code == ERR_OK ? minor : 0;
    } else {
        code = fixture_try(&f, f.marta, NULL, &e, "account write-off", "account", account,
                           "amount", amount, "reason", "azar", NULL);
        balance[at] -= code == ERR_OK ? minor : 0;
    }
    refused += code == ERR_OK ? 0 : 1;
}

/* A receipt by chance; the model learns the account and amount only when it went through. */
static void reverse(void)
{
    char receipt[32];
    struct err e = ERR_INIT;
    int64_t top = query("SELECT max(number) FROM document WHERE type = 'receipt'");
    if (top == 0) {
        return;
    }
    int64_t number = 1 + (int64_t)draw((uint64_t)top);
    (void)snprintf(receipt, sizeof receipt, "%" PRId64, number);
    int64_t account =
        query_of("SELECT account FROM document WHERE type = 'receipt' AND number = ?", number);
    int64_t amount =
        query_of("SELECT amount FROM document WHERE type = 'receipt' AND number = ?", number);
    if (fixture_try(&f, f.marta, NULL, &e, "payment reverse", "receipt", receipt, "reason",
                    "azar", NULL) == ERR_OK) {
        balance[account - 1] += amount;
    } else {
        refused++;
    }
}

/* Each is a count of what must not be. */
static const char *const broken[] = {
    "SELECT count(*) FROM posting p WHERE p.open <> p.amount - (SELECT coalesce(sum(amount), "
    "0) "
    "FROM allocation WHERE debit = p.id) + (SELECT coalesce(sum(amount), 0) FROM allocation "
    "WHERE credit = p.id)",
    "SELECT count(*) FROM allocation x JOIN posting c ON c.id = x.credit JOIN posting d ON "
    "d.id "
    "= x.debit WHERE c.account <> d.account OR c.amount > 0 OR d.amount < 0",
    "SELECT count(*) FROM (SELECT type FROM document GROUP BY type HAVING max(number) <> "
    "count(*))",
    "SELECT count(*) FROM (SELECT txn FROM payment GROUP BY channel, txn HAVING count(*) > 1)",
    "SELECT count(*) FROM payment p WHERE p.state = 'reversed' AND (SELECT open FROM posting "
    "WHERE id = p.posting) <> 0",
    "SELECT count(*) FROM posting p WHERE p.kind = 'payment' AND -p.amount <> (SELECT d.amount "
    "FROM document d JOIN payment y ON y.receipt = d.number WHERE d.type = 'receipt' AND "
    "y.posting = p.id)",
};

static void assert_holds(uint64_t seed)
{
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        int64_t sum =
            query_of("SELECT coalesce(sum(amount), 0) FROM posting WHERE account = ?", i + 1);
        ck_assert_msg(sum == balance[i],
                      "seed %" PRIu64 ": account %u: %" PRId64 ", not %" PRId64, seed, i + 1,
                      sum, balance[i]);
    }
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        ck_assert_msg(query(broken[i]) == 0, "seed %" PRIu64 ": %s", seed, broken[i]);
    }
}

static void open_accounts(void)
{
    fixture_meters(&f, ACCOUNTS);
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        char account[16];
        (void)snprintf(account, sizeof account, "A%05u", i + 1);
        fixture_run(&f, f.marta, "account opening", "account", account, "amount",
                    i % 2 == 0 ? "300" : "-120.50", NULL);
        balance[i] = i % 2 == 0 ? 30000 : -12050;
    }
}

START_TEST(random_acts_keep_every_sum)
{
    const char *soak = getenv("AFORO_SOAK");
    const char *build = getenv("AFORO_BUILDDIR");
    int acts = soak != NULL && *soak == '1' ? ACTS_SOAK : ACTS;
    char program[1024];
    struct err e = ERR_INIT;
    struct audit a;
    fixture_init(&f);
    open_accounts();
    refused = 0;
    for (int i = 0; i < acts; i++) {
        state = (uint64_t)i * UINT64_C(2654435761) + 17;
        (void)draw(2);
        unsigned kind = (unsigned)draw(11);
        if (kind >= 9) {
            reverse();
        } else {
            act_on(kind, (unsigned)draw(ACCOUNTS), 1 + (int64_t)draw(20000));
        }
        if (acts == ACTS || i % 500 == 0) { /* in a soak the tables are long */
            assert_holds((uint64_t)i);
        }
    }
    assert_holds((uint64_t)acts);
    ck_assert_int_gt(refused, 0);
    ck_assert_int_lt(refused, acts);
    /* A wrong sum is seen: the checks do not pass by themselves. */
    ck_assert_int_eq(db_exec(f.office->db,
                             "UPDATE posting SET open = 0 WHERE id = 1 AND open > 0; UPDATE "
                             "posting SET open = amount WHERE id = 1 AND open = 0",
                             &e),
                     ERR_OK);
    ck_assert_int_eq(query(broken[0]), 1);
    ck_assert_int_eq(
        db_exec(
            f.office->db,
            "UPDATE posting SET open = amount - (SELECT coalesce(sum(amount), 0) FROM "
            "allocation WHERE debit = 1) + (SELECT coalesce(sum(amount), 0) FROM allocation "
            "WHERE credit = 1) WHERE id = 1",
            &e),
        ERR_OK);
    fixture_close(&f);
    (void)snprintf(program, sizeof program, "%s/aforo", build != NULL ? build : ".");
    struct verify_request q = {
        .dir = f.dir, .level = VERIFY_DEEP, .env = &env_system, .program = program};
    ck_assert_msg(verify_office(&q, &a, &e) == ERR_OK, "%s", e.text);
    printf("# count money_property %d 0\n", acts);
    fixture_remove_folder(f.dir);
}
END_TEST

Suite *suite_money_property(void)
{
    Suite *s = suite_create("money_property");
    TCase *t = tcase_create("acts");
    tcase_set_timeout(t, 3600);
    tcase_add_test(t, random_acts_keep_every_sum);
    suite_add_tcase(s, t);
    return s;
}
