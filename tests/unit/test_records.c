/* Customers, accounts, assignments, balances and bills of an earlier system: brought, brought
 * again, refused by field, counted without being brought, and taken back. */
#include <config.h>

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/import_report.h"
#include "app/query_find.h"
#include "lib/office_fixture.h"
#include "lib/workbook.h"

Suite *suite_records(void);

static struct office_fixture f;
static struct err e;
static struct import_report report;

static const char *const mappings[][2] = {
    {"customers", "{\"kind\":\"customers\",\"columns\":{\"customer_number\":\"no\",\"name\":"
                  "\"name\",\"phone\":\"phone\"}}"},
    {"accounts", "{\"kind\":\"accounts\",\"columns\":{\"account\":\"account\",\"old_account\":"
                 "\"old\",\"customer_number\":\"no\",\"opened\":\"opened\"}}"},
    {"assignments", "{\"kind\":\"assignments\",\"columns\":{\"serial\":\"serial\","
                    "\"old_account\":\"old\",\"start\":\"start\",\"end\":\"end\"},"
                    "\"constants\":{\"tariff\":\"doc07-water\"}}"},
    {"balances", "{\"kind\":\"balances\",\"columns\":{\"account\":\"account\",\"old_account\":"
                 "\"old\",\"amount\":\"amount\",\"due\":\"due\",\"reference\":\"bill\"},"
                 "\"decimal\":\",\",\"separator\":\";\",\"time_format\":\"%d/%m/%Y\"}"},
    {"bills", "{\"kind\":\"bills\",\"columns\":{\"old_account\":\"old\",\"number\":\"number\","
              "\"issued\":\"issued\",\"amount\":\"amount\",\"serial\":\"serial\"}}"},
};

static void write_text(const char *name, const char *text, char path[FIXTURE_PATH_MAX + 32])
{
    (void)snprintf(path, FIXTURE_PATH_MAX + 32, "%s/%s", f.dir, name);
    FILE *out = fopen(path, "w");
    ck_assert(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0);
}

/* Run "import KIND" over a text; the report is in `report`. */
static enum err_code import_as(struct session *who, const char *kind, const char *text,
                               bool dry)
{
    char path[FIXTURE_PATH_MAX + 32];
    char name[64];
    struct ticket t;
    struct arena arena;
    (void)snprintf(name, sizeof name, "import %s", kind);
    write_text("rows.csv", text, path);
    e = (struct err)ERR_INIT;
    report = (struct import_report){0};
    arena_init(&arena, (size_t)64 << 20);
    struct command_ctx c = {.office = f.office,
                            .session = who,
                            .command = command_find(name),
                            .arena = &arena,
                            .report = &report};
    ck_assert_int_eq(arg_set(&c, "file", path, &e), ERR_OK);
    ck_assert_int_eq(arg_set(&c, "mapping", kind, &e), ERR_OK);
    if (dry) {
        ck_assert_int_eq(arg_set(&c, "dry-run", "1", &e), ERR_OK);
    }
    enum err_code code = command_run(&c, &t, &e);
    arena_release(&arena);
    return code;
}

static void import_all(const char *kind, const char *text, uint64_t stored, uint64_t already,
                       uint64_t refused)
{
    enum err_code code = import_as(f.ana, kind, text, false);
    ck_assert_msg(code == (refused > 0 ? ERR_PARSE : ERR_OK), "%s: %s", kind, e.text);
    ck_assert_msg(report.stored.accepted == stored && report.already == already &&
                      report.refused == refused,
                  "%s: %" PRIu64 " %" PRIu64 " %" PRIu64 ": %s", kind, report.stored.accepted,
                  report.already, report.refused,
                  report.first_count > 0 ? report.first[0].text : "");
}

static int64_t count(const char *sql)
{
    int64_t n = -1;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

static void setup(void)
{
    fixture_init(&f);
    e = (struct err)ERR_INIT;
    fixture_meters(&f, 3);
    for (size_t i = 0; i < sizeof mappings / sizeof mappings[0]; i++) {
        char path[FIXTURE_PATH_MAX + 32];
        write_text("mapping.json", mappings[i][1], path);
        (void)fixture_run(&f, f.ana, "mapping save", "name", mappings[i][0], "file", path,
                          NULL);
    }
}

static void teardown(void)
{
    fixture_free(&f);
}

#define CUSTOMERS "no,name,phone\n10,Ofelia Rojas,2222 1010\n11,Tomás Vega,2222 1111\n"
#define ACCOUNTS                                                                               \
    "account,old,no,opened\nV-1,00-17,10,2019-02-01\nV-2,00-18,11,2020-05-01\nV-3,,11,\n"
#define BALANCES                                                                               \
    "account;old;amount;due;bill\n;00-17;41,50;15/09/2026;F-990\n;00-17;10,00;15/08/2026;F-"   \
    "980\n;00-18;-3,25;;\nV-3;;0;;\n"

START_TEST(what_is_brought_twice_changes_nothing)
{
    import_all("customers", CUSTOMERS, 2, 0, 0);
    import_all("accounts", ACCOUNTS, 3, 0, 0);
    import_all("balances", BALANCES, 3, 1, 0);
    int64_t entries = count("SELECT count(*) FROM entry");
    import_all("customers", CUSTOMERS, 0, 2, 0);
    import_all("accounts", ACCOUNTS, 0, 3, 0);
    import_all("balances", BALANCES, 0, 4, 0);
    ck_assert_int_eq(count("SELECT count(*) FROM entry"), entries);
    ck_assert_int_eq(count("SELECT sum(amount) FROM posting"), 4150 + 1000 - 325);
    ck_assert_int_eq(count("SELECT customer FROM account WHERE number = 'V-3'"), 5);
    ck_assert_int_eq(count("SELECT count(*) FROM old_number"), 4);
}
END_TEST

START_TEST(each_fault_names_its_field)
{
    static const struct {
        const char *kind, *row, *text;
    } rows[] = {
        {"customers", "no,name,phone\n,Ana,1\n", "field customer_number: it is empty"},
        {"customers", "no,name,phone\n12,,1\n", "field name: it is empty"},
        {"customers", "no,name,phone\n10,Otra,2222 1010\n", "field name: customer 10"},
        {"accounts", "account,old,no,opened\nV-9,1,99,\n",
         "field customer_number: no customer"},
        {"accounts", "account,old,no,opened\n,1,10,\n", "field account: it is empty"},
        {"accounts", "account,old,no,opened\nV-9,00-17,10,\n",
         "field old_account: account 00-17"},
        {"accounts", "account,old,no,opened\nV-1,00-17,11,\n", "field account: there is"},
        {"accounts", "account,old,no,opened\nV-9,1,10,2019\n", "field opened: \"2019\""},
        {"assignments", "serial,old,start,end\nNADA,00-17,2020-01-01,\n", "\"NADA\""},
        {"assignments", "serial,old,start,end\nW00001,77,2020-01-01,\n", "field old_account"},
        {"assignments", "serial,old,start,end\nW00001,00-17,2026-02-01,\n",
         "field start: some"},
        {"assignments", "serial,old,start,end\nW00001,00-17,2020-02-01,2020-02-01\n",
         "field end: 2020-02-01 is not after"},
        {"balances", "account;old;amount;due;bill\nV-1;;1.5;;\n", "field amount: \"1.5\""},
        {"balances", "account;old;amount;due;bill\nV-1;;1,555;;\n", "field amount"},
        {"balances", "account;old;amount;due;bill\nV-1;00-18;1;;\n",
         "field old_account: \"00-18\" was another"},
        {"balances", "account;old;amount;due;bill\n;;1;;\n", "field account: it is empty"},
        {"bills", "old,number,issued,amount,serial\n00-17,,2020-01-01,1,\n",
         "field number: it is empty"},
        {"bills", "old,number,issued,amount,serial\n00-17,F1,,1,\n",
         "field issued: it is empty"},
        {"bills", "old,number,issued,amount,serial\n00-17,F1,2020-01-01,1,NADA\n", "\"NADA\""},
    };
    import_all("customers", CUSTOMERS, 2, 0, 0);
    import_all("accounts", ACCOUNTS, 3, 0, 0);
    int64_t entries = count("SELECT count(*) FROM entry");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        import_all(rows[i].kind, rows[i].row, 0, 0, 1);
        ck_assert_uint_eq(report.first[0].line, 2);
        ck_assert_msg(strstr(report.first[0].text, rows[i].text) != NULL, "%s: %s", rows[i].row,
                      report.first[0].text);
    }
    ck_assert_int_eq(count("SELECT count(*) FROM entry"), entries);
}
END_TEST

START_TEST(a_dry_run_counts_what_would_happen_and_changes_nothing)
{
    static char many[200000];
    size_t at = (size_t)snprintf(many, sizeof many, "no,name,phone\n");
    for (int i = 0; i < 3000; i++) { /* three batches; the last rows repeat the first */
        at += (size_t)snprintf(many + at, sizeof many - at, "%d,N%d,1\n", i % 2990, i % 2990);
    }
    (void)snprintf(many + at, sizeof many - at, "5,Otro,1\n,x,1\n");
    int64_t entries = count("SELECT count(*) FROM entry");
    for (int dry = 1; dry >= 0; dry--) {
        ck_assert_int_eq(import_as(f.ana, "customers", many, dry == 1), ERR_PARSE);
        ck_assert_uint_eq(report.rows, 3002);
        ck_assert_uint_eq(report.stored.accepted, 2990);
        ck_assert_uint_eq(report.already, 10);
        ck_assert_uint_eq(report.refused, 2);
        ck_assert_uint_eq(report.first[0].line, 3003); /* as it is read */
        ck_assert_uint_eq(report.first[1].line, 3002);
        if (dry == 1) {
            ck_assert_int_eq(count("SELECT count(*) FROM entry"), entries);
            ck_assert_int_eq(count("SELECT count(*) FROM import_run"), 0);
        }
    }
    ck_assert_int_eq(count("SELECT count(*) FROM old_number"), 2990);
}
END_TEST

START_TEST(imports_are_taken_back_last_first)
{
    import_all("customers", CUSTOMERS, 2, 0, 0);
    import_all("accounts", ACCOUNTS, 3, 0, 0);
    import_all("assignments",
               "serial,old,start,end\nW00001,00-17,2020-01-01,2021-01-01\nW00001,00-18,2021-"
               "01-01,2022-01-01\nW00001,00-18,2020-06-01,2020-07-01\n",
               2, 0, 1);
    import_all("bills",
               "old,number,issued,amount,serial\n00-17,F1,2020-01-01,1,W00001\n00-17,F2,2020-"
               "02-01,2,\n00-17,F1,2020-01-01,1,W00001\n",
               2, 1, 0);
    int64_t customers = count("SELECT count(*) FROM customer");
    static const char *const again[] = {"1", "2"};
    for (size_t i = 0; i < 2; i++) {
        e = (struct err)ERR_INIT;
        ck_assert_int_eq(
            fixture_try(&f, f.ana, NULL, &e, "import discard", "run", again[i], NULL),
            ERR_STATE);
    }
    for (const char *run = "4321"; *run != '\0'; run++) {
        char one[2] = {*run, '\0'};
        (void)fixture_run(&f, f.ana, "import discard", "run", one, NULL);
    }
    ck_assert_int_eq(count("SELECT count(*) FROM customer"), customers - 2);
    ck_assert_int_eq(count("SELECT count(*) FROM old_number"), 0);
    ck_assert_int_eq(count("SELECT count(*) FROM old_bill"), 0);
    ck_assert_int_eq(count("SELECT count(*) FROM assignment"), 3);
    ck_assert_int_eq(count("SELECT count(*) FROM personal WHERE owner = 'customer' AND id > 3"),
                     0);
    import_all("customers", CUSTOMERS, 2, 0, 0);
}
END_TEST

START_TEST(balances_are_undone_by_their_opposites)
{
    import_all("customers", CUSTOMERS, 2, 0, 0);
    import_all("accounts", ACCOUNTS, 3, 0, 0);
    import_all("balances", BALANCES, 3, 1, 0);
    (void)fixture_run(&f, f.marta, "payment take", "account", "V-1", "amount", "20", "method",
                      "transfer", "slip", "t1", NULL);
    (void)fixture_run(&f, f.ana, "import discard", "run", "3", NULL);
    ck_assert_int_eq(count("SELECT sum(amount) FROM posting WHERE kind = 'opening'"), 0);
    ck_assert_int_eq(count("SELECT sum(open) FROM posting WHERE kind = 'opening'"), 0);
    ck_assert_int_eq(count("SELECT sum(open) FROM posting WHERE kind = 'payment'"), -2000);
    ck_assert_int_eq(count("SELECT count(*) FROM opened_balance"), 0);
    /* V-2 has nothing but what cancels out: it may be opened again; V-1 was paid. */
    import_all("balances", BALANCES, 1, 1, 2);
}
END_TEST

START_TEST(what_was_erased_does_not_come_back)
{
    import_all("customers", CUSTOMERS, 2, 0, 0);
    (void)fixture_run(&f, f.ana, "personal erase", "customer", "4", "reason", "asked", "force",
                      "1", NULL);
    import_all("customers", CUSTOMERS, 0, 2, 0);
    ck_assert_int_eq(count("SELECT count(*) FROM personal WHERE value LIKE 'Ofelia%'"), 0);
}
END_TEST

START_TEST(an_old_number_is_found)
{
    struct find_hit hits[FIND_HITS_MAX];
    size_t n = 0;
    bool more = false;
    import_all("customers", CUSTOMERS, 2, 0, 0);
    import_all("accounts", ACCOUNTS, 3, 0, 0);
    import_all("bills", "old,number,issued,amount,serial\n00-17,F-1988,2020-01-01,1,\n", 1, 0,
               0);
    ck_assert_int_eq(office_find(f.office, 0, "0017", hits, &n, &more, &e), ERR_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(hits[0].account, "V-1");
    ck_assert_int_eq(hits[0].field, FIND_OLD_NUMBER);
    ck_assert_int_eq(office_find(f.office, 0, "f1988", hits, &n, &more, &e), ERR_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(hits[0].field, FIND_OLD_BILL);
    ck_assert_str_eq(hits[0].account, "V-1");
}
END_TEST

/* Import readings from a workbook of these rows; the mapping writes numbers and dates otherwise
 * than the sheet does. */
static enum err_code import_sheet(const char *more, const char *rows, const char *after)
{
    char book[FIXTURE_PATH_MAX + 32];
    char path[FIXTURE_PATH_MAX + 32];
    char text[600];
    struct ticket t;
    struct arena arena;
    static char sheet[8192];
    (void)snprintf(text, sizeof text,
                   "{\"kind\":\"readings\",\"columns\":{\"serial\":\"Serie\",\"date\":"
                   "\"Fecha\",\"time\":\"Hora\",\"value\":\"Valor\"},\"time_format\":"
                   "\"%%d/%%m/%%Y %%H:%%M\",\"decimal\":\",\",\"unit\":\"m3\",\"as_of\":"
                   "\"newest\"%s}",
                   more);
    write_text("mapping.json", text, path);
    (void)fixture_run(&f, f.ana, "mapping save", "name", "hoja", "file", path, NULL);
    (void)snprintf(book, sizeof book, "%s/libro.xlsx", f.dir);
    (void)snprintf(sheet, sizeof sheet,
                   "<sheetData><row r=\"1\"><c t=\"str\"><v>Serie</v></c><c t=\"str\"><v>Fecha"
                   "</v></c><c t=\"str\"><v>Hora</v></c><c t=\"str\"><v>Valor</v></c><c "
                   "t=\"e\"><v>#REF!</v></c></row>%s</sheetData>%s",
                   rows, after);
    ck_assert(workbook_write(book, false, sheet, NULL));
    e = (struct err)ERR_INIT;
    report = (struct import_report){0};
    arena_init(&arena, (size_t)64 << 20);
    struct command_ctx c = {.office = f.office,
                            .session = f.ana,
                            .command = command_find("import readings"),
                            .arena = &arena,
                            .report = &report};
    ck_assert_int_eq(arg_set(&c, "file", book, &e), ERR_OK);
    ck_assert_int_eq(arg_set(&c, "mapping", "hoja", &e), ERR_OK);
    enum err_code code = command_run(&c, &t, &e);
    arena_release(&arena);
    return code;
}

#define SERIAL "<c t=\"str\"><v>W00001</v></c>"

START_TEST(a_workbook_is_read_by_its_types)
{
    ck_assert_msg(
        import_sheet(
            "",
            "<row>" SERIAL "<c s=\"1\"><v>46054</v></c><c "
            "s=\"2\"><v>0.427083333333333</v></c><c><v>1.1000000000000001</v></c></row>"
            "<row>" SERIAL "<c t=\"str\"><v>02/03/2026</v></c><c "
            "t=\"str\"><v>08:30</v></c><c t=\"str\"><v>2,25</v></c></row>",
            "") == ERR_OK,
        "%s", e.text);
    ck_assert_uint_eq(report.stored.accepted, 2);
    ck_assert_int_eq(count("SELECT value FROM reading WHERE datetime(local, 'unixepoch') = "
                           "'2026-02-01 10:15:00'"),
                     1100);
    ck_assert_int_eq(count("SELECT value FROM reading WHERE datetime(local, 'unixepoch') = "
                           "'2026-03-02 08:30:00'"),
                     2250);
}
END_TEST

START_TEST(what_a_sheet_hides_or_spoils_is_refused_by_its_cell)
{
    static const char rows[] =
        "<row r=\"2\" hidden=\"1\">" SERIAL "<c s=\"1\"><v>46054</v></c><c "
        "s=\"2\"><v>0.5</v></c><c><v>1</v></c></row>"
        "<row r=\"3\">" SERIAL "<c s=\"1\"><v>46055</v></c><c s=\"2\"><v>0.5</v></c><c "
        "s=\"1\"><v>2</v></c></row>"
        "<row r=\"4\">" SERIAL "<c s=\"1\"><v>46056</v></c><c s=\"2\"><v>0.5</v></c><c><f>A1"
        "</f></c></row>"
        "<row r=\"5\">" SERIAL "<c s=\"1\"><v>46057</v></c><c s=\"2\"><v>0.5</v></c><c><v>2</v>"
        "</c></row>";
    static const char merged[] = "<mergeCells><mergeCell ref=\"D5:D6\"/></mergeCells>";
    ck_assert_int_eq(import_sheet("", rows, merged), ERR_PARSE);
    ck_assert_uint_eq(report.refused, 4);
    ck_assert_uint_eq(report.refused_by[REFUSE_HIDDEN], 1);
    ck_assert_uint_eq(report.refused_by[REFUSE_BAD_CELL], 3);
    ck_assert_ptr_nonnull(
        strstr(report.first[1].text, "field value: the sheet holds the date"));
    ck_assert_ptr_nonnull(strstr(report.first[2].text, "D4 holds a formula"));
    ck_assert_ptr_nonnull(strstr(report.first[3].text, "D5 is merged"));
    ck_assert_int_eq(import_sheet(",\"hidden_rows\":\"skip\"", rows, ""), ERR_PARSE);
    ck_assert_uint_eq(report.rows, 3);
    ck_assert_uint_eq(report.stored.accepted, 1);
    ck_assert_int_eq(import_sheet(",\"hidden_rows\":\"take\"", rows, ""), ERR_PARSE);
    ck_assert_uint_eq(report.rows, 4);
    ck_assert_uint_eq(report.already, 1);
    ck_assert_uint_eq(report.stored.accepted, 1);
    ck_assert_int_eq(import_sheet(",\"sheet\":\"Nada\"", rows, ""), ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(e.text, "no sheet \"Nada\""));
}
END_TEST

START_TEST(who_may_not_import_is_refused)
{
    ck_assert_int_eq(import_as(f.olga, "customers", CUSTOMERS, true), ERR_DENIED);
    ck_assert_int_eq(import_as(f.olga, "balances", BALANCES, false), ERR_DENIED);
}
END_TEST

Suite *suite_records(void)
{
    Suite *s = suite_create("records");
    TCase *t = tcase_create("office");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_is_brought_twice_changes_nothing);
    tcase_add_test(t, each_fault_names_its_field);
    tcase_add_test(t, a_dry_run_counts_what_would_happen_and_changes_nothing);
    tcase_add_test(t, imports_are_taken_back_last_first);
    tcase_add_test(t, balances_are_undone_by_their_opposites);
    tcase_add_test(t, what_was_erased_does_not_come_back);
    tcase_add_test(t, an_old_number_is_found);
    tcase_add_test(t, a_workbook_is_read_by_its_types);
    tcase_add_test(t, what_a_sheet_hides_or_spoils_is_refused_by_its_cell);
    tcase_add_test(t, who_may_not_import_is_refused);
    suite_add_tcase(s, t);
    return s;
}
