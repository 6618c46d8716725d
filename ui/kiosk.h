/* The public terminal, without a terminal: keys and time go in, a frame can be drawn at any
 * time. Nothing here ends it: the type has no way to say so. Digits, Enter and Backspace (or
 * the pad's
 * + and *) suffice; every other key does nothing. What was shown of an account is wiped when
 * its customer leaves, or is silent for too long. */
#ifndef AFORO_UI_KIOSK_H
#define AFORO_UI_KIOSK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "ui/cell.h"
#include "ui/key.h"

#define KIOSK_ITEMS 7u
#define KIOSK_VALUES 13u
#define KIOSK_FIELD_MAX 24u
#define KIOSK_TEXT_MAX 16384u
#define KIOSK_IDLE_MS 60000
#define KIOSK_WARN_MS 15000 /* the last of them are counted down */

struct kiosk_who {
    char account[48];
    char name[128];          /* masked */
    bool readings, disputes; /* may be given here */
    bool printer;
};

struct kiosk_item {
    int64_t id;
    char key[48]; /* a meter's serial number */
    char text[320];
};

struct kiosk_list {
    struct kiosk_item items[KIOSK_ITEMS]; /* newest first */
    size_t count;
};

struct kiosk_use {
    char title[96], unit[16];
    int64_t values[KIOSK_VALUES]; /* oldest first */
    size_t count;
    int64_t limit; /* -1: none */
    char mean[48], last[64];
    char top[48], limit_text[48]; /* the largest of them, and the limit, written */
};

/* What the kiosk asks of the office; all of it is of the account that open() opened. Calls
 * answer at once: one person waits for one answer, and keys typed meanwhile are thrown away. */
struct kiosk_model {
    void *ctx;
    const struct numfmt *format;
    const char *office;
    /* ERR_DENIED in the same words for whatever is wrong. */
    enum err_code (*open)(void *ctx, const char *number, const char *pin, struct kiosk_who *out,
                          struct err *e);
    void (*close)(void *ctx); /* forget account and PIN */
    enum err_code (*meters)(void *ctx, struct kiosk_list *out, struct err *e);
    enum err_code (*bills)(void *ctx, struct kiosk_list *out, struct err *e);
    enum err_code (*receipts)(void *ctx, struct kiosk_list *out, struct err *e);
    enum err_code (*use)(void *ctx, int64_t meter, struct kiosk_use *out, struct err *e);
    enum err_code (*bill)(void *ctx, int64_t bill, struct buf *out, struct err *e);
    enum err_code (*receipt)(void *ctx, int64_t receipt, bool ascii, struct buf *out,
                             struct err *e);
    enum err_code (*print)(void *ctx, int64_t receipt, struct err *e);
    /* message: what was done, a translated sentence. */
    enum err_code (*reading)(void *ctx, const char *serial, const char *value,
                             char message[512], struct err *e);
    enum err_code (*dispute)(void *ctx, int64_t bill, const char *reason, char message[512],
                             struct err *e);
};

enum kiosk_page {
    KIOSK_START,
    KIOSK_NUMBER,
    KIOSK_PIN,
    KIOSK_MENU,
    KIOSK_METERS, /* whose use */
    KIOSK_USE,
    KIOSK_BILLS,
    KIOSK_BILL,
    KIOSK_RECEIPTS,
    KIOSK_RECEIPT,
    KIOSK_READ, /* which meter */
    KIOSK_VALUE,
    KIOSK_VALUE_SURE,
    KIOSK_DISPUTED, /* which bill */
    KIOSK_REASON,
    KIOSK_REASON_SURE,
    KIOSK_DONE, /* a sentence */
    KIOSK_PAGES
};

struct kiosk {
    const struct kiosk_model *model;
    enum kiosk_page page;
    bool opened; /* an account is */
    bool big, ascii;
    bool first_big; /* as it was started: who comes after a silence finds it so */
    char first_lang[8];
    int64_t now_ms, touched_ms;
    char number[KIOSK_FIELD_MAX + 1], pin[KIOSK_FIELD_MAX + 1], value[KIOSK_FIELD_MAX + 1];
    struct kiosk_who who;
    struct kiosk_list list;
    struct kiosk_item chosen;
    int reason;
    struct kiosk_use use;
    char text[KIOSK_TEXT_MAX]; /* of a bill or a receipt */
    int top;                   /* first line of it that is shown */
    char message[512];         /* what was done, or why not */
    bool failed;
};

void kiosk_init(struct kiosk *k, const struct kiosk_model *m);
/* Wipe what is of an account and show the first page. */
void kiosk_wipe(struct kiosk *k);
/* Returns true when the whole screen should be sent again: an account was left. */
bool kiosk_key(struct kiosk *k, uint32_t key);
bool kiosk_tick(struct kiosk *k, int64_t now_ms);
/* Seconds until it wipes itself, where that is to be told; else 0. */
int kiosk_warning(const struct kiosk *k);
void kiosk_render(const struct kiosk *k, struct frame *f);

#endif
