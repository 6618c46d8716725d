/* The newest checkpoint in a TPM: what a folder that was rolled back whole, its own high-water
 * file included, cannot take back. Kept by offices whose log has a key in the TPM. */
#include <config.h>

#include "app/high_water.h"
#include "base/buf.h"
#include "crypto/tpm_nv.h"
#include "ledger/keyring.h"

/* Has the log a key in a TPM, one that is valid now? */
static enum err_code tpm_is_used(const struct office *o, bool *out, struct err *e)
{
    struct hash id;
    enum key_store store = STORE_FILE;
    struct err ignored = ERR_INIT; /* a key without its file is found out by who needs it */
    TRY(office_key_now(o, KEY_LOG, KEY_P256, &id, out, e));
    *out = *out && office_key_store(o, KEY_LOG, &id, &store, &ignored) == ERR_OK &&
           store == STORE_TPM2;
    return ERR_OK;
}

static uint32_t index_of(const struct office *o)
{
    char origin[OFFICE_ORIGIN_MAX + 1];
    office_origin(o, origin);
    return tpm_nv_index(origin);
}

enum err_code high_water_tpm_read(const struct office *o, struct high_water *out, struct err *e)
{
    bool used = false, found = false;
    struct buf note;
    *out = (struct high_water){.found = false};
    TRY(tpm_is_used(o, &used, e));
    if (!used) {
        return ERR_OK;
    }
    buf_init(&note, TPM_NV_MAX);
    enum err_code code = tpm_nv_read(index_of(o), &note, &found, e);
    if (code == ERR_OK && found) {
        code = high_water_of_note(buf_str(&note), note.len, out, e);
        out->tpm_index = index_of(o);
    }
    buf_release(&note);
    /* Without the TPM nothing is known, and no checkpoint can be signed. */
    return code == ERR_NOT_FOUND || code == ERR_IO ? ERR_OK : code;
}

enum err_code high_water_tpm_write(struct office *o, const char *note, size_t note_len,
                                   struct err *e)
{
    bool used = false;
    TRY(tpm_is_used(o, &used, e));
    if (!used) {
        return ERR_OK;
    }
    office_tpm_release(o);
    return tpm_nv_write(index_of(o), note, note_len, e);
}

enum err_code high_water_known(struct office *o, struct high_water out[HIGH_WATERS],
                               struct err *e)
{
    office_tpm_release(o);
    TRY(high_water_read(o->high_water_path, &out[0], e));
    TRY(high_water_tpm_read(o, &out[1], e));
    if (out[1].found && (!out[0].found || out[1].says.size > out[0].says.size)) {
        struct high_water file = out[0];
        out[0] = out[1];
        out[1] = file;
    }
    return ERR_OK;
}
