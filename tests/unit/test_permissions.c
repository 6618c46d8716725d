/* docs/permissions.csv against the program: written by hand from the design's table of roles,
 * it covers every command for every role, the built-in grants say the same, and each row is
 * what the command path and the lists of the console and the kiosk do. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/permitted.h"
#include "base/csv.h"
#include "data/embedded.h"
#include "lib/office_fixture.h"

Suite *suite_permissions(void);

#define ROWS_MAX 8192
#define NAME_MAX_LEN 48

static const char *const roles[] = {"administrator", "operator", "supervisor", "billing",
                                    "customer",      "reader",   "installer",  "auditor",
                                    "regulator",     "oracle",   "device",     "node"};
#define ROLES (sizeof roles / sizeof roles[0])

struct page_row {
    char role[NAME_MAX_LEN], command[NAME_MAX_LEN];
    bool allow;
    unsigned long line;
};

static struct page_row page[ROWS_MAX];
static size_t page_count;

static void page_take(const struct csv_row *r)
{
    struct page_row *p = &page[page_count];
    ck_assert_msg(page_count < ROWS_MAX, "docs/permissions.csv has more than %d rows",
                  ROWS_MAX);
    ck_assert_msg(r->fault == CSV_FINE && r->count == 4 && r->fields[3].len > 0,
                  "docs/permissions.csv line %lu: a row is role,command,decision,source",
                  (unsigned long)r->line);
    const char *decision = r->fields[2].data;
    p->allow = strcmp(decision, "allow") == 0;
    p->line = (unsigned long)r->line;
    ck_assert_msg(p->allow || strcmp(decision, "deny") == 0,
                  "docs/permissions.csv line %lu: the decision is allow or deny, not \"%s\"",
                  p->line, decision);
    (void)snprintf(p->role, sizeof p->role, "%s", r->fields[0].data);
    (void)snprintf(p->command, sizeof p->command, "%s", r->fields[1].data);
    page_count++;
}

static void page_load(void)
{
    char path[FIXTURE_PATH_MAX];
    struct csv *c = NULL;
    struct csv_row row;
    struct err e = ERR_INIT;
    bool eof = false;
    const char *top = getenv("AFORO_SRCDIR");
    (void)snprintf(path, sizeof path, "%s/docs/permissions.csv", top != NULL ? top : ".");
    ck_assert_msg(csv_open(path, ',', false, &c, &e) == ERR_OK, "%s", e.text);
    page_count = 0;
    ck_assert_int_eq(csv_next(c, &row, &eof, &e), ERR_OK); /* the heading */
    while (csv_next(c, &row, &eof, &e) == ERR_OK && !eof) {
        page_take(&row);
    }
    csv_close(c);
}

static const struct page_row *page_find(const char *role, const char *command)
{
    const struct page_row *found = NULL;
    for (size_t i = 0; i < page_count; i++) {
        if (strcmp(page[i].role, role) == 0 && strcmp(page[i].command, command) == 0) {
            ck_assert_msg(found == NULL,
                          "docs/permissions.csv says \"%s,%s\" on lines %lu and %lu; keep one",
                          role, command, found != NULL ? found->line : 0, page[i].line);
            found = &page[i];
        }
    }
    return found;
}

/* Does the built-in list grant it? A NULL role: to anybody. */
static bool granted(const char *role, const char *command)
{
    char want[2 * NAME_MAX_LEN];
    (void)snprintf(want, sizeof want, ",%s\n", command);
    for (const char *line = strchr(grants_csv, '\n') + 1; *line != '\0';) {
        const char *end = strchr(line, '\n');
        const char *comma = strchr(line, ',');
        size_t len = (size_t)(comma - line);
        if (strncmp(comma, want, strlen(want)) == 0 &&
            (role == NULL || (strlen(role) == len && memcmp(role, line, len) == 0))) {
            return true;
        }
        line = end + 1;
    }
    return false;
}

static bool known_role(const char *role)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (strcmp(roles[i], role) == 0) {
            return true;
        }
    }
    return false;
}

static void must_be_covered(const char *command)
{
    char rows[2048] = "";
    for (size_t i = 0; i < ROLES; i++) {
        if (page_find(roles[i], command) == NULL) {
            size_t used = strlen(rows);
            (void)snprintf(rows + used, sizeof rows - used,
                           "%s,%s,deny,domain.md Roles: not in the row of the %s\n", roles[i],
                           command, roles[i]);
        }
    }
    ck_assert_msg(
        rows[0] == '\0',
        "docs/permissions.csv does not say who may \"%s\". Add these rows to it, with "
        "\"allow\" and the words of domain.md for the roles that may (and a row of "
        "data/grants.csv for each of those):\n%s",
        command, rows);
}

START_TEST(the_page_covers_every_command_for_every_role)
{
    page_load();
    for (size_t i = 0; commands[i] != NULL; i++) {
        must_be_covered(commands[i]->name);
    }
    for (size_t i = 0; i < page_count; i++) {
        const char *what = page[i].command;
        ck_assert_msg(known_role(page[i].role),
                      "docs/permissions.csv line %lu: \"%s\" is no role of domain.md",
                      page[i].line, page[i].role);
        ck_assert_msg(command_find(what) != NULL || granted(NULL, what),
                      "docs/permissions.csv line %lu: \"%s\" is neither a command nor a "
                      "permission that data/grants.csv gives to anybody; take its rows out",
                      page[i].line, what);
        if (command_find(what) == NULL) {
            must_be_covered(what);
        }
    }
}
END_TEST

START_TEST(the_grants_say_what_the_page_says)
{
    page_load();
    for (size_t i = 0; i < page_count; i++) {
        bool has = granted(page[i].role, page[i].command);
        ck_assert_msg(has == page[i].allow,
                      "docs/permissions.csv line %lu says \"%s,%s,%s\", data/grants.csv %s it: "
                      "decide by domain.md Roles and mend the one that is wrong",
                      page[i].line, page[i].role, page[i].command,
                      page[i].allow ? "allow" : "deny", has ? "grants" : "does not grant");
    }
    for (const char *line = strchr(grants_csv, '\n') + 1; *line != '\0';
         line = strchr(line, '\n') + 1) {
        char role[NAME_MAX_LEN];
        char what[NAME_MAX_LEN];
        ck_assert_int_eq(sscanf(line, "%47[^,],%47[^\n]", role, what), 2);
        must_be_covered(what);
        ck_assert_msg(page_find(role, what) != NULL,
                      "data/grants.csv gives \"%s\" to \"%s\", of which docs/permissions.csv "
                      "says nothing: add the row \"%s,%s,allow,SOURCE\" to it",
                      what, role, role, what);
    }
}
END_TEST

/* ---- the command path -------------------------------------------------------------------- */

static struct office_fixture f;

static int64_t count(const char *sql)
{
    int64_t n = -1;
    struct err e = ERR_INIT;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

/* Something that passes for each kind of parameter, and names nothing that there is. */
static const char *plausible(const struct param *p, char choice[64])
{
    switch (p->type) {
    case PARAM_TEXT:
        return "zz";
    case PARAM_INT:
        return "987654";
    case PARAM_DATE:
        return "2026-11-02";
    case PARAM_TIME:
        return "2026-11-02 08:00";
    case PARAM_DECIMAL:
        return "1";
    case PARAM_CHOICE:
        (void)snprintf(choice, 64, "%.*s", (int)strcspn(p->choices, "|"), p->choices);
        return choice;
    case PARAM_FILE:
        return "/nonexistent/file";
    case PARAM_SECRET:
        return "z"; /* shorter than any that is taken: no time is lost on sealing */
    case PARAM_FLAG:
        return "1";
    }
    return "";
}

/* Run the command; true when it was refused for want of permission, which an entry tells. */
static bool refused(const struct command *command, struct session *who)
{
    static const char asked[] = "SELECT count(*) FROM history WHERE kind = 'access.refused'";
    char choices[PARAMS_MAX][64];
    struct command_ctx c = {.office = f.office, .session = who, .command = command};
    struct ticket t;
    struct err e = ERR_INIT;
    int64_t before = count(asked);
    for (size_t i = 0; command->params[i].name != NULL; i++) {
        const struct param *p = &command->params[i];
        if ((p->flags & PARAM_REQUIRED) != 0) {
            ck_assert_int_eq(arg_set(&c, p->name, plausible(p, choices[i]), &e), ERR_OK);
        }
    }
    enum err_code code = command_run(&c, &t, &e);
    int64_t after = count(asked);
    ck_assert_msg(code != ERR_USAGE || after == before, "%s: %s", command->name, e.text);
    ck_assert_msg(after == before || code == ERR_DENIED, "%s: %s", command->name, e.text);
    return after == before + 1;
}

static bool on_list(enum face face, const struct session *who, const char *command)
{
    static struct permitted list;
    struct err e = ERR_INIT;
    ck_assert_msg(permitted_list(f.office, who->user, face, &list, &e) == ERR_OK, "%s", e.text);
    for (size_t i = 0; i < list.count; i++) {
        if (strcmp(list.list[i]->name, command) == 0) {
            return true;
        }
    }
    return false;
}

/* Each refusal is an entry of its own on the disk: a quarter of the rows in ./runtests, so that
 * each command is refused to some role, all of them in a soak run. */
static bool is_run(const struct page_row *p)
{
    size_t at = (size_t)(p - page);
    return getenv("AFORO_SOAK") != NULL || (at / ROLES + at % ROLES) % 4 == 0;
}

static void row_holds(const struct page_row *p, struct session *who)
{
    const struct command *command = command_find(p->command);
    struct err e = ERR_INIT;
    bool may = !p->allow;
    ck_assert_int_eq(session_may(f.office, who->user, p->command, &may, &e), ERR_OK);
    ck_assert_msg(may == p->allow, "line %lu: %s may%s \"%s\"", p->line, p->role,
                  may ? "" : " not", p->command);
    if (command == NULL || (command->flags & (CMD_BOOTSTRAP | CMD_OFFICE)) != 0) {
        return; /* a permission that others ask for; or nobody is logged in for it */
    }
    bool person = !role_is_machine(p->role);
    bool own = strncmp(p->command, "own ", 4) == 0;
    bool kiosk = strcmp(p->role, "customer") == 0 && own;
    ck_assert_msg(on_list(FACE_CONSOLE, who, p->command) == (p->allow && person),
                  "line %lu: the console's list of the %s, \"%s\"", p->line, p->role,
                  p->command);
    ck_assert_msg(on_list(FACE_KIOSK, who, p->command) == (p->allow && kiosk),
                  "line %lu: the kiosk's list for the %s, \"%s\"", p->line, p->role,
                  p->command);
    if (!p->allow && is_run(p)) {
        ck_assert_msg(refused(command, who),
                      "line %lu: \"%s\" by %s was not refused and recorded", p->line,
                      p->command, p->role);
    }
}

/* One user through all roles. Refusals first: what is allowed may change the office. */
static void role_holds(const char *role)
{
    struct err e = ERR_INIT;
    enum err_code code =
        fixture_try(&f, f.ana, NULL, &e, "user roles", "login", "olga", "roles", role, NULL);
    if (code != ERR_OK) {
        ck_assert_msg(!granted(role, "user password"), "%s: %s", role, e.text);
        for (size_t i = 0; i < page_count; i++) { /* no grant, no such role */
            ck_assert_msg(strcmp(page[i].role, role) != 0 || !page[i].allow, "%s", role);
        }
        return;
    }
    for (size_t i = 0; i < page_count; i++) {
        if (strcmp(page[i].role, role) == 0) {
            row_holds(&page[i], f.olga);
        }
    }
    for (size_t i = 0; i < page_count; i++) {
        const struct command *command = command_find(page[i].command);
        if (strcmp(page[i].role, role) != 0 || !page[i].allow || command == NULL ||
            (command->flags & (CMD_BOOTSTRAP | CMD_OFFICE)) != 0) {
            continue;
        }
        ck_assert_msg(!refused(command, f.olga), "line %lu: \"%s\" by %s was refused",
                      page[i].line, page[i].command, role);
    }
}

START_TEST(every_row_is_what_the_command_path_does)
{
    page_load();
    fixture_init(&f);
    role_holds(roles[_i]);
    fixture_free(&f);
}
END_TEST

/* A role is defined whole: what it has must be among what can be named. */
START_TEST(a_role_can_be_given_again_what_it_has)
{
    static char all[16384];
    struct err e = ERR_INIT;
    all[0] = '\0';
    for (const char *line = strchr(grants_csv, '\n') + 1; *line != '\0';
         line = strchr(line, '\n') + 1) {
        char role[NAME_MAX_LEN];
        char what[NAME_MAX_LEN];
        ck_assert_int_eq(sscanf(line, "%47[^,],%47[^\n]", role, what), 2);
        if (strcmp(role, roles[_i]) == 0) {
            size_t used = strlen(all);
            (void)snprintf(all + used, sizeof all - used, "%s%s", used == 0 ? "" : ",", what);
        }
    }
    fixture_init(&f);
    if (all[0] != '\0' && strcmp(roles[_i], "administrator") != 0) {
        ck_assert_msg(fixture_try(&f, f.ana, NULL, &e, "role define", "role", roles[_i],
                                  "commands", all, NULL) == ERR_OK,
                      "%s: %s", roles[_i], e.text);
    }
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "role define", "role", "clerk",
                                 "commands", "backdate,personal rea", NULL),
                     ERR_NOT_FOUND);
    fixture_free(&f);
}
END_TEST

Suite *suite_permissions(void)
{
    Suite *s = suite_create("permissions");
    TCase *t = tcase_create("page");
    tcase_add_test(t, the_page_covers_every_command_for_every_role);
    tcase_add_test(t, the_grants_say_what_the_page_says);
    suite_add_tcase(s, t);
    t = tcase_create("path");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, every_row_is_what_the_command_path_does, 0, (int)ROLES);
    tcase_add_loop_test(t, a_role_can_be_given_again_what_it_has, 0, (int)ROLES);
    suite_add_tcase(s, t);
    return s;
}
