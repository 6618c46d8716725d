/* The console over a real office, walked through: every list and every page, and Enter on every
 * row of each. */
#include <config.h>

#include <check.h>
#include <string.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "base/i18n.h"
#include "keys_rig.h"
#include "reports/exports.h"
#include "ui/sheet_screen.h"
#include "ui/synonyms.h"
#include "verb_console_export.h"

Suite *suite_walk(const char *dir);

#define STEPS_MAX 12

static const char *busy_dir;
static char place[FIXTURE_PATH_MAX];
static size_t opened; /* rows that Enter opened */

static void key(uint32_t k)
{
    rig_key(k);
    rig_jobs(0);
}

static void type(const char *text)
{
    rig_type(text);
    rig_jobs(0);
}

static void enter(const char *dir, const char *user, const char *role)
{
    struct event size = {.kind = EV_RESIZE, .rows = 43, .columns = 132};
    memset(&rig, 0, sizeof rig);
    chance_seed(1);
    rig.role = role;
    opened = 0;
    rig_open(dir);
    MUST(frame_resize(&rig.frame, 43, 132, NULL) == ERR_OK, "no frame");
    rig_send(&size);
    rig_jobs(0);
    type(user);
    type("\t" FIXTURE_PASSWORD "\n");
    MUST(rig.console.logged_in, "%s", rig.console.message);
}

static void setup(void)
{
    enter(busy_dir, "ana", "administrator");
}

static void setup_supervisor(void)
{
    enter(busy_dir, "luis", "supervisor");
}

static void teardown(void)
{
    rig_close();
}

static void open_screen(const struct screen_ops *ops)
{
    type(":");
    type(ops->name);
    key(K_ENTER);
    ck_assert_msg(rig_top()->ops == ops, ":%s opened %s", ops->name, rig_top()->ops->name);
}

static void page_is_there(const char *from)
{
    const struct sheet_state *s = rig_top()->state;
    if (rig_top()->ops->sheet != NULL) {
        ck_assert_msg(s->has_sheet, "%s opens %s: %s", from, rig_top()->ops->name,
                      s->failed.text);
    }
}

/* Every row of the page on top opens something, and Esc comes back to that row. */
static void page_rows_open(size_t *left)
{
    const struct screen_ops *page = rig_top()->ops;
    size_t depth = rig.console.depth;
    for (size_t i = 0; i<STEPS_MAX && * left> 0; i++, (*left)--) {
        const struct sheet_state *s = rig_top()->state;
        size_t selected = s->selected;
        const struct sheet_part *row = sheet_row_selected(s);
        if (row == NULL) {
            return;
        }
        key(K_ENTER);
        if (rig.console.depth == depth) { /* what the role may not open says so */
            ck_assert_msg(rig.console.message[0] != '\0', "Enter does nothing on %s: %s",
                          page->name, row->cells[0]);
        } else {
            page_is_there(page->name);
            opened++;
            while (rig.console.depth > depth) {
                key(K_ESC);
            }
        }
        ck_assert_ptr_eq(rig_top()->ops, page);
        ck_assert_uint_eq(((const struct sheet_state *)rig_top()->state)->selected, selected);
        key(K_DOWN);
        if (((const struct sheet_state *)rig_top()->state)->selected == selected) {
            return;
        }
    }
}

/* Enter on the first rows of a list opens the page of each, and its lines open what they name.
 */
static void list_rows_open(const struct screen_ops *ops)
{
    size_t left = 40;
    open_screen(ops);
    for (int i = 0; i < 3; i++) {
        size_t depth = rig.console.depth;
        if (ops->list != NULL &&
            table_selected(&((const struct list_state *)rig_top()->state)->table) == 0) {
            return; /* there are no rows */
        }
        key(K_ENTER);
        ck_assert_msg(rig.console.depth == depth + 1, "Enter does nothing on %s: %s", ops->name,
                      rig.console.message);
        page_is_there(ops->name);
        if (rig_top()->ops->sheet != NULL) {
            page_rows_open(&left);
        }
        while (rig.console.depth > depth) {
            key(K_ESC);
        }
        key(K_DOWN);
    }
}

START_TEST(enter_opens_every_row_of_every_list)
{
    size_t lists = 0;
    for (size_t i = 0; i < screens_openable_count; i++) {
        const struct screen_ops *ops = screens_openable[i];
        if (ops != &screen_meters && ops->list == NULL) {
            continue;
        }
        if (ops->needs == NULL || rig.model.may(rig.model.ctx, ops->needs)) {
            list_rows_open(ops);
            key(K_ESC);
            lists++;
        }
    }
    ck_assert_uint_gt(lists, 15);
    ck_assert_uint_gt(opened, 60);
}
END_TEST

START_TEST(enter_opens_every_row_of_the_pages_of_the_day)
{
    static const struct screen_ops *const pages[] = {&screen_home, &screen_settings,
                                                     &screen_losses, &screen_reports};
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        size_t left = 40;
        open_screen(pages[i]);
        page_rows_open(&left);
        key(K_ESC);
    }
    ck_assert_uint_gt(opened, 15);
}
END_TEST

static const struct command *any_at(size_t index)
{
    const char *name = command_name(index);
    return name == NULL                 ? NULL
           : command_find(name) != NULL ? command_find(name)
                                        : export_find(name);
}

/* Is the parameter one of the command, or of one of a family? */
static bool has_param(const char *of, const char *param)
{
    size_t len = of != NULL ? strlen(of) : 0;
    const struct command *c;
    for (size_t i = 0; (c = any_at(i)) != NULL; i++) {
        bool fits = of == NULL || (strncmp(c->name, of, len) == 0 &&
                                   (c->name[len] == '\0' || c->name[len] == ' '));
        for (size_t k = 0; fits && c->params[k].name != NULL; k++) {
            if (strcmp(c->params[k].name, param) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Whatever stands in the table is a parameter, its SQL holds, and it tells of each value what
 * it is. */
START_TEST(fields_have_lists_of_what_the_office_holds)
{
    const char *of = NULL;
    const char *param = NULL;
    size_t filled = 0;
    for (size_t i = 0; pick_at(i, &of, &param); i++) {
        struct err e = ERR_INIT;
        struct picks *p = picks_new();
        ck_assert_msg(has_param(of, param), "no \"%s\" has a \"%s\"", of, param);
        ck_assert_msg(rig.model.picks(rig.model.ctx, of != NULL ? of : "", param, "", p, &e) ==
                          ERR_OK,
                      "%s %s: %s", of, param, e.text);
        filled += p->count > 0 ? 1 : 0;
        for (size_t n = 0; n < p->count; n++) {
            ck_assert_msg(p->list[n].value[0] != '\0', "%s %s: an empty value", of, param);
        }
        picks_free(p);
    }
    ck_assert_uint_ge(filled, 20);
}
END_TEST

/* Whoever undoes a decision need not know its number. */
START_TEST(a_field_is_filled_from_its_list)
{
    type(":decision undo\n");
    key(K_CTRL | 'f');
    ck_assert_int_eq(rig.console.overlay, OVERLAY_PICK);
    ck_assert_uint_gt(rig.console.picks->count, 0);
    ck_assert_str_ne(rig.console.picks->list[0].text, "");
    key(K_ENTER);
    ck_assert_int_eq(rig.console.overlay, OVERLAY_NONE);
    ck_assert_ptr_null(rig.console.picks);
    type("by mistake\n");
    ck_assert_int_eq(rig.console.overlay, OVERLAY_CONFIRM); /* it was filled in */
    ck_assert_ptr_nonnull(strstr(rig.console.confirm.text, "by mistake"));
    key('n');
    key(K_ESC);
    key('y');
}
END_TEST

/* Other words name commands, files that are written, screens, and the console's own few. */
START_TEST(synonyms_name_commands_and_screens)
{
    static const char *const own[] = {"language es", "language en", "logout", "quit"};
    const char *at = NULL;
    struct synonym s;
    while (synonym_next(&at, &s)) {
        bool found = false;
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
            found = found || synonym_is_of(&s, own[i]);
        }
        for (size_t i = 0; commands[i] != NULL; i++) {
            found = found || synonym_is_of(&s, commands[i]->name);
        }
        for (size_t i = 0; export_at(i) != NULL; i++) {
            found = found || synonym_is_of(&s, export_at(i)->name);
        }
        for (size_t i = 0; i < screens_openable_count; i++) {
            found = found || synonym_is_of(&s, screens_openable[i]->name);
        }
        ck_assert_msg(found, "data/synonyms.csv names %.*s, which there is not",
                      (int)s.name_len, s.name);
    }
}
END_TEST

/* ---- receipts on paper ---- */

/* In a copy of the office: what is printed is recorded. */
static void setup_counter(void)
{
    fixture_temp_folder(place);
    fixture_copy_folder(busy_dir, place);
    MUST(chdir(place) == 0, "%s", place);
    enter(place, "olga", "operator");
}

static void teardown_counter(void)
{
    rig_close();
    bound_printer(NULL);
    MUST(chdir("/") == 0, "/");
    fixture_remove_folder(place);
}

static void message_has(const char *text)
{
    ck_assert_msg(strstr(rig.console.message, text) != NULL, "\"%s\" lacks \"%s\"",
                  rig.console.message, text);
}

static void open_receipt(void)
{
    open_screen(&screen_payments);
    key(K_ENTER);
    ck_assert_ptr_eq(rig_top()->ops, &screen_receipt);
}

static size_t read_all(int fd, char *got, size_t size)
{
    ssize_t n = read(fd, got, size - 1);
    got[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

START_TEST(a_receipt_goes_to_a_device_and_the_second_says_copy)
{
    static char got[65536];
    int end;
    ck_assert_int_eq(mkfifo("printer", 0600), 0);
    end = open("printer", O_RDONLY | O_NONBLOCK);
    bound_printer("./printer");
    open_receipt();
    key('i');
    message_has("printed on ./printer");
    ck_assert_uint_gt(read_all(end, got, sizeof got), 100);
    ck_assert_mem_eq(got, "\033@", 2); /* ESC/POS, because it is a device */
    ck_assert_ptr_null(strstr(got, "COPY"));
    bound_printer("text:./printer");
    key('i');
    message_has("printed again, marked as copy");
    (void)read_all(end, got, sizeof got);
    ck_assert_ptr_nonnull(strstr(got, "COPY 1"));
    ck_assert_ptr_null(strchr(got, '\033'));
    ck_assert_int_eq(close(end), 0);
    key('i'); /* nobody reads it now: it is named, the payment stands, the print is recorded */
    message_has("printer ./printer: nothing reads from it");
    message_has("The payment stands");
    ck_assert_int_eq(rig.console.message_level, MESSAGE_ERROR);
    bound_printer(NULL);
    key('i');
    message_has("-copy-3.txt"); /* in the office's folder, where there is no printer */
}
END_TEST

START_TEST(a_receipt_goes_to_a_file_or_to_the_printer_of_the_office)
{
    FILE *f = fopen("printer.json", "w");
    struct err e = ERR_INIT;
    char got[4096];
    int fd;
    ck_assert_ptr_nonnull(f);
    (void)fputs("{\"to\": \"text:./paper\", \"columns\": 32}", f);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(fclose(fopen("paper", "w")), 0);
    rig_close();
    enter(place, "ana", "administrator");
    const struct ui_value values[] = {{"policy", "printer"}, {"file", "printer.json"}};
    struct ui_ticket ticket;
    ck_assert_msg(bound_command_run(&rig.bound, "policy set", values, 2, NULL, &ticket, &e) ==
                      ERR_OK,
                  "%s", e.text);
    open_receipt();
    key('i');
    message_has("./paper");
    fd = open("paper", O_RDONLY);
    ck_assert_uint_gt(read_all(fd, got, sizeof got), 100);
    ck_assert_int_eq(close(fd), 0);
    for (const char *line = got; *line != '\0'; line += strcspn(line, "\n") + 1) {
        ck_assert_uint_le(strcspn(line, "\n"), 64); /* 32 columns, letters of two bytes */
        if (strchr(line, '\n') == NULL) {
            break;
        }
    }
    key('f');
    type("/nowhere/receipt.txt\n"); /* a path that is none records no print */
    message_has("/nowhere");
    key(K_CTRL | 'u');
    type("receipt.txt\n");
    message_has("/receipt.txt");
    ck_assert_int_eq(access("receipt.txt", F_OK), 0);
    key('f');
    type("receipt.pdf\n");
    message_has("/receipt.pdf");
    ck_assert_int_eq(access("receipt.pdf", F_OK), 0);
}
END_TEST

/* ---- photos and documents ---- */

static void screen_has(const char *text)
{
    struct buf now;
    buf_init(&now, 1u << 20);
    console_render(&rig.console, &rig.frame);
    frame_dump(&rig.frame, &now);
    ck_assert_msg(strstr(buf_str(&now), text) != NULL, "no \"%s\" in\n%s", text, buf_str(&now));
    buf_release(&now);
}

START_TEST(a_document_is_attached_to_a_dispute_and_shown_with_its_hash)
{
    FILE *f = fopen("queja-de-maria.txt", "w");
    ck_assert_ptr_nonnull(f);
    (void)fputs("queja\n", f);
    ck_assert_int_eq(fclose(f), 0);
    open_screen(&screen_disputes);
    key(K_ENTER);
    ck_assert_ptr_eq(rig_top()->ops, &screen_dispute);
    key(K_F7);
    ck_assert_ptr_eq(rig_top()->ops, &screen_command);
    type("quej\t");
    screen_has("[queja-de-maria.txt ");
    screen_has("text/plain, 6 bytes, SHA-256 ");
    key(K_ENTER);
    ck_assert_msg(rig_top()->ops == &screen_dispute, "%s", rig.console.message);
    message_has("text/plain, 6 bytes");
    key('r');
    screen_has("text/plain, 6 bytes, entry ");
    screen_has("SHA-256 " /* as sha256sum says it of these bytes */
               "987e801629f736d961f39afad22f06e246f512a6f8b931b0a3002985527f6415");
    key('F'); /* proved to anybody, with the document in it */
    type("disputa.json");
    type("\tall\n");
    message_has("proof written to ");
    message_has("/disputa.json");
    static char proof[1u << 20];
    int fd = open("disputa.json", O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s", rig.console.message);
    (void)read_all(fd, proof, sizeof proof);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_ptr_nonnull(strstr(proof, "\"evidence\":[{"));
    ck_assert_ptr_nonnull(strstr(proof, "cXVlamEK")); /* its six bytes in base64 */
}
END_TEST

/* Chosen by its whole name in the palette, filled in, and run. */
static void write_file(const char *form, const char *fields, const char *path)
{
    type(":");
    type(form);
    key(K_ENTER);
    ck_assert_msg(rig_top()->ops == &screen_command, "%s: %s", form, rig.console.message);
    type(fields);
    key(K_ENTER);
    ck_assert_msg(rig_top()->ops != &screen_command, "%s: %s", form, rig.console.message);
    ck_assert_msg(access(path, R_OK) == 0, "%s: %s", form, rig.console.message);
    message_has(path);
}

START_TEST(what_the_office_gives_out_is_written_from_the_console)
{
    write_file("report bills", "facturas.csv", "facturas.csv");
    write_file("report reconcile", "meses.txt\t\t2026-11", "meses.txt");
    write_file("report route-sheets", "hojas.pdf", "hojas.pdf");
    write_file("export journal", "diario.journal", "diario.journal");
    write_file("notice print", "avisos.pdf", "avisos.pdf");
    write_file("charges export", "1\tcobros.txt", "cobros.txt");
    write_file("paper", "1\tacta.pdf", "acta.pdf");
    write_file("note pdf", "c\t1\tnota.pdf", "nota.pdf");
    type(":report readings\n");
    type("lecturas.csv\t2026-02-30\n"); /* refused, and what was typed stays */
    ck_assert_ptr_eq(rig_top()->ops, &screen_command);
    ck_assert_int_ne(access("lecturas.csv", F_OK), 0);
    screen_has("No such date");
    key(K_ESC);
    key('y'); /* leave what was typed */
    type(":verify\n");
    key(K_ENTER);
    message_has("The books hold: entries 1 to ");
    type(":verify\n");
    key(K_ENTER);
    message_has("Nothing new since entry ");
}
END_TEST

START_TEST(a_reading_takes_a_photo_and_its_entry_shows_it)
{
    static const unsigned char jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 0,    0x10, 'J',
                                         'F',  'I',  'F',  0,    0xff, 0xd9};
    FILE *f = fopen("dial.jpg", "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(jpeg, 1, sizeof jpeg, f), sizeof jpeg);
    ck_assert_int_eq(fclose(f), 0);
    open_screen(&screen_meters);
    key(K_F2);
    ck_assert_ptr_eq(rig_top()->ops, &screen_reading);
    type("99999");
    key(K_F7);
    type("di\t");
    screen_has("image/jpeg, 13 bytes");
    for (int i = 0; i < 3 && strstr(rig.console.message, "image/jpeg") == NULL; i++) {
        key(K_ENTER); /* a suspicious value is asked about */
    }
    message_has("image/jpeg, 13 bytes");
    key(K_ESC); /* the next meter's form */
    open_screen(&screen_history);
    key(K_DOWN); /* the newest entry is the file's */
    key(K_ENTER);
    ck_assert_ptr_eq(rig_top()->ops, &screen_entry);
    screen_has("reading taken");
    screen_has("dial.jpg, image/jpeg, 13 bytes");
}
END_TEST

Suite *suite_walk(const char *dir)
{
    Suite *s = suite_create("walk");
    TCase *t = tcase_create("walk");
    busy_dir = dir;
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, enter_opens_every_row_of_every_list);
    tcase_add_test(t, enter_opens_every_row_of_the_pages_of_the_day);
    tcase_add_test(t, synonyms_name_commands_and_screens);
    tcase_add_test(t, fields_have_lists_of_what_the_office_holds);
    suite_add_tcase(s, t);
    t = tcase_create("lists");
    tcase_add_checked_fixture(t, setup_supervisor, teardown);
    tcase_add_test(t, a_field_is_filled_from_its_list);
    suite_add_tcase(s, t);
    t = tcase_create("paper");
    tcase_add_checked_fixture(t, setup_counter, teardown_counter);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_receipt_goes_to_a_device_and_the_second_says_copy);
    tcase_add_test(t, a_receipt_goes_to_a_file_or_to_the_printer_of_the_office);
    tcase_add_test(t, a_document_is_attached_to_a_dispute_and_shown_with_its_hash);
    tcase_add_test(t, a_reading_takes_a_photo_and_its_entry_shows_it);
    tcase_add_test(t, what_the_office_gives_out_is_written_from_the_console);
    suite_add_tcase(s, t);
    return s;
}
