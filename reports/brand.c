#include <config.h>

#include "reports/brand.h"

#include <stdlib.h>
#include <string.h>

#include "app/policy.h"
#include "base/i18n.h"

#define ARENA_MAX ((size_t)16 << 20)
#define LOGO_MAX 65536

static enum err_code logo_read(struct pdf_press *press, const char *base64, struct brand *b,
                               struct err *e)
{
    struct buf bytes;
    buf_init(&bytes, LOGO_MAX);
    enum err_code code = base64_decode(base64, strlen(base64), &bytes, e);
    if (code == ERR_OK) {
        code = pdf_picture_read(press, bytes.data, bytes.len, &b->logo, e);
    }
    b->has_logo = code == ERR_OK;
    buf_release(&bytes);
    return code == ERR_OK ? ERR_OK : err_wrap(e, _("the office's logo"));
}

struct reading {
    struct pdf_press *press;
    struct brands *out;
};

static enum err_code brand_read(void *ctx, int64_t seq, const struct json *spec, struct err *e)
{
    struct reading *r = ctx;
    struct brand *b = &r->out->list[r->out->count++];
    const char *accent = json_get_str(spec, "accent"), *logo = json_get_str(spec, "logo");
    const struct json *lines = json_get(spec, "lines");
    b->seq = seq;
    b->accent = accent != NULL ? (uint32_t)strtoul(accent, NULL, 16) : 0;
    for (size_t i = 0; lines != NULL && lines->type == JSON_ARRAY && i < lines->u.array.count &&
                       i < BILL_TEXT_LINES_MAX - 1;
         i++) {
        const struct json *v = lines->u.array.items[i];
        b->lines[i] = v->type == JSON_STRING ? v->u.string.data : "";
    }
    return logo == NULL ? ERR_OK : logo_read(r->press, logo, b, e);
}

enum err_code brands_load(struct office *o, struct pdf_press *press, struct brands *out,
                          struct err *e)
{
    struct reading r = {press, out};
    memset(out, 0, sizeof *out);
    arena_init(&out->arena, ARENA_MAX);
    return policy_each(o, "brand", BRANDS_MAX, &out->arena, brand_read, &r, e);
}

void brands_release(struct brands *b)
{
    for (size_t i = 0; i < b->count; i++) {
        pdf_picture_release(&b->list[i].logo);
    }
    arena_release(&b->arena);
}

const struct brand *brand_at(const struct brands *b, int64_t seq)
{
    for (size_t i = 0; i < b->count; i++) {
        if (b->list[i].seq <= seq) {
            return &b->list[i];
        }
    }
    return NULL;
}

enum err_code office_look_load(struct office *o, struct office_look *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    TRY(pdf_press_new(NULL, &out->press, e));
    TRY(brands_load(o, out->press, &out->brands, e));
    const struct brand *b = brand_at(&out->brands, INT64_MAX);
    out->look.press = out->press;
    if (b != NULL) {
        out->look.accent = b->accent;
        out->look.lines = b->lines;
        out->look.logo = b->has_logo ? &b->logo : NULL;
    }
    return ERR_OK;
}

void office_look_release(struct office_look *l)
{
    brands_release(&l->brands);
    pdf_press_free(l->press);
}

const struct brand *office_look_at(const struct office_look *l, int64_t seq)
{
    return l != NULL ? brand_at(&l->brands, seq) : NULL;
}
