/* Random keys at the console over a real office, logged in as each role: it never breaks, never
 * runs what the role may not, and the ledger holds afterwards. Prints how often each screen and
 * command was reached; in a soak everything must be. Pressed in rounds, each from a fresh copy
 * of the busy office; AFORO_SEED, AFORO_ROLE and AFORO_ROUND replay one. */
#include <config.h>

#include "keys_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/text.h"

Suite *suite_keys(void);
Suite *suite_walk(const char *dir);
Suite *suite_robust(void);

#define KEYS_SOAK 1000000
#define KEYS_SHORT 4000
#define ROUND_KEYS 20000
#define ROUND_SECONDS 900 /* for a hang to be a finding */

static const char *const roles[] = {"administrator", "operator",  "supervisor", "billing",
                                    "reader",        "installer", "auditor",    "regulator"};
#define ROLES (sizeof roles / sizeof roles[0])

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static uint64_t keys_wanted(void)
{
    return number_from("AFORO_KEYS", getenv("AFORO_SOAK") != NULL ? KEYS_SOAK : KEYS_SHORT);
}

static void press_round(uint64_t keys)
{
    uint64_t until = rig.pressed + keys;
    uint64_t loaded = 0;
    for (uint64_t events = 0; rig.pressed < until; events++) {
        if (loaded == 0 || rig.pressed - loaded > 2000) {
            loaded = rig.pressed + 1;
            values_load(rig.office);
        }
        press_something();
        if (events % (rig.frame.columns > 160 ? 32 : 2) == 0) {
            rig_check_frame();
        }
        if (rig.worn && (rig_top()->ops == &screen_login || pick(64) == 0)) {
            return; /* somebody else by now, or locked out for good */
        }
    }
}

static void check_refusals(const struct office_fixture *f)
{
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    bool row = false;
    MUST(db_query(f->office->db, &q, &e,
                  "SELECT payload FROM entry JOIN history h USING (seq) WHERE h.kind = "
                  "'access.refused' AND seq > (SELECT "
                  "max(seq) FROM history WHERE kind = 'user.roles_set' AND actor = 'user:1')",
                  NO_VALS) == ERR_OK &&
             stmt_next(q, &row, &e) == ERR_OK,
         "%s", e.text);
    MUST(!row || rig.worn, "the console offered a %s what the role may not: %s", rig.role,
         stmt_text(q, 0));
    stmt_done(q);
}

/* From a fresh copy of the office to its verification. */
static void one_round(const char *role, uint64_t keys)
{
    struct office_fixture f;
    rig_begin(&f, role);
    press_round(keys);
    check_refusals(&f);
    rig_end(&f);
}

/* ---- what was reached -------------------------------------------------------------------- */

static void tell(const char *role)
{
    size_t runs = 0;
    size_t done = 0;
    for (size_t i = 0; i < screens_all_count; i++) {
        if (rig.total.screens[i] > 0) {
            printf("# reached %s screen %s %zu\n", role, screens_all[i]->name,
                   rig.total.screens[i]);
        }
    }
    for (size_t i = 0; command_name(i) != NULL; i++) {
        if (rig.total.forms[i] + rig.total.runs[i] > 0) {
            printf("# reached %s command %s form %zu, run %zu, done %zu\n", role,
                   command_name(i), rig.total.forms[i], rig.total.runs[i], rig.total.done[i]);
        }
        runs += rig.total.runs[i];
        done += rig.total.done[i];
    }
    printf("# count keys_%s %llu 0\n# %s: %zu commands run, %zu done\n", role,
           (unsigned long long)rig.pressed, role, runs, done);
}

struct missing {
    char names[4096];
    size_t screens, screens_may, commands, commands_may;
};

static void miss(struct missing *m, const char *what, const char *name)
{
    size_t used = strlen(m->names);
    (void)snprintf(m->names + used, sizeof m->names - used, "%s %s \"%s\"", used > 0 ? "," : "",
                   what, name);
}

/* What the role may and nobody got to: of a command that it was run, of a screen that it was
 * seen. */
static void find_missing(struct missing *m, const bool may_command[COMMANDS_MAX],
                         const bool may_screen[SCREENS_MAX])
{
    *m = (struct missing){0};
    for (size_t i = 0; command_name(i) != NULL; i++) {
        m->commands_may += may_command[i] ? 1 : 0;
        m->commands += may_command[i] && rig.total.runs[i] > 0 ? 1 : 0;
        if (may_command[i] && rig.total.runs[i] == 0) {
            miss(m, "command", command_name(i));
        }
    }
    for (size_t i = 0; i < screens_all_count; i++) {
        m->screens_may += may_screen[i] ? 1 : 0;
        m->screens += may_screen[i] && rig.total.screens[i] > 0 ? 1 : 0;
        if (may_screen[i] && rig.total.screens[i] == 0) {
            miss(m, "screen", screens_all[i]->name);
        }
    }
}

/* What a role may is asked of the busy office itself. */
static void find_permitted(const char *role, bool may_command[COMMANDS_MAX],
                           bool may_screen[SCREENS_MAX])
{
    struct err e = ERR_INIT;
    struct stmt *q = NULL;
    bool row = false;
    struct office *o = NULL;
    MUST(office_open(rig_busy.dir, DB_READ, &env_system, &o, &e) == ERR_OK, "%s", e.text);
    MUST(db_query(o->db, &q, &e, "SELECT command FROM role_grant WHERE role = ?",
                  VALS(V_TEXT(role))) == ERR_OK,
         "%s", e.text);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        const struct command *c = command_find(stmt_text(q, 0));
        if (c != NULL && (c->flags & (CMD_BOOTSTRAP | CMD_OFFICE)) == 0) {
            may_command[command_index(c->name)] = true;
        }
        for (size_t i = 0; i < screens_all_count; i++) {
            const char *needs = screens_all[i]->needs;
            may_screen[i] =
                may_screen[i] || needs == NULL || strcmp(needs, stmt_text(q, 0)) == 0;
        }
    }
    stmt_done(q);
    office_close(o);
    may_command[command_index("report meters")] = true; /* exports are for everybody */
}

/* A soak leaves nothing out; a short run reaches a good part of it. */
static void all_reached(const char *role)
{
    static bool may_command[COMMANDS_MAX];
    static bool may_screen[SCREENS_MAX];
    struct missing m;
    find_permitted(role, may_command, may_screen);
    find_missing(&m, may_command, may_screen);
    printf("# %s: %zu of %zu screens, %zu of %zu commands\n", role, m.screens, m.screens_may,
           m.commands, m.commands_may);
    if (m.names[0] != '\0') {
        printf("# never reached %s:%s\n", role, m.names);
    }
    if (rig.pressed >= KEYS_SOAK) {
        MUST(m.names[0] == '\0', "never reached as %s:%s", role, m.names);
    } else if (rig.pressed >= KEYS_SHORT) {
        /* Far below what is reached, so that another screen does not fall under it. */
        MUST(m.screens * 2 >= m.screens_may && m.commands * 8 >= m.commands_may,
             "too little reached as %s", role);
    }
}

START_TEST(random_keys_as_each_role_break_nothing_and_escape_nothing)
{
    uint64_t wanted = keys_wanted();
    uint64_t seed = number_from("AFORO_SEED", 20261121);
    uint64_t round = number_from("AFORO_ROUND", 0);
    const char *only = getenv("AFORO_ROLE");
    const char *role = roles[_i];
    if (only != NULL && strcmp(only, role) != 0) {
        return;
    }
    memset(&rig, 0, sizeof rig);
    for (; rig.pressed < wanted; round++) {
        uint64_t left = wanted - rig.pressed;
        chance_seed((seed * ROLES + (uint64_t)_i) * 100000 + round);
        if (wanted > ROUND_KEYS) {
            printf("# %s round %llu from key %llu\n", role, (unsigned long long)round,
                   (unsigned long long)rig.pressed);
            (void)fflush(stdout);
        }
        (void)alarm(ROUND_SECONDS);
        one_round(role, left < ROUND_KEYS ? left : ROUND_KEYS);
    }
    (void)alarm(0);
    tell(role);
    all_reached(role);
}
END_TEST

Suite *suite_keys(void)
{
    Suite *suite = suite_create("keys");
    TCase *t = tcase_create("keys");
    tcase_set_timeout(t, getenv("AFORO_SOAK") != NULL ? 36000 : 300);
    tcase_add_loop_test(t, random_keys_as_each_role_break_nothing_and_escape_nothing, 0,
                        (int)ROLES);
    suite_add_tcase(suite, t);
    return suite;
}

int main(void)
{
    i18n_init("en");
    fixture_template();
    fixture_init(&rig_busy);
    fixture_busy(&rig_busy);
    fixture_close(&rig_busy);
    SRunner *r = srunner_create(suite_keys());
    srunner_add_suite(r, suite_walk(rig_busy.dir));
    srunner_add_suite(r, suite_robust());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    fixture_remove_folder(rig_busy.dir);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
