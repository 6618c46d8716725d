#include <config.h>

#include "reports/out_pdf_object.h"

#include <string.h>

#include <hpdf_doc.h>
#include <hpdf_streams.h>

#include "base/text.h"

#define INFO_BYTES_MAX 1024

/* The library writes the filter of what it packs itself; of these bytes it knows nothing. */
static HPDF_STATUS filter_write(HPDF_Dict dict, HPDF_Stream to)
{
    (void)dict;
    return HPDF_Stream_WriteStr(to, "/Filter /FlateDecode\012");
}

bool pdf_packed_fill(HPDF_Dict stream, const void *packed, size_t len)
{
    stream->filter = HPDF_STREAM_FILTER_NONE;
    stream->write_fn = filter_write;
    return HPDF_Stream_Write(stream->stream, packed, (HPDF_UINT)len) == HPDF_OK;
}

HPDF_Dict pdf_packed_stream(HPDF_Doc doc, const void *packed, size_t len)
{
    HPDF_Dict stream = HPDF_DictStream_New(doc->mmgr, doc->xref);
    return stream != NULL && pdf_packed_fill(stream, packed, len) ? stream : NULL;
}

HPDF_Dict pdf_shared_dict(HPDF_Doc doc)
{
    HPDF_Dict dict = HPDF_Dict_New(doc->mmgr);
    return dict != NULL && HPDF_Xref_Add(doc->xref, dict) == HPDF_OK ? dict : NULL;
}

HPDF_Array pdf_numbers(HPDF_Doc doc, const int *values, size_t count)
{
    HPDF_Array array = HPDF_Array_New(doc->mmgr);
    for (size_t i = 0; array != NULL && i < count; i++) {
        if (HPDF_Array_AddNumber(array, values[i]) != HPDF_OK) {
            return NULL; /* the document remembers the failure */
        }
    }
    return array;
}

bool pdf_add_text(HPDF_Dict dict, const char *key, const char *text)
{
    HPDF_BYTE bytes[INFO_BYTES_MAX] = {0xFE, 0xFF};
    size_t used = 2, len = strlen(text);
    for (size_t at = 0; at < len && used + 2 <= sizeof(bytes);) {
        uint32_t cp = 0xFFFD;
        size_t n = utf8_decode(text + at, len - at, &cp);
        cp = n == 0 || cp > 0xFFFF ? 0xFFFD : cp;
        bytes[used++] = (HPDF_BYTE)(cp >> 8);
        bytes[used++] = (HPDF_BYTE)(cp & 0xFF);
        at += n == 0 ? 1 : n;
    }
    HPDF_Binary value = HPDF_Binary_New(dict->mmgr, bytes, (HPDF_UINT)used);
    return value != NULL && HPDF_Dict_Add(dict, key, value) == HPDF_OK;
}
