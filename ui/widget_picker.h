/* A list to choose from by typing: what the help page and the palette of commands have in
 * common. */
#ifndef AFORO_UI_WIDGET_PICKER_H
#define AFORO_UI_WIDGET_PICKER_H

#include "ui/lineedit.h"
#include "ui/screen.h"

#define PICKER_ITEMS_MAX 256u
#define PICKER_LEFT_MAX 48u

struct picker_item {
    char left[PICKER_LEFT_MAX]; /* key or name; shown and searched */
    const char *text;           /* msgid: what it does; shown translated and searched */
    int kind;                   /* the owner's */
    size_t index;               /* the owner's */
};

struct picker {
    struct lineedit query;
    struct picker_item items[PICKER_ITEMS_MAX];
    size_t count;
    size_t selected; /* among those that match */
};

void picker_init(struct picker *p);
/* Append an item; beyond PICKER_ITEMS_MAX it is left out. */
void picker_add(struct picker *p, const char *left, const char *text, int kind, size_t index);
/* Editing and moving. Returns true when the key was one of these; Enter and Esc are the
 * owner's. */
bool picker_key(struct picker *p, uint32_t key);
void picker_paste(struct picker *p, const char *s, size_t len_bytes);
/* The chosen item, or NULL when nothing matches. */
const struct picker_item *picker_chosen(const struct picker *p);
/* First line: prompt and what was typed; below it the items that match. */
void picker_render(const struct picker *p, struct frame *f, struct rect area,
                   const char *prompt);

#endif
