#include <config.h>

#include "ledger/segment.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "crypto/note.h"
#include "crypto/tlog_proof.h"
#include "ledger/entry.h"
#include "ledger/frame.h"

#define SEGMENT_VERSION 1
#define LINE_MAX_BYTES 160

/* Letter of a record, its largest size, and whether a number stands before the size. */
static const struct {
    char letter;
    bool numbered;
    size_t max;
} frames[] = {[SEGMENT_NOTE] = {'C', false, NOTE_SIZE_MAX},
              [SEGMENT_ENTRY] = {'E', true, ENTRY_ENVELOPE_MAX},
              [SEGMENT_PATH] = {'P', false, TLOG_PROOF_HEAD_MAX},
              [SEGMENT_BUNDLE] = {'B', true, SEGMENT_BUNDLE_MAX}};

/* ---- writing
 * ------------------------------------------------------------------------------- */

static enum err_code write_failed(struct err *e)
{
    return err_errno(e, _("cannot write the segment"));
}

enum err_code segment_begin(FILE *out, const char *office, int64_t number, struct err *e)
{
    bool ok = fprintf(out, SEGMENT_HEADING "%d %s %" PRId64 "\n", SEGMENT_VERSION, office,
                      number) > 0;
    return ok ? ERR_OK : write_failed(e);
}

enum err_code segment_write(FILE *out, const struct segment_record *r, struct err *e)
{
    CHECK(r->type < SEGMENT_END && r->len <= frames[r->type].max);
    int n = frames[r->type].numbered ? fprintf(out, "%c %" PRId64 " %zu\n",
                                               frames[r->type].letter, r->number, r->len)
                                     : fprintf(out, "%c %zu\n", frames[r->type].letter, r->len);
    bool ok = n > 0 && fwrite(r->data, 1, r->len, out) == r->len && fputc('\n', out) != EOF;
    return ok ? ERR_OK : write_failed(e);
}

enum err_code segment_finish(FILE *out, const struct segment_counts *c, struct err *e)
{
    return frame_end_write(out, c->entries, c->items, &c->root) ? ERR_OK : write_failed(e);
}

/* ---- reading
 * ------------------------------------------------------------------------------- */

static enum err_code bad(const struct segment_reader *r, struct err *e, const char *what)
{
    return err_set(e, ERR_PARSE, _("record %" PRId64 " of the segment: %s"), r->line, what);
}

static enum err_code ended(const struct segment_reader *r, struct err *e)
{
    return ferror(r->in) != 0 ? err_errno(e, _("cannot read the segment"))
                              : bad(r, e, _("the file ends in the middle"));
}

static enum err_code line_read(struct segment_reader *r, char *line, size_t size, struct err *e)
{
    switch (frame_line(r->in, line, size)) {
    case FRAME_LINE:
        return ERR_OK;
    case FRAME_ENDED:
        return ended(r, e);
    case FRAME_MALFORMED:
        break;
    }
    return bad(r, e, _("its heading is malformed"));
}

enum err_code segment_open(struct segment_reader *r, FILE *in, struct err *e)
{
    char line[LINE_MAX_BYTES];
    int64_t version = 0;
    *r = (struct segment_reader){.in = in};
    buf_init(&r->record, SEGMENT_BUNDLE_MAX);
    if (fseeko(in, 0, SEEK_END) != 0 || (r->size = (int64_t)ftello(in)) < 0 ||
        fseeko(in, 0, SEEK_SET) != 0) {
        return err_errno(e, _("cannot read the segment"));
    }
    TRY(line_read(r, line, sizeof line, e));
    size_t heading = sizeof SEGMENT_HEADING - 1;
    if (strncmp(line, SEGMENT_HEADING, heading) != 0) {
        return err_set(e, ERR_PARSE, _("this is no segment of packets"));
    }
    const char *at = frame_number(line + heading, ' ', 999, &version);
    const char *end = at == NULL ? NULL : strchr(at, ' ');
    if (at != NULL && version != SEGMENT_VERSION) {
        return err_set(
            e, ERR_UNSUPPORTED,
            _("the segment is of version %" PRId64 "; this program reads version %d"), version,
            SEGMENT_VERSION);
    }
    size_t len = end == NULL ? 0 : (size_t)(end - at);
    if (len == 0 || len > SEGMENT_OFFICE_MAX ||
        frame_number(end + 1, '\0', INT64_MAX / 2, &r->number) == NULL) {
        return bad(r, e, _("its heading is malformed"));
    }
    memcpy(r->office, at, len);
    r->office[len] = '\0';
    return ERR_OK;
}

static enum err_code end_read(struct segment_reader *r, const char *at, struct err *e)
{
    if (!frame_end_read(at, &r->end.entries, &r->end.items, &r->end.root)) {
        return bad(r, e, _("its heading is malformed"));
    }
    if (fgetc(r->in) != EOF) {
        return bad(r, e, _("the file goes on behind its end"));
    }
    return ferror(r->in) != 0 ? ended(r, e) : ERR_OK;
}

/* Letter, number and size of a record. False when the line is none. */
static bool frame_read(const char *line, struct segment_record *out, int64_t *len)
{
    for (int t = 0; t < SEGMENT_END; t++) {
        if (line[0] == frames[t].letter && line[1] == ' ') {
            const char *at = line + 2;
            out->type = (enum segment_type)t;
            if (frames[t].numbered) {
                at = frame_number(at, ' ', INT64_MAX / 2, &out->number);
            }
            return at != NULL && frame_number(at, '\0', (int64_t)frames[t].max, len) != NULL;
        }
    }
    return false;
}

static enum err_code body_read(struct segment_reader *r, bool skip, int64_t len,
                               struct segment_record *out, struct err *e)
{
    if (len > r->size - (int64_t)ftello(r->in)) {
        return bad(r, e, _("the file ends in the middle"));
    }
    out->len = (size_t)len;
    if (skip && out->type == SEGMENT_BUNDLE) {
        if (fseeko(r->in, (off_t)len, SEEK_CUR) != 0) {
            return err_errno(e, _("cannot read the segment"));
        }
    } else {
        buf_clear(&r->record);
        char *at = buf_reserve(&r->record, out->len);
        if (at == NULL) {
            return buf_status(&r->record, _("record of the segment"), e);
        }
        if (fread(at, 1, out->len, r->in) != out->len) {
            return ended(r, e);
        }
        r->record.len = out->len;
        out->data = at;
    }
    return fgetc(r->in) == '\n' ? ERR_OK : bad(r, e, _("it is longer than its heading says"));
}

enum err_code segment_next(struct segment_reader *r, bool skip, struct segment_record *out,
                           struct err *e)
{
    char line[LINE_MAX_BYTES];
    int64_t len = 0;
    *out = (struct segment_record){.type = SEGMENT_END};
    r->line++;
    TRY(line_read(r, line, sizeof line, e));
    if (strncmp(line, "end ", 4) == 0) {
        return end_read(r, line + 4, e);
    }
    if (!frame_read(line, out, &len)) {
        return bad(r, e, _("its heading is malformed"));
    }
    return body_read(r, skip, len, out, e);
}

void segment_close(struct segment_reader *r)
{
    buf_release(&r->record);
}
