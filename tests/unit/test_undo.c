#include <config.h>

#include "check_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/undo.h"
#include "app/words.h"
#include "lib/office_busy.h"
#include "ledger/kinds.h"

static struct office_fixture f;

static void setup(void)
{
    fixture_init(&f);
}

static void teardown(void)
{
    fixture_free(&f);
}

static bool has_param(const struct command *c, const char *name)
{
    for (const struct param *p = c->params; p->name != NULL; p++) {
        if (strcmp(p->name, name) == 0) {
            return true;
        }
    }
    return false;
}

START_TEST(each_row_names_a_kind_a_command_and_its_parameters)
{
    for (size_t i = 0; undo_kind_at(i) != NULL; i++) {
        const struct command *c = command_find(undo_command_at(i));
        ck_assert_msg(c != NULL, "%s is no command", undo_command_at(i));
        ck_assert_msg(kind_find(undo_kind_at(i), 1) != KIND_COUNT, "%s is no kind",
                      undo_kind_at(i));
        for (size_t p = 0; undo_param_at(i, p) != NULL; p++) {
            ck_assert_msg(has_param(c, undo_param_at(i, p)), "%s has no --%s", c->name,
                          undo_param_at(i, p));
        }
    }
}
END_TEST

/* Run what undoes an entry, with a reason where one is asked for. */
static void undo_entry(int64_t seq)
{
    struct undo u;
    struct err e = ERR_INIT;
    struct ticket t = {0};
    struct arena arena;
    ck_assert_msg(undo_of(f.office, seq, &u, &e) == ERR_OK, "%s", e.text);
    struct command_ctx c = {
        .office = f.office, .session = f.ana, .command = command_find(u.command)};
    arena_init(&arena, 1u << 20);
    for (size_t i = 0; i < u.count; i++) {
        ck_assert_int_eq(
            arg_set(&c, u.values[i].name, arena_strdup(&arena, u.values[i].value), &e), ERR_OK);
    }
    if (has_param(c.command, "reason")) {
        ck_assert_int_eq(arg_set(&c, "reason", "by mistake", &e), ERR_OK);
    }
    ck_assert_msg(command_run(&c, &t, &e) == ERR_OK, "%s: %s", u.command, e.text);
    arena_release(&arena);
}

static int64_t value_of(const char *sql)
{
    int64_t out = -1;
    struct err e = ERR_INIT;
    ck_assert_int_eq(db_get_int(f.office->db, &out, NULL, &e, sql, NO_VALS), ERR_OK);
    return out;
}

START_TEST(a_limit_goes_back_to_the_one_before)
{
    fixture_meters(&f, 1); /* limit 20 m3 */
    int64_t seq =
        fixture_run(&f, f.ana, "limit set", "serial", "W00001", "value", "31.5", NULL);
    static const char sql[] = "SELECT value FROM usage_limit ORDER BY id DESC LIMIT 1";
    ck_assert_int_eq(value_of(sql), 31500);
    undo_entry(seq);
    ck_assert_int_eq(value_of(sql), 20000);
}
END_TEST

START_TEST(a_meter_comes_back_into_service)
{
    fixture_meters(&f, 1);
    int64_t seq = fixture_run(&f, f.ana, "meter state", "serial", "W00001", "state",
                              "out_of_service", "reason", "dial broken", NULL);
    undo_entry(seq);
    ck_assert_int_eq(value_of("SELECT count(*) FROM meter WHERE state = 'in_service'"), 1);
}
END_TEST

START_TEST(a_work_order_is_cancelled)
{
    fixture_meters(&f, 1);
    int64_t seq = fixture_run(&f, f.ana, "work open", "kind", "inspect", "serial", "W00001",
                              "reason", "leak", NULL);
    undo_entry(seq);
    ck_assert_int_eq(value_of("SELECT count(*) FROM work_order WHERE state = 'cancelled'"), 1);
}
END_TEST

/* A credit note by a debit note over the same money. */
START_TEST(a_note_is_undone_by_its_opposite)
{
    fixture_busy(&f);
    int64_t seq = fixture_run(&f, f.marta, "note issue", "type", "credit", "account", "A00002",
                              "amount", "12.5", "reason", "r", NULL);
    int64_t owed = value_of("SELECT sum(amount) FROM posting");
    undo_entry(seq);
    ck_assert_int_eq(value_of("SELECT sum(amount) FROM posting"), owed + 1250);
}
END_TEST

START_TEST(what_no_command_undoes_says_so)
{
    struct undo u;
    struct err e = ERR_INIT;
    ck_assert_int_eq(undo_of(f.office, 1, &u, &e), ERR_STATE);
    ck_assert_ptr_nonnull(strstr(e.text, code_said("office.created")));
    ck_assert_int_eq(undo_of(f.office, 1 << 30, &u, &e), ERR_NOT_FOUND);
}
END_TEST

/* Every rule gives all its values for the entries of an office at work. */
START_TEST(rules_find_their_values)
{
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    bool row = false;
    size_t undone = 0;
    fixture_busy(&f);
    ck_assert_int_eq(db_query(f.office->db, &q, &e, "SELECT seq, kind FROM history", NO_VALS),
                     ERR_OK);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        struct undo u;
        for (size_t i = 0; undo_kind_at(i) != NULL; i++) {
            if (strcmp(undo_kind_at(i), stmt_text(q, 1)) == 0) {
                enum err_code code = undo_of(f.office, stmt_int(q, 0), &u, &e);
                /* a meter that was removed, and a first limit, have nothing to go back to */
                /* a receipt whose payment is taken back already, a work order for no meter */
                ck_assert_msg(code == ERR_OK ||
                                  strcmp(stmt_text(q, 1), "receipt.printed") == 0 ||
                                  strcmp(stmt_text(q, 1), "work.closed") == 0 ||
                                  strcmp(stmt_text(q, 1), "meter.state_set") == 0 ||
                                  strcmp(stmt_text(q, 1), "limit.set") == 0 ||
                                  strstr(e.text, "take back one of its decisions") != NULL,
                              "%s", e.text);
                undone += code == ERR_OK ? 1 : 0;
            }
        }
    }
    stmt_done(q);
    ck_assert_uint_ge(undone, 10);
}
END_TEST

Suite *suite_undo(void)
{
    Suite *s = suite_create("undo");
    TCase *t = tcase_create("undo");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, each_row_names_a_kind_a_command_and_its_parameters);
    tcase_add_test(t, a_limit_goes_back_to_the_one_before);
    tcase_add_test(t, a_meter_comes_back_into_service);
    tcase_add_test(t, a_work_order_is_cancelled);
    tcase_add_test(t, a_note_is_undone_by_its_opposite);
    tcase_add_test(t, what_no_command_undoes_says_so);
    tcase_add_test(t, rules_find_their_values);
    suite_add_tcase(s, t);
    return s;
}
