/* One screen of made-up rows, drawn by the console's terminal and by bare ncurses: each draws,
 * draws everything once more at "r", and ends at "q". */
#ifndef AFORO_TESTS_BENCH_CONSOLE_LIMIT_H
#define AFORO_TESTS_BENCH_CONSOLE_LIMIT_H

int console_limit_ours(void *ctx);
int console_limit_bare(void *ctx);

#endif
