#include <config.h>

#include "app/recovery.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/text.h"

#define SEED_SIZE 32
#define CHECK_SIZE 2 /* bytes: a mistyped key is told from a wrong one */

/* PKCS#8 of an Ed25519 key is this and its 32 bytes. Source: RFC 8410, section 7. */
static const uint8_t pkcs8_head[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                     0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

static enum err_code seed_load(const uint8_t seed[SEED_SIZE], struct sign_key **out,
                               struct err *e)
{
    uint8_t der[sizeof pkcs8_head + SEED_SIZE];
    memcpy(der, pkcs8_head, sizeof pkcs8_head);
    memcpy(der + sizeof pkcs8_head, seed, SEED_SIZE);
    enum err_code code = sign_key_load_as(KEY_ED25519, der, sizeof der, out, e);
    secure_wipe(der, sizeof der);
    return code;
}

enum err_code recovery_key_make(const struct office *o, char text[RECOVERY_TEXT_MAX],
                                struct sign_key **out, struct err *e)
{
    uint8_t raw[SEED_SIZE + CHECK_SIZE];
    struct hash sum;
    size_t at = 0;
    TRY(env_random(o->env, raw, SEED_SIZE, e));
    sha256(raw, SEED_SIZE, &sum);
    memcpy(raw + SEED_SIZE, sum.b, CHECK_SIZE);
    for (size_t i = 0; i < sizeof raw; i += 2) {
        at += (size_t)snprintf(text + at, RECOVERY_TEXT_MAX - at, "%s%02X%02X",
                               i == 0 ? "" : "-", raw[i], raw[i + 1]);
    }
    enum err_code code = seed_load(raw, out, e);
    secure_wipe(raw, sizeof raw);
    return code;
}

/* The digits without what people put between them. */
static bool text_read(const char *text, uint8_t raw[SEED_SIZE + CHECK_SIZE])
{
    char digits[2 * (SEED_SIZE + CHECK_SIZE) + 1];
    size_t n = 0;
    bool good = true;
    for (; good && *text != '\0'; text++) {
        if (*text == ' ' || *text == '-' || *text == '\n' || *text == '\r' || *text == '\t') {
            continue;
        }
        good = n < sizeof digits - 1;
        if (good) {
            digits[n++] = *text >= 'A' && *text <= 'F' ? (char)(*text - 'A' + 'a') : *text;
        }
    }
    good = good && n == sizeof digits - 1 && hex_decode(digits, n, raw, SEED_SIZE + CHECK_SIZE);
    secure_wipe(digits, sizeof digits);
    return good;
}

enum err_code recovery_key_read(const char *text, struct sign_key **out, struct err *e)
{
    uint8_t raw[SEED_SIZE + CHECK_SIZE];
    struct hash sum;
    if (!text_read(text, raw)) {
        return err_set(e, ERR_PARSE,
                       _("a recovery key has 17 groups of four of the digits 0-9 A-F"));
    }
    sha256(raw, SEED_SIZE, &sum);
    enum err_code code = memcmp(sum.b, raw + SEED_SIZE, CHECK_SIZE) == 0
                             ? seed_load(raw, out, e)
                             : err_set(e, ERR_PARSE, _("the recovery key is mistyped"));
    secure_wipe(raw, sizeof raw);
    return code;
}

enum err_code recovery_key_open(const struct office *o, const char *text, struct sign_key **out,
                                struct err *e)
{
    struct sign_key *k = NULL;
    int64_t one = 0;
    bool valid = false;
    TRY(recovery_key_read(text, &k, e));
    enum err_code code =
        db_get_int(o->db, &one, &valid, e,
                   "SELECT 1 FROM key WHERE keyid=? AND purpose='recovery' AND valid_to IS "
                   "NULL",
                   VALS(V_HASH(sign_key_id(k))));
    if (code == ERR_OK && !valid) {
        code = err_set(e, ERR_DENIED, _("this is not the office's recovery key"));
    }
    if (code != ERR_OK) {
        sign_key_free(k);
        return code;
    }
    *out = k;
    return ERR_OK;
}
