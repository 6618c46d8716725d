/* A list to choose from by typing: what the help page and the palette of commands have in
 * common. Every word that is typed must be found: in the name, the title, other words for it or
 * its help; case and accents aside. Where it is found says which stands first. */
#ifndef AFORO_UI_WIDGET_PICKER_H
#define AFORO_UI_WIDGET_PICKER_H

#include "ui/lineedit.h"
#include "ui/screen.h"

#define PICKER_ITEMS_MAX 384u
#define PICKER_LEFT_MAX 48u
#define PICKER_TEXT_MAX 256u /* of what is shown */

struct picker_words {
    const char *text; /* folded, parted by blanks */
    size_t len_bytes;
};

struct picker_item {
    char left[PICKER_LEFT_MAX];   /* key, value or name; shown and searched */
    bool named;                   /* left is its name on the command line: beside the text */
    const char *text;             /* msgid: what it does; shown translated and searched */
    const char *help;             /* msgid: searched for whole words; NULL: there is none */
    struct picker_words words[2]; /* other words for it, borrowed: of this language first */
    bool when_typed;              /* shown only when something was typed */
    int kind;                     /* the owner's */
    size_t index;                 /* the owner's */
};

struct picker {
    struct lineedit query;
    struct picker_item items[PICKER_ITEMS_MAX];
    size_t count;
    size_t matching[PICKER_ITEMS_MAX]; /* those that match, the best first */
    size_t match_count;
    size_t selected; /* among those that match */
};

void picker_init(struct picker *p);
/* Append an item, to be filled further with help and words before the next one is added. Beyond
 * PICKER_ITEMS_MAX it is left out, and what is filled in goes nowhere. */
struct picker_item *picker_add(struct picker *p, const char *left, const char *text, int kind,
                               size_t index);
/* An item that is found by typing alone. */
struct picker_item *picker_add_hidden(struct picker *p, const char *left, const char *text,
                                      int kind, size_t index);
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
