/* PKCS#11 tokens: C_Sign directly, the module loaded by p11-kit, which counts who initialized
 * it. Source: PKCS #11 Cryptographic Token Interface 3.0, RFC 7512. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/token.h"

#define SLOTS_MAX 64
#define KEY_ID_SIZE 16 /* bytes of CKA_ID of keys made here */
#define LABEL_SIZE 32  /* CK_TOKEN_INFO.label: padded with spaces, not ended */

struct token {
    CK_FUNCTION_LIST *module;
    bool initialized;
    CK_SESSION_HANDLE session; /* 0: none */
    CK_OBJECT_HANDLE key;
    enum key_algorithm algorithm;
    char label[LABEL_SIZE + 1]; /* for messages */
};

static void token_free(void *p)
{
    struct token *t = p;

    if (t == NULL) {
        return;
    }
    if (t->session != 0) {
        (void)t->module->C_CloseSession(t->session);
    }
    if (t->initialized) {
        (void)p11_kit_module_finalize(t->module);
    }
    if (t->module != NULL) {
        p11_kit_module_release(t->module);
    }
    mem_free(t);
}

/* What the device answered, as what the person can do about it. */
static enum err_code refused(struct err *e, const struct token *t, CK_RV rv)
{
    switch (rv) {
    case CKR_HOST_MEMORY:
        return err_nomem(e);
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
        return err_set(e, ERR_DENIED,
                       _("the PIN of the token \"%s\" is wrong; too many wrong PINs lock it"),
                       t->label);
    case CKR_PIN_LOCKED:
    case CKR_PIN_EXPIRED:
        return err_set(
            e, ERR_DENIED,
            _("the token \"%s\" is locked after too many wrong PINs; whoever has its "
              "security officer's PIN can set a new one"),
            t->label);
    case CKR_USER_PIN_NOT_INITIALIZED:
        return err_set(e, ERR_DENIED,
                       _("the token \"%s\" has no PIN yet; set one with the maker's tool"),
                       t->label);
    case CKR_USER_NOT_LOGGED_IN:
        return err_set(e, ERR_DENIED, _("the token \"%s\" is locked: it asks for a PIN"),
                       t->label);
    case CKR_DEVICE_REMOVED:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID:
        return err_set(e, ERR_NOT_FOUND,
                       _("the token \"%s\" is gone; connect it again and repeat"), t->label);
    case CKR_MECHANISM_INVALID:
    case CKR_MECHANISM_PARAM_INVALID:
    case CKR_CURVE_NOT_SUPPORTED:
        return err_set(e, ERR_UNSUPPORTED, _("the token \"%s\" cannot do %s"), t->label,
                       key_algorithm_name(t->algorithm));
    default:
        return err_set(e, ERR_IO, _("the token \"%s\" failed: %s"), t->label,
                       p11_kit_strerror(rv));
    }
}

/* ---- the URI -------------------------------------------------------------------------- */

static enum err_code uri_open(const char *text, P11KitUri **out, struct err *e)
{
    P11KitUri *uri = p11_kit_uri_new();
    CK_TOKEN_INFO *info = NULL;
    const char *path = NULL;
    int rc = P11_KIT_URI_BAD_SYNTAX;

    if (uri == NULL) {
        return err_nomem(e);
    }
    if (strnlen(text, TOKEN_PLACE_MAX + 1) <= TOKEN_PLACE_MAX) {
        rc = p11_kit_uri_parse(text, P11_KIT_URI_FOR_OBJECT_ON_TOKEN_AND_MODULE, uri);
    }
    if (rc != P11_KIT_URI_OK) {
        p11_kit_uri_free(uri);
        /* It has one code for no memory and for a name with a capital letter: the text it is.
         */
        rc = rc == P11_KIT_URI_UNEXPECTED ? P11_KIT_URI_BAD_SYNTAX : rc;
        return err_set(e, ERR_USAGE, _("this is not a PKCS#11 URI (RFC 7512): %s"),
                       p11_kit_uri_message(rc));
    }
    if (p11_kit_uri_any_unrecognized(uri)) { /* it would match no token, and nobody see why */
        p11_kit_uri_free(uri);
        return err_set(e, ERR_USAGE,
                       _("the PKCS#11 URI has an attribute that RFC 7512 does not know"));
    }
    info = p11_kit_uri_get_token_info(uri);
    path = p11_kit_uri_get_module_path(uri);
    /* p11-kit fills what a URI leaves out with zeros: a label that is absent matches any. */
    if (path == NULL || path[0] != '/' || info == NULL || info->label[0] == 0) {
        p11_kit_uri_free(uri);
        return err_set(e, ERR_USAGE,
                       _("the PKCS#11 URI must name the token and its module: "
                         "pkcs11:token=NAME?module-path=/usr/lib/softhsm/libsofthsm2.so"));
    }
    *out = uri;
    return ERR_OK;
}

enum err_code pkcs11_uri_check(const char *uri, struct err *e)
{
    P11KitUri *parsed = NULL;

    TRY(uri_open(uri, &parsed, e));
    p11_kit_uri_free(parsed);
    return ERR_OK;
}

/* ---- module, token, session ------------------------------------------------------------ */

static void label_take(const CK_TOKEN_INFO *info, char out[LABEL_SIZE + 1])
{
    size_t len = LABEL_SIZE;

    while (len > 0 && (info->label[len - 1] == ' ' || info->label[len - 1] == 0)) {
        len--;
    }
    for (size_t i = 0; i < len; i++) { /* it goes to a terminal */
        out[i] = (char)(info->label[i] >= 0x20 && info->label[i] < 0x7f ? info->label[i] : '?');
    }
    out[len] = '\0';
}

static enum err_code module_load(struct token *t, P11KitUri *uri, struct err *e)
{
    const char *path = p11_kit_uri_get_module_path(uri);
    CK_RV rv = CKR_OK;

    label_take(p11_kit_uri_get_token_info(uri), t->label);
    t->module = p11_kit_module_load(path, 0);
    if (t->module == NULL) {
        const char *why = p11_kit_message();
        return err_set(e, ERR_NOT_FOUND, _("the PKCS#11 module %s cannot be loaded: %s"), path,
                       why != NULL ? why : "-");
    }
    rv = p11_kit_module_initialize(t->module);
    t->initialized = rv == CKR_OK;
    return rv == CKR_OK ? ERR_OK : refused(e, t, rv);
}

/* The slot of the token that the URI means; what is there instead is told. */
static enum err_code slot_find(struct token *t, P11KitUri *uri, CK_SLOT_ID *slot, struct err *e)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_RV rv = t->module->C_GetSlotList(CK_TRUE, slots, &count);
    struct buf seen;
    enum err_code rc = ERR_NOT_FOUND;

    if (rv != CKR_OK) {
        return refused(e, t, rv);
    }
    buf_init(&seen, 8192);
    for (CK_ULONG i = 0; i < count && rc != ERR_OK; i++) {
        CK_TOKEN_INFO info;
        char label[LABEL_SIZE + 1];

        if (t->module->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
            (info.flags & CKF_TOKEN_INITIALIZED) == 0) {
            continue;
        }
        label_take(&info, label);
        buf_addf(&seen, "%s\"%s\"", seen.len > 0 ? ", " : "", label);
        if (p11_kit_uri_match_token_info(uri, &info)) {
            *slot = slots[i];
            rc = ERR_OK;
        }
    }
    if (rc != ERR_OK) {
        rc = seen.len == 0
                 ? err_set(e, ERR_NOT_FOUND,
                           _("the token \"%s\" is not connected, nor any other"), t->label)
                 : err_set(e, ERR_NOT_FOUND,
                           _("the token \"%s\" is not connected; there are: %s"), t->label,
                           buf_str(&seen));
    }
    buf_release(&seen);
    return rc;
}

static enum err_code session_open(struct token *t, P11KitUri *uri, const char *pin, bool write,
                                  struct err *e)
{
    CK_SLOT_ID slot = 0;
    CK_FLAGS flags = CKF_SERIAL_SESSION | (write ? CKF_RW_SESSION : 0);
    CK_RV rv = CKR_OK;
    unsigned char code[TOKEN_PIN_MAX];
    size_t len = pin == NULL ? 0 : strnlen(pin, TOKEN_PIN_MAX);

    TRY(slot_find(t, uri, &slot, e));
    rv = t->module->C_OpenSession(slot, flags, NULL, NULL, &t->session);
    if (rv != CKR_OK) {
        t->session = 0;
        return refused(e, t, rv);
    }
    if (pin == NULL) {
        return ERR_OK; /* a token without a login, or one that asks by itself */
    }
    memcpy(code, pin, len);
    rv = t->module->C_Login(t->session, CKU_USER, code, len);
    secure_wipe(code, sizeof(code));
    return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN ? ERR_OK : refused(e, t, rv);
}

static enum err_code token_open(enum key_algorithm a, P11KitUri *uri, const char *pin,
                                bool write, struct token **out, struct err *e)
{
    struct token *t = mem_alloc(sizeof(*t));
    enum err_code rc = t == NULL ? err_nomem(e) : ERR_OK;

    if (rc == ERR_OK) {
        t->algorithm = a;
        rc = module_load(t, uri, e);
    }
    if (rc == ERR_OK) {
        rc = session_open(t, uri, pin, write, e);
    }
    if (rc != ERR_OK) {
        token_free(t);
        return rc;
    }
    *out = t;
    return ERR_OK;
}

/* ---- keys ------------------------------------------------------------------------------ */

/* CKA_EC_PARAMS: the curve's OID; tokens name edwards25519 by a printable string (PKCS#11 3.0,
 * section 2.3.5), as SoftHSM does. */
static const unsigned char params_p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                                            0xce, 0x3d, 0x03, 0x01, 0x07};
static const unsigned char params_ed25519[] = {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r',
                                               'd',  's',  '2', '5', '5', '1', '9'};
static const unsigned char spki_p256[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                          0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                          0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
static const unsigned char spki_ed25519[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                             0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

/* CKA_EC_POINT is an OCTET STRING around the point; some tokens give the point alone. */
static bool point_take(enum key_algorithm a, const unsigned char *p, size_t len,
                       uint8_t spki[SPKI_SIZE_MAX], size_t *spki_len)
{
    size_t wanted = a == KEY_P256 ? 65 : ED25519_PUBLIC_SIZE;
    const unsigned char *head = a == KEY_P256 ? spki_p256 : spki_ed25519;
    size_t head_len = a == KEY_P256 ? sizeof(spki_p256) : sizeof(spki_ed25519);

    if (len == wanted + 2 && p[0] == 0x04 && p[1] == wanted) {
        p += 2;
    } else if (len != wanted) {
        return false;
    }
    memcpy(spki, head, head_len);
    memcpy(spki + head_len, p, wanted);
    *spki_len = head_len + wanted;
    return true;
}

static enum err_code public_read(struct token *t, CK_OBJECT_HANDLE h,
                                 uint8_t spki[SPKI_SIZE_MAX], size_t *len, struct err *e)
{
    unsigned char point[256];
    CK_ATTRIBUTE at = {CKA_EC_POINT, point, sizeof(point)};
    CK_RV rv = t->module->C_GetAttributeValue(t->session, h, &at, 1);

    if (rv != CKR_OK && rv != CKR_ATTRIBUTE_TYPE_INVALID && rv != CKR_BUFFER_TOO_SMALL) {
        return refused(e, t, rv);
    }
    return rv == CKR_OK && point_take(t->algorithm, point, at.ulValueLen, spki, len)
               ? ERR_OK
               : err_set(e, ERR_UNSUPPORTED, _("the token \"%s\" cannot do %s"), t->label,
                         key_algorithm_name(t->algorithm));
}

static enum err_code object_find(struct token *t, CK_OBJECT_CLASS class, const CK_ATTRIBUTE *id,
                                 CK_OBJECT_HANDLE *out, struct err *e)
{
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof(class)}, *id};
    CK_ULONG found = 0;
    CK_RV rv = t->module->C_FindObjectsInit(t->session, wanted, 2);

    if (rv != CKR_OK) {
        return refused(e, t, rv);
    }
    rv = t->module->C_FindObjects(t->session, out, 1, &found);
    (void)t->module->C_FindObjectsFinal(t->session);
    if (rv != CKR_OK) {
        return refused(e, t, rv);
    }
    return found == 1
               ? ERR_OK
               : err_set(e, ERR_NOT_FOUND,
                         _("the token \"%s\" does not hold the key, or hides it until it "
                           "gets its PIN"),
                         t->label);
}

static enum err_code token_sign(void *p, const void *data, size_t len, uint8_t out[64],
                                struct err *e)
{
    struct token *t = p;
    CK_MECHANISM how = {t->algorithm == KEY_P256 ? CKM_ECDSA : CKM_EDDSA, NULL, 0};
    CK_ULONG out_len = 64;
    unsigned char *bytes = NULL;
    CK_RV rv = t->module->C_SignInit(t->session, &how, t->key);

    if (rv == CKR_OK) { /* C_Sign only reads, but takes no pointer to const */
        memcpy(&bytes, &data, sizeof(bytes));
        rv = t->module->C_Sign(t->session, bytes, len, out, &out_len);
    }
    if (rv != CKR_OK || out_len != 64) {
        return refused(e, t, rv != CKR_OK ? rv : CKR_GENERAL_ERROR);
    }
    return ERR_OK;
}

static const struct sign_ops ops = {token_sign, token_free};

static enum err_code pair_find(struct token *t, P11KitUri *uri, const struct hash *id,
                               uint8_t spki[SPKI_SIZE_MAX], size_t *len, struct err *e)
{
    CK_ATTRIBUTE *named = p11_kit_uri_get_attribute(uri, CKA_ID);
    CK_OBJECT_HANDLE public = 0;
    struct hash have;

    if (named == NULL) {
        return err_set(e, ERR_USAGE, _("the PKCS#11 URI does not name a key (id=...)"));
    }
    TRY(object_find(t, CKO_PRIVATE_KEY, named, &t->key, e));
    TRY(object_find(t, CKO_PUBLIC_KEY, named, &public, e));
    enum err_code code = public_read(t, public, spki, len, e);
    if (code != ERR_OK && code != ERR_UNSUPPORTED) {
        return code;
    }
    if (code == ERR_OK) { /* else a key of another kind lies there */
        sha256(spki, *len, &have);
    }
    return code == ERR_OK && hash_equal(&have, id)
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("the token \"%s\" holds another key in the place of the one that is "
                           "on record"),
                         t->label);
}

enum err_code pkcs11_open(enum key_algorithm a, const char *place, const char *pin,
                          const struct hash *id, struct sign_key **out, struct err *e)
{
    P11KitUri *uri = NULL;
    struct token *t = NULL;
    uint8_t spki[SPKI_SIZE_MAX];
    size_t len = 0;
    enum err_code rc = uri_open(place, &uri, e);

    if (rc == ERR_OK) {
        rc = token_open(a, uri, pin, false, &t, e);
    }
    if (rc == ERR_OK) {
        rc = pair_find(t, uri, id, spki, &len, e);
    }
    p11_kit_uri_free(uri);
    if (rc != ERR_OK) {
        token_free(t);
        return rc;
    }
    return sign_key_of_token(spki, len, &ops, t, out, e);
}

static enum err_code pair_make(struct token *t, const unsigned char id[KEY_ID_SIZE],
                               const char *label, CK_OBJECT_HANDLE *public, struct err *e)
{
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    unsigned char params[sizeof(params_ed25519)];
    unsigned char key_id[KEY_ID_SIZE];
    char name[96];
    bool p256 = t->algorithm == KEY_P256;
    CK_MECHANISM how = {p256 ? CKM_EC_KEY_PAIR_GEN : CKM_EC_EDWARDS_KEY_PAIR_GEN, NULL, 0};
    CK_ULONG params_len = p256 ? sizeof(params_p256) : sizeof(params_ed25519);

    memcpy(params, p256 ? params_p256 : params_ed25519, params_len);
    memcpy(key_id, id, KEY_ID_SIZE);
    (void)snprintf(name, sizeof(name), "%s", label);
    CK_ATTRIBUTE common[] = {{CKA_TOKEN, &yes, sizeof(yes)},
                             {CKA_ID, key_id, KEY_ID_SIZE},
                             {CKA_LABEL, name, strlen(name)}};
    CK_ATTRIBUTE open[] = {common[0],
                           common[1],
                           common[2],
                           {CKA_EC_PARAMS, params, params_len},
                           {CKA_VERIFY, &yes, sizeof(yes)}};
    CK_ATTRIBUTE secret[] = {common[0],
                             common[1],
                             common[2],
                             {CKA_PRIVATE, &yes, sizeof(yes)},
                             {CKA_SENSITIVE, &yes, sizeof(yes)},
                             {CKA_EXTRACTABLE, &no, sizeof(no)},
                             {CKA_SIGN, &yes, sizeof(yes)}};
    CK_RV rv = t->module->C_GenerateKeyPair(
        t->session, &how, open, sizeof(open) / sizeof(open[0]), secret,
        sizeof(secret) / sizeof(secret[0]), public, &t->key);
    return rv == CKR_OK ? ERR_OK : refused(e, t, rv);
}

/* The URI of the key: what was given, and its id. */
static enum err_code place_print(P11KitUri *uri, const unsigned char id[KEY_ID_SIZE],
                                 struct buf *place, struct err *e)
{
    unsigned char bytes[KEY_ID_SIZE];
    CK_ATTRIBUTE at = {CKA_ID, bytes, KEY_ID_SIZE};
    char *text = NULL;
    int rc = P11_KIT_URI_OK;

    memcpy(bytes, id, KEY_ID_SIZE);
    rc = p11_kit_uri_set_attribute(uri, &at);
    if (rc == P11_KIT_URI_OK) {
        rc = p11_kit_uri_format(uri, P11_KIT_URI_FOR_OBJECT_ON_TOKEN_AND_MODULE, &text);
    }
    if (rc != P11_KIT_URI_OK) {
        return err_nomem(e);
    }
    buf_adds(place, text);
    free(text); /* p11-kit's own allocation */
    return buf_status(place, _("key"), e);
}

enum err_code pkcs11_make(enum key_algorithm a, const char *uri_text, const char *pin,
                          const char *label, const struct env *env, struct buf *place,
                          struct sign_key **out, struct err *e)
{
    P11KitUri *uri = NULL;
    struct token *t = NULL;
    CK_OBJECT_HANDLE public = 0;
    unsigned char id[KEY_ID_SIZE];
    uint8_t spki[SPKI_SIZE_MAX];
    size_t len = 0;
    enum err_code rc = uri_open(uri_text, &uri, e);

    if (rc == ERR_OK) {
        rc = env_random(env, id, sizeof(id), e);
    }
    if (rc == ERR_OK) {
        rc = token_open(a, uri, pin, true, &t, e);
    }
    if (rc == ERR_OK) {
        rc = pair_make(t, id, label, &public, e);
    }
    if (rc == ERR_OK) {
        rc = public_read(t, public, spki, &len, e);
    }
    if (rc == ERR_OK) {
        rc = place_print(uri, id, place, e);
    }
    p11_kit_uri_free(uri);
    if (rc != ERR_OK) {
        token_free(t);
        return rc;
    }
    return sign_key_of_token(spki, len, &ops, t, out, e);
}
