/* What is copied goes where other programs find it. */
#ifndef AFORO_UI_COPY_H
#define AFORO_UI_COPY_H

/* To the clipboard of the terminal on standard output (OSC 52), where TERM is of a kind that
 * has one: others print what they do not know. */
void copy_to_terminal(const char *text);
/* Inside tmux into its newest buffer; and, where the user has a private folder in memory
 * (XDG_RUNTIME_DIR), into the file aforo-copy there, mode 0600.
 * text: what fits a pipe, 4 KiB. */
void copy_beside(const char *text);

#endif
