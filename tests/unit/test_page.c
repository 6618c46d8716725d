#include <config.h>

#include "tests/unit/check_ui.h"

#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/page.h"
#include "app/words.h"
#include "reports/exports.h"
#include "ui/list.h"
#include "ui/sheet_screen.h"

/* Screens are data that name commands, parameters, lists, pages and each other: what they name
 * must be there. */

static bool has_param(const struct command *c, const char *name)
{
    for (const struct param *p = c->params; p->name != NULL; p++) {
        if (strcmp(p->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_fill(const char *screen, const char *command, const char *param)
{
    const struct command *c =
        command_find(command) != NULL ? command_find(command) : export_find(command);

    ck_assert_msg(c != NULL, "%s: no command %s", screen, command);
    ck_assert_msg(param == NULL || has_param(c, param), "%s: %s has no parameter %s", screen,
                  command, param);
}

START_TEST(keys_of_lists_name_commands_and_parameters_that_exist)
{
    size_t keys = 0;

    for (size_t i = 0; i < screens_all_count; i++) {
        const struct list_def *def = screens_all[i]->list;

        for (size_t k = 0; def != NULL && k < def->key_count; k++, keys++) {
            const struct list_key *key = &def->keys[k];

            if (key->command != NULL) {
                check_fill(def->name, key->command, NULL);
            }
            for (size_t f = 0; f < LIST_FILLS_MAX && key->fill[f].param != NULL; f++) {
                check_fill(def->name, key->command, key->fill[f].param);
                ck_assert_int_lt(key->fill[f].cell, (int)def->column_count);
            }
        }
    }
    ck_assert_uint_gt(keys, 50);
}
END_TEST

START_TEST(keys_of_pages_name_commands_and_parameters_that_exist)
{
    size_t found = 0;

    for (size_t i = 0; i < screens_all_count; i++) {
        const struct sheet_def *def = screens_all[i]->sheet;

        if (def == NULL) {
            continue;
        }
        found++;
        ck_assert_msg(def->row_of != NULL || page_find(def->name) != NULL ||
                          strcmp(def->name, "reports") == 0,
                      "no page %s", def->name);
        for (size_t k = 0; k < def->key_count; k++) {
            const struct sheet_key *key = &def->keys[k];

            if (key->command != NULL) {
                check_fill(def->name, key->command, NULL);
            }
            for (size_t f = 0;
                 key->act == SHEET_COMMAND && f < PRESETS_MAX && key->fill[f].param != NULL;
                 f++) {
                check_fill(def->name, key->command, key->fill[f].param);
            }
            ck_assert_msg(key->rows == NULL || sheet_target(key->rows) != NULL,
                          "%s: no screen %s", def->name, key->rows);
        }
    }
    ck_assert_uint_gt(found, 7);
}
END_TEST

START_TEST(what_rows_of_lists_lead_to_has_a_screen)
{
    size_t found = 0;

    for (size_t i = 0; i < list_query_count; i++) {
        const struct list_link *links = list_queries[i].links;

        for (size_t k = 0; links[k].column != NULL; k++, found++) {
            ck_assert_msg(sheet_target(links[k].opens) != NULL, "%s: no screen %s",
                          list_queries[i].name, links[k].opens);
        }
    }
    ck_assert_uint_gt(found, 20);
}
END_TEST

START_TEST(what_opens_a_screen_may_open_it)
{
    for (size_t i = 0; i < screens_all_count; i++) {
        const char *needs = screens_all[i]->needs;

        ck_assert_msg(needs == NULL || command_find(needs) != NULL ||
                          strcmp(needs, "personal read") == 0,
                      "%s needs %s, which is no permission", screens_all[i]->name, needs);
    }
}
END_TEST

static bool is_choice_known(const char *word)
{
    static const char *const same[] = {
        "MWh", "Wh",     "dm3",  "kWh", "kW",   "u",   "W",   "kvarh", "varh",    "m3",
        "l",   "pkcs11", "tpm2", "gal", "kgal", "ft3", "CCF", "HCF",   "gs1-128", "code128"};

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        if (strcmp(same[i], word) == 0) {
            return true;
        }
    }
    return choice_said(word) != word && choice_kept(word) != NULL &&
           strcmp(choice_kept(word), word) == 0;
}

START_TEST(every_choice_of_a_form_has_a_word)
{
    struct buf missing;

    buf_init(&missing, 1u << 16);
    for (size_t i = 0; commands[i] != NULL; i++) {
        for (const struct param *p = commands[i]->params; p->name != NULL; p++) {
            const char *word = p->type == PARAM_CHOICE ? p->choices : NULL;

            while (word != NULL && *word != '\0') {
                size_t len = strcspn(word, "|");
                char choice[64];

                (void)snprintf(choice, sizeof(choice), "%.*s", (int)len, word);
                if (!is_choice_known(choice)) {
                    buf_addf(&missing, "%s --%s: %.*s\n", commands[i]->name, p->name, (int)len,
                             word);
                }
                word += len + (word[len] == '|' ? 1 : 0);
            }
        }
    }
    ck_assert_msg(missing.len == 0, "add to src/app/words.def:\n%s", buf_str(&missing));
    buf_release(&missing);
}
END_TEST

Suite *suite_page(void)
{
    Suite *s = suite_create("page");
    TCase *t = tcase_create("data");

    tcase_add_test(t, keys_of_lists_name_commands_and_parameters_that_exist);
    tcase_add_test(t, keys_of_pages_name_commands_and_parameters_that_exist);
    tcase_add_test(t, what_rows_of_lists_lead_to_has_a_screen);
    tcase_add_test(t, what_opens_a_screen_may_open_it);
    tcase_add_test(t, every_choice_of_a_form_has_a_word);
    suite_add_tcase(s, t);
    return s;
}
