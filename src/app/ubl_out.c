#include <config.h>

#include "app/ubl_out.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/biller.h"
#include "app/note_lines.h"
#include "app/query_bill.h"
#include "base/i18n.h"
#include "base/xml.h"

/* What differs between the three documents. */
static const struct ubl_kind {
    const char *type;  /* of document_id */
    const char *root;  /* element, and end of its namespace */
    const char *code;  /* element of the type's code; NULL: it has none */
    const char *value; /* of UN/CEFACT 1001 */
    const char *line, *quantity, *total;
} ubl_kinds[] = {
    {"bill", "Invoice", "InvoiceTypeCode", "380", "InvoiceLine", "InvoicedQuantity",
     "LegalMonetaryTotal"},
    {"credit_note", "CreditNote", "CreditNoteTypeCode", "381", "CreditNoteLine",
     "CreditedQuantity", "LegalMonetaryTotal"},
    {"debit_note", "DebitNote", NULL, NULL, "DebitNoteLine", "DebitedQuantity",
     "RequestedMonetaryTotal"},
};

/* A document being written, and what it says. */
struct ubl {
    struct office *o;
    struct arena *arena;
    struct buf *out;
    const struct ubl_kind *kind;
    const struct biller *biller; /* NULL: none was ever set */
    const char *number, *date, *reason, *cause;
    int64_t amount, bill; /* bill: that a note is of, or the bill itself; 0: none */
    bool has_lines;       /* the bill's lines are this document's */
    struct bill_view v;   /* of bill, where there is one */
    const char *account, *name, *tax_id, *address, *email;
    int64_t lines, allowances, taxes, rounding; /* minor units */
};

/* ---- elements ---- */

static void open_tag(struct ubl *u, const char *name)
{
    buf_addf(u->out, "<cac:%s>", name);
}

static void close_tag(struct ubl *u, const char *name)
{
    buf_addf(u->out, "</cac:%s>\n", name);
}

/* Nothing for a text that is not there: no element of UBL may be empty. */
static void element(struct ubl *u, const char *name, const char *attributes, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return;
    }
    buf_addf(u->out, "<cbc:%s%s%s>", name, attributes[0] != '\0' ? " " : "", attributes);
    xml_add_text(u->out, text);
    buf_addf(u->out, "</cbc:%s>", name);
}

static void money(struct ubl *u, const char *name, int64_t minor)
{
    char attribute[32];
    struct buf text;
    buf_init(&text, 64);
    money_print((struct money){minor}, u->o->currency, &text);
    (void)snprintf(attribute, sizeof attribute, "currencyID=\"%s\"", u->o->currency->code);
    element(u, name, attribute, buf_str(&text));
    buf_release(&text);
}

/* The day before: periods end with their last day here. */
static void last_day(struct ubl *u, const char *name, const char *end)
{
    struct date d;
    struct err ignored = ERR_INIT;
    char text[DATE_TEXT];
    if (date_parse(end, strlen(end), &d, &ignored) != ERR_OK) {
        return;
    }
    date_text(date_from_days(date_to_days(d) - 1), text);
    element(u, name, "", text);
}

/* ---- parties ---- */

static void tax_scheme(struct ubl *u, const char *id, const char *name)
{
    open_tag(u, "TaxScheme");
    element(u, "ID", "", id);
    element(u, "Name", "", name);
    close_tag(u, "TaxScheme");
}

/* An identifier as it is compared: without points and dashes; what its kind is called goes with
 * it, unless no kind is known. */
static void identifier(struct ubl *u, const char *element_name, const char *label,
                       const char *text)
{
    char plain[2 * TAX_ID_PLAIN_MAX + 1], attribute[128] = "";
    tax_id_print_plain(text, plain);
    if (label[0] != '\0') {
        struct buf b;
        buf_init(&b, sizeof attribute);
        xml_add_text(&b, label);
        (void)snprintf(attribute, sizeof attribute, "schemeName=\"%.100s\"", buf_str(&b));
        buf_release(&b);
    }
    element(u, element_name, attribute, plain[0] != '\0' ? plain : text);
}

struct party {
    const char *name, *tax_id, *label, *country, *address, *email;
};

static void address_put(struct ubl *u, const struct party *p)
{
    if (p->address[0] == '\0' && p->country[0] == '\0') {
        return;
    }
    open_tag(u, "PostalAddress");
    if (p->address[0] != '\0') {
        open_tag(u, "AddressLine");
        element(u, "Line", "", p->address);
        close_tag(u, "AddressLine");
    }
    if (p->country[0] != '\0') {
        open_tag(u, "Country");
        element(u, "IdentificationCode", "", p->country);
        close_tag(u, "Country");
    }
    close_tag(u, "PostalAddress");
}

static void party_put(struct ubl *u, const struct party *p)
{
    open_tag(u, "Party");
    if (p->tax_id[0] != '\0') {
        open_tag(u, "PartyIdentification");
        identifier(u, "ID", p->label, p->tax_id);
        close_tag(u, "PartyIdentification");
    }
    if (p->name[0] != '\0') {
        open_tag(u, "PartyName");
        element(u, "Name", "", p->name);
        close_tag(u, "PartyName");
    }
    address_put(u, p);
    if (p->tax_id[0] != '\0') {
        open_tag(u, "PartyTaxScheme");
        element(u, "RegistrationName", "", p->name);
        identifier(u, "CompanyID", p->label, p->tax_id);
        tax_scheme(u, p->label[0] != '\0' ? p->label : "ZZ", NULL);
        close_tag(u, "PartyTaxScheme");
    }
    if (p->name[0] != '\0') {
        open_tag(u, "PartyLegalEntity");
        element(u, "RegistrationName", "", p->name);
        close_tag(u, "PartyLegalEntity");
    }
    if (p->email[0] != '\0') {
        open_tag(u, "Contact");
        element(u, "ElectronicMail", "", p->email);
        close_tag(u, "Contact");
    }
    close_tag(u, "Party");
}

static void parties_put(struct ubl *u)
{
    const struct biller *b = u->biller;
    const struct tax_scheme *theirs = b != NULL ? biller_customer_scheme(b, u->tax_id) : NULL;
    struct party office = {u->o->name,
                           b != NULL ? b->tax_id : "",
                           b != NULL ? b->tax_label : "",
                           b != NULL && b->scheme != NULL ? b->scheme->country : "",
                           "",
                           ""};
    struct party customer = {u->name,
                             u->tax_id,
                             theirs != NULL ? theirs->label : "",
                             theirs != NULL ? theirs->country : "",
                             u->address,
                             u->email};
    open_tag(u, "AccountingSupplierParty");
    party_put(u, &office);
    close_tag(u, "AccountingSupplierParty");
    open_tag(u, "AccountingCustomerParty");
    element(u, "SupplierAssignedAccountID", "", u->account);
    party_put(u, &customer);
    close_tag(u, "AccountingCustomerParty");
}

/* ---- lines ---- */

static bool is_tax(const struct bill_view_line *l)
{
    return strcmp(l->type, "tax") == 0;
}

static bool is_rounding(const struct bill_view_line *l)
{
    return strcmp(l->type, "rounding") == 0;
}

/* Taken off: a discount, a subsidy, energy that the customer delivered. */
static bool is_allowance(const struct bill_view_line *l)
{
    return !is_tax(l) && !is_rounding(l) && l->amount.minor < 0;
}

static bool is_line(const struct bill_view_line *l)
{
    return !is_tax(l) && !is_rounding(l) && l->amount.minor >= 0;
}

/* Source: UN/ECE Recommendation 20. "ZZ": mutually defined. */
static const char *unit_code(const char *unit)
{
    static const char *const codes[][2] = {
        {"m3", "MTQ"},  {"dm3", "DMQ"}, {"l", "LTR"}, {"kWh", "KWH"}, {"Wh", "WHR"},
        {"MWh", "MWH"}, {"kW", "KWT"},  {"W", "WTT"}, {"day", "DAY"}, {"kvarh", "K3"},
        {"gal", "GLL"}, {"ft3", "FTQ"}, {"", "C62"},  {"%", "C62"},   {"u", "C62"}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (strcmp(codes[i][0], unit) == 0) {
            return codes[i][1];
        }
    }
    return "ZZ";
}

/* A line of goods: quantity, amount, what it is, and the price where it is one of a measure. */
static void line_put(struct ubl *u, size_t number, const char *label, const char *quantity,
                     const char *unit, const char *price, int64_t minor)
{
    char text[32], code[32];
    bool measured = quantity[0] != '\0' && unit[0] != '\0' && strcmp(unit, "%") != 0;
    (void)snprintf(text, sizeof text, "%zu", number);
    (void)snprintf(code, sizeof code, "unitCode=\"%s\"", unit_code(measured ? unit : ""));
    open_tag(u, u->kind->line);
    element(u, "ID", "", text);
    element(u, u->kind->quantity, code, measured ? quantity : "1");
    money(u, "LineExtensionAmount", minor);
    open_tag(u, "Item");
    element(u, "Description", "", label);
    close_tag(u, "Item");
    if (measured && price[0] != '\0') {
        char currency[32];
        (void)snprintf(currency, sizeof currency, "currencyID=\"%s\"", u->o->currency->code);
        open_tag(u, "Price");
        element(u, "PriceAmount", currency, price);
        close_tag(u, "Price");
    }
    close_tag(u, u->kind->line);
}

static void lines_put(struct ubl *u)
{
    size_t number = 0;
    for (size_t i = 0; u->has_lines && i < u->v.line_count; i++) {
        const struct bill_view_line *l = &u->v.lines[i];
        if (is_line(l)) {
            line_put(u, ++number, l->label_es, l->quantity, l->unit, l->price, l->amount.minor);
        }
    }
    if (number == 0) { /* each of the documents has one line at least */
        line_put(u, 1, u->reason[0] != '\0' ? u->reason : u->cause, "", "", "", u->lines);
    }
}

static void allowances_put(struct ubl *u)
{
    for (size_t i = 0; u->has_lines && i < u->v.line_count; i++) {
        const struct bill_view_line *l = &u->v.lines[i];
        if (is_allowance(l)) {
            open_tag(u, "AllowanceCharge");
            element(u, "ChargeIndicator", "", "false");
            element(u, "AllowanceChargeReason", "", l->label_es);
            money(u, "Amount", -l->amount.minor);
            close_tag(u, "AllowanceCharge");
        }
    }
}

/* ---- taxes and totals ---- */

static void tax_put(struct ubl *u, const struct bill_view_line *l)
{
    char currency[32];
    struct buf base;
    bool percent = strcmp(l->unit, "%") == 0;
    open_tag(u, "TaxSubtotal");
    if (percent) {
        buf_init(&base, 256);
        (void)snprintf(currency, sizeof currency, "currencyID=\"%s\"", u->o->currency->code);
        exact_print(l->base, u->o->currency->digits, &base);
        element(u, "TaxableAmount", currency, buf_str(&base));
        buf_release(&base);
    }
    money(u, "TaxAmount", l->amount.minor);
    open_tag(u, "TaxCategory");
    element(u, "Percent", "", percent ? l->price : "");
    tax_scheme(u, l->component, l->label_es);
    close_tag(u, "TaxCategory");
    close_tag(u, "TaxSubtotal");
}

static void taxes_put(struct ubl *u)
{
    bool any = false;
    for (size_t i = 0; u->has_lines && i < u->v.line_count; i++) {
        any = any || is_tax(&u->v.lines[i]);
    }
    if (!any) {
        return;
    }
    open_tag(u, "TaxTotal");
    money(u, "TaxAmount", u->taxes);
    for (size_t i = 0; i < u->v.line_count; i++) {
        if (is_tax(&u->v.lines[i])) {
            tax_put(u, &u->v.lines[i]);
        }
    }
    close_tag(u, "TaxTotal");
}

/* lines - allowances + taxes + rounding = payable. */
static enum err_code totals_reckon(struct ubl *u, struct err *e)
{
    int128 lines = 0, allowances = 0, taxes = 0;
    for (size_t i = 0; u->has_lines && i < u->v.line_count; i++) {
        const struct bill_view_line *l = &u->v.lines[i];
        lines += is_line(l) ? l->amount.minor : 0;
        allowances -= is_allowance(l) ? l->amount.minor : 0;
        taxes += is_tax(l) ? l->amount.minor : 0;
    }
    lines = u->has_lines ? lines : u->amount;
    int128 rounding = u->amount - (lines - allowances + taxes);
    if (lines > INT64_MAX / 4 || allowances > INT64_MAX / 4 || taxes > INT64_MAX / 4 ||
        rounding > INT64_MAX / 4 || rounding < -INT64_MAX / 4) {
        return err_set(e, ERR_RANGE, "%s %s", u->kind->type, u->number);
    }
    u->lines = (int64_t)lines;
    u->allowances = (int64_t)allowances;
    u->taxes = (int64_t)taxes;
    u->rounding = (int64_t)rounding;
    return ERR_OK;
}

static void totals_put(struct ubl *u)
{
    int64_t net = u->lines - u->allowances;
    open_tag(u, u->kind->total);
    money(u, "LineExtensionAmount", u->lines);
    money(u, "TaxExclusiveAmount", net);
    money(u, "TaxInclusiveAmount", net + u->taxes);
    if (u->allowances != 0) {
        money(u, "AllowanceTotalAmount", u->allowances);
    }
    if (u->rounding != 0) {
        money(u, "PayableRoundingAmount", u->rounding);
    }
    money(u, "PayableAmount", u->amount);
    close_tag(u, u->kind->total);
}

/* ---- the head ---- */

static void period_put(struct ubl *u)
{
    if (u->bill == 0) {
        return;
    }
    open_tag(u, "InvoicePeriod");
    element(u, "StartDate", "", u->v.start);
    last_day(u, "EndDate", u->v.end);
    close_tag(u, "InvoicePeriod");
}

static const char *bill_number(struct ubl *u)
{
    return arena_printf(u->arena, "%.4s-%08" PRId64, u->v.issued, u->bill);
}

/* What the authority called the bill, where it has answered to it. */
static enum err_code registered(struct ubl *u, const char **external, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false, bad = false;
    *external = "";
    TRY(db_query(u->o->db, &q, e,
                 "SELECT external FROM registration WHERE type = 'bill' AND number = ?",
                 VALS(V_INT(u->bill))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        *external = stmt_keep(q, 0, u->arena, &bad);
    }
    stmt_done(q);
    return code == ERR_OK && bad ? err_nomem(e) : code;
}

/* Why, and of which bill: only notes have these. */
static enum err_code references_put(struct ubl *u, struct err *e)
{
    const char *external = "", *number = u->bill != 0 ? bill_number(u) : "";
    if (strcmp(u->kind->type, "bill") == 0) {
        return ERR_OK;
    }
    if (number == NULL) {
        return err_nomem(e);
    }
    open_tag(u, "DiscrepancyResponse");
    element(u, "ReferenceID", "", number);
    element(u, "Description", "", u->reason[0] != '\0' ? u->reason : u->cause);
    close_tag(u, "DiscrepancyResponse");
    if (u->bill == 0) {
        return ERR_OK;
    }
    TRY(registered(u, &external, e));
    open_tag(u, "BillingReference");
    open_tag(u, "InvoiceDocumentReference");
    element(u, "ID", "", number);
    element(u, "UUID", "", external);
    element(u, "IssueDate", "", u->v.issued);
    close_tag(u, "InvoiceDocumentReference");
    close_tag(u, "BillingReference");
    return ERR_OK;
}

/* How a bill is paid: until when, and by which reference. */
static enum err_code means_put(struct ubl *u, struct err *e)
{
    char reference[PAY_REFERENCE_MAX + 1];
    struct date issued;
    if (strcmp(u->kind->type, "bill") != 0) {
        return ERR_OK;
    }
    TRY(date_parse(u->v.issued, strlen(u->v.issued), &issued, e));
    struct pay_reference r = {issued.year, u->bill};
    pay_reference_print(&r, reference);
    open_tag(u, "PaymentMeans");
    element(u, "PaymentMeansCode", "", "1"); /* UN/CEFACT 4461: instrument not defined */
    element(u, "PaymentDueDate", "", u->v.due);
    element(u, "PaymentID", "", reference);
    close_tag(u, "PaymentMeans");
    return ERR_OK;
}

static void head_put(struct ubl *u)
{
    static const char urn[] = "urn:oasis:names:specification:ubl:schema:xsd:";
    buf_addf(u->out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"%s%s-2\" "
             "xmlns:cac=\"%sCommonAggregateComponents-2\" "
             "xmlns:cbc=\"%sCommonBasicComponents-2\">\n",
             u->kind->root, urn, u->kind->root, urn, urn);
    element(u, "UBLVersionID", "", "2.1");
    element(u, "ID", "", u->number);
    element(u, "IssueDate", "", u->date);
    if (strcmp(u->kind->type, "bill") == 0) {
        element(u, "DueDate", "", u->v.due);
    }
    if (u->kind->code != NULL) {
        element(u, u->kind->code, "", u->kind->value);
    }
    element(u, "DocumentCurrencyCode", "", u->o->currency->code);
    buf_addc(u->out, '\n');
}

static enum err_code all_put(struct ubl *u, struct err *e)
{
    TRY(totals_reckon(u, e));
    head_put(u);
    period_put(u);
    TRY(references_put(u, e));
    parties_put(u);
    TRY(means_put(u, e));
    allowances_put(u);
    taxes_put(u);
    totals_put(u);
    lines_put(u);
    buf_addf(u->out, "</%s>\n", u->kind->root);
    return buf_status(u->out, u->number, e);
}

/* ---- what it is written from ---- */

#define PERSONAL(field)                                                                        \
    "(SELECT value FROM personal p WHERE p.owner = 'customer' AND p.id = c.id AND p.field = "  \
    "'" field "' AND p.hash = c." field ")"
#define PARTY                                                                                  \
    "a.number, " PERSONAL("name") ", " PERSONAL("tax_id") ", " PERSONAL(                       \
        "address") ", " PERSONAL("email")

static enum err_code rows_read(struct ubl *u, const struct document_id *id, int64_t *seq,
                               struct err *e)
{
    struct stmt *q = NULL;
    bool row = false, bad = false, bill = strcmp(id->type, "bill") == 0;
    TRY(bill ? db_query(u->o->db, &q, e,
                        "SELECT " PARTY ", b.issued, b.total, b.id, '', '', b.seq FROM bill b "
                        "JOIN account a ON a.id = b.account JOIN customer c ON c.id = "
                        "a.customer WHERE b.id = ?",
                        VALS(V_INT(id->number)))
             : db_query(u->o->db, &q, e,
                        "SELECT " PARTY ", d.date, d.amount, d.bill, d.reason, d.cause, d.seq "
                        "FROM document d JOIN account a ON a.id = d.account JOIN customer c ON "
                        "c.id = a.customer WHERE d.type = ? AND d.number = ?",
                        VALS(V_TEXT(id->type), V_INT(id->number))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        const char **texts[] = {&u->account, &u->name,  &u->tax_id,
                                &u->address, &u->email, &u->date};
        for (int i = 0; i < 6; i++) {
            *texts[i] = stmt_keep(q, i, u->arena, &bad);
        }
        u->amount = stmt_int(q, 6);
        u->bill = stmt_int(q, 7);
        u->reason = stmt_keep(q, 8, u->arena, &bad);
        u->cause = stmt_keep(q, 9, u->arena, &bad);
        *seq = stmt_int(q, 10);
    }
    stmt_done(q);
    TRY(code);
    return !row  ? err_set(e, ERR_NOT_FOUND, _("there is no %s %" PRId64), id->type, id->number)
           : bad ? err_nomem(e)
                 : ERR_OK;
}

/* The setting that stood then; a document older than any has the newest, because the authority
 * wants to know who sends it. */
static enum err_code biller_of(struct ubl *u, int64_t seq, struct err *e)
{
    TRY(biller_load(u->o, seq, u->arena, &u->biller, e));
    return u->biller != NULL ? ERR_OK : biller_load(u->o, INT64_MAX, u->arena, &u->biller, e);
}

/* What the note is made of takes the place of the bill's own lines, where it is known. */
static enum err_code lines_of_note(struct ubl *u, const struct document_id *id, struct err *e)
{
    struct bill_view_line *lines = NULL;
    size_t count = 0;
    TRY(note_lines(u->o, id->type, id->number, u->amount, &u->v, u->arena, &lines, &count, e));
    if (count > 0) {
        u->v.lines = lines;
        u->v.line_count = count;
        u->has_lines = true;
    }
    return ERR_OK;
}

enum err_code ubl_document(struct office *o, const struct document_id *id, struct arena *arena,
                           struct buf *out, struct err *e)
{
    int64_t seq = 0;
    struct ubl u = {.o = o, .arena = arena, .out = out};
    for (size_t i = 0; i < sizeof ubl_kinds / sizeof ubl_kinds[0]; i++) {
        u.kind = strcmp(ubl_kinds[i].type, id->type) == 0 ? &ubl_kinds[i] : u.kind;
    }
    if (u.kind == NULL) {
        return err_set(e, ERR_NOT_FOUND, _("there is no %s %" PRId64), id->type, id->number);
    }
    TRY(rows_read(&u, id, &seq, e));
    TRY(biller_of(&u, seq, e));
    if (u.bill != 0) {
        TRY(bill_view(o, u.bill, arena, &u.v, e));
        TRY(bill_bases(o, &u.v, arena, e));
    }
    bool bill = u.kind == &ubl_kinds[0];
    u.has_lines =
        bill || (u.bill != 0 && strcmp(u.cause, "cancel") == 0 && u.amount == u.v.total.minor);
    if (!u.has_lines && u.bill != 0) {
        TRY(lines_of_note(&u, id, e));
    }
    u.number = bill ? bill_number(&u) : arena_printf(arena, "%" PRId64, id->number);
    return u.number == NULL ? err_nomem(e) : all_put(&u, e);
}
