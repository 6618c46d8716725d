#include <config.h>

#include "check_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/losses.h"
#include "app/page.h"
#include "app/personal.h"
#include "lib/office_busy.h"

/* Every page of app/page.h over an office at work: each thing there is has its page, what is
 * not there is refused by a sentence, and what is personal is masked for who may not read it.
 */

static struct office_fixture busy;

static size_t fill_all(const char *name, const char *ids)
{
    const struct page *page = page_find(name);
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    bool row = false;
    size_t filled = 0;
    int64_t id[512];
    size_t count = 0;
    ck_assert_ptr_nonnull(page);
    ck_assert_int_eq(db_query(busy.office->db, &q, &e, ids, NO_VALS), ERR_OK);
    while (count < 512 && stmt_next(q, &row, &e) == ERR_OK && row) {
        id[count++] = stmt_int(q, 0);
    }
    stmt_done(q);
    for (size_t i = 0; i < count; i++) {
        struct sheet s;
        sheet_init(&s);
        ck_assert_msg(page->fill(busy.office, 1, id[i], &s, &e) == ERR_OK, "%s %lld: %s", name,
                      (long long)id[i], e.text);
        ck_assert_msg(sheet_status(&s, &e) == ERR_OK, "%s %lld: %s", name, (long long)id[i],
                      e.text);
        ck_assert_uint_gt(s.count, 0);
        filled++;
        sheet_release(&s);
    }
    return filled;
}

START_TEST(every_thing_has_its_page)
{
    static const struct {
        const char *page, *ids;
    } rows[] = {
        {"account", "SELECT id FROM account"},
        {"pay", "SELECT id FROM account"},
        {"meter", "SELECT id FROM meter"},
        {"bill",
         "SELECT b.id FROM bill b JOIN billing_run r ON r.id = b.run AND r.state = 'closed'"},
        {"why",
         "SELECT b.id FROM bill b JOIN billing_run r ON r.id = b.run AND r.state = 'closed'"},
        {"receipt", "SELECT number FROM document WHERE type = 'receipt'"},
        {"entry", "SELECT seq FROM entry"},
        {"signed", "SELECT min(seq) FROM entry"},
        {"home", "SELECT 0"},
        {"losses", "SELECT 0"},
        {"settings", "SELECT 0"},
        {"proof", "SELECT min(b.id) FROM bill b JOIN billing_run r ON r.id = b.run AND r.state "
                  "= 'closed'"},
    };
    struct err e = ERR_INIT;
    size_t known = 0;
    ck_assert_int_eq(personal_access(busy.office, 1, &e), ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(fill_all(rows[i].page, rows[i].ids) > 0, "%s: nothing to show",
                      rows[i].page);
        known++;
    }
    for (size_t i = 0; pages[i] != NULL; i++) {
        known--;
    }
    ck_assert_msg(known == 0, "a page of pages.def is not in this test");
}
END_TEST

static const struct sheet_part *part_of(const struct sheet *s, enum sheet_kind kind,
                                        const char *label)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct sheet_part *p = &s->parts[i];
        const char *name = kind == SHEET_ROW ? p->cells[0] : p->label;
        if (p->kind == kind && name != NULL && strcmp(name, label) == 0) {
            return p;
        }
    }
    return NULL;
}

static void page_fill(const char *name, int64_t id, struct sheet *s)
{
    struct err e = ERR_INIT;
    sheet_init(s);
    ck_assert_msg(page_find(name)->fill(busy.office, 1, id, s, &e) == ERR_OK, "%s", e.text);
}

/* A credit that a customer asks about: with its sum, and with the entry that made it. */
START_TEST(notes_stand_on_the_page_of_their_account)
{
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    bool row = false;
    size_t notes = 0;
    ck_assert_int_eq(db_query(busy.office->db, &q, &e,
                              "SELECT account, seq, number, amount FROM document WHERE type "
                              "<> 'receipt' ORDER BY seq",
                              NO_VALS),
                     ERR_OK);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        struct sheet s;
        char number[24];
        char amount[PAGE_TEXT_MAX];
        size_t found = 0;
        page_fill("account", stmt_int(q, 0), &s);
        (void)snprintf(number, sizeof number, "%lld", (long long)stmt_int(q, 2));
        page_amount(busy.office, stmt_int(q, 3), amount);
        for (size_t i = 0; i < s.count; i++) {
            const struct sheet_part *p = &s.parts[i];
            found += p->kind == SHEET_ROW && p->opens != NULL &&
                             strcmp(p->opens, "entry") == 0 && p->id == stmt_int(q, 1) &&
                             strcmp(p->cells[1], number) == 0 &&
                             strcmp(p->cells[4], amount) == 0
                         ? 1
                         : 0;
        }
        ck_assert_msg(found == 1, "note %s of entry %lld", number, (long long)stmt_int(q, 1));
        sheet_release(&s);
        notes++;
    }
    stmt_done(q);
    ck_assert_uint_gt(notes, 0);
}
END_TEST

static enum err_code loss_keep(void *ctx, const struct loss *l, struct err *e)
{
    struct loss *last = ctx;
    (void)e;
    if (l->counted.known && l->counted.whole > 0) {
        *last = *l;
    }
    return ERR_OK;
}

/* The page of losses agrees with the report, and the feeder's own page has its months. */
START_TEST(a_feeder_loses_on_its_page_what_the_report_says)
{
    struct err e = ERR_INIT;
    struct date month = {0};
    struct sheet s;
    struct loss last = {0};
    char day[DATE_TEXT];
    bool known = false;
    ck_assert_int_eq(losses_last_month(busy.office, &month, &known, &e), ERR_OK);
    ck_assert(known);
    date_text(month, day);
    struct loss_choice choice = {day, day, NULL};
    ck_assert_int_eq(losses_each(busy.office, &choice, loss_keep, &last, &e), ERR_OK);
    ck_assert_str_ne(last.month, "");
    page_fill("losses", 0, &s);
    const struct sheet_part *row = part_of(&s, SHEET_ROW, last.counted.meter.serial);
    char lost[PAGE_TEXT_MAX];
    ck_assert_ptr_nonnull(row);
    page_quantity(last.counted.meter.reg.unit->symbol, last.counted.meter.reg.decimals,
                  last.counted.whole - last.counted.parts, lost);
    ck_assert_str_eq(row->cells[3], lost);
    ck_assert_int_eq(row->id, last.counted.meter.id);
    ck_assert_ptr_nonnull(part_of(&s, SHEET_SHARE, last.counted.meter.serial));
    sheet_release(&s);
}
END_TEST

/* Never checked, and a file that says what nobody can read: neither is called sound. */
START_TEST(what_was_not_verified_is_not_called_sound)
{
    struct sheet s;
    char path[FIXTURE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/state/verified", busy.dir);
    (void)unlink(path);
    page_fill("home", 0, &s);
    const struct sheet_part *fact = part_of(&s, SHEET_FACT, "Last verified");
    ck_assert_ptr_nonnull(fact);
    ck_assert_str_eq(fact->text, "never, here");
    ck_assert_int_eq(fact->mood, SHEET_WARN);
    sheet_release(&s);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs("nonsense\n", f), 0);
    ck_assert_int_eq(fclose(f), 0);
    page_fill("home", 0, &s);
    ck_assert_ptr_null(part_of(&s, SHEET_FACT, "Last verified"));
    bool told = false;
    for (size_t i = 0; i < s.count; i++) {
        const struct sheet_part *p = &s.parts[i];
        told = told || (p->kind == SHEET_TEXT && p->mood == SHEET_BAD &&
                        strstr(p->text, "verify --full") != NULL);
    }
    ck_assert(told);
    sheet_release(&s);
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(an_entry_speaks_in_words)
{
    static const struct {
        const char *label, *sql;
    } rows[] = {
        {"Account", "SELECT number FROM account WHERE id = ?"},
        {"Method", "SELECT method FROM payment WHERE account = ? ORDER BY id LIMIT 1"},
    };
    struct err e = ERR_INIT;
    struct sheet s;
    int64_t seq = 0;
    int64_t account = 0;
    ck_assert_int_eq(db_get_int(busy.office->db, &account, NULL, &e,
                                "SELECT account FROM payment ORDER BY id LIMIT 1", NULL, 0),
                     ERR_OK);
    ck_assert_int_eq(db_get_int(busy.office->db, &seq, NULL, &e,
                                "SELECT min(seq) FROM history WHERE kind = 'payment.recorded'",
                                NULL, 0),
                     ERR_OK);
    page_fill("entry", seq, &s);
    ck_assert_ptr_nonnull(strstr(s.head, "payment taken"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stmt *q = NULL;
        bool row = false;
        ck_assert_int_eq(db_query(busy.office->db, &q, &e, rows[i].sql, VALS(V_INT(account))),
                         ERR_OK);
        ck_assert(stmt_next(q, &row, &e) == ERR_OK && row);
        const struct sheet_part *p = part_of(&s, SHEET_FACT, rows[i].label);
        ck_assert_msg(p != NULL && strcmp(p->text, stmt_text(q, 0)) == 0, "%s: %s",
                      rows[i].label, p != NULL ? p->text : "none");
        stmt_done(q);
    }
    for (size_t i = 0; i < s.count; i++) {
        ck_assert_ptr_null(strstr(s.parts[i].text != NULL ? s.parts[i].text : "", "{\""));
    }
    sheet_release(&s);
}
END_TEST

START_TEST(what_is_not_there_is_refused_by_name)
{
    static const char *const names[] = {"account", "pay",   "bill",   "why",
                                        "receipt", "entry", "signed", "proof"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct err e = ERR_INIT;
        struct sheet s;
        sheet_init(&s);
        enum err_code code = page_find(names[i])->fill(busy.office, 1, 99999, &s, &e);
        ck_assert_msg(code == ERR_NOT_FOUND && e.text[0] != '\0', "%s: %s", names[i],
                      err_code_name(code));
        sheet_release(&s);
    }
    ck_assert_ptr_null(page_find("nothing"));
}
END_TEST

START_TEST(a_name_is_masked_for_who_may_not_read_it)
{
    struct err e = ERR_INIT;
    struct sheet s;
    sheet_init(&s);
    ck_assert_int_eq(personal_access(busy.office, 0, &e), ERR_OK);
    ck_assert_int_eq(page_find("account")->fill(busy.office, 0, 1, &s, &e), ERR_OK);
    ck_assert_ptr_nonnull(strstr(s.head, PERSONAL_MASK));
    sheet_release(&s);
    sheet_init(&s);
    ck_assert_int_eq(personal_access(busy.office, 1, &e), ERR_OK);
    ck_assert_int_eq(page_find("account")->fill(busy.office, 1, 1, &s, &e), ERR_OK);
    ck_assert_ptr_null(strstr(s.head, PERSONAL_MASK));
    sheet_release(&s);
}
END_TEST

START_TEST(a_sheet_says_when_it_is_full)
{
    struct err e = ERR_INIT;
    struct sheet s;
    sheet_init(&s);
    for (size_t i = 0; i < SHEET_PARTS_MAX; i++) {
        sheet_text(&s, SHEET_PLAIN, "one");
    }
    ck_assert_int_eq(sheet_status(&s, &e), ERR_OK);
    sheet_text(&s, SHEET_PLAIN, "too many");
    ck_assert_int_eq(sheet_status(&s, &e), ERR_LIMIT);
    ck_assert_uint_eq(s.count, SHEET_PARTS_MAX);
    sheet_release(&s);
}
END_TEST

static void open_busy(void)
{
    fixture_init(&busy);
    fixture_busy(&busy);
}

static void close_busy(void)
{
    fixture_free(&busy);
}

Suite *suite_office_page(void)
{
    Suite *s = suite_create("office_page");
    TCase *t = tcase_create("pages");
    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, open_busy, close_busy);
    tcase_add_test(t, every_thing_has_its_page);
    tcase_add_test(t, notes_stand_on_the_page_of_their_account);
    tcase_add_test(t, a_feeder_loses_on_its_page_what_the_report_says);
    tcase_add_test(t, what_was_not_verified_is_not_called_sound);
    tcase_add_test(t, an_entry_speaks_in_words);
    tcase_add_test(t, what_is_not_there_is_refused_by_name);
    tcase_add_test(t, a_name_is_masked_for_who_may_not_read_it);
    tcase_add_test(t, a_sheet_says_when_it_is_full);
    suite_add_tcase(s, t);
    return s;
}
