/* Customers, accounts and meters by whatever a person says of them. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "app/query_find.h"
#include "base/i18n.h"
#include "reports/out.h"
#include "verb.h"

#define COLUMNS 6

static struct report_cell text_cell(const char *text)
{
    return (struct report_cell){.empty = *text == '\0', .text = text, .len = strlen(text)};
}

static const char *what_title(enum find_what w)
{
    static const char *const titles[FIND_WHAT_COUNT] = {N_("customer"), N_("account"),
                                                        N_("meter")};
    return _(titles[w]);
}

static void hit_cells(const struct find_hit *h, bool machine, char number[24],
                      struct report_cell *cells)
{
    (void)snprintf(number, 24, "%lld", (long long)h->id);
    cells[0] = text_cell(machine ? find_what_name(h->what) : what_title(h->what));
    cells[1] = text_cell(number);
    cells[2] = text_cell(machine ? find_field_name(h->field) : _(find_field_words(h->field)));
    cells[3] = text_cell(h->match);
    cells[4] = text_cell(h->account);
    cells[5] = text_cell(h->serial);
}

static enum err_code hits_write(const struct office *o, const char *format,
                                const struct find_hit *hits, size_t count, bool more,
                                struct err *e)
{
    const struct report_column columns[COLUMNS] = {
        {.id = "what", .heading = _("What"), .type = REPORT_TEXT, .width = 9},
        {.id = "id", .heading = _("No."), .type = REPORT_ID, .width = 8},
        {.id = "field", .heading = _("Found in"), .type = REPORT_TEXT, .width = 12},
        {.id = "match", .heading = _("Text"), .type = REPORT_TEXT, .width = 32},
        {.id = "account", .heading = _("Account"), .type = REPORT_ID, .width = 12},
        {.id = "serial", .heading = _("Serial"), .type = REPORT_ID, .width = 16}};
    bool machine = strcmp(format, "text") != 0;
    struct report_cell *cells = mem_array(count * COLUMNS + 1, sizeof *cells);
    char(*numbers)[24] = mem_array(count + 1, sizeof *numbers);
    const char *note = _("There are more; say more of what is looked for.");
    enum err_code code = cells == NULL || numbers == NULL ? err_nomem(e) : ERR_OK;
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        hit_cells(&hits[i], machine, numbers[i], &cells[i * COLUMNS]);
    }
    if (code == ERR_OK) {
        struct report_table table = {
            .cells = cells, .column_count = COLUMNS, .row_count = count};
        struct report_doc doc = {.name = "find",
                                 .title = _("Found"),
                                 .office = o->name,
                                 .generated =
                                     zone_to_civil(o->zone, env_wall_ms(o->env) / 1000),
                                 .columns = columns,
                                 .column_count = COLUMNS,
                                 .rows = report_table_source(&table),
                                 .notes = &note,
                                 .note_count = more ? 1 : 0};
        struct report_options options = {.fmt = o->numfmt};
        struct report_outcome outcome = {0};
        code = report_write(report_format_find(format), &doc, &options, "-", &outcome, e);
    }
    mem_free(cells);
    mem_free(numbers);
    return code;
}

/* "aforo find juan perez" needs no quotes. */
static enum err_code words_join(const struct cli *cli, struct buf *out, struct err *e)
{
    for (int i = 0; i < cli->argc; i++) {
        if (strncmp(cli->argv[i], "--", 2) == 0) {
            return err_set(e, ERR_USAGE, _("find has no option %s"), cli->argv[i]);
        }
        buf_addf(out, "%s%s", i > 0 ? " " : "", cli->argv[i]);
    }
    return buf_status(out, _("search"), e);
}

/* Whoever is logged in; nobody may look too, but finds no personal data. */
static int64_t reader(const struct cli *cli, struct office *o)
{
    struct session *s = NULL;
    struct err nobody = ERR_INIT;
    char *path = verb_session_path(cli);
    bool resumed = path != NULL && session_resume(o, path, &s, &nobody) == ERR_OK;
    int64_t user = resumed ? s->user : 0;
    session_free(s);
    mem_free(path);
    return user;
}

enum err_code verb_office_find(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    struct buf text;
    size_t count = 0;
    bool more = false;
    const char *format = cli_take(cli, "format");
    format = format != NULL ? format : cli->json ? "json" : "text";
    if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0 &&
        strcmp(format, "csv") != 0) {
        return err_set(e, ERR_USAGE, _("--format is text, csv or json"));
    }
    struct find_hit *hits = mem_array(FIND_HITS_MAX, sizeof *hits);
    buf_init(&text, 4096);
    enum err_code code = hits == NULL ? err_nomem(e) : words_join(cli, &text, e);
    if (code == ERR_OK) {
        code = verb_office(cli, DB_READ, &o, NULL, e);
    }
    if (code == ERR_OK) {
        code = office_find(o, reader(cli, o), buf_str(&text), hits, &count, &more, e);
    }
    if (code == ERR_OK) {
        code = hits_write(o, format, hits, count, more, e);
    }
    buf_release(&text);
    mem_free(hits);
    office_close(o);
    return code;
}
