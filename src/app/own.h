/* What a customer does with the own account at the kiosk: the counter's commands with the
 * account and its PIN in front (cmd_own.c). */
#ifndef AFORO_APP_OWN_H
#define AFORO_APP_OWN_H

#include "app/command.h"
#include "app/policy.h"

/* Of "reading add" and "dispute open"; run by "own reading" and "own dispute" too, whose rows
 * have the parameters that these read. */
enum err_code build_reading_add(struct command_ctx *c, struct draft *d,
                                struct err *e) MUST_CHECK;
enum err_code build_dispute_open(struct command_ctx *c, struct draft *d,
                                 struct err *e) MUST_CHECK;

/* What the office lets customers do by themselves, policy "kiosk": {"readings": true,
 * "disputes": true}. Where none was set: disputes, no readings. */
struct kiosk_policy {
    bool readings, disputes;
};
enum err_code kiosk_policy_load(struct office *o, struct kiosk_policy *out,
                                struct err *e) MUST_CHECK;
void kiosk_policy_check(const struct jnode *root);

#endif
