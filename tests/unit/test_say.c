#include <config.h>

#include "tests/unit/check_ui.h"

#include <string.h>

#include "ui/say.h"

static const struct param params[] = {
    {"reason", PARAM_TEXT, 0, "why it is done", NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL},
};
static const struct command mine[] = {
    {.name = "bill cancel", .summary = "cancel a bill", .params = params},
    {.name = "bill", .summary = "look at a bill", .params = params},
};

static const struct command *command_at(void *ctx, size_t index)
{
    (void)ctx;
    return index < sizeof(mine) / sizeof(mine[0]) ? &mine[index] : NULL;
}

static const struct {
    const char *text, *said;
} rows[] = {
    {"", ""},
    {"nothing to put otherwise", "nothing to put otherwise"},
    {"cancel it: aforo bill cancel 127; it stays",
     "cancel it: \"Cancel a bill\" in the list of commands (:), with 127; it stays"},
    {"cancel it: aforo bill cancel NUMBER --reason TEXT.",
     "cancel it: \"Cancel a bill\" in the list of commands (:)."},
    {"run aforo bill", "run \"Look at a bill\" in the list of commands (:)"},
    {"see: aforo list work", "see: \"Work orders\" in the list of commands (:)"},
    {"somebody else: aforo user add",
     "somebody else: \"Make a user with a signing key of its own\", which another role may"},
    {"run: aforo verify --deep", "run: aforo verify --deep"},
    {"run: aforo bill --deep", "run: aforo bill --deep"},
    {"the file /home/aforo bill is not one", "the file /home/aforo bill is not one"},
    {"--reason is missing, and --moon too", "\"Why it is done\" is missing, and --moon too"},
    {"from 2017-02-28 to 2017-03-01.", "from 28/02/2017 to 01/03/2017."},
    {"read on 2017-02-28T22:09:04, (2017-02-28 22:09)",
     "read on 28/02/2017 22:09, (28/02/2017 22:09)"},
    {"report-2017-02-28.csv", "report-2017-02-28.csv"},
    {"2017-02-28.csv and 2017-02-285", "2017-02-28.csv and 2017-02-285"},
    {"on 2017-02-30", "on 2017-02-30"},
};

START_TEST(what_a_command_line_is_told_is_said_for_a_screen)
{
    const struct ui_model m = {.format = numfmt_find("es_ES"), .command_at = command_at};
    struct buf out;

    buf_init(&out, 4096);
    say_add(&m, params, rows[_i].text, &out);
    ck_assert_str_eq(buf_str(&out), rows[_i].said);
    buf_release(&out);
}
END_TEST

Suite *suite_say(void)
{
    Suite *s = suite_create("say");
    TCase *t = tcase_create("messages");

    tcase_add_loop_test(t, what_a_command_line_is_told_is_said_for_a_screen, 0,
                        sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(s, t);
    return s;
}
