#include <config.h>

#include "tests/unit/check_reports.h"

#include <string.h>

#include "base/json.h"

static const struct report_column columns[] = {
    {"name", "Nombre", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"count", "Nº", NULL, REPORT_INTEGER, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"amount", "Monto", "₡", REPORT_MONEY, 2, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
};

struct parsed {
    struct arena arena;
    struct json *root;
    const struct json *rows;
};

static void write_and_parse(struct report_fixture *f, struct parsed *p)
{
    struct buf content;
    struct err e = ERR_INIT;
    const char *path = scratch_path("report.json");
    buf_init(&content, 16 << 20);
    arena_init(&p->arena, 64 << 20);
    fixture_write(f, "json", path);
    file_read(path, &content);
    enum err_code code =
        json_parse(content.data, content.len, &json_limits_default, &p->arena, &p->root, &e);
    ck_assert_msg(code == ERR_OK, "%s", e.text);
    p->rows = json_get(p->root, "rows");
    ck_assert(p->rows != NULL && p->rows->type == JSON_ARRAY);
    buf_release(&content);
}

START_TEST(integers_are_numbers_up_to_2_53_and_strings_beyond)
{
    static const struct {
        int64_t value;
        const char *text; /* NULL: a number */
    } cases[] = {{0, NULL},
                 {INT64_C(9007199254740991), NULL},
                 {INT64_C(-9007199254740991), NULL},
                 {INT64_C(9007199254740992), "9007199254740992"},
                 {INT64_C(-9007199254740992), "-9007199254740992"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    struct report_cell cells[count_of(cases) * 3];
    struct report_fixture f;
    struct parsed p;
    for (size_t i = 0; i < count_of(cases); i++) {
        cells[i * 3] = cell_text("x");
        cells[i * 3 + 1] = cell_value(cases[i].value);
        cells[i * 3 + 2] = cell_value(140450);
    }
    fixture_init(&f, columns, count_of(columns), cells, count_of(cases));
    write_and_parse(&f, &p);
    ck_assert_uint_eq(p.rows->u.array.count, count_of(cases));
    for (size_t i = 0; i < count_of(cases); i++) {
        const struct json *row = p.rows->u.array.items[i];
        int64_t value = 0;
        if (cases[i].text == NULL) {
            ck_assert(json_get_int(row, "count", &value) && value == cases[i].value);
        } else {
            ck_assert_str_eq(json_get_str(row, "count"), cases[i].text);
        }
        ck_assert_str_eq(json_get_str(row, "amount"), "1404.50");
    }
    ck_assert_str_eq(json_get_str(json_get(p.root, "totals"), "amount"), "9831.50");
    ck_assert_int_eq(json_get(json_get(p.root, "totals"), "count")->type,
                     JSON_INT); /* the sum is -1 */
    arena_release(&p.arena);
}
END_TEST

START_TEST(a_total_beyond_64_bits_is_whole)
{
    struct report_cell cells[] = {cell_text("x"), cell_value(INT64_MAX), cell_value(INT64_MAX),
                                  cell_text("x"), cell_value(INT64_MAX), cell_value(INT64_MAX)};
    struct report_fixture f;
    struct parsed p;
    fixture_init(&f, columns, count_of(columns), cells, 2);
    write_and_parse(&f, &p);
    ck_assert_str_eq(json_get_str(json_get(p.root, "totals"), "count"), "18446744073709551614");
    ck_assert_str_eq(json_get_str(json_get(p.root, "totals"), "amount"),
                     "184467440737095516.14");
    arena_release(&p.arena);
}
END_TEST

START_TEST(the_head_names_report_columns_and_notes)
{
    static const char *const notes[] = {"una \"nota\"", "otra"};
    struct report_fixture f;
    struct parsed p;
    int64_t count = -1;
    fixture_init(&f, columns, count_of(columns), NULL, 0);
    f.doc.notes = notes;
    f.doc.note_count = 2;
    f.doc.subtitle = NULL;
    write_and_parse(&f, &p);
    ck_assert_str_eq(json_get_str(p.root, "report"), "readings");
    ck_assert_str_eq(json_get_str(p.root, "office"), "Acueducto de Ñuñoa");
    ck_assert_str_eq(json_get_str(p.root, "generated"), "2026-11-21T08:08:32");
    ck_assert_int_eq(json_get(p.root, "subtitle")->type, JSON_NULL);
    ck_assert(json_get_int(p.root, "row_count", &count) && count == 0);
    ck_assert_uint_eq(json_get(p.root, "columns")->u.array.count, count_of(columns));
    ck_assert_str_eq(json_get_str(json_get(p.root, "columns")->u.array.items[2], "unit"), "₡");
    ck_assert_str_eq(json_get(p.root, "notes")->u.array.items[0]->u.string.data,
                     "una \"nota\"");
    ck_assert_uint_eq(p.rows->u.array.count, 0);
    arena_release(&p.arena);
}
END_TEST

START_TEST(hostile_names_come_back_as_they_were_but_for_broken_bytes)
{
    static struct report_cell cells[HOSTILE_NAMES * 3];
    static struct buf names[HOSTILE_NAMES];
    struct report_fixture f;
    struct parsed p;
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        buf_init(&names[i], 4096);
        hostile_name(i, &names[i]);
        cells[i * 3] = (struct report_cell){.text = names[i].data, .len = names[i].len};
        cells[i * 3 + 1] = cell_value(i);
        cells[i * 3 + 2] = cell_empty();
    }
    fixture_init(&f, columns, count_of(columns), cells, HOSTILE_NAMES);
    write_and_parse(&f, &p);
    ck_assert_uint_eq(p.rows->u.array.count, HOSTILE_NAMES);
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        const struct json *row = p.rows->u.array.items[i];
        struct buf expected;
        uint64_t changed = 0;
        int64_t count = 0;
        buf_init(&expected, 4096);
        report_text_repair(names[i].data, names[i].len, &expected, &changed);
        ck_assert_str_eq(json_get_str(row, "name"), buf_str(&expected));
        ck_assert(json_get_int(row, "count", &count) && count == (int64_t)i);
        ck_assert_int_eq(json_get(row, "amount")->type, JSON_NULL);
        buf_release(&expected);
        buf_release(&names[i]);
    }
    arena_release(&p.arena);
}
END_TEST

Suite *suite_out_json(void)
{
    Suite *s = suite_create("out_json");
    TCase *t = tcase_create("json");
    tcase_add_test(t, integers_are_numbers_up_to_2_53_and_strings_beyond);
    tcase_add_test(t, a_total_beyond_64_bits_is_whole);
    tcase_add_test(t, the_head_names_report_columns_and_notes);
    tcase_add_test(t, hostile_names_come_back_as_they_were_but_for_broken_bytes);
    suite_add_tcase(s, t);
    return s;
}
