/* What is copied goes where other programs find it. */
#ifndef AFORO_UI_COPY_H
#define AFORO_UI_COPY_H

/* Inside tmux into its newest buffer; and, where the user has a private folder in memory
 * (XDG_RUNTIME_DIR), into the file aforo-copy there, mode 0600. Terminals get it by
 * term_copy(). text: what fits a pipe, 4 KiB. */
void copy_beside(const char *text);

#endif
