/* document outbox, document inbox: a folder between the office and whatever program registers
 * its documents with the tax authority. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/command.h"
#include "app/document_out.h"
#include "app/files.h"
#include "app/ubl_out.h"
#include "base/i18n.h"
#include "reports/out_file.h"
#include "verb.h"

#define ANSWER_SUFFIX ".answer.json"
#define ANSWER_BYTES_MAX 65536
#define ANSWERS_MAX 1000000

typedef enum err_code (*document_form)(struct office *o, const struct document_id *id,
                                       struct arena *arena, struct buf *out, struct err *e);

/* The document in one form, in a file of its own. */
static enum err_code form_write(struct office *o, const char *folder,
                                const struct document_id *id, const char *suffix,
                                document_form form, struct arena *arena, struct buf *text,
                                struct err *e)
{
    arena_reset(arena);
    buf_clear(text);
    const char *path =
        arena_printf(arena, "%s/%s-%" PRId64 "%s", folder, id->type, id->number, suffix);
    enum err_code code = path == NULL ? err_nomem(e) : form(o, id, arena, text, e);
    if (code == ERR_OK && text->len > 0 && text->data[text->len - 1] != '\n') {
        buf_addc(text, '\n');
        code = buf_status(text, path, e);
    }
    return code == ERR_OK ? out_file_save(path, text->data, text->len, e) : code;
}

static enum err_code outbox_write(struct office *o, const char *folder, int64_t *count,
                                  struct err *e)
{
    struct document_id id = {"", 0};
    struct arena arena;
    struct buf text;
    bool found = true;
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        return err_errno(e, _("cannot make the folder %s"), folder);
    }
    arena_init(&arena, (size_t)16 << 20);
    buf_init(&text, UBL_BYTES_MAX);
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = document_waiting_next(o, &id, &found, e)) == ERR_OK &&
           found) {
        code = form_write(o, folder, &id, ".json", document_json, &arena, &text, e);
        if (code == ERR_OK) {
            code = form_write(o, folder, &id, ".xml", ubl_document, &arena, &text, e);
        }
        *count += code == ERR_OK ? 1 : 0;
    }
    buf_release(&text);
    arena_release(&arena);
    return code;
}

enum err_code verb_document_outbox(struct cli *cli, struct err *e)
{
    struct office *o = NULL;
    int64_t count = 0;
    if (cli->argc != 1) {
        return err_set(e, ERR_USAGE, _("name the folder: aforo %s FOLDER"), "document outbox");
    }
    TRY(verb_office(cli, DB_READ, &o, NULL, e));
    enum err_code code = outbox_write(o, cli->argv[0], &count, e);
    office_close(o);
    if (code == ERR_OK) {
        verb_answer(cli, ANSWER({"folder", cli->argv[0], 0}, {"documents", NULL, count}),
                    ngettext("%s: %" PRId64 " document waits for an answer\n",
                             "%s: %" PRId64 " documents wait for an answer\n",
                             (unsigned long)count),
                    cli->argv[0], count);
    }
    return code;
}

/* ---- answers ---- */

struct inbox {
    struct office *o;
    struct session *s;
    const char *folder, *date;
    int64_t taken, before, failed;
};

static enum err_code command_of(struct inbox *in, const char *name,
                                const char *const (*args)[2], struct err *e)
{
    struct ticket t;
    struct command_ctx c = {.office = in->o, .session = in->s, .command = command_find(name)};
    if (in->date != NULL) {
        (void)snprintf(c.date, sizeof c.date, "%s", in->date);
    }
    for (size_t i = 0; args[i][0] != NULL; i++) {
        TRY(arg_set(&c, args[i][0], args[i][1], e));
    }
    return command_run(&c, &t, e);
}

/* The number first; then, for a bill, the file that the authority signed. */
static enum err_code answer_take(struct inbox *in, const struct document_answer *a,
                                 struct arena *arena, struct err *e)
{
    char number[32];
    (void)snprintf(number, sizeof number, "%" PRId64, a->id.number);
    const char *const said[][2] = {{"type", a->id.type},
                                   {"number", number},
                                   {"external", a->external},
                                   {"authority", a->authority},
                                   {NULL, NULL}};
    enum err_code code = command_of(in, "document register", said, e);
    if (code == ERR_EXISTS) {
        in->before++;
        return ERR_OK;
    }
    TRY(code);
    in->taken++;
    if (a->file == NULL || strcmp(a->id.type, "bill") != 0) {
        return ERR_OK;
    }
    const char *path = arena_printf(arena, "%s/%s", in->folder, a->file);
    if (path == NULL) {
        return err_nomem(e);
    }
    const char *const file[][2] = {{"bill", number}, {"file", path}, {NULL, NULL}};
    return command_of(in, "attach", file, e);
}

static enum err_code answer_file(struct inbox *in, const char *name, struct err *e)
{
    struct arena arena;
    struct buf text;
    struct document_answer a;
    arena_init(&arena, (size_t)1 << 20);
    buf_init(&text, ANSWER_BYTES_MAX);
    const char *path = arena_printf(&arena, "%s/%s", in->folder, name);
    enum err_code code = path != NULL ? file_read(path, &text, e) : err_nomem(e);
    if (code == ERR_OK) {
        code = document_answer_parse(buf_str(&text), text.len, &arena, &a, e);
    }
    if (code == ERR_OK) {
        code = answer_take(in, &a, &arena, e);
    }
    buf_release(&text);
    arena_release(&arena);
    return code == ERR_OK ? ERR_OK : err_wrap(e, "%s", name);
}

static int is_answer(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    size_t m = strlen(ANSWER_SUFFIX);
    return n > m && strcmp(d->d_name + n - m, ANSWER_SUFFIX) == 0;
}

/* Every answer by itself: one that is wrong does not keep the others. */
static enum err_code inbox_read(struct inbox *in, struct err *e)
{
    struct dirent **list = NULL;
    int count = scandir(in->folder, &list, is_answer, alphasort);
    if (count < 0) {
        return err_errno(e, _("cannot read %s"), in->folder);
    }
    for (int i = 0; i < count; i++) {
        struct err one = ERR_INIT;
        if (i < ANSWERS_MAX && answer_file(in, list[i]->d_name, &one) != ERR_OK) {
            in->failed++;
            (void)fprintf(stderr, "aforo: %s\n", one.text);
        }
        free(list[i]);
    }
    free(list);
    return in->failed == 0 ? ERR_OK
                           : err_set(e, ERR_PARSE,
                                     ngettext("%" PRId64 " answer was not taken",
                                              "%" PRId64 " answers were not taken",
                                              (unsigned long)in->failed),
                                     in->failed);
}

enum err_code verb_document_inbox(struct cli *cli, struct err *e)
{
    struct inbox in = {.folder = cli->argc == 1 ? cli->argv[0] : NULL, .date = cli->date};
    if (in.folder == NULL) {
        return err_set(e, ERR_USAGE, _("name the folder: aforo %s FOLDER"), "document inbox");
    }
    enum err_code code = verb_office(cli, DB_WRITE, &in.o, &in.s, e);
    if (code == ERR_OK) {
        code = inbox_read(&in, e);
        verb_answer(cli,
                    ANSWER({"recorded", NULL, in.taken}, {"known", NULL, in.before},
                           {"failed", NULL, in.failed}),
                    ngettext("%" PRId64 " answer recorded; known already: %" PRId64 "\n",
                             "%" PRId64 " answers recorded; known already: %" PRId64 "\n",
                             (unsigned long)in.taken),
                    in.taken, in.before);
    }
    session_free(in.s);
    office_close(in.o);
    return code;
}
