#include <config.h>

#include "reports/out_xlsx_style.h"

#include "reports/xlsx_text.h"

#define FORM_MAX 256
#define INK_SOFT 0x5A6472
#define INK_HEAD 0xDCE6EF

static lxw_format *format_new(lxw_workbook *book)
{
    lxw_format *f = workbook_add_format(book);
    if (f != NULL) {
        format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    }
    return f;
}

static bool column_formats(lxw_workbook *book, const struct report_column *c,
                           const struct numfmt *fmt, lxw_format **cell, lxw_format **sum)
{
    static const uint8_t align[] = {LXW_ALIGN_NONE, LXW_ALIGN_LEFT, LXW_ALIGN_CENTER,
                                    LXW_ALIGN_RIGHT};
    struct buf form;
    *cell = format_new(book);
    *sum = format_new(book);
    if (*cell == NULL || *sum == NULL) {
        return false;
    }
    buf_init(&form, FORM_MAX);
    xlsx_column_form(c, fmt, &form);
    if (form.len > 0) {
        format_set_num_format(*cell, buf_str(&form));
        format_set_num_format(*sum, buf_str(&form));
    }
    format_set_align(*cell, align[report_column_align(c)]);
    format_set_align(*sum, align[report_column_align(c)]);
    format_set_bold(*sum);
    format_set_top(*sum, LXW_BORDER_THIN);
    bool made = !form.failed;
    buf_release(&form);
    return made;
}

enum err_code xlsx_styles_make(lxw_workbook *book, const struct report_doc *doc,
                               const struct numfmt *fmt, struct xlsx_styles *out, struct err *e)
{
    out->title = format_new(book);
    out->about = format_new(book);
    out->head = format_new(book);
    out->wrap = format_new(book);
    bool made =
        out->title != NULL && out->about != NULL && out->head != NULL && out->wrap != NULL;
    for (size_t i = 0; made && i < doc->column_count; i++) {
        made = column_formats(book, &doc->columns[i], fmt, &out->cell[i], &out->sum[i]);
    }
    if (!made) {
        return err_nomem(e);
    }
    format_set_bold(out->title);
    format_set_font_size(out->title, 16);
    format_set_font_color(out->about, INK_SOFT);
    format_set_bold(out->head);
    format_set_bg_color(out->head, INK_HEAD);
    format_set_bottom(out->head, LXW_BORDER_THIN);
    format_set_text_wrap(out->head);
    format_set_text_wrap(out->wrap);
    for (size_t i = 0; i < doc->column_count;
         i++) { /* now that the formats are what they are */
        out->cell_index[i] = lxw_format_get_xf_index(out->cell[i]);
    }
    return ERR_OK;
}
