#include <config.h>

#include "ui/kiosk.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "ui/format.h"

#define REASONS 5

/* Choices of "own dispute", in the order of the keys. */
static const char *const reasons[REASONS] = {"amount", "reading", "paid", "meter", "other"};

void kiosk_init(struct kiosk *k, const struct kiosk_model *m)
{
    memset(k, 0, sizeof *k);
    k->model = m;
    format_copy(k->first_lang, sizeof k->first_lang, i18n_lang());
}

static bool is_as_started(const struct kiosk *k)
{
    return k->big == k->first_big && strcmp(k->first_lang, i18n_lang()) == 0;
}

void kiosk_wipe(struct kiosk *k)
{
    struct kiosk keep = {.model = k->model,
                         .big = k->big,
                         .first_big = k->first_big,
                         .ascii = k->ascii,
                         .now_ms = k->now_ms,
                         .touched_ms = k->now_ms};
    memcpy(keep.first_lang, k->first_lang, sizeof keep.first_lang);
    k->model->close(k->model->ctx);
    explicit_bzero(k, sizeof *k);
    *k = keep;
}

/* ---- pages --------------------------------------------------------------------------------
 */

static void say(struct kiosk *k, bool failed, const char *text)
{
    k->failed = failed;
    format_copy(k->message, sizeof k->message, text);
}

/* Show a page, or say why it cannot be. */
static void go(struct kiosk *k, enum kiosk_page page, enum err_code code, const struct err *e)
{
    k->top = 0;
    if (code == ERR_OK) {
        k->page = page;
    } else {
        say(k, true, e->text);
        k->page = KIOSK_DONE;
    }
}

static void list_go(struct kiosk *k, enum kiosk_page page,
                    enum err_code (*read)(void *, struct kiosk_list *, struct err *))
{
    struct err e = ERR_INIT;
    memset(&k->list, 0, sizeof k->list);
    go(k, page, read(k->model->ctx, &k->list, &e), &e);
}

static void text_go(struct kiosk *k, enum kiosk_page page)
{
    struct err e = ERR_INIT;
    struct buf b;
    buf_init(&b, KIOSK_TEXT_MAX - 1);
    enum err_code code = page == KIOSK_BILL
                             ? k->model->bill(k->model->ctx, k->chosen.id, &b, &e)
                             : k->model->receipt(k->model->ctx, k->chosen.id, k->ascii, &b, &e);
    format_copy(k->text, sizeof k->text, buf_str(&b));
    buf_wipe(&b);
    go(k, page, code, &e);
}

static void open_account(struct kiosk *k)
{
    struct err e = ERR_INIT;
    enum err_code code = k->model->open(k->model->ctx, k->number, k->pin, &k->who, &e);
    explicit_bzero(k->pin, sizeof k->pin);
    k->opened = code == ERR_OK;
    go(k, KIOSK_MENU, code, &e);
}

static void give_reading(struct kiosk *k)
{
    struct err e = ERR_INIT;
    char machine[FORMAT_MAX];
    enum err_code code = ERR_USAGE;
    if (!format_parse_number(k->model->format, k->value, machine)) {
        (void)err_set(&e, ERR_USAGE, _("\"%s\" is no number"), k->value);
    } else {
        code = k->model->reading(k->model->ctx, k->chosen.key, machine, k->message, &e);
    }
    k->failed = code != ERR_OK;
    go(k, KIOSK_DONE, code, &e);
}

static void give_dispute(struct kiosk *k)
{
    struct err e = ERR_INIT;
    enum err_code code =
        k->model->dispute(k->model->ctx, k->chosen.id, reasons[k->reason], k->message, &e);
    k->failed = code != ERR_OK;
    go(k, KIOSK_DONE, code, &e);
}

static void print_receipt(struct kiosk *k)
{
    struct err e = ERR_INIT;
    if (k->who.printer) {
        enum err_code code = k->model->print(k->model->ctx, k->chosen.id, &e);
        say(k, code != ERR_OK, code == ERR_OK ? _("The receipt is printed.") : e.text);
        k->page = KIOSK_DONE;
    }
}

/* ---- keys ---------------------------------------------------------------------------------
 */

static char *field_of(struct kiosk *k)
{
    return k->page == KIOSK_NUMBER ? k->number : k->page == KIOSK_PIN ? k->pin : k->value;
}

/* Letters belong to account numbers alone; a PIN has digits, a reading a decimal sign too. */
static bool field_takes(const struct kiosk *k, uint32_t key)
{
    bool digit = key >= '0' && key <= '9';
    if (k->page == KIOSK_NUMBER) {
        return digit || key == '-' || (key >= 'a' && key <= 'z') || (key >= 'A' && key <= 'Z');
    }
    return digit || (k->page == KIOSK_VALUE && (key == ',' || key == '.'));
}

static void field_done(struct kiosk *k)
{
    if (*field_of(k) == '\0') { /* nothing typed: back */
        k->page = k->opened ? KIOSK_MENU : KIOSK_START;
    } else if (k->page == KIOSK_NUMBER) {
        k->page = KIOSK_PIN;
    } else if (k->page == KIOSK_PIN) {
        open_account(k);
    } else {
        k->page = KIOSK_VALUE_SURE;
    }
}

static void field_key(struct kiosk *k, uint32_t key)
{
    char *field = field_of(k);
    size_t len = strlen(field);
    if (key == K_ENTER || key == '+') {
        field_done(k);
    } else if (key == K_BACKSPACE || key == '*') {
        if (len == 0) {
            field_done(k);
        } else {
            field[len - 1] = '\0';
        }
    } else if (field_takes(k, key) && len < KIOSK_FIELD_MAX) {
        field[len] = (char)key;
        field[len + 1] = '\0';
    }
}

static void start_key(struct kiosk *k, uint32_t key)
{
    if (key == '1') {
        k->page = KIOSK_NUMBER;
    } else if (key == '8') {
        k->big = !k->big;
    } else if (key == '9') {
        i18n_switch(strcmp(i18n_lang(), "es") == 0 ? "en" : "es");
    }
}

static void menu_key(struct kiosk *k, uint32_t key)
{
    switch (key) {
    case '1':
        list_go(k, KIOSK_METERS, k->model->meters);
        break;
    case '2':
        list_go(k, KIOSK_BILLS, k->model->bills);
        break;
    case '3':
        list_go(k, KIOSK_RECEIPTS, k->model->receipts);
        break;
    case '4':
        if (k->who.readings) {
            list_go(k, KIOSK_READ, k->model->meters);
        }
        break;
    case '5':
        if (k->who.disputes) {
            list_go(k, KIOSK_DISPUTED, k->model->bills);
        }
        break;
    case '8':
        k->big = !k->big;
        break;
    default:
        break;
    }
}

static void item_chosen(struct kiosk *k)
{
    struct err e = ERR_INIT;
    switch (k->page) {
    case KIOSK_METERS:
        memset(&k->use, 0, sizeof k->use);
        go(k, KIOSK_USE, k->model->use(k->model->ctx, k->chosen.id, &k->use, &e), &e);
        break;
    case KIOSK_BILLS:
        text_go(k, KIOSK_BILL);
        break;
    case KIOSK_RECEIPTS:
        text_go(k, KIOSK_RECEIPT);
        break;
    case KIOSK_READ:
        k->value[0] = '\0';
        k->page = KIOSK_VALUE;
        break;
    case KIOSK_DISPUTED:
        k->page = KIOSK_REASON;
        break;
    case KIOSK_START:
    case KIOSK_NUMBER:
    case KIOSK_PIN:
    case KIOSK_MENU:
    case KIOSK_USE:
    case KIOSK_BILL:
    case KIOSK_RECEIPT:
    case KIOSK_VALUE:
    case KIOSK_VALUE_SURE:
    case KIOSK_REASON:
    case KIOSK_REASON_SURE:
    case KIOSK_DONE:
    case KIOSK_PAGES:
        break;
    }
}

static void text_key(struct kiosk *k, uint32_t key)
{
    if (key == '2' || key == K_DOWN || key == K_PGDN || key == K_ENTER) {
        int lines = 0;
        for (const char *s = k->text; *s != '\0'; s++) {
            lines += *s == '\n' ? 1 : 0;
        }
        k->top += k->top + 8 < lines ? 8 : 0;
    } else if (key == '8' || key == K_UP || key == K_PGUP) {
        k->top -= k->top >= 8 ? 8 : k->top;
    } else if (key == '5' && k->page == KIOSK_RECEIPT) {
        print_receipt(k);
    }
}

static bool is_field(enum kiosk_page page)
{
    return page == KIOSK_NUMBER || page == KIOSK_PIN || page == KIOSK_VALUE;
}

/* A key of a page that shows something of an account: 0 goes back to the menu. */
static void account_key(struct kiosk *k, uint32_t key)
{
    if (key == '0' || key == K_ESC) {
        k->page = KIOSK_MENU;
    } else if (k->page == KIOSK_BILL || k->page == KIOSK_RECEIPT) {
        text_key(k, key);
    } else if (k->page == KIOSK_REASON && key >= '1' && key < '1' + REASONS) {
        k->reason = (int)(key - '1');
        k->page = KIOSK_REASON_SURE;
    } else if (k->page == KIOSK_REASON_SURE && key == '1') {
        give_dispute(k);
    } else if (k->page == KIOSK_VALUE_SURE && key == '1') {
        give_reading(k);
    } else if (key >= '1' && key < '1' + k->list.count) {
        k->chosen = k->list.items[key - '1'];
        item_chosen(k);
    }
}

bool kiosk_key(struct kiosk *k, uint32_t key)
{
    bool opened = k->opened;
    k->touched_ms = k->now_ms;
    if (k->page == KIOSK_START) {
        start_key(k, key);
    } else if (k->page == KIOSK_DONE) {
        if (opened) {
            k->page = KIOSK_MENU;
        } else {
            kiosk_wipe(k);
        }
    } else if (is_field(k->page)) {
        field_key(k, key);
        if (k->page == KIOSK_START) {
            kiosk_wipe(k);
        }
    } else if (k->page == KIOSK_MENU && (key == '0' || key == K_ESC)) {
        kiosk_wipe(k);
    } else if (k->page == KIOSK_MENU) {
        menu_key(k, key);
    } else {
        account_key(k, key);
    }
    return opened && !k->opened;
}

/* ---- time ---------------------------------------------------------------------------------
 */

bool kiosk_tick(struct kiosk *k, int64_t now_ms)
{
    bool shown = k->page != KIOSK_START || !is_as_started(k);
    k->now_ms = now_ms;
    if (!shown) {
        k->touched_ms = now_ms;
    } else if (now_ms - k->touched_ms >= KIOSK_IDLE_MS) {
        kiosk_wipe(k);
        k->big = k->first_big;
        i18n_switch(k->first_lang);
        return true;
    }
    return false;
}

int kiosk_warning(const struct kiosk *k)
{
    int64_t left = KIOSK_IDLE_MS - (k->now_ms - k->touched_ms);
    return k->page != KIOSK_START && left <= KIOSK_WARN_MS && left > 0
               ? (int)((left + 999) / 1000)
               : 0;
}
