/* The console bound to an office: the model's functions over the read models and the one
 * command path. */
#include <config.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/outcome.h"
#include "app/page.h"
#include "app/personal.h"
#include "verb_console_export.h"
#include "verb_console_queue.h"
#include "app/judge.h"
#include "app/list_index.h"
#include "app/permitted.h"
#include "app/query_find.h"
#include "app/query_meter.h"
#include "app/search.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "ui/model.h"
#include "ui/plain.h"
#include "reports/exports.h"
#include "ui/run.h"
#include "ui/format.h"
#include "verb.h"

#define SAID_BYTES ((size_t)1 << 20)

static int64_t bound_now(void *ctx)
{
    struct bound *b = ctx;
    return civil_to_secs(zone_to_civil(b->query->zone, env_wall_ms(b->query->env) / 1000));
}

/* Each lane lets its own handle show what the user may read, before it reads. */
static enum err_code lane_access(struct bound *b, struct office *o, int64_t *shown,
                                 struct err *e)
{
    pthread_mutex_lock(&b->who_lock);
    int64_t reader = b->reader;
    pthread_mutex_unlock(&b->who_lock);
    if (reader == *shown) {
        return ERR_OK;
    }
    TRY(personal_access(o, reader, e));
    *shown = reader;
    return ERR_OK;
}

enum err_code bound_query_access(struct bound *b, struct err *e)
{
    return lane_access(b, b->query, &b->query_reader, e);
}

enum err_code bound_rows_access(struct bound *b, struct err *e)
{
    return lane_access(b, b->rows, &b->rows_reader, e);
}

enum err_code bound_rows_masked(struct bound *b, bool *masked, struct err *e)
{
    bool reads = false;
    if (b->rows_reader > 0) {
        TRY(session_may(b->rows, b->rows_reader, PERSONAL_READ, &reads, e));
    }
    *masked = !reads;
    return ERR_OK;
}

void bound_today(const struct office *o, char out[DATE_TEXT])
{
    date_text(office_today(o), out);
}

bool bound_may(void *ctx, const char *command)
{
    struct bound *b = ctx;
    for (size_t i = 0; i < b->may_count; i++) {
        if (strcmp(b->may[i]->name, command) == 0) {
            return true;
        }
    }
    return b->reads_personal && strcmp(command, PERSONAL_READ) == 0;
}

const struct command *bound_command_at(void *ctx, size_t index)
{
    struct bound *b = ctx;
    return index < b->may_count ? b->may[index] : NULL;
}

static enum err_code bound_status(void *ctx, struct ui_status *out, struct err *e)
{
    struct bound *b = ctx;
    int64_t alerts = 0;
    int64_t user = 0;
    struct stmt *q = NULL;
    bool row = false;
    struct ledger_head head;
    *out = (struct ui_status){0};
    TRY(db_here(b->query->db, e));
    (void)snprintf(out->office, sizeof out->office, "%.95s", b->query->name);
    TRY(ledger_head(b->query->db, &head, e));
    out->ledger_height = (uint64_t)head.seq;
    pthread_mutex_lock(&b->who_lock);
    memcpy(out->user, b->who, sizeof b->who);
    user = b->reader;
    memcpy(out->role, b->role, sizeof b->role);
    pthread_mutex_unlock(&b->who_lock);
    if (out->user[0] == '\0') {
        return ERR_OK;
    }
    TRY(db_get_int(b->query->db, &alerts, NULL, e,
                   "SELECT count(*) FROM alert WHERE resolved IS NULL", NO_VALS));
    out->alerts = alerts < UINT32_MAX ? (uint32_t)alerts : UINT32_MAX;
    TRY(db_query(b->query->db, &q, e,
                 "SELECT drawer FROM shift WHERE user = ? AND closed IS NULL LIMIT 1",
                 VALS(V_INT(user))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(out->drawer, sizeof out->drawer, "%.47s", stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}

/* A machine's login (a device, the kiosk) has no screen. */
static enum err_code may_fill(struct bound *b, const struct session *s, struct err *e)
{
    struct permitted list;
    TRY(permitted_list(b->act, s->user, FACE_CONSOLE, &list, e));
    if (list.count == 0) {
        return err_set(e, ERR_DENIED, _("this login is a machine's; it has no screen"));
    }
    TRY(session_may(b->act, s->user, PERSONAL_READ, &b->reads_personal, e));
    memcpy(b->may, list.list, list.count * sizeof list.list[0]);
    b->may_count = list.count;
    return ERR_OK;
}

/* roles: "operator, supervisor"; the status line has room for the first. */
static void who_set(struct bound *b, int64_t user, const char *name, const char *roles)
{
    pthread_mutex_lock(&b->who_lock);
    b->reader = user;
    (void)snprintf(b->who, sizeof b->who, "%.63s", name);
    (void)snprintf(b->role, sizeof b->role, "%.*s", (int)strcspn(roles, ","), roles);
    pthread_mutex_unlock(&b->who_lock);
}

static enum err_code bound_login(void *ctx, const char *user, const char *password,
                                 struct ui_login_reply *reply, struct err *e)
{
    struct bound *b = ctx;
    struct session *s = NULL;
    int wait_s = 0;
    enum err_code code = session_login(b->act, user, password, &s, &wait_s, e);
    reply->wait_seconds = (uint32_t)wait_s;
    if (code != ERR_OK) {
        return code;
    }
    code = may_fill(b, s, e);
    if (code != ERR_OK) {
        session_free(s);
        return code;
    }
    session_free(b->session);
    b->session = s;
    (void)snprintf(b->login, sizeof b->login, "%s", user);
    who_set(b, s->user, s->name, s->roles);
    return ERR_OK;
}

/* Who the session belongs to is known; the password alone is asked again. */
static enum err_code bound_unlock(void *ctx, const char *password, struct ui_login_reply *reply,
                                  struct err *e)
{
    struct bound *b = ctx;
    struct session *s = NULL;
    int wait_s = 0;
    if (b->session == NULL) {
        return err_set(e, ERR_DENIED, "%s", _("log in first"));
    }
    enum err_code code = session_login(b->act, b->login, password, &s, &wait_s, e);
    reply->wait_seconds = (uint32_t)wait_s;
    session_free(s);
    return code;
}

static enum err_code bound_undo(void *ctx, int64_t entry, struct undo *out, struct err *e)
{
    struct bound *b = ctx;
    TRY(bound_query_access(b, e));
    return undo_of(b->query, entry, out, e);
}

static enum err_code bound_changed(void *ctx, int64_t since, const struct changed_about *about,
                                   size_t count, struct changed *out, struct err *e)
{
    struct bound *b = ctx;
    TRY(bound_query_access(b, e));
    return changed_since(b->query, since, about, count, out, e);
}

static void bound_logout(void *ctx)
{
    struct bound *b = ctx;
    b->may_count = 0;
    b->reads_personal = false;
    who_set(b, 0, "", "");
    session_free(b->session);
    b->session = NULL;
}

/* The command with its arguments, of whoever is logged in; values are borrowed. */
static enum err_code context_fill(struct bound *b, const char *name,
                                  const struct ui_value *values, size_t count,
                                  struct command_ctx *c, struct err *e)
{
    *c = (struct command_ctx){
        .office = b->act, .session = b->session, .command = command_find(name)};
    if (c->command == NULL || b->session == NULL) {
        return err_set(e, ERR_DENIED, _("log in first"));
    }
    for (size_t i = 0; i < count; i++) {
        if (*values[i].value != '\0') {
            TRY(arg_set(c, values[i].name, values[i].value, e));
        }
    }
    return ERR_OK;
}

enum err_code bound_command_run(void *ctx, const char *name, const struct ui_value *values,
                                size_t count, const struct progress *progress,
                                struct ui_ticket *out, struct err *e)
{
    struct ticket t = {0};
    struct buf said;
    struct command_ctx c;
    *out = (struct ui_ticket){0};
    TRY(context_fill(ctx, name, values, count, &c, e));
    c.progress = progress;
    c.out = &said;
    buf_init(&said, SAID_BYTES);
    enum err_code code = command_run(&c, &t, e);
    format_copy(out->said, sizeof out->said, buf_str(&said));
    buf_release(&said);
    TRY(code);
    out->entry = (uint64_t)t.seq;
    out->pending = t.state == TICKET_PENDING;
    out->result = c.result_id;
    (void)snprintf(out->message, sizeof out->message, "%.511s", c.message);
    return ERR_OK;
}

/* Names are told as far as this user may read them. */
static enum err_code bound_preview(void *ctx, const char *name, const struct ui_value *values,
                                   size_t count, struct buf *out, struct err *e)
{
    struct bound *b = ctx;
    struct command_ctx c;
    if (command_find(name) == NULL) { /* it writes a file */
        return ERR_OK;
    }
    TRY(context_fill(b, name, values, count, &c, e));
    TRY(personal_access(b->act, b->session->user, e));
    return outcome_tell(&c, out, e);
}

/* ---- the meters list ---- */

static bool rows_take(void *ctx, const int64_t *ids, size_t count)
{
    return count > 0 ? idsink_add(ctx, ids, count) : idsink_wanted(ctx);
}

/* Counting a million takes longer than finding a screenful of them: it comes last. */
static enum err_code rows_count(struct bound *b, struct idsink *sink, struct err *e)
{
    struct ledger_head head;
    TRY(ledger_head(b->rows->db, &head, e));
    if (head.seq != b->counted_at) {
        TRY(meters_count(b->rows->db, &b->counted, e));
        b->counted_at = head.seq;
    }
    idsink_total(sink, (size_t)b->counted);
    return ERR_OK;
}

static enum err_code rows_build(void *ctx, const struct row_query *q, struct idsink *sink,
                                struct err *e)
{
    struct bound *b = ctx;
    char today[DATE_TEXT];
    struct meter_query mq = {
        .sort_column = q->sort_column, .descending = q->descending, .today = today};
    bool masked = true;
    bool usable = false;
    TRY(bound_rows_access(b, e));
    TRY(bound_rows_masked(b, &masked, e));
    bound_today(b->rows, today);
    for (size_t i = 0; i < q->term_count && i < METER_TERMS_MAX; i++) {
        mq.terms[mq.term_count++] = (struct meter_term){q->terms[i].column, q->terms[i].text};
    }
    TRY(meters_find(b->rows->db, b->search, masked, &mq, rows_take, sink, e));
    TRY(rows_count(b, sink, e));
    /* The list is there. What an import brought is taken in now, not when a key is pressed. */
    return mq.term_count > 0 ? ERR_OK : search_usable(b->search, b->rows->db, true, &usable, e);
}

/* On a handle of its own: nothing is kept open while there is nothing to do. */
static enum err_code bound_upkeep(void *ctx, const struct progress *progress, struct err *e)
{
    struct bound *b = ctx;
    struct office *o = NULL;
    TRY(office_open(b->dir, DB_READ, &env_system, &o, e));
    enum err_code code = db_exec(o->db, "PRAGMA cache_size=-4096;", e);
    if (code == ERR_OK) {
        code = search_build(o, progress, e);
    }
    if (code == ERR_OK) {
        code = list_indexes_build(o, progress, e);
    }
    office_close(o);
    mem_give_back(); /* 12 MB of a million meters, in the heap of this thread */
    return code;
}

static enum err_code row_fill(struct rowset *out, const struct meter_list_row *m, struct err *e)
{
    struct row *r = rowset_add(out, m->id);
    const char *const cells[UI_METER_CELLS] = {
        [UI_METER_SERIAL] = m->serial,   [UI_METER_PLACE] = m->place,
        [UI_METER_LAST] = m->last,       [UI_METER_READING] = m->reading,
        [UI_METER_STATE] = m->condition, [UI_METER_PENDING] = m->pending,
        [UI_METER_KIND] = m->kind,       [UI_METER_ROUTE] = m->route,
        [UI_METER_ACCOUNT] = m->account};
    if (r == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < UI_METER_CELLS; i++) {
        r->cells[i] = rowset_text(out, cells[i]);
    }
    return ERR_OK;
}

static enum err_code rows_fetch(void *ctx, const int64_t *ids, size_t count, struct rowset *out,
                                struct err *e)
{
    struct bound *b = ctx;
    char today[DATE_TEXT];
    TRY(bound_query_access(b, e));
    bound_today(b->query, today);
    for (size_t i = 0; i < count; i++) {
        struct meter_list_row m;
        bool found = false;
        TRY(meter_list_row(b->query->db, ids[i], today, &m, &found, e));
        if (found) {
            TRY(row_fill(out, &m, e));
        }
    }
    return ERR_OK;
}

/* The ids behind the numbers of a hit. */
static enum err_code found_fill(struct office *o, const struct find_hit *h,
                                struct ui_found *out, struct err *e)
{
    *out = (struct ui_found){.field = find_field_words(h->field)};
    (void)snprintf(out->number, sizeof out->number, "%s", h->account);
    (void)snprintf(out->serial, sizeof out->serial, "%s", h->serial);
    (void)snprintf(out->name, sizeof out->name, "%.95s", h->name);
    (void)snprintf(out->match, sizeof out->match, "%.127s", h->match);
    TRY(db_get_int(o->db, &out->account, NULL, e, "SELECT id FROM account WHERE number = ?",
                   VALS(V_TEXT(h->account))));
    return db_get_int(o->db, &out->meter, NULL, e, "SELECT id FROM meter WHERE serial = ?",
                      VALS(V_TEXT(h->serial)));
}

static enum err_code bound_find(void *ctx, const char *text, struct ui_search *out,
                                struct err *e)
{
    struct bound *b = ctx;
    size_t count = 0;
    struct find_hit *hits = NULL;
    *out = (struct ui_search){0};
    TRY(bound_query_access(b, e));
    hits = mem_array(FIND_HITS_MAX, sizeof *hits);
    if (hits == NULL) {
        return err_nomem(e);
    }
    enum err_code code =
        office_find(b->query, b->query_reader, text, hits, &count, &out->more, e);
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        if (out->count == UI_FOUND_MAX) {
            out->more = true;
            break;
        }
        code = found_fill(b->query, &hits[i], &out->list[out->count++], e);
    }
    mem_free(hits);
    return code;
}

static enum err_code bound_picks(void *ctx, const char *command, const char *param,
                                 const char *typed, struct picks *out, struct err *e)
{
    struct bound *b = ctx;
    TRY(bound_query_access(b, e));
    return picks_load(b->query, command, param, typed, out, e);
}

static enum err_code bound_sheet(void *ctx, const char *name, int64_t id, struct sheet *out,
                                 struct err *e)
{
    struct bound *b = ctx;
    const struct page *page = page_find(name);
    if (strcmp(name, "reports") == 0) {
        reports_page(out);
        return ERR_OK;
    }
    CHECK(page != NULL);
    if (page->needs != NULL && !bound_may(b, page->needs)) {
        return err_set(e, ERR_DENIED, _("your role may not see this page"));
    }
    TRY(bound_query_access(b, e));
    return page->fill(b->query, b->query_reader, id, out, e);
}

enum err_code bound_open(const char *dir, struct bound *b, struct err *e)
{
    *b = (struct bound){
        .who_lock = PTHREAD_MUTEX_INITIALIZER, .rows_reader = -1, .query_reader = -1};
    TRY(office_open(dir, DB_WRITE, &env_system, &b->act, e));
    TRY(office_open(dir, DB_READ, &env_system, &b->query, e));
    TRY(office_open(dir, DB_READ, &env_system, &b->rows, e));
    /* The lists come from the search index: pages of a million meters need not stay here. */
    TRY(db_exec(b->rows->db, "PRAGMA cache_size=-2048;", e));
    TRY(db_exec(b->query->db, "PRAGMA cache_size=-4096;", e));
    TRY(db_exec(b->act->db, "PRAGMA cache_size=-8192;", e));
    b->dir = dir;
    if (realpath(dir, b->place) == NULL) {
        return err_errno(e, _("the office's folder"));
    }
    TRY(search_new(b->rows, &b->search, e));
    return bound_lists_open(b, e);
}

void bound_close(struct bound *b)
{
    bound_queue_close();
    bound_lists_close(b);
    search_free(b->search);
    session_free(b->session);
    (void)pthread_mutex_destroy(&b->who_lock);
    office_close(b->rows);
    office_close(b->query);
    office_close(b->act);
}

struct ui_model bound_model(struct bound *b)
{
    return (struct ui_model){
        .ctx = b,
        .format = b->query->numfmt,
        .local_now = bound_now,
        .may = bound_may_any,
        .status = bound_status,
        .upkeep = bound_upkeep,
        .login = bound_login,
        .logout = bound_logout,
        .unlock = bound_unlock,
        .undo = bound_undo,
        .changed = bound_changed,
        .command_at = bound_any_command,
        .command_preview = bound_preview,
        .command_run = bound_any_run,
        .list = bound_any_list,
        .list_detail = bound_any_detail,
        .list_goals = bound_any_goals,
        .meters = {.ctx = b, .build = rows_build, .fetch = rows_fetch},
        .sheet = bound_sheet,
        .find = bound_find,
        .picks = bound_picks,
        .file_look = bound_file_look,
        .file_default = bound_file_default,
        .meter_detail = bound_detail,
        .reading_subject = bound_subject,
        .reading_check = bound_check,
    };
}

#define LOCK_MINUTES "15"
#define LOCK_MINUTES_MAX 1440

static enum err_code lock_minutes(struct cli *cli, int64_t *out, struct err *e)
{
    const char *text = cli_take(cli, "lock-after");
    return cli_whole(text != NULL ? text : LOCK_MINUTES, 0, LOCK_MINUTES_MAX, out)
               ? ERR_OK
               : err_set(e, ERR_USAGE,
                         _("--lock-after takes minutes from 1 to %d, or 0 for never"),
                         LOCK_MINUTES_MAX);
}

enum err_code verb_console(struct cli *cli, struct err *e)
{
    struct bound b;
    struct run_options options = {.theme = cli_take(cli, "theme"),
                                  .charset = cli_take_flag(cli, "ascii") ? TERM_CHARSET_ASCII
                                                                         : TERM_CHARSET_AUTO};
    bound_printer(cli_take(cli, "printer"));
    options.plain = cli_take_flag(cli, "plain");
    options.mouse = cli_take_flag(cli, "mouse");
    int64_t lock_min = 0;
    TRY(lock_minutes(cli, &lock_min, e));
    TRY(verb_no_more(cli, e));
    enum err_code code = bound_open(cli->office, &b, e);
    if (code == ERR_OK) {
        struct ui_model model = bound_model(&b);
        model.lock_after_ms = lock_min * 60000;
        code =
            options.plain ? plain_run(&model, &options, e) : console_run(&model, &options, e);
    }
    bound_close(&b);
    return code;
}
