#include <config.h>

#include "reports/pdf_attachment.h"

#include <string.h>

#include <zlib.h>

#include "base/i18n.h"

bool pdf_begins(const char *bytes, size_t len)
{
    return len >= 5 && memcmp(bytes, "%PDF-", 5) == 0;
}

static const char *find(const char *from, const char *end, const char *what)
{
    return from >= end ? NULL : memmem(from, (size_t)(end - from), what, strlen(what));
}

/* Where the stream of the first embedded file begins; NULL when there is none. */
static const char *stream_start(const char *bytes, const char *end)
{
    const char *at = find(bytes, end, "/Type /EmbeddedFile");
    const char *stream = at == NULL ? NULL : find(at, end, "stream");
    const char *other = at == NULL ? NULL : find(at, end, "endobj");
    if (stream == NULL || (other != NULL && other < stream)) {
        return NULL;
    }
    stream += strlen("stream");
    stream += stream < end && *stream == '\r' ? 1 : 0;
    return stream < end && *stream == '\n' ? stream + 1 : NULL;
}

static enum err_code damaged(struct err *e)
{
    return err_set(e, ERR_PARSE, _("the file within the PDF is damaged"));
}

/* A zlib stream ends by itself: its length in the PDF is not needed. */
static enum err_code inflate_all(const char *from, const char *end, struct buf *out,
                                 struct err *e)
{
    z_stream z = {0};
    int state = Z_OK;
    if (inflateInit(&z) != Z_OK) {
        return err_nomem(e);
    }
    z.next_in = (z_const Bytef *)(uintptr_t)from;
    z.avail_in = (uInt)(end - from);
    while (state == Z_OK && !out->failed) {
        char chunk[4096];
        z.next_out = (Bytef *)chunk;
        z.avail_out = sizeof chunk;
        state = inflate(&z, Z_NO_FLUSH);
        buf_add(out, chunk, sizeof chunk - z.avail_out);
    }
    (void)inflateEnd(&z);
    TRY(buf_status(out, _("the file within the PDF"), e));
    return state == Z_STREAM_END ? ERR_OK : state == Z_MEM_ERROR ? err_nomem(e) : damaged(e);
}

enum err_code pdf_attachment(const char *bytes, size_t len, struct buf *out, struct err *e)
{
    const char *end = bytes + len;
    const char *start = pdf_begins(bytes, len) ? stream_start(bytes, end) : NULL;
    if (start == NULL) {
        return err_set(
            e, ERR_NOT_FOUND,
            _("there is no proof in this PDF, or another program wrote the PDF anew; "
              "take the attached file out of it (pdfdetach -saveall) and check that"));
    }
    return end - start > UINT32_MAX ? damaged(e) : inflate_all(start, end, out, e);
}
