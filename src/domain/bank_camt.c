/* ISO 20022 camt.053, any version: elements are told by their path, so that those that one
 * version moved are found in both places. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/xml.h"
#include "domain/bank.h"

struct camt {
    struct bank_file *file;
    struct arena *arena;
    struct bank_statement *statement;
    /* Of the balance being read. */
    char balance_type[8];
    struct bank_balance balance;
    bool debit, sign; /* sign: the balance or entry says whether it is a debit */
    /* Of the entry and the detail being read. */
    struct bank_txn entry, detail;
    int64_t entries;
    size_t details, first; /* of the entry; first: index of its first transaction */
    bool detail_amount, detail_sign, detail_debit;
    bool bare;             /* a detail of the entry has no amount */
    bool party;            /* the detail names the payer; else the ultimate one is */
    struct buf remittance; /* of the detail */
    char currency[4];
    bool message; /* it is a camt.053 */
};

static bool ends(const char *path, const char *tail)
{
    size_t n = strlen(path);
    size_t t = strlen(tail);
    return n >= t && strcmp(path + n - t, tail) == 0 && (n == t || path[n - t - 1] == '/');
}

/* The path from the message on: it may lie within an envelope of the network's or the bank's.
 */
static const char *message_path(const char *path)
{
    const char *document = strstr(path, "Document/");
    return document != NULL && (document == path || document[-1] == '/') ? document : path;
}

static enum err_code camt_start(void *ctx, const char *full, const char *const *attributes,
                                struct err *e)
{
    struct camt *c = ctx;
    const char *path = message_path(full);
    const char *ccy = xml_attribute(attributes, "Ccy");
    (void)snprintf(c->currency, sizeof c->currency, "%s", ccy != NULL ? ccy : "");
    if (strcmp(path, "Document/BkToCstmrStmt") == 0) {
        c->message = true;
    } else if (ends(path, "BkToCstmrStmt/Stmt")) {
        c->statement = bank_statement_add(c->file, c->arena, e);
        c->entries = 0;
        return c->statement != NULL ? ERR_OK : e->code;
    } else if (c->statement != NULL && ends(path, "Stmt/Bal")) {
        c->balance = (struct bank_balance){0};
        c->balance_type[0] = '\0';
        c->debit = c->sign = false;
    } else if (c->statement != NULL && ends(path, "Stmt/Ntry")) {
        struct bank_txn *t = bank_txn_add(c->file, c->arena, e);
        if (t == NULL) {
            return e->code;
        }
        c->entry = *t; /* taken back: an entry becomes one transaction or more at its end */
        c->first = --c->statement->count;
        c->entry.entry = ++c->entries;
        c->details = 0;
        c->bare = false;
        c->debit = c->sign = false;
    } else if (c->statement != NULL && ends(path, "NtryDtls/TxDtls")) {
        c->detail = c->entry;
        c->detail.text = "";
        buf_clear(&c->remittance);
        c->detail_amount = c->detail_sign = c->party = false;
    }
    return ERR_OK;
}

static enum err_code keep(struct camt *c, const char **where, const char *text, struct err *e)
{
    *where = arena_strdup(c->arena, text);
    return *where != NULL ? ERR_OK : err_nomem(e);
}

/* Remittance information comes in lines; they are one text, which lies in the arena only when
 * it is whole: a copy a line would be the square of them. */
static enum err_code remittance_add(struct camt *c, const char *text, struct err *e)
{
    if (c->remittance.len > 0) {
        buf_addc(&c->remittance, ' ');
    }
    buf_adds(&c->remittance, text);
    return buf_status(&c->remittance, _("the remittance information of an entry"), e);
}

static enum err_code amount_take(struct camt *c, const char *text, int64_t *amount,
                                 const struct currency **currency, struct err *e)
{
    struct money m = {0};
    const struct currency *cur = currency_find(c->currency);
    if (cur == NULL) {
        return err_set(e, ERR_UNSUPPORTED, _("an amount is in \"%s\", no known currency"),
                       c->currency);
    }
    TRY(money_parse(text, strlen(text), cur, &m, e));
    if (m.minor < 0) {
        return err_set(e, ERR_PARSE, _("the amount %s is negative"), text);
    }
    *amount = m.minor;
    *currency = cur;
    return ERR_OK;
}

/* The amount of a detail counts where it is in the entry's currency. In another one it may be
 * of any currency there is, and have any decimals. */
static enum err_code detail_amount_take(struct camt *c, const char *text, struct err *e)
{
    c->detail_amount = true;
    if (c->entry.currency != NULL && strcmp(c->currency, c->entry.currency->code) != 0) {
        c->detail.amount = 0;
        c->detail.currency = NULL;
        return ERR_OK;
    }
    return amount_take(c, text, &c->detail.amount, &c->detail.currency, e);
}

/* "2014-12-31" or "2014-12-31T00:00:00+01:00": the day as the bank wrote it. */
static enum err_code day_take(const char *text, struct date *out, struct err *e)
{
    size_t len = strlen(text);
    return date_parse(
        text,
        len > 10 && (text[10] == 'T' || text[10] == '+' || text[10] == '-' || text[10] == 'Z')
            ? 10
            : len,
        out, e);
}

static enum err_code sign_take(const char *text, bool *debit, struct err *e)
{
    *debit = strcmp(text, "DBIT") == 0;
    return *debit || strcmp(text, "CRDT") == 0
               ? ERR_OK
               : err_set(e, ERR_PARSE, _("\"%s\" is neither CRDT nor DBIT"), text);
}

static enum err_code balance_end(struct camt *c, const char *path, const char *text,
                                 struct err *e)
{
    struct bank_statement *s = c->statement;
    struct bank_balance *b = &c->balance;
    if (ends(path, "Bal/Tp/CdOrPrtry/Cd") || ends(path, "Bal/Tp/Cd")) {
        (void)snprintf(c->balance_type, sizeof c->balance_type, "%s", text);
    } else if (ends(path, "Bal/Amt")) {
        TRY(amount_take(c, text, &b->amount, &b->currency, e));
        b->known = true;
    } else if (ends(path, "Bal/CdtDbtInd")) {
        c->sign = true;
        return sign_take(text, &c->debit, e);
    } else if (ends(path, "Bal/Dt/Dt") || ends(path, "Bal/Dt/DtTm")) {
        return day_take(text, &b->date, e);
    } else if (ends(path, "Stmt/Bal") && b->known && !c->sign) {
        return err_set(e, ERR_PARSE, _("a balance of statement %s is neither credit nor debit"),
                       s->id);
    } else if (ends(path, "Stmt/Bal") && b->known) {
        b->amount = c->debit ? -b->amount : b->amount;
        if (strcmp(c->balance_type, "OPBD") == 0 || strcmp(c->balance_type, "PRCD") == 0) {
            s->opening = s->opening.known && c->balance_type[0] == 'P' ? s->opening : *b;
        } else if (strcmp(c->balance_type, "CLBD") == 0) {
            s->closing = *b;
        } else if (strcmp(c->balance_type, "CLAV") == 0) {
            s->available = *b;
        }
    }
    return ERR_OK;
}

static enum err_code statement_end(struct camt *c, const char *path, const char *text,
                                   struct err *e)
{
    struct bank_statement *s = c->statement;
    if (ends(path, "Stmt/Id")) {
        return keep(c, &s->id, text, e);
    }
    if (ends(path, "Stmt/ElctrncSeqNb")) {
        return keep(c, &s->number, text, e);
    }
    if (ends(path, "Stmt/LglSeqNb")) {
        return keep(c, &s->sequence, text, e);
    }
    if (ends(path, "Stmt/Acct/Id/IBAN") || ends(path, "Stmt/Acct/Id/Othr/Id") ||
        ends(path, "Stmt/Acct/Id/PrtryAcct/Id") || ends(path, "Stmt/Acct/Id/BBAN")) {
        return keep(c, &s->account, text, e);
    }
    return ERR_OK;
}

/* What the text of a party's or reference's element is, in an entry's detail. */
static enum err_code detail_text(struct camt *c, const char *path, const char *text,
                                 struct err *e)
{
    bool credit = !(c->detail_sign ? c->detail_debit : c->debit);
    struct bank_txn *d = &c->detail;
    const char *name = credit ? "RltdPties/Dbtr/Nm" : "RltdPties/Cdtr/Nm";
    const char *party = credit ? "RltdPties/Dbtr/Pty/Nm" : "RltdPties/Cdtr/Pty/Nm";
    const char *iban = credit ? "DbtrAcct/Id/IBAN" : "CdtrAcct/Id/IBAN";
    const char *other = credit ? "DbtrAcct/Id/Othr/Id" : "CdtrAcct/Id/Othr/Id";
    const char *bank = credit ? "DbtrAgt/FinInstnId/BIC" : "CdtrAgt/FinInstnId/BIC";
    const char *bankfi = credit ? "DbtrAgt/FinInstnId/BICFI" : "CdtrAgt/FinInstnId/BICFI";
    const char *last = credit ? "RltdPties/UltmtDbtr/Nm" : "RltdPties/UltmtCdtr/Nm";
    const char *last_party =
        credit ? "RltdPties/UltmtDbtr/Pty/Nm" : "RltdPties/UltmtCdtr/Pty/Nm";
    if (ends(path, name) || ends(path, party)) {
        c->party = text[0] != '\0';
        return keep(c, &d->name, text, e);
    }
    if ((ends(path, last) || ends(path, last_party)) && !c->party) {
        return keep(c, &d->name, text, e);
    }
    if (ends(path, iban) || ends(path, other)) {
        return keep(c, &d->counter_account, text, e);
    }
    if (ends(path, bank) || ends(path, bankfi)) {
        return keep(c, &d->counter_bank, text, e);
    }
    if (ends(path, "Refs/EndToEndId")) {
        return keep(c, &d->end_to_end, text, e);
    }
    if (ends(path, "Refs/AcctSvcrRef")) {
        return keep(c, &d->bank_reference, text, e);
    }
    if (ends(path, "Refs/TxId") ||
        (ends(path, "Refs/InstrId") && d->customer_reference[0] == 0)) {
        return keep(c, &d->customer_reference, text, e);
    }
    if (ends(path, "RmtInf/Ustrd") || ends(path, "RfrdDocInf/Nb")) {
        return remittance_add(c, text, e);
    }
    return ends(path, "CdtrRefInf/Ref") ? keep(c, &d->structured, text, e) : ERR_OK;
}

static enum err_code detail_end(struct camt *c, const char *path, const char *text,
                                struct err *e)
{
    struct bank_txn *d = &c->detail;
    if (ends(path, "TxDtls/Amt") ||
        (ends(path, "TxDtls/AmtDtls/TxAmt/Amt") && !c->detail_amount)) {
        return detail_amount_take(c, text, e);
    }
    if (ends(path, "TxDtls/CdtDbtInd")) {
        c->detail_sign = true;
        return sign_take(text, &c->detail_debit, e);
    }
    if (!ends(path, "NtryDtls/TxDtls")) {
        return detail_text(c, path, text, e);
    }
    bool debit = c->detail_sign ? c->detail_debit : c->debit;
    d->amount = debit ? -d->amount : d->amount;
    TRY(keep(c, &d->text, buf_str(&c->remittance), e));
    c->details++;
    if (!c->detail_amount) {
        c->bare = true; /* what it came to is not known: the entry stays one */
        return ERR_OK;
    }
    struct bank_txn *t = bank_txn_add(c->file, c->arena, e);
    if (t == NULL) {
        return e->code;
    }
    *t = *d;
    return ERR_OK;
}

/* Several details that are the entry's amount in sum stay several; else the entry is one, with
 * what its only detail says. */
static enum err_code entry_close(struct camt *c, struct err *e)
{
    struct bank_statement *s = c->statement;
    int128 sum = 0;
    bool same = !c->bare;
    if (c->entry.currency == NULL) {
        return err_set(e, ERR_PARSE, _("an entry of statement %s has no amount"), s->id);
    }
    if (!c->sign) {
        return err_set(e, ERR_PARSE, _("an entry of statement %s is neither credit nor debit"),
                       s->id);
    }
    int64_t amount = c->debit ? -c->entry.amount : c->entry.amount;
    for (size_t i = c->first; i < s->count; i++) {
        struct bank_txn *t = &s->txns[i];
        sum += t->amount;
        same = same && t->currency == c->entry.currency;
        t->status = c->entry.status;
        t->booked = c->entry.booked;
        t->reversal = c->entry.reversal;
        t->date = c->entry.date;
        t->entry_date = c->entry.entry_date;
        t->batch_reference = c->entry.bank_reference;
        if (t->type[0] == '\0') {
            t->type = c->entry.type;
        }
    }
    if (c->details > 1 && same && sum == amount) {
        return ERR_OK;
    }
    s->count = c->first;
    struct bank_txn *t = bank_txn_add(c->file, c->arena, e);
    if (t == NULL) {
        return e->code;
    }
    *t = c->details == 1 ? c->detail : c->entry;
    t->status = c->entry.status;
    t->booked = c->entry.booked;
    t->reversal = c->entry.reversal;
    t->date = c->entry.date;
    t->entry_date = c->entry.entry_date;
    t->amount = amount;
    t->currency = c->entry.currency;
    if (t->type[0] == '\0') {
        t->type = c->entry.type;
    }
    return ERR_OK;
}

static enum err_code entry_dates(struct bank_txn *t, struct err *e)
{
    if (t->date.year == 0 && t->entry_date.year == 0) {
        return err_set(e, ERR_PARSE, _("an entry has neither a booking nor a value date"));
    }
    t->date = t->date.year == 0 ? t->entry_date : t->date;
    t->entry_date = t->entry_date.year == 0 ? t->date : t->entry_date;
    return ERR_OK;
}

static enum err_code entry_end(struct camt *c, const char *path, const char *text,
                               struct err *e)
{
    struct bank_txn *t = &c->entry;
    if (ends(path, "Stmt/Ntry/Amt")) {
        return amount_take(c, text, &t->amount, &t->currency, e);
    }
    if (ends(path, "Stmt/Ntry/CdtDbtInd")) {
        c->sign = true;
        TRY(keep(c, &t->status, text, e));
        return sign_take(text, &c->debit, e);
    }
    if (ends(path, "Stmt/Ntry/RvslInd")) {
        t->reversal = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    } else if (ends(path, "Stmt/Ntry/Sts") || ends(path, "Stmt/Ntry/Sts/Cd")) {
        t->booked = text[0] == '\0' ? t->booked : strcmp(text, "BOOK") == 0;
    } else if (ends(path, "Ntry/BookgDt/Dt") || ends(path, "Ntry/BookgDt/DtTm")) {
        return day_take(text, &t->entry_date, e);
    } else if (ends(path, "Ntry/ValDt/Dt") || ends(path, "Ntry/ValDt/DtTm")) {
        return day_take(text, &t->date, e);
    } else if (ends(path, "Stmt/Ntry/AcctSvcrRef")) {
        return keep(c, &t->bank_reference, text, e);
    } else if (ends(path, "Stmt/Ntry/NtryRef")) {
        return keep(c, &t->customer_reference, text, e);
    } else if (ends(path, "Stmt/Ntry/AddtlNtryInf")) {
        return keep(c, &t->extra, text, e);
    } else if (ends(path, "Stmt/Ntry/BkTxCd/Prtry/Cd")) {
        return keep(c, &t->type, text, e);
    } else if (ends(path, "Stmt/Ntry")) {
        TRY(entry_dates(t, e));
        return entry_close(c, e);
    }
    return ERR_OK;
}

static enum err_code camt_end(void *ctx, const char *full, const char *text, struct err *e)
{
    struct camt *c = ctx;
    const char *path = message_path(full);
    if (strncmp(path, "Document/BkToCstmrStmt/Stmt", 27) != 0 || c->statement == NULL) {
        return ERR_OK;
    }
    if (strstr(path, "/TxDtls") != NULL) {
        return detail_end(c, path, text, e);
    }
    if (strstr(path, "/Ntry") != NULL) {
        return entry_end(c, path, text, e);
    }
    if (strstr(path, "/Bal") != NULL) {
        return balance_end(c, path, text, e);
    }
    return statement_end(c, path, text, e);
}

enum err_code bank_read_camt(const char *data, size_t len, struct arena *arena,
                             struct bank_file *out, struct err *e)
{
    struct camt *c = arena_alloc(arena, sizeof *c);
    if (c == NULL) {
        return err_nomem(e);
    }
    *out = (struct bank_file){.format = "camt.053"};
    c->file = out;
    c->arena = arena;
    struct xml_reader reader = {c, camt_start, camt_end};
    buf_init(&c->remittance, XML_TEXT_MAX);
    enum err_code code = xml_read(data, len, &reader, e);
    buf_release(&c->remittance);
    TRY(code);
    if (!c->message) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("the file is XML, but no camt.053 statement (BkToCstmrStmt); reports "
                         "(camt.052) and notices (camt.054) come again in the statement"));
    }
    return out->count > 0 ? ERR_OK : err_set(e, ERR_PARSE, _("the file holds no statement"));
}
