/* The newest checkpoint, kept outside the database: DIR/state/high-water, and the TPM of an
 * office whose log has a key in one (the note alone, crypto/tpm_nv.h). A database that does
 * not reach it, or has other entries below it, was rolled back or replaced, and its office must
 * not go on as if nothing had been published.
 *
 * The file: "aforo-high-water 1", "cosignatures N" (how many the office had), an empty line,
 * and the signed note. Source: ledger.md, Checkpoints. */
#ifndef AFORO_APP_HIGH_WATER_H
#define AFORO_APP_HIGH_WATER_H

#include "app/office.h"
#include "ledger/checkpoints.h"

/* What such a file begins with; the number of cosignatures follows. */
#define HIGH_WATER_HEAD "aforo-high-water 1\ncosignatures "

struct high_water {
    bool found;         /* there is such a file, or record in the TPM */
    uint32_t tpm_index; /* where it lies in the TPM; 0: it is a file's */
    struct checkpoint says;
    int64_t cosignatures;
    char note[CHECKPOINT_NOTE_MAX];
    size_t note_len;
};

/* Read a file's text, or a file. ERR_TAMPERED when it is damaged; a signature is not judged. */
enum err_code high_water_parse(const char *text, size_t len, struct high_water *out,
                               struct err *e) MUST_CHECK;
enum err_code high_water_read(const char *path, struct high_water *out,
                              struct err *e) MUST_CHECK;
/* The same of a bare note. */
enum err_code high_water_of_note(const char *note, size_t len, struct high_water *out,
                                 struct err *e) MUST_CHECK;
/* Replace the file; durable when it returns. */
enum err_code high_water_write(const char *path, const char *note, size_t note_len,
                               int64_t cosignatures, struct err *e) MUST_CHECK;

/* The signed note within a file's text: behind the head of a high-water file, behind the proof
 * of a request to a witness (what `aforo export checkpoint` writes), or the text itself. */
struct note_text {
    const char *data; /* borrowed */
    size_t len;
};
struct note_text note_within(const char *text, size_t len);
/* The same in the TPM. Nothing is found, and nothing done, in an office without a key there;
 * nothing is found where no TPM answers. Errors of crypto/tpm_nv.h. */
enum err_code high_water_tpm_read(const struct office *o, struct high_water *out,
                                  struct err *e) MUST_CHECK;
enum err_code high_water_tpm_write(struct office *o, const char *note, size_t note_len,
                                   struct err *e) MUST_CHECK;
/* What the file and the TPM hold, the newer one first. */
#define HIGH_WATERS 2
enum err_code high_water_known(struct office *o, struct high_water out[HIGH_WATERS],
                               struct err *e) MUST_CHECK;

/*
 * Does the database reach what was published?
 *
 * Errors: ERR_STATE with the sentence that names both positions and the way out; ERR_TAMPERED
 * when the file is damaged or was not signed by the office; database errors. ERR_OK also when
 * there is no file, or a `rollback` entry admits the gap.
 */
enum err_code high_water_judge(const struct office *o, const struct high_water *h,
                               struct err *e) MUST_CHECK;

#endif
