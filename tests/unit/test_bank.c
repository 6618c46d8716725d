/* Statements of banks: what a hostile one may not make us do. That sound ones are read right is
 * shown by tests/e2e/bank.sh over files of others. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/bank.h"
#include "tests/unit/check_domain.h"

#define HEAD                                                                                   \
    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>"
#define TAIL "</BkToCstmrStmt></Document>"
#define ENTRY                                                                                  \
    "<Stmt><Id>s</Id><Ntry><Amt Ccy=\"EUR\">3</Amt><CdtDbtInd>CRDT</CdtDbtInd>"                \
    "<ValDt><Dt>2026-01-01</Dt></ValDt><NtryDtls>"
#define ENTRY_END "</NtryDtls></Ntry></Stmt>"

static struct arena arena;
static struct buf text;
static struct bank_file file;
static struct err e;

static void setup(void)
{
    arena_init(&arena, (size_t)1 << 30);
    buf_init(&text, (size_t)16 << 20);
    e = (struct err)ERR_INIT;
}

static void teardown(void)
{
    arena_release(&arena);
    buf_release(&text);
}

static void add(const char *what, int times)
{
    for (int i = 0; i < times; i++) {
        buf_adds(&text, what);
    }
}

static enum err_code camt(void)
{
    ck_assert(!text.failed);
    return bank_read_camt(text.data, text.len, &arena, &file, &e);
}

START_TEST(a_file_has_so_many_statements_and_no_more)
{
    add(HEAD, 1);
    add("<Stmt/>", BANK_STATEMENTS_MAX);
    size_t len = text.len;
    add(TAIL, 1);
    ck_assert_int_eq(camt(), ERR_OK);
    ck_assert_uint_eq(file.count, BANK_STATEMENTS_MAX);
    text.len = len;
    add("<Stmt/>" TAIL, 1);
    ck_assert_int_eq(camt(), ERR_LIMIT);
    ck_assert_msg(strstr(e.text, "10000 statements") != NULL, "%s", e.text);
}
END_TEST

START_TEST(a_statement_has_so_many_transactions_and_no_more)
{
    file = (struct bank_file){0};
    ck_assert_ptr_nonnull(bank_statement_add(&file, &arena, &e));
    ck_assert_ptr_nonnull(bank_txn_add(&file, &arena, &e));
    struct bank_statement *t = &file.statements[0];
    t->count = BANK_TXNS_MAX; /* as if it had them, and room for more */
    t->size = (size_t)2 * BANK_TXNS_MAX;
    ck_assert_ptr_null(bank_txn_add(&file, &arena, &e));
    ck_assert_int_eq(e.code, ERR_LIMIT);
}
END_TEST

START_TEST(remittance_in_lines_is_one_text_and_has_an_end)
{
    add(HEAD ENTRY
        "<TxDtls><RmtInf><Ustrd>one</Ustrd><Ustrd>two</Ustrd></RmtInf></TxDtls>" ENTRY_END TAIL,
        1);
    ck_assert_int_eq(camt(), ERR_OK);
    ck_assert_uint_eq(file.statements[0].count, 1);
    ck_assert_str_eq(file.statements[0].txns[0].text, "one two");
    buf_clear(&text);
    add(HEAD ENTRY "<TxDtls><RmtInf>", 1);
    add("<Ustrd>a</Ustrd>", 40000);
    add("</RmtInf></TxDtls>" ENTRY_END TAIL, 1);
    ck_assert_int_eq(camt(), ERR_LIMIT);
    ck_assert_msg(strstr(e.text, "65535") != NULL, "%s", e.text);
}
END_TEST

START_TEST(details_that_do_not_all_say_their_amount_stay_one_entry)
{
    add(HEAD ENTRY "<TxDtls><Amt Ccy=\"EUR\">1</Amt></TxDtls><TxDtls><Amt "
                   "Ccy=\"EUR\">2</Amt></TxDtls>" ENTRY_END TAIL,
        1);
    ck_assert_int_eq(camt(), ERR_OK);
    ck_assert_uint_eq(file.statements[0].count, 2);
    buf_clear(&text);
    add(HEAD ENTRY "<TxDtls><Amt Ccy=\"EUR\">3</Amt></TxDtls><TxDtls/>" ENTRY_END TAIL, 1);
    ck_assert_int_eq(camt(), ERR_OK);
    ck_assert_uint_eq(file.statements[0].count, 1);
    ck_assert_int_eq(file.statements[0].txns[0].amount, 300);
    /* The next entry is judged by itself. */
    buf_clear(&text);
    add(HEAD ENTRY "<TxDtls/><TxDtls/></NtryDtls></Ntry></Stmt>" ENTRY
                   "<TxDtls><Amt Ccy=\"EUR\">1</Amt></TxDtls><TxDtls><Amt "
                   "Ccy=\"EUR\">2</Amt></TxDtls>" ENTRY_END TAIL,
        1);
    ck_assert_int_eq(camt(), ERR_OK);
    ck_assert_uint_eq(file.statements[0].count, 1);
    ck_assert_uint_eq(file.statements[1].count, 2);
}
END_TEST

/* A sample of others, from tests/fixtures/bank. */
static void sample(const char *name, struct buf *out)
{
    char path[1024];
    char chunk[4096];
    size_t n = 0;
    const char *top = getenv("AFORO_SRCDIR");
    (void)snprintf(path, sizeof path, "%s/tests/fixtures/bank/%s", top != NULL ? top : "..",
                   name);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s is missing", path);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        buf_add(out, chunk, n);
    }
    ck_assert(fclose(f) == 0 && !out->failed && out->len > 0);
}

/* Read, and told why not: a sentence, never half a file. */
static enum err_code outcome(const char *data, size_t len)
{
    arena_reset(&arena);
    e = (struct err)ERR_INIT;
    enum err_code code = bank_read(data, len, &arena, &file, &e);
    ck_assert(code == ERR_OK ? file.count > 0 : e.text[0] != '\0');
    return code;
}

START_TEST(a_camt_file_cut_anywhere_is_refused)
{
    sample("camt053.v2.multi.statement.xml", &text);
    size_t end = text.len;
    while (text.data[end - 1] != '>') {
        end--;
    }
    ck_assert_int_eq(outcome(text.data, end), ERR_OK);
    for (size_t n = 0; n < end; n++) {
        ck_assert_msg(outcome(text.data, n) != ERR_OK, "cut at byte %zu", n);
    }
}
END_TEST

/* Every element in turn emptied, and taken out with what is in it: refused or read, and what is
 * read has all that a payment needs. */
START_TEST(a_camt_file_lacking_any_element_is_refused_or_whole)
{
    struct buf sound;
    size_t refused = 0, read = 0;
    buf_init(&sound, (size_t)1 << 20);
    sample("camt053.v2.multi.statement.xml", &sound);
    for (size_t at = 0; at < sound.len; at++) {
        if (sound.data[at] != '<' || sound.data[at + 1] == '/' || sound.data[at + 1] == '?') {
            continue;
        }
        char end[64];
        size_t name = strcspn(sound.data + at + 1, " >/");
        (void)snprintf(end, sizeof end, "</%.*s>", (int)name, sound.data + at + 1);
        const char *open = strchr(sound.data + at, '>');
        const char *close = strstr(sound.data + at, end);
        for (int whole = 0; close != NULL && whole < 2; whole++) {
            buf_clear(&text);
            buf_add(&text, sound.data, whole == 1 ? at : (size_t)(open + 1 - sound.data));
            buf_adds(&text, whole == 1 ? close + strlen(end) : close);
            if (outcome(text.data, text.len) != ERR_OK) {
                refused++;
                continue;
            }
            read++;
            for (size_t s = 0; s < file.count; s++) {
                for (size_t t = 0; t < file.statements[s].count; t++) {
                    const struct bank_txn *x = &file.statements[s].txns[t];
                    ck_assert(x->currency != NULL && x->date.year > 2000 && x->text != NULL &&
                              x->name != NULL && x->end_to_end != NULL &&
                              (x->amount == 885 || x->amount == -700));
                }
            }
        }
    }
    ck_assert_uint_gt(refused, 20);
    ck_assert_uint_gt(read, 50);
    buf_release(&sound);
}
END_TEST

START_TEST(an_entry_without_a_sign_is_nobodys_credit)
{
    add(HEAD "<Stmt><Id>s</Id><Ntry><Amt Ccy=\"EUR\">3</Amt><ValDt><Dt>2026-01-01</Dt>"
             "</ValDt></Ntry></Stmt>" TAIL,
        1);
    ck_assert_int_eq(camt(), ERR_PARSE);
    ck_assert_msg(strstr(e.text, "neither credit nor debit") != NULL, "%s", e.text);
}
END_TEST

/* Cut behind a closing balance a file is whole; anywhere else it is refused. */
START_TEST(an_mt940_file_cut_anywhere_is_refused_or_whole)
{
    sample("betterplace-sepa_mt9401.sta", &text);
    size_t whole = 0;
    ck_assert_int_eq(outcome(text.data, text.len), ERR_OK);
    size_t statements = file.count;
    for (size_t n = 0; n < text.len; n += 11) {
        if (outcome(text.data, n) == ERR_OK) {
            whole++;
            ck_assert_uint_le(file.count, statements);
            for (size_t s = 0; s + 1 < file.count; s++) {
                ck_assert(bank_statement_balanced(&file.statements[s]));
            }
        }
    }
    ck_assert_uint_gt(whole, 0);
}
END_TEST

START_TEST(a_long_customers_reference_stands_in_field_86)
{
    add(":20:X\n:25:A\n:28C:1/1\n:60F:C260101EUR0,\n"
        ":61:2601020102C3,NTRFKREF+//B1\n:86:166?20KREF+FACTURA 2026-00000017?21 "
        "AGUA?22SVWZ+gracias\n:61:2601020102C4,NTRFNONREF//B2\n:86:166?20KREF+otra\n"
        ":62F:C260102EUR7,\n-\n",
        1);
    ck_assert_int_eq(outcome(text.data, text.len), ERR_OK);
    ck_assert_str_eq(file.statements[0].txns[0].customer_reference,
                     "FACTURA 2026-00000017 AGUA");
    ck_assert_str_eq(file.statements[0].txns[0].bank_reference, "B1");
    ck_assert_str_eq(file.statements[0].txns[1].customer_reference, "NONREF");
}
END_TEST

static const struct bank_txn *only_txn(const char *field61)
{
    buf_clear(&text);
    buf_addf(&text, ":20:X\n:25:A\n:28C:1/1\n:60F:C260101EUR5,\n%s\n:62F:C260102EUR8,\n-\n",
             field61);
    ck_assert_msg(outcome(text.data, text.len) == ERR_OK, "%s: %s", field61, e.text);
    ck_assert_uint_eq(file.statements[0].count, 1);
    return &file.statements[0].txns[0];
}

/* The booking date has no year: it is the one nearest to the value date. */
START_TEST(a_booking_date_lies_nearest_to_its_value_date)
{
    static const struct {
        const char *field;
        struct date value, entry;
    } rows[] = {
        {":61:2601020103C3,NTRFX", {2026, 1, 2}, {2026, 1, 3}},
        {":61:2601021231C3,NTRFX", {2026, 1, 2}, {2025, 12, 31}},
        {":61:2512310102C3,NTRFX", {2025, 12, 31}, {2026, 1, 2}},
        {":61:2512301231C3,NTRFX", {2025, 12, 30}, {2025, 12, 31}},
        {":61:800102C3,NTRFX", {1980, 1, 2}, {1980, 1, 2}},
        {":61:791231C3,NTRFX", {2079, 12, 31}, {2079, 12, 31}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct bank_txn *t = only_txn(rows[i].field);
        ck_assert_msg(date_cmp(t->date, rows[i].value) == 0, "row %zu: value", i);
        ck_assert_msg(date_cmp(t->entry_date, rows[i].entry) == 0, "row %zu: entry", i);
    }
}
END_TEST

START_TEST(a_statement_without_both_balances_is_not_weighed)
{
    struct bank_statement *s = NULL;
    (void)only_txn(":61:260102C3,NTRFX");
    s = &file.statements[0];
    ck_assert(bank_statement_balanced(s));
    s->closing.amount++;
    ck_assert(!bank_statement_balanced(s));
    s->closing.known = false;
    ck_assert(bank_statement_balanced(s));
    s->closing.known = true;
    s->opening.known = false;
    ck_assert(bank_statement_balanced(s));
}
END_TEST

START_TEST(a_purpose_ends_at_the_next_mark)
{
    const struct bank_txn *t =
        only_txn(":61:260102C3,NTRFKREF+\n:86:166?20KREF+K-1 EREF+E-1 MREF+M-1");
    ck_assert_str_eq(t->customer_reference, "K-1");
    ck_assert_str_eq(t->end_to_end, "E-1");
}
END_TEST

START_TEST(the_header_may_share_a_line_with_the_first_field)
{
    add("{1:F01BANKDEFFAXXX}{2:O9400000}{4::20:X\n:25:A\n:28C:7/1\n:60F:C260101EUR5,\n"
        ":62F:C260101EUR5,\n-}\n",
        1);
    ck_assert_int_eq(outcome(text.data, text.len), ERR_OK);
    ck_assert_uint_eq(file.count, 1);
    ck_assert_str_eq(file.statements[0].id, "X");
    ck_assert_str_eq(file.statements[0].number, "7");
}
END_TEST

/* ---- what banks write beyond the standard; each sentence seen in files of theirs ---- */

START_TEST(a_message_may_begin_with_its_number_or_a_banks_own_lines)
{
    /* Rabobank writes ":940:", ABN AMRO its name, ING a line of its own. */
    static const char *const heads[] = {":940:\n", "ABNANL2A\n940\nABNANL2A\n",
                                        "0000 01INGBNL2AXXXX00001\n940 00\n"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        buf_clear(&text);
        buf_addf(&text,
                 "%s:20:X\n:25:A\n:28C:0\n:60F:C260101EUR000000005,00\n"
                 ":62F:C260101EUR5,00\n",
                 heads[i]);
        ck_assert_msg(outcome(text.data, text.len) == ERR_OK, "%s: %s", heads[i], e.text);
        ck_assert_int_eq(file.statements[0].opening.amount, 500);
    }
}
END_TEST

START_TEST(only_tags_of_a_statement_are_tags)
{
    const struct bank_txn *t =
        only_txn(":61:260102C3,NTRFX\n:86:166?20PAGO 12-01-2026T16\n:26:37 FACTURA 9?32Ana");
    ck_assert_str_eq(t->text, "PAGO 12-01-2026T16:26:37 FACTURA 9");
    ck_assert_str_eq(t->name, "Ana");
    t = only_txn(":61:260102C3,NTRFX\n:NS:01de Ana");
    ck_assert_str_eq(t->text, "01de Ana");
    ck_assert_str_eq(t->extra, "");
}
END_TEST

START_TEST(blanks_between_amount_and_type_and_behind_references_mean_nothing)
{
    const struct bank_txn *t = only_txn(":61:260102C3, NTRFA-1      //B-1  \nmore");
    ck_assert_str_eq(t->type, "NTRF");
    ck_assert_str_eq(t->customer_reference, "A-1");
    ck_assert_str_eq(t->bank_reference, "B-1");
}
END_TEST

/* 30/360: interest of February is valued on the 30th. */
START_TEST(the_30th_of_february_is_its_last_day)
{
    static const struct {
        const char *field;
        struct date value;
    } rows[] = {{":61:260230C3,NTRFX", {2026, 2, 28}},
                {":61:2602290228C3,NTRFX", {2026, 2, 28}},
                {":61:240230C3,NTRFX", {2024, 2, 29}},
                {":61:240229C3,NTRFX", {2024, 2, 29}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(date_cmp(only_txn(rows[i].field)->date, rows[i].value) == 0, "row %zu",
                      i);
    }
    buf_clear(&text);
    add(":20:X\n:25:A\n:28C:1\n:60F:C260231EUR5,\n:62F:C260102EUR5,\n", 1);
    ck_assert_int_eq(outcome(text.data, text.len), ERR_PARSE);
    ck_assert_msg(strstr(e.text, "line 4, field 60F: there is no such day") != NULL, "%s",
                  e.text);
}
END_TEST

START_TEST(subfields_are_found_however_they_are_laid_out)
{
    static const struct {
        const char *field, *code, *text, *words, *name, *account;
    } rows[] = {
        {"166?00PAGO?20uno?21dos?32Ana?33 Mora", "166", "unodos", "uno dos", "Ana Mora", ""},
        {"166\n?00PAGO\n?20uno\n?32Ana", "166", "uno", "uno", "Ana", ""},
        {" 020?00PAGO?20uno?3111?32Ana?38PL99", "020", "uno", "uno", "Ana", "PL99"},
        {"020~00PAGO~20uno~32Ana", "020", "uno", "uno", "Ana", ""},
        {"020<00PAGO<20uno<32Ana", "020", "uno", "uno", "Ana", ""},
        {"^00PAGO^20uno^32Ana", "", "uno", "uno", "Ana", ""},
        {"000>100987654321\n>20uno>21 dos", "000", "uno dos", "uno  dos", "", ""},
        /* No subfields. */
        {"123/20 alquiler", "", "123/20 alquiler", "123/20 alquiler", "", ""},
        {"999foo", "", "999foo", "999foo", "", ""},
        {"100?45 y mas", "", "100?45 y mas", "100?45 y mas", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char field[256];
        (void)snprintf(field, sizeof field, ":61:260102C3,NTRFX\n:86:%s", rows[i].field);
        const struct bank_txn *t = only_txn(field);
        ck_assert_str_eq(t->code, rows[i].code);
        ck_assert_str_eq(t->text, rows[i].text);
        ck_assert_str_eq(t->words, rows[i].words);
        ck_assert_str_eq(t->name, rows[i].name);
        ck_assert_str_eq(t->counter_account, rows[i].account);
    }
}
END_TEST

START_TEST(code_words_say_who_paid_and_for_what)
{
    static const struct {
        const char *field, *name, *account, *reference, *structured, *text;
    } rows[] = {
        {"/TRTP/SEPA OVERBOEKING/IBAN/ES11/BIC/BANKES/NAME/Ana Mora/REMI/CTA-0\n001 "
         "agua/EREF/E-1",
         "Ana Mora", "ES11", "E-1", "", "CTA-0001 agua"},
        {"/EREF/E-2//CNTP/ES22/BANKES/Beto Rojas/SAN JOSE//REMI/USTD//factura 7/", "Beto Rojas",
         "ES22", "E-2", "", "factura 7"},
        {"/CNTP/ES22/BANKES/Beto Rojas///REMI/STRD/CUR/2026-00000017/", "Beto Rojas", "ES22",
         "", "2026-00000017", "STRD/CUR/2026-00000017"},
        {"/ORDP//NAME/Ana/REMI/uno/ISDT/2026-01-02", "Ana", "", "", "", "uno"},
        {"/NAME/Ana", "Ana", "", "", "", "/NAME/Ana"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char field[256];
        (void)snprintf(field, sizeof field, ":61:260102C3,NTRFX\n:86:%s", rows[i].field);
        const struct bank_txn *t = only_txn(field);
        ck_assert_str_eq(t->name, rows[i].name);
        ck_assert_str_eq(t->counter_account, rows[i].account);
        ck_assert_str_eq(t->end_to_end, rows[i].reference);
        ck_assert_str_eq(t->structured, rows[i].structured);
        ck_assert_str_eq(t->text, rows[i].text);
    }
}
END_TEST

/* The tag counts in the first line: 61 characters fill it, 65 each of the others. */
START_TEST(a_line_that_is_full_goes_on_in_the_next)
{
    char full[62];
    char field[256];
    memset(full, 'x', 61);
    full[61] = '\0';
    (void)snprintf(field, sizeof field, ":61:260102C3,NTRFX\n:86:%s\nyz\nw", full);
    const struct bank_txn *t = only_txn(field);
    ck_assert_uint_eq(strlen(t->text), 61 + 2 + 2);
    ck_assert_str_eq(t->text + 61, "yz\nw");
    (void)snprintf(field, sizeof field, ":61:260102C3,NTRFX\n:86:%s\nyz", full + 1);
    ck_assert_str_eq(only_txn(field)->text + 60, "\nyz");
}
END_TEST

START_TEST(an_mt942_is_told_from_a_statement)
{
    add(":20:X\n:25:A\n:28C:1\n:34F:EUR0,\n:13D:2601021200+0100\n:61:260102C3,NTRFX\n", 1);
    ck_assert_int_eq(outcome(text.data, text.len), ERR_UNSUPPORTED);
    ck_assert_msg(strstr(e.text, "MT942") != NULL, "%s", e.text);
}
END_TEST

START_TEST(what_is_no_statement_is_told_by_its_kind)
{
    ck_assert_int_eq(outcome("PK\3\4abc", 7), ERR_UNSUPPORTED);
    ck_assert_msg(strstr(e.text, "zip") != NULL, "%s", e.text);
    static const char csv[] = "hora;monto\n12:00;5,00\n";
    ck_assert_int_eq(outcome(csv, sizeof csv - 1), ERR_UNSUPPORTED);
    ck_assert_msg(strstr(e.text, "--mapping") != NULL, "%s", e.text);
    static const char notice[] = "<Document><BkToCstmrDbtCdtNtfctn/></Document>";
    ck_assert_int_eq(outcome(notice, sizeof notice - 1), ERR_UNSUPPORTED);
    ck_assert_msg(strstr(e.text, "camt.054") != NULL, "%s", e.text);
}
END_TEST

static const struct bank_txn *only_entry(const char *details)
{
    buf_clear(&text);
    add(HEAD ENTRY, 1);
    add(details, 1);
    add(ENTRY_END TAIL, 1);
    ck_assert_msg(outcome(text.data, text.len) == ERR_OK, "%s: %s", details, e.text);
    ck_assert_uint_eq(file.statements[0].count, 1);
    return &file.statements[0].txns[0];
}

START_TEST(a_foreign_amount_in_a_detail_changes_nothing)
{
    static const char *const amounts[] = {
        "<Amt Ccy=\"SEK\">33.1</Amt>", "<Amt Ccy=\"XAU\">1.23456</Amt>",
        "<Amt Ccy=\"JPY\">12.5</Amt>",
        "<AmtDtls><TxAmt><Amt Ccy=\"KWD\">0.999</Amt></TxAmt></AmtDtls>"};
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        char details[256];
        (void)snprintf(details, sizeof details,
                       "<TxDtls><Refs><EndToEndId>E</EndToEndId></Refs>%s</TxDtls>",
                       amounts[i]);
        const struct bank_txn *t = only_entry(details);
        ck_assert_int_eq(t->amount, 300);
        ck_assert_str_eq(t->currency->code, "EUR");
        ck_assert_str_eq(t->end_to_end, "E");
    }
}
END_TEST

START_TEST(the_ultimate_payer_is_named_where_no_other_is)
{
#define ULTIMATE "<UltmtDbtr><Nm>Ana</Nm></UltmtDbtr>"
    ck_assert_str_eq(only_entry("<TxDtls><RltdPties>" ULTIMATE "</RltdPties></TxDtls>")->name,
                     "Ana");
    ck_assert_str_eq(only_entry("<TxDtls><RltdPties><Dbtr><Nm>Beto</Nm></Dbtr>" ULTIMATE
                                "</RltdPties></TxDtls>")
                         ->name,
                     "Beto");
    ck_assert_str_eq(
        only_entry("<TxDtls><RltdPties><UltmtDbtr><Pty><Nm>Ana</Nm></Pty></UltmtDbtr>"
                   "</RltdPties><RmtInf><Strd><RfrdDocInf><Nb>F-7</Nb></RfrdDocInf>"
                   "</Strd></RmtInf></TxDtls>")
            ->text,
        "F-7");
}
END_TEST

/* The same message as networks and programs wrap and encode it. */
START_TEST(a_message_is_read_in_any_wrapping_and_encoding)
{
    static const char body[] =
        "<n:Document xmlns:n=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">"
        "<n:BkToCstmrStmt><n:Stmt><n:Id>s</n:Id><n:Ntry><n:Amt Ccy=\"EUR\">3</n:Amt>"
        "<n:CdtDbtInd>CRDT</n:CdtDbtInd><n:Sts><n:Cd>BOOK</n:Cd></n:Sts><n:BookgDt><n:DtTm>"
        "2026-01-02T10:00:00.123+01:00</n:DtTm></n:BookgDt><n:AddtlNtryInf>%s</n:AddtlNtryInf>"
        "</n:Ntry></n:Stmt></n:BkToCstmrStmt></n:Document>";
    static const struct {
        const char *before, *special, *after;
    } rows[] = {
        {"<?xml version=\"1.0\"?>", "ñ€", ""},
        {"\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "ñ€", ""},
        {"\n <?xml version=\"1.0\"?>", "ñ€", "\n"},
        {"<?xml version=\"1.0\" encoding=\"windows-1252\"?>", "\xF1\x80", ""},
        {"<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?>", "\xF1\xA4", ""},
        {"<BizMsg><AppHdr><MsgDefIdr>camt.053.001.08</MsgDefIdr></AppHdr>", "ñ€", "</BizMsg>"},
    };
    struct buf wide;
    char inner[1024];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(inner, sizeof inner, body, rows[i].special);
        buf_clear(&text);
        buf_addf(&text, "%s%s%s", rows[i].before, inner, rows[i].after);
        ck_assert_msg(outcome(text.data, text.len) == ERR_OK, "row %zu: %s", i, e.text);
        ck_assert_str_eq(file.statements[0].txns[0].extra, "ñ€");
        ck_assert(file.statements[0].txns[0].booked);
    }
    (void)snprintf(inner, sizeof inner, body, "n");
    for (int big = 0; big < 2; big++) {
        buf_init(&wide, 1 << 16);
        buf_add(&wide, big ? "\xFE\xFF" : "\xFF\xFE", 2);
        for (const char *p = inner; *p != '\0'; p++) {
            buf_addc(&wide, big ? '\0' : *p);
            buf_addc(&wide, big ? *p : '\0');
        }
        ck_assert_msg(outcome(wide.data, wide.len) == ERR_OK, "UTF-16 %d: %s", big, e.text);
        buf_release(&wide);
    }
    static const char other[] = "<?xml version=\"1.0\" encoding=\"EBCDIC-X\"?><Document/>";
    ck_assert_int_eq(outcome(other, sizeof other - 1), ERR_PARSE);
}
END_TEST

Suite *suite_bank(void)
{
    Suite *s = suite_create("bank");
    TCase *tc = tcase_create("bank");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_file_has_so_many_statements_and_no_more);
    tcase_add_test(tc, a_statement_has_so_many_transactions_and_no_more);
    tcase_add_test(tc, remittance_in_lines_is_one_text_and_has_an_end);
    tcase_add_test(tc, details_that_do_not_all_say_their_amount_stay_one_entry);
    tcase_add_test(tc, a_camt_file_cut_anywhere_is_refused);
    tcase_add_test(tc, a_camt_file_lacking_any_element_is_refused_or_whole);
    tcase_add_test(tc, an_entry_without_a_sign_is_nobodys_credit);
    tcase_add_test(tc, an_mt940_file_cut_anywhere_is_refused_or_whole);
    tcase_add_test(tc, a_long_customers_reference_stands_in_field_86);
    tcase_add_test(tc, a_booking_date_lies_nearest_to_its_value_date);
    tcase_add_test(tc, a_statement_without_both_balances_is_not_weighed);
    tcase_add_test(tc, a_purpose_ends_at_the_next_mark);
    tcase_add_test(tc, the_header_may_share_a_line_with_the_first_field);
    tcase_add_test(tc, a_message_may_begin_with_its_number_or_a_banks_own_lines);
    tcase_add_test(tc, only_tags_of_a_statement_are_tags);
    tcase_add_test(tc, blanks_between_amount_and_type_and_behind_references_mean_nothing);
    tcase_add_test(tc, the_30th_of_february_is_its_last_day);
    tcase_add_test(tc, subfields_are_found_however_they_are_laid_out);
    tcase_add_test(tc, code_words_say_who_paid_and_for_what);
    tcase_add_test(tc, a_line_that_is_full_goes_on_in_the_next);
    tcase_add_test(tc, an_mt942_is_told_from_a_statement);
    tcase_add_test(tc, what_is_no_statement_is_told_by_its_kind);
    tcase_add_test(tc, a_foreign_amount_in_a_detail_changes_nothing);
    tcase_add_test(tc, the_ultimate_payer_is_named_where_no_other_is);
    tcase_add_test(tc, a_message_is_read_in_any_wrapping_and_encoding);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(s, tc);
    return s;
}
