/* Pictures in a document: each is embedded once, however often it is drawn. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <hpdf_doc.h>
#include <hpdf_objects.h>
#include <hpdf_streams.h>

#include "reports/out_pdf_canvas.h"
#include "reports/out_pdf_object.h"
#include "reports/out_pdf_private.h"

static HPDF_STATUS jpeg_filter(HPDF_Dict dict, HPDF_Stream to)
{
    (void)dict;
    return HPDF_Stream_WriteStr(to, "/Filter /DCTDecode\012");
}

/* Source: ISO 32000-1, 8.9.5. */
static HPDF_Dict picture_object(struct pdf *p, const struct pdf_picture *picture)
{
    HPDF_Dict o = pdf_packed_stream(p->doc, picture->bytes.data, picture->bytes.len);
    if (o == NULL) {
        return NULL;
    }
    if (picture->jpeg) {
        o->write_fn = jpeg_filter;
    }
    (void)HPDF_Dict_AddName(o, "Type", "XObject");
    (void)HPDF_Dict_AddName(o, "Subtype", "Image");
    (void)HPDF_Dict_AddNumber(o, "Width", (HPDF_INT32)picture->width);
    (void)HPDF_Dict_AddNumber(o, "Height", (HPDF_INT32)picture->height);
    (void)HPDF_Dict_AddNumber(o, "BitsPerComponent", 8);
    (void)HPDF_Dict_AddName(o, "ColorSpace",
                            picture->channels == 1 ? "DeviceGray" : "DeviceRGB");
    return o;
}

/* Its place among the document's pictures; PDF_PICTURES_MAX when there is no room or memory. */
static size_t picture_place(struct pdf *p, const struct pdf_picture *picture)
{
    char name[16];
    for (size_t i = 0; i < p->picture_count; i++) {
        if (p->pictures[i] == picture) {
            return i;
        }
    }
    if (p->picture_count == PDF_PICTURES_MAX) {
        return PDF_PICTURES_MAX;
    }
    HPDF_Dict o = picture_object(p, picture);
    (void)snprintf(name, sizeof(name), "I%zu", p->picture_count);
    if (p->picture_objects == NULL) {
        p->picture_objects = HPDF_Dict_New(p->doc->mmgr);
        p->lost = p->lost || p->picture_objects == NULL ||
                  HPDF_Dict_Add(p->resources, "XObject", p->picture_objects) != HPDF_OK;
    }
    p->lost = p->lost || o == NULL || HPDF_Dict_Add(p->picture_objects, name, o) != HPDF_OK;
    if (p->lost) {
        return PDF_PICTURES_MAX;
    }
    p->pictures[p->picture_count] = picture;
    return p->picture_count++;
}

void pdf_picture_draw(struct pdf *p, const struct pdf_picture *picture, float x, float y,
                      float width, float height)
{
    size_t place = picture_place(p, picture);
    if (place == PDF_PICTURES_MAX) {
        return;
    }
    pdf_text_end(p);
    pdf_draw_box_matrix(p, x, y, width, height);
    buf_addf(&p->page->draw, "/I%zu Do\nQ\n", place);
}
