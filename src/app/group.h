/* Group commit: threads of one process hand their commands to one writer, which runs as many as
 * wait in one transaction, and answers each of them once all of it is on the disk; where one of
 * them cannot be written, each gets a transaction of its own. Signing stays serial, for each
 * entry names the one before; what is shared is the wait for the disk. Source: ledger.md, An
 * entry (writers share). */
#ifndef AFORO_APP_GROUP_H
#define AFORO_APP_GROUP_H

#include "app/command.h"

#define GROUP_COMMANDS_MAX 256 /* in one commit */
#define GROUP_LOCK_MAX_MS 30   /* no further command joins a group that is at work so long */

struct group;

/* Open the office for the writer, a handle of its own, and give its log the size that it keeps.
 * Errors: those of office_open; ERR_IO where the disk has no room for that. */
enum err_code group_start(const char *dir, const struct env *env, struct group **out,
                          struct err *e) MUST_CHECK;
/* Answers what was handed in, then ends. Nobody may hand in more. NULL is fine. */
void group_stop(struct group *g);

/*
 * command_run from any thread: returns when what was recorded is durable.
 *
 * c: as for command_run, but its office is the writer's while it runs; the session is used by
 *    the writer, so it belongs to one waiting caller at a time.
 * Commands that make many entries, take a password, call a key token, or whose caller wants to
 * hear of each entry are run by themselves, in their turn: none of that belongs under the lock.
 * Errors: those of command_run; when the commit fails, all of its group get its error, and
 * nothing of it was recorded.
 */
enum err_code group_run(struct group *g, struct command_ctx *c, struct ticket *out,
                        struct err *e) MUST_CHECK;

/* Commits so far, and commands in them: how well they are shared. */
struct group_counts {
    uint64_t commits, commands;
};
struct group_counts group_counts(struct group *g);

#endif
