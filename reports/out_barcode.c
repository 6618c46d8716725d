#include <config.h>

#include "reports/out_barcode.h"

#include <math.h>
#include <string.h>

#include <zint.h>

#include "base/i18n.h"

static bool is_bar(const struct barcode *b, size_t module)
{
    return (b->bars[module / 8] >> module % 8 & 1) != 0;
}

static enum err_code taken(const struct zint_symbol *s, struct barcode *out, struct err *e)
{
    if (s->rows != 1 || s->width <= 0 || s->width > BARCODE_MODULES_MAX) {
        return err_set(e, ERR_RANGE, _("the barcode would be too wide"));
    }
    *out = (struct barcode){.modules = (size_t)s->width};
    memcpy(out->bars, s->encoded_data[0], sizeof out->bars);
    return ERR_OK;
}

enum err_code barcode_encode(const char *text, struct barcode *out, struct err *e)
{
    bool gs1 = text[0] == '(';
    size_t len = strlen(text);
    struct zint_symbol *s = ZBarcode_Create();
    if (s == NULL) {
        return err_nomem(e);
    }
    s->symbology = gs1 ? BARCODE_GS1_128 : BARCODE_CODE128;
    s->input_mode = gs1 ? GS1_MODE | GS1PARENS_MODE : DATA_MODE;
    enum err_code code = ERR_OK;
    if (len > BARCODE_MODULES_MAX ||
        ZBarcode_Encode(s, (const unsigned char *)text, (int)len) >= ZINT_ERROR) {
        code = err_set(e, ERR_RANGE, _("no barcode can hold \"%s\": %s"), text, s->errtxt);
    }
    if (code == ERR_OK) {
        code = taken(s, out, e);
    }
    ZBarcode_Delete(s);
    return code;
}

float barcode_width(const struct barcode *b)
{
    return (float)(b->modules + 2 * (size_t)BARCODE_QUIET) * BARCODE_MODULE;
}

void barcode_draw(struct pdf *p, const struct barcode *b, float x, float y, float height)
{
    float left = ceilf(x / BARCODE_DOT) * BARCODE_DOT + BARCODE_QUIET * BARCODE_MODULE;
    for (size_t at = 0, end = 0; at < b->modules; at = end) {
        end = at;
        while (end < b->modules && is_bar(b, end) == is_bar(b, at)) {
            end++;
        }
        if (is_bar(b, at)) {
            pdf_box(p, left + (float)at * BARCODE_MODULE, y, (float)(end - at) * BARCODE_MODULE,
                    height);
        }
    }
}
