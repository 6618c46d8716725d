#include <config.h>

#include "app/bank_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bank_match.h"
#include "base/arena.h"
#include "base/i18n.h"

#define HALF 16 /* digits of either part of a key */

/* What banks write where they have nothing to say; zeros alone name nothing either. */
static const char *said(const char *text)
{
    bool nothing = strcmp(text, "NONREF") == 0 || strcmp(text, "NOTPROVIDED") == 0 ||
                   text[strspn(text, "0 ")] == '\0';
    return nothing ? "" : text;
}

static enum err_code hash_take(const struct buf *text, struct hash *out, struct err *e)
{
    sha256(buf_str(text), text->len, out);
    return buf_status(text, _("bank file"), e);
}

/* By the bank's own reference where it gives one, else by all that it says. */
static enum err_code base_make(struct bank_key *k, const char *mapping, struct buf *text,
                               struct err *e)
{
    const struct bank_txn *t = k->txn;
    char account[BANK_ACCOUNT_SIZE];
    const char *reference = said(t->bank_reference);
    const char *end_to_end = said(t->end_to_end);
    if (mapping != NULL) {
        /* A fee may bear the number of the payment that it is charged for. */
        buf_addf(text, "csv|%s|%s%s", mapping, t->amount > 0 ? "" : "-", t->bank_reference);
        k->once = t->bank_reference[0] != '\0';
        if (!k->once) {
            buf_addf(text, "|%" PRId64 "|", t->amount);
            date_print(t->date, text);
            buf_addf(text, "|%s|%s|%s|%s", t->structured, t->end_to_end, t->name, t->text);
        }
        TRY(hash_take(text, &k->all, e));
        k->movement = k->all;
        return ERR_OK;
    }
    k->named = reference[0] != '\0';
    k->plain = k->named && end_to_end[0] == '\0';
    bank_account_plain(k->statement->account, account);
    buf_addf(text, "%s|%" PRId64 "|", account, t->amount);
    date_print(t->date, text);
    buf_addf(text, "|%s", reference);
    if (!k->named) {
        buf_addf(text, "|%s|%s|%s|%s", said(t->customer_reference), t->name, t->counter_account,
                 t->text);
    }
    TRY(hash_take(text, &k->movement, e));
    buf_addf(text, "|%s", end_to_end);
    return hash_take(text, &k->all, e);
}

/* Half of a key: a part of the hash of what it is, and of which among equal ones. */
static void half_make(const struct hash *base, uint32_t nth, char out[HALF + 1])
{
    uint8_t n[4];
    struct hash h;
    char hex[65];
    for (int i = 0; i < 4; i++) {
        n[i] = (uint8_t)(nth >> (8 * i));
    }
    sha256_2(base->b, HASH_SIZE, n, sizeof n, &h);
    hash_hex(&h, hex);
    (void)snprintf(out, HALF + 1, "%.16s", hex);
}

static void text_make(const struct bank_key *k, const struct hash *all, uint32_t nth,
                      char out[BANK_KEY_SIZE])
{
    half_make(&k->movement, 0, out);
    half_make(all, nth, out + HALF);
}

static int by_movement(const void *x, const void *y)
{
    const struct bank_key *a = *(const struct bank_key *const *)x;
    const struct bank_key *b = *(const struct bank_key *const *)y;
    int by = memcmp(a->movement.b, b->movement.b, HASH_SIZE);
    return by != 0 ? by : (a > b) - (a < b);
}

static int by_all(const void *x, const void *y)
{
    const struct bank_key *a = *(const struct bank_key *const *)x;
    const struct bank_key *b = *(const struct bank_key *const *)y;
    int by = memcmp(a->all.b, b->all.b, HASH_SIZE);
    return by != 0 ? by : (a > b) - (a < b);
}

/* Equal movements of one file are told apart by their order in it. */
static void order_make(struct bank_key **order, size_t count)
{
    uint32_t same = 0;
    qsort(order, count, sizeof order[0], by_movement);
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && hash_equal(&order[i]->movement, &order[i - 1]->movement);
        order[i]->nth = again ? order[i - 1]->nth + 1 : 0;
    }
    qsort(order, count, sizeof order[0], by_all);
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && hash_equal(&order[i]->all, &order[i - 1]->all);
        same = again && !order[i]->once ? same + 1 : 0;
        text_make(order[i], &order[i]->all, same, order[i]->text);
    }
}

/* The entry of which keys[from] to keys[end] are the details: the key that it would have as
 * one movement. */
static enum err_code batch_make(struct bank_key *keys, size_t from, size_t end,
                                struct buf *text, struct err *e)
{
    struct bank_key whole = keys[from];
    struct bank_txn entry = *keys[from].txn;
    char half[HALF + 1];
    int64_t total = 0;
    for (size_t i = from; i < end; i++) {
        if (!add_i64(total, keys[i].txn->amount, &total)) {
            return err_set(e, ERR_RANGE, "%s",
                           _("the details of one entry come to more than can be counted"));
        }
    }
    entry.amount = total;
    entry.bank_reference = entry.batch_reference;
    entry.end_to_end = entry.customer_reference = entry.name = entry.counter_account = "";
    entry.text = "";
    whole.txn = &entry;
    buf_clear(text);
    TRY(base_make(&whole, NULL, text, e));
    half_make(&whole.movement, 0, half);
    for (size_t i = from; i < end; i++) {
        keys[i].batch_total = total;
        (void)snprintf(keys[i].batch, sizeof keys[i].batch, "%s%.*s", whole.named ? "" : "u",
                       whole.named ? HALF : HALF - 1, half);
    }
    return ERR_OK;
}

/* Details of one entry stand one behind the other. */
static enum err_code batches_make(struct bank_key *keys, size_t count, struct buf *text,
                                  struct err *e)
{
    for (size_t from = 0, end = 0; from < count; from = end) {
        const struct bank_key *k = &keys[from];
        for (end = from + 1;
             end < count && k->txn->entry != 0 && keys[end].statement == k->statement &&
             keys[end].txn->entry == k->txn->entry;
             end++) {
        }
        TRY(end - from > 1 ? batch_make(keys, from, end, text, e) : ERR_OK);
    }
    return ERR_OK;
}

enum err_code bank_keys_make(struct bank_key *keys, size_t count, const char *mapping,
                             struct err *e)
{
    struct bank_key **order = mem_array(count > 0 ? count : 1, sizeof order[0]);
    struct buf text;
    enum err_code code = order != NULL ? ERR_OK : err_nomem(e);
    buf_init(&text, 1 << 20);
    if (code == ERR_OK && mapping == NULL) {
        code = batches_make(keys, count, &text, e);
    }
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        buf_clear(&text);
        code = base_make(&keys[i], mapping, &text, e);
        order[i] = &keys[i];
    }
    if (code == ERR_OK) {
        order_make(order, count);
    }
    buf_release(&text);
    mem_free(order);
    return code;
}

static enum err_code recorded(struct command_ctx *c, const char *key, bool *is, struct err *e)
{
    int64_t one = 0;
    return db_get_int(c->office->db, &one, is, e,
                      "SELECT 1 FROM bank_row WHERE key = ? AND state <> 'undone'",
                      VALS(V_TEXT(key)));
}

enum err_code bank_key_seen(struct command_ctx *c, const struct bank_key *k, bool *seen,
                            struct err *e)
{
    char from[BANK_KEY_SIZE];
    int64_t many = 0;
    TRY(recorded(c, k->text, seen, e));
    if (*seen || !k->named) {
        return ERR_OK;
    }
    if (k->plain) {
        (void)snprintf(from, sizeof from, "%.16s", k->text);
        TRY(db_get_int(c->office->db, &many, NULL, e,
                       "SELECT count(*) FROM bank_row WHERE key >= ?1 AND key < ?1 || 'g' AND "
                       "state <> 'undone'",
                       VALS(V_TEXT(from))));
        *seen = many > k->nth;
        return ERR_OK;
    }
    /* Recorded without the payer's reference: that movement, plain. */
    struct bank_key plain = *k;
    struct buf text;
    struct bank_txn less = *k->txn;
    less.end_to_end = "";
    plain.txn = &less;
    buf_init(&text, 1 << 20);
    enum err_code code = base_make(&plain, NULL, &text, e);
    buf_release(&text);
    text_make(&plain, &plain.all, k->nth, from);
    return code == ERR_OK ? recorded(c, from, seen, e) : code;
}

/* ---- sums and parts ---- */

static enum err_code any_row(struct command_ctx *c, const char *sql, const struct val *vals,
                             size_t count, bool *any, struct err *e)
{
    int64_t one = 0;
    return db_get_int(c->office->db, &one, any, e, sql, vals, count);
}

static enum err_code part_look(struct command_ctx *c, const struct bank_key *k, int64_t file,
                               const char *day, enum bank_batch *out, struct err *e)
{
    bool any = false;
    TRY(k->batch[0] != 'u'
            ? any_row(c,
                      "SELECT 1 FROM bank_row WHERE key >= ?1 AND key < ?1 || 'g' AND batch IS "
                      "NULL AND state <> 'undone' LIMIT 1",
                      VALS(V_TEXT(k->batch)), &any, e)
            : ERR_OK);
    if (any) {
        *out = BATCH_IN_SUM;
        return ERR_OK;
    }
    TRY(any_row(
        c,
        "SELECT 1 FROM bank_row WHERE value_date = ?1 AND amount = ?2 AND batch IS NULL "
        "AND file <> ?3 AND state <> 'undone' LIMIT 1",
        VALS(V_TEXT(day), V_INT(k->batch_total), V_INT(file)), &any, e));
    *out = any ? BATCH_PERHAPS : BATCH_NONE;
    return ERR_OK;
}

static enum err_code sum_look(struct command_ctx *c, const struct bank_key *k, int64_t file,
                              const char *day, enum bank_batch *out, struct err *e)
{
    char half[HALF + 1];
    bool any = false;
    (void)snprintf(half, sizeof half, "%.*s", HALF, k->text);
    /* As many sums as the parts come to. */
    TRY(k->named
            ? any_row(c,
                      "SELECT 1 FROM (SELECT sum(amount) AS parts FROM bank_row WHERE "
                      "value_date = ?1 AND batch = ?2 AND state <> 'undone') WHERE parts / "
                      "?3 > ?4",
                      VALS(V_TEXT(day), V_TEXT(half), V_INT(k->txn->amount),
                           V_INT((int64_t)k->nth)),
                      &any, e)
            : ERR_OK);
    if (any) {
        *out = BATCH_IN_PARTS;
        return ERR_OK;
    }
    TRY(any_row(
        c,
        "SELECT 1 FROM bank_row WHERE value_date = ?1 AND batch IS NOT NULL AND file <> "
        "?2 AND state <> 'undone' AND (?3 = 0 OR batch LIKE 'u%') GROUP BY file, batch "
        "HAVING sum(amount) = ?4 LIMIT 1",
        VALS(V_TEXT(day), V_INT(file), V_INT(k->named), V_INT(k->txn->amount)), &any, e));
    *out = any ? BATCH_PERHAPS : BATCH_NONE;
    return ERR_OK;
}

enum err_code bank_key_batch(struct command_ctx *c, const struct bank_key *k, int64_t file,
                             enum bank_batch *out, struct err *e)
{
    char day[DATE_TEXT];
    *out = BATCH_NONE;
    if (!k->txn->booked || k->txn->amount <= 0) {
        return ERR_OK; /* counts for nothing */
    }
    date_text(k->txn->date, day);
    return k->batch[0] != '\0' ? part_look(c, k, file, day, out, e)
                               : sum_look(c, k, file, day, out, e);
}
