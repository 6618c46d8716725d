/* Bills as PDF against bare libharu: the pages that ours drew are read back as a list of
 * operators, and a program that has nothing else to do draws that list again. All bills in one
 * file; and a file each, where the bare program embeds its faces in each. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "reports/bill_pdf.h"
#include "reports/pdf_press.h"
#include "tests/bench/bench.h"
#include "tests/bench/pdf_limit.h"

#define PAGES 1000
#define FILES 200
#define MANY 10000

static struct pdf_press *press;
static char dir[256];
static struct pdf_ops page;
static char code[280];
static bool with_code;
static int64_t pages_now;

static struct bill_doc_quantity amount(int64_t v)
{
    return (struct bill_doc_quantity){true, v, 3};
}

static struct bill_doc_line lines[6];
static struct bill_doc_service service = {"Agua potable", lines, 6, 0};
static struct bill_doc_month months[BILL_MONTHS_MAX];
static struct bill_doc_history history = {"Agua potable",     "m³",   3,
                                          {true, 8000000, 3}, months, BILL_MONTHS_MAX};
static struct bill_doc_reading reading = {
    .meter = "AG-00121", .obis = "8-0:1.0.0", .unit = "m³"};

/* Six lines, thirteen months and a reading, other ones for each bill. */
static void parts_make(unsigned n)
{
    static const char *const concepts[] = {"Cuota de servicio",  "Consumo (0–10 m³)",
                                           "Consumo (10–20 m³)", "Consumo (más de 20 m³)",
                                           "Alcantarillado",     "Hidrantes"};
    service.subtotal_minor = 0;
    for (size_t i = 0; i < 6; i++) {
        lines[i] = (struct bill_doc_line){.concept = concepts[i],
                                          .unit = "m³",
                                          .consumption = amount((int64_t)(10000 + n % 977 * i)),
                                          .has_price = true,
                                          .price = {1234567, 6},
                                          .amount_minor = (int64_t)(50000 + n * 7 % 10007 * i),
                                          .formula = "10 × 1.234567 = 12.34567 → 12.35"};
        service.subtotal_minor += lines[i].amount_minor;
    }
    for (int i = 0; i < BILL_MONTHS_MAX; i++) {
        months[i] = (struct bill_doc_month){i < 2 ? 2025 : 2026, (uint8_t)((10 + i) % 12 + 1),
                                            7000000 + i * 11 * (int)(n % 1009), i == 4, false};
    }
    reading.previous_on = (struct date){2026, 10, 10};
    reading.current_on = (struct date){2026, 11, 10};
    reading.previous = amount(6000500 + n);
    reading.current = amount(18042500 + 3 * (int64_t)n);
    reading.consumption = amount(12042000 + 2 * (int64_t)n);
}

/* A month's bill of water with three blocks, tax, arrears, a chart and the QR code. */
static void bill_make(struct bill_doc *d, unsigned n)
{
    static struct bill_doc_charge tax = {"IVA 13 %", 1040, "80.00 × 13 % = 10.40"};
    static struct bill_doc_charge paid = {"Pagos recibidos", -132100, NULL};
    static const struct bill_doc_tariff tariff = {"AGUA-RES", "3"};
    static char number[32], name[64];
    (void)snprintf(number, sizeof(number), "2026-%08u", n);
    (void)snprintf(name, sizeof(name), "María de los Ángeles Peña %u", n);
    memset(code, 'A' + (int)(n % 26), sizeof(code) - 1);
    parts_make(n);
    *d = (struct bill_doc){
        .number = number,
        .office_name = "Acueducto de Ñuñoa",
        .office_lines = {"Cédula 3-101-000000", "Calle Central 12"},
        .account_number = "000-121-7",
        .customer_name = name,
        .customer_lines = {"Calle de los Almendros 247"},
        .issued_on = {2026, 11, 21},
        .period_from = {2026, 10, 11},
        .period_to = {2026, 11, 10},
        .due_on = {2026, 12, 5},
        .has_cut = true,
        .cut_on = {2026, 12, 20},
        .currency = currency_find("CRC"),
        .readings = &reading,
        .reading_count = 1,
        .services = &service,
        .service_count = 1,
        .taxes = &tax,
        .tax_count = 1,
        .previous_balance_minor = 132000,
        .movements = &paid,
        .movement_count = 1,
        .total_minor = service.subtotal_minor + 1040 + 132000 - 132100,
        .histories = &history,
        .history_count = 1,
        .ledger_seq = 1234 + n,
        .leaf_hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        .tariffs = &tariff,
        .tariff_count = 1,
        .tariff_hash = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        .code = with_code ? code : NULL};
}

static bool fine(enum err_code result, const struct err *e)
{
    if (result != ERR_OK) {
        (void)fprintf(stderr, "bench_pdf: %s\n", e->text);
    }
    return result == ERR_OK;
}

static struct bill_pdf_options options_of(void)
{
    return (struct bill_pdf_options){.fmt = numfmt_find("es_CR"),
                                     .created = {{2026, 11, 21}, 8, 8, 32},
                                     .press = press,
                                     .relaxed = true};
}

static uint64_t one_file_ours(void *ctx)
{
    struct bill_pdf_options options = options_of();
    struct bill_pdf *b = NULL;
    struct err e = ERR_INIT;
    char path[300];
    struct bill_doc d;
    (void)ctx;
    (void)snprintf(path, sizeof(path), "%s/ours.pdf", dir);
    if (!fine(bill_pdf_open(path, &options, &b, &e), &e)) {
        return 0;
    }
    for (unsigned i = 0; i < pages_now; i++) {
        bill_make(&d, i);
        if (!fine(bill_pdf_add(b, &d, &e), &e)) {
            bill_pdf_discard(b);
            return 0;
        }
    }
    uint64_t count = bill_pdf_pages(b);
    return fine(bill_pdf_close(b, &e), &e) ? count : 0;
}

static uint64_t one_file_bare(void *ctx)
{
    char path[300];
    (void)ctx;
    (void)snprintf(path, sizeof(path), "%s/bare.pdf", dir);
    return limit_pdf(&page, AFORO_FONTDIR, path, pages_now, code) ? (uint64_t)pages_now : 0;
}

static uint64_t files_ours(void *ctx)
{
    struct bill_pdf_options options = options_of();
    struct err e = ERR_INIT;
    char path[300];
    struct bill_doc d;
    (void)ctx;
    for (unsigned i = 0; i < FILES; i++) {
        bill_make(&d, i);
        (void)snprintf(path, sizeof(path), "%s/ours-%u.pdf", dir, i);
        if (!fine(bill_pdf_write(path, &options, &d, &e), &e)) {
            return 0;
        }
    }
    return FILES;
}

static uint64_t files_bare(void *ctx)
{
    char path[300];
    (void)ctx;
    for (unsigned i = 0; i < FILES / 10; i++) {
        (void)snprintf(path, sizeof(path), "%s/bare-%u.pdf", dir, i);
        if (!limit_pdf(&page, AFORO_FONTDIR, path, 1, code)) {
            return 0;
        }
    }
    return FILES / 10;
}

static double size_of(const char *name)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    long size = f != NULL && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : 0;
    if (f != NULL) {
        (void)fclose(f);
    }
    return (double)size / 1000.0;
}

static bool page_take(void)
{
    char path[300];
    int64_t pages = pages_now;
    pages_now = 1;
    (void)snprintf(path, sizeof(path), "%s/ours.pdf", dir);
    bool taken = one_file_ours(NULL) == 1 && pdf_ops_read(path, &page);
    pages_now = pages;
    return taken;
}

static bool measure(bool quick)
{
    struct bench_pair pair;
    pages_now = quick ? PAGES / 2 : PAGES;
    with_code = false;
    pdf_ops_free(&page);
    if (!page_take() ||
        !bench_alternate(one_file_ours, one_file_bare, NULL, quick ? 5 : 9, &pair)) {
        return false;
    }
    bench_print_rate("pdf_one_file_no_code", "pages/s", pair, "ratio>=0.90");
    with_code = true;
    pdf_ops_free(&page);
    if (!page_take() ||
        !bench_alternate(one_file_ours, one_file_bare, NULL, quick ? 5 : 9, &pair)) {
        return false;
    }
    bench_print_rate("pdf_one_file", "pages/s", pair, "ratio>=0.90");
    if (!bench_alternate(files_ours, files_bare, NULL, quick ? 5 : 9, &pair)) {
        return false;
    }
    bench_print_rate("pdf_file_each", "files/s", pair, "ratio>=10");
    bench_print_value("pdf_file_each_size", "kB", size_of("ours-7.pdf"), "-");
    bench_print_value("pdf_file_each_bare_size", "kB", size_of("bare-7.pdf"), "-");
    return true;
}

/* In a process of its own: what it takes at most. */
static bool memory_measure(void)
{
    pages_now = MANY;
    bool ok = one_file_ours(NULL) >= MANY;
    bench_print_value("pdf_10000_bills_memory", "MB", (double)bench_peak_rss_bytes() / 1e6,
                      "value<=300");
    return ok;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(dir, sizeof(dir), "%s", tmp != NULL ? tmp : "/tmp");
    bool ok = fine(pdf_press_new(NULL, &press, &e), &e);
    with_code = true;
    printf("# the bare program draws the operators of one of our pages, and encodes its QR "
           "code\n");
    ok = ok && memory_measure() && measure(bench_quick(argc, argv));
    pdf_ops_free(&page);
    pdf_press_free(press);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
