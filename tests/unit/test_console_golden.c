#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"

#include <stdio.h>

#include "base/i18n.h"
#include "ui/sheet_screen.h"

/* Every screen as text, at two sizes, in both languages:
 * tests/golden/ui/SCENE.LANG.COLUMNSxROWS.txt. */

static void scene_login(struct rig *r)
{
    rig_open(r, &screen_login, r->console.rows, r->console.columns);
    rig_type(r, "ana");
}

static void scene_login_wrong(struct rig *r)
{
    rig_open(r, &screen_login, r->console.rows, r->console.columns);
    rig_type(r, "slow\tnada\n");
    rig_tick(r, 1000);
}

static void open_meters(struct rig *r)
{
    r->fake.logged_in = true;
    rig_open(r, &screen_meters, r->console.rows, r->console.columns);
    rig_key(r, K_DOWN);
}

static void scene_meters(struct rig *r)
{
    open_meters(r);
}

static void scene_meters_filter(struct rig *r)
{
    open_meters(r);
    rig_type(r, "/mayor ");
    rig_type(r, strcmp(i18n_lang(), "es") == 0 ? "estado=alt" : "state=hig");
}

static void scene_meters_nothing(struct rig *r)
{
    open_meters(r);
    rig_type(r, "/zzz\n");
}

static void scene_help(struct rig *r)
{
    open_meters(r);
    rig_type(r, "?");
}

static void scene_palette(struct rig *r)
{
    open_meters(r);
    rig_type(r, ":l");
}

static void scene_reading(struct rig *r)
{
    open_meters(r);
    rig_key(r, K_F2);
}

static void scene_reading_high(struct rig *r)
{
    open_meters(r);
    rig_key(r, K_F2);
    rig_type(r, "3212,9\n");
}

static void scene_reading_wrong(struct rig *r)
{
    open_meters(r);
    rig_key(r, K_F2);
    rig_type(r, "32x\n");
}

static void scene_command(struct rig *r)
{
    open_meters(r);
    rig_type(r, "L");
    rig_type(r, "30,5\t31/02/25\t ");
}

static void scene_confirm(struct rig *r)
{
    open_meters(r);
    rig_type(r, ":user disable\n");
    rig_type(r, "luis\n");
}

static void scene_lock(struct rig *r)
{
    open_meters(r);
    rig_key(r, K_CTRL | 'x');
    rig_type(r, "abc");
}

static void open_at(struct rig *r, const struct screen_ops *screen)
{
    r->fake.logged_in = true;
    rig_open(r, screen, r->console.rows, r->console.columns);
}

static void scene_find(struct rig *r)
{
    open_at(r, &screen_find);
    rig_type(r, "mar");
    rig_key(r, K_DOWN);
}

static void scene_find_nothing(struct rig *r)
{
    open_at(r, &screen_find);
}

static void scene_account(struct rig *r)
{
    open_at(r, &screen_account);
    rig_key(r, K_DOWN);
}

static void scene_payment(struct rig *r)
{
    open_at(r, &screen_payment);
    rig_type(r, "2000");
}

static void scene_payment_wrong(struct rig *r)
{
    open_at(r, &screen_payment);
    rig_type(r, "1000\n");
}

static void scene_receipt(struct rig *r)
{
    open_at(r, &screen_receipt);
}

static void scene_bill(struct rig *r)
{
    open_at(r, &screen_bill);
    rig_key(r, K_DOWN);
}

static void scene_meter(struct rig *r)
{
    open_at(r, &screen_meter);
    rig_key(r, K_PGDN);
}

static void scene_whatif(struct rig *r)
{
    open_at(r, &screen_whatif);
    rig_type(r, "AGUA-R\t30\n");
}

static void scene_billing(struct rig *r)
{
    open_at(r, &screen_billing);
    rig_type(r, "2025-06\n");
}

static void scene_settings(struct rig *r)
{
    open_at(r, &screen_settings);
}

static void scene_reports(struct rig *r)
{
    open_at(r, &screen_reports);
}

static void scene_home(struct rig *r)
{
    open_at(r, &screen_home);
}

static void scene_losses(struct rig *r)
{
    open_at(r, &screen_losses);
}

static void scene_why(struct rig *r)
{
    open_at(r, &screen_why);
}

static void scene_proof(struct rig *r)
{
    open_at(r, &screen_proof);
}

static void scene_entry(struct rig *r)
{
    open_at(r, &screen_entry);
    rig_key(r, K_END);
}

static void scene_signed(struct rig *r)
{
    open_at(r, &screen_signed);
}

static const struct {
    const char *name;
    void (*make)(struct rig *r);
} scenes[] = {
    {"find", scene_find},
    {"find_nothing", scene_find_nothing},
    {"account", scene_account},
    {"payment", scene_payment},
    {"payment_wrong", scene_payment_wrong},
    {"receipt", scene_receipt},
    {"bill", scene_bill},
    {"meter", scene_meter},
    {"home", scene_home},
    {"losses", scene_losses},
    {"settings", scene_settings},
    {"whatif", scene_whatif},
    {"billing", scene_billing},
    {"reports", scene_reports},
    {"why", scene_why},
    {"proof", scene_proof},
    {"entry", scene_entry},
    {"signed", scene_signed},
    {"login", scene_login},
    {"login_wrong", scene_login_wrong},
    {"meters", scene_meters},
    {"meters_filter", scene_meters_filter},
    {"meters_nothing", scene_meters_nothing},
    {"help", scene_help},
    {"palette", scene_palette},
    {"reading", scene_reading},
    {"reading_high", scene_reading_high},
    {"reading_wrong", scene_reading_wrong},
    {"command", scene_command},
    {"confirm", scene_confirm},
    {"lock", scene_lock},
};

static const struct {
    int rows, columns;
} sizes[] = {{24, 80}, {43, 132}};
static const char *const languages[] = {"es", "en"};

#define SCENES (sizeof(scenes) / sizeof(scenes[0]))

static void compare(const char *path, const struct buf *now)
{
    FILE *file;
    struct buf old;
    char chunk[4096];
    size_t n;

    if (getenv("AFORO_UPDATE_GOLDEN") != NULL) {
        file = fopen(path, "wb");
        ck_assert_msg(file != NULL, "cannot write %s", path);
        ck_assert_uint_eq(fwrite(now->data, 1, now->len, file), now->len);
        ck_assert_int_eq(fclose(file), 0);
        return;
    }
    file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is missing: make update-golden", path);
    buf_init(&old, 1u << 20);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buf_add(&old, chunk, n);
    }
    (void)fclose(file);
    ck_assert_msg(strcmp(buf_str(&old), buf_str(now)) == 0, "%s differs; now it is\n%s", path,
                  buf_str(now));
    buf_release(&old);
}

void ui_golden(const char *name, const char *lang, const struct frame *f)
{
    const char *top = getenv("AFORO_SRCDIR");
    char path[4096];
    struct buf now;

    buf_init(&now, 1u << 20);
    frame_dump(f, &now);
    (void)snprintf(path, sizeof(path), "%s/tests/golden/ui/%s.%s.%dx%d.txt",
                   top != NULL ? top : ".", name, lang, f->columns, f->rows);
    compare(path, &now);
    buf_release(&now);
}

/* One scene at a size and in a language: number counts both. */
static void check_scene(const char *name, void (*make)(struct rig *r),
                        const struct screen_ops *list, int number)
{
    static struct rig r;
    size_t size = (size_t)number / 2 % 2;
    const char *lang = languages[number % 2];
    const char *top = getenv("AFORO_SRCDIR");
    char path[4096];
    struct buf now;

    memset(&r, 0, sizeof(r));
    r.console.rows = sizes[size].rows;
    r.console.columns = sizes[size].columns;
    i18n_switch(lang);
    if (list != NULL) {
        r.fake.logged_in = true;
        rig_open(&r, list, r.console.rows, r.console.columns);
        rig_key(&r, K_DOWN);
        if (make != NULL) {
            make(&r);
        }
    } else {
        make(&r);
    }
    (void)rig_text(&r);
    ui_golden(name, lang, &r.frame);
    buf_init(&now, 1u << 20);
    if (size == 0 && number % 2 == 0) { /* what each cell means, once a scene */
        frame_dump_attrs(&r.frame, &now);
        (void)snprintf(path, sizeof(path), "%s/tests/golden/ui/%s.attrs.txt",
                       top != NULL ? top : ".", name);
        compare(path, &now);
    }
    buf_release(&now);
    rig_close(&r);
    i18n_switch("en");
}

START_TEST(scene_looks_as_agreed)
{
    check_scene(scenes[_i / 4].name, scenes[_i / 4].make, NULL, _i % 4);
}
END_TEST

/* List screens need no scene of their own: each is opened and moved down by a row. */
START_TEST(every_list_looks_as_agreed)
{
    for (size_t i = 0; i < screens_all_count; i++) {
        if (screens_all[i]->list != NULL) {
            check_scene(screens_all[i]->name, NULL, screens_all[i], _i);
        }
    }
}
END_TEST

static void open_row(struct rig *r)
{
    rig_key(r, K_ENTER);
    rig_key(r, K_DOWN);
}

/* Pages of rows need none either: Enter opens them from their list. */
START_TEST(every_row_page_looks_as_agreed)
{
    for (size_t i = 0; i < screens_all_count; i++) {
        const struct sheet_def *sheet = screens_all[i]->sheet;

        if (sheet != NULL && sheet->row_of != NULL) {
            check_scene(screens_all[i]->name, open_row, sheet->row_of, _i);
        }
    }
}
END_TEST

START_TEST(every_screen_has_a_scene)
{
    for (size_t i = 0; i < screens_all_count; i++) {
        bool found = screens_all[i]->list != NULL ||
                     (screens_all[i]->sheet != NULL && screens_all[i]->sheet->row_of != NULL);

        for (size_t s = 0; s < SCENES; s++) {
            found = found || strcmp(scenes[s].name, screens_all[i]->name) == 0;
        }
        ck_assert_msg(found, "%s has no golden", screens_all[i]->name);
    }
}
END_TEST

Suite *suite_console_golden(void)
{
    Suite *s = suite_create("console golden");
    TCase *t = tcase_create("scenes");

    tcase_add_loop_test(t, scene_looks_as_agreed, 0, (int)SCENES * 4);
    tcase_add_loop_test(t, every_list_looks_as_agreed, 0, 4);
    tcase_add_loop_test(t, every_row_page_looks_as_agreed, 0, 4);
    tcase_add_test(t, every_screen_has_a_scene);
    suite_add_tcase(s, t);
    return s;
}
