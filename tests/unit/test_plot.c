#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "ui/widget_plot.h"

/* Every plot at two widths, in Unicode and in ASCII, with what each cell means:
 * tests/golden/ui/plot.NAME.txt. */

static struct frame f;

static void setup(void)
{
    frame_init(&f);
}

static void teardown(void)
{
    frame_release(&f);
}

static const int64_t use[13] = {14, 13, 16, 22, 18, 15, 11, -1, 14, 17, 21, 35, 12};
static const char *const months[13] = {"ene", "feb", "mar", "abr", "may", "jun", "jul",
                                       "ago", "sep", "oct", "nov", "dic", "ene"};

static void draw_bars(struct rect r)
{
    const struct plot p = {use, 13, 30, months, "35", "30"};

    plot_bars(&f, r, &p);
}

static void draw_curve(struct rect r)
{
    static const int64_t day[24] = {120, 100, 90,  90,  95,  160, 340, 520, 480, 300, 260, 240,
                                    280, 330, 300, 260, 280, 420, 640, 810, 700, 460, 280, 160};
    static const char *const hours[24] = {"00", [6] = "06", [12] = "12", [18] = "18"};
    const struct plot p = {day, 24, 700, hours, "810", "700"};

    plot_curve(&f, r, &p);
}

static void draw_shares(struct rect r)
{
    static const struct plot_share losses[] = {
        {"Alimentador norte", "4,1 %", 41, false},
        {"Alimentador sur", "17,9 %", 179, true},
        {"Polígono industrial de Las Atalayas, fase 2", "0,3 %", 3, false},
        {"Pozo 3", "−1,2 %", -12, false},
    };

    (void)plot_shares(&f, r, losses, 4, 0);
}

static void draw_gauges(struct rect r)
{
    static const struct plot_gauge kpis[] = {
        {"Lecturas a tiempo", "97,2 %", 972, 950, false},
        {"Pérdidas", "17,9 %", 179, 120, true},
        {"Estimadas", "1,0 %", 10, 50, true},
        {"Contadores", "1 284", 1284, 0, false},
    };

    for (int i = 0; i < 4 && i < r.rows; i++) {
        plot_gauge(&f, r.row + i, r.column, r.columns, &kpis[i]);
    }
}

static const struct {
    const char *name;
    void (*draw)(struct rect r);
} plots[] = {{"bars", draw_bars},
             {"curve", draw_curve},
             {"shares", draw_shares},
             {"gauges", draw_gauges}};

static void read_golden(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    char chunk[4096];
    size_t n;

    ck_assert_msg(file != NULL, "%s is missing: make update-golden", path);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buf_add(out, chunk, n);
    }
    (void)fclose(file);
}

static void keep_golden(const char *path, const struct buf *now)
{
    FILE *file = fopen(path, "wb");

    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_uint_eq(fwrite(now->data, 1, now->len, file), now->len);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(plot_looks_as_agreed)
{
    static const struct {
        int rows, columns;
    } sizes[] = {{8, 76}, {12, 46}, {3, 20}};
    const char *top = getenv("AFORO_SRCDIR");
    char path[4096];
    struct buf now;
    struct buf old;

    buf_init(&now, 1u << 20);
    buf_init(&old, 1u << 20);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) * 2; i++) {
        ck_assert_int_eq(frame_resize(&f, sizes[i / 2].rows, sizes[i / 2].columns, NULL),
                         ERR_OK);
        f.ascii = i % 2 == 1;
        plots[_i].draw((struct rect){0, 0, f.rows, f.columns});
        frame_dump(&f, &now);
        buf_adds(&now, "\n");
    }
    frame_dump_attrs(&f, &now);
    (void)snprintf(path, sizeof(path), "%s/tests/golden/ui/plot.%s.txt",
                   top != NULL ? top : ".", plots[_i].name);
    if (getenv("AFORO_UPDATE_GOLDEN") != NULL) {
        keep_golden(path, &now);
    } else {
        read_golden(path, &old);
        ck_assert_msg(strcmp(buf_str(&old), buf_str(&now)) == 0, "%s differs; now it is\n%s",
                      path, buf_str(&now));
    }
    buf_release(&old);
    buf_release(&now);
}
END_TEST

START_TEST(plots_survive_any_size_and_any_value)
{
    static const int64_t values[] = {INT64_MAX, INT64_MIN, 0, -1, 1, INT64_MAX};
    static const char *const names[] = {"", "a", "水道局", "b", "c", "d"};
    const struct plot p = {values, 6, INT64_MAX, names, "9", "8"};
    const struct plot none = {values, 0, -1, NULL, "", ""};
    const struct plot_share shares[] = {{"x", "1", INT64_MAX, true},
                                        {"", "", INT64_MIN, false}};
    const struct plot_gauge g = {"x", "1", INT64_MAX, INT64_MAX, true};

    ck_assert_int_eq(frame_resize(&f, 12, 60, NULL), ERR_OK);
    for (int rows = 0; rows <= 12; rows++) {
        for (int columns = 0; columns <= 60; columns++) {
            struct rect r = {0, 0, rows, columns};

            plot_bars(&f, r, &p);
            plot_curve(&f, r, &p);
            plot_bars(&f, r, &none);
            plot_curve(&f, r, &none);
            (void)plot_shares(&f, r, shares, 2, 0);
            plot_gauge(&f, 0, 0, columns, &g);
        }
    }
}
END_TEST

START_TEST(a_value_at_the_limit_is_not_over_it)
{
    const int64_t values[] = {29, 30, 31};
    const struct plot p = {values, 3, 30, NULL, "31", "30"};

    ck_assert_int_eq(frame_resize(&f, 4, 12, NULL), ERR_OK);
    plot_bars(&f, (struct rect){0, 0, 4, 12}, &p);
    ck_assert_int_eq(frame_at(&f, 3, 0)->attr, ATTR_CHART);
    ck_assert_int_eq(frame_at(&f, 3, 4)->attr, ATTR_CHART);
    ck_assert_int_eq(frame_at(&f, 3, 8)->attr, ATTR_CHART_OVER);
}
END_TEST

Suite *suite_plot(void)
{
    Suite *s = suite_create("plot");
    TCase *t = tcase_create("plots");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, plot_looks_as_agreed, 0, (int)(sizeof(plots) / sizeof(plots[0])));
    tcase_add_test(t, plots_survive_any_size_and_any_value);
    tcase_add_test(t, a_value_at_the_limit_is_not_over_it);
    suite_add_tcase(s, t);
    return s;
}
