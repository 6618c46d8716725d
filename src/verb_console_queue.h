/* The queue of held readings and open alerts as a list of the console. */
#ifndef AFORO_VERB_CONSOLE_QUEUE_H
#define AFORO_VERB_CONSOLE_QUEUE_H

#include "verb_console.h"

/* model.list and model.list_detail: the queue, and all others. */
const struct rowsource *bound_any_list(void *ctx, const char *name);
enum err_code bound_any_detail(void *ctx, const char *name, int64_t id, struct list_detail *out,
                               struct err *e) MUST_CHECK;
enum err_code bound_any_goals(void *ctx, const char *name, int64_t id,
                              struct list_goal out[LIST_LINKS_MAX], size_t *count,
                              struct err *e) MUST_CHECK;
void bound_queue_close(void);

#endif
