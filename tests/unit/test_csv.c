#include <config.h>

#include "base/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_base.h"

/* Rows as text: "line:field|field" or "line!fault", one below the other. */
static void render(const struct csv_row *row, struct buf *out)
{
    buf_addf(out, "%llu", (unsigned long long)row->line);
    if (row->fault != CSV_FINE) {
        ck_assert_uint_eq(row->count, 0);
        buf_addf(out, "!%d\n", row->fault);
        return;
    }
    for (size_t i = 0; i < row->count; i++) {
        ck_assert_uint_eq(strlen(row->fields[i].data), row->fields[i].len);
        buf_addf(out, "%c%s", i == 0 ? ':' : '|', row->fields[i].data);
    }
    buf_addc(out, '\n');
}

static void read_all(const char *path, char separator, bool latin1, struct buf *out)
{
    struct csv *c = NULL;
    struct csv_row row;
    bool eof = false;
    OK(csv_open(path, separator, latin1, &c, e));
    for (;;) {
        OK(csv_next(c, &row, &eof, e));
        if (eof) {
            break;
        }
        render(&row, out);
    }
    OK(csv_next(c, &row, &eof, e)); /* the end stays the end */
    ck_assert(eof);
    csv_close(c);
}

static void assert_rows(const char *text, size_t len, char separator, const char *expected)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    read_all(scratch_file("rows.csv", text, len), separator, false, &b);
    assert_text(&b, expected);
}

START_TEST(plain_rows)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"a,b\n", "1:a|b\n"},
        {"a,b", "1:a|b\n"},
        {"a,b\nc,d\n", "1:a|b\n2:c|d\n"},
        {"a,b\r\nc,d\r\n", "1:a|b\n2:c|d\n"},
        {"a,b\rc,d\r", "1:a|b\n2:c|d\n"},
        {"a,b\rc,d", "1:a|b\n2:c|d\n"},
        {",\n", "1:|\n"},
        {"a,", "1:a|\n"},
        {"a\n\n\nb\n", "1:a\n4:b\n"},
        {"\r\n\r\na\r\n", "3:a\n"},
        {"\n", ""},
        {"a\r\r\nb", "1:a\n3:b\n"},
        {" a , b ", "1: a | b \n"},
        {"José,m³\n", "1:José|m³\n"},
        {"\xef\xbb\xbf"
         "a,b\n",
         "1:a|b\n"},
        {"\xef\xbb\xbf", ""},
        {"a\n\xef\xbb\xbf"
         "b\n",
         "1:a\n2:\xef\xbb\xbf"
         "b\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_rows(rows[i][0], strlen(rows[i][0]), ',', rows[i][1]);
    }
    assert_rows("a;b,c\td\n", 8, ';', "1:a|b,c\td\n");
    assert_rows("a\tb;c\n", 6, '\t', "1:a|b;c\n");
    assert_rows("a|b\n", 4, '|', "1:a|b\n");
}
END_TEST

START_TEST(quoted_fields)
{
    static const char *const rows[][2] = {
        {"\"a\",\"b\"\n", "1:a|b\n"},
        {"\"\"\n", "1:\n"}, /* a quoted nothing is a row, an empty line is none */
        {"\"\"", "1:\n"},
        {"\"a\"\"b\"\n", "1:a\"b\n"},
        {"\"\"\"\"\n", "1:\"\n"},
        {"\"\"\"a\"\"\"", "1:\"a\"\n"},
        {"\"a,b\",c\n", "1:a,b|c\n"},
        {"\"a\nb\",c\nd\n", "1:a\nb|c\n3:d\n"},
        {"\"a\r\nb\",c\r\nd\r\n", "1:a\r\nb|c\n3:d\n"},
        {"\"a\rb\"\rd\r", "1:a\rb\n3:d\n"},
        {"\"a\n\n\nb\"\nc", "1:a\n\n\nb\n5:c\n"},
        {"x,\"\",y", "1:x||y\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_rows(rows[i][0], strlen(rows[i][0]), ',', rows[i][1]);
    }
}
END_TEST

START_TEST(faulty_rows_leave_the_rest_readable)
{
    static const struct {
        const char *text;
        size_t len; /* 0: to the NUL */
        const char *rows;
    } rows[] = {
        {"a,b\"c\nd\n", 0, "1!3\n2:d\n"},
        {"\"a\"b\nc\n", 0, "1!3\n2:c\n"},
        {"\"a\" ,b\nc\n", 0, "1!3\n2:c\n"},
        {"\"a\nb\"c\nd\n", 0, "1!3\n2!3\n3:d\n"}, /* its second line is no row either */
        {"\"a\nb\nc\n", 0, "1!6\n2:b\n3:c\n"},
        {"\"", 0, "1!6\n"},
        {"a\n\"", 0, "1:a\n2!6\n"},
        {"\"a\"\"", 0, "1!6\n"},
        {"\"a\rb\rc", 0, "1!6\n2:b\n3:c\n"},
        {"a\0b\nc\n", 6, "1!4\n2:c\n"},
        {"\"a\0b\nc\"\nd\n", 10, "1!4\n3:d\n"}, /* its end is known: all of it is left out */
        {"a\xff\nb\n", 0, "1!5\n2:b\n"},
        {"\"x\n\xc3\",y\nb\n", 0, "1!5\n3:b\n"},
        {"\xef\xbb\n", 0, "1!5\n"},
        {"\xef\xbb", 0, "1!5\n"},
        {"\xef", 0, "1!5\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_rows(rows[i].text, rows[i].len > 0 ? rows[i].len : strlen(rows[i].text), ',',
                    rows[i].rows);
    }
}
END_TEST

START_TEST(latin1_is_decoded)
{
    struct buf b;
    static const char text[] = "Jos\xe9;\"a\xf1o\"\"s\"\nplain;x\n\xff;\x80\n";
    buf_init(&b, 1000);
    read_all(scratch_file("latin1.csv", text, strlen(text)), ';', true, &b);
    assert_text(&b, "1:José|año\"s\n2:plain|x\n3:ÿ|€\n"); /* Windows-1252 */
    /* Each byte may become three: the copy has room for them. */
    char wide[1002];
    memset(wide, 0x93, 1000);
    wide[1000] = '\n';
    wide[1001] = '\0';
    struct buf many;
    buf_init(&many, 4000);
    read_all(scratch_file("latin1.csv", wide, 1001), ';', true, &many);
    ck_assert_uint_eq(many.len, 3 * 1000 + 3);
    buf_release(&many);
    read_all(scratch_file("latin1.csv", text, strlen(text)), ';', false, &b);
    assert_text(&b, "1!5\n2:plain|x\n3!5\n");
}
END_TEST

/* What Excel calls "Unicode text": told at once, not as zero bytes in each row. */
START_TEST(utf16_is_told_by_its_name)
{
    static const char texts[2][5] = {"\xff\xfe"
                                     "a\0",
                                     "\xfe\xff\0"
                                     "a"};
    for (size_t i = 0; i < 2; i++) {
        struct csv *c = NULL;
        struct csv_row row;
        bool eof = false;
        OK(csv_open(scratch_file("utf16.csv", texts[i], 4), ';', i == 0, &c, e));
        struct err why = ERR_INIT;
        ck_assert_int_eq(csv_next(c, &row, &eof, &why), ERR_PARSE);
        ck_assert_msg(strstr(why.text, "UTF-16") != NULL, "%s", why.text);
        csv_close(c);
    }
}
END_TEST

START_TEST(fields_are_limited_to_256)
{
    char text[1200];
    for (size_t n = 254; n <= 258; n++) {
        struct buf b, expected;
        size_t len = 0;
        buf_init(&b, 10000);
        buf_init(&expected, 10000);
        buf_adds(&expected, n > 256 ? "1!2" : "1:");
        for (size_t i = 0; i < n; i++) {
            text[len++] = 'x';
            text[len++] = i + 1 < n ? ',' : '\n';
            if (n <= 256) {
                buf_adds(&expected, i == 0 ? "x" : "|x");
            }
        }
        len += (size_t)snprintf(text + len, sizeof(text) - len, "\"after\nit\",z\n");
        buf_adds(&expected, "\n2:after\nit|z\n");
        read_all(scratch_file("wide.csv", text, len), ',', false, &b);
        ck_assert_str_eq(buf_str(&b), buf_str(&expected));
        buf_release(&b);
        buf_release(&expected);
    }
}
END_TEST

/* Records around the longest length, plain and quoted, in front of a good one. */
START_TEST(records_are_limited_to_one_mebibyte)
{
    static char text[2 * CSV_LINE_MAX];
    for (int quoted = 0; quoted < 2; quoted++) {
        for (int over = -1; over <= 4; over++) {
            struct csv *c = NULL;
            struct csv_row row;
            bool eof;
            size_t len = (size_t)(CSV_LINE_MAX + over);
            memset(text, 'x', len);
            if (quoted) {
                text[0] = text[len - 1] = '"';
            }
            memcpy(text + len, "\nb,c\n", 5);
            OK(csv_open(scratch_file("long.csv", text, len + 5), ',', false, &c, e));
            OK(csv_next(c, &row, &eof, e));
            ck_assert_int_eq(row.fault, over > 0 ? CSV_TOO_LONG : CSV_FINE);
            if (over <= 0) {
                ck_assert_uint_eq(row.fields[0].len, len - (quoted ? 2 : 0));
            }
            OK(csv_next(c, &row, &eof, e));
            ck_assert_uint_eq(row.line, 2);
            ck_assert_uint_eq(row.count, 2);
            ck_assert_str_eq(row.fields[1].data, "c");
            OK(csv_next(c, &row, &eof, e));
            ck_assert(eof);
            csv_close(c);
        }
    }
}
END_TEST

static void fill(struct buf *b, const char *piece, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_adds(b, piece);
    }
}

/* Lines of any length are passed over piece by piece, and quotes that open and never close, or
 * that close after megabytes, cost their own line only. */
START_TEST(monsters_cost_one_row_each)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    fill(&b, "0123456789", 700000); /* 7 MB without a line end */
    buf_adds(&b, "\nafter 1\n\"open");
    fill(&b, "0123456789\n", 150000); /* a quote that closes after 1.6 MB, so too late */
    buf_adds(&b, "\"\nafter 2\n");
    fill(&b, "x,", 600000);
    buf_adds(&b, "\r\nlast\r\n");
    struct csv *c = NULL;
    struct csv_row row;
    bool eof = false;
    size_t faults[8] = {0}, fine = 0;
    OK(csv_open(scratch_file("monster.csv", b.data, b.len), ',', false, &c, e));
    for (;;) {
        OK(csv_next(c, &row, &eof, e));
        if (eof) {
            break;
        }
        faults[row.fault]++;
        fine += row.fault == CSV_FINE;
        if (row.line == 2) {
            ck_assert_str_eq(row.fields[0].data, "after 1");
        }
    }
    ck_assert_uint_eq(faults[CSV_TOO_LONG], 4);
    ck_assert_uint_eq(faults[CSV_TRUNCATED], 0);
    ck_assert_uint_eq(faults[CSV_BAD_QUOTE], 0);
    /* Fine are: after 1, all quoted lines but the first on their own, after 2, last. The
     * closing quote, read as an opening one, swallows megabytes too. */
    ck_assert_uint_eq(fine, 1 + 149999 + 1 + 1);
    csv_close(c);
    buf_release(&b);
}
END_TEST

static size_t random_field(uint64_t *seed, char *out)
{
    static const char *const pieces[] = {"a", "12042", ",", ";", "\"", "\n", "\r\n", "\r",
                                         "é", "😀",     " ", "x", "",   "'",  "\t",   "0"};
    size_t len = 0, count = random_below(seed, 6);
    for (size_t i = 0; i < count; i++) {
        const char *p = pieces[random_below(seed, 16)];
        memcpy(out + len, p, strlen(p));
        len += strlen(p);
    }
    out[len] = '\0';
    return len;
}

static void write_field(struct buf *b, const char *s, bool quoted)
{
    if (!quoted && strpbrk(s, ",\"\r\n") == NULL) {
        buf_adds(b, s);
        return;
    }
    buf_addc(b, '"');
    for (; *s != '\0'; s++) {
        if (*s == '"') {
            buf_addc(b, '"');
        }
        buf_addc(b, *s);
    }
    buf_addc(b, '"');
}

/* Any fields, written by the rules of RFC 4180, are read back as they were; in files long
 * enough to need several refills of the window. */
START_TEST(what_is_written_is_read_back)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct buf text, expected, b;
        uint64_t state = seed;
        buf_init(&text, 32 << 20);
        buf_init(&expected, 32 << 20);
        buf_init(&b, 32 << 20);
        for (int r = 0; r < 40000; r++) {
            size_t count = 1 + random_below(&state, 5);
            buf_addc(&expected, ':');
            for (size_t i = 0; i < count; i++) {
                char field[64];
                (void)random_field(&state, field);
                bool only = count == 1; /* an empty line would be none */
                write_field(&text, field, only || random_below(&state, 2) == 0);
                buf_addf(&expected, "%s%s", i > 0 ? "|" : "", field);
                buf_adds(&text, i + 1 < count ? "," : ends[random_below(&state, 3)]);
            }
            buf_addc(&expected, '\n');
        }
        struct csv *c = NULL;
        struct csv_row row;
        bool eof = false;
        OK(csv_open(scratch_file("random.csv", text.data, text.len), ',', false, &c, e));
        for (;;) {
            OK(csv_next(c, &row, &eof, e));
            if (eof) {
                break;
            }
            ck_assert_int_eq(row.fault, CSV_FINE);
            for (size_t i = 0; i < row.count; i++) {
                buf_addc(&b, i == 0 ? ':' : '|');
                buf_add(&b, row.fields[i].data, row.fields[i].len);
            }
            buf_addc(&b, '\n');
        }
        csv_close(c);
        ck_assert_uint_eq(b.len, expected.len);
        ck_assert_msg(memcmp(b.data, expected.data, b.len) == 0, "seed %llu",
                      (unsigned long long)seed);
        buf_release(&text);
        buf_release(&expected);
        buf_release(&b);
    }
}
END_TEST

START_TEST(every_fault_has_a_text_of_its_own)
{
    for (int i = CSV_FINE; i <= CSV_TRUNCATED; i++) {
        ck_assert_str_ne(csv_fault_text((enum csv_fault)i), "");
        for (int j = CSV_FINE; j < i; j++) {
            ck_assert_str_ne(csv_fault_text((enum csv_fault)i),
                             csv_fault_text((enum csv_fault)j));
        }
    }
}
END_TEST

Suite *suite_csv(void)
{
    Suite *s = suite_create("csv");
    TCase *t = tcase_create("csv");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, plain_rows);
    tcase_add_test(t, quoted_fields);
    tcase_add_test(t, faulty_rows_leave_the_rest_readable);
    tcase_add_test(t, latin1_is_decoded);
    tcase_add_test(t, utf16_is_told_by_its_name);
    tcase_add_test(t, fields_are_limited_to_256);
    tcase_add_test(t, records_are_limited_to_one_mebibyte);
    tcase_add_test(t, monsters_cost_one_row_each);
    tcase_add_test(t, what_is_written_is_read_back);
    tcase_add_test(t, every_fault_has_a_text_of_its_own);
    suite_add_tcase(s, t);
    return s;
}
