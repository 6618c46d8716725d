/* What a bank's file says, before anything is recorded. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/files.h"
#include "base/i18n.h"
#include "domain/bank.h"
#include "verb.h"

#define ARENA_MAX ((size_t)1 << 30)

static void member(struct buf *out, const char *name, const char *value)
{
    if (value[0] != '\0') {
        buf_addf(out, ",\"%s\":", name);
        json_add_string(out, value, strlen(value));
    }
}

static void member_date(struct buf *out, const char *name, struct date d)
{
    buf_addf(out, ",\"%s\":\"", name);
    date_print(d, out);
    buf_addc(out, '"');
}

static void member_balance(struct buf *out, const char *name, const struct bank_balance *b)
{
    if (b->known) {
        buf_addf(out, ",\"%s\":{\"amount\":\"", name);
        money_print((struct money){b->amount}, b->currency, out);
        buf_addf(out, "\",\"currency\":\"%s\"", b->currency->code);
        if (b->date.year > 0) {
            member_date(out, "date", b->date);
        }
        buf_addc(out, '}');
    }
}

static void txn_print(const struct bank_txn *t, struct buf *out)
{
    buf_adds(out, "{\"amount\":\"");
    money_print((struct money){t->amount}, t->currency, out);
    buf_addf(out, "\",\"currency\":\"%s\",\"booked\":%s,\"reversal\":%s,\"entry\":%" PRId64,
             t->currency->code, t->booked ? "true" : "false", t->reversal ? "true" : "false",
             t->entry);
    member_date(out, "date", t->date);
    member_date(out, "entry_date", t->entry_date);
    member(out, "status", t->status);
    member(out, "funds_code", t->funds_code);
    member(out, "type", t->type);
    member(out, "customer_reference", t->customer_reference);
    member(out, "bank_reference", t->bank_reference);
    member(out, "end_to_end", t->end_to_end);
    member(out, "structured", t->structured);
    member(out, "extra", t->extra);
    member(out, "code", t->code);
    member(out, "posting_text", t->posting_text);
    member(out, "text", t->text);
    member(out, "name", t->name);
    member(out, "counter_account", t->counter_account);
    member(out, "counter_bank", t->counter_bank);
    buf_addc(out, '}');
}

static void statement_print(const struct bank_statement *s, struct buf *out)
{
    buf_adds(out, "{\"account\":");
    json_add_string(out, s->account, strlen(s->account));
    member(out, "id", s->id);
    member(out, "number", s->number);
    member(out, "sequence", s->sequence);
    member_balance(out, "opening", &s->opening);
    member_balance(out, "closing", &s->closing);
    member_balance(out, "available", &s->available);
    buf_addf(out, ",\"balanced\":%s,\"transactions\":[",
             bank_statement_balanced(s) ? "true" : "false");
    for (size_t i = 0; i < s->count; i++) {
        buf_adds(out, i > 0 ? ",\n  " : "\n  ");
        txn_print(&s->txns[i], out);
    }
    buf_adds(out, "]}");
}

static enum err_code file_print(const struct bank_file *f, struct err *e)
{
    struct buf out;
    buf_init(&out, 4 * BANK_FILE_MAX);
    buf_addf(&out, "{\"format\":\"%s\",\"statements\":[", f->format);
    for (size_t i = 0; i < f->count; i++) {
        buf_adds(&out, i > 0 ? ",\n " : "\n ");
        statement_print(&f->statements[i], &out);
    }
    buf_adds(&out, "]}\n");
    enum err_code code = buf_status(&out, _("bank file"), e);
    if (code == ERR_OK) {
        (void)fputs(buf_str(&out), stdout);
    }
    buf_release(&out);
    return code;
}

enum err_code verb_bank_show(struct cli *cli, struct err *e)
{
    struct arena arena;
    struct buf text;
    struct bank_file f;
    const char *path = cli->argc > 0 ? cli->argv[0] : NULL;
    if (path == NULL || cli->argc > 1) {
        return err_set(e, ERR_USAGE, _("say which file: aforo bank show FILE"));
    }
    arena_init(&arena, ARENA_MAX);
    buf_init(&text, BANK_FILE_MAX);
    enum err_code code = file_read(path, &text, e);
    if (code == ERR_OK) {
        code = bank_read(buf_str(&text), text.len, &arena, &f, e);
        code = code == ERR_OK ? code : err_wrap(e, "%s", path);
    }
    if (code == ERR_OK) {
        code = file_print(&f, e);
    }
    buf_release(&text);
    arena_release(&arena);
    return code;
}
