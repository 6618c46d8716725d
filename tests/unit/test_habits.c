#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"

#include "base/i18n.h"
#include "base/text.h"
#include "ui/console_priv.h"
#include "ui/synonyms.h"

/* What holds on all screens: how one is found, what a function key means, where Enter leads and
 * Esc comes back to. */

static struct rig r;

static void setup(void)
{
    memset(&r, 0, sizeof(r));
}

static void teardown(void)
{
    rig_close(&r);
    i18n_switch("en");
}

static void finds(const char *typed, const struct screen_ops *screen)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, typed);
    rig_key(&r, K_ENTER);
    ck_assert_msg(rig_top(&r) == screen, "%s opened %s", typed, rig_top(&r)->name);
    rig_close(&r);
}

START_TEST(palette_and_help_find_screens_by_other_words)
{
    finds(":caja", &screen_drawers);
    finds(":pago", &screen_payments);
    finds(":till", &screen_drawers);
    finds(":Suspensión", &screen_cuts); /* case and accents aside */
    finds("?caja", &screen_drawers);
    finds("?queja", &screen_disputes);
    finds(":cosigned", &screen_checkpoints); /* a word of its help */
    rig_open_meters(&r, 8, 24, 80);
}
END_TEST

START_TEST(synonyms_name_what_there_is_in_both_languages)
{
    const char *at = NULL;
    struct synonym s;

    rig_open_meters(&r, 8, 24, 80);
    for (size_t i = 0; i < screens_openable_count; i++) {
        size_t found = 0;

        for (at = NULL; synonym_next(&at, &s);) {
            found += synonym_is_of(&s, screens_openable[i]->name) ? 1 : 0;
        }
        ck_assert_msg(found == 2, "%s has %zu rows", screens_openable[i]->name, found);
    }
    for (at = NULL; synonym_next(&at, &s);) {
        struct buf folded;

        buf_init(&folded, 512);
        text_fold(s.words, s.words_len, &folded);
        ck_assert_msg(folded.len == s.words_len &&
                          memcmp(buf_str(&folded), s.words, s.words_len) == 0,
                      "not folded: %.*s", (int)s.words_len, s.words);
        buf_release(&folded);
    }
}
END_TEST

/* ---- one key, one meaning ---- */

#define MEANINGS_MAX 32u

static struct {
    uint32_t key;
    const char *label, *screen;
} meanings[MEANINGS_MAX];
static size_t meaning_count;

/* A function key does what it does everywhere: its label says what. */
static void key_means(uint32_t key, const char *label, const char *screen)
{
    size_t i = 0;

    if (key < K_F1 || key > K_F12) {
        return;
    }
    while (i < meaning_count && meanings[i].key != key) {
        i++;
    }
    ck_assert_uint_lt(i, MEANINGS_MAX);
    if (i == meaning_count) {
        meaning_count++;
        meanings[i].key = key;
        meanings[i].label = label;
        meanings[i].screen = screen;
    }
    ck_assert_msg(strcmp(meanings[i].label, label) == 0, "F%u is \"%s\" on %s, \"%s\" on %s",
                  (unsigned)(key - K_F1 + 1), meanings[i].label, meanings[i].screen, label,
                  screen);
}

static void table_means(struct key_table t, const char *screen)
{
    for (size_t i = 0; i < t.count; i++) {
        key_means(t.rows[i].key, t.rows[i].label, screen);
        key_means(t.rows[i].also, t.rows[i].label, screen);
    }
}

/* No key stands for two things on one screen, the console's own keys included: the first would
 * hide the second. */
static void nothing_is_hidden(struct key_table own, struct key_table console,
                              const char *screen)
{
    uint32_t seen[128];
    size_t count = 0;

    for (size_t i = 0; i < own.count + console.count; i++) {
        const struct key_row *row = i < own.count ? &own.rows[i] : &console.rows[i - own.count];
        const uint32_t keys[] = {row->key, row->also};

        for (size_t k = 0; k < 2; k++) {
            for (size_t n = 0; n < count; n++) {
                char name[KEY_NAME_MAX];

                key_label(keys[k], name);
                /* Esc of a filter is its own; the console's comes after it */
                ck_assert_msg(keys[k] == K_NONE || keys[k] == K_ESC || seen[n] != keys[k],
                              "%s stands twice on %s", name, screen);
            }
            ck_assert_uint_lt(count, 128);
            seen[count++] = keys[k];
        }
    }
}

static bool has_key(struct key_table t, uint32_t key)
{
    for (size_t i = 0; i < t.count; i++) {
        if (t.rows[i].key == key || t.rows[i].also == key) {
            return true;
        }
    }
    return false;
}

START_TEST(a_function_key_means_one_thing_on_all_screens)
{
    meaning_count = 0;
    for (size_t i = 0; i < screens_all_count; i++) {
        const struct screen_ops *ops = screens_all[i];
        struct key_table own;

        if (ops == &screen_command) { /* is opened for a command */
            continue;
        }
        r.fake.logged_in = true;
        rig_open(&r, ops == &screen_reading ? &screen_meters : ops, 24, 80);
        rig_key(&r, ops == &screen_reading ? K_F2 : K_DOWN); /* it is about a meter */
        own = ops->keys(console_top(&r.console)->state);
        table_means(own, ops->name);
        table_means(console_keys(&r.console), "the console");
        nothing_is_hidden(own, console_keys(&r.console), ops->name);
        ck_assert_msg(ops->list == NULL || has_key(own, K_ENTER),
                      "Enter does nothing on the rows of %s", ops->name);
        rig_type(&r, "/"); /* a filter has keys of its own */
        table_means(ops->keys(console_top(&r.console)->state), ops->name);
        rig_key(&r, K_ESC);
        r.console.overlay = OVERLAY_LOCK;
        table_means(console_overlay_keys(&r.console), "the lock");
        r.console.overlay = OVERLAY_CONFIRM;
        table_means(console_overlay_keys(&r.console), "a question");
        r.console.overlay = OVERLAY_NONE;
        rig_close(&r);
        memset(&r, 0, sizeof(r));
    }
    ck_assert_uint_ge(meaning_count, 9);
    rig_open_meters(&r, 8, 24, 80);
}
END_TEST

START_TEST(the_row_that_was_opened_is_still_selected_on_the_way_back)
{
    r.fake.logged_in = true;
    rig_open(&r, &screen_alerts, 24, 80);
    rig_type(&r, "jjj");
    rig_sees(&r, "├─ 6 078 ─");
    rig_key(&r, K_ENTER);
    ck_assert_ptr_eq(rig_top(&r), &screen_alert);
    rig_key(&r, K_ENTER); /* the first of its lines that leads somewhere: the meter */
    ck_assert_ptr_eq(rig_top(&r), &screen_meter);
    rig_key(&r, K_ESC);
    rig_key(&r, K_DOWN);
    rig_key(&r, K_ENTER);
    ck_assert_ptr_eq(rig_top(&r), &screen_bill);
    rig_key(&r, K_ESC);
    rig_key(&r, K_ENTER); /* the same line */
    ck_assert_ptr_eq(rig_top(&r), &screen_bill);
    rig_key(&r, K_ESC);
    rig_key(&r, K_ESC);
    ck_assert_ptr_eq(rig_top(&r), &screen_alerts);
    rig_sees(&r, "├─ 6 078 ─");
    rig_key(&r, K_F8); /* straight to the meter */
    ck_assert_ptr_eq(rig_top(&r), &screen_meter);
    rig_key(&r, K_ESC);
    rig_key(&r, K_ENTER);
    rig_type(&r, "n"); /* the next row of the list */
    ck_assert_ptr_eq(rig_top(&r), &screen_alert);
    rig_key(&r, K_ESC);
    rig_sees(&r, "├─ 5 065 ─");
    rig_key(&r, K_F3); /* the counter from anywhere, and back */
    ck_assert_ptr_eq(rig_top(&r), &screen_find);
    rig_key(&r, K_F3);
    ck_assert_uint_eq(r.console.depth, 2);
    rig_key(&r, K_ESC);
    rig_sees(&r, "├─ 5 065 ─");
}
END_TEST

/* ---- files ---- */

START_TEST(tab_completes_a_path_and_says_what_the_file_is)
{
    r.fake.logged_in = true;
    rig_open(&r, &screen_meters, 24, 80);
    rig_type(&r, ":attach\n");
    rig_sees(&r, "Tab completes the path.");
    rig_type(&r, "f\t"); /* two begin so: as far as both go, and it stays in the field */
    rig_sees(&r, "[foto- ");
    rig_sees(&r, "foto-1.jpg  foto-2.jpg");
    rig_type(&r, "\t1\t");
    rig_sees(&r, "[foto-1.jpg ");
    rig_sees(&r, "image/jpeg, 48 231 bytes, SHA-256 0123456789abcdef");
    rig_type(&r, "\t7"); /* it is whole: Tab goes on to the next field */
    rig_sees(&r, "[7 ");
    r.deferred = true; /* Tab before the answer waits for it */
    rig_key(&r, K_BACKTAB);
    rig_key(&r, K_CTRL | 'u');
    rig_type(&r, "a\t");
    rig_misses(&r, "acta.exe");
    rig_run_all(&r);
    rig_sees(&r, "[acta.exe ");
    r.deferred = false;
}
END_TEST

START_TEST(a_reading_is_saved_with_its_photo)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_key(&r, K_F2);
    rig_type(&r, "3130,5");
    rig_key(&r, K_F7);
    rig_type(&r, "acta\t");
    rig_key(&r, K_ENTER); /* what cannot be attached stops it before anything is recorded */
    rig_sees(&r, "It is no photo and no document.");
    ck_assert_uint_eq(r.fake.runs, 0);
    rig_key(&r, K_CTRL | 'u');
    r.deferred = true;
    rig_type(&r, "foto-2.jpg\n"); /* Enter waits for the answer */
    ck_assert_uint_eq(r.fake.runs, 0);
    rig_run_all(&r);
    r.deferred = false;
    ck_assert_uint_eq(r.fake.runs, 2);
    ck_assert_str_eq(r.fake.last_command, "attach");
    ck_assert_str_eq(r.fake.last_values, "file=foto-2.jpg reading=17");
    rig_sees(&r, "A-0122"); /* the next meter */
    rig_close(&r);
    memset(&r, 0, sizeof(r));
    rig_open_meters(&r, 8, 24, 80);
    r.fake.fail_value = "foto-1.jpg"; /* the file is refused after all: the reading stands */
    rig_key(&r, K_F2);
    rig_type(&r, "3130,5\t\t\tfoto-1.jpg\n");
    ck_assert_uint_eq(r.fake.runs, 2);
    rig_sees(&r, "The reading is recorded, its file is not:");
    rig_sees(&r, "A-0122");
}
END_TEST

Suite *suite_habits(void)
{
    Suite *s = suite_create("habits");
    TCase *t = tcase_create("habits");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, palette_and_help_find_screens_by_other_words);
    tcase_add_test(t, synonyms_name_what_there_is_in_both_languages);
    tcase_add_test(t, a_function_key_means_one_thing_on_all_screens);
    tcase_add_test(t, the_row_that_was_opened_is_still_selected_on_the_way_back);
    tcase_add_test(t, tab_completes_a_path_and_says_what_the_file_is);
    tcase_add_test(t, a_reading_is_saved_with_its_photo);
    suite_add_tcase(s, t);
    return s;
}
