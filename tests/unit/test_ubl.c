/* Documents as UBL 2.1: a bill with everything that a tariff can put on it, the notes about it,
 * and customers whose names are markup, or are gone. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ubl_out.h"
#include "base/xml.h"
#include "check_papers.h"
#include "vee_util.h"

static struct office_fixture f;
static struct err e;
static struct arena arena;
static struct buf text;

/* Bill 1: 7 m3 of U-1: 3.33 + 7.12 and 0.12 for the fire brigade, less 1.27, taxes 1.36 and
 * 0.04; 10.70 to a coin of 0.05. */
static void setup(void)
{
    char path[FIXTURE_PATH_MAX];
    e = (struct err)ERR_INIT;
    arena_init(&arena, (size_t)4 << 20);
    buf_init(&text, UBL_BYTES_MAX);
    fixture_init(&f);
    (void)snprintf(path, sizeof path, "%s/tests/fixtures/tariffs/ubl-water.json",
                   getenv("AFORO_SRCDIR"));
    (void)fixture_run(&f, f.ana, "tariff publish", "file", path, NULL);
    (void)fixture_run(&f, f.ana, "meter add", "serial", "U-1", "kind", "water", "unit", "m3",
                      "digits", "5", "decimals", "3", "initial", "0", "installed", "2026-05-01",
                      "route", "R1", "account", "U-1", "customer", "\"O'Hara\" & <Hijos>",
                      "tariff", "ubl-water", "limit", "20", NULL);
    vee_read(&f, "U-1", "7", "2026-06-01 00:00");
    (void)fixture_run(&f, f.marta, "bill run", "period", "2026-05", NULL);
}

static void teardown(void)
{
    fixture_free(&f);
    buf_release(&text);
    arena_release(&arena);
}

static enum err_code begun(void *ctx, const char *path, const char *const *attributes,
                           struct err *err)
{
    (void)path;
    (void)attributes;
    (void)err;
    ++*(int *)ctx;
    return ERR_OK;
}

static enum err_code ended(void *ctx, const char *path, const char *said, struct err *err)
{
    (void)ctx;
    (void)err;
    (void)path;
    (void)said;
    return ERR_OK;
}

static const char *xml_of(const char *type, int64_t number)
{
    struct document_id id = {"", number};
    int elements = 0;
    const struct xml_reader count = {&elements, begun, ended};
    (void)snprintf(id.type, sizeof id.type, "%s", type);
    buf_clear(&text);
    arena_reset(&arena);
    ck_assert_msg(ubl_document(f.office, &id, &arena, &text, &e) == ERR_OK, "%s", e.text);
    ck_assert_msg(xml_read(text.data, text.len, &count, &e) == ERR_OK, "%s\n%s", e.text,
                  buf_str(&text));
    ck_assert_int_gt(elements, 20);
    return buf_str(&text);
}

static void assert_says(const char *xml, const char *const *what)
{
    for (; *what != NULL; what++) {
        ck_assert_msg(strstr(xml, *what) != NULL, "%s is not in\n%s", *what, xml);
    }
}

#define AMOUNT(name, value) "<cbc:" name " currencyID=\"USD\">" value "</cbc:" name ">"

START_TEST(what_a_tariff_can_do_has_its_place)
{
    static const char *const says[] = {
        "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"",
        "<cbc:ID>2026-00000001</cbc:ID>",
        "<cbc:StartDate>2026-05-01</cbc:StartDate><cbc:EndDate>2026-05-31</cbc:EndDate>",
        "<cbc:Name>&#34;O&#39;Hara&#34; &#38; &#60;Hijos&#62;</cbc:Name>",
        "<cbc:Description>Cuota &#38; &#60;servicio&#62;</cbc:Description>",
        "<cbc:InvoicedQuantity unitCode=\"MTQ\">7</cbc:InvoicedQuantity>",
        "<cbc:PriceAmount currencyID=\"USD\">1.017</cbc:PriceAmount>",
        "<cbc:AllowanceChargeReason>Subsidio</cbc:AllowanceChargeReason>" AMOUNT("Amount",
                                                                                 "1.27"),
        AMOUNT("TaxableAmount", "10.45") AMOUNT("TaxAmount", "1.36"),
        AMOUNT("TaxableAmount", "7.12") AMOUNT("TaxAmount", "0.04"),
        "<cac:TaxTotal>" AMOUNT("TaxAmount", "1.40"),
        "<cac:LegalMonetaryTotal>" AMOUNT("LineExtensionAmount", "10.57")
            AMOUNT("TaxExclusiveAmount", "9.30") AMOUNT("TaxInclusiveAmount", "10.70")
                AMOUNT("AllowanceTotalAmount", "1.27") AMOUNT("PayableAmount", "10.70"),
        NULL};
    assert_says(xml_of("bill", 1), says);
}
END_TEST

/* The next month's use makes the coin's line come out other than nothing. */
START_TEST(what_a_coin_rounds_is_the_payable_rounding)
{
    static const char *const says[] = {"<cbc:PayableRoundingAmount currencyID=\"USD\">", NULL};
    bool rounded = false;
    vee_read(&f, "U-1", "13", "2026-07-01 00:00");
    (void)fixture_run(&f, f.marta, "bill run", "period", "2026-06", NULL);
    rounded = vee_number(&f, "SELECT count(*) FROM bill_line WHERE bill = 2 AND component = "
                             "'coin' AND amount <> 0") > 0;
    ck_assert(rounded);
    assert_says(xml_of("bill", 2), says);
}
END_TEST

START_TEST(a_note_names_its_bill_and_what_it_takes_back)
{
    static const char *const cancels[] = {
        "<CreditNote xmlns=",
        "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>",
        "<cac:InvoiceDocumentReference><cbc:ID>2026-00000001</cbc:ID><cbc:UUID>CUFE-1</"
        "cbc:UUID>",
        "<cbc:CreditedQuantity unitCode=\"MTQ\">7</cbc:CreditedQuantity>",
        "<cac:TaxTotal>" AMOUNT("TaxAmount", "1.40"),
        AMOUNT("PayableAmount", "10.70"),
        NULL};
    static const char *const alone[] = {
        "<DebitNote xmlns=", "<cbc:Description>reconnection &#60;1&#62;</cbc:Description>",
        "<cac:RequestedMonetaryTotal>" AMOUNT("LineExtensionAmount", "5.00"),
        AMOUNT("PayableAmount", "5.00"), NULL};
    (void)fixture_run(&f, f.marta, "document register", "type", "bill", "number", "1",
                      "external", "CUFE-1", "authority", "DIAN", NULL);
    (void)fixture_run(&f, f.marta, "bill cancel", "bill", "1", "reason", "wrong", NULL);
    assert_says(xml_of("credit_note", 1), cancels);
    (void)fixture_run(&f, f.marta, "note issue", "type", "debit", "account", "U-1", "amount",
                      "5", "reason", "reconnection <1>", NULL);
    const char *xml = xml_of("debit_note", 1);
    assert_says(xml, alone);
    ck_assert_ptr_null(strstr(xml, "TaxTotal"));
    ck_assert_ptr_null(strstr(xml, "BillingReference"));
    struct document_id none = {"bill", 9};
    ck_assert_int_eq(ubl_document(f.office, &none, &arena, &text, &e), ERR_NOT_FOUND);
    struct document_id receipt = {"receipt", 1};
    ck_assert_int_eq(ubl_document(f.office, &receipt, &arena, &text, &e), ERR_NOT_FOUND);
}
END_TEST

/* 7 m3 were 5: the water, its subsidy and its taxes become less, each by a line of its own. */
START_TEST(a_note_after_a_correction_says_what_changed)
{
    char reading[24];
    (void)snprintf(
        reading, sizeof reading, "%lld",
        (long long)vee_number(&f, "SELECT to_reading FROM bill_meter WHERE bill = 1"));
    (void)fixture_run(&f, f.marta, "reading correct", "reading", reading, "value", "5",
                      "reason", "misread", NULL);
    const char *xml = xml_of("credit_note", 1);
    ck_assert_ptr_nonnull(strstr(xml, "<cac:TaxTotal>"));
    ck_assert_ptr_nonnull(strstr(xml, "<cac:CreditNoteLine>"));
    ck_assert_ptr_null(strstr(xml, "<cbc:Description>misread</cbc:Description></cac:Item>"));
}
END_TEST

/* 10.00 of the 10.70 were given back before: 0.70 are left, of more that the correction takes
 * off, and the rest is said to be taken back already. */
START_TEST(a_note_says_what_others_gave_back_before)
{
    static const char *const says[] = {
        "<cbc:AllowanceChargeReason>Acreditado antes por otras "
        "notas</cbc:AllowanceChargeReason>",
        "<cbc:CreditedQuantity unitCode=\"MTQ\">5</cbc:CreditedQuantity>",
        AMOUNT("PayableAmount", "0.70"), NULL};
    char reading[24];
    (void)snprintf(
        reading, sizeof reading, "%lld",
        (long long)vee_number(&f, "SELECT to_reading FROM bill_meter WHERE bill = 1"));
    (void)fixture_run(&f, f.marta, "note issue", "type", "credit", "bill", "1", "amount", "10",
                      "reason", "goodwill", NULL);
    (void)fixture_run(&f, f.marta, "reading correct", "reading", reading, "value", "2",
                      "reason", "misread", NULL);
    const char *xml = xml_of("credit_note", 2);
    assert_says(xml, says);
    ck_assert_ptr_null(strstr(xml, "PayableRoundingAmount"));
}
END_TEST

START_TEST(parties_have_their_identifiers_and_lose_what_is_erased)
{
    static const char *const says[] = {
        "<cbc:ID schemeName=\"NIT\">8002498601</cbc:ID>",
        "<cbc:CompanyID schemeName=\"C.C.\">79123456</cbc:CompanyID>",
        "<cbc:IdentificationCode>CO</cbc:IdentificationCode>",
        "<cbc:SupplierAssignedAccountID>U-1</cbc:SupplierAssignedAccountID>", NULL};
    (void)fixture_run(&f, f.ana, "biller set", "tax-scheme", "co_nit", "tax-id",
                      "800.249.860-1", "customer-schemes", "co_nit,co_cc", NULL);
    (void)fixture_run(&f, f.ana, "customer edit", "customer", "1", "tax-id", "79.123.456",
                      NULL);
    assert_says(xml_of("bill", 1), says);
    (void)fixture_run(&f, f.ana, "personal erase", "customer", "1", "reason", "asked", "force",
                      "yes", NULL);
    const char *xml = xml_of("bill", 1);
    ck_assert_ptr_null(strstr(xml, "79123456"));
    ck_assert_ptr_null(strstr(xml, "Hara"));
    ck_assert_ptr_nonnull(strstr(xml, "8002498601"));
}
END_TEST

START_TEST(text_that_xml_has_no_place_for_is_marked)
{
    struct buf out;
    buf_init(&out, 256);
    xml_add_text(&out, "a\x01"
                       "b\tc\xFF"
                       "d\xEF\xBF\xBE"
                       "e\xC3\xB1&\"'<>");
    ck_assert_str_eq(buf_str(&out), "a\xEF\xBF\xBD"
                                    "b c\xEF\xBF\xBD"
                                    "d\xEF\xBF\xBD"
                                    "e\xC3\xB1&#38;&#34;&#39;"
                                    "&#60;&#62;");
    buf_release(&out);
}
END_TEST

Suite *suite_ubl(void)
{
    Suite *s = suite_create("ubl");
    TCase *t = tcase_create("ubl");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, what_a_tariff_can_do_has_its_place);
    tcase_add_test(t, what_a_coin_rounds_is_the_payable_rounding);
    tcase_add_test(t, a_note_names_its_bill_and_what_it_takes_back);
    tcase_add_test(t, a_note_after_a_correction_says_what_changed);
    tcase_add_test(t, a_note_says_what_others_gave_back_before);
    tcase_add_test(t, parties_have_their_identifiers_and_lose_what_is_erased);
    tcase_add_test(t, text_that_xml_has_no_place_for_is_marked);
    suite_add_tcase(s, t);
    return s;
}
