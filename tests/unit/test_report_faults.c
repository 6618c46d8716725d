#include <config.h>

#include "tests/unit/check_reports.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reports/bill_pdf.h"
#include "tests/lib/fault.h"

/* Every allocation of ours fails once, and once with all behind it: a clean ERR_NOMEM and no
 * file, or the whole file byte for byte; never a file with something missing. */

struct flow {
    enum err_code (*write)(const char *path, struct err *e);
    struct buf whole; /* what an undisturbed run writes */
    uint64_t refused, at;
};

static const struct report_format *format_now;

static enum err_code write_report(const char *path, struct err *e)
{
    static const struct report_column columns[] = {
        {"name", "Nombre", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
        {"amount", "Monto", "₡", REPORT_MONEY, 2, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
        {"on", "Fecha", NULL, REPORT_DATE, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE}};
    static const char *const notes[] = {"una nota"};
    struct report_cell cells[] = {cell_text("Peña\x1B"), cell_value(140450), cell_value(20778),
                                  cell_text("Ελένη =1"), cell_value(-5),     cell_empty()};
    struct report_fixture f;
    fixture_init(&f, columns, count_of(columns), cells, 2);
    f.doc.notes = notes;
    f.doc.note_count = 1;
    return report_write(format_now, &f.doc, &f.options, path, &f.outcome, e);
}

static enum err_code write_bill(const char *path, struct err *e)
{
    static const struct bill_doc_line lines[] = {{.concept = "Cargo fijo",
                                                  .has_price = true,
                                                  .price = {50000, 2},
                                                  .amount_minor = 50000,
                                                  .formula = "500,00"},
                                                 {.concept = "Cargo Ω\x07", .amount_minor = 1}};
    static const struct bill_doc_service services[] = {{"Agua", lines, 2, 50001}};
    static const struct bill_doc_month months[] = {{2026, 10, 11018, false, false},
                                                   {2026, 11, 12042, true, false}};
    static const struct bill_doc_history histories[] = {
        {"Agua", "m³", 0, {true, 6000, 0}, months, 2}};
    static const struct bill_doc_reading readings[] = {{"AG-121",
                                                        "8-0:1.0.0",
                                                        "m³",
                                                        {2026, 10, 10},
                                                        {2026, 11, 10},
                                                        {true, 0, 0},
                                                        {true, 12042, 0},
                                                        {true, 12042, 0},
                                                        false,
                                                        true}};
    static const struct bill_doc_tariff tariffs[] = {{"AGUA", "3"}};
    static const char *const notes[] = {"Pague en la oficina."};
    struct bill_doc d = {.number = "1",
                         .office_name = "Acueducto",
                         .account_number = "1",
                         .customer_name = "Peña",
                         .issued_on = {2026, 11, 21},
                         .period_from = {2026, 10, 11},
                         .period_to = {2026, 11, 10},
                         .due_on = {2026, 12, 5},
                         .currency = currency_find("CRC"),
                         .readings = readings,
                         .reading_count = 1,
                         .services = services,
                         .service_count = 1,
                         .total_minor = 50001,
                         .histories = histories,
                         .history_count = 1,
                         .notes = notes,
                         .note_count = 1,
                         .tariffs = tariffs,
                         .tariff_count = 1,
                         .leaf_hash = "9f86d081"};
    struct bill_pdf_options options = {.fmt = numfmt_find("en_US"),
                                       .created = {{2026, 11, 21}, 8, 8, 32}};
    return bill_pdf_write(path, &options, &d, e);
}

static void step(void *ctx, bool failing)
{
    struct flow *f = ctx;
    struct err e = ERR_INIT;
    const char *path = scratch_path("faulty");
    f->at++;
    enum err_code code = f->write(path, &e);
    mem_set_hook(NULL, NULL); /* what follows is the test's own */
    if (!failing) {
        ck_assert_msg(code == ERR_OK, "%s", e.text);
        file_read(path, &f->whole);
    } else if (code == ERR_OK) {
        struct buf now;
        buf_init(&now, 1 << 22);
        file_read(path, &now);
        ck_assert_msg(now.len == f->whole.len && memcmp(now.data, f->whole.data, now.len) == 0,
                      "a file with something missing, fault %llu", (unsigned long long)f->at);
        buf_release(&now);
    } else {
        ck_assert_msg(code == ERR_NOMEM, "%s", e.text);
        ck_assert_int_ne(access(path, F_OK), 0);
        f->refused++;
    }
    (void)unlink(path);
}

static void sweep(enum err_code (*write)(const char *path, struct err *e))
{
    struct flow f = {.write = write};
    (void)unlink(scratch_path("faulty"));
    size_t before = scratch_count();
    buf_init(&f.whole, 1 << 22);
    ck_assert_uint_gt(fault_sweep(step, &f), 0);
    ck_assert_uint_gt(f.refused, 0);
    ck_assert_uint_eq(scratch_count(), before);
    buf_release(&f.whole);
}

START_TEST(no_report_loses_anything_when_memory_is_out)
{
    format_now = &report_formats[_i];
    sweep(write_report);
}
END_TEST

START_TEST(no_bill_loses_anything_when_memory_is_out)
{
    sweep(write_bill);
}
END_TEST

Suite *suite_report_faults(void)
{
    Suite *s = suite_create("report_faults");
    TCase *t = tcase_create("faults");
    tcase_set_timeout(t, 180);
    tcase_add_loop_test(t, no_report_loses_anything_when_memory_is_out, 0,
                        (int)report_format_count);
    tcase_add_test(t, no_bill_loses_anything_when_memory_is_out);
    suite_add_tcase(s, t);
    return s;
}
