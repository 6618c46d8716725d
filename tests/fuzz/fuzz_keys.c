/* What a terminal, a hand or a paste may send: bytes become keys, keys become a line of text, a
 * line becomes a filter and cells. Whatever comes in, the line stays valid and bounded and no
 * cell holds what a terminal obeys. */
#include <config.h>

#include <string.h>

#include "base/text.h"
#include "ui/cell.h"
#include "ui/format.h"
#include "ui/key.h"
#include "ui/lineedit.h"
#include "ui/term_keys.h"
#include "ui/widget_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const struct lineedit *le)
{
    CHECK(le->len < LINEEDIT_BYTES && le->text[le->len] == '\0' && le->cursor <= le->len);
    CHECK(utf8_valid(le->text, le->len));
    CHECK(((unsigned char)le->text[le->cursor] & 0xc0u) != 0x80u);
    for (size_t i = 0; i < le->len; i++) {
        CHECK((unsigned char)le->text[i] >= ' ' && le->text[i] != 0x7f);
    }
}

static void check_frame(const struct frame *f)
{
    for (int row = 0; row < f->rows; row++) {
        int width = 0;

        for (int column = 0; column < f->columns; column++) {
            const struct cell *c = frame_at(f, row, column);

            width += c->width;
            CHECK(utf8_valid(c->text, strlen(c->text)));
            for (const char *s = c->text; *s != '\0'; s++) {
                CHECK((unsigned char)*s >= ' ' && *s != 0x7f);
                CHECK(!f->ascii || (unsigned char)*s < 0x80);
            }
        }
        CHECK(width == f->columns);
    }
}

static void type(struct lineedit *le, const uint8_t *data, size_t size)
{
    struct key_decoder d = {0};
    uint32_t key;

    for (size_t i = 0; i < size; i++) {
        if (key_decode(&d, data[i], &key) && key != K_NONE) {
            (void)lineedit_key(le, key);
            check_line(le);
        }
        CHECK(d.count < SEQUENCE_MAX);
    }
    (void)key_decode_idle(&d, &key);
    CHECK(d.count == 0);
}

static void check_filter(const char *text)
{
    static const struct state_word states[] = {{"held", GLYPH_NONE, ATTR_NORMAL, "Held"},
                                               {NULL, GLYPH_NONE, ATTR_NORMAL, NULL}};
    static const struct column columns[] = {
        {"serial", "Serial", COLUMN_TEXT, 8, 16, 1, true, NULL},
        {"state", "State", COLUMN_STATE, 8, 16, 1, true, states},
    };
    struct row_query q = {0};

    filter_parse(text, columns, 2, &q);
    CHECK(q.term_count <= ROW_TERMS_MAX);
    for (size_t i = 0; i < q.term_count; i++) {
        CHECK(q.terms[i].column >= -1 && q.terms[i].column < 2);
        CHECK(q.terms[i].text[0] != '\0' &&
              utf8_valid(q.terms[i].text, strlen(q.terms[i].text)));
    }
}

/* A value that is read comes out the same when it is written and read again. */
static void check_values(const char *text)
{
    const struct numfmt *nf = numfmt_find("es_CR");
    char machine[FORMAT_MAX];
    char shown[FORMAT_MAX];
    char again[FORMAT_MAX];

    if (format_parse_date(nf, text, true, machine) && machine[0] == '2' && machine[1] == '0') {
        format_datetime(nf, machine, shown);
        CHECK(format_parse_date(nf, shown, true, again) && strcmp(machine, again) == 0);
    }
    if (format_parse_number(nf, text, machine)) {
        format_number(nf, machine, shown);
        CHECK(format_parse_number(nf, shown, again) && strcmp(machine, again) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lineedit le;
    struct frame f;

    lineedit_init(&le, size % 3 == 0 ? 20 : 0, false);
    type(&le, data, size);
    lineedit_paste(&le, size > 0 ? (const char *)data : "", size);
    check_line(&le);
    check_filter(le.text);
    check_values(le.text);
    frame_init(&f);
    f.ascii = size % 2 == 0;
    CHECK(frame_resize(&f, 4, 1 + (int)(size % 40), NULL) == ERR_OK);
    lineedit_render(&le, &f, 0, 0, f.columns, ATTR_FIELD, true);
    (void)frame_textn(&f, 1, (int)(size % 5) - 2, f.columns, ATTR_NORMAL,
                      size > 0 ? (const char *)data : "", size);
    (void)frame_wrap(&f, (struct rect){2, 0, 2, f.columns}, ATTR_NORMAL, le.text);
    check_frame(&f);
    frame_release(&f);
    return 0;
}
