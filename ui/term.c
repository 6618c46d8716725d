#include <config.h>

#include "ui/term.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <curses.h>
#include <term.h>
#undef columns /* term.h takes these words for capabilities */
#undef lines

#include "base/arena.h"
#include "base/env.h"
#include "base/i18n.h"
#include "base/text.h"
#include "ui/key.h"
#include "ui/rescue.h"
#include "ui/term_keys.h"

#define PASTE_IDLE_MS 1000
#define SEQUENCE_IDLE_MS 40

struct terminal {
    SCREEN *screen;
    const struct theme *theme;
    bool ascii;
    bool colours;       /* the terminal has them */
    bool many;          /* 256 of them */
    struct frame shown; /* what the terminal shows */
    struct key_decoder decoder;
    int64_t last_byte_ms;
    bool pasting;
    char paste[TERM_PASTE_MAX];
    size_t paste_len;
};

/* ---- leaving the terminal as it was found ---- */

/* Append a capability without its padding ("$<2>"). */
static size_t add_cap(char out[RESCUE_MAX], size_t len, const char *name)
{
    const char *cap = tigetstr(name);

    if (cap == NULL || cap == (const char *)-1) {
        return len;
    }
    while (*cap != '\0' && len < RESCUE_MAX) {
        if (cap[0] == '$' && cap[1] == '<' && strchr(cap, '>') != NULL) {
            cap = strchr(cap, '>') + 1;
            continue;
        }
        out[len++] = *cap++;
    }
    return len;
}

static void prepare_rescue(const struct termios *before)
{
    static const char *const names[] = {"BD", "rmkx", "sgr0", "cnorm", "rmcup"};
    char bytes[RESCUE_MAX];
    size_t len = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        len = add_cap(bytes, len, names[i]);
    }
    rescue_begin(bytes, len, before);
}

/* An extended capability, sent if the terminal has it. */
static void send_cap(const char *name)
{
    const char *cap = tigetstr(name);

    if (cap != NULL && cap != (const char *)-1) {
        (void)putp(cap);
        (void)fflush(stdout);
    }
}

/* ---- opening ---- */

static bool is_utf8(enum term_charset charset)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    if (charset != TERM_CHARSET_AUTO) {
        return charset == TERM_CHARSET_UTF8;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0') {
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
        }
    }
    return false;
}

static const struct theme *choose_theme(const char *name)
{
    const char *no_color = getenv("NO_COLOR"); /* no-color.org */
    int index = theme_find(name == NULL ? "default" : name);

    if (name == NULL && no_color != NULL && no_color[0] != '\0') {
        index = theme_find("mono");
    }
    return &themes[index < 0 ? 0 : index];
}

static void set_modes(void)
{
    (void)raw();
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)meta(stdscr, TRUE);
    (void)intrflush(stdscr, FALSE);
    (void)set_escdelay(25);
}

/* One pair an attribute, and one for its cells in the selected row. */
static void set_colours(struct terminal *t)
{
    const struct style *over = &t->theme->selected;

    bkgdset(' ');
    if (!t->colours || !t->theme->colour) {
        return;
    }
    for (int i = 0; i < ATTR_COUNT; i++) {
        const struct style *s = &t->theme->styles[i];
        short fg = t->many ? s->fg : s->fg8;
        short bg = t->many ? s->bg : s->bg8;
        short over_bg = t->many ? over->bg : over->bg8;

        (void)init_pair((short)(i + 1), fg, bg);
        (void)init_pair((short)(i + 1 + ATTR_COUNT), fg,
                        over_bg == COLOUR_DEFAULT ? bg : over_bg);
    }
    bkgdset((chtype)COLOR_PAIR(ATTR_NORMAL + 1) | ' '); /* what erase() leaves */
}

/* Until it has once been suspended, ncurses 6 sends what it has after each move of the cursor:
 * a dozen writes a frame, and the terminal draws it in as many steps. After endwin() and
 * refresh() it keeps a frame together. Before start_color(), or it would reset the terminal's
 * palette. */
static void write_whole_frames(void)
{
    (void)endwin();
    (void)refresh();
}

static enum err_code check_terminal(struct err *e)
{
    const char *name = getenv("TERM");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return err_set(
            e, ERR_STATE, "%s",
            _("The console needs a terminal. Without one, use the commands: aforo help"));
    }
    if (name == NULL || name[0] == '\0') {
        return err_set(
            e, ERR_UNSUPPORTED, "%s",
            _("TERM is not set. Say which terminal this is, for example: TERM=xterm aforo; or "
              "work line by line: aforo console --plain"));
    }
    return ERR_OK;
}

/* Look the terminal up before ncurses does, which would not give its memory back on failure. */
static enum err_code start_curses(struct terminal *t, struct err *e)
{
    const char *name = getenv("TERM");
    int found = 0;
    bool places;

    if (setupterm(NULL, STDOUT_FILENO, &found) != OK) {
        return err_set(e, ERR_UNSUPPORTED,
                       _("The terminal \"%s\" is not known on this machine. Name one that is, "
                         "for example: TERM=vt100 aforo; or work line by line: aforo console "
                         "--plain"),
                       name);
    }
    places = cursor_address != NULL;
    (void)del_curterm(cur_term);
    if (!places) {
        return err_set(
            e, ERR_UNSUPPORTED,
            _("The terminal \"%s\" cannot place the cursor. Name a better one if it "
              "is one, for example: TERM=vt100 aforo; or work line by line: aforo console "
              "--plain"),
            name);
    }
    t->screen = newterm(NULL, stdout, stdin);
    if (t->screen == NULL) {
        return err_nomem(e);
    }
    write_whole_frames();
    return ERR_OK;
}

/* A theme that was asked for by name has to be one. */
static enum err_code check_theme(const char *name, struct err *e)
{
    if (name != NULL && theme_find(name) < 0) {
        return err_set(e, ERR_USAGE,
                       _("There is no theme \"%s\"; there are default, dark, light and mono."),
                       name);
    }
    return ERR_OK;
}

enum err_code term_open(struct terminal **out, const char *theme, enum term_charset charset,
                        struct err *e)
{
    struct terminal *t = NULL;
    struct termios before;
    enum err_code rc = check_terminal(e);

    *out = NULL;
    if (rc == ERR_OK) {
        rc = check_theme(theme, e);
    }
    if (rc != ERR_OK) {
        return rc;
    }
    t = mem_alloc(sizeof(*t));
    if (t == NULL) {
        return err_nomem(e);
    }
    frame_init(&t->shown);
    t->theme = choose_theme(theme);
    t->ascii = !is_utf8(charset);
    (void)tcgetattr(STDIN_FILENO, &before); /* newterm() changes them already */
    rc = start_curses(t, e);
    if (rc == ERR_OK) {
        rc = frame_resize(&t->shown, LINES, COLS, e);
    }
    if (rc != ERR_OK) {
        term_close(t);
        return rc;
    }
    prepare_rescue(&before);
    set_modes();
    t->colours = has_colors() && start_color() == OK;
    t->many = t->colours && COLORS >= 256;
    if (t->colours) {
        (void)use_default_colors();
        set_colours(t);
    }
    send_cap("BE");
    term_redraw(t);
    *out = t;
    return ERR_OK;
}

void term_close(struct terminal *t)
{
    if (t == NULL) {
        return;
    }
    if (t->screen != NULL) {
        send_cap("BD");
        (void)endwin();
        delscreen(t->screen);
        rescue_end();
    }
    frame_release(&t->shown);
    explicit_bzero(t->paste, sizeof(t->paste));
    mem_free(t);
}

/* ---- size ---- */

int term_fd(const struct terminal *t)
{
    (void)t;
    return STDIN_FILENO;
}

bool term_ascii(const struct terminal *t)
{
    return t->ascii;
}

void term_size(const struct terminal *t, int *rows, int *columns)
{
    struct winsize size;

    (void)t;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        *rows = size.ws_row < FRAME_ROWS_MAX ? size.ws_row : FRAME_ROWS_MAX;
        *columns = size.ws_col < FRAME_COLUMNS_MAX ? size.ws_col : FRAME_COLUMNS_MAX;
    } else {
        *rows = LINES;
        *columns = COLS;
    }
}

void term_redraw(struct terminal *t)
{
    (void)clearok(curscr, TRUE);
    (void)erase();
    frame_clear(&t->shown);
}

void term_resize(struct terminal *t, int rows, int columns)
{
    (void)resizeterm(rows, columns);
    if (frame_resize(&t->shown, rows, columns, NULL) == ERR_OK) {
        term_redraw(t);
    }
}

/* ---- keys ---- */

/* A key that ncurses knew from the terminal's description. */
static uint32_t curses_key(int code)
{
    static const struct {
        int code;
        uint32_t key;
    } keys[] = {
        {KEY_UP, K_UP},        {KEY_DOWN, K_DOWN},  {KEY_LEFT, K_LEFT},
        {KEY_RIGHT, K_RIGHT},  {KEY_HOME, K_HOME},  {KEY_END, K_END},
        {KEY_PPAGE, K_PGUP},   {KEY_NPAGE, K_PGDN}, {KEY_BACKSPACE, K_BACKSPACE},
        {KEY_DC, K_DELETE},    {KEY_IC, K_INSERT},  {KEY_ENTER, K_ENTER},
        {KEY_BTAB, K_BACKTAB}, {KEY_A1, K_HOME},    {KEY_A3, K_PGUP},
        {KEY_C1, K_END},       {KEY_C3, K_PGDN},    {KEY_SF, K_DOWN},
        {KEY_SR, K_UP},
    };

    if (code >= KEY_F(1) && code <= KEY_F(12)) {
        return K_F1 + (uint32_t)(code - KEY_F(1));
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].code == code) {
            return keys[i].key;
        }
    }
    return K_NONE;
}

static bool end_paste(struct terminal *t, struct term_input *in)
{
    t->pasting = false;
    in->key = K_NONE;
    in->text = t->paste;
    in->len_bytes = t->paste_len;
    return true;
}

/* Inside a paste everything is text; what passes the limit is dropped. */
static void add_paste(struct terminal *t, uint32_t key)
{
    char bytes[4];
    size_t used;

    if (key == K_ENTER || key == K_TAB) {
        key = key == K_ENTER ? '\n' : '\t';
    }
    if (key == K_NONE || key > 0x10ffff) {
        return;
    }
    used = utf8_encode(key, bytes);
    if (t->paste_len + used <= TERM_PASTE_MAX) {
        memcpy(t->paste + t->paste_len, bytes, used);
        t->paste_len += used;
    }
}

/* What a whole key means now; true when it is for the console. */
static bool take_key(struct terminal *t, uint32_t key, struct term_input *in)
{
    if (key == KEY_PASTE_BEGIN) {
        t->pasting = true;
        t->paste_len = 0;
        return false;
    }
    if (key == KEY_PASTE_END) {
        return t->pasting && end_paste(t, in);
    }
    if (t->pasting) {
        add_paste(t, key);
        return false;
    }
    in->key = key;
    return key != K_NONE;
}

/* No byte waits: is something unfinished overdue? */
static bool take_idle(struct terminal *t, struct term_input *in)
{
    uint32_t key;
    int64_t idle_ms = monotonic_ms() - t->last_byte_ms;

    if (t->decoder.count > 0 && idle_ms >= SEQUENCE_IDLE_MS &&
        key_decode_idle(&t->decoder, &key) && take_key(t, key, in)) {
        return true;
    }
    return t->pasting && idle_ms >= PASTE_IDLE_MS && end_paste(t, in); /* its end was lost */
}

static bool take_mouse(struct term_input *in);

bool term_next(struct terminal *t, struct term_input *in)
{
    int code;

    memset(in, 0, sizeof(*in));
    while ((code = getch()) != ERR) {
        uint32_t key;

        if (code == KEY_RESIZE) { /* told by the signal; a key that began stays begun */
            continue;
        }
        if (code == KEY_MOUSE) {
            if (take_mouse(in)) {
                return true;
            }
            continue;
        }
        t->last_byte_ms = monotonic_ms();
        if (code > 0xff && key_decode_idle(&t->decoder, &key)) { /* Esc, and at once a key */
            (void)ungetch(code);
        } else if (code > 0xff) {
            key = curses_key(code);
        } else if (!key_decode(&t->decoder, (unsigned char)code, &key)) {
            continue;
        }
        if (take_key(t, key, in)) {
            return true;
        }
    }
    return take_idle(t, in);
}

int term_timeout_ms(const struct terminal *t)
{
    if (t->decoder.count > 0) {
        return SEQUENCE_IDLE_MS + 5;
    }
    return t->pasting ? PASTE_IDLE_MS + 5 : -1;
}

/* ---- drawing ---- */

static void style_of(const struct terminal *t, unsigned attr, attr_t *flags, short *pair)
{
    bool selected = (attr & ATTR_SELECTED) != 0;
    unsigned index = (attr & ATTR_MASK) < ATTR_COUNT ? attr & ATTR_MASK : ATTR_NORMAL;
    unsigned wanted =
        t->theme->styles[index].flags | (selected ? t->theme->selected.flags : 0u);

    *flags = A_NORMAL;
    *flags |= (wanted & STYLE_BOLD) != 0 ? A_BOLD : A_NORMAL;
    *flags |= (wanted & STYLE_UNDERLINE) != 0 ? A_UNDERLINE : A_NORMAL;
    *flags |= (wanted & STYLE_REVERSE) != 0 ? A_REVERSE : A_NORMAL;
    *pair = 0;
    if (t->colours && t->theme->colour) {
        *pair = (short)(index + 1 + (selected ? ATTR_COUNT : 0));
    } else if (t->theme->colour && selected) { /* a colour theme where there are no colours */
        *flags |= A_REVERSE;
    }
}

static void draw_cell(const struct terminal *t, int row, int column, const struct cell *c)
{
    wchar_t wide[4] = {0};
    cchar_t cc;
    attr_t flags;
    short pair;
    size_t at = 0;
    size_t len = strlen(c->text);

    for (size_t i = 0; i < 3 && at < len; i++) {
        uint32_t cp = 0;
        size_t used = utf8_decode(c->text + at, len - at, &cp);

        if (used == 0) {
            break;
        }
        wide[i] = (wchar_t)cp;
        at += used;
    }
    style_of(t, c->attr, &flags, &pair);
    if (setcchar(&cc, wide, flags, pair, NULL) == OK) {
        (void)mvadd_wch(row, column, &cc);
    }
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->attr == b->attr && a->width == b->width && strcmp(a->text, b->text) == 0;
}

void term_draw(struct terminal *t, const struct frame *f)
{
    if (f->rows != t->shown.rows || f->columns != t->shown.columns) {
        return; /* drawn for a size that is no more; a resize is on its way */
    }
    for (int row = 0; row < f->rows; row++) {
        for (int column = 0; column < f->columns; column++) {
            size_t at = (size_t)row * (size_t)f->columns + (size_t)column;
            const struct cell *c = &f->cells[at];

            if (!same_cell(c, &t->shown.cells[at])) {
                t->shown.cells[at] = *c;
                if (c->width > 0) {
                    draw_cell(t, row, column, c);
                }
            }
        }
    }
    if (f->cursor_row >= 0) {
        (void)move(f->cursor_row, f->cursor_column);
    }
    (void)curs_set(f->cursor_row >= 0 ? 1 : 0);
    (void)refresh();
}

bool term_set_theme(struct terminal *t, const char *name)
{
    int index = theme_find(name);

    if (index < 0) {
        return false;
    }
    t->theme = &themes[index];
    set_colours(t);
    term_redraw(t);
    return true;
}

/* ---- the mouse ---- */

void term_use_mouse(struct terminal *t)
{
    (void)t;
    (void)mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    (void)mouseinterval(0);
}

/* A turn of the wheel is a key, a press is a place. */
static bool take_mouse(struct term_input *in)
{
    MEVENT m;

    if (getmouse(&m) != OK) {
        return false;
    }
    if ((m.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) != 0) {
        in->key = (m.bstate & BUTTON4_PRESSED) != 0 ? K_UP : K_DOWN;
        return true;
    }
    in->click = true;
    in->row = m.y;
    return true;
}

/* ---- stopping and going on ---- */

void term_suspend(struct terminal *t)
{
    send_cap("BD");
    (void)endwin();
    (void)raise(SIGSTOP);
    term_resume(t);
}

void term_resume(struct terminal *t)
{
    (void)refresh(); /* takes the terminal again after endwin() */
    (void)reset_prog_mode();
    set_modes();
    send_cap("BE");
    term_redraw(t);
}
