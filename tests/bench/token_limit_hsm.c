/* C_Sign of the module as it is, without p11-kit in between. */
#include <config.h>

#include "tests/bench/token_limit.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST *m;
static CK_ULONG session, keys[2];

static void need(int good)
{
    if (!good) {
        exit(EXIT_FAILURE);
    }
}

void limit_hsm_open(const char *module)
{
    void *so = dlopen(module, RTLD_NOW);
    CK_C_GetFunctionList list = NULL;
    CK_SLOT_ID slots[8];
    CK_ULONG n = 8;
    CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
    CK_KEY_TYPE types[2] = {CKK_EC, CKK_EC_EDWARDS};
    need(so != NULL);
    *(void **)&list = dlsym(so, "C_GetFunctionList");
    need(list != NULL && list(&m) == CKR_OK && m->C_GetSlotList(CK_TRUE, slots, &n) == CKR_OK);
    need(m->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &session) == CKR_OK);
    for (int i = 0; i < 2; i++) {
        CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &private, sizeof private},
                                 {CKA_KEY_TYPE, &types[i], sizeof types[i]}};
        need(m->C_FindObjectsInit(session, wanted, 2) == CKR_OK &&
             m->C_FindObjects(session, &keys[i], 1, &n) == CKR_OK && n == 1 &&
             m->C_FindObjectsFinal(session) == CKR_OK);
    }
}

void limit_hsm_window(const uint8_t digest[32], const void *text, size_t len)
{
    CK_MECHANISM how[2] = {{CKM_ECDSA, NULL, 0}, {CKM_EDDSA, NULL, 0}};
    unsigned char in[2][512];
    unsigned char sig[64];
    CK_ULONG size = sizeof sig;
    memcpy(in[0], digest, 32);
    memcpy(in[1], text, len);
    need(m->C_SignInit(session, &how[0], keys[0]) == CKR_OK &&
         m->C_Sign(session, in[0], 32, sig, &size) == CKR_OK &&
         m->C_SignInit(session, &how[1], keys[1]) == CKR_OK &&
         m->C_Sign(session, in[1], len, sig, &size) == CKR_OK);
}

void limit_hsm_close(void)
{
    (void)m->C_CloseSession(session);
}
