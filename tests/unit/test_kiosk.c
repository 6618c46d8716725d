/* The kiosk without a terminal: its pages, and random keys against all of them. */
#include <config.h>

#include "tests/unit/check_ui.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/kiosk.h"

/* Two accounts, each with a word of its own that must never be seen while the other is open. */
static const char *const secrets[3] = {"", "ALPHA", "OMEGA"};

static struct {
    int open; /* 1 or 2; 0: none */
    size_t opens, readings, disputes, prints;
    bool fail, none;
    char last[256];
} office;

static enum err_code fake_open(void *ctx, const char *number, const char *pin,
                               struct kiosk_who *out, struct err *e)
{
    (void)ctx;
    office.open = 0;
    if (strcmp(pin, "271828") != 0 || (number[0] != '1' && number[0] != '2')) {
        return err_set(e, ERR_DENIED, "number or PIN is wrong");
    }
    office.open = number[0] - '0';
    office.opens++;
    *out = (struct kiosk_who){.readings = true, .disputes = true, .printer = true};
    (void)snprintf(out->account, sizeof out->account, "%s", number);
    (void)snprintf(out->name, sizeof out->name, "%s", secrets[office.open]);
    return ERR_OK;
}

static void fake_close(void *ctx)
{
    (void)ctx;
    office.open = 0;
}

static enum err_code fake_list(void *ctx, struct kiosk_list *out, struct err *e)
{
    (void)ctx;
    ck_assert_int_ne(office.open, 0);
    if (office.fail) {
        return err_set(e, ERR_DB, "the database is locked");
    }
    out->count = office.none ? 0 : KIOSK_ITEMS;
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].id = (int64_t)i + 1;
        (void)snprintf(out->items[i].key, sizeof out->items[i].key, "%s-%zu\x1b[2J",
                       secrets[office.open], i);
        (void)snprintf(out->items[i].text, sizeof out->items[i].text, "%s %zu \xe2\x80\xae\xff",
                       secrets[office.open], i);
    }
    return ERR_OK;
}

static enum err_code fake_use(void *ctx, int64_t meter, struct kiosk_use *out, struct err *e)
{
    (void)ctx;
    (void)e;
    (void)snprintf(out->title, sizeof out->title, "%s meter %" PRId64, secrets[office.open],
                   meter);
    out->count = KIOSK_VALUES;
    out->limit = office.none ? -1 : 30;
    (void)snprintf(out->top, sizeof out->top, "81");
    (void)snprintf(out->limit_text, sizeof out->limit_text, "%s", office.none ? "" : "30");
    (void)snprintf(out->unit, sizeof out->unit, "m3");
    for (size_t i = 0; i < KIOSK_VALUES; i++) {
        out->values[i] = (int64_t)i * 7 - 3;
    }
    return ERR_OK;
}

static enum err_code fake_bill(void *ctx, int64_t bill, struct buf *out, struct err *e)
{
    (void)ctx;
    (void)bill;
    (void)e;
    for (int i = 0; i < 60; i++) {
        buf_addf(out, "%s line %d\n", secrets[office.open], i);
    }
    return ERR_OK;
}

static enum err_code fake_receipt(void *ctx, int64_t receipt, bool ascii, struct buf *out,
                                  struct err *e)
{
    (void)ascii;
    return fake_bill(ctx, receipt, out, e);
}

static enum err_code fake_print(void *ctx, int64_t receipt, struct err *e)
{
    (void)ctx;
    (void)receipt;
    ck_assert_int_ne(office.open, 0);
    office.prints++;
    return office.fail ? err_set(e, ERR_IO, "the printer does not answer") : ERR_OK;
}

static enum err_code fake_reading(void *ctx, const char *serial, const char *value,
                                  char message[512], struct err *e)
{
    (void)ctx;
    (void)e;
    ck_assert_int_ne(office.open, 0);
    ck_assert_ptr_nonnull(strstr(serial, secrets[office.open]));
    office.readings++;
    (void)snprintf(office.last, sizeof office.last, "%s %s", serial, value);
    (void)snprintf(message, 512, "%s accepted", serial);
    return ERR_OK;
}

static enum err_code fake_dispute(void *ctx, int64_t bill, const char *reason,
                                  char message[512], struct err *e)
{
    (void)ctx;
    (void)e;
    ck_assert_int_ne(office.open, 0);
    office.disputes++;
    (void)snprintf(office.last, sizeof office.last, "%" PRId64 " %s", bill, reason);
    (void)snprintf(message, 512, "%s opened", secrets[office.open]);
    return ERR_OK;
}

static const struct kiosk_model *model(void)
{
    static struct kiosk_model m;
    memset(&office, 0, sizeof office);
    m = (struct kiosk_model){.format = numfmt_find("es_CR"),
                             .office = "Aguas \x1b]0;x\a de Prueba",
                             .open = fake_open,
                             .close = fake_close,
                             .meters = fake_list,
                             .bills = fake_list,
                             .receipts = fake_list,
                             .use = fake_use,
                             .bill = fake_bill,
                             .receipt = fake_receipt,
                             .print = fake_print,
                             .reading = fake_reading,
                             .dispute = fake_dispute};
    return &m;
}

static struct kiosk k;
static struct frame frame;
static struct buf dump;

static void type(const char *keys)
{
    for (; *keys != '\0'; keys++) {
        (void)kiosk_key(&k, *keys == '\n' ? (uint32_t)K_ENTER : (uint32_t)(unsigned char)*keys);
    }
}

static const char *seen(void)
{
    kiosk_render(&k, &frame);
    buf_clear(&dump);
    frame_dump(&frame, &dump);
    return buf_str(&dump);
}

static void sees(const char *text)
{
    ck_assert_msg(strstr(seen(), text) != NULL, "no \"%s\" in\n%s", text, buf_str(&dump));
}

static void begin(void)
{
    i18n_switch("en");
    kiosk_init(&k, model());
    frame_init(&frame);
    buf_init(&dump, (size_t)8 << 20);
    ck_assert_int_eq(frame_resize(&frame, 24, 80, NULL), ERR_OK);
}

static void end(void)
{
    frame_release(&frame);
    buf_release(&dump);
}

START_TEST(digits_alone_reach_everything)
{
    begin();
    type("1");
    sees("Number of your account");
    type("1\n");
    sees("PIN that you chose");
    type("271828");
    ck_assert_ptr_null(strstr(seen(), "271828"));
    sees("******");
    type("+"); /* the pad's, for Enter */
    sees("ALPHA");
    type("11");
    sees("ALPHA meter 1");
    type("022");
    sees("line 0");
    type("2");
    sees("line 10");
    type("8");
    sees("line 1");
    type("0315");
    sees("The receipt is printed.");
    ck_assert_uint_eq(office.prints, 1);
    type("0");
    type("41");
    type("165,5\n");
    sees("Reading 165,5 of meter ALPHA-0");
    type("1");
    ck_assert_str_eq(office.last, "ALPHA-0\x1b[2J 165.5");
    type("0");
    type("523");
    type("1");
    ck_assert_str_eq(office.last, "2 paid");
    type("00");
    sees("Press a number");
    ck_assert_int_eq(office.open, 0);
    end();
}
END_TEST

START_TEST(silence_is_warned_about_and_then_wipes)
{
    begin();
    (void)kiosk_tick(&k, 1000);
    type("11\n271828\n22");
    sees("ALPHA");
    ck_assert(!kiosk_tick(&k, 1000 + KIOSK_IDLE_MS - KIOSK_WARN_MS - 1));
    ck_assert_int_eq(kiosk_warning(&k), 0);
    ck_assert(!kiosk_tick(&k, 1000 + KIOSK_IDLE_MS - KIOSK_WARN_MS));
    ck_assert_int_eq(kiosk_warning(&k), 15);
    sees("Are you still there? This page closes in 15 seconds.");
    ck_assert(!kiosk_tick(&k, 1000 + KIOSK_IDLE_MS - 1));
    sees("closes in 1 second.");
    (void)kiosk_key(&k, 'x'); /* any key keeps the page */
    ck_assert_int_eq(kiosk_warning(&k), 0);
    ck_assert(kiosk_tick(&k, 1000 + 2 * KIOSK_IDLE_MS));
    ck_assert_ptr_null(strstr(seen(), "ALPHA"));
    ck_assert_int_eq(office.open, 0);
    struct kiosk clean;
    kiosk_init(&clean, k.model);
    clean.now_ms = k.now_ms;
    clean.touched_ms = k.touched_ms;
    ck_assert_mem_eq(&clean, &k, sizeof k); /* not a byte is left */
    ck_assert(!kiosk_tick(&k, 1000 + 9 * KIOSK_IDLE_MS));
    end();
}
END_TEST

START_TEST(after_a_silence_language_and_size_are_as_it_was_started)
{
    begin();
    (void)kiosk_tick(&k, 1000);
    type("98");
    ck_assert_str_eq(i18n_lang(), "es");
    ck_assert(!kiosk_tick(&k, 1000 + KIOSK_IDLE_MS - 1));
    ck_assert(k.big);
    ck_assert(kiosk_tick(&k, 1000 + KIOSK_IDLE_MS));
    ck_assert_str_eq(i18n_lang(), "en");
    ck_assert(!k.big);
    ck_assert(!kiosk_tick(&k, 1000 + 9 * KIOSK_IDLE_MS)); /* nothing to bring back */
    end();
}
END_TEST

START_TEST(wrong_numbers_and_pins_say_the_same)
{
    begin();
    type("13\n271828\n");
    sees("number or PIN is wrong");
    type("1");
    sees("Press a number");
    type("11\n271829\n");
    sees("number or PIN is wrong");
    ck_assert_mem_eq(k.pin, (char[KIOSK_FIELD_MAX + 1]){0}, sizeof k.pin);
    end();
}
END_TEST

/* ---- random keys ------------------------------------------------------------------------- */

static uint64_t state;

static uint32_t pick(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % below);
}

static void random_key(void)
{
    static const char *const words[] = {"11\n271828\n", "12\n271828\n", "165,5\n1", "0", "2",
                                        "41",           "511",          "00"};
    switch (pick(12)) {
    case 0:
        type(words[pick(sizeof words / sizeof words[0])]);
        break;
    case 1:
        (void)kiosk_key(&k, K_ENTER + pick(K_LAST - K_ENTER));
        break;
    case 2:
        (void)kiosk_key(&k, 1 + pick(0x10ffff));
        break;
    case 3:
        (void)kiosk_key(&k, pick(0x80) | (pick(2) != 0 ? K_CTRL : K_ALT));
        break;
    default:
        (void)kiosk_key(&k, '0' + pick(10));
    }
}

static void random_size(void)
{
    static const int sizes[][2] = {{1, 1}, {24, 80}, {5, 20}, {200, 500}, {48, 128}, {2, 300}};
    size_t which = pick(8);
    int rows = which < 6 ? sizes[which][0] : 1 + (int)pick(50);
    int columns = which < 6 ? sizes[which][1] : 1 + (int)pick(140);
    ck_assert_int_eq(frame_resize(&frame, rows, columns, NULL), ERR_OK);
}

/* Nothing that a terminal would obey, and nothing of the account that is not open. */
static void check_shown(size_t event)
{
    const char *text = seen();
    for (int other = 1; other <= 2; other++) {
        ck_assert_msg(other == office.open || strstr(text, secrets[other]) == NULL,
                      "event %zu shows another's data:\n%s", event, text);
    }
    for (const char *s = text; *s != '\0'; s++) {
        ck_assert_msg(*s == '\n' || ((unsigned char)*s >= ' ' && *s != 0x7f), "event %zu",
                      event);
    }
    ck_assert(utf8_valid(text, strlen(text)));
    ck_assert_int_eq(k.opened, office.open != 0);
}

START_TEST(random_keys_reach_every_page_and_leave_none)
{
    static const char *const names[KIOSK_PAGES] = {
        "start",      "number",   "pin",      "menu",        "meters", "use",
        "bills",      "bill",     "receipts", "receipt",     "read",   "value",
        "value sure", "disputed", "reason",   "reason sure", "done"};
    size_t reached[KIOSK_PAGES] = {0};
    size_t count = getenv("AFORO_SOAK") != NULL ? 1000000 : 20000;
    const char *seed = getenv("AFORO_SEED");
    int64_t now = 0;
    begin();
    state = seed != NULL ? strtoull(seed, NULL, 10) | 1u : 20261121u;
    for (size_t i = 0; i < count; i++) {
        random_key();
        office.fail = pick(20) == 0;
        office.none = pick(20) == 0;
        frame.ascii = pick(50) == 0 ? !frame.ascii : frame.ascii;
        now += pick(200) == 0 ? KIOSK_IDLE_MS : (int64_t)pick(3000);
        (void)kiosk_tick(&k, now);
        if (pick(100) == 0) {
            random_size();
        }
        ck_assert(k.page < KIOSK_PAGES);
        reached[k.page]++;
        if (frame.columns < 200 || i % 16 == 0) {
            check_shown(i);
        }
    }
    for (size_t p = 0; p < KIOSK_PAGES; p++) {
        printf("# reached kiosk %s %zu\n", names[p], reached[p]);
        ck_assert_msg(reached[p] > 0, "%s was never reached", names[p]);
    }
    printf("# reached kiosk own reading %zu, own dispute %zu, print %zu, opened %zu\n",
           office.readings, office.disputes, office.prints, office.opens);
    ck_assert(office.readings > 0 && office.disputes > 0 && office.prints > 0);
    printf("# count kiosk_keys %zu 0\n", count);
    end();
    i18n_switch("en");
}
END_TEST

#define IN "11\n271828\n"

/* Every page, by the keys that lead to it. */
static const struct {
    const char *name, *keys;
    enum kiosk_page page;
    int64_t silent_ms;
} pages[] = {
    {"start", "", KIOSK_START, 0},
    {"start_big", "8", KIOSK_START, 0},
    {"number", "1A-12", KIOSK_NUMBER, 0},
    {"pin", "11\n271", KIOSK_PIN, 0},
    {"wrong", "13\n271828\n", KIOSK_DONE, 0},
    {"menu", IN, KIOSK_MENU, 0},
    {"warning", IN, KIOSK_MENU, KIOSK_IDLE_MS - 5000},
    {"meters", IN "1", KIOSK_METERS, 0},
    {"use", IN "11", KIOSK_USE, 0},
    {"use_big", IN "811", KIOSK_USE, 0},
    {"bills", IN "2", KIOSK_BILLS, 0},
    {"bill", IN "21", KIOSK_BILL, 0},
    {"receipts", IN "3", KIOSK_RECEIPTS, 0},
    {"receipt", IN "31", KIOSK_RECEIPT, 0},
    {"read", IN "4", KIOSK_READ, 0},
    {"value", IN "41165", KIOSK_VALUE, 0},
    {"value_sure", IN "41165,5\n", KIOSK_VALUE_SURE, 0},
    {"disputed", IN "5", KIOSK_DISPUTED, 0},
    {"reason", IN "52", KIOSK_REASON, 0},
    {"reason_sure", IN "523", KIOSK_REASON_SURE, 0},
    {"done", IN "5231", KIOSK_DONE, 0},
};
#define PAGES (sizeof pages / sizeof pages[0])

/* At two sizes and in both languages: tests/golden/ui/kiosk_PAGE.LANG.COLUMNSxROWS.txt. */
START_TEST(every_page_looks_as_agreed)
{
    static const int sizes[][2] = {{24, 80}, {43, 132}};
    static const char *const languages[] = {"es", "en"};
    bool reached[KIOSK_PAGES] = {false};

    begin();
    for (size_t i = 0; i < PAGES * 4; i++) {
        const int *size = sizes[i % 4 / 2];
        size_t which = i / 4;
        char name[64];

        i18n_switch(languages[i % 2]);
        kiosk_init(&k, model());
        ck_assert_int_eq(frame_resize(&frame, size[0], size[1], NULL), ERR_OK);
        type(pages[which].keys);
        ck_assert_msg(k.page == pages[which].page, "%s leads to page %d", pages[which].name,
                      (int)k.page);
        (void)kiosk_tick(&k, pages[which].silent_ms);
        (void)seen();
        (void)snprintf(name, sizeof name, "kiosk_%s", pages[which].name);
        ui_golden(name, languages[i % 2], &frame);
        reached[k.page] = true;
    }
    for (size_t i = 0; i < KIOSK_PAGES; i++) {
        ck_assert_msg(reached[i], "page %zu has no golden", i);
    }
    i18n_switch("en");
    end();
}
END_TEST

Suite *suite_kiosk(void)
{
    Suite *s = suite_create("kiosk");
    TCase *t = tcase_create("kiosk");
    tcase_set_timeout(t, getenv("AFORO_SOAK") != NULL ? 7200 : 120);
    tcase_add_test(t, every_page_looks_as_agreed);
    tcase_add_test(t, digits_alone_reach_everything);
    tcase_add_test(t, silence_is_warned_about_and_then_wipes);
    tcase_add_test(t, after_a_silence_language_and_size_are_as_it_was_started);
    tcase_add_test(t, wrong_numbers_and_pins_say_the_same);
    tcase_add_test(t, random_keys_reach_every_page_and_leave_none);
    suite_add_tcase(s, t);
    return s;
}
