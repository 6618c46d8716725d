#include <config.h>

#include "tests/unit/ui_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "ui/format.h"

/* ---- the rows ---- */

static const struct {
    const char *serial, *place, *last, *reading, *state, *pending, *kind, *route, *account;
} listed[] = {
    {"A-0121", "C. Mayor 12, 1.º A", "2025-06-10", "12042.0", "ok", "read", "water", "R-12/036",
     "4 410-21"},
    {"A-0122", "C. Mayor 12, 1.º B", "2025-05-10", "3118.4", "ok", "read", "water", "R-12/037",
     "4 410-22"},
    {"A-0123", "C. Mayor 12, 2.º A", "2025-05-10", "884.0", "high", "review", "water",
     "R-12/038", "4 410-23"},
    {"A-0124", "C. Mayor 14, bajo", "", "", "out", "none", "water", "R-12/039", ""},
    {"A-0125", "Avenida de la Constitución 1021, escalera B, puerta 3", "2025-06-09", "1002.0",
     "zero", "review", "water", "R-12/040", "4 410-25"},
    {"E-2044", "Calle del Ñandú 7 水道局", "2025-06-10", "884", "held", "review", "energy",
     "R-12/041", "4 410-26"},
    {"E-2045", "\x1b[31mhostil\xe2\x80\xae\xff", "2025-06-10", "384", "low", "read", "energy",
     "R-13/001", "4 410-27"},
    {"G-0007", "Mercado central", "", "", "none", "read", "gas", "R-13/002", "4 410-28"},
};
const size_t fake_listed = sizeof(listed) / sizeof(listed[0]);

/* Cell text of a meter: the list's, or made up beyond it. */
static const char *cell(size_t count, int64_t id, enum ui_meter_cell which, char made[64])
{
    size_t i = (size_t)(id - 1);

    if (count <= fake_listed) {
        const char *const cells[UI_METER_CELLS] = {
            [UI_METER_SERIAL] = listed[i].serial,   [UI_METER_PLACE] = listed[i].place,
            [UI_METER_LAST] = listed[i].last,       [UI_METER_READING] = listed[i].reading,
            [UI_METER_STATE] = listed[i].state,     [UI_METER_PENDING] = listed[i].pending,
            [UI_METER_KIND] = listed[i].kind,       [UI_METER_ROUTE] = listed[i].route,
            [UI_METER_ACCOUNT] = listed[i].account,
        };
        return cells[which];
    }
    switch (which) {
    case UI_METER_SERIAL:
        (void)snprintf(made, 64, "M-%07lld", (long long)id);
        return made;
    case UI_METER_STATE:
        return id % 7 == 0 ? "held" : "ok";
    case UI_METER_KIND:
        return "water";
    case UI_METER_LAST:
        return "2025-06-10";
    case UI_METER_READING:
        (void)snprintf(made, 64, "%lld.5", (long long)(id % 99999));
        return made;
    case UI_METER_PENDING:
        return "read";
    case UI_METER_ROUTE:
    case UI_METER_ACCOUNT:
    case UI_METER_PLACE:
    case UI_METER_CELLS:
        return "";
    }
    return "";
}

/* Made-up cells are plain ASCII and many. */
static bool holds(bool made, const char *whole, const char *part)
{
    struct buf a;
    struct buf b;
    bool yes;

    if (made) {
        return strcasestr(whole, part) != NULL;
    }
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    text_fold(whole, strlen(whole), &a);
    text_fold(part, strlen(part), &b);
    yes = strstr(buf_str(&a), buf_str(&b)) != NULL;
    buf_release(&a);
    buf_release(&b);
    return yes;
}

static bool matches(const struct fake *f, const struct row_query *q, int64_t id)
{
    for (size_t i = 0; i < q->term_count; i++) {
        bool found = false;
        char made[64];

        for (int c = 0; c < UI_METER_CELLS && !found; c++) {
            if (q->terms[i].column == c || q->terms[i].column < 0) {
                found = holds(f->meter_count > fake_listed,
                              cell(f->meter_count, id, (enum ui_meter_cell)c, made),
                              q->terms[i].text);
            }
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static enum err_code build(void *ctx, const struct row_query *q, struct idsink *sink,
                           struct err *e)
{
    struct fake *f = ctx;

    f->builds++;
    idsink_total(sink, f->meter_count);
    for (size_t i = 0; i < f->meter_count; i++) {
        int64_t id = (int64_t)(q->descending ? f->meter_count - i : i + 1);

        if ((q->term_count == 0 || matches(f, q, id)) && !idsink_add(sink, &id, 1)) {
            return err_set(e, ERR_CANCELLED, "stopped");
        }
    }
    return ERR_OK;
}

static enum err_code fetch(void *ctx, const int64_t *ids, size_t count, struct rowset *out,
                           struct err *e)
{
    struct fake *f = ctx;

    f->fetches++;
    f->fetched_rows += count;
    for (size_t i = 0; i < count; i++) {
        struct row *row;

        if (ids[i] > (int64_t)f->meter_count) { /* gone meanwhile */
            continue;
        }
        row = rowset_add(out, ids[i]);
        for (int c = 0; c < UI_METER_CELLS; c++) {
            char made[64];

            row->cells[c] =
                rowset_text(out, cell(f->meter_count, ids[i], (enum ui_meter_cell)c, made));
        }
    }
    (void)e;
    return ERR_OK;
}

/* ---- one meter ---- */

static enum err_code detail(void *ctx, int64_t meter, struct ui_meter_detail *d, struct err *e)
{
    static const int64_t use[] = {14, 13, 16, 22, 18, 15, 11, 12, 14, 17, 21, 35};
    struct fake *f = ctx;
    char made[64];

    (void)e;
    if (meter > (int64_t)f->meter_count) {
        return err_set(e, ERR_NOT_FOUND, "%s", "There is no such meter.");
    }
    d->id = meter;
    format_copy(d->serial, sizeof(d->serial),
                cell(f->meter_count, meter, UI_METER_SERIAL, made));
    format_copy(d->kind, sizeof(d->kind), cell(f->meter_count, meter, UI_METER_KIND, made));
    format_copy(d->route, sizeof(d->route), cell(f->meter_count, meter, UI_METER_ROUTE, made));
    format_copy(d->place, sizeof(d->place), cell(f->meter_count, meter, UI_METER_PLACE, made));
    format_copy(d->account, sizeof(d->account),
                cell(f->meter_count, meter, UI_METER_ACCOUNT, made));
    format_copy(d->unit, sizeof(d->unit), strcmp(d->kind, "energy") == 0 ? "kWh" : "m³");
    d->history_limit = -1;
    if (cell(f->meter_count, meter, UI_METER_READING, made)[0] != '\0') {
        memcpy(d->history, use, sizeof(use));
        d->history_count = sizeof(use) / sizeof(use[0]);
        d->history_limit = 30;
        format_copy(d->mean, sizeof(d->mean), "14.2");
        format_copy(d->expected_low, sizeof(d->expected_low), "9");
        format_copy(d->expected_high, sizeof(d->expected_high), "21");
        format_copy(d->limit, sizeof(d->limit), "30");
    }
    return ERR_OK;
}

static enum err_code subject(void *ctx, int64_t meter, struct ui_reading_subject *s,
                             struct err *e)
{
    struct fake *f = ctx;
    char made[64];

    TRY(detail(ctx, meter, &s->meter, e));
    s->digits = 5;
    s->decimals = 1;
    format_copy(s->multiplier, sizeof(s->multiplier), "1");
    if (s->meter.history_count > 0) {
        format_copy(s->previous_at, sizeof(s->previous_at), "2025-05-10 08:15");
        format_copy(s->previous_value, sizeof(s->previous_value),
                    f->previous_value != NULL
                        ? f->previous_value
                        : cell(f->meter_count, meter, UI_METER_READING, made));
        format_copy(s->expected_low, sizeof(s->expected_low), "3127.4");
        format_copy(s->expected_high, sizeof(s->expected_high), "3139.4");
    }
    return ERR_OK;
}

static enum err_code check(void *ctx, int64_t meter, const char *value, const char *when,
                           struct ui_findings *out, struct err *e)
{
    struct fake *f = ctx;
    struct decimal typed;
    struct decimal high = {31394, 1};

    (void)meter;
    (void)when;
    f->checks++;
    TRY(decimal_parse(value, strlen(value), &typed, e));
    format_copy(out->consumption, sizeof(out->consumption), "94.5");
    out->days = 31;
    if (decimal_cmp(typed, high) <= 0) {
        return ERR_OK;
    }
    out->count = 1;
    out->list[0].severity = UI_SEVERITY_WARN;
    format_copy(out->list[0].title, sizeof(out->list[0].title),
                "High: 94.5 m³ is more than mean + 3 sigma (21.3) of the last 12 periods");
    format_copy(
        out->list[0].source, sizeof(out->list[0].source),
        "Rule high-low · source CREG 105 007 of 2024 · will be held for the supervisor");
    format_copy(out->advice, sizeof(out->advice),
                "If the dial says something else, correct it now. Last digit in doubt: 3 121.9 "
                "would make 3.5 m³");
    return ERR_OK;
}

/* ---- session and commands ---- */

static int64_t local_now(void *ctx)
{
    struct civil c = {{2025, 6, 10}, 9, 41, 0};

    (void)ctx;
    return civil_to_secs(c);
}

static const struct param limit_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED, "serial of the made-up meter", NULL, NULL},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED, "made-up limit", NULL, NULL},
    {"start", PARAM_DATE, 0, "first made-up day", NULL, NULL},
    {"kind", PARAM_CHOICE, 0, "what the made-up meter measures", "water|energy|gas", NULL},
    PARAM_END,
};
static const struct param reading_params[] = {
    {"meter", PARAM_TEXT, PARAM_REQUIRED, "serial of the made-up meter", NULL, NULL},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED, "what the dial shows", NULL, NULL},
    PARAM_END,
};
static const struct param disable_params[] = {
    {"user", PARAM_TEXT, PARAM_REQUIRED, "login name", NULL, NULL},
    {"password", PARAM_SECRET, 0, "new password", NULL, NULL},
    {"days", PARAM_INT, 0, "for so many days", NULL, "30"},
    {"quiet", PARAM_FLAG, 0, "tell nobody", NULL, NULL},
    {"at", PARAM_TIME, 0, "from when on", NULL, NULL},
    {"order", PARAM_FILE, 0, "the written order", NULL, NULL},
    PARAM_END,
};
static const struct param no_params[] = {PARAM_END};
static const struct param pay_params[] = {
    {"account", PARAM_TEXT, PARAM_REQUIRED, "number of the made-up account", NULL, NULL},
    {"amount", PARAM_DECIMAL, PARAM_REQUIRED, "made-up amount", NULL, NULL},
    PARAM_END,
};
static const struct param try_params[] = {
    {"tariff", PARAM_TEXT, PARAM_REQUIRED, "made-up tariff", NULL, NULL},
    {"use", PARAM_DECIMAL, 0, "made-up use", NULL, NULL},
    PARAM_END,
};
static const struct param run_params[] = {
    {"period", PARAM_TEXT, PARAM_REQUIRED, "made-up period", NULL, NULL},
    {"preview", PARAM_FLAG, 0, "record nothing", NULL, NULL},
    PARAM_END,
};
static const struct param bring_params[] = {
    {"file", PARAM_TEXT, PARAM_REQUIRED, "made-up file", NULL, NULL},
    {"dry-run", PARAM_FLAG, 0, "count what would become of each row", NULL, NULL},
    PARAM_END,
};
static const struct param attach_params[] = {
    {"file", PARAM_FILE, PARAM_REQUIRED, "photo or document", NULL, NULL},
    {"reading", PARAM_INT, 0, "number of the reading", NULL, NULL},
    PARAM_END,
};
static const struct param decide_params[] = {
    {"ids", PARAM_TEXT, PARAM_POSITIONAL, "numbers of made-up readings", NULL, NULL},
    {"action", PARAM_CHOICE, PARAM_REQUIRED, "what is decided", "accept|reject|correct", NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, "why", NULL, NULL},
    {"value", PARAM_DECIMAL, 0, "the right value", NULL, NULL},
    {"rule", PARAM_TEXT, 0, "all held by this rule", NULL, NULL},
    {"class", PARAM_TEXT, 0, "all held with this class", NULL, NULL},
    {"preview", PARAM_FLAG, 0, "show what it does, record nothing", NULL, NULL},
    PARAM_END,
};

static const struct command fake_commands[] = {
    {"bill run", "bill a made-up period", 0, run_params, NULL, NULL},
    {"tariff try", "try a made-up tariff", 0, try_params, NULL, NULL},
    {"limit set", "set a made-up limit", 0, limit_params, NULL, NULL},
    {"bring rows", "bring made-up rows", 0, bring_params, NULL, NULL},
    {"reading add", "record a made-up reading", 0, reading_params, NULL, NULL},
    {"user disable", "shut a user out", CMD_CONFIRM, disable_params, NULL, NULL},
    {"payment take", "take a made-up payment", 0, pay_params, NULL, NULL},
    {"attach", "attach a made-up file", 0, attach_params, NULL, NULL},
    {"reading decide", "decide on made-up readings", 0, decide_params, NULL, NULL},
    {"window close", "close the day's window", 0, no_params, NULL, NULL},
};

static const struct command *command_at(void *ctx, size_t index)
{
    struct fake *f = ctx;

    if (!f->logged_in || f->reader ||
        index >= sizeof(fake_commands) / sizeof(fake_commands[0])) {
        return NULL;
    }
    return &fake_commands[index];
}

/* A folder with foto-1.jpg, foto-2.jpg and acta.exe, which cannot be attached. */
static enum err_code file_look(void *ctx, const char *typed, struct ui_file *out, struct err *e)
{
    static const char *const names[] = {"foto-1.jpg", "foto-2.jpg", "acta.exe"};

    (void)ctx;
    (void)e;
    memset(out, 0, sizeof(*out));
    format_copy(out->fault, sizeof(out->fault), "There is no such file.");
    for (size_t i = 0; i < 3; i++) {
        if (strncmp(names[i], typed, strlen(typed)) == 0) {
            format_copy(out->completed, sizeof(out->completed),
                        out->matches > 0 ? "foto-" : names[i]);
            format_copy(out->names, sizeof(out->names), "foto-1.jpg  foto-2.jpg");
            out->matches++;
        }
        if (strcmp(names[i], typed) == 0) {
            format_copy(out->path, sizeof(out->path), typed);
            out->bytes = 48231;
            format_copy(out->type, sizeof(out->type), i < 2 ? "image/jpeg" : "");
            format_copy(out->sha256, sizeof(out->sha256), "0123456789abcdef0123");
            format_copy(out->fault, sizeof(out->fault),
                        i < 2 ? "" : "It is no photo and no document.");
        }
    }
    return ERR_OK;
}

/* The rows of the list of meters, for any field but the period to bill. */
static enum err_code fake_picks(void *ctx, const char *command, const char *param,
                                const char *typed, struct picks *out, struct err *e)
{
    (void)ctx;
    (void)command;
    (void)e;
    if (strcmp(param, "period") == 0) {
        out->list[out->count++] = (struct pick){"2026-12", ""};
        return ERR_OK;
    }
    for (size_t i = 0; i < fake_listed; i++) {
        if (strncmp(listed[i].serial, typed, strlen(typed)) == 0) {
            out->list[out->count].value = listed[i].serial;
            out->list[out->count++].text = listed[i].place;
        }
    }
    return ERR_OK;
}

static bool may(void *ctx, const char *command)
{
    for (size_t i = 0; command_at(ctx, i) != NULL; i++) {
        if (strcmp(command_at(ctx, i)->name, command) == 0) {
            return true;
        }
    }
    return false;
}

static enum err_code status(void *ctx, struct ui_status *s, struct err *e)
{
    struct fake *f = ctx;

    (void)e;
    format_copy(s->office, sizeof(s->office), "San José Centro");
    s->ledger_height = f->ledger_height;
    if (f->logged_in) {
        format_copy(s->user, sizeof(s->user), "ana");
        format_copy(s->role, sizeof(s->role), "operator");
        s->alerts = 3;
    }
    return ERR_OK;
}

static enum err_code login(void *ctx, const char *user, const char *password,
                           struct ui_login_reply *reply, struct err *e)
{
    struct fake *f = ctx;

    if (strcmp(password, "clave") != 0) {
        reply->wait_seconds = strcmp(user, "slow") == 0 ? 4 : 0;
        return err_set(e, ERR_DENIED, "%s", "The name or the password is wrong.");
    }
    f->logged_in = true;
    return ERR_OK;
}

static enum err_code unlock(void *ctx, const char *password, struct ui_login_reply *reply,
                            struct err *e)
{
    return login(ctx, "ana", password, reply, e);
}

static enum err_code undo(void *ctx, int64_t entry, struct undo *out, struct err *e)
{
    (void)ctx;
    if (entry % 2 != 0) {
        return err_set(e, ERR_STATE, "entry %lld is not undone by one command",
                       (long long)entry);
    }
    out->command = "limit set";
    out->count = 1;
    out->values[0].name = "serial";
    format_copy(out->values[0].value, sizeof(out->values[0].value), "A-0122");
    return ERR_OK;
}

static void logout(void *ctx)
{
    ((struct fake *)ctx)->logged_in = false;
}

static enum err_code preview(void *ctx, const char *name, const struct ui_value *values,
                             size_t count, struct buf *out, struct err *e)
{
    (void)ctx;
    (void)e;
    (void)count;
    buf_addf(out, "%s: %s will not be able to log in from now on.\n", name, values[0].value);
    return ERR_OK;
}

static enum err_code run(void *ctx, const char *name, const struct ui_value *values,
                         size_t count, const struct progress *progress, struct ui_ticket *t,
                         struct err *e)
{
    struct fake *f = ctx;
    struct buf b;

    (void)progress;
    f->runs++;
    for (size_t i = 0; i < count; i++) {
        if (f->fail_value != NULL && strcmp(values[i].value, f->fail_value) == 0) {
            return err_set(e, ERR_STATE, "%s", "The office refuses this row.");
        }
    }
    if (f->fail_with != ERR_OK) {
        enum err_code code = f->fail_with;

        f->fail_with = ERR_OK;
        format_copy(t->field, sizeof(t->field), f->fail_field);
        return err_set(e, code, "%s", "The office refuses this value.");
    }
    buf_init(&b, sizeof(f->last_values) - 1);
    for (size_t i = 0; i < count; i++) {
        buf_addf(&b, "%s%s=%s", i > 0 ? " " : "", values[i].name, values[i].value);
    }
    format_copy(f->last_values, sizeof(f->last_values), buf_str(&b));
    buf_release(&b);
    format_copy(f->last_command, sizeof(f->last_command), name);
    f->ledger_height++;
    t->entry = f->ledger_height;
    t->result = 17;
    if (strcmp(name, "bill run") == 0) {
        format_copy(t->message, sizeof(t->message), "bills: 2, total 504.50");
    }
    if (strcmp(name, "tariff try") == 0 || strcmp(name, "bill run") == 0) {
        format_copy(t->said, sizeof(t->said),
                    "Water, fixed: 500.00\nWater, 30 m3 at 0.15: 4.50\nTotal 504.50 CRC");
    }
    if (strstr(f->last_values, "dry-run=yes") != NULL) {
        t->entry = 0;
        format_copy(t->said, sizeof(t->said),
                    "rows read        3\nline 3: field value: empty\n");
        return err_set(e, ERR_PARSE, "%s", "1 of 3 rows would be refused.");
    }
    return ERR_OK;
}

void fake_init(struct fake *f)
{
    memset(f, 0, sizeof(*f));
    f->meter_count = fake_listed;
    f->ledger_height = 18204;
    f->model = (struct ui_model){
        .ctx = f,
        .format = numfmt_find("es_CR"),
        .local_now = local_now,
        .may = may,
        .picks = fake_picks,
        .status = status,
        .login = login,
        .logout = logout,
        .unlock = unlock,
        .lock_after_ms = 600000,
        .undo = undo,
        .command_at = command_at,
        .command_preview = preview,
        .command_run = run,
        .list = fake_list,
        .list_detail = fake_list_detail,
        .list_goals = fake_list_goals,
        .file_look = file_look,
        .sheet = fake_sheet,
        .find = fake_find,
        .meters = {f, build, fetch},
        .meter_detail = detail,
        .reading_subject = subject,
        .reading_check = check,
    };
}
