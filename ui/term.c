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

/* What ncurses makes of the cells drawn lately: the same few hundred come again and again. */
#define LOOKS 512u
struct look {
    struct cell cell; /* of zeros: none */
    cchar_t drawn;
};

struct terminal {
    SCREEN *screen;
    const struct theme *theme;
    bool ascii;
    bool colours;       /* the terminal has them */
    bool many;          /* 256 of them */
    bool redraw;        /* whatever the terminal shows is to be drawn again */
    struct frame shown; /* what the terminal shows */
    struct look looks[LOOKS];
    cchar_t run[FRAME_COLUMNS_MAX];
    struct key_decoder decoder;
    int64_t last_byte_ms;
    struct paste paste;
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
    (void)typeahead(-1); /* a frame goes out whole: no looks for keys while it is made */
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

enum err_code term_open(struct terminal **out, const char *theme, enum term_charset charset,
                        struct err *e)
{
    struct terminal *t = NULL;
    struct termios before;
    enum err_code rc = check_terminal(e);

    *out = NULL;
    if (rc == ERR_OK) {
        rc = theme_check(theme, e);
    }
    if (rc != ERR_OK) {
        return rc;
    }
    t = mem_alloc(sizeof(*t));
    if (t == NULL) {
        return err_nomem(e);
    }
    frame_init(&t->shown);
    t->theme = theme_choose(theme);
    t->ascii =
        charset == TERM_CHARSET_AUTO ? !glyph_utf8_asked() : charset == TERM_CHARSET_ASCII;
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
    explicit_bzero(&t->paste, sizeof(t->paste));
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
    t->redraw = true;
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
    t->paste.on = false;
    in->key = K_NONE;
    in->text = t->paste.text;
    in->len_bytes = t->paste.len_bytes;
    return true;
}

/* What a whole key means now; true when it is for the console. */
static bool take_key(struct terminal *t, uint32_t key, struct term_input *in)
{
    if (key == KEY_PASTE_BEGIN) {
        t->paste.on = true;
        t->paste.len_bytes = 0;
        return false;
    }
    if (key == KEY_PASTE_END) {
        return t->paste.on && end_paste(t, in);
    }
    if (t->paste.on) {
        paste_add(&t->paste, key);
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
    return t->paste.on && idle_ms >= PASTE_IDLE_MS && end_paste(t, in); /* its end was lost */
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
    return t->paste.on ? PASTE_IDLE_MS + 5 : -1;
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

static void make_look(const struct terminal *t, const struct cell *c, cchar_t *out)
{
    wchar_t wide[4] = {0};
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
    if (setcchar(out, wide, flags, pair, NULL) != OK) {
        (void)setcchar(out, L" ", flags, pair, NULL);
    }
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static const cchar_t *look_of(struct terminal *t, const struct cell *c)
{
    uint64_t half[2];
    struct look *l;

    memcpy(half, c, sizeof(half));
    l = &t->looks[(half[0] * 0x9e3779b97f4a7c15u ^ half[1] * 0xc2b2ae3d27d4eb4fu) >> 55];
    if (!same_cell(&l->cell, c)) {
        l->cell = *c;
        make_look(t, c, &l->drawn);
    }
    return &l->drawn;
}

/* What differs of a row: narrow characters by the run, wide ones each at its place. */
static void draw_row(struct terminal *t, int row, const struct cell *now,
                     const struct cell *shown)
{
    int columns = t->shown.columns;
    int column = 0;

    while (column < columns) {
        int first = column;

        while (column < columns && now[column].width == 1 &&
               !same_cell(&now[column], &shown[column])) {
            t->run[column - first] = *look_of(t, &now[column]);
            column++;
        }
        if (column > first) {
            (void)mvadd_wchnstr(row, first, t->run, column - first);
            continue;
        }
        if (now[column].width > 1 && !same_cell(&now[column], &shown[column])) {
            (void)mvadd_wch(row, column, look_of(t, &now[column]));
        }
        column++;
    }
}

void term_draw(struct terminal *t, const struct frame *f)
{
    size_t columns = (size_t)f->columns;
    bool changed = t->redraw || f->cursor_row != t->shown.cursor_row ||
                   f->cursor_column != t->shown.cursor_column;

    if (f->rows != t->shown.rows || f->columns != t->shown.columns) {
        return; /* drawn for a size that is no more; a resize is on its way */
    }
    for (int row = 0; row < f->rows; row++) {
        const struct cell *now = &f->cells[(size_t)row * columns];
        struct cell *shown = &t->shown.cells[(size_t)row * columns];

        if (memcmp(now, shown, columns * sizeof(*now)) != 0) {
            draw_row(t, row, now, shown);
            memcpy(shown, now, columns * sizeof(*now));
            changed = true;
        }
    }
    if (!changed) {
        return;
    }
    if (f->cursor_row >= 0) {
        (void)move(f->cursor_row, f->cursor_column);
    }
    (void)curs_set(f->cursor_row >= 0 ? 1 : 0);
    (void)refresh();
    t->shown.cursor_row = f->cursor_row;
    t->shown.cursor_column = f->cursor_column;
    t->redraw = false;
}

bool term_set_theme(struct terminal *t, const char *name)
{
    int index = theme_find(name);

    if (index < 0) {
        return false;
    }
    t->theme = &themes[index];
    memset(t->looks, 0, sizeof(t->looks));
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
