/* A billing run fills its tables from what it has at hand, a rebuild from the item's text: both
 * must say the same. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <string.h>

#include "base/json.h"
#include "domain/bill_row.h"
#include "domain/project.h"
#include "ledger/items.h"
#include "ledger/kinds.h"
#include "ledger/schema.h"
#include "store/db.h"

static struct arena arena;

static void setup(void)
{
    arena_init(&arena, (size_t)8 << 20);
}

static void teardown(void)
{
    arena_release(&arena);
}

/* A bill with everything that one can say. */
static struct bill_row whole_row(void)
{
    static struct bill_quantity_row quantities[] = {{"peak", 7, 9, 8, 11},
                                                    {"1.8.1", 0, 0, 0, 0}};
    static struct bill_part_row parts[] = {
        {"2026-09-01", 10, 400, 1, true, 7000, quantities, 2},
        {"2026-09-11", 20, 800, 2, true, 13000, NULL, 0}};
    static struct bill_sub_row subs[] = {{12, 401, 402, 55}, {13, 403, 404, 0}};
    static struct bill_gas_row gas[] = {{12, 3, 4, "1.02264", "39.5"}, {18, 0, 0, "1", NULL}};
    static struct bill_charged_row charged = {1145, subs, 2, gas, 2};
    static struct bill_meter_row meters[] = {
        {9, 100, 200, 1200, 30, 2, 31, true, 20000, "", parts, 2, &charged},
        {10, 300, 300, 0, 30, 2, 0, false, 0, "no_reading", NULL, 0, NULL}};
    static struct bill_line_row lines[] = {
        {9, 150000, -1, true, 0, "base", "days", "Cargo \"fijo\"", "Fixed\\charge", "10", "day",
         "5.00", "10 \xc3\x97 5.00 \xe2\x86\x92 50.00\n(half up)"},
        {10, -25, 2, false, 0, "use", "credit", "", "", "", "", "", ""}};
    static struct bill_surcharge_row surcharges[] = {{9, 21000, 20000, 1000, 15}};
    static struct bill_alert_row alerts[] = {{5, 3, 21000, 20000, "surcharge"},
                                             {6, 4, 0, 0, "no_reading"}};
    return (struct bill_row){.index = 3,
                             .bill = 41,
                             .account = 7,
                             .total = -9,
                             .start = "2026-09-01",
                             .end = "2026-10-01",
                             .issued = "2026-10-02",
                             .due = "2026-10-17",
                             .currency = "USD",
                             .meters = meters,
                             .lines = lines,
                             .surcharges = surcharges,
                             .alerts = alerts,
                             .meter_count = 2,
                             .line_count = 2,
                             .surcharge_count = 1,
                             .alert_count = 2};
}

/* Read an item's text as a rebuild does. */
static void row_read(const char *text, size_t len, int64_t index, struct bill_row *out)
{
    struct json *o = NULL;
    struct entry en = {.seq = 1, .kind = "billing.batch"};
    struct projection p = {NULL, &en, &arena, &billing_err};
    ck_assert_int_eq(json_parse(text, len, &json_limits_entry, &arena, &o, &billing_err),
                     ERR_OK);
    ck_assert_msg(json_is_canonical(text, len, o), "%.*s", (int)len, text);
    ck_assert_msg(bill_row_take(&p, o, index, out) == ERR_OK, "%s", billing_err.text);
}

static void ck_prints(const struct bill_row *r, const char *text, size_t len)
{
    struct buf again;
    buf_init(&again, ITEM_MAX_BYTES);
    bill_row_print(r, &again);
    ck_assert(!again.failed && again.len == len && memcmp(again.data, text, len) == 0);
    buf_release(&again);
}

START_TEST(a_printed_bill_is_canonical_fits_its_schema_and_reads_back)
{
    struct bill_row r = whole_row();
    struct bill_row back;
    struct buf text;
    const struct schema *s = NULL;
    buf_init(&text, ITEM_MAX_BYTES);
    bill_row_print(&r, &text);
    ck_assert_int_eq(schema_of_item(KIND_billing_batch, &s, &billing_err), ERR_OK);
    ck_assert_msg(schema_check(s, text.data, text.len, &billing_err) == ERR_OK, "%s",
                  billing_err.text);
    row_read(text.data, text.len, r.index, &back);
    ck_prints(&back, text.data, text.len);
    ck_assert_int_eq(back.index, 3);
    ck_assert_int_eq(back.meters[0].parts[0].quantities[0].source, 9);
    ck_assert_int_eq(back.meters[1].whole_days, 0);
    ck_assert(!back.meters[1].has_limit);
    r.lines[0].label_es = "\xff"; /* no UTF-8: refused before it is signed */
    buf_clear(&text);
    bill_row_print(&r, &text);
    ck_assert_int_ne(schema_check(s, text.data, text.len, &billing_err), ERR_OK);
    r.lines[0].label_es = "";
    r.total = INT64_C(1) << 53; /* beyond what JSON keeps */
    buf_clear(&text);
    bill_row_print(&r, &text);
    ck_assert_int_ne(schema_check(s, text.data, text.len, &billing_err), ERR_OK);
    buf_release(&text);
}
END_TEST

/* ---- the tables of a run ---- */

static const char *const dumps[] = {
    "SELECT group_concat(quote(id) || quote(run) || quote(account) || quote(start_date) || "
    "quote(end_date) || quote(issued) || quote(due) || quote(currency) || quote(total) || "
    "quote(seq) || quote(item)) FROM bill",
    "SELECT group_concat(quote(bill) || quote(register) || quote(from_reading) || "
    "quote(to_reading) || quote(consumption) || quote(days) || quote(whole_days) || "
    "quote(tariff) || quote(threshold) || quote(flags)) FROM bill_meter",
    "SELECT group_concat(quote(bill) || quote(register) || quote(part) || quote(start_date) || "
    "quote(days) || quote(consumption) || quote(tariff) || quote(threshold)) FROM bill_part",
    "SELECT group_concat(quote(bill) || quote(line) || quote(register) || quote(part) || "
    "quote(component) || quote(formula) || quote(label_es) || quote(label_en) || "
    "quote(quantity) || quote(unit) || quote(price) || quote(amount) || quote(explanation)) "
    "FROM bill_line",
    "SELECT group_concat(quote(bill) || quote(register) || quote(consumption) || "
    "quote(threshold) || quote(excess) || quote(amount)) FROM surcharge",
    "SELECT group_concat(quote(id) || quote(meter) || quote(rule) || quote(date) || "
    "quote(bill) || quote(observed) || quote(threshold)) FROM alert WHERE bill IS NOT NULL"};

static void tables_dump(struct buf *out)
{
    buf_init(out, (size_t)1 << 20);
    for (size_t i = 0; i < sizeof dumps / sizeof dumps[0]; i++) {
        struct stmt *q = NULL;
        bool row = false;
        ck_assert_int_eq(db_query(billing.office->db, &q, &billing_err, dumps[i], NO_VALS),
                         ERR_OK);
        ck_assert_int_eq(stmt_next(q, &row, &billing_err), ERR_OK);
        ck_assert_msg(!stmt_is_null(q, 0), "nothing to compare: %s", dumps[i]);
        buf_adds(out, stmt_text(q, 0));
        stmt_done(q);
    }
    ck_assert(!out->failed);
}

static int64_t batch_seq;

static enum err_code again_from_text(void *ctx, int64_t index, const char *item, size_t len,
                                     struct err *e)
{
    const struct json *data = ctx;
    struct entry en = {
        .seq = batch_seq, .kind = "billing.batch", .version = 1, .date = "2026-11-02"};
    struct bill_row r;
    en.data = (struct json *)(uintptr_t)data;
    row_read(item, len, index, &r);
    ck_prints(&r, item, len);
    return office_projector.item(billing.office->db, &en, index, item, len, &arena, e);
}

/* Prices that change within the month, a register that another tariff names, and a limit. */
static void run_with_parts(void)
{
    static const char next[] =
        "{\"aforo_tariff\":1,\"code\":\"doc07-water\",\"version\":9,\"name\":{\"es\":\"A\","
        "\"en\":\"B\"},\"kind\":\"water\",\"currency\":\"USD\",\"valid_from\":\"2026-09-15\","
        "\"unit\":\"m3\",\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\"},\"components\":"
        "[{\"type\":\"surcharge\",\"id\":\"over\",\"label\":{\"es\":\"Exceso\",\"en\":\"Over\"}"
        ","
        "\"price\":\"0.35\"}]}";
    fixture_run(&billing, billing.ana, "tariff publish", "file", billing_file("t.json", next),
                NULL);
    fixture_run(&billing, billing.olga, "reading add", "serial", "W00001", "value", "10",
                "time", "2026-09-01 08:00", NULL);
    fixture_run(&billing, billing.olga, "reading add", "serial", "W00001", "value", "45",
                "time", "2026-09-30 08:00", NULL);
    fixture_run(&billing, billing.marta, "bill run", "from", "2026-09-01", "to", "2026-10-01",
                NULL);
}

START_TEST(a_run_writes_the_rows_that_its_items_say)
{
    static const char *const drop[] = {"DELETE FROM alert WHERE bill IS NOT NULL",
                                       "DELETE FROM surcharge",
                                       "DELETE FROM bill_line",
                                       "DELETE FROM bill_part",
                                       "DELETE FROM bill_meter",
                                       "DELETE FROM bill"};
    struct db *db = billing.office->db;
    struct buf before;
    struct buf after;
    struct json *data = json_new_object(&arena);
    run_with_parts();
    ck_assert_int_ge(billing_count("SELECT count(*) FROM bill_part"), 2);
    tables_dump(&before);
    batch_seq = billing_count("SELECT max(seq) FROM bill");
    ck_assert(json_set_int(&arena, data, "run", 1));
    ck_assert_int_eq(db_begin(db, &billing_err), ERR_OK);
    for (size_t i = 0; i < sizeof drop / sizeof drop[0]; i++) {
        ck_assert_msg(db_exec(db, drop[i], &billing_err) == ERR_OK, "%s", billing_err.text);
    }
    ck_assert_msg(items_each(db, batch_seq, true, again_from_text, data, NULL, NULL,
                             &billing_err) == ERR_OK,
                  "%s", billing_err.text);
    tables_dump(&after);
    ck_assert_str_eq(buf_str(&after), buf_str(&before));
    ck_assert_int_eq(
        db_exec(db, "UPDATE bill_line SET amount = amount + 1 WHERE line = 1", &billing_err),
        ERR_OK);
    buf_release(&after);
    tables_dump(&after); /* one cent elsewhere would be seen */
    ck_assert_str_ne(buf_str(&after), buf_str(&before));
    db_rollback(db);
    buf_release(&before);
    buf_release(&after);
}
END_TEST

Suite *suite_bill_row(void)
{
    Suite *s = suite_create("bill_row");
    TCase *t = tcase_create("text");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_printed_bill_is_canonical_fits_its_schema_and_reads_back);
    suite_add_tcase(s, t);
    t = tcase_create("office");
    tcase_add_checked_fixture(t, billing_setup, billing_teardown);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_run_writes_the_rows_that_its_items_say);
    suite_add_tcase(s, t);
    return s;
}
