#include <config.h>

#include "app/cut_hold.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/collection.h"
#include "base/i18n.h"

struct held {
    int64_t cut;
    bool released; /* it was out of quarantine */
};

static enum err_code held_list(struct command_ctx *c, const char *sql, int64_t account,
                               struct held *out, size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *count = 0;
    TRY(db_query(c->office->db, &q, e, sql, VALS(V_INT(account), V_INT(CUTS_HELD_MAX))));
    enum err_code code = ERR_OK;
    while (*count < CUTS_HELD_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        out[(*count)++] = (struct held){stmt_int(q, 0), stmt_int(q, 1) != 0};
    }
    stmt_done(q);
    return code;
}

/* Words about what happens to a cut order, behind what the message says already. */
__attribute__((format(printf, 2, 3))) static void say(struct command_ctx *c, const char *format,
                                                      ...)
{
    size_t used = strlen(c->message);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(c->message + used, sizeof c->message - used, format, args);
    va_end(args);
}

enum err_code cuts_hold_data(struct command_ctx *c, struct json *data, int64_t account,
                             struct err *e)
{
    struct held held[CUTS_HELD_MAX];
    size_t count = 0;
    struct json *list = json_new_array(c->arena);
    TRY(held_list(c,
                  "SELECT id, 0 FROM cut_order c WHERE account = ?1 AND state IN ('ordered', "
                  "'quarantined') AND EXISTS(SELECT 1 FROM work_order w WHERE w.cut = c.id AND "
                  "w.state = 'begun') ORDER BY id LIMIT ?2",
                  account, held, &count, e));
    for (size_t i = 0; i < count; i++) {
        say(c, _("; cut order %" PRId64 " has begun: tell the installer"), held[i].cut);
    }
    TRY(held_list(c,
                  "SELECT id, 0 FROM cut_order c WHERE account = ?1 AND state IN ('ordered', "
                  "'quarantined') AND NOT EXISTS(SELECT 1 FROM work_order w WHERE w.cut = c.id "
                  "AND w.state = 'begun') ORDER BY id LIMIT ?2",
                  account, held, &count, e));
    for (size_t i = 0; i < count; i++) {
        struct json *cut = json_new_int(c->arena, held[i].cut);
        if (list == NULL || cut == NULL || !json_push(c->arena, list, cut)) {
            return err_nomem(e);
        }
        say(c, _("; cut order %" PRId64 " is suspended"), held[i].cut);
    }
    return count > 0 ? data_set(c, data, "suspends", list, e) : ERR_OK;
}

enum err_code dispute_open_of(struct office *o, int64_t account, int64_t *dispute,
                              struct err *e)
{
    *dispute = 0;
    return db_get_int(
        o->db, dispute, NULL, e,
        "SELECT coalesce(max(id), 0) FROM dispute WHERE account = ? AND state = 'open'",
        VALS(V_INT(account)));
}

/* An order that was out of quarantine gets a work order again, as far as the hourly cap lets.
 */
static enum err_code resume_one(struct command_ctx *c, const struct held *h, int64_t *left,
                                int64_t *work, struct json *list, struct err *e)
{
    struct json *o = json_new_object(c->arena);
    bool out = h->released && *left > 0;
    if (o == NULL || !json_push(c->arena, list, o)) {
        return err_nomem(e);
    }
    TRY(data_int(c, o, "cut", h->cut, e));
    if (!out) {
        say(c, _("; cut order %" PRId64 " is in quarantine again"), h->cut);
        return ERR_OK;
    }
    say(c, _("; cut order %" PRId64 " stands again"), h->cut);
    (*left)--;
    return data_int(c, o, "work", (*work)++, e);
}

enum err_code cuts_resume_data(struct command_ctx *c, struct json *data, int64_t account,
                               int64_t dispute, bool credited, struct err *e)
{
    struct held held[CUTS_HELD_MAX];
    size_t count = 0;
    int64_t other = 0;
    int64_t left = 0;
    int64_t work = 0;
    bool busy = false;
    struct json *list = json_new_array(c->arena);
    TRY(db_get_int(c->office->db, &other, &busy, e,
                   "SELECT 1 FROM dispute WHERE account = ? AND state = 'open' AND id <> ?",
                   VALS(V_INT(account), V_INT(dispute))));
    TRY(held_list(c,
                  "SELECT id, released IS NOT NULL FROM cut_order WHERE account = ?1 AND state "
                  "= 'suspended' ORDER BY id LIMIT ?2",
                  account, held, &count, e));
    if (count == 0 || (busy && !credited)) {
        return ERR_OK;
    }
    TRY(cut_cap_left(c->office, false, &left, e));
    TRY(next_id(c, "SELECT max(id) FROM work_order", &work, e));
    for (size_t i = 0; i < count; i++) {
        struct json *cut = json_new_int(c->arena, held[i].cut);
        if (list == NULL || cut == NULL) {
            return err_nomem(e);
        }
        if (credited) {
            TRY(json_push(c->arena, list, cut) ? ERR_OK : err_nomem(e));
            say(c, _("; cut order %" PRId64 " is withdrawn"), held[i].cut);
        } else {
            TRY(resume_one(c, &held[i], &left, &work, list, e));
        }
    }
    return data_set(c, data, credited ? "withdraws" : "resumes", list, e);
}
