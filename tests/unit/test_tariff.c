#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "domain_util.h"
#include "tests/lib/fault.h"
#include "check_domain.h"

/* A sound tariff whose parts the tests replace one at a time. */
static const char sound[] =
    "{\"aforo_tariff\":1,\"code\":\"water-1\",\"version\":3,\"name\":{\"es\":\"Agua\",\"en\":"
    "\"Water\"},"
    "\"kind\":\"water\",\"currency\":\"EUR\",\"valid_from\":\"2016-02-29\",\"unit\":\"m3\","
    "\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\",\"step\":\"0.01\"},\"components\":["
    "{\"type\":\"fixed\",\"id\":\"base\",\"label\":{\"es\":\"Fijo\",\"en\":\"Fixed\"},\"per\":"
    "\"day\",\"price\":\"0.1\"},"
    "{\"type\":\"blocks\",\"id\":\"use\",\"label\":{\"es\":\"Uso\",\"en\":\"Use\"},\"bounds\":"
    "\"exact\","
    "\"prorate_by_days\":true,\"reference_days\":30,\"blocks\":[{\"from\":\"0\",\"to\":\"10\","
    "\"amount\":\"5\"},"
    "{\"from\":\"10\",\"to\":\"20.5\",\"price\":\"0.5\"},{\"from\":\"20.5\",\"price\":\"0.7\"}]"
    "},"
    "{\"type\":\"surcharge\",\"id\":\"over\",\"label\":{\"es\":\"Exceso\",\"en\":\"Excess\"},"
    "\"price\":\"1\",\"tolerance\":\"2\"},"
    "{\"type\":\"minimum\",\"id\":\"least\",\"label\":{\"es\":\"M\",\"en\":\"M\"},\"amount\":"
    "\"9\",\"of\":[\"base\",\"use\"]},"
    "{\"type\":\"subsidy\",\"id\":\"help\",\"label\":{\"es\":\"S\",\"en\":\"S\"},\"of\":"
    "\"use\",\"up_to\":\"5\",\"percent\":\"50\"},"
    "{\"type\":\"discount\",\"id\":\"off\",\"label\":{\"es\":\"D\",\"en\":\"D\"},\"percent\":"
    "\"3\"},"
    "{\"type\":\"tax\",\"id\":\"vat\",\"label\":{\"es\":\"IVA\",\"en\":\"VAT\"},\"percent\":"
    "\"10\"},"
    "{\"type\":\"rounding\",\"id\":\"coin\",\"label\":{\"es\":\"Redondeo\",\"en\":\"Rounding\"}"
    ",\"step\":\"0.05\"}]}";

/* `sound` with the first `from` replaced by `to`. */
static const char *altered(const char *from, const char *to)
{
    const char *at = strstr(sound, from);
    ck_assert_msg(at != NULL, "%s is not in the text", from);
    char *s =
        arena_printf(&test_arena, "%.*s%s%s", (int)(at - sound), sound, to, at + strlen(from));
    ck_assert_ptr_nonnull(s);
    return s;
}

static enum err_code parse(const char *text, struct faults *faults, struct err *e)
{
    struct tariff *t = NULL;
    enum err_code code = tariff_parse(text, strlen(text), &test_arena, faults, &t, e);
    ck_assert_int_eq(code == ERR_OK, t != NULL);
    return code;
}

START_TEST(a_sound_tariff_is_read_as_written)
{
    const struct tariff *t = tariff_text(sound);
    ck_assert_str_eq(t->code, "water-1");
    ck_assert_int_eq(t->version, 3);
    ck_assert_str_eq(label_text(&t->name), "Water");
    ck_assert_str_eq(t->name.es, "Agua");
    ck_assert_ptr_null(t->note.en);
    ck_assert_int_eq(t->kind, METER_WATER);
    ck_assert_str_eq(t->currency->code, "EUR");
    ck_assert_int_eq(date_cmp(t->valid_from, (struct date){2016, 2, 29}), 0);
    ck_assert_uint_eq(t->component_count, 8);
    ck_assert_uint_eq(t->line_max, 10);
    const struct block_table *b = &t->components[1].u.blocks.table;
    ck_assert_uint_eq(b->count, 3);
    ck_assert(b->blocks[0].flat && !b->blocks[1].flat);
    ck_assert_int_eq(b->blocks[1].from, 10000);
    ck_assert_int_eq(b->blocks[1].to, 20500);
    ck_assert_int_eq(b->blocks[2].to, INT64_MAX);
    ck_assert(b->proration.by_days);
    ck_assert_int_eq(b->proration.reference_days, 30);
    ck_assert_int_eq(t->components[2].u.surcharge.tolerance, 2000);
    ck_assert_uint_eq(t->components[3].u.minimum.of, 3);
    ck_assert_uint_eq(t->components[5].u.share.of, 31);
    ck_assert(t->components[6].u.share.of_taxable && !t->components[6].taxable &&
              t->components[5].taxable);
    ck_assert_int_eq(t->components[7].u.coin.step_minor, 5);
    ck_assert_ptr_eq(tariff_component(t, "vat"), &t->components[6]);
    ck_assert_ptr_null(tariff_component(t, "va"));
}
END_TEST

/* What is replaced, by what, and where the fault must be found. */
static const struct {
    const char *from, *to, *path;
} wrong[] = {
    {"{\"aforo_tariff\":1", "{\"aforo_tariff\":2", "$.aforo_tariff"},
    {"{\"aforo_tariff\":1,", "{", "$.aforo_tariff"},
    {"\"code\":\"water-1\"", "\"code\":\"Water 1\"", "$.code"},
    {"\"code\":\"water-1\"", "\"code\":\"1-water\"", "$.code"},
    {"\"code\":\"water-1\"", "\"code\":\"\"", "$.code"},
    {"\"code\":\"water-1\"", "\"code\":\"a{\"", "$.code"},
    {"\"code\":\"water-1\"", "\"code\":\"a:\"", "$.code"},
    {"\"code\":\"water-1\"", "\"code\":\"a 1\"", "$.code"},
    {"\"version\":3", "\"version\":3,\"unit\\u0000\":1", "$.unit"},
    {"\"code\":\"water-1\"", "\"code\":\"a23456789012345678901234567890123456789012\"",
     "$.code"},
    {"\"version\":3", "\"version\":0", "$.version"},
    {"\"version\":3", "\"version\":1000001", "$.version"},
    {"\"version\":3", "\"version\":\"3\"", "$.version"},
    {"\"version\":3", "\"version\":3.5", "$.version"},
    {"{\"es\":\"Agua\",\"en\":\"Water\"}", "\"Water\"", "$.name"},
    {"{\"es\":\"Agua\",\"en\":\"Water\"}", "{\"en\":\"Water\"}", "$.name.es"},
    {"{\"es\":\"Agua\",\"en\":\"Water\"}", "{\"es\":\"Agua\",\"en\":\"Water\",\"fr\":\"Eau\"}",
     "$.name.fr"},
    {"\"en\":\"Water\"", "\"en\":\"Wa\\u001b[1mter\"", "$.name.en"},
    {"\"en\":\"Water\"", "\"en\":\"Wa\\u0000ter\"", "$.name.en"},
    {"\"en\":\"Water\"", "\"en\":\"Wa\\u202eter\"", "$.name.en"},
    {"\"kind\":\"water\"", "\"kind\":\"steam\"", "$.kind"},
    {"\"kind\":\"water\"", "\"kind\":\"water\\u0000\"", "$.kind"},
    {"\"kind\":\"water\"", "\"kind\":\"energy\"", "$.unit"},
    {"\"currency\":\"EUR\"", "\"currency\":\"EU\"", "$.currency"},
    {"\"currency\":\"EUR\",", "", "$.currency"},
    {"\"unit\":\"m3\"", "\"unit\":\"gallon\"", "$.unit"},
    {"\"unit\":\"m3\"", "\"unit\":\"kWh\"", "$.unit"},
    {"2016-02-29", "2015-02-29", "$.valid_from"},
    {"\"2016-02-29\"", "20160229", "$.valid_from"},
    {"\"mode\":\"half_up\"", "\"mode\":\"nearest\"", "$.rounding.mode"},
    {"\"level\":\"line\"", "\"level\":\"lines\"", "$.rounding.level"},
    {"\"level\":\"line\"", "\"levels\":\"line\"", "$.rounding.levels"},
    {"\"step\":\"0.01\"", "\"step\":\"0\"", "$.rounding.step"},
    {"\"step\":\"0.01\"", "\"step\":\"0.015\"", "$.rounding.step"},
    {"\"step\":\"0.01\"", "\"step\":\"0.0000000001\"", "$.rounding.step"},
    {"\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\",\"step\":\"0.01\"}",
     "\"rounding\":[]", "$.rounding"},
    {"\"components\":[", "\"components\":[7,", "$.components[0]"},
    {"\"components\":[", "\"parts\":[],\"components\":[", "$.parts"},
    {"\"components\":[", "\"a\\u001b\":1,\"components\":[", "$.a␛"},
    {"\"per\":\"day\"", "\"per\":\"hour\"", "$.components[0].per"},
    {"\"per\":\"day\",", "", "$.components[0].per"},
    {"\"per\":\"day\"", "\"per\":\"day\",\"taxable\":1", "$.components[0].taxable"},
    {"\"per\":\"day\"", "\"per\":\"day\",\"blocks\":[]", "$.components[0].blocks"},
    {"\"price\":\"0.1\"", "\"price\":0.1", "$.components[0].price"},
    {"\"price\":\"0.1\"", "\"price\":\"-0.1\"", "$.components[0].price"},
    {"\"price\":\"0.1\"", "\"price\":\"0,1\"", "$.components[0].price"},
    {"\"price\":\"0.1\"", "\"price\":\"1e3\"", "$.components[0].price"},
    {"\"price\":\"0.1\"", "\"price\":\"\"", "$.components[0].price"},
    {"\"price\":\"0.1\"", "\"price\":\"0.1.1\"", "$.components[0].price"},
    {"\"price\":\"0.1\"", "\"price\":\"0.1234567891\"", "$.components[0].price"},
    {"\"price\":\"0.1\"", "\"price\":\"1000000000000\"", "$.components[0].price"},
    {"\"price\":\"0.1\"", "\"price\":\"0.1\\u00000\"", "$.components[0].price"},
    {"\"bounds\":\"exact\"", "\"bounds\":\"open\"", "$.components[1].bounds"},
    {"\"reference_days\":30", "\"reference_days\":0", "$.components[1].reference_days"},
    {"\"reference_days\":30", "\"reference_days\":367", "$.components[1].reference_days"},
    {",\"reference_days\":30", "", "$.components[1].reference_days"},
    {"\"prorate_by_days\":true,", "", "$.components[1].reference_days"},
    {"\"from\":\"0\"", "\"from\":\"1\"", "$.components[1].blocks[0].from"},
    {"\"to\":\"10\"", "\"to\":\"9.999\"", "$.components[1].blocks[1].from"},
    {"\"to\":\"10\"", "\"to\":\"10.001\"", "$.components[1].blocks[1].from"},
    {"\"to\":\"10\"", "\"to\":\"0\"", "$.components[1].blocks[0].to"},
    {"\"to\":\"10\",", "", "$.components[1].blocks[0].to"},
    {"\"to\":\"20.5\"", "\"to\":\"20.5001\"", "$.components[1].blocks[1].to"},
    {"\"to\":\"20.5\"", "\"to\":\"ten\"", "$.components[1].blocks[1].to"},
    {"{\"from\":\"20.5\"", "{\"to\":\"30\",\"from\":\"20.5\"", "$.components[1].blocks[2].to"},
    {"{\"from\":\"20.5\"", "{\"till\":\"30\",\"from\":\"20.5\"",
     "$.components[1].blocks[2].till"},
    {"{\"from\":\"20.5\",", "{", "$.components[1].blocks[2].from"},
    {"{\"from\":\"20.5\",\"price\":\"0.7\"}", "5", "$.components[1].blocks[2]"},
    {"\"amount\":\"5\"", "\"amount\":\"5\",\"price\":\"5\"", "$.components[1].blocks[0]"},
    {",\"amount\":\"5\"", "", "$.components[1].blocks[0].price"},
    {"\"bounds\":\"exact\",", "\"price\":\"2\",", "$.components[1].price"},
    {"\"price\":\"1\",\"tolerance\"", "\"bounds\":\"exact\",\"price\":\"1\",\"tolerance\"",
     "$.components[2].bounds"},
    {"\"price\":\"1\",\"tolerance\"",
     "\"prorate_by_days\":true,\"reference_days\":30,\"price\":\"1\",\"tolerance\"",
     "$.components[2].prorate_by_days"},
    {"\"price\":\"1\",\"tolerance\"", "\"blocks\":[],\"tolerance\"", "$.components[2].blocks"},
    {"\"price\":\"1\",\"tolerance\"", "\"blocks\":{},\"tolerance\"", "$.components[2].blocks"},
    {"\"price\":\"1\",\"tolerance\"", "\"tolerance\"", "$.components[2].price"},
    {"\"tolerance\":\"2\"", "\"tolerance\":\"0.0001\"", "$.components[2].tolerance"},
    {"[\"base\",\"use\"]", "[\"base\",\"vat\"]", "$.components[3].of[1]"},
    {"[\"base\",\"use\"]", "[\"base\",\"least\"]", "$.components[3].of[1]"},
    {"[\"base\",\"use\"]", "[\"base\",\"base\"]", "$.components[3].of[1]"},
    {"[\"base\",\"use\"]", "[\"base\",1]", "$.components[3].of[1]"},
    {"[\"base\",\"use\"]", "[]", "$.components[3].of"},
    {"[\"base\",\"use\"]", "\"base\"", "$.components[3].of"},
    {"\"of\":\"use\"", "\"of\":\"base\"", "$.components[4].of"},
    {"\"of\":\"use\"", "\"of\":\"none\"", "$.components[4].of"},
    {"\"of\":\"use\",\"up_to\":\"5\",\"percent\":\"50\"",
     "\"of\":\"none\",\"up_to\":\"5\",\"price\":\"1\"", "$.components[4].of"},
    {"\"of\":\"use\",", "", "$.components[4].of"},
    {"\"percent\":\"50\"", "\"percent\":\"100.01\"", "$.components[4].percent"},
    {"\"percent\":\"50\"", "\"price\":\"0.5\"", "$.components[4].price"},
    {"\"percent\":\"50\"", "\"price\":\"0\",\"percent\":\"5\"", "$.components[4]"},
    {"\"up_to\":\"5\"", "\"up_to\":\"5\",\"prorate_by_days\":true",
     "$.components[4].reference_days"},
    {"\"percent\":\"3\"", "\"percent\":\"101\"", "$.components[5].percent"},
    {"\"percent\":\"10\"", "\"percent\":\"1000.1\"", "$.components[6].percent"},
    {"\"percent\":\"10\"", "\"percent\":\"0.1234567891\"", "$.components[6].percent"},
    {"\"percent\":\"10\"", "\"percent\":\"10\",\"of\":[\"tax\"]", "$.components[6].of[0]"},
    {"\"step\":\"0.05\"", "\"steps\":\"0.05\",\"step\":\"0.05\"", "$.components[7].steps"},
    {",\"step\":\"0.05\"", "", "$.components[7].step"},
    {"\"type\":\"discount\",\"id\":\"off\",\"label\":{\"es\":\"D\",\"en\":\"D\"},\"percent\":"
     "\"3\"",
     "\"type\":\"rounding\",\"id\":\"off\",\"label\":{\"es\":\"D\",\"en\":\"D\"},\"step\":"
     "\"1\"",
     "$.components[5].type"},
};

/* Faults that others follow from: what refers to the component is not found. */
static const struct {
    const char *from, *to, *path;
    size_t count;
} wide[] = {
    {"\"type\":\"fixed\"", "\"type\":\"fix\"", "$.components[0].type", 2},
    {"\"type\":\"fixed\",", "", "$.components[0].type", 2},
    {"\"id\":\"base\"", "\"id\":\"Base\"", "$.components[0].id", 2},
    {"\"id\":\"use\"", "\"id\":\"base\"", "$.components[1].id", 3},
    {"\"type\":\"minimum\"", "\"type\":\"surcharge\"", "$.components[3].amount", 4},
};

START_TEST(each_fault_is_found_at_its_path)
{
    struct faults faults;
    struct err e = ERR_INIT;
    const char *text = altered(wrong[_i].from, wrong[_i].to);
    ck_assert_msg(parse(text, &faults, &e) == ERR_PARSE, "row %d is taken: %s", _i, text);
    ck_assert_msg(faults.count == 1, "row %d (%s) has %zu faults: %s %s; %s %s", _i,
                  wrong[_i].path, faults.count, faults.item[0].path, faults.item[0].text,
                  faults.item[1].path, faults.item[1].text);
    ck_assert_str_eq(faults.item[0].path, wrong[_i].path);
    ck_assert_msg(strstr(e.text, wrong[_i].path) != NULL, "%s", e.text);
    ck_assert_msg(strlen(faults.item[0].text) > 10, "%s", faults.item[0].text);
}
END_TEST

START_TEST(what_follows_from_a_fault_is_reported_after_it)
{
    struct faults faults;
    struct err e = ERR_INIT;
    ck_assert_int_eq(parse(altered(wide[_i].from, wide[_i].to), &faults, &e), ERR_PARSE);
    ck_assert_uint_eq(faults.count, wide[_i].count);
    ck_assert_str_eq(faults.item[0].path, wide[_i].path);
}
END_TEST

START_TEST(all_faults_are_reported_at_once_up_to_fifty)
{
    struct faults faults;
    struct err e = ERR_INIT;
    ck_assert_int_eq(parse("{\"x\":1}", &faults, &e), ERR_PARSE);
    ck_assert_uint_eq(
        faults.count,
        9); /* x, and eight that are missing; without a unit the components are not read */
    struct buf b;
    buf_init(&b, 100000);
    const char *list = strstr(sound, "\"components\":[") + strlen("\"components\":[");
    buf_add(&b, sound, (size_t)(list - sound));
    for (int i = 0; i < 40; i++) {
        buf_adds(&b, i == 0 ? "{\"type\":\"tax\"}" : ",{\"type\":\"tax\"}");
    }
    buf_adds(&b, "]}");
    ck_assert_int_eq(parse(buf_str(&b), &faults, &e), ERR_PARSE);
    ck_assert_uint_eq(faults.count, 120); /* id, label and percent of each */
    ck_assert_str_eq(faults.item[FAULTS_MAX - 1].path, "$.components[16].label");
    ck_assert_ptr_nonnull(strstr(e.text, "120 faults"));
    buf_release(&b);
}
END_TEST

START_TEST(what_is_no_json_or_no_object_is_refused)
{
    static const char *const texts[] = {"",     "{",         "[]",
                                        "null", "\"water\"", "{\"a\":1,\"a\":1}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct faults faults;
        struct err e = ERR_INIT;
        ck_assert_int_eq(parse(texts[i], &faults, &e), ERR_PARSE);
        ck_assert_int_gt((int)strlen(e.text), 0);
    }
}
END_TEST

START_TEST(lists_have_their_limits)
{
    struct faults faults;
    struct err e = ERR_INIT;
    struct buf b;
    buf_init(&b, 100000);
    const char *list = strstr(sound, "\"components\":[") + strlen("\"components\":[");
    for (int count = TARIFF_COMPONENTS_MAX; count <= TARIFF_COMPONENTS_MAX + 1; count++) {
        buf_clear(&b);
        buf_add(&b, sound, (size_t)(list - sound));
        for (int i = 0; i < count; i++) {
            buf_addf(
                &b,
                "%s{\"type\":\"%s\",\"id\":\"c%d\",\"label\":{\"es\":\"x\",\"en\":\"x\"},%s}",
                i == 0 ? "" : ",", i == 63 ? "percentage" : "fixed", i,
                i == 63 ? "\"percent\":\"1\"" : "\"per\":\"day\",\"price\":\"1\"");
        }
        buf_adds(&b, "]}");
        ck_assert_int_eq(parse(buf_str(&b), &faults, &e),
                         count == TARIFF_COMPONENTS_MAX ? ERR_OK : ERR_PARSE);
    }
    ck_assert_str_eq(faults.item[0].path, "$.components");
    buf_release(&b);
}
END_TEST

START_TEST(inclusive_bounds_start_one_unit_after_the_block_before)
{
    static const struct {
        const char *blocks, *path;
    } rows[] = {
        {"{\"from\":\"0\",\"to\":\"30\",\"price\":\"1\"},{\"from\":\"31\",\"price\":\"2\"}",
         NULL},
        {"{\"from\":\"1\",\"to\":\"30\",\"price\":\"1\"},{\"from\":\"31\",\"price\":\"2\"}",
         NULL},
        {"{\"from\":\"2\",\"to\":\"30\",\"price\":\"1\"},{\"from\":\"31\",\"price\":\"2\"}",
         "$.components[1].blocks[0].from"},
        {"{\"from\":\"0\",\"to\":\"30\",\"price\":\"1\"},{\"from\":\"30\",\"price\":\"2\"}",
         "$.components[1].blocks[1].from"},
        {"{\"from\":\"0\",\"to\":\"30\",\"price\":\"1\"},{\"from\":\"32\",\"price\":\"2\"}",
         "$.components[1].blocks[1].from"},
        {"{\"from\":\"0\",\"to\":\"30.5\",\"price\":\"1\"},{\"from\":\"31.5\",\"price\":\"2\"}",
         "$.components[1].blocks[0].to"},
    };
    const char *start = strstr(sound, "\"blocks\":[{\"from\"") + strlen("\"blocks\":[");
    const char *end = strstr(start, "]}");
    const char *mode = strstr(sound, "\"exact\"");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text =
            arena_printf(&test_arena, "%.*s\"inclusive\"%.*s%s%s", (int)(mode - sound), sound,
                         (int)(start - mode - 7), mode + 7, rows[i].blocks, end);
        struct faults faults;
        struct err e = ERR_INIT;
        enum err_code code = parse(text, &faults, &e);
        ck_assert_msg((code == ERR_OK) == (rows[i].path == NULL), "row %zu: %s", i, e.text);
        if (rows[i].path != NULL) {
            ck_assert_str_eq(faults.item[0].path, rows[i].path);
        }
    }
}
END_TEST

START_TEST(a_subsidised_price_may_not_exceed_the_price)
{
    struct faults faults;
    struct err e = ERR_INIT;
    size_t len = 0;
    char *text = source_file("tests/fixtures/tariffs/celsia-173.json", &len);
    char *price = strstr(text, "240.59");
    ck_assert_ptr_nonnull(price);
    memcpy(price, "593.00", 6);
    ck_assert_int_eq(parse(text, &faults, &e), ERR_OK);
    memcpy(price, "593.01", 6);
    ck_assert_int_eq(parse(text, &faults, &e), ERR_PARSE);
    ck_assert_str_eq(faults.item[0].path, "$.components[1].price");
}
END_TEST

START_TEST(the_coin_is_a_multiple_of_the_step)
{
    struct faults faults;
    struct err e = ERR_INIT;
    const char *text = altered("\"level\":\"line\",\"step\":\"0.01\"", "\"step\":\"0.02\"");
    ck_assert_int_eq(parse(text, &faults, &e), ERR_PARSE);
    ck_assert_str_eq(faults.item[0].path, "$.components[7].step");
}
END_TEST

START_TEST(the_hash_names_the_content_not_the_layout)
{
    const struct tariff *t = tariff_text(sound);
    const struct tariff *spaced = tariff_text(
        altered("{\"aforo_tariff\":1,\"code\"", "{ \"aforo_tariff\" : 1 ,\n\"code\""));
    const struct tariff *moved =
        tariff_text(altered("{\"aforo_tariff\":1,\"code\":\"water-1\"",
                            "{\"code\":\"water-1\",\"aforo_tariff\":1"));
    const struct tariff *other =
        tariff_text(altered("\"price\":\"0.7\"", "\"price\":\"0.70\""));
    ck_assert(hash_equal(&t->hash, &spaced->hash));
    ck_assert(hash_equal(&t->hash, &moved->hash));
    ck_assert(!hash_equal(&t->hash, &other->hash));
    char hex[65];
    hash_hex(&t->hash, hex);
    ck_assert_str_eq(hex, "79a406bd88f16a5f723c812504c5330993d9d832a8d143d669bee34b497001bd");
}
END_TEST

START_TEST(a_tariff_too_large_for_a_ledger_entry_is_refused)
{
    struct faults faults;
    struct err e = ERR_INIT;
    struct buf b;
    buf_init(&b, 100000);
    const char *list = strstr(sound, "\"components\":[") + strlen("\"components\":[");
    char label[121];
    memset(label, 'x', 120);
    label[120] = '\0';
    buf_add(&b, sound, (size_t)(list - sound));
    for (int i = 0; i < 40; i++) {
        buf_addf(&b,
                 "%s{\"type\":\"blocks\",\"id\":\"c%d\",\"label\":{\"es\":\"%s\",\"en\":\"%s\"}"
                 ",\"blocks\":[",
                 i == 0 ? "" : ",", i, label, label);
        for (int k = 0; k < 20; k++) {
            buf_addf(&b, "{\"from\":\"%d\",\"to\":\"%d\",\"price\":\"1.234567891\"},", k,
                     k + 1);
        }
        buf_adds(&b, "{\"from\":\"20\",\"price\":\"1\"}]}");
    }
    buf_adds(&b, "]}");
    ck_assert_uint_lt(b.len, TARIFF_BYTES_MAX);
    ck_assert_int_eq(parse(buf_str(&b), &faults, &e), ERR_LIMIT);
    while (b.len < TARIFF_BYTES_MAX + 1) {
        buf_addc(&b, ' ');
    }
    ck_assert_int_eq(parse(buf_str(&b), &faults, &e), ERR_LIMIT);
    buf_release(&b);
}
END_TEST

START_TEST(memory_that_runs_out_is_reported_wherever_it_does)
{
    struct arena small;
    struct faults faults;
    struct tariff *t = NULL;
    struct err e = ERR_INIT;
    size_t limit = 0;
    for (enum err_code code = ERR_NOMEM; code != ERR_OK; limit += 16) {
        ck_assert_uint_lt(limit, 100000);
        arena_init(&small, limit);
        code = tariff_parse(sound, strlen(sound), &small, &faults, &t, &e);
        ck_assert_msg(code == ERR_OK || code == ERR_NOMEM, "%zu bytes give %s", limit,
                      err_code_name(code));
        arena_release(&small);
    }
    t = tariff_text(sound);
    struct usage u = {.consumption = 5, .days = 5};
    struct bill_result b;
    arena_init(&small, 16);
    ck_assert_int_eq(bill_compute(t, &u, &small, &b, &e), ERR_NOMEM);
    arena_release(&small);
}
END_TEST

START_TEST(faults_that_cannot_be_kept_are_still_faults)
{
    struct arena small;
    struct faults faults;
    struct err e = ERR_INIT;
    struct tariff *t = NULL;
    const char *text = "{\"x\":1,\"y\":2}";
    bool nomem = false, whole = false;
    for (size_t limit = 0; limit < 100000 && !whole; limit += 16) {
        arena_init(&small, limit);
        enum err_code code = tariff_parse(text, strlen(text), &small, &faults, &t, &e);
        ck_assert_int_ne(code, ERR_OK);
        nomem = nomem || (code == ERR_NOMEM && faults.count > 0);
        whole = code == ERR_PARSE;
        arena_release(&small);
    }
    ck_assert(nomem && whole);
}
END_TEST

/* One step of the sweep: a sound text must be read or memory be out; a faulty one is never
 * taken. */
static void parse_step(void *ctx, bool failing)
{
    const char *text = ctx;
    struct arena a;
    struct faults faults;
    struct err e = ERR_INIT;
    struct tariff *t = NULL;
    enum err_code expected = strcmp(text, sound) == 0 ? ERR_OK : ERR_PARSE;
    arena_init(&a, 1 << 20);
    enum err_code code = tariff_parse(text, strlen(text), &a, &faults, &t, &e);
    ck_assert_msg(code == expected || (failing && code == ERR_NOMEM), "%s", e.text);
    arena_release(&a);
}

START_TEST(each_allocation_may_fail)
{
    const char *faulty = altered("\"price\":\"0.7\"", "\"price\":\"zero\",\"x\":1");
    ck_assert_uint_gt(fault_sweep(parse_step, arena_strdup(&test_arena, sound)), 0);
    ck_assert_uint_gt(fault_sweep(parse_step, arena_strdup(&test_arena, faulty)), 0);
}
END_TEST

START_TEST(texts_come_in_the_language_of_the_messages)
{
    const struct tariff *t = tariff_text(sound);
    i18n_switch("es");
    ck_assert_str_eq(label_text(&t->name), "Agua");
    i18n_switch("en");
    ck_assert_str_eq(label_text(&t->name), "Water");
}
END_TEST

START_TEST(a_member_name_of_any_length_is_shown_short)
{
    struct faults faults;
    struct err e = ERR_INIT;
    char name[5001];
    memset(name, 'n', 5000);
    name[5000] = '\0';
    const char *member = arena_printf(&test_arena, "\"%s\":1,\"version\":3", name);
    ck_assert_int_eq(parse(altered("\"version\":3", member), &faults, &e), ERR_PARSE);
    ck_assert_uint_eq(strlen(faults.item[0].path), 62);
}
END_TEST

START_TEST(every_component_type_stands_in_a_tariff_and_in_the_documentation)
{
    const struct tariff *examples[] = {
        tariff_file("tests/fixtures/tariffs/every-component.json"),
        tariff_file("tests/fixtures/tariffs/every-measure.json")};
    size_t len = 0;
    const char *page = source_file("docs/tariffs.md", &len);
    for (int type = 0; type < COMPONENT_TYPE_COUNT; type++) {
        const char *name = component_type_name((enum component_type)type);
        bool used = false;
        for (size_t i = 0; i < 2 * TARIFF_COMPONENTS_MAX; i++) {
            const struct tariff *t = examples[i % 2];
            used =
                used || (i / 2 < t->component_count && (int)t->components[i / 2].type == type);
        }
        ck_assert_msg(used, "neither every-component.json nor every-measure.json has %s", name);
        char *heading = arena_printf(&test_arena, "\n### %s\n", name);
        ck_assert_msg(strstr(page, heading) != NULL, "docs/tariffs.md has no section %s", name);
    }
}
END_TEST

Suite *suite_tariff(void)
{
    Suite *s = suite_create("tariff");
    TCase *t = tcase_create("tariff");
    tcase_add_checked_fixture(t, domain_setup, domain_teardown);
    tcase_add_test(t, a_sound_tariff_is_read_as_written);
    tcase_add_loop_test(t, each_fault_is_found_at_its_path, 0,
                        sizeof(wrong) / sizeof(wrong[0]));
    tcase_add_loop_test(t, what_follows_from_a_fault_is_reported_after_it, 0,
                        sizeof(wide) / sizeof(wide[0]));
    tcase_add_test(t, all_faults_are_reported_at_once_up_to_fifty);
    tcase_add_test(t, what_is_no_json_or_no_object_is_refused);
    tcase_add_test(t, lists_have_their_limits);
    tcase_add_test(t, inclusive_bounds_start_one_unit_after_the_block_before);
    tcase_add_test(t, a_subsidised_price_may_not_exceed_the_price);
    tcase_add_test(t, the_coin_is_a_multiple_of_the_step);
    tcase_add_test(t, the_hash_names_the_content_not_the_layout);
    tcase_add_test(t, a_tariff_too_large_for_a_ledger_entry_is_refused);
    tcase_add_test(t, memory_that_runs_out_is_reported_wherever_it_does);
    tcase_add_test(t, faults_that_cannot_be_kept_are_still_faults);
    tcase_add_test(t, each_allocation_may_fail);
    tcase_add_test(t, texts_come_in_the_language_of_the_messages);
    tcase_add_test(t, a_member_name_of_any_length_is_shown_short);
    tcase_add_test(t, every_component_type_stands_in_a_tariff_and_in_the_documentation);
    suite_add_tcase(s, t);
    return s;
}
