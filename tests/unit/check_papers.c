/* What a busy office prints: every report in every format, bills in folders, the office's face.
 */
#include <config.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "app/ubl_out.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/json.h"
#include "check_papers.h"
#include "reports/brand.h"
#include "reports/greenbutton.h"
#include "reports/journal.h"
#include "reports/out.h"
#include "reports/rep_bill.h"
#include "reports/rep_office.h"
#include "tests/lib/office_busy.h"

#define ARGS_MAX 128

static struct office_fixture f;
static char dir[FIXTURE_PATH_MAX];

static void setup(void)
{
    fixture_init(&f);
    fixture_busy(&f);
    fixture_temp_folder(dir);
}

static void teardown(void)
{
    fixture_remove_folder(dir);
    fixture_free(&f);
}

struct office *papers_office(void)
{
    return f.office;
}

void papers_run(const char *const *argv, struct buf *out)
{
    int ends[2], status = -1;
    char chunk[4096];
    char *copy[ARGS_MAX] = {0};
    for (size_t i = 0; argv[i] != NULL; i++) {
        ck_assert(i + 1 < ARGS_MAX);
        copy[i] = strdup(argv[i]);
    }
    ck_assert(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)dup2(ends[1], STDERR_FILENO);
        (void)close(ends[0]);
        (void)execvp(copy[0], copy);
        _exit(127);
    }
    (void)close(ends[1]);
    for (ssize_t n = 0; (n = read(ends[0], chunk, sizeof chunk)) > 0;) {
        buf_add(out, chunk, (size_t)n);
    }
    (void)close(ends[0]);
    ck_assert(waitpid(pid, &status, 0) == pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: %s", argv[0],
                  buf_str(out));
    for (size_t i = 0; copy[i] != NULL; i++) {
        free(copy[i]);
    }
}

void papers_read(const char *path, struct buf *out)
{
    char chunk[4096];
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is missing", path);
    for (size_t n = 0; (n = fread(chunk, 1, sizeof chunk, file)) > 0;) {
        buf_add(out, chunk, n);
    }
    ck_assert(fclose(file) == 0 && !out->failed);
}

void papers_golden(const char *path, const char *name)
{
    char golden[PATH_MAX];
    struct buf now, old;
    buf_init(&now, 1 << 20);
    buf_init(&old, 1 << 20);
    (void)snprintf(golden, sizeof golden, "%s/tests/golden/%s", getenv("AFORO_SRCDIR"), name);
    papers_read(path, &now);
    if (getenv("AFORO_UPDATE_GOLDEN") != NULL) {
        FILE *file = fopen(golden, "wb");
        ck_assert_msg(file != NULL, "cannot write %s", golden);
        ck_assert(fwrite(now.data, 1, now.len, file) == now.len && fclose(file) == 0);
    }
    papers_read(golden, &old);
    ck_assert_msg(strcmp(buf_str(&old), buf_str(&now)) == 0, "%s differs; now it is\n%s", name,
                  buf_str(&now));
    buf_release(&now);
    buf_release(&old);
}

void papers_pdf_text(const char *path, struct buf *out)
{
    const char *argv[] = {"pdftotext", "-layout", path, "-", NULL};
    papers_run(argv, out);
    for (char *at = out->data; (at = strstr(at, "\xC2\xA0")) != NULL;) {
        at[0] = ' ';
        memmove(at + 1, at + 2, strlen(at + 2) + 1);
    }
}

/* --- reports -------------------------------------------------------------------------------
 */

static void report_make(const struct office_report_def *def, const struct report_format *format,
                        char path[PATH_MAX])
{
    const char *values[OFFICE_REPORT_PARAMS] = {NULL};
    struct office_report r = {0};
    struct report_outcome outcome;
    struct err e = ERR_INIT;
    (void)snprintf(path, PATH_MAX, "%s/%s%s", dir, def->name, format->suffix);
    ck_assert_msg(office_report_open(f.office, def, values, NULL, &r, &e) == ERR_OK, "%s: %s",
                  def->name, e.text);
    ck_assert_msg(office_report_write(f.office, &r, format, path, &outcome, &e) == ERR_OK,
                  "%s as %s: %s", def->name, format->name, e.text);
    office_report_close(&r);
}

/* The title stands on paper, and JSON is JSON. */
static void report_reads_again(const struct office_report_def *def, const char *format,
                               const char *path)
{
    struct buf text;
    struct arena arena;
    struct json *v = NULL;
    struct err e = ERR_INIT;
    buf_init(&text, (size_t)32 << 20);
    arena_init(&arena, (size_t)64 << 20);
    if (strcmp(format, "pdf") == 0) {
        papers_pdf_text(path, &text);
        ck_assert_msg(strstr(buf_str(&text), _(def->title)) != NULL, "%s", def->name);
    } else {
        papers_read(path, &text);
        ck_assert_uint_gt(text.len, 0);
    }
    if (strcmp(format, "json") == 0) {
        ck_assert_msg(json_parse(text.data, text.len, &json_limits_default, &arena, &v, &e) ==
                          ERR_OK,
                      "%s: %s", def->name, e.text);
    }
    arena_release(&arena);
    buf_release(&text);
}

START_TEST(every_report_goes_into_every_format)
{
    char path[PATH_MAX], sheets[64][PATH_MAX];
    const char *argv[ARGS_MAX] = {NULL};
    size_t count = 0;
    struct buf said;
    char check[PATH_MAX];
    const char *src = getenv("AFORO_SRCDIR");
    bool soak = getenv("AFORO_SOAK") != NULL;
    (void)snprintf(check, sizeof check, "%s/tests/lib/sheets_check.py", src);
    argv[count++] = check;
    if (soak && access("/usr/bin/soffice", X_OK) == 0) {
        argv[count++] = "--recalculate";
    }
    size_t first = count;
    for (size_t i = 0; i < office_report_count; i++) {
        for (size_t n = 0; n < report_format_count; n++) {
            report_make(&office_reports[i], &report_formats[n], path);
            report_reads_again(&office_reports[i], report_formats[n].name, path);
            if (strcmp(report_formats[n].name, "xlsx") == 0) {
                ck_assert(count - first < 64);
                memcpy(sheets[count - first], path, PATH_MAX);
                argv[count] = sheets[count - first];
                count++;
            }
        }
    }
    buf_init(&said, 1 << 16);
    papers_run(argv, &said);
    ck_assert_msg(strstr(buf_str(&said), "workbooks") != NULL, "%s", buf_str(&said));
    if (soak && first == 2) {
        printf("# count workbooks_recalculated_by_libreoffice %zu 0\n", count - first);
    }
    buf_release(&said);
}
END_TEST

START_TEST(people_read_words_and_programs_codes)
{
    char path[PATH_MAX];
    struct buf text;
    buf_init(&text, 1 << 20);
    const struct office_report_def *def = office_report_find("meters");
    report_make(def, report_format_find("text"), path);
    papers_read(path, &text);
    ck_assert_ptr_nonnull(strstr(buf_str(&text), "in service"));
    ck_assert_ptr_nonnull(strstr(buf_str(&text), "m³"));
    buf_clear(&text);
    report_make(def, report_format_find("csv"), path);
    papers_read(path, &text);
    ck_assert_ptr_nonnull(strstr(buf_str(&text), ",in_service,"));
    ck_assert_ptr_nonnull(strstr(buf_str(&text), ",m3"));
    buf_release(&text);
}
END_TEST

/* --- bills ---------------------------------------------------------------------------------
 */

static int64_t one_int(const char *sql)
{
    int64_t v = 0;
    struct err e = ERR_INIT;
    ck_assert(db_get_int(f.office->db, &v, NULL, &e, sql, NULL, 0) == ERR_OK);
    return v;
}

static void bills_into(const char *folder, const struct progress *progress,
                       enum err_code expected, struct bills_written *out)
{
    struct bill_selection all = {0};
    struct err e = ERR_INIT;
    (void)mkdir(folder, 0755);
    enum err_code code = bills_pdf(f.office, &all, folder, progress, out, &e);
    ck_assert_msg(code == expected, "%s", e.text);
}

static bool stop_at_two(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)total;
    return done < 2;
}

static void assert_same_folders(const char *a, const char *b)
{
    const char *argv[] = {"diff", "-r", a, b, NULL};
    struct buf said;
    buf_init(&said, 1 << 16);
    papers_run(argv, &said);
    buf_release(&said);
}

START_TEST(a_run_that_was_cut_goes_on)
{
    char whole[PATH_MAX], cut[PATH_MAX];
    struct bills_written done;
    struct progress stop = {.step = stop_at_two};
    int64_t bills = one_int("SELECT count(*) FROM bill b JOIN billing_run r ON r.id = b.run "
                            "WHERE r.state = 'closed'");
    ck_assert_int_gt(bills, 2);
    (void)snprintf(whole, sizeof whole, "%s/whole", dir);
    (void)snprintf(cut, sizeof cut, "%s/cut", dir);
    bills_into(whole, NULL, ERR_OK, &done);
    ck_assert_int_eq(done.bills, bills);
    bills_into(cut, &stop, ERR_CANCELLED, &done);
    ck_assert_int_eq(done.bills, 2);
    bills_into(cut, NULL, ERR_OK, &done);
    ck_assert_int_eq(done.already, 2);
    ck_assert_int_eq(done.bills, bills - 2);
    assert_same_folders(whole, cut);
    bills_into(cut, NULL, ERR_OK, &done); /* what is finished begins anew */
    ck_assert_int_eq(done.already, 0);
    assert_same_folders(whole, cut);
}
END_TEST

/* Every amount of a bill, as the office writes money, is in its PDF's text. */
START_TEST(every_amount_of_a_bill_is_found_in_its_page)
{
    struct stmt *q = NULL;
    struct err e = ERR_INIT;
    bool row = false;
    ck_assert(
        db_query(f.office->db, &q, &e,
                 "SELECT b.id, l.amount, b.total FROM bill b JOIN bill_line l ON l.bill = "
                 "b.id JOIN billing_run r ON r.id = b.run WHERE r.state = 'closed' "
                 "ORDER BY b.id",
                 NULL, 0) == ERR_OK);
    int64_t now = 0, amounts = 0;
    struct buf text, money, shown;
    buf_init(&text, 1 << 20);
    buf_init(&money, 64);
    buf_init(&shown, 64);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        if (stmt_int(q, 0) != now) {
            char path[PATH_MAX];
            struct bills_written done;
            struct bill_selection one = {.bill = now = stmt_int(q, 0)};
            (void)snprintf(path, sizeof path, "%s/one.pdf", dir);
            ck_assert_msg(bills_pdf(f.office, &one, path, NULL, &done, &e) == ERR_OK, "%s",
                          e.text);
            buf_clear(&text);
            papers_pdf_text(path, &text);
        }
        for (int i = 1; i <= 2; i++) {
            buf_clear(&money);
            buf_clear(&shown);
            report_print_scaled(stmt_int(q, i), f.office->currency->digits, &money);
            numfmt_number(f.office->numfmt, buf_str(&money), &shown);
            for (char *at = shown.data; (at = strstr(at, "\xC2\xA0")) != NULL;) {
                at[0] = ' ';
                memmove(at + 1, at + 2, strlen(at + 2) + 1);
            }
            amounts += i == 1 ? 1 : 0;
            if (i == 1) {
                ck_assert_msg(strstr(buf_str(&text), buf_str(&shown)) != NULL,
                              "bill %lld: %s is not in %.5000s", (long long)now,
                              buf_str(&shown), buf_str(&text));
            }
        }
    }
    stmt_done(q);
    ck_assert_int_gt(amounts, 10);
    buf_release(&text);
    buf_release(&money);
    buf_release(&shown);
}
END_TEST

/* --- data for other programs ------------------------------------------------------------- */

/* The sum of a column of amounts, in hundredths, over the rows that hold a word. */
static int64_t csv_sum(const char *text, const char *word, int column)
{
    int64_t sum = 0;
    for (const char *line = strchr(text, '\n'); line != NULL && line[1] != '\0';
         line = strchr(line + 1, '\n')) {
        const char *at = line + 1, *end = strchr(at, '\n');
        const char *hit = strstr(at, word);
        for (int i = 0; i < column; i++) {
            at = strchr(at, ',') + 1;
        }
        if (hit != NULL && hit < end && *at != ',') {
            long long whole = 0, part = 0;
            ck_assert_int_eq(sscanf(at, "%18lld.%2lld", &whole, &part), 2);
            sum += whole * 100 + part;
        }
    }
    return sum;
}

/* Bills, notes, payments and their reversals, refunds, deposits, debts written off. */
START_TEST(the_journal_of_a_busy_office_balances)
{
    char path[PATH_MAX];
    struct journal_options options = {.csv = true};
    struct journal_written done;
    struct err e = ERR_INIT;
    struct buf text;
    struct stmt *q = NULL;
    bool row = false;
    buf_init(&text, 1 << 22);
    /* by transfer: no drawer knows of it */
    (void)fixture_run(&f, f.marta, "deposit return", "deposit", "2", "amount", "1", "method",
                      "transfer", "reason", "no longer needed", NULL);
    (void)snprintf(path, sizeof path, "%s/journal.csv", dir);
    ck_assert_msg(journal_write(f.office, &options, path, &done, &e) == ERR_OK, "%s", e.text);
    ck_assert_uint_gt(done.transactions, 10);
    papers_read(path, &text);
    ck_assert(
        db_query(f.office->db, &q, &e,
                 "SELECT DISTINCT ',' || kind || ',' FROM posting UNION SELECT ',deposit,' "
                 "UNION SELECT ',deposit_return,'",
                 NULL, 0) == ERR_OK);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        ck_assert_msg(strstr(buf_str(&text), stmt_text(q, 0)) != NULL, "no %s",
                      stmt_text(q, 0));
    }
    stmt_done(q);
    ck_assert_int_eq(csv_sum(buf_str(&text), "", 7), csv_sum(buf_str(&text), "", 8));
    ck_assert_int_eq(csv_sum(buf_str(&text), ",Assets:Receivable:", 7) -
                         csv_sum(buf_str(&text), ",Assets:Receivable:", 8),
                     one_int("SELECT sum(amount) FROM posting"));
    ck_assert_int_eq(csv_sum(buf_str(&text), ",Liabilities:Deposits,", 8) -
                         csv_sum(buf_str(&text), ",Liabilities:Deposits,", 7),
                     one_int("SELECT sum(rest) FROM deposit"));
    ck_assert_ptr_null(strstr(buf_str(&text), "Assets:Other"));
    buf_release(&text);
}
END_TEST

START_TEST(no_use_is_no_green_button_file)
{
    char path[PATH_MAX];
    struct greenbutton_options options = {"nobody's", {2020, 1, 1}, {2020, 1, 31}};
    struct greenbutton_written done;
    struct err e = ERR_INIT;
    (void)snprintf(path, sizeof path, "%s/use.xml", dir);
    ck_assert_int_eq(greenbutton_write(f.office, &options, path, &done, &e), ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(e.text, "nobody's"));
    options.serial = "W00001";
    ck_assert_int_eq(greenbutton_write(f.office, &options, path, &done, &e), ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(e.text, "no use"));
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

/* Another reader judges them: well-formed, in order, totals that reconcile. */
START_TEST(every_document_goes_out_as_ubl)
{
    struct document_id id = {"", 0};
    struct arena arena;
    struct buf xml;
    char folder[PATH_MAX], path[PATH_MAX + 64], check[PATH_MAX], want[64];
    bool found = true;
    int count = 0;
    struct err e = ERR_INIT;
    arena_init(&arena, (size_t)8 << 20);
    buf_init(&xml, UBL_BYTES_MAX);
    (void)snprintf(folder, sizeof folder, "%s/ubl", dir);
    ck_assert(mkdir(folder, 0755) == 0);
    while (document_waiting_next(f.office, &id, &found, &e) == ERR_OK && found) {
        arena_reset(&arena);
        buf_clear(&xml);
        ck_assert_msg(ubl_document(f.office, &id, &arena, &xml, &e) == ERR_OK, "%s %lld: %s",
                      id.type, (long long)id.number, e.text);
        (void)snprintf(path, sizeof path, "%s/%s-%lld.xml", folder, id.type,
                       (long long)id.number);
        FILE *file = fopen(path, "wb");
        ck_assert(file != NULL && fwrite(xml.data, 1, xml.len, file) == xml.len &&
                  fclose(file) == 0);
        count++;
    }
    ck_assert_int_gt(count, 5);
    (void)snprintf(check, sizeof check, "%s/tests/lib/ubl_check.py", getenv("AFORO_SRCDIR"));
    const char *argv[] = {check, folder, NULL};
    buf_clear(&xml);
    papers_run(argv, &xml);
    (void)snprintf(want, sizeof want, "%d documents", count);
    ck_assert_msg(strncmp(buf_str(&xml), want, strlen(want)) == 0, "%s", buf_str(&xml));
    arena_release(&arena);
    buf_release(&xml);
}
END_TEST

/* --- the office's face ---------------------------------------------------------------------
 */

/* 2 x 1 pixels, one of them see-through. */
static const unsigned char png[] = {
    0x89, 'P',  'N',  'G',  0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 'I',  'H',
    'D',  'R',  0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00,
    0x00, 0xf4, 0x22, 0x7f, 0x8a, 0x00, 0x00, 0x00, 0x0e, 'I',  'D',  'A',  'T'};

START_TEST(papers_keep_the_face_they_were_recorded_with)
{
    char before[PATH_MAX], after[PATH_MAX];
    struct bills_written done;
    struct pdf_press *press = NULL;
    struct brands brands;
    struct err e = ERR_INIT;
    (void)snprintf(before, sizeof before, "%s/before", dir);
    (void)snprintf(after, sizeof after, "%s/after", dir);
    bills_into(before, NULL, ERR_OK, &done);
    fixture_run(&f, f.ana, "brand set", "accent", "8A1C1C", "lines", "CIF A-1|Calle 2", NULL);
    bills_into(after, NULL, ERR_OK, &done);
    assert_same_folders(before, after);
    ck_assert(pdf_press_new(NULL, &press, &e) == ERR_OK);
    ck_assert_msg(brands_load(f.office, press, &brands, &e) == ERR_OK, "%s", e.text);
    const struct brand *b = brand_at(&brands, INT64_MAX);
    ck_assert_ptr_nonnull(b);
    ck_assert_uint_eq(b->accent, 0x8A1C1C);
    ck_assert_str_eq(b->lines[0], "CIF A-1");
    ck_assert_str_eq(b->lines[1], "Calle 2");
    ck_assert_ptr_null(b->lines[2]);
    ck_assert_ptr_null(brand_at(&brands, b->seq - 1));
    char path[PATH_MAX];
    struct buf text;
    buf_init(&text, 1 << 20);
    report_make(office_report_find("ageing"), report_format_find("pdf"), path);
    papers_pdf_text(path, &text);
    ck_assert_ptr_nonnull(strstr(buf_str(&text), "CIF A-1"));
    buf_release(&text);
    brands_release(&brands);
    pdf_press_free(press);
}
END_TEST

START_TEST(a_face_that_cannot_be_shown_is_refused)
{
    struct err e = ERR_INIT;
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/logo.png", dir);
    FILE *file = fopen(path, "wb");
    ck_assert(file != NULL && fwrite(png, 1, sizeof png, file) == sizeof png &&
              fclose(file) == 0);
    ck_assert(fixture_try(&f, f.ana, NULL, &e, "brand set", "accent", "red", NULL) ==
              ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(e.text, "accent"));
    ck_assert(fixture_try(&f, f.ana, NULL, &e, "brand set", "logo", path, NULL) == ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(e.text, "logo"));
    ck_assert(fixture_try(&f, f.olga, NULL, &e, "brand set", "accent", "8A1C1C", NULL) ==
              ERR_DENIED);
}
END_TEST

int main(void)
{
    fixture_template();
    Suite *s = suite_create("papers");
    TCase *t = tcase_create("papers");
    tcase_add_unchecked_fixture(t, setup, teardown); /* one office: the last tests change it */
    tcase_set_timeout(t, 300);
    tcase_add_test(t, every_report_goes_into_every_format);
    papers_query_tests(t);
    tcase_add_test(t, people_read_words_and_programs_codes);
    tcase_add_test(t, a_run_that_was_cut_goes_on);
    tcase_add_test(t, every_amount_of_a_bill_is_found_in_its_page);
    tcase_add_test(t, the_journal_of_a_busy_office_balances);
    tcase_add_test(t, no_use_is_no_green_button_file);
    tcase_add_test(t, every_document_goes_out_as_ubl);
    tcase_add_test(t, papers_keep_the_face_they_were_recorded_with);
    tcase_add_test(t, a_face_that_cannot_be_shown_is_refused);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_add_suite(runner, suite_losses());
    srunner_add_suite(runner, suite_biller());
    srunner_add_suite(runner, suite_ubl());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
