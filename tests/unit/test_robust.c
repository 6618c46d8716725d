/* What happens to an open form when the office's database is not there for it: held by another
 * program, moved away, full, read-only, or changed by somebody else. Nothing is half done, what
 * was typed stays, and the same key tries again. */
#include <config.h>

#include "keys_rig.h"

#include <stdio.h>
#include <string.h>

Suite *suite_robust(void);

static struct office_fixture f;

static int64_t number(const char *sql)
{
    struct err e = ERR_INIT;
    int64_t n = 0;
    MUST(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

static int64_t height(void)
{
    return number("SELECT max(seq) FROM entry");
}

/* A tick of more than what the console waits before it looks at the ledger again. */
static void look_again(void)
{
    struct event ev = {.kind = EV_TICK, .now_ms = rig.now_ms += 6000};
    ev.local_secs = rig.model.local_now(rig.model.ctx);
    rig_send(&ev);
    rig_jobs(0);
}

static void open_command(const char *name)
{
    rig_key(K_CTRL | 'p');
    rig_type(name);
    rig_key(K_ENTER);
    rig_jobs(0);
    MUST(rig_top()->ops == &screen_command, "no form of %s", name);
}

/* Logged in, with the form of a limit filled and not sent. */
static void setup(void)
{
    memset(&rig, 0, sizeof rig);
    chance_seed(1);
    rig_begin(&f, "administrator");
    rig_jobs(0);
    rig_type("olga\t" FIXTURE_PASSWORD "\n");
    rig_jobs(0);
    look_again();
    open_command("limit set");
    rig_type("W00003\t77");
    look_again();
}

static void teardown(void)
{
    rig_end(&f);
}

static void enter(void)
{
    rig_key(K_ENTER);
    rig_jobs(0);
}

#define LIMITS_77 "SELECT count(*) FROM usage_limit WHERE value = 77000"

/* Refused with a sentence, the form as it was; then the hindrance is gone, and Enter records.
 */
static void refused_and_kept(const char *sentence)
{
    int64_t before = height();
    enter();
    MUST(rig_shows(sentence), "\"%s\" is not said", sentence);
    MUST(rig_top()->ops == &screen_command && rig_shows("W00003") && rig_shows("77"),
         "what was typed is gone");
    ck_assert_int_eq(height(), before);
    ck_assert_int_eq(number(LIMITS_77), 0);
}

static void recorded_on_the_next_key(void)
{
    int64_t before = height();
    enter();
    MUST(rig_top()->ops != &screen_command, "the form is still there");
    ck_assert_int_eq(height(), before + 1);
    ck_assert_int_eq(number(LIMITS_77), 1);
}

START_TEST(a_lock_held_by_another_program_loses_nothing_typed)
{
    struct db *other = NULL;
    struct err e = ERR_INIT;
    db_set_busy_timeout(rig.bound.act->db, 20);
    ck_assert_int_eq(db_open("office.db", DB_WRITE, &other, &e), ERR_OK);
    ck_assert_int_eq(db_begin(other, &e), ERR_OK);
    refused_and_kept("another program is writing");
    db_rollback(other);
    recorded_on_the_next_key();
    db_close(other);
}
END_TEST

START_TEST(a_database_moved_away_takes_no_entry_until_it_is_back)
{
    ck_assert_int_eq(rename("office.db", "elsewhere.db"), 0);
    refused_and_kept("was moved or deleted while it was open");
    look_again();
    MUST(rig_shows("was moved or deleted"), "the status says nothing of it");
    ck_assert_int_eq(rename("elsewhere.db", "office.db"), 0);
    recorded_on_the_next_key();
}
END_TEST

START_TEST(another_file_in_the_databases_place_takes_no_entry)
{
    struct err e = ERR_INIT;
    struct db *copy = NULL;
    ck_assert_int_eq(db_open("office.db", DB_READ, &copy, &e), ERR_OK);
    ck_assert_int_eq(db_backup(copy, "copy.db", &e), ERR_OK);
    db_close(copy);
    ck_assert_int_eq(rename("office.db", "real.db"), 0);
    ck_assert_int_eq(rename("copy.db", "office.db"), 0);
    refused_and_kept("was moved or deleted while it was open");
    ck_assert_int_eq(rename("real.db", "office.db"), 0);
    recorded_on_the_next_key();
}
END_TEST

START_TEST(a_full_disk_takes_nothing_half)
{
    struct err e = ERR_INIT;
    /* Without free pages, and not one more: SQLite takes what there is as the limit. */
    ck_assert_int_eq(db_exec(rig.bound.act->db, "VACUUM; PRAGMA max_page_count = 1", &e),
                     ERR_OK);
    for (int i = 0; i < 200 && !rig_shows("is full"); i++) {
        enter();
        if (rig_top()->ops != &screen_command) { /* there was room in the last page */
            open_command("limit set");
            rig_type("W00003\t77");
        }
    }
    MUST(rig_shows("is full"), "the disk was never full");
    int64_t before = height();
    int64_t limits = number(LIMITS_77);
    enter();
    MUST(rig_shows("is full") && rig_shows("W00003"), "what was typed is gone");
    ck_assert_int_eq(height(), before);
    ck_assert_int_eq(number(LIMITS_77), limits);
    ck_assert_int_eq(db_exec(rig.bound.act->db, "PRAGMA max_page_count = 1000000", &e), ERR_OK);
    enter();
    ck_assert_int_eq(height(), before + 1);
}
END_TEST

START_TEST(a_database_that_became_read_only_loses_nothing_typed)
{
    struct err e = ERR_INIT;
    ck_assert_int_eq(db_exec(rig.bound.act->db, "PRAGMA query_only = ON", &e), ERR_OK);
    refused_and_kept("is read-only");
    ck_assert_int_eq(db_exec(rig.bound.act->db, "PRAGMA query_only = OFF", &e), ERR_OK);
    recorded_on_the_next_key();
}
END_TEST

START_TEST(who_changed_the_same_thing_meanwhile_is_named_and_what_was_typed_stays)
{
    (void)fixture_run(&f, f.ana, "limit set", "serial", "W00001", "value", "31", NULL);
    look_again();
    MUST(!rig_shows("changed meanwhile"), "another meter is no news here");
    int64_t seq = fixture_run(&f, f.ana, "limit set", "serial", "W00003", "value", "32", NULL);
    char entry[32];
    (void)snprintf(entry, sizeof entry, "entry %lld", (long long)seq);
    look_again();
    MUST(rig_shows("serial W00003: changed meanwhile by ana") && rig_shows("limit set") &&
             rig_shows(entry),
         "it is not said who changed what");
    rig_type("0");
    MUST(rig_shows("changed meanwhile by ana") && rig_shows("770"),
         "it must stand there while one goes on typing");
    rig_key(K_BACKSPACE);
    recorded_on_the_next_key();
    open_command("limit set");
    rig_type("W00003\t78");
    look_again();
    MUST(!rig_shows("changed meanwhile"), "what one recorded oneself is no news");
}
END_TEST

START_TEST(a_reading_imported_meanwhile_is_named_on_the_readings_form)
{
    FILE *out = fopen("meanwhile.csv", "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs("serial,time,value\nW00003,2026-10-31 08:00,199.500\n", out), 0);
    ck_assert_int_eq(fclose(out), 0);
    (void)fixture_run(&f, f.ana, "import readings", "file", "meanwhile.csv", "mapping", "meses",
                      NULL);
    look_again();
    MUST(rig_shows("serial W00003: changed meanwhile by ana") && rig_shows("readings imported"),
         "the import is not named");
}
END_TEST

/* Page up and down once went to and fro between two rows outside of a small window. */
START_TEST(pages_scroll_to_their_ends_in_a_window_of_any_height)
{
    static const uint32_t keys[] = {K_PGDN, K_DOWN, K_PGDN, K_PGUP, K_UP, K_PGUP};
    rig_key(K_ESC);
    rig_type("y");
    for (size_t i = 0; i < screens_openable_count; i++) {
        if (screens_openable[i]->sheet == NULL) {
            continue;
        }
        rig_key(K_CTRL | 'p');
        rig_type(screens_openable[i]->name);
        rig_key(K_ENTER);
        for (int rows = 1; rows <= 40; rows++) {
            struct event ev = {.kind = EV_RESIZE, .rows = rows, .columns = 80};
            MUST(frame_resize(&rig.frame, rows, 80, NULL) == ERR_OK, "no frame");
            rig_send(&ev);
            rig_jobs(0);
            for (size_t k = 0; k < 24; k++) {
                rig_key(keys[k / 4]);
            }
            rig_check_frame();
        }
        MUST(rig_top()->ops == screens_openable[i], "%s", screens_openable[i]->name);
        rig_key(K_ESC);
    }
}
END_TEST

Suite *suite_robust(void)
{
    Suite *suite = suite_create("robust");
    TCase *t = tcase_create("robust");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_lock_held_by_another_program_loses_nothing_typed);
    tcase_add_test(t, a_database_moved_away_takes_no_entry_until_it_is_back);
    tcase_add_test(t, another_file_in_the_databases_place_takes_no_entry);
    tcase_add_test(t, a_full_disk_takes_nothing_half);
    tcase_add_test(t, a_database_that_became_read_only_loses_nothing_typed);
    tcase_add_test(t, who_changed_the_same_thing_meanwhile_is_named_and_what_was_typed_stays);
    tcase_add_test(t, a_reading_imported_meanwhile_is_named_on_the_readings_form);
    tcase_add_test(t, pages_scroll_to_their_ends_in_a_window_of_any_height);
    suite_add_tcase(suite, t);
    return suite;
}
