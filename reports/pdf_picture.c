#include <config.h>

#include "reports/pdf_picture.h"

#include <string.h>

#include <png.h>

#include "base/arena.h"
#include "base/i18n.h"

#define PICTURE_BYTES_MAX ((size_t)64 << 20)

static enum err_code damaged(struct err *e)
{
    return err_set(e, ERR_PARSE, _("the picture is no whole PNG or JPEG"));
}

static enum err_code side_check(const struct pdf_picture *p, struct err *e)
{
    if (p->width == 0 || p->height == 0) {
        return damaged(e);
    }
    return p->width <= PDF_PICTURE_SIDE_MAX && p->height <= PDF_PICTURE_SIDE_MAX
               ? ERR_OK
               : err_set(e, ERR_LIMIT,
                         _("the picture has %u x %u pixels; %d each way are the "
                           "most"),
                         p->width, p->height, PDF_PICTURE_SIDE_MAX);
}

/* Baseline, extended sequential and progressive frames say size and channels. Source: ITU-T
 * T.81, B.2.2. */
static bool is_frame(unsigned marker)
{
    return marker >= 0xC0 && marker <= 0xC2;
}

/* Walk the segments up to the frame's header. */
static enum err_code jpeg_read(const unsigned char *s, size_t len, struct pdf_picture *p,
                               struct err *e)
{
    for (size_t at = 2; at + 9 < len;) {
        unsigned marker = s[at + 1];
        size_t segment = (size_t)s[at + 2] << 8 | s[at + 3];
        if (s[at] != 0xFF || segment < 2) {
            return damaged(e);
        }
        if (is_frame(marker)) {
            p->height = (unsigned)s[at + 5] << 8 | s[at + 6];
            p->width = (unsigned)s[at + 7] << 8 | s[at + 8];
            p->channels = s[at + 9];
            TRY(side_check(p, e));
            if (s[at + 4] != 8 || (p->channels != 1 && p->channels != 3)) {
                return damaged(e);
            }
            buf_add(&p->bytes, s, len);
            return buf_status(&p->bytes, _("the picture"), e);
        }
        at += 2 + segment;
    }
    return damaged(e);
}

/* The library's simple reader; pixels on white. */
static enum err_code png_pixels(struct pdf_press *press, png_image *image,
                                struct pdf_picture *p, struct err *e)
{
    png_color white = {255, 255, 255};
    image->format = PNG_FORMAT_RGB;
    unsigned char *pixels = mem_alloc(PNG_IMAGE_SIZE(*image));
    if (pixels == NULL) {
        return err_nomem(e);
    }
    enum err_code code = ERR_OK;
    if (png_image_finish_read(image, &white, pixels, 0, NULL) == 0) {
        code = damaged(e);
    } else if (!pdf_press_pack(press, pixels, PNG_IMAGE_SIZE(*image), &p->bytes)) {
        code = err_nomem(e);
    }
    mem_free(pixels);
    return code;
}

static enum err_code png_read_all(struct pdf_press *press, const void *data, size_t len,
                                  struct pdf_picture *p, struct err *e)
{
    png_image image;
    memset(&image, 0, sizeof(image));
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image, data, len) == 0) {
        return damaged(e);
    }
    p->width = image.width;
    p->height = image.height;
    p->channels = 3;
    enum err_code code = side_check(p, e);
    if (code == ERR_OK) {
        code = png_pixels(press, &image, p, e);
    }
    png_image_free(&image);
    return code;
}

enum err_code pdf_picture_read(struct pdf_press *press, const void *data, size_t len,
                               struct pdf_picture *out, struct err *e)
{
    static const unsigned char png[] = {0x89, 'P', 'N', 'G'};
    const unsigned char *s = data;
    memset(out, 0, sizeof(*out));
    buf_init(&out->bytes, PICTURE_BYTES_MAX);
    if (len > sizeof(png) && memcmp(s, png, sizeof(png)) == 0) {
        return png_read_all(press, data, len, out, e);
    }
    out->jpeg = len > 2 && s[0] == 0xFF && s[1] == 0xD8;
    return out->jpeg ? jpeg_read(s, len, out, e) : damaged(e);
}

void pdf_picture_release(struct pdf_picture *p)
{
    buf_release(&p->bytes);
}
