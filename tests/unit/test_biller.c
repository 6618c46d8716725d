/* Tax identifiers and the payment barcode on bills and receipts: what is drawn is read back
 * from the picture by another program. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/biller.h"
#include "app/query_find.h"
#include "app/receipt.h"
#include "check_papers.h"
#include "reports/exports.h"
#include "reports/note_pdf.h"
#include "reports/receipt_paper.h"
#include "reports/rep_bill.h"
#include "vee_util.h"

#define GLN "7707232377896"
#define PATH (FIXTURE_PATH_MAX + 64)

static struct office_fixture f;
static struct err e;
static char dir[FIXTURE_PATH_MAX];
static struct buf text;

/* Bills 1 and 2 are older than the setting, 3 and 4 carry it; the first customer has an
 * identifier. */
static void setup(void)
{
    e = (struct err)ERR_INIT;
    vee_office_months(&f, 2, 1);
    fixture_temp_folder(dir);
    buf_init(&text, (size_t)4 << 20);
}

static void teardown(void)
{
    buf_release(&text);
    fixture_remove_folder(dir);
    fixture_free(&f);
}

static void set_gs1(void)
{
    (void)fixture_run(&f, f.ana, "biller set", "tax-scheme", "co_nit", "tax-id",
                      "800.249.860-1", "customer-schemes", "co_nit,co_cc", "barcode", "gs1-128",
                      "gln", GLN, NULL);
}

static void bill_june(void)
{
    vee_read(&f, "W00001", "22", "2026-07-01 00:00");
    vee_read(&f, "W00002", "24", "2026-07-01 00:00");
    (void)fixture_run(&f, f.marta, "bill run", "period", "2026-06", NULL);
}

static const char *bill_write(int64_t bill, const char *name)
{
    static char path[PATH];
    struct bill_selection one = {.bill = bill};
    struct bills_written done;
    (void)snprintf(path, sizeof path, "%s/%s.pdf", dir, name);
    ck_assert_msg(bills_pdf(f.office, &one, path, NULL, &done, &e) == ERR_OK, "%s", e.text);
    return path;
}

static void bill_keep(int64_t bill, struct buf *out)
{
    buf_clear(out);
    papers_read(bill_write(bill, "bill"), out);
}

static const char *bill_text(int64_t bill)
{
    buf_clear(&text);
    papers_pdf_text(bill_write(bill, "bill"), &text);
    return buf_str(&text);
}

static const char *receipt_write(int64_t number)
{
    static char path[PATH];
    struct arena arena;
    struct receipt r;
    struct paper p;
    arena_init(&arena, (size_t)4 << 20);
    (void)snprintf(path, sizeof path, "%s/receipt.pdf", dir);
    ck_assert_msg(receipt_load(f.office, number, 0, &arena, &r, &e) == ERR_OK, "%s", e.text);
    ck_assert(receipt_paper(&r, f.office->numfmt, &arena, &p, &e) == ERR_OK);
    ck_assert_msg(receipt_pdf_write(&r, &p, NULL, path, &e) == ERR_OK, "%s", e.text);
    arena_release(&arena);
    return path;
}

/* What a scanner sees on the first page: printed at 300 dots an inch, in one colour. */
static const char *scan(const char *pdf)
{
    char root[PATH], picture[PATH + 8];
    (void)snprintf(root, sizeof root, "%s/scan", dir);
    (void)snprintf(picture, sizeof picture, "%s.pbm", root);
    const char *draw[] = {"pdftoppm", "-r", "300",         "-mono", "-f", "1",
                          "-l",       "1",  "-singlefile", pdf,     root, NULL};
    const char *read[] = {"zbarimg",          "-q",    "--raw", "-Sdisable",
                          "-Scode128.enable", picture, NULL};
    buf_clear(&text);
    papers_run(draw, &text);
    buf_clear(&text);
    papers_run(read, &text);
    return buf_str(&text);
}

static void assert_scanned(const char *pdf, const char *want)
{
    const char *seen = scan(pdf);
    ck_assert_msg(strstr(seen, want) != NULL, "%s\nis not in: %s", want, seen);
}

START_TEST(the_barcode_of_a_bill_is_read_from_its_picture)
{
    char want[256], reference[PAY_REFERENCE_MAX + 1];
    struct pay_reference named = {2026, 3};
    set_gs1();
    bill_june();
    int64_t owed = vee_number(&f, "SELECT sum(amount) FROM posting WHERE account = 1");
    int64_t due = vee_number(&f, "SELECT replace(due, '-', '') + 0 FROM bill WHERE id = 3");
    pay_reference_print(&named, reference);
    ck_assert_int_eq(owed % 100, 0);
    (void)snprintf(want, sizeof want,
                   "415" GLN "8020%s\x1D"
                   "3900%010lld\x1D"
                   "96%lld",
                   reference, (long long)(owed / 100), (long long)due);
    assert_scanned(bill_write(3, "bill"), want);
    (void)snprintf(want, sizeof want, "(415)" GLN "(8020)%s(3900)%010lld(96)%lld", reference,
                   (long long)(owed / 100), (long long)due);
    ck_assert_ptr_nonnull(strstr(bill_text(3), want));
}
END_TEST

START_TEST(the_barcode_of_a_receipt_is_read_from_its_picture)
{
    char want[256], reference[PAY_REFERENCE_MAX + 1];
    struct pay_reference named = {0, 2};
    (void)fixture_run(&f, f.ana, "biller set", "barcode", "code128", "agreement", "4321", NULL);
    bill_june();
    (void)fixture_run(&f, f.olga, "payment take", "account", "A00002", "amount", "0.07",
                      "method", "card", "slip", "1", NULL);
    int64_t owed = vee_number(&f, "SELECT sum(amount) FROM posting WHERE account = 2");
    pay_reference_print(&named, reference);
    (void)snprintf(want, sizeof want, "4321%s%012lld00000000", reference, (long long)owed);
    assert_scanned(receipt_write(1), want);
    (void)fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "9000",
                      "method", "card", "slip", "2", NULL);
    buf_clear(&text);
    papers_pdf_text(receipt_write(2), &text);
    ck_assert_msg(strstr(buf_str(&text), "eference") == NULL, "%s", buf_str(&text));
}
END_TEST

START_TEST(papers_older_than_the_setting_keep_their_bytes)
{
    struct buf before, after;
    buf_init(&before, (size_t)1 << 20);
    buf_init(&after, (size_t)1 << 20);
    bill_keep(1, &before);
    set_gs1();
    bill_keep(1, &after);
    ck_assert(before.len == after.len && memcmp(before.data, after.data, after.len) == 0);
    bill_june();
    bill_keep(3, &before);
    (void)fixture_run(&f, f.ana, "biller set", "tax-label", "VAT", "tax-id", "X 1", NULL);
    bill_keep(3, &after);
    ck_assert(before.len == after.len && memcmp(before.data, after.data, after.len) == 0);
    buf_release(&before);
    buf_release(&after);
}
END_TEST

START_TEST(identifiers_stand_on_papers_as_they_were_then)
{
    struct buf before, after;
    buf_init(&before, (size_t)1 << 20);
    buf_init(&after, (size_t)1 << 20);
    set_gs1();
    (void)fixture_run(&f, f.ana, "customer edit", "customer", "1", "tax-id", "79.123.456",
                      NULL);
    bill_june();
    ck_assert_ptr_nonnull(strstr(bill_text(3), "NIT 800.249.860-1"));
    ck_assert_ptr_nonnull(strstr(bill_text(3), "C.C. 79.123.456"));
    ck_assert_ptr_null(strstr(bill_text(4), "C.C."));
    bill_keep(3, &before);
    (void)fixture_run(&f, f.ana, "customer edit", "customer", "1", "tax-id", "890904996-1",
                      NULL);
    bill_keep(3, &after);
    ck_assert(before.len == after.len && memcmp(before.data, after.data, after.len) == 0);
    bill_keep(4, &before);
    (void)fixture_run(&f, f.ana, "customer edit", "customer", "2", "tax-id", "52123456", NULL);
    bill_keep(4, &after);
    ck_assert(before.len == after.len && memcmp(before.data, after.data, after.len) == 0);
    (void)fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "1", "method",
                      "card", "slip", "1", NULL);
    buf_clear(&text);
    papers_pdf_text(receipt_write(1), &text);
    ck_assert_ptr_nonnull(strstr(buf_str(&text), "NIT 800.249.860-1"));
    ck_assert_ptr_nonnull(strstr(buf_str(&text), "890904996-1"));
    (void)fixture_run(&f, f.ana, "personal erase", "customer", "1", "field", "tax_id", "reason",
                      "asked", "force", "yes", NULL);
    ck_assert_ptr_null(strstr(bill_text(3), "79.123.456"));
    ck_assert_ptr_nonnull(strstr(bill_text(3), "NIT (")); /* erased by entry N */
    buf_clear(&text);
    papers_pdf_text(receipt_write(1), &text);
    ck_assert_ptr_null(strstr(buf_str(&text), "890904996"));
    buf_release(&before);
    buf_release(&after);
    vee_verify(&f);
}
END_TEST

static const char *note_text(const char *type, int64_t number)
{
    static char path[PATH];
    struct note_paper n;
    struct arena arena;
    arena_init(&arena, (size_t)1 << 20);
    (void)snprintf(path, sizeof path, "%s/note.pdf", dir);
    ck_assert_msg(note_paper_load(f.office, type, number, &arena, &n, &e) == ERR_OK, "%s",
                  e.text);
    ck_assert_msg(note_pdf_write(&n, f.office->numfmt, NULL, path, &e) == ERR_OK, "%s", e.text);
    arena_release(&arena);
    buf_clear(&text);
    papers_pdf_text(path, &text);
    return buf_str(&text);
}

static void assert_all_in(const char *said, const char *const *what)
{
    for (; *what != NULL; what++) {
        ck_assert_msg(strstr(said, *what) != NULL, "%s is not in\n%s", *what, said);
    }
}

START_TEST(notes_carry_both_identifiers)
{
    static const char *const credit[] = {"Credit note",     "No. 1", "NIT 800.249.860-1",
                                         "79.123.456",      "C.C.",  "2026-00000001",
                                         "a spoilt carpet", "12",    NULL};
    static const char *const debit[] = {"Debit note", "A00002", "To pay besides", "X-9", NULL};
    struct note_paper none;
    struct arena arena;
    arena_init(&arena, (size_t)1 << 20);
    (void)fixture_run(&f, f.marta, "note issue", "type", "debit", "account", "A00002", "amount",
                      "5", "reason", "r", NULL);
    set_gs1();
    (void)fixture_run(&f, f.ana, "customer edit", "customer", "1", "tax-id", "79.123.456",
                      NULL);
    (void)fixture_run(&f, f.marta, "note issue", "type", "credit", "bill", "1", "amount", "12",
                      "reason", "a spoilt carpet", NULL);
    (void)fixture_run(&f, f.marta, "document register", "type", "debit_note", "number", "1",
                      "external", "X-9", "authority", "DIAN", NULL);
    assert_all_in(note_text("credit_note", 1), credit);
    const char *older = note_text("debit_note", 1);
    assert_all_in(older, debit);
    ck_assert_ptr_null(strstr(older, "NIT"));
    (void)fixture_run(&f, f.ana, "personal erase", "customer", "1", "reason", "asked", "force",
                      "yes", NULL);
    ck_assert_ptr_null(strstr(note_text("credit_note", 1), "79.123.456"));
    ck_assert_int_eq(note_paper_load(f.office, "credit_note", 2, &arena, &none, &e),
                     ERR_NOT_FOUND);
    arena_release(&arena);
}
END_TEST

/* Does a paper say the office's lines? note 0: the receipt. */
static bool has_face(int64_t note, int64_t receipt)
{
    char path[PATH];
    (void)snprintf(path, sizeof path, "%s/face.pdf", dir);
    enum err_code code = note > 0 ? note_print(f.office, "debit_note", note, path, &e)
                                  : receipt_to_pdf(f.office, receipt, 0, path, &e);
    ck_assert_msg(code == ERR_OK, "%s", e.text);
    buf_clear(&text);
    papers_pdf_text(path, &text);
    return strstr(buf_str(&text), "Calle de la Marca") != NULL;
}

START_TEST(notes_and_receipts_show_the_face_of_their_day)
{
    for (int i = 0; i < 2; i++) {
        (void)fixture_run(&f, f.marta, "note issue", "type", "debit", "account", "A00002",
                          "amount", "5", "reason", "r", NULL);
        (void)fixture_run(&f, f.marta, "payment take", "account", "A00002", "amount", "1",
                          "method", "card", "slip", i == 0 ? "before" : "behind", NULL);
        if (i == 0) {
            (void)fixture_run(&f, f.ana, "brand set", "accent", "8A1C1C", "lines",
                              "Calle de la Marca 2", NULL);
        }
    }
    ck_assert(!has_face(1, 0));
    ck_assert(has_face(2, 0));
    ck_assert(!has_face(0, 1));
    ck_assert(has_face(0, 2));
}
END_TEST

START_TEST(a_wrong_identifier_is_refused_where_it_is_typed)
{
    (void)fixture_run(&f, f.ana, "customer edit", "customer", "1", "tax-id", "anything", NULL);
    set_gs1();
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "customer edit", "customer", "1",
                                 "tax-id", "890904996-2", NULL),
                     ERR_USAGE);
    ck_assert_ptr_null(strstr(e.text, "890904996"));
    ck_assert_ptr_nonnull(strstr(e.text, "NIT, C.C."));
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "customer add", "name", "X", "tax-id",
                                 "890904996-2", NULL),
                     ERR_USAGE);
    (void)fixture_run(&f, f.ana, "customer add", "name", "X", "tax-id", "890904996-1", NULL);
}
END_TEST

START_TEST(a_setting_that_cannot_be_is_refused)
{
    static const char *const bad[][4] = {
        {"gln", "7707232377895", "barcode", "gs1-128"},
        {"agreement", "1", "barcode", "gs1-128"},
        {"tax-scheme", "co_nit", "tax-id", "800249860-2"},
        {"tax-scheme", "nit", "tax-id", "800249860-1"},
        {"tax-scheme", "co_nit", "barcode", "none"},
        {"tax-id", "800249860-1", "barcode", "none"},
        {"customer-schemes", "co_nit,xx", "barcode", "none"},
        {"agreement", "12a", "barcode", "code128"},
        {"agreement", "12345678901234", "barcode", "code128"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(fixture_try(&f, f.ana, NULL, &e, "biller set", bad[i][0], bad[i][1],
                                  bad[i][2], bad[i][3], NULL) == ERR_PARSE,
                      "%s %s: %s", bad[i][0], bad[i][1], e.text);
    }
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "biller set", "barcode", "none", NULL),
                     ERR_DENIED);
}
END_TEST

static void assert_found(const char *said, int64_t account, int64_t bill)
{
    int64_t a = -1, b = -1;
    ck_assert_msg(biller_reference_find(f.office, said, &a, &b, &e) == ERR_OK, "%s", e.text);
    ck_assert_msg(a == account && b == bill, "%s: %lld %lld", said, (long long)a, (long long)b);
}

START_TEST(a_reference_leads_to_its_bill)
{
    char reference[PAY_REFERENCE_MAX + 1], whole[128];
    struct pay_reference bill = {2026, 2}, old = {2025, 2}, none = {2026, 9}, account = {0, 1},
                         nobody = {0, 7};
    pay_reference_print(&bill, reference);
    assert_found(reference, 2, 2);
    (void)snprintf(whole, sizeof whole,
                   "]C1415" GLN "8020%s\x1D"
                   "3900000000001",
                   reference);
    assert_found(whole, 0, 0); /* whose GLN is that? */
    set_gs1();
    assert_found(whole, 2, 2);
    pay_reference_print(&old, reference);
    assert_found(reference, 0, 0);
    pay_reference_print(&none, reference);
    assert_found(reference, 0, 0);
    pay_reference_print(&account, reference);
    assert_found(reference, 1, 0);
    pay_reference_print(&nobody, reference);
    assert_found(reference, 0, 0);
    assert_found("2026-00000002", 0, 0);
}
END_TEST

/* What a scanner types at the counter, and what a person reads off the paper. */
START_TEST(a_code_of_a_paper_finds_and_pays_its_account)
{
    char reference[PAY_REFERENCE_MAX + 1];
    struct pay_reference bill = {2026, 2};
    struct find_hit hits[FIND_HITS_MAX];
    size_t count = 0;
    bool more = false;
    pay_reference_print(&bill, reference);
    const char *const texts[] = {reference, "2026-00000002"};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(office_find(f.office, 0, texts[i], hits, &count, &more, &e), ERR_OK);
        ck_assert_uint_eq(count, 1);
        ck_assert_int_eq(hits[0].field, FIND_PAY_CODE);
        ck_assert_str_eq(hits[0].account, "A00002");
    }
    ck_assert_int_eq(office_find(f.office, 0, "2025-00000002", hits, &count, &more, &e),
                     ERR_OK);
    ck_assert_uint_eq(count, 0);
    (void)fixture_run(&f, f.olga, "payment take", "account", reference, "amount", "1", "method",
                      "card", "slip", "1", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT account FROM payment"), 2);
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "payment take", "account",
                                 "20260000000999", "amount", "1", "method", "card", "slip", "2",
                                 NULL),
                     ERR_NOT_FOUND);
}
END_TEST

Suite *suite_biller(void)
{
    Suite *s = suite_create("biller");
    TCase *t = tcase_create("biller");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, the_barcode_of_a_bill_is_read_from_its_picture);
    tcase_add_test(t, the_barcode_of_a_receipt_is_read_from_its_picture);
    tcase_add_test(t, papers_older_than_the_setting_keep_their_bytes);
    tcase_add_test(t, identifiers_stand_on_papers_as_they_were_then);
    tcase_add_test(t, notes_carry_both_identifiers);
    tcase_add_test(t, notes_and_receipts_show_the_face_of_their_day);
    tcase_add_test(t, a_wrong_identifier_is_refused_where_it_is_typed);
    tcase_add_test(t, a_setting_that_cannot_be_is_refused);
    tcase_add_test(t, a_reference_leads_to_its_bill);
    tcase_add_test(t, a_code_of_a_paper_finds_and_pays_its_account);
    suite_add_tcase(s, t);
    return s;
}
