#include <config.h>

#include "app/bill_code.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/receipt.h"
#include "base/i18n.h"
#include "base/money.h"
#include "crypto/merkle.h"
#include "ledger/items.h"

#define MARK "AFORO1 "
#define MARK_RECEIPT "AFORO1R "
#define FIELDS 8
#define KEY_DIGITS 16

/* ---- making ---- */

/* Office, number, currency, amount and leaf: what is signed, but for the key. */
static enum err_code code_head(struct office *o, int64_t bill, struct buf *out, struct err *e)
{
    struct stmt *q = NULL;
    struct buf item;
    struct hash leaf;
    bool row = false;
    int64_t v[3] = {0};
    TRY(db_query(o->db, &q, e, "SELECT seq, item, total, currency FROM bill WHERE id = ?",
                 VALS(V_INT(bill))));
    enum err_code code = stmt_next(q, &row, e);
    const struct currency *currency =
        code == ERR_OK && row ? currency_find(stmt_text(q, 3)) : NULL;
    for (int i = 0; currency != NULL && i < 3; i++) {
        v[i] = stmt_int(q, i);
    }
    stmt_done(q);
    TRY(code);
    if (currency == NULL) {
        return err_set(e, ERR_NOT_FOUND, _("there is no bill %" PRId64), bill);
    }
    buf_init(&item, ITEM_MAX_BYTES);
    const struct item_source items = {.db = o->db, .shelf = o->shelf};
    code = items_get_from(&items, v[0], v[1], &item, e);
    if (code == ERR_OK) {
        merkle_leaf(item.data, item.len, &leaf);
        buf_addf(out, MARK "%s %" PRId64 " %s ", o->code, bill, currency->code);
        money_print((struct money){v[2]}, currency, out);
        buf_addc(out, ' ');
        buf_add_base64(out, leaf.b, HASH_SIZE);
    }
    buf_release(&item);
    return code;
}

/* What stands from `start` on, with the key's id and its signature behind it. */
static enum err_code code_sign(struct office *o, size_t start, struct buf *out, struct err *e)
{
    struct sign_key *key = NULL;
    struct signature sig;
    char hex[65];
    TRY(office_document_key(o, &key, e));
    hash_hex(sign_key_id(key), hex);
    buf_addf(out, " %.*s", KEY_DIGITS, hex);
    TRY(buf_status(out, _("QR code"), e));
    TRY(sign_data(key, out->data + start, out->len - start, &sig, e));
    buf_addc(out, ' ');
    buf_add_base64(out, sig.der, sig.len);
    TRY(buf_status(out, _("QR code"), e));
    return out->len - start <= BILL_CODE_MAX
               ? ERR_OK
               : err_set(e, ERR_LIMIT, _("the text of a QR code would be too large"));
}

enum err_code bill_code_make(struct office *o, int64_t bill, struct buf *out, struct err *e)
{
    size_t start = out->len;
    TRY(code_head(o, bill, out, e));
    return code_sign(o, start, out, e);
}

enum err_code receipt_code_make(struct office *o, const struct receipt *r, struct buf *out,
                                struct err *e)
{
    size_t start = out->len;
    buf_addf(out, MARK_RECEIPT "%s %" PRId64 " %s ", o->code, r->number, r->currency->code);
    money_print((struct money){r->amount}, r->currency, out);
    buf_addc(out, ' ');
    buf_add_base64(out, r->leaf.b, HASH_SIZE);
    return code_sign(o, start, out, e);
}

/* ---- reading ---- */

bool bill_code_begins(const char *text, size_t len)
{
    return (len >= strlen(MARK) && memcmp(text, MARK, strlen(MARK)) == 0) ||
           (len >= strlen(MARK_RECEIPT) &&
            memcmp(text, MARK_RECEIPT, strlen(MARK_RECEIPT)) == 0);
}

/* The text at each space; exactly FIELDS parts, none empty. */
static bool split(const char *text, size_t len, const char *part[FIELDS], size_t size[FIELDS])
{
    size_t n = 0;
    size_t from = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != ' ') {
            if (text[i] < '!' || text[i] > '~') {
                return false;
            }
            continue;
        }
        if (n == FIELDS || i == from) {
            return false;
        }
        part[n] = text + from;
        size[n++] = i - from;
        from = i + 1;
    }
    return n == FIELDS;
}

static bool bytes_of(const char *text, size_t len, uint8_t *out, size_t size)
{
    struct buf b;
    struct err ignored = ERR_INIT;
    buf_init(&b, size + 3);
    bool ok = base64_decode(text, len, &b, &ignored) == ERR_OK && b.len == size;
    if (ok) {
        memcpy(out, b.data, size);
    }
    buf_release(&b);
    return ok;
}

static bool text_of(const char *text, size_t len, char *out, size_t size)
{
    if (len >= size) {
        return false;
    }
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

static bool number_of(const char *text, size_t len, int64_t *out)
{
    char again[32];
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || i > 17) {
            return false;
        }
        *out = *out * 10 + (text[i] - '0');
    }
    int n = snprintf(again, sizeof again, "%" PRId64, *out);
    return n == (int)len && memcmp(again, text, len) == 0;
}

enum err_code bill_code_parse(const char *text, size_t len, struct bill_code *out,
                              struct err *e)
{
    const char *part[FIELDS];
    size_t size[FIELDS];
    bool ok = len <= BILL_CODE_MAX && bill_code_begins(text, len) &&
              split(text, len, part, size) &&
              text_of(part[1], size[1], out->office, sizeof out->office) &&
              number_of(part[2], size[2], &out->bill) &&
              text_of(part[3], size[3], out->currency, sizeof out->currency) &&
              text_of(part[4], size[4], out->amount, sizeof out->amount) &&
              bytes_of(part[5], size[5], out->leaf.b, HASH_SIZE) && size[6] == KEY_DIGITS &&
              text_of(part[6], size[6], out->key, sizeof out->key) &&
              bytes_of(part[7], size[7], out->sig, sizeof out->sig);
    if (!ok) {
        return err_set(e, ERR_PARSE,
                       _("this is no QR code of a bill or receipt that Aforo printed"));
    }
    out->receipt = size[0] == strlen(MARK_RECEIPT) - 1;
    out->signed_len = (size_t)(part[7] - text) - 1;
    return ERR_OK;
}

static bool id_begins(const struct hash *id, const char *digits)
{
    char hex[65];
    hash_hex(id, hex);
    return strncmp(hex, digits, KEY_DIGITS) == 0;
}

static enum err_code judge(const struct bill_code *c, const char *text,
                           const struct verify_key *key, struct err *e)
{
    return id_begins(verify_key_id(key), c->key) &&
                   verify_data(key, text, c->signed_len, c->sig, sizeof c->sig)
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         c->receipt
                             ? _("the QR code of receipt %" PRId64 " is not signed by that key")
                             : _("the QR code of bill %" PRId64 " is not signed by that key"),
                         c->bill);
}

enum err_code bill_code_verify(const struct bill_code *c, const char *text,
                               const struct keyring *keys, const char *spki, struct err *e)
{
    struct verify_key *given = NULL;
    struct buf der;
    if (spki != NULL) {
        buf_init(&der, 4096);
        enum err_code code = base64_decode(spki, strlen(spki), &der, e);
        if (code == ERR_OK) {
            code = verify_key_load_as(KEY_ED25519, der.data, der.len, &given, e);
        }
        if (code == ERR_OK) {
            code = judge(c, text, given, e);
        } else {
            (void)err_wrap(e, "--key");
        }
        verify_key_free(given);
        buf_release(&der);
        return code;
    }
    for (size_t i = 0; keys != NULL && i < keys->count; i++) {
        if (keys->spans[i].purpose == KEY_DOCUMENT && id_begins(&keys->spans[i].id, c->key)) {
            return judge(c, text, keys->spans[i].key, e);
        }
    }
    return err_set(e, ERR_STATE,
                   _("give the office's document key, which has the id %s...: --key and the "
                     "base64 of its SubjectPublicKeyInfo"),
                   c->key);
}
