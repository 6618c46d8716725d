#include <config.h>

#include "app/bank_match.h"

#include <stdio.h>
#include <string.h>

#include "app/biller.h"
#include "base/text.h"

#define CANDIDATES_MAX 10000 /* accounts that owe the same amount */
#define TOKEN_MAX 96         /* a whole payment barcode */
#define TOKENS_MAX 64        /* of one text; the rest is not looked at */

/* "DE" and the rest of a German IBAN, or "10020030/1234567": the bank's number and the
 * account's. */
static bool german(const char *s, size_t len, char out[20])
{
    const char *number = NULL;
    if (len == 22 && memcmp(s, "DE", 2) == 0 && strspn(s + 2, "0123456789") >= 20) {
        s += 4;
        number = s + 8;
        len = 10;
    } else if (len > 9 && len <= 19 && strspn(s, "0123456789") == 8 && s[8] == '/' &&
               strspn(s + 9, "0123456789") >= len - 9) {
        number = s + 9;
        len -= 9;
    } else {
        return false;
    }
    while (len > 1 && *number == '0') {
        number++;
        len--;
    }
    (void)snprintf(out, 20, "%.8s/%.*s", s, (int)len, number);
    return true;
}

static bool is_iban(const char *s, size_t len)
{
    return len >= 15 && len <= 34 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' &&
           strspn(s + 2, "0123456789") >= 2;
}

void bank_account_plain(const char *account, char out[BANK_ACCOUNT_SIZE])
{
    char text[BANK_ACCOUNT_SIZE];
    size_t len = 0;
    for (const char *p = account; *p != '\0' && len + 1 < sizeof text; p++) {
        if (*p != ' ') { /* an IBAN may be written in groups */
            text[len++] = *p;
        }
    }
    text[len] = '\0';
    if (len > 3 && text[len - 4] >= '0' && text[len - 4] <= '9' &&
        currency_find(text + len - 3) != NULL) {
        len -= 3; /* "NL71RABO0123456789EUR" */
        text[len] = '\0';
    }
    const char *slash = strrchr(text, '/');
    const char *from = slash != NULL && is_iban(slash + 1, len - (size_t)(slash + 1 - text))
                           ? slash + 1
                           : text;
    if (!german(from, len - (size_t)(from - text), out)) {
        (void)snprintf(out, BANK_ACCOUNT_SIZE, "%s", from);
    }
}

bool bank_account_same(const char *a, const char *b)
{
    char one[BANK_ACCOUNT_SIZE];
    char other[BANK_ACCOUNT_SIZE];
    bank_account_plain(a, one);
    bank_account_plain(b, other);
    return strcmp(one, other) == 0;
}

/* An account found: another one makes it ambiguous. */
static void found_add(struct bank_match *m, int64_t account, int64_t bill, bool closed)
{
    if (closed) {
        m->reason = m->account == 0 ? "closed_account" : m->reason;
    } else if (m->account == 0) {
        m->account = account;
        m->bill = bill;
        m->reason = "reference";
    } else if (m->account != account) {
        m->reason = "ambiguous";
    }
}

static enum err_code account_token(struct command_ctx *c, const char *token,
                                   struct bank_match *m, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT id, closed IS NOT NULL FROM account WHERE number = ?",
                 VALS(V_TEXT(token))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        found_add(m, stmt_int(q, 0), 0, stmt_int(q, 1) != 0);
    }
    stmt_done(q);
    return code;
}

/* "2016-00000017", as it stands on the bill. */
static enum err_code bill_token(struct command_ctx *c, const char *token, struct bank_match *m,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char year[5];
    struct decimal n = {0, 0};
    struct err ignored = ERR_INIT;
    if (strlen(token) != 13 || token[4] != '-' || strspn(token, "0123456789") != 4 ||
        strspn(token + 5, "0123456789") != 8 ||
        decimal_parse(token + 5, 8, &n, &ignored) != ERR_OK) {
        return ERR_OK;
    }
    (void)snprintf(year, sizeof year, "%.4s", token);
    TRY(db_query(c->office->db, &q, e,
                 "SELECT b.account, a.closed IS NOT NULL FROM bill b JOIN account a ON a.id = "
                 "b.account WHERE b.id = ? AND substr(b.issued, 1, 4) = ?",
                 VALS(V_INT(n.mantissa), V_TEXT(year))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        found_add(m, stmt_int(q, 0), n.mantissa, stmt_int(q, 1) != 0);
    }
    stmt_done(q);
    return code;
}

/* The reference of the payment barcode, or all that it holds. */
static enum err_code barcode_token(struct command_ctx *c, const char *token,
                                   struct bank_match *m, struct err *e)
{
    int64_t account = 0;
    int64_t bill = 0;
    int64_t closed = 0;
    TRY(biller_reference_find(c->office, token, &account, &bill, e));
    if (account == 0) {
        return ERR_OK;
    }
    TRY(db_get_int(c->office->db, &closed, NULL, e,
                   "SELECT closed IS NOT NULL FROM account WHERE id = ?",
                   VALS(V_INT(account))));
    found_add(m, account, bill, closed != 0);
    return ERR_OK;
}

static bool has_digit(const char *s)
{
    return strpbrk(s, "0123456789") != NULL;
}

static enum err_code token_search(struct command_ctx *c, const char *text, size_t len,
                                  bool whole, struct bank_match *m, struct err *e)
{
    char token[TOKEN_MAX + 1];
    if (len == 0 || len > TOKEN_MAX) {
        return ERR_OK;
    }
    memcpy(token, text, len);
    token[len] = '\0';
    TRY(bill_token(c, token, m, e));
    TRY(barcode_token(c, token, m, e));
    return whole || (len >= 4 && has_digit(token)) ? account_token(c, token, m, e) : ERR_OK;
}

/* A word that names nothing may hold a number all the same: "SVWZ+A-17", "/BN/A-17/", "A-17.".
 * Not the year of a date, so a part is longer than that or has a letter. */
static enum err_code parts_search(struct command_ctx *c, const char *word, size_t len,
                                  struct bank_match *m, struct err *e)
{
    static const char marks[] = "/+=#";
    for (size_t at = 0; at < len;) {
        size_t n = 0;
        bool letter = false;
        while (at + n < len && strchr(marks, word[at + n]) == NULL) {
            letter = letter || (word[at + n] | 0x20) >= 'a';
            n++;
        }
        size_t end = n;
        while (end > 0 && strchr(".!?", word[at + end - 1]) != NULL) {
            end--;
        }
        if (end < len && (letter || end > 5)) {
            TRY(token_search(c, word + at, end, false, m, e));
        }
        at += n + 1;
    }
    return ERR_OK;
}

/* A reference is one token; a text is searched word by word, for numbers that cannot be
 * something else too easily. */
static enum err_code text_search(struct command_ctx *c, const char *text, bool whole,
                                 struct bank_match *m, struct err *e)
{
    static const char ends[] = " \t\r\n,;:()[]\"'";
    const char *p = text;
    for (size_t n = 0; *p != '\0' && n < TOKENS_MAX; n++) {
        size_t len = whole ? strlen(p) : strcspn(p, ends);
        bool none = m->account == 0;
        TRY(token_search(c, p, len, whole, m, e));
        if (!whole && none && m->account == 0) {
            TRY(parts_search(c, p, len, m, e));
        }
        p += len;
        p += *p != '\0' ? 1 : 0;
    }
    return ERR_OK;
}

static enum err_code by_reference(struct command_ctx *c, const struct bank_txn *t,
                                  struct bank_match *m, struct err *e)
{
    const char *references[] = {t->structured, t->end_to_end, t->customer_reference};
    for (size_t i = 0; i < 3; i++) {
        TRY(text_search(c, references[i], true, m, e));
    }
    for (size_t i = 0; i < 2 && m->account == 0; i++) {
        TRY(text_search(c, references[i], false, m, e));
    }
    for (size_t i = 0; i < 2 && m->account == 0; i++) {
        TRY(text_search(c, i == 0 ? t->text : t->words, false, m, e));
    }
    return ERR_OK;
}

/* Does the account belong to that payer? By the customer's name, or by where earlier money for
 * it came from. */
static enum err_code payer_fits(struct command_ctx *c, const struct bank_txn *t,
                                const struct stmt *q, const char **reason, struct err *e)
{
    struct buf name;
    struct buf payer;
    int64_t one = 0;
    bool known = false;
    const char *customer = stmt_text(q, 1);
    buf_init(&name, 4096);
    buf_init(&payer, 65535);
    if (customer != NULL && t->name[0] != '\0') {
        text_fold(customer, strlen(customer), &name);
        text_fold(t->name, strlen(t->name), &payer);
        if (!name.failed && !payer.failed && strcmp(buf_str(&name), buf_str(&payer)) == 0) {
            *reason = "name_and_amount";
        }
    }
    buf_release(&name);
    buf_release(&payer);
    if (*reason != NULL || t->counter_account[0] == '\0') {
        return ERR_OK;
    }
    TRY(db_get_int(
        c->office->db, &one, &known, e,
        "SELECT 1 FROM payment y JOIN bank_row b ON b.id = y.bank_row JOIN personal "
        "p ON p.owner = 'bank_row' AND p.id = b.id AND p.field = 'counter' AND p.hash "
        "= b.counter WHERE y.account = ?1 AND y.state = 'posted' AND p.value = ?2 "
        "LIMIT 1",
        VALS(V_INT(stmt_int(q, 0)), V_TEXT(t->counter_account))));
    *reason = known ? "payer_and_amount" : NULL;
    return ERR_OK;
}

/* Of the accounts that owe exactly this, the only one that is the payer's. */
static enum err_code by_amount(struct command_ctx *c, const struct bank_txn *t,
                               struct bank_match *m, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT DISTINCT a.id, n.value FROM posting o JOIN account a ON a.id = "
        "o.account JOIN customer k ON k.id = a.customer LEFT JOIN personal n ON "
        "n.owner = 'customer' AND n.id = k.id AND n.field = 'name' AND n.hash = k.name "
        "WHERE o.open = ?1 AND o.open > 0 AND a.closed IS NULL LIMIT ?2",
        VALS(V_INT(t->amount), V_INT(CANDIDATES_MAX))));
    enum err_code code = ERR_OK;
    int64_t seen = 0;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        const char *reason = NULL;
        code = payer_fits(c, t, q, &reason, e);
        if (code == ERR_OK && reason != NULL) {
            seen++;
            m->account = seen == 1 ? stmt_int(q, 0) : 0;
            m->reason = seen == 1 ? reason : "ambiguous";
        }
    }
    stmt_done(q);
    return code;
}

enum err_code bank_match(struct command_ctx *c, const struct bank_txn *t,
                         struct bank_match *out, struct err *e)
{
    *out = (struct bank_match){.reason = "no_reference"};
    if (!t->booked || t->currency != c->office->currency || t->amount <= 0) {
        out->reason = !t->booked                           ? "not_booked"
                      : t->currency != c->office->currency ? "other_currency"
                                                           : "debit";
        return ERR_OK;
    }
    TRY(by_reference(c, t, out, e));
    if (strcmp(out->reason, "ambiguous") == 0) {
        out->account = 0;
    }
    return strcmp(out->reason, "no_reference") == 0 ? by_amount(c, t, out, e) : ERR_OK;
}
