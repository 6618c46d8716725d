/* Every code that tables hold, entries may say or rules give has words for people. */
#include <config.h>

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/entry_say.h"
#include "app/files.h"
#include "app/words.h"
#include "base/buf.h"
#include "domain/rules.h"

Suite *suite_words(void);

static struct buf missing;

/* Names of things that are the same in every language, and what only machines read. */
static bool has_no_words(const char *code, size_t len)
{
    static const char *const names[] = {"p256",       "ed25519",        "pkcs11",
                                        "tpm2",       "image/png",      "image/jpeg",
                                        "text/plain", "application/pdf"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], code, len) == 0) {
            return true;
        }
    }
    return len == 0;
}

static void look(const char *where, const char *code, size_t len)
{
    if (code_word(code, len) == NULL && !has_no_words(code, len)) {
        buf_addf(&missing, "%s: %.*s\n", where, (int)len, code);
    }
}

/* All that stands between two such signs from `text` to `end`. */
static size_t quoted(const char *where, const char *text, const char *end, char sign)
{
    size_t n = 0;
    const char *open;
    while ((open = memchr(text, sign, (size_t)(end - text))) != NULL) {
        const char *close = memchr(open + 1, sign, (size_t)(end - open - 1));
        if (close == NULL) {
            break;
        }
        look(where, open + 1, (size_t)(close - open - 1));
        n++;
        text = close + 1;
    }
    return n;
}

static void take(const char *name, struct buf *text)
{
    char path[1024];
    struct err e = ERR_INIT;
    (void)snprintf(path, sizeof path, "%s/%s", getenv("AFORO_SRCDIR"), name);
    buf_clear(text);
    ck_assert_int_eq(file_read(path, text, &e), ERR_OK);
}

START_TEST(every_code_of_a_table_has_words)
{
    struct buf sql;
    size_t n = 0;
    buf_init(&missing, 1u << 16);
    buf_init(&sql, 1u << 20);
    take("data/migrations/0001_office.sql", &sql);
    for (const char *at = buf_str(&sql); (at = strstr(at, "CHECK(")) != NULL; at++) {
        const char *end = strpbrk(at, ";");
        const char *comma = strstr(at, "),\n");
        end = comma != NULL && comma < end ? comma : end;
        n += quoted("0001_office.sql", at, end, '\'');
    }
    ck_assert_uint_gt(n, 60);
    ck_assert_msg(missing.len == 0, "add to src/app/words.def:\n%s", buf_str(&missing));
    buf_release(&missing);
    buf_release(&sql);
}
END_TEST

/* Each schema's name and text through `one`; what it counts, added up. */
static size_t each_schema(size_t (*one)(const char *name, const char *text))
{
    char path[1024];
    struct buf text;
    struct dirent *d;
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/data/schemas", getenv("AFORO_SRCDIR"));
    DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    buf_init(&text, 1u << 20);
    while ((d = readdir(dir)) != NULL) {
        if (strstr(d->d_name, ".json") != NULL) {
            (void)snprintf(path, sizeof path, "data/schemas/%.900s", d->d_name);
            take(path, &text);
            n += one(d->d_name, buf_str(&text));
        }
    }
    (void)closedir(dir);
    buf_release(&text);
    return n;
}

static size_t codes_look(const char *name, const char *text)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "\"enum\":")) != NULL;) {
        at += strlen("\"enum\":");
        n += quoted(name, at, strchr(at, ']'), '"');
    }
    return n;
}

START_TEST(every_code_of_an_entry_has_words)
{
    buf_init(&missing, 1u << 16);
    ck_assert_uint_gt(each_schema(codes_look), 60);
    ck_assert_msg(missing.len == 0, "add to src/app/words.def:\n%s", buf_str(&missing));
    buf_release(&missing);
}
END_TEST

START_TEST(every_kind_of_entry_has_words)
{
    static const char *const names[] = {
#define KIND(id, name, version, signer) name,
#include "ledger/kinds.def"
#undef KIND
    };
    buf_init(&missing, 1u << 16);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        look("kind", names[i], strlen(names[i]));
    }
    ck_assert_msg(missing.len == 0, "add to src/app/kind_words.def:\n%s", buf_str(&missing));
    buf_release(&missing);
}
END_TEST

/* Members of entries, not of items: `"name": {` inside "properties". */
static size_t members_look(const char *schema, const char *text)
{
    size_t n = 0;
    const char *at = strstr(schema, ".item.") == NULL ? strstr(text, "\"properties\"") : NULL;
    while (at != NULL && (at = strstr(at, "\": {")) != NULL) {
        const char *name = at;
        while (name[-1] != '"') {
            name--;
        }
        size_t len = (size_t)(at - name);
        at++;
        if ((len == 5 && memcmp(name, "items", len) == 0 && strncmp(at, ": {\"$ref", 8) == 0) ||
            (len == 10 && memcmp(name, "properties", len) == 0)) {
            continue;
        }
        n++;
        if (entry_field_find(name, len) == NULL) {
            buf_addf(&missing, "%s: %.*s\n", schema, (int)len, name);
        }
    }
    return n;
}

START_TEST(every_member_of_an_entry_has_a_label)
{
    buf_init(&missing, 1u << 16);
    ck_assert_uint_gt(each_schema(members_look), 500);
    ck_assert_msg(missing.len == 0, "add to src/app/entry_fields.def:\n%s", buf_str(&missing));
    buf_release(&missing);
}
END_TEST

START_TEST(every_class_of_finding_has_words)
{
    buf_init(&missing, 1u << 16);
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        const char *name = finding_class_name((enum finding_class)i);
        look("class", name, strlen(name));
    }
    ck_assert_msg(missing.len == 0, "add to src/app/words.def:\n%s", buf_str(&missing));
    buf_release(&missing);
}
END_TEST

START_TEST(a_text_for_machines_is_said_as_the_office_writes)
{
    struct buf out;
    buf_init(&out, 1000);
    machine_words(numfmt_find("es_ES"),
                  "bill 3 of 2016-03-01 to 2016-04-01: 1023.11 EUR\n  reading 7: 258.488 m3 at "
                  "2016-03-31T23:38:01 (8-0:1.0.0, 0.5) 1.2.3 end.\n",
                  &out);
    ck_assert_str_eq(
        buf_str(&out),
        "bill 3 of 01/03/2016 to 01/04/2016: 1.023,11 EUR\n  reading 7: 258,488 m3 "
        "at 31/03/2016 23:38 (8-0:1.0.0, 0,5) 1.2.3 end.\n");
    buf_release(&out);
}
END_TEST

Suite *suite_words(void)
{
    Suite *s = suite_create("words");
    TCase *t = tcase_create("codes");
    tcase_add_test(t, every_code_of_a_table_has_words);
    tcase_add_test(t, every_code_of_an_entry_has_words);
    tcase_add_test(t, every_kind_of_entry_has_words);
    tcase_add_test(t, every_member_of_an_entry_has_a_label);
    tcase_add_test(t, every_class_of_finding_has_words);
    tcase_add_test(t, a_text_for_machines_is_said_as_the_office_writes);
    suite_add_tcase(s, t);
    return s;
}
