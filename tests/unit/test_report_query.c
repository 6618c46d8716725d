/* A report leaves out of its query what no parameter asks for: the rows stay the same. */
#include <config.h>

#include <string.h>

#include <check.h>

#include "app/words.h"
#include "base/i18n.h"
#include "check_papers.h"
#include "reports/rep_office.h"
#include "reports/rep_reckon.h"

/* A value that some row has, for most of them. */
static const char *param_value(const char *name)
{
    static const struct {
        const char *name, *value;
    } known[] = {{"account", "A00001"},  {"serial", "W00001"},  {"from", "2026-02-01"},
                 {"to", "2026-11-02"},   {"state", "open"},     {"month", "2026-11"},
                 {"date", "2026-11-02"}, {"due", "2026-11-02"}, {"run", "1"},
                 {"user", "ana"},        {"kind", "water"},     {"number", "1"},
                 {"by", "2026-11-02"},   {"owner", "reading"},  {"file", "1"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return known[i].value;
        }
    }
    return "R-1";
}

static void rows_text(struct stmt *q, struct buf *out)
{
    bool row = false;
    struct err e = ERR_INIT;
    buf_clear(out);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        for (int i = 0; i < stmt_columns(q); i++) {
            const char *text = stmt_text(q, i);
            buf_addf(out, "%s|", text != NULL ? text : "-");
        }
        buf_addc(out, '\n');
    }
    ck_assert_msg(e.code == ERR_OK && !out->failed, "%s", e.text);
}

/* The report's own statement, and its query with every condition left in it. */
static void narrowed_compare(const struct office_report_def *def, const char *const *values,
                             struct buf *ours, struct buf *plain)
{
    struct val vals[OFFICE_REPORT_LANGUAGE] = {{0}};
    struct office_report r;
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    size_t count = 0;
    char today[DATE_TEXT];
    for (; def->params[count] != NULL; count++) {
        vals[count] = V_TEXT(values[count]);
    }
    date_text(office_today(papers_office()), today);
    const char *const more[][2] = {{"?11", today}, {"?12", i18n_lang()}};
    for (size_t i = 0; i < 2; i++) {
        for (; strstr(def->sql, more[i][0]) != NULL && count < OFFICE_REPORT_TODAY + i;
             count++) {
            vals[count] = count + 1 < OFFICE_REPORT_TODAY + i ? V_NULL() : V_TEXT(more[i][1]);
        }
    }
    ck_assert(office_report_open(papers_office(), def, values, NULL, &r, &e) == ERR_OK);
    rows_text(r.q, ours);
    office_report_close(&r);
    ck_assert(db_query_once(papers_office()->db, &q, &e, def->sql, vals, count) == ERR_OK);
    rows_text(q, plain);
    stmt_done(q);
    ck_assert_msg(strcmp(buf_str(ours), buf_str(plain)) == 0, "%s:\n%s\n%s", def->name,
                  buf_str(ours), buf_str(plain));
}

START_TEST(a_narrowed_report_gives_the_rows_of_its_query)
{
    struct buf ours, plain;
    size_t some = 0;
    buf_init(&ours, 1 << 20);
    buf_init(&plain, 1 << 20);
    for (size_t i = 0; i < office_report_count; i++) {
        const struct office_report_def *def = &office_reports[i];
        if (reckon_find(def->name) != NULL || reckon_slices_find(def->name) != NULL) {
            continue;
        }
        for (size_t k = 0; def->params[k] != NULL; k++) {
            const char *values[OFFICE_REPORT_PARAMS] = {NULL};
            values[k] = param_value(def->params[k]);
            narrowed_compare(def, values, &ours, &plain);
            some += ours.len > 0;
        }
    }
    ck_assert_uint_gt(some, 30);
    buf_release(&ours);
    buf_release(&plain);
}
END_TEST

/* What cannot be meant is an error, never a report without rows. */
START_TEST(a_value_that_no_report_can_mean_is_refused)
{
    static const struct {
        const char *report, *param, *value, *said;
    } bad[] = {
        {"readings", "from", "garbage", "--from takes a date like 2016-03-31"},
        {"readings", "to", "2026-02-30", "--to takes a date"},
        {"reconcile", "month", "2026-3", "--month takes a month like 2016-03"},
        {"reconcile", "month", "2026-13", "--month takes a month"},
        {"bills", "account", "A0000", "there is no account \"A0000\""},
        {"bills", "run", "0", "--run is a whole number"},
        {"readings", "serial", "W0000", "W0000"},
        {"readings", "state", "helt", "--state does not know \"helt\""},
        {"history", "kind", "reading", NULL}, /* a word of ours, though no kind of entry */
        {"history", "kind", "meter.installed", NULL},
        {"history", "user", "anna", "there is no user"},
        {"history", "user", "ana", NULL},
        {"history", "user", "user:1", NULL},
        {"history", "kind", "meter.installd", "--kind does not know"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct office_report_def *def = office_report_find(bad[i].report);
        const char *values[OFFICE_REPORT_PARAMS] = {NULL};
        struct office_report r;
        struct err e = ERR_INIT;
        size_t k = 0;
        while (strcmp(def->params[k], bad[i].param) != 0) {
            k++;
        }
        values[k] = bad[i].value;
        enum err_code code = office_report_open(papers_office(), def, values, NULL, &r, &e);
        office_report_close(&r);
        ck_assert_msg((code == ERR_OK) == (bad[i].said == NULL), "%s", bad[i].value);
        ck_assert_msg(bad[i].said == NULL || strstr(e.text, bad[i].said) != NULL, "%s", e.text);
    }
}
END_TEST

START_TEST(a_label_has_the_numbers_of_its_block_as_the_office_writes_them)
{
    static const char *const labels[][2] = {{"Consumo 0–3.1 m³", "Consumo 0–3,1 m³"},
                                            {"Consumo > 1250.5 kWh", "Consumo > 1.250,5 kWh"},
                                            {"Ley 9.095", "Ley 9.095"},
                                            {"Ley 9.095 m³", "Ley 9.095 m³"},
                                            {"3.1–4", "3.1–4"},
                                            {"Uso 3.1– m³", "Uso 3.1– m³"},
                                            {"", ""}};
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        buf_clear(&out);
        label_words(numfmt_find("es_AR"), labels[i][0], strlen(labels[i][0]), &out);
        ck_assert_str_eq(buf_str(&out), labels[i][1]);
    }
    buf_release(&out);
}
END_TEST

/* What a rule looked at has its register's unit; a number of periods has none, nor decimals. */
START_TEST(figures_of_a_rule_have_the_unit_of_their_row)
{
    struct office_report r;
    struct report_cell cells[OFFICE_REPORT_COLUMNS];
    const char *values[OFFICE_REPORT_PARAMS] = {NULL};
    struct err e = ERR_INIT;
    bool eof = false;
    size_t measured = 0;
    ck_assert(office_report_open(papers_office(), office_report_find("held"), values, NULL, &r,
                                 &e) == ERR_OK);
    while (r.doc.rows.next(r.doc.rows.ctx, cells, &eof, &e) == ERR_OK && !eof) {
        const struct unit *u = cells[9].empty ? NULL : unit_find(cells[9].text);
        ck_assert_uint_eq(report_cell_decimals(&r.columns[7], &cells[7]),
                          u != NULL ? u->exponent : 0);
        measured += u != NULL;
    }
    office_report_close(&r);
    ck_assert_uint_gt(measured, 0);
}
END_TEST

void papers_query_tests(TCase *t)
{
    tcase_add_test(t, a_value_that_no_report_can_mean_is_refused);
    tcase_add_test(t, a_label_has_the_numbers_of_its_block_as_the_office_writes_them);
    tcase_add_test(t, figures_of_a_rule_have_the_unit_of_their_row);
    tcase_add_test(t, a_narrowed_report_gives_the_rows_of_its_query);
}
