/* Statements of banks: what a hostile one may not make us do. That sound ones are read right is
 * shown by tests/e2e/bank.sh over files of others. */
#include <config.h>

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

Suite *suite_bank(void)
{
    Suite *s = suite_create("bank");
    TCase *tc = tcase_create("bank");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_file_has_so_many_statements_and_no_more);
    tcase_add_test(tc, a_statement_has_so_many_transactions_and_no_more);
    tcase_add_test(tc, remittance_in_lines_is_one_text_and_has_an_end);
    tcase_add_test(tc, details_that_do_not_all_say_their_amount_stay_one_entry);
    suite_add_tcase(s, tc);
    return s;
}
