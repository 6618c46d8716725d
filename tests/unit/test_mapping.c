#include <config.h>

#include "app/mapping.h"

#include <string.h>

#include "app_util.h"
#include "check_app.h"

static struct arena arena;

static void arena_setup(void)
{
    arena_init(&arena, 1 << 20);
}

static void arena_teardown(void)
{
    arena_release(&arena);
}

static enum err_code parse(const char *json, struct mapping *m, struct err *e)
{
    return mapping_parse(json, strlen(json), &arena, m, NULL, e);
}

START_TEST(a_mapping_is_read_with_its_defaults)
{
    struct mapping m;
    struct err e = ERR_INIT;
    ck_assert_msg(
        parse("{\"kind\":\"readings\",\"columns\":{\"serial\":\"Contador\",\"time\":2,"
              "\"value\":\"Lectura\"},\"time_format\":\"%d/%m/%y\",\"unit\":\"m3\"}",
              &m, &e) == ERR_OK,
        "%s", e.text);
    ck_assert_int_eq(m.kind, MAPPING_READINGS);
    ck_assert_int_eq(m.separator, ',');
    ck_assert(!m.latin1);
    ck_assert_uint_eq(m.heading_lines, 1);
    ck_assert_str_eq(m.column[FIELD_SERIAL].heading, "Contador");
    ck_assert_uint_eq(m.column[FIELD_TIME].number, 2);
    ck_assert(!m.column[FIELD_OBIS].set);
    ck_assert_str_eq(m.decimal, ".");
    ck_assert_str_eq(m.group, "");
    ck_assert_ptr_null(m.zone);
    ck_assert_str_eq(m.unit->symbol, "m3");
    ck_assert_int_eq(m.as_of, AS_OF_NOW);
}
END_TEST

START_TEST(every_member_of_a_mapping_is_read)
{
    struct mapping m;
    struct err e = ERR_INIT;
    ck_assert_msg(
        parse("{\"kind\":\"readings\",\"separator\":\"\\t\",\"encoding\":\"latin-1\","
              "\"heading_lines\":3,\"columns\":{\"serial\":\"s\",\"time\":\"h\",\"date\":\"d\","
              "\"value\":\"v\",\"obis\":\"o\"},\"time_format\":\"%F %R\",\"time_zone\":"
              "\"America/Bogota\",\"decimal\":\",\",\"group\":\"\xC2\xA0\",\"unit\":\"kWh\","
              "\"as_of\":\"newest\"}",
              &m, &e) == ERR_OK,
        "%s", e.text);
    ck_assert_int_eq(m.separator, '\t');
    ck_assert(m.latin1);
    ck_assert_uint_eq(m.heading_lines, 3);
    ck_assert_str_eq(m.column[FIELD_DATE].heading, "d");
    ck_assert_str_eq(m.zone, "America/Bogota");
    ck_assert_str_eq(m.decimal, ",");
    ck_assert_str_eq(m.group, "\xC2\xA0");
    ck_assert_int_eq(m.as_of, AS_OF_NEWEST);
}
END_TEST

#define HEAD "{\"kind\":\"readings\",\"columns\":{\"serial\":1,\"time\":2,\"value\":3},"
#define TAIL "\"time_format\":\"%F\",\"unit\":\"l\"}"

static const struct {
    const char *json, *path;
} faulty[] = {
    {"[]", "$"},
    {"{\"kind\":\"boats\"}", "$.kind"},
    {"{}", "$.kind"},
    {HEAD "\"separator\":\"::\"," TAIL, "$.separator"},
    {HEAD "\"separator\":\"\\\"\"," TAIL, "$.separator"},
    {HEAD "\"separator\":\"\\n\"," TAIL, "$.separator"},
    {HEAD "\"separator\":\"\"," TAIL, "$.separator"},
    {HEAD "\"separator\":7," TAIL, "$.separator"},
    {HEAD "\"separator\":\"\xC3\xB1\"," TAIL, "$.separator"},
    {HEAD "\"encoding\":\"utf-16\"," TAIL, "$.encoding"},
    {HEAD "\"heading_lines\":-1," TAIL, "$.heading_lines"},
    {HEAD "\"heading_lines\":101," TAIL, "$.heading_lines"},
    {HEAD "\"decimal\":\"5\"," TAIL, "$.decimal"},
    {HEAD "\"decimal\":\"..\"," TAIL, "$.decimal"},
    {HEAD "\"decimal\":\"e\"," TAIL, "$.decimal"},
    {HEAD "\"group\":\".\"," TAIL, "$.group"},
    {HEAD "\"group\":\"-\"," TAIL, "$.group"},
    {HEAD "\"time_zone\":\"Mars/Olympus\"," TAIL, "$.time_zone"},
    {HEAD "\"time_zone\":\"../../etc/passwd\"," TAIL, "$.time_zone"},
    {HEAD "\"as_of\":\"tomorrow\"," TAIL, "$.as_of"},
    {HEAD "\"colour\":1," TAIL, "$.colour"},
    {HEAD "\"time_format\":\"%H:%M\",\"unit\":\"l\"}", "$.time_format"},
    {HEAD "\"time_format\":\"%d/%m/%Y %p\",\"unit\":\"l\"}", "$.time_format"},
    {HEAD "\"time_format\":\"%d/%m/%Y %\",\"unit\":\"l\"}", "$.time_format"},
    {HEAD "\"unit\":\"l\"}", "$.time_format"},
    {HEAD "\"time_format\":\"%F\"}", "$.unit"},
    {HEAD "\"time_format\":\"%F\",\"unit\":\"gallon\"}", "$.unit"},
    {"{\"kind\":\"readings\"," TAIL, "$.columns"},
    {"{\"kind\":\"readings\",\"columns\":[1,2,3]," TAIL, "$.columns"},
    {"{\"kind\":\"readings\",\"columns\":{\"time\":2,\"value\":3}," TAIL, "$.columns.serial"},
    {"{\"kind\":\"readings\",\"columns\":{\"serial\":1,\"value\":3}," TAIL, "$.columns.time"},
    {"{\"kind\":\"readings\",\"columns\":{\"serial\":1,\"time\":3}," TAIL, "$.columns.value"},
    {"{\"kind\":\"readings\",\"columns\":{\"serial\":0,\"time\":2,\"value\":3}," TAIL,
     "$.columns.serial"},
    {"{\"kind\":\"readings\",\"columns\":{\"serial\":257,\"time\":2,\"value\":3}," TAIL,
     "$.columns.serial"},
    {"{\"kind\":\"readings\",\"columns\":{\"serial\":1,\"time\":2,\"value\":3,\"place\":4}"
     "," TAIL,
     "$.columns.place"},
    {"{\"kind\":\"readings\",\"heading_lines\":0,\"columns\":{\"serial\":\"a\",\"time\":2,"
     "\"value\":3}," TAIL,
     "$.columns.serial"},
    {HEAD "\"constants\":{\"serial\":\"X\"}," TAIL, "$.constants.serial"},
    {"{\"kind\":\"meters\",\"columns\":{\"serial\":1}}", "$.columns.kind"},
    {"{\"kind\":\"meters\",\"columns\":{\"serial\":1,\"kind\":2},\"unit\":\"m3\"}", "$.unit"},
};

START_TEST(each_fault_of_a_mapping_is_named_by_its_path)
{
    struct mapping m;
    struct err e = ERR_INIT;
    char wanted[80];
    const char *json = faulty[_i].json;
    ck_assert_msg(parse(json, &m, &e) == ERR_PARSE, "%s", json);
    (void)snprintf(wanted, sizeof wanted, "at %s: ", faulty[_i].path);
    ck_assert_msg(strstr(e.text, wanted) != NULL, "%s: %s", json, e.text);
}
END_TEST

START_TEST(several_faults_are_counted)
{
    struct mapping m;
    struct err e = ERR_INIT;
    ck_assert_int_eq(parse(HEAD "\"separator\":\"\",\"as_of\":\"x\"," TAIL, &m, &e), ERR_PARSE);
    ck_assert_msg(strstr(e.text, "2 faults") != NULL, "%s", e.text);
}
END_TEST

START_TEST(a_mapping_has_a_largest_size)
{
    struct mapping m;
    struct err e = ERR_INIT;
    static char text[MAPPING_BYTES_MAX + 2];
    memset(text, ' ', sizeof text);
    ck_assert_int_eq(mapping_parse(text, sizeof text, &arena, &m, NULL, &e), ERR_LIMIT);
}
END_TEST

START_TEST(names_of_mappings_are_short_and_plain)
{
    char longest[MAPPING_NAME_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[MAPPING_NAME_MAX] = '\0';
    ck_assert(mapping_name_fits(longest));
    longest[MAPPING_NAME_MAX] = 'a';
    longest[MAPPING_NAME_MAX + 1] = '\0';
    ck_assert(!mapping_name_fits(longest));
    ck_assert(mapping_name_fits("hourly-2016_v1.2"));
    ck_assert(!mapping_name_fits(""));
    ck_assert(!mapping_name_fits("a b"));
    ck_assert(!mapping_name_fits("../a"));
}
END_TEST

START_TEST(a_mapping_is_found_by_name_and_kind)
{
    struct mapping m;
    struct hash first;
    struct hash second;
    struct err e = ERR_INIT;
    struct office *o = app_office.office;
    ck_assert_int_eq(mapping_load(o, "madrid", MAPPING_READINGS, &arena, &m, &first, &e),
                     ERR_OK);
    ck_assert_str_eq(m.zone, "Europe/Madrid");
    ck_assert_int_eq(mapping_load(o, "madrid", MAPPING_METERS, &arena, &m, &first, &e),
                     ERR_STATE);
    ck_assert_int_eq(mapping_load(o, "nothing", MAPPING_READINGS, &arena, &m, &first, &e),
                     ERR_NOT_FOUND);
    ck_assert_msg(strstr(e.text, "aforo mapping save nothing") != NULL, "%s", e.text);
    ck_assert_int_eq(mapping_load(o, "readings", MAPPING_READINGS, &arena, &m, &first, &e),
                     ERR_OK);
    app_mapping("readings", HEAD "\"heading_lines\":2," TAIL);
    ck_assert_int_eq(mapping_load(o, "readings", MAPPING_READINGS, &arena, &m, &second, &e),
                     ERR_OK);
    ck_assert_uint_eq(m.heading_lines, 2);
    ck_assert(!hash_equal(&first, &second));
}
END_TEST

START_TEST(a_faulty_mapping_is_not_saved)
{
    struct err e = ERR_INIT;
    int64_t before = app_height();
    ck_assert_int_eq(fixture_try(&app_office, app_office.ana, NULL, &e, "mapping save", "name",
                                 "bad", "file", app_file("bad.json", "{\"kind\":1}"), NULL),
                     ERR_PARSE);
    ck_assert_msg(strstr(e.text, "bad.json") != NULL, "%s", e.text);
    ck_assert_int_eq(fixture_try(&app_office, app_office.ana, NULL, &e, "mapping save", "name",
                                 "a/b", "file", app_file("ok.json", HEAD TAIL), NULL),
                     ERR_USAGE);
    ck_assert_int_eq(app_height(), before);
}
END_TEST

Suite *suite_mapping(void)
{
    Suite *s = suite_create("mapping");
    TCase *t = tcase_create("json");
    tcase_add_checked_fixture(t, arena_setup, arena_teardown);
    tcase_add_test(t, a_mapping_is_read_with_its_defaults);
    tcase_add_test(t, every_member_of_a_mapping_is_read);
    tcase_add_loop_test(t, each_fault_of_a_mapping_is_named_by_its_path, 0,
                        sizeof faulty / sizeof faulty[0]);
    tcase_add_test(t, several_faults_are_counted);
    tcase_add_test(t, a_mapping_has_a_largest_size);
    tcase_add_test(t, names_of_mappings_are_short_and_plain);
    suite_add_tcase(s, t);
    TCase *o = tcase_create("saved");
    tcase_add_checked_fixture(o, arena_setup, arena_teardown);
    tcase_add_checked_fixture(o, app_setup, app_teardown);
    tcase_add_test(o, a_mapping_is_found_by_name_and_kind);
    tcase_add_test(o, a_faulty_mapping_is_not_saved);
    suite_add_tcase(s, o);
    return s;
}
