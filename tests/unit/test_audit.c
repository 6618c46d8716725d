#include <config.h>

#include "ledger/audit.h"

#include <string.h>

#include "base/json.h"
#include "tests/unit/check_ledger.h"

static struct audit a;

START_TEST(audit_without_faults_holds)
{
    a = (struct audit){.from = 1};
    assert_ok(audit_status(&a, &e));
}
END_TEST

START_TEST(first_fault_is_the_sentence_and_the_others_are_counted)
{
    a = (struct audit){.from = 1};
    ck_assert_ptr_nonnull(audit_add(&a, "leaf", 7, -1, "entry %d was changed", 7));
    assert_error(audit_status(&a, &e), ERR_TAMPERED, "entry 7 was changed");
    ck_assert_ptr_nonnull(audit_add(&a, "rows", 0, -1, "table meter"));
    assert_error(audit_status(&a, &e), ERR_TAMPERED,
                 "entry 7 was changed (the first of 2 faults)");
}
END_TEST

START_TEST(list_of_faults_has_an_end)
{
    a = (struct audit){.from = 1};
    for (int i = 0; i < AUDIT_FAULTS_MAX; i++) {
        ck_assert_ptr_nonnull(audit_add(&a, "rows", 0, -1, "fault %d", i));
    }
    ck_assert_ptr_null(audit_add(&a, "rows", 0, -1, "one more"));
    ck_assert_uint_eq(a.fault_count, AUDIT_FAULTS_MAX);
    ck_assert_str_eq(a.faults[AUDIT_FAULTS_MAX - 1].text, "fault 63");
}
END_TEST

/* What somebody wrote into the database must not reach a terminal as it is. */
START_TEST(quoted_bytes_are_made_visible)
{
    a = (struct audit){.from = 1};
    const struct audit_fault *f =
        audit_add(&a, "kind", 3, -1, "kind %s", "\x1b[31m\xff\n\xe2\x80\xae");
    ck_assert_ptr_null(strchr(f->text, 0x1b));
    ck_assert_ptr_null(strchr(f->text, '\n'));
    ck_assert_ptr_null(strchr(f->text, (char)0xff));
    ck_assert_ptr_null(strstr(f->text, "\xe2\x80\xae"));
}
END_TEST

START_TEST(audit_is_proper_json)
{
    struct buf out;
    struct arena arena;
    struct json *o = NULL;
    int64_t n = 0;
    bool ok = true;
    a = (struct audit){.from = 1, .entries = 12, .items = 3, .size = 12, .office = "SJ01"};
    struct audit_fault *f = audit_add(&a, "rows", 0, -1, "a \"quoted\"\nsentence");
    (void)strncpy(f->table, "meter", sizeof f->table - 1);
    (void)strncpy(f->found, "x", sizeof f->found - 1);
    ck_assert_ptr_nonnull(audit_add(&a, "item", 5, 0, "item 0 of entry 5"));
    buf_init(&out, 1 << 16);
    arena_init(&arena, 1 << 20);
    audit_json(&a, "deep", &out);
    assert_ok(json_parse(buf_str(&out), out.len, &json_limits_default, &arena, &o, &e));
    ck_assert_str_eq(json_get_str(o, "level"), "deep");
    ck_assert(json_get_bool(o, "ok", &ok) && !ok);
    ck_assert(json_get_int(o, "entries", &n) && n == 12);
    const struct json *faults = json_get(o, "faults");
    ck_assert_uint_eq(faults->u.array.count, 2);
    const struct json *first = faults->u.array.items[0];
    ck_assert_str_eq(json_get_str(first, "check"), "rows");
    ck_assert_str_eq(json_get_str(first, "table"), "meter");
    ck_assert_str_eq(json_get_str(first, "found"), "x");
    ck_assert_ptr_null(json_get(first, "entry"));
    ck_assert_ptr_null(json_get(first, "expected"));
    const struct json *second = faults->u.array.items[1];
    ck_assert(json_get_int(second, "entry", &n) && n == 5);
    ck_assert(json_get_int(second, "item", &n) && n == 0);
    buf_release(&out);
    arena_release(&arena);
}
END_TEST

START_TEST(joined_audits_keep_all_faults)
{
    static struct audit b;
    a = (struct audit){.rows = 4};
    b = (struct audit){.from = 3, .entries = 9, .size = 11, .office = "SJ01"};
    ck_assert_ptr_nonnull(audit_add(&a, "schema", 0, -1, "one"));
    ck_assert_ptr_nonnull(audit_add(&b, "leaf", 4, -1, "two"));
    audit_join(&a, &b);
    ck_assert_uint_eq(a.fault_count, 2);
    ck_assert_str_eq(a.faults[1].text, "two");
    ck_assert_int_eq(a.from, 3);
    ck_assert_int_eq(a.entries, 9);
    ck_assert_int_eq(a.rows, 4);
    ck_assert_str_eq(a.office, "SJ01");
}
END_TEST

Suite *suite_audit(void)
{
    Suite *s = suite_create("audit");
    TCase *t = tcase_create("audit");
    tcase_add_test(t, audit_without_faults_holds);
    tcase_add_test(t, first_fault_is_the_sentence_and_the_others_are_counted);
    tcase_add_test(t, list_of_faults_has_an_end);
    tcase_add_test(t, quoted_bytes_are_made_visible);
    tcase_add_test(t, audit_is_proper_json);
    tcase_add_test(t, joined_audits_keep_all_faults);
    suite_add_tcase(s, t);
    return s;
}
