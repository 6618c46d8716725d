#include <config.h>

#include "tests/bench/console_limit.h"

#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ui/key.h"
#include "ui/term.h"

#define LINE 400

static void line_of(int row, char out[LINE])
{
    (void)snprintf(
        out, LINE,
        "M-%07d  Calle de la Constitución %4d, 2.º B     10/06/25    %6d,0  ● OK       "
        "leer     R-%05d   4%09d  C. %d",
        row * 7919, row * 31, row * 977, row, row * 13, row);
}

static void fill_frame(struct frame *f)
{
    char line[LINE];
    frame_clear(f);
    for (int row = 0; row < f->rows; row++) {
        line_of(row, line);
        (void)frame_text(f, row, 0, f->columns, row == 0 ? ATTR_HEADER : ATTR_NORMAL, line);
    }
    frame_cursor(f, 3, 0);
}

int console_limit_ours(void *ctx)
{
    struct terminal *t = NULL;
    struct frame f;
    struct err e = ERR_INIT;
    struct term_input in = {0};
    int rows = 0;
    int columns = 0;
    (void)ctx;
    (void)setlocale(LC_ALL, "C.UTF-8");
    frame_init(&f);
    if (term_open(&t, "mono", TERM_CHARSET_UTF8, &e) != ERR_OK) {
        return 1;
    }
    term_size(t, &rows, &columns);
    if (frame_resize(&f, rows, columns, &e) != ERR_OK) {
        return 1;
    }
    term_resize(t, rows, columns);
    while (in.key != 'q') {
        struct pollfd fd = {term_fd(t), POLLIN, 0};
        fill_frame(&f);
        term_draw(t, &f);
        (void)poll(&fd, 1, 10000);
        if (!term_next(t, &in)) {
            break;
        }
        term_redraw(t);
    }
    term_close(t);
    frame_release(&f);
    return 0;
}

int console_limit_bare(void *ctx)
{
    char line[LINE];
    int key = 0;
    (void)ctx;
    (void)setlocale(LC_ALL, "C.UTF-8");
    if (initscr() == NULL) {
        return 1;
    }
    (void)raw();
    (void)noecho();
    (void)keypad(stdscr, TRUE);
    while (key != 'q' && key != ERR) {
        for (int row = 0; row < LINES; row++) {
            line_of(row, line);
            (void)attrset(row == 0 ? A_BOLD : A_NORMAL);
            (void)mvaddstr(row, 0, line);
        }
        (void)move(3, 0);
        (void)refresh();
        timeout(10000);
        key = getch();
        (void)clearok(stdscr, TRUE);
    }
    (void)endwin();
    return 0;
}
