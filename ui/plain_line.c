#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "ui/plain.h"

/* ---- what is said ---- */

/* Lines of boxes say nothing to who hears them. */
static bool is_line_of_box(const struct cell *c, bool ascii)
{
    uint32_t cp = 0;
    size_t len = strlen(c->text);

    if (len == 0 || utf8_decode(c->text, len, &cp) == 0) {
        return false;
    }
    return (cp >= 0x2500 && cp <= 0x257f) ||
           (ascii && (c->attr & ATTR_MASK) == ATTR_BOX && strchr("+-|", (int)cp) != NULL);
}

bool plain_line(const struct frame *f, int row, char out[PLAIN_LINE_MAX])
{
    size_t len = 0;
    int blanks = 0;

    for (int column = 0; column < f->columns; column++) {
        const struct cell *c = frame_at(f, row, column);
        size_t used = strlen(c->text);

        if (c->width == 0) {
            continue;
        }
        if (strcmp(c->text, " ") == 0 || used == 0 || is_line_of_box(c, f->ascii)) {
            blanks++;
            continue;
        }
        if (len + used + 4 > PLAIN_LINE_MAX) {
            break;
        }
        if (len > 0 && blanks > 0) {
            memcpy(out + len, blanks > 1 ? " | " : " ", blanks > 1 ? 3 : 1);
            len += blanks > 1 ? 3 : 1;
        }
        blanks = 0;
        memcpy(out + len, c->text, used);
        len += used;
    }
    out[len] = '\0';
    return len > 0;
}

static bool said_grow(struct plain_said *said, int rows)
{
    if (said->lines != NULL && said->rows == rows) {
        return true;
    }
    plain_said_release(said);
    said->lines = mem_array((size_t)rows, sizeof(*said->lines));
    if (said->lines == NULL) {
        return false;
    }
    memset(said->lines, 0, (size_t)rows * sizeof(*said->lines));
    said->rows = rows;
    return true;
}

enum err_code plain_say(struct plain_said *said, const struct frame *f, FILE *out,
                        struct err *e)
{
    char line[PLAIN_LINE_MAX];

    if (!said_grow(said, f->rows)) {
        return err_nomem(e);
    }
    for (int row = 0; row < f->rows; row++) {
        bool any = plain_line(f, row, line);

        if (any && strcmp(line, said->lines[row]) != 0) {
            (void)fprintf(out, "%2d  %s\n", row, line);
        }
        memcpy(said->lines[row], line, sizeof(line));
    }
    if (f->cursor_row >= 0 && plain_line(f, f->cursor_row, line)) {
        (void)fprintf(out, _("At %d: %s\n"), f->cursor_row, line);
    }
    (void)fprintf(out, "> ");
    return fflush(out) == 0 ? ERR_OK : err_errno(e, "%s", _("cannot write"));
}

void plain_said_release(struct plain_said *said)
{
    mem_free(said->lines);
    *said = (struct plain_said){0};
}

/* ---- what is typed ---- */

/* A key by the name that stands on the bar, whatever the case: "f2", "esc", "ctrl+l"; or a
 * character. */
static uint32_t key_named(const char *name)
{
    uint32_t cp = 0;
    size_t len = strlen(name);
    char label[KEY_NAME_MAX];

    for (uint32_t key = K_ENTER; key < K_LAST; key++) {
        key_label(key, label);
        if (strcasecmp(label, name) == 0) {
            return key;
        }
    }
    key_label(' ', label);
    if (strcasecmp(label, name) == 0) {
        return ' ';
    }
    if (strncasecmp(name, "ctrl+", 5) == 0 && name[5] >= 'a' && name[5] <= 'z' &&
        name[6] == '\0') {
        return K_CTRL | (uint32_t)name[5];
    }
    return len > 0 && utf8_decode(name, len, &cp) == len && key_is_text(cp) ? cp : K_NONE;
}

static bool read_row(const char *digits, int *row)
{
    size_t len = strspn(digits, "0123456789");

    if (len == 0 || len > 3 || digits[len] != '\0') {
        return false;
    }
    *row = 0;
    for (size_t i = 0; i < len; i++) {
        *row = *row * 10 + (digits[i] - '0');
    }
    return true;
}

static bool is_one_character(const char *line)
{
    uint32_t key = key_named(line);

    return key != K_NONE && key < K_ENTER;
}

/* Text of a field that begins with a point and is no key: ".5", "./photo.jpg", "../photo.jpg".
 */
static bool is_pointed_text(const char *line)
{
    const char *rest = line + strspn(line, ".");

    return rest - line <= 2 &&
           ((rest - line == 1 && *rest >= '0' && *rest <= '9') || *rest == '/');
}

struct plain_input plain_read(const char *line, bool typing)
{
    struct plain_input in = {.kind = PLAIN_TEXT};
    bool finds = line[0] == '/' || line[0] == ':' || line[0] == '?';

    if (line[0] == '\0') {
        return (struct plain_input){.kind = PLAIN_KEY, .key = K_ENTER};
    }
    if (line[0] == '#' && read_row(line + 1, &in.row)) {
        in.kind = PLAIN_GO;
    } else if (!typing && read_row(line, &in.row)) {
        in.kind = PLAIN_GO;
    } else if (strcmp(line, ".") == 0) {
        in.kind = PLAIN_AGAIN;
    } else if (strcmp(line, "..") == 0) {
        in.kind = PLAIN_HELP;
    } else if (line[0] == '.' && !(typing && is_pointed_text(line))) {
        in.key = key_named(line + 1);
        in.kind = in.key != K_NONE ? PLAIN_KEY : PLAIN_WRONG;
    } else if (!typing && !finds && !is_one_character(line)) {
        in.kind =
            PLAIN_WRONG; /* a word is no row of keys: each letter might record something */
    }
    return in;
}
