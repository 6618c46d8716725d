#include <config.h>

#include "tests/unit/check_reports.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "reports/bill_pdf.h"

#define KNOWN(v, d)                                                                            \
    {                                                                                          \
        true, (v), (d)                                                                         \
    }
#define NONE                                                                                   \
    {                                                                                          \
        false, 0, 0                                                                            \
    }

/* A bill with both of document 07's services, and all sections. */
struct bill_fixture {
    struct bill_doc_reading readings[2];
    struct bill_doc_line water[2], energy[2];
    struct bill_doc_service services[2];
    struct bill_doc_charge taxes[1], movements[1];
    struct bill_doc_month months[BILL_MONTHS_MAX];
    struct bill_doc_history histories[1];
    struct bill_doc_tariff tariffs[1];
    struct bill_doc doc;
    struct bill_pdf_options options;
};

static const char *const notes[] = {"Pague en la oficina."};

static void parts_fill(struct bill_fixture *f)
{
    static const struct bill_doc_reading readings[2] = {{"AG-121",
                                                         "8-0:1.0.0",
                                                         "m³",
                                                         {2026, 10, 10},
                                                         {2026, 11, 10},
                                                         KNOWN(6000500, 3),
                                                         KNOWN(18042500, 3),
                                                         KNOWN(12042000, 3),
                                                         false,
                                                         true},
                                                        {"EN-3",
                                                         "1-0:1.8.0",
                                                         "kWh",
                                                         {2026, 10, 10},
                                                         {2026, 11, 10},
                                                         KNOWN(0, 0),
                                                         KNOWN(384, 0),
                                                         KNOWN(384, 0),
                                                         false,
                                                         false}};
    static const struct bill_doc_line water[2] = {
        {"Cargo fijo", NULL, NONE, NONE, NONE, NULL, true, {50000, 2}, 50000, NULL},
        {"Excedente",
         "m³",
         KNOWN(12042, 0),
         KNOWN(6000, 0),
         KNOWN(6042, 0),
         NULL,
         true,
         {15, 2},
         90450,
         "(12042 - 6000 - 12) x 0.15 = 904.50"}};
    static const struct bill_doc_line energy[2] = {
        {"Cargo fijo", NULL, NONE, NONE, NONE, NULL, true, {4600, 2}, 4600, NULL},
        {"Excedente",
         "kWh",
         KNOWN(384, 0),
         KNOWN(350, 0),
         KNOWN(34, 0),
         "1,00 c/u",
         false,
         {0, 0},
         3400,
         NULL}};
    memcpy(f->readings, readings, sizeof(readings));
    memcpy(f->water, water, sizeof(water));
    memcpy(f->energy, energy, sizeof(energy));
    f->services[0] = (struct bill_doc_service){"Agua potable", f->water, 2, 140450};
    f->services[1] = (struct bill_doc_service){"Energía", f->energy, 2, 8000};
    f->taxes[0] = (struct bill_doc_charge){"IVA 13 %", 1040, "13 % de 80.00 = 10.40"};
    f->movements[0] = (struct bill_doc_charge){"Pago recibo 8812", -132100, NULL};
    for (int i = 0; i < BILL_MONTHS_MAX; i++) {
        f->months[i] = (struct bill_doc_month){
            i < 2 ? 2025 : 2026, (uint8_t)((10 + i) % 12 + 1), 7000 + i * 11, i == 4, i == 7};
    }
    f->histories[0] = (struct bill_doc_history){"Agua potable", "m³",      0,
                                                KNOWN(6000, 0), f->months, BILL_MONTHS_MAX};
    f->tariffs[0] = (struct bill_doc_tariff){"AGUA-RES", "3"};
}

static void bill_init(struct bill_fixture *f)
{
    memset(f, 0, sizeof(*f));
    parts_fill(f);
    f->doc = (struct bill_doc){
        .number = "001-0000042",
        .office_name = "Acueducto de Ñuñoa",
        .office_lines = {"Cédula 3-101-000000", "Calle Central 12"},
        .account_number = "000-121-7",
        .customer_name = "María de los Ángeles Peña",
        .customer_lines = {"Calle de los Almendros 247"},
        .issued_on = {2026, 11, 21},
        .period_from = {2026, 10, 11},
        .period_to = {2026, 11, 10},
        .due_on = {2026, 12, 5},
        .has_cut = true,
        .cut_on = {2026, 12, 20},
        .currency = currency_find("CRC"),
        .readings = f->readings,
        .reading_count = 2,
        .services = f->services,
        .service_count = 2,
        .taxes = f->taxes,
        .tax_count = 1,
        .previous_balance_minor = 132000,
        .movements = f->movements,
        .movement_count = 1,
        .total_minor = 140450 + 8000 + 1040 + 132000 - 132100,
        .histories = f->histories,
        .history_count = 1,
        .notes = notes,
        .note_count = 1,
        .ledger_seq = 1234,
        .leaf_hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        .tariffs = f->tariffs,
        .tariff_count = 1,
        .tariff_hash = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    };
    f->options = (struct bill_pdf_options){.fmt = numfmt_find("en_US"),
                                           .created = {{2026, 11, 21}, 8, 8, 32}};
}

static void bill_text(struct bill_fixture *f, struct buf *text)
{
    struct err e = ERR_INIT;
    const char *path = scratch_path("bill.pdf");
    enum err_code code = bill_pdf_write(path, &f->options, &f->doc, &e);
    ck_assert_msg(code == ERR_OK, "%s", e.text);
    pdf_text_of(path, text);
}

static void assert_has(const struct buf *text, const char *part)
{
    ck_assert_msg(strstr(buf_str(text), part) != NULL, "%s is not in %.6000s", part,
                  buf_str(text));
}

static size_t occurrences(const struct buf *text, const char *part)
{
    size_t n = 0;
    for (const char *at = buf_str(text); (at = strstr(at, part)) != NULL; at++) {
        n++;
    }
    return n;
}

START_TEST(every_figure_of_the_bill_is_found_again)
{
    static const char *const parts[] = {
        "Acueducto de Ñuñoa",
        "Cédula 3-101-000000",
        "Bill",
        "001-0000042",
        "000-121-7",
        "María de los Ángeles Peña",
        "Calle de los Almendros 247",
        "11/21/2026",
        "10/11/2026 – 11/10/2026",
        "12/05/2026",
        "12/20/2026",
        "31",
        "₡ 1,493.90",
        "AG-121",
        "8-0:1.0.0",
        "6,000.500",
        "18,042.500",
        "E",
        "12,042.000 m³",
        "384 kWh",
        "Cargo fijo",
        "12,042 m³",
        "6,000",
        "6,042",
        "0.15",
        "904.50",
        "1,404.50",
        "Subtotal Agua potable",
        "46.00",
        "1,00 c/u",
        "34.00",
        "80.00",
        "IVA 13 %",
        "10.40",
        "Previous balance",
        "1,320.00",
        "-1,321.00",
        "Pague en la oficina.",
        "(12042 - 6000 - 12) x 0.15 = 904.50",
        "13 % de 80.00 = 10.40",
        "Limit 6,000",
        "7,132",
        "Nov",
        "entry 1234",
        "Tariff AGUA-RES, version 3",
        "Page 1 of 1",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"};
    struct bill_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    bill_init(&f);
    bill_text(&f, &text);
    for (size_t i = 0; i < count_of(parts); i++) {
        assert_has(&text, parts[i]);
    }
    ck_assert_ptr_null(strstr(buf_str(&text), "7,077")); /* the month that is missing */
    buf_release(&text);
}
END_TEST

START_TEST(numbers_follow_the_locale)
{
    struct bill_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    bill_init(&f);
    f.options.fmt = numfmt_find("es_CR");
    bill_text(&f, &text);
    assert_has(&text, "₡ 1 493,90");
    assert_has(&text, "05/12/2026");
    buf_clear(&text);
    f.options.fmt = numfmt_find("es_ES");
    f.doc.currency = currency_find("EUR");
    bill_text(&f, &text);
    assert_has(&text, "1.493,90 €");
    buf_release(&text);
}
END_TEST

START_TEST(the_same_bill_gives_the_same_bytes)
{
    struct bill_fixture f;
    struct buf one, two;
    struct err e = ERR_INIT;
    const char *path = scratch_path("same.pdf");
    buf_init(&one, 1 << 22);
    buf_init(&two, 1 << 22);
    bill_init(&f);
    ck_assert_int_eq(bill_pdf_write(path, &f.options, &f.doc, &e), ERR_OK);
    file_read(path, &one);
    ck_assert_int_eq(bill_pdf_write(path, &f.options, &f.doc, &e), ERR_OK);
    file_read(path, &two);
    ck_assert_uint_eq(one.len, two.len);
    ck_assert_mem_eq(one.data, two.data, one.len);
    buf_release(&one);
    buf_release(&two);
}
END_TEST

START_TEST(many_bills_share_their_fonts_and_count_their_own_pages)
{
    struct bill_fixture f;
    struct bill_pdf *b = NULL;
    struct err e = ERR_INIT;
    struct buf text, fonts;
    char number[32];
    const char *path = scratch_path("bills.pdf");
    const char *argv[] = {"pdffonts", path, NULL};
    buf_init(&text, 1 << 22);
    buf_init(&fonts, 1 << 16);
    bill_init(&f);
    ck_assert_int_eq(bill_pdf_open(path, &f.options, &b, &e), ERR_OK);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(number, sizeof(number), "001-%07d", i);
        f.doc.number = number;
        ck_assert_int_eq(bill_pdf_add(b, &f.doc, &e), ERR_OK);
    }
    ck_assert_uint_eq(bill_pdf_pages(b), 20);
    ck_assert_int_eq(bill_pdf_close(b, &e), ERR_OK);
    pdf_text_of(path, &text);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(number, sizeof(number), "001-%07d", i);
        assert_has(&text, number);
    }
    ck_assert_uint_eq(occurrences(&text, "Page 1 of 1"), 20);
    run_program(argv, &fonts);
    ck_assert_uint_eq(occurrences(&fonts, "DejaVuSans"), 3);
    ck_assert_uint_eq(occurrences(&fonts, " yes yes "), 3);
    buf_release(&text);
    buf_release(&fonts);
}
END_TEST

/* Around the end of each page: no line is lost, and every page says what it is. */
START_TEST(lines_go_on_over_pages_with_their_headings)
{
    static struct bill_doc_line lines[220];
    struct bill_fixture f;
    struct buf text;
    buf_init(&text, 1 << 22);
    for (size_t count = 1; count <= count_of(lines);
         count += count > 20 && count < 45 ? 1 : 19) {
        char part[64];
        bill_init(&f);
        for (size_t i = 0; i < count; i++) {
            lines[i] = (struct bill_doc_line){.concept = "Concepto renglón",
                                              .amount_minor = 1000000 + (int64_t)i};
        }
        f.services[0].lines = lines;
        f.services[0].line_count = count;
        f.services[0].subtotal_minor =
            1000000 * (int64_t)count + (int64_t)(count * (count - 1) / 2);
        f.doc.total_minor += f.services[0].subtotal_minor - 140450;
        buf_clear(&text);
        bill_text(&f, &text);
        for (size_t i = 0; i < count; i++) {
            (void)snprintf(part, sizeof(part), "10,00%zu.%02zu", i / 100, i % 100);
            assert_has(&text, part);
        }
        size_t pages = occurrences(&text, "\f");
        (void)snprintf(part, sizeof(part), "Page %zu of %zu", pages, pages);
        assert_has(&text, part);
        ck_assert_uint_eq(occurrences(&text, "001-0000042"), pages);
    }
    buf_release(&text);
}
END_TEST

START_TEST(a_long_summary_and_many_charts_find_room)
{
    static struct bill_doc_charge movements[100];
    struct bill_doc_history histories[BILL_HISTORIES_MAX];
    struct bill_fixture f;
    struct buf text;
    char part[64];
    buf_init(&text, 1 << 22);
    bill_init(&f);
    for (size_t i = 0; i < count_of(movements); i++) {
        movements[i] = (struct bill_doc_charge){"Pago", -100 - (int64_t)i, NULL};
        f.doc.total_minor -= 100 + (int64_t)i;
    }
    f.doc.total_minor += 132100;
    f.doc.movements = movements;
    f.doc.movement_count = count_of(movements);
    for (size_t i = 0; i < count_of(histories); i++) {
        histories[i] = f.histories[0];
    }
    f.doc.histories = histories;
    f.doc.history_count = count_of(histories);
    bill_text(&f, &text);
    for (size_t i = 0; i < count_of(movements); i++) {
        (void)snprintf(part, sizeof(part), "-%zu.%02zu", (100 + i) / 100, (100 + i) % 100);
        assert_has(&text, part);
    }
    ck_assert_uint_eq(occurrences(&text, "Limit 6,000"), BILL_HISTORIES_MAX);
    buf_release(&text);
}
END_TEST

START_TEST(a_bare_bill_and_a_credit_are_printed)
{
    struct bill_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    bill_init(&f);
    f.doc.reading_count = f.doc.service_count = f.doc.tax_count = f.doc.movement_count =
        f.doc.history_count = 0;
    f.doc.note_count = f.doc.tariff_count = 0;
    f.doc.leaf_hash = f.doc.tariff_hash = NULL;
    f.doc.ledger_seq = 0;
    f.doc.has_cut = false;
    f.doc.total_minor = f.doc.previous_balance_minor = -500;
    bill_text(&f, &text);
    assert_has(&text, "Credit in your favour");
    assert_has(&text, "₡ -5.00");
    assert_has(&text, "it stands on no ledger");
    ck_assert_ptr_null(strstr(buf_str(&text), "Pay by"));
    ck_assert_ptr_null(strstr(buf_str(&text), "cut from"));
    buf_release(&text);
}
END_TEST

START_TEST(the_largest_amounts_are_whole)
{
    struct bill_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    bill_init(&f);
    f.water[0].amount_minor = INT64_MAX - 90450;
    f.services[0].subtotal_minor = INT64_MAX;
    f.doc.previous_balance_minor = 0;
    f.taxes[0].amount_minor = 0;
    f.movements[0].amount_minor = -8000;
    f.doc.total_minor = INT64_MAX;
    bill_text(&f, &text);
    ck_assert_uint_eq(occurrences(&text, "92,233,720,368,547,758.07"),
                      4); /* card, subtotal, summary, total */
    buf_release(&text);
}
END_TEST

/* Break each sum and limit once: refused, named, and no file is left. */
#define SPOILS(X)                                                                              \
    X(subtotal, ERR_STATE, f->water[1].amount_minor++)                                         \
    X(total, ERR_STATE, f->doc.total_minor--)                                                  \
    X(tax, ERR_STATE, f->taxes[0].amount_minor++)                                              \
    X(movement, ERR_STATE, f->movements[0].amount_minor--)                                     \
    X(balance, ERR_STATE, f->doc.previous_balance_minor++)                                     \
    X(due, ERR_RANGE, f->doc.due_on.day = 32)                                                  \
    X(cut, ERR_RANGE, f->doc.cut_on.month = 13)                                                \
    X(issued, ERR_RANGE, f->doc.issued_on.year = 0)                                            \
    X(period_from, ERR_RANGE, f->doc.period_from.day = 0)                                      \
    X(period_to, ERR_RANGE, f->doc.period_to.month = 0)                                        \
    X(reading_on, ERR_RANGE, f->readings[1].current_on.day = 0)                                \
    X(reading_before, ERR_RANGE, f->readings[0].previous_on.day = 40)                          \
    X(meter, ERR_RANGE, f->readings[1].meter = NULL)                                           \
    X(dial, ERR_RANGE, f->readings[0].current.decimals = 10)                                   \
    X(dial_before, ERR_RANGE, f->readings[0].previous.decimals = 10)                           \
    X(use, ERR_RANGE, f->readings[1].consumption.decimals = 10)                                \
    X(line_excess, ERR_RANGE, f->water[1].excess.decimals = 10)                                \
    X(line_limit, ERR_RANGE, f->water[1].limit.decimals = 10)                                  \
    X(line_use, ERR_RANGE, f->water[1].consumption.decimals = 10)                              \
    X(price, ERR_RANGE, f->water[0].price.scale = 19)                                          \
    X(concept, ERR_RANGE, f->energy[0].concept = NULL)                                         \
    X(service, ERR_RANGE, f->services[1].name = NULL)                                          \
    X(line_count, ERR_RANGE, f->services[0].line_count = BILL_LINES_MAX + 1)                   \
    X(month, ERR_RANGE, f->months[3].month = 13)                                               \
    X(month_zero, ERR_RANGE, f->months[0].month = 0)                                           \
    X(month_count, ERR_RANGE, f->histories[0].month_count = BILL_MONTHS_MAX + 1)               \
    X(history_scale, ERR_RANGE, f->histories[0].decimals = 10)                                 \
    X(limit_scale, ERR_RANGE, f->histories[0].limit.decimals = 1)                              \
    X(history_name, ERR_RANGE, f->histories[0].service = NULL)                                 \
    X(history_count, ERR_RANGE, f->doc.history_count = BILL_HISTORIES_MAX + 1)                 \
    X(tax_concept, ERR_RANGE, f->taxes[0].concept = NULL)                                      \
    X(tax_count, ERR_RANGE, f->doc.tax_count = BILL_CHARGES_MAX + 1)                           \
    X(movement_count, ERR_RANGE, f->doc.movement_count = BILL_CHARGES_MAX + 1)                 \
    X(customer, ERR_RANGE, f->doc.customer_name = NULL)                                        \
    X(office, ERR_RANGE, f->doc.office_name = NULL)                                            \
    X(account, ERR_RANGE, f->doc.account_number = NULL)                                        \
    X(currency, ERR_RANGE, f->doc.currency = NULL)                                             \
    X(reading_count, ERR_RANGE, f->doc.reading_count = BILL_READINGS_MAX + 1)                  \
    X(service_count, ERR_RANGE, f->doc.service_count = BILL_SERVICES_MAX + 1)                  \
    X(tariff_count, ERR_RANGE, f->doc.tariff_count = BILL_TARIFFS_MAX + 1)                     \
    X(note_count, ERR_RANGE, f->doc.note_count = BILL_CHARGES_MAX + 1)

#define SPOIL_FUNCTION(name, code, statement)                                                  \
    static void spoil_##name(struct bill_fixture *f)                                           \
    {                                                                                          \
        statement;                                                                             \
    }
SPOILS(SPOIL_FUNCTION)

START_TEST(a_bill_that_contradicts_itself_is_refused)
{
#define SPOIL_ROW(name, code, statement) {spoil_##name, code},
    static const struct {
        void (*spoil)(struct bill_fixture *f);
        enum err_code code;
    } cases[] = {SPOILS(SPOIL_ROW)};
    size_t before = scratch_count();
    for (size_t i = 0; i < count_of(cases); i++) {
        struct bill_fixture f;
        struct err e = ERR_INIT;
        bill_init(&f);
        ck_assert_int_eq(bill_doc_check(&f.doc, &e), ERR_OK);
        cases[i].spoil(&f);
        ck_assert_msg(bill_pdf_write(scratch_path("refused.pdf"), &f.options, &f.doc, &e) ==
                          cases[i].code,
                      "case %zu", i);
        ck_assert_ptr_nonnull(strstr(e.text, "001-0000042"));
        ck_assert_uint_eq(scratch_count(), before);
    }
}
END_TEST

START_TEST(hostile_names_do_no_harm)
{
    struct bill_fixture f;
    struct bill_pdf *b = NULL;
    struct err e = ERR_INIT;
    struct buf text, name;
    const char *path = scratch_path("hostile.pdf");
    buf_init(&text, 64 << 20);
    buf_init(&name, 4096);
    bill_init(&f);
    ck_assert_int_eq(bill_pdf_open(path, &f.options, &b, &e), ERR_OK);
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        buf_clear(&name);
        hostile_name(i, &name);
        f.doc.customer_name = f.doc.customer_lines[0] = f.water[0].concept =
            f.water[1].formula = buf_str(&name);
        f.readings[0].meter = f.services[1].name = f.taxes[0].concept = f.histories[0].service =
            buf_str(&name);
        enum err_code code = bill_pdf_add(b, &f.doc, &e);
        ck_assert_msg(code == ERR_OK, "name %u: %s", i, e.text);
    }
    ck_assert_int_eq(bill_pdf_close(b, &e), ERR_OK);
    pdf_text_of(path, &text);
    ck_assert_uint_eq(occurrences(&text, "₡ 1,493.90"), 2 * HOSTILE_NAMES);
    buf_release(&text);
    buf_release(&name);
}
END_TEST

START_TEST(an_empty_file_of_bills_is_refused)
{
    struct bill_fixture f;
    struct bill_pdf *b = NULL;
    struct err e = ERR_INIT;
    size_t before = scratch_count();
    bill_init(&f);
    ck_assert_int_eq(bill_pdf_open(scratch_path("empty.pdf"), &f.options, &b, &e), ERR_OK);
    ck_assert_int_eq(bill_pdf_close(b, &e), ERR_STATE);
    ck_assert_uint_eq(scratch_count(), before);
    bill_pdf_discard(NULL);
}
END_TEST

START_TEST(a_full_disk_leaves_no_bill)
{
    struct bill_fixture f;
    size_t before = scratch_count(), failures = 0;
    struct rlimit was;
    ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
    bill_init(&f);
    for (rlim_t limit = 0; limit < 100000; limit += 1999) {
        struct err e = ERR_INIT;
        struct rlimit now = {limit, was.rlim_max};
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &now), 0);
        enum err_code code = bill_pdf_write(scratch_path("full.pdf"), &f.options, &f.doc, &e);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &was), 0);
        if (code != ERR_OK) {
            failures++;
            ck_assert_int_eq(code, ERR_IO);
            ck_assert_ptr_nonnull(strstr(e.text, "full.pdf"));
            ck_assert_uint_eq(scratch_count(), before);
        }
    }
    ck_assert_uint_gt(failures, 5);
    (void)unlink(scratch_path("full.pdf"));
}
END_TEST

Suite *suite_bill_pdf(void)
{
    Suite *s = suite_create("bill_pdf");
    TCase *t = tcase_create("bill");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_figure_of_the_bill_is_found_again);
    tcase_add_test(t, numbers_follow_the_locale);
    tcase_add_test(t, the_same_bill_gives_the_same_bytes);
    tcase_add_test(t, many_bills_share_their_fonts_and_count_their_own_pages);
    tcase_add_test(t, lines_go_on_over_pages_with_their_headings);
    tcase_add_test(t, a_long_summary_and_many_charts_find_room);
    tcase_add_test(t, a_bare_bill_and_a_credit_are_printed);
    tcase_add_test(t, the_largest_amounts_are_whole);
    tcase_add_test(t, a_bill_that_contradicts_itself_is_refused);
    tcase_add_test(t, hostile_names_do_no_harm);
    tcase_add_test(t, an_empty_file_of_bills_is_refused);
    tcase_add_test(t, a_full_disk_leaves_no_bill);
    suite_add_tcase(s, t);
    return s;
}
