#include <config.h>

#include "crypto/tpm_nv.h"

#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include "base/i18n.h"
#include "crypto/hash.h"

#define INDEX_FIRST 0x01800000U
#define INDEX_MASK 0x003fffffU
/* Anybody who may use the TPM reads and writes it; no wrong password can lock it. */
#define ATTRIBUTES                                                                             \
    (TPMA_NV_OWNERREAD | TPMA_NV_OWNERWRITE | TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE |           \
     TPMA_NV_NO_DA)

struct tpm {
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
};

uint32_t tpm_nv_index(const char *name)
{
    struct hash h;
    sha256(name, strlen(name), &h);
    uint32_t bits = (uint32_t)h.b[0] << 16 | (uint32_t)h.b[1] << 8 | h.b[2];
    return INDEX_FIRST | (bits & INDEX_MASK);
}

static void tpm_close(struct tpm *t)
{
    if (t->esys != NULL) {
        Esys_Finalize(&t->esys);
    }
    if (t->tcti != NULL) {
        Tss2_TctiLdr_Finalize(&t->tcti);
    }
}

/* Where OpenSSL's provider looks for it too. */
static enum err_code tpm_open(struct tpm *t, struct err *e)
{
    *t = (struct tpm){NULL, NULL};
    if (Tss2_TctiLdr_Initialize(getenv("TPM2OPENSSL_TCTI"), &t->tcti) != TSS2_RC_SUCCESS ||
        Esys_Initialize(&t->esys, t->tcti, NULL) != TSS2_RC_SUCCESS) {
        tpm_close(t);
        return err_set(e, ERR_NOT_FOUND,
                       _("no TPM answers, or it is in use or not permitted (TPM2OPENSSL_TCTI "
                         "says where it is, else /dev/tpmrm0)"));
    }
    return ERR_OK;
}

static enum err_code refused(TSS2_RC rc, uint32_t index, struct err *e)
{
    if ((rc & 0xffffU) == TSS2_BASE_RC_MEMORY) {
        return err_nomem(e);
    }
    return err_set(e, ERR_IO, _("the TPM refuses its memory 0x%08x (answer 0x%x)"), index,
                   (unsigned)rc);
}

/* Asking for what does not exist would be logged as an error: so the TPM is asked what there
 * is. */
static enum err_code index_exists(const struct tpm *t, uint32_t index, bool *out, struct err *e)
{
    TPMI_YES_NO more = TPM2_NO;
    TPMS_CAPABILITY_DATA *data = NULL;
    TSS2_RC rc = Esys_GetCapability(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                    TPM2_CAP_HANDLES, index, 1, &more, &data);
    if (rc != TSS2_RC_SUCCESS) {
        return refused(rc, index, e);
    }
    *out = data->data.handles.count > 0 && data->data.handles.handle[0] == index;
    Esys_Free(data);
    return ERR_OK;
}

/* *written: it has been, at least once; before that it cannot be read. */
static enum err_code index_open(const struct tpm *t, uint32_t index, ESYS_TR *nv, bool *written,
                                struct err *e)
{
    TPM2B_NV_PUBLIC *public = NULL;
    TSS2_RC rc =
        Esys_TR_FromTPMPublic(t->esys, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, nv);
    if (rc == TSS2_RC_SUCCESS) {
        rc = Esys_NV_ReadPublic(t->esys, *nv, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &public,
                                NULL);
    }
    if (rc != TSS2_RC_SUCCESS) {
        return refused(rc, index, e);
    }
    bool ours = public->nvPublic.dataSize == TPM_NV_BYTES;
    *written = (public->nvPublic.attributes & TPMA_NV_WRITTEN) != 0;
    Esys_Free(public);
    return ours ? ERR_OK
                : err_set(e, ERR_TAMPERED,
                          _("the TPM's memory 0x%08x is another program's; the TPM's owner may "
                            "remove it: tpm2_nvundefine 0x%08x"),
                          index, index);
}

/* Two bytes of length, then the data, then zeros. */
static enum err_code record_take(const TPM2B_MAX_NV_BUFFER *record, uint32_t index,
                                 struct buf *out, struct err *e)
{
    const uint8_t *b = record->buffer;
    size_t len = record->size >= 2 ? (size_t)b[0] << 8 | b[1] : 0;
    if (record->size != TPM_NV_BYTES || len == 0 || len > TPM_NV_MAX) {
        return err_set(e, ERR_TAMPERED,
                       _("the TPM's memory 0x%08x is another program's; the TPM's owner may "
                         "remove it: tpm2_nvundefine 0x%08x"),
                       index, index);
    }
    buf_add(out, b + 2, len);
    return buf_status(out, _("memory of the TPM"), e);
}

enum err_code tpm_nv_read(uint32_t index, struct buf *out, bool *found, struct err *e)
{
    struct tpm t;
    ESYS_TR nv = ESYS_TR_NONE;
    TPM2B_MAX_NV_BUFFER *record = NULL;
    *found = false;
    TRY(tpm_open(&t, e));
    enum err_code code = index_exists(&t, index, found, e);
    if (code == ERR_OK && *found) {
        code = index_open(&t, index, &nv, found, e);
    }
    if (code == ERR_OK && *found) {
        TSS2_RC rc = Esys_NV_Read(t.esys, nv, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                  TPM_NV_BYTES, 0, &record);
        code =
            rc == TSS2_RC_SUCCESS ? record_take(record, index, out, e) : refused(rc, index, e);
    }
    Esys_Free(record);
    tpm_close(&t);
    return code;
}

static enum err_code index_make(const struct tpm *t, uint32_t index, ESYS_TR *nv, struct err *e)
{
    static const TPM2B_AUTH none = {.size = 0};
    const TPM2B_NV_PUBLIC public = {.nvPublic = {.nvIndex = index,
                                                 .nameAlg = TPM2_ALG_SHA256,
                                                 .attributes = ATTRIBUTES,
                                                 .dataSize = TPM_NV_BYTES}};
    TSS2_RC rc = Esys_NV_DefineSpace(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                     ESYS_TR_NONE, &none, &public, nv);
    if (rc == TSS2_RC_SUCCESS) {
        return ERR_OK;
    }
    return err_set(
        e, ERR_DENIED,
        _("the TPM gives no memory for the newest checkpoint (answer 0x%x); its owner "
          "may make it: tpm2_nvdefine -C o -s %d -a "
          "'ownerread|ownerwrite|authread|authwrite|no_da' 0x%08x"),
        (unsigned)rc, TPM_NV_BYTES, index);
}

enum err_code tpm_nv_write(uint32_t index, const void *data, size_t len, struct err *e)
{
    struct tpm t;
    ESYS_TR nv = ESYS_TR_NONE;
    TPM2B_MAX_NV_BUFFER record = {.size = TPM_NV_BYTES};
    bool found = false, written = false;
    if (len == 0 || len > TPM_NV_MAX) {
        return err_set(e, ERR_LIMIT, _("%zu bytes do not fit into a TPM's memory of %d"), len,
                       TPM_NV_MAX);
    }
    record.buffer[0] = (BYTE)(len >> 8);
    record.buffer[1] = (BYTE)len;
    memcpy(record.buffer + 2, data, len);
    TRY(tpm_open(&t, e));
    enum err_code code = index_exists(&t, index, &found, e);
    if (code == ERR_OK) {
        code = found ? index_open(&t, index, &nv, &written, e) : index_make(&t, index, &nv, e);
    }
    if (code == ERR_OK) {
        TSS2_RC rc = Esys_NV_Write(t.esys, nv, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                                   &record, 0);
        code = rc == TSS2_RC_SUCCESS ? ERR_OK : refused(rc, index, e);
    }
    tpm_close(&t);
    return code;
}
