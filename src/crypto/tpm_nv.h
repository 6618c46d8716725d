/* A few hundred bytes in a TPM's own memory (an NV index): what must outlive the disk, and not
 * go back with it. The TPM is the one that keys are in (token.h); its memory wears out by being
 * written, some 100,000 times, so it is written seldom. Source: TPM 2.0 Library, Part 3,
 * section 31; TCG PC Client Platform TPM Profile. */
#ifndef AFORO_CRYPTO_TPM_NV_H
#define AFORO_CRYPTO_TPM_NV_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* What every TPM takes in one command, and so writes whole or not at all. */
#define TPM_NV_BYTES 512
#define TPM_NV_MAX (TPM_NV_BYTES - 2) /* that can be kept */

/* The index for a name, within those that are the owner's to give: 0x01800000 to 0x01bfffff. */
uint32_t tpm_nv_index(const char *name);

/*
 * Append what is kept. *found false when the TPM answers, and has no such index or nothing in
 * it.
 *
 * Errors: ERR_NOT_FOUND when no TPM answers, ERR_TAMPERED for what tpm_nv_write did not write,
 * ERR_IO when the TPM refuses, ERR_NOMEM.
 */
enum err_code tpm_nv_read(uint32_t index, struct buf *out, bool *found,
                          struct err *e) MUST_CHECK;
/* Keep bytes in place of what was kept; the index is made where there is none. ERR_LIMIT above
 * TPM_NV_MAX, ERR_DENIED when the owner of the TPM has to make the index, and as above. */
enum err_code tpm_nv_write(uint32_t index, const void *data, size_t len,
                           struct err *e) MUST_CHECK;

#endif
