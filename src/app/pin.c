#include <config.h>

#include "app/pin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "crypto/seal.h"

#define NUMBER_MAX 64

enum err_code pin_check_shape(const char *pin, struct err *e)
{
    size_t len = strlen(pin);
    bool alike = true;
    bool rising = true;
    bool falling = true;
    if (len < PIN_MIN || len > PIN_MAX || strspn(pin, "0123456789") != len) {
        return err_set(e, ERR_USAGE, _("a PIN has %d to %d digits and nothing else"), PIN_MIN,
                       PIN_MAX);
    }
    for (size_t i = 1; i < len; i++) {
        alike = alike && pin[i] == pin[0];
        rising = rising && pin[i] == pin[i - 1] + 1;
        falling = falling && pin[i] == pin[i - 1] - 1;
    }
    return !alike && !rising && !falling
               ? ERR_OK
               : err_set(e, ERR_USAGE,
                         _("that PIN is the first that anybody tries; choose another"));
}

static void pin_aad(const struct office *o, int64_t account, char out[96])
{
    (void)snprintf(out, 96, "pin:%s:%" PRId64, o->code, account);
}

enum err_code pin_seal(struct office *o, int64_t account, const char *pin, struct buf *out,
                       struct err *e)
{
    static const char plain[] = "aforo account";
    char aad[96];
    pin_aad(o, account, aad);
    return seal_password(plain, sizeof plain - 1, pin, aad, &kdf_cost_default, o->env, out, e);
}

/* The number of a bill as people type it: "115", "2017-00000115", or that without its dash on a
 * pad of digits. 0: it is none. */
static int64_t bill_typed(const char *text)
{
    const char *dash = strchr(text, '-');
    size_t len = strlen(text);
    int64_t number = 0;
    if (dash != NULL && dash == text + 4 && strspn(text, "0123456789") == 4) {
        text += 5;
    } else if (len == 12 && strspn(text, "0123456789") == 12) {
        text += 4;
    }
    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 12) {
        return 0;
    }
    for (; *text != '\0'; text++) {
        number = number * 10 + (*text - '0');
    }
    return number;
}

/* The account that a number is of, or 0. An account's own number comes before a bill's. */
static enum err_code account_typed(struct office *o, const char *number, int64_t *account,
                                   struct err *e)
{
    *account = 0;
    return db_get_int(o->db, account, NULL, e,
                      "SELECT coalesce((SELECT id FROM account WHERE number = ?1), (SELECT id "
                      "FROM account WHERE number = ?1 COLLATE NOCASE), (SELECT account FROM "
                      "bill WHERE id = ?2), 0)",
                      VALS(V_TEXT(number), V_INT(bill_typed(number))));
}

/* The sealed line of an account that is open; *found false when there is none. */
static enum err_code pin_find(struct office *o, int64_t account, struct buf *line, bool *found,
                              struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(o->db, &q, e,
                 "SELECT s.value FROM account_pin p JOIN sealed s ON s.hash = p.secret JOIN "
                 "account a ON a.id = p.account WHERE a.id = ? AND a.closed IS NULL",
                 VALS(V_INT(account))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        buf_adds(line, stmt_text(q, 0));
        code = buf_status(line, _("sealed PIN"), e);
    }
    stmt_done(q);
    return code;
}

static enum err_code pin_try(struct office *o, int64_t account, const char *pin, struct err *e)
{
    struct buf line;
    struct buf plain;
    char aad[96];
    bool found = false;
    buf_init(&line, SEAL_LINE_MAX);
    buf_init(&plain, SEAL_PLAIN_MAX);
    enum err_code code = pin_find(o, account, &line, &found, e);
    if (code == ERR_OK && !found) {
        unseal_dummy(pin);
        code = ERR_DENIED;
    } else if (code == ERR_OK) {
        pin_aad(o, account, aad);
        code = unseal_password(buf_str(&line), pin, aad, &plain, e);
    }
    buf_wipe(&plain);
    buf_wipe(&line);
    return code;
}

enum err_code pin_open(struct office *o, const char *number, const char *pin, int64_t *account,
                       int *wait_s, struct err *e)
{
    char who[NUMBER_MAX + 8];
    *account = 0;
    *wait_s = 0;
    if (strlen(number) > NUMBER_MAX || strlen(pin) > PIN_MAX) {
        return err_set(e, ERR_DENIED, _("number or PIN is wrong"));
    }
    int64_t known = 0;
    TRY(account_typed(o, number, &known, e));
    /* A bill's number and its account's are one door: attempts count together. */
    if (known != 0) {
        (void)snprintf(who, sizeof who, "pin:%" PRId64, known);
    } else {
        (void)snprintf(who, sizeof who, "pin?%s", number);
    }
    TRY(session_throttle(o, who, wait_s, e));
    enum err_code code = pin_try(o, known, pin, e);
    if (code == ERR_OK) {
        *account = known;
        return session_passed(o, who, e);
    }
    if (code == ERR_DENIED) {
        TRY(session_failed(o, who, e));
        return err_set(e, ERR_DENIED, _("number or PIN is wrong"));
    }
    return code;
}
