#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/text.h"
#include "tests/unit/noise_key.h"

/* Random keys, pastes, sizes, ticks and late answers against the console; a seed replays a run:
 * AFORO_SEED=n. 20,000 events, 1,000,000 with AFORO_SOAK. */

static uint64_t state;

static uint32_t pick(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % below);
}

static uint32_t random_key(void)
{
    static const uint32_t likely[] = {
        K_ENTER, K_ENTER, K_ENTER,      K_TAB,        K_ESC,        K_UP,         K_DOWN,
        K_DOWN,  K_LEFT,  K_RIGHT,      K_BACKSPACE,  K_F1,         K_F2,         K_F4,
        K_F5,    K_F6,    K_F7,         K_F9,         ':',          '?',          '/',
        'j',     'k',     'G',          'g',          'y',          'n',          '1',
        '2',     ',',     ' ',          '=',          '"',          K_PGUP,       K_PGDN,
        K_HOME,  K_END,   'r',          's',          0xf1,         0x301,        0x6c34,
        0x202e,  0x1f4a7, K_CTRL | 'p', K_CTRL | 'w', K_CTRL | 'u', K_CTRL | 'f',
    };

    return noise_key(pick, likely, sizeof(likely) / sizeof(likely[0]));
}

/* Words that lead somewhere, so that every screen is reached. */
static void type_words(struct rig *r)
{
    static const char *const words[] = {
        ":limit\n",     ":user disable\n", ":window close\n", ":meters\n",      ":logout\n",
        "ana\tclave\n", "3130,5\n",        "99999\n\n",       "30,5\t1/7/25\n", "/state=held\n",
        "\033\033",     "?filter\n",       ":theme mono\n",   ":language es\n",
    };

    rig_type(r, words[pick(sizeof(words) / sizeof(words[0]))]);
    if (pick(4) == 0) { /* a form's first field mostly has a list */
        rig_key(r, K_CTRL | 'f');
    }
}

/* Whatever stands in the two fields, and whichever has the focus. */
static void log_in(struct rig *r)
{
    rig_key(r, K_ESC);
    for (int i = 0; i < 2; i++) {
        rig_key(r, K_END);
        rig_key(r, K_CTRL | 'u');
        rig_type(r, "clave\t");
    }
    rig_key(r, K_ENTER);
}

static void paste_noise(struct rig *r)
{
    char noise[700];
    size_t len = pick(sizeof(noise));

    for (size_t i = 0; i < len; i++) {
        noise[i] = (char)pick(256);
    }
    rig_paste(r, noise, len);
}

static void resize_somehow(struct rig *r)
{
    static const int sizes[][2] = {{1, 1},     {24, 80}, {43, 132}, {10, 40},
                                   {200, 500}, {5, 20},  {11, 41}};
    size_t which = pick(12);

    if (which < sizeof(sizes) / sizeof(sizes[0])) {
        rig_resize(r, sizes[which][0], sizes[which][1]);
    } else {
        rig_resize(r, 1 + (int)pick(60), 1 + (int)pick(160));
    }
}

static bool cell_is_sound(const struct cell *c, bool ascii)
{
    for (const char *s = c->text; *s != '\0'; s++) {
        if ((unsigned char)*s < ' ' || *s == 0x7f || (ascii && (unsigned char)*s >= 0x80)) {
            return false;
        }
    }
    return (c->attr & ATTR_MASK) < ATTR_COUNT && utf8_valid(c->text, strlen(c->text)) &&
           (c->text[0] == '\0') == (c->width == 0);
}

/* Rows are exactly as wide as the frame, cells hold nothing a terminal would obey. */
static void check_frame(const struct rig *r, size_t event)
{
    const struct frame *f = &r->frame;

    for (int row = 0; row < f->rows; row++) {
        int width = 0;
        bool sound = true;

        for (int column = 0; column < f->columns; column++) {
            const struct cell *c = frame_at(f, row, column);

            width += c->width;
            sound = sound && cell_is_sound(c, f->ascii);
        }
        ck_assert_msg(sound && width == f->columns, "event %zu, row %d: %d of %d columns",
                      event, row, width, f->columns);
    }
    ck_assert(f->cursor_row < f->rows && f->cursor_column < f->columns);
}

static void one_event(struct rig *r)
{
    if (rig_top(r) == &screen_login && pick(30) == 0) {
        log_in(r);
    }
    switch (pick(40)) {
    case 0:
        resize_somehow(r);
        break;
    case 1:
        paste_noise(r);
        break;
    case 2:
        rig_tick(r, pick(4000));
        break;
    case 3:
        r->fake.ledger_height += pick(2);
        r->fake.reader = pick(5) == 0;
        r->fake.fail_with = pick(4) == 0 ? ERR_CONFLICT : ERR_OK;
        r->fake.fail_field = pick(2) == 0 ? "value" : "none";
        break;
    case 4:
        r->fake.meter_count = pick(4) == 0 ? pick(3) : fake_listed + pick(2000);
        break;
    case 5:
        r->frame.ascii = pick(3) == 0;
        break;
    case 6:
    case 7:
    case 8:
        type_words(r);
        break;
    default:
        rig_key(r, random_key());
        break;
    }
    while (r->job_count > 0 && (pick(3) != 0 || r->job_count > RIG_JOBS_MAX / 2)) {
        rig_run_job(r, pick((uint32_t)r->job_count)); /* answers come in any order, or later */
    }
    r->quit = false;
}

START_TEST(random_keys_never_break_the_console)
{
    static struct rig r;
    static const struct screen_ops *const all[] = {&screen_login, &screen_meters,
                                                   &screen_reading, &screen_command};
    size_t seen[sizeof(all) / sizeof(all[0])] = {0};
    size_t overlays[OVERLAY_LOCK + 1] = {0};
    const char *seed = getenv("AFORO_SEED");
    size_t count = getenv("AFORO_SOAK") != NULL ? 1000000 : 20000;

    state = seed != NULL ? strtoull(seed, NULL, 10) | 1u : 20250610u;
    memset(&r, 0, sizeof(r));
    rig_open(&r, &screen_login, 24, 80);
    r.deferred = true;
    for (size_t i = 0; i < count; i++) {
        one_event(&r);
        if (i % (r.frame.columns > 160 ? 32 : 4) == 0) {
            console_render(&r.console, &r.frame);
            check_frame(&r, i);
        }
        for (size_t s = 0; s < sizeof(all) / sizeof(all[0]); s++) {
            seen[s] += rig_top(&r) == all[s] ? 1 : 0;
        }
        overlays[r.console.overlay]++;
    }
    for (size_t s = 0; s < sizeof(all) / sizeof(all[0]); s++) {
        printf("%s: %zu events\n", all[s]->name, seen[s]);
        ck_assert_msg(seen[s] > count / 200, "%s was hardly reached", all[s]->name);
    }
    for (size_t o = 0; o <= OVERLAY_LOCK; o++) {
        ck_assert_msg(overlays[o] > 0, "overlay %zu was never open", o);
    }
    ck_assert_uint_gt(r.fake.runs, 0);
    rig_close(&r);
    i18n_switch("en");
}
END_TEST

Suite *suite_console_fuzz(void)
{
    Suite *s = suite_create("console fuzz");
    TCase *t = tcase_create("random keys");

    tcase_set_timeout(t, getenv("AFORO_SOAK") != NULL ? 7200 : 120);
    tcase_add_test(t, random_keys_never_break_the_console);
    suite_add_tcase(s, t);
    return s;
}
