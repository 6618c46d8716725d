#include <config.h>

#include "app/import_packets.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/intake_room.h"
#include "app/packet_intake.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"

#define CHUNK_BYTES ((size_t)64 << 10)
#define FIRST_REFUSED 20
#define REFUSED_TEXT_MAX 400
#define LABEL_COLUMNS 48
#define NUMBER_COLUMNS 14

/* What was refused first; the rest is only counted. */
struct refused_line {
    uint64_t line;
    enum packet_refusal why;
    char device[DEVICE_NAME_MAX * 4 + 1], text[REFUSED_TEXT_MAX];
};

struct packet_import {
    struct command_ctx *c;
    struct packet_intake *in;
    const char *path;
    int fd;
    char *chunk;
    size_t at, end; /* of what is left in chunk */
    bool eof;
    struct buf line;
    uint64_t lines, bytes, size;
    struct refused_line first[FIRST_REFUSED];
    size_t first_count;
    struct packet_totals totals;
};

static void answered(void *ctx, const struct packet_answer *a)
{
    struct packet_import *im = ctx;
    if (a->outcome != PACKET_IS_REFUSED || im->first_count == FIRST_REFUSED) {
        return;
    }
    struct refused_line *r = &im->first[im->first_count++];
    r->line = a->tag;
    r->why = a->why;
    text_sanitize_to(a->device, strlen(a->device), r->device, sizeof r->device);
    text_sanitize_to(a->detail, strlen(a->detail), r->text, sizeof r->text);
}

/* ---- lines ---- */

static enum err_code input_open(struct packet_import *im, struct err *e)
{
    struct stat st;
    bool standard = strcmp(im->path, "-") == 0;
    im->fd = standard ? STDIN_FILENO : open(im->path, O_RDONLY | O_CLOEXEC);
    if (im->fd < 0) {
        return err_errno(e, _("cannot read %s"), im->path);
    }
    im->size = fstat(im->fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    im->chunk = mem_alloc(CHUNK_BYTES);
    return im->chunk != NULL ? ERR_OK : err_nomem(e);
}

static enum err_code chunk_fill(struct packet_import *im, struct err *e)
{
    ssize_t n = 0;
    do {
        n = read(im->fd, im->chunk, CHUNK_BYTES);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return err_errno(e, _("cannot read %s"), im->path);
    }
    im->at = 0;
    im->end = (size_t)n;
    im->bytes += (uint64_t)n;
    im->eof = n == 0;
    return ERR_OK;
}

/* The next line without its end; of one that is too long only so much as shows that. */
static enum err_code line_next(struct packet_import *im, bool *end, struct err *e)
{
    bool found = false;
    buf_clear(&im->line);
    while (!found) {
        if (im->at == im->end && !im->eof) {
            TRY(chunk_fill(im, e));
        }
        if (im->eof) {
            break;
        }
        const char *start = im->chunk + im->at;
        const char *stop = memchr(start, '\n', im->end - im->at);
        found = stop != NULL;
        size_t len = found ? (size_t)(stop - start) : im->end - im->at;
        size_t room = PACKET_BYTES_MAX + 2 - im->line.len;
        buf_add(&im->line, start, len < room ? len : room);
        TRY(buf_status(&im->line, _("line"), e));
        im->at += len + found;
    }
    *end = !found && im->line.len == 0;
    im->lines += !*end;
    if (im->line.len > 0 && im->line.data[im->line.len - 1] == '\r') {
        im->line.len--;
    }
    return ERR_OK;
}

static enum err_code cancelled(const struct packet_import *im, struct err *e)
{
    return err_set(
        e, ERR_CANCELLED,
        ngettext("stopped; %" PRIu64 " packet is stored, and importing %s again goes on",
                 "stopped; %" PRIu64 " packets are stored, and importing %s again goes on",
                 (unsigned long)(packet_intake_totals(im->in)->stored)),
        packet_intake_totals(im->in)->stored, im->path);
}

static enum err_code lines_take(struct packet_import *im, struct err *e)
{
    bool end = false;
    for (;;) {
        TRY(line_next(im, &end, e));
        if (end) {
            return packet_intake_drain(im->in, e);
        }
        if (im->line.len == 0) {
            continue;
        }
        if (packet_intake_full(im->in)) {
            TRY(intake_room(im->c->office, e));
            TRY(packet_intake_push(im->in, e));
            if (!progress_step(im->c->progress, _("storing"), im->bytes, im->size)) {
                return cancelled(im, e);
            }
        }
        TRY(packet_intake_submit(im->in, im->line.data, im->line.len, im->lines, e));
    }
}

/* ---- the report ---- */

static void count_print(const struct packet_import *im, unsigned indent, const char *label,
                        uint64_t n)
{
    struct buf *out = im->c->out;
    struct buf shown;
    char machine[24];
    (void)snprintf(machine, sizeof machine, "%" PRIu64, n);
    buf_init(&shown, 64);
    numfmt_number(im->c->office->numfmt, machine, &shown);
    size_t width = indent + text_width(label, strlen(label));
    size_t pad = width < LABEL_COLUMNS ? LABEL_COLUMNS - width : 1;
    size_t digits = text_width(buf_str(&shown), shown.len);
    pad += digits < NUMBER_COLUMNS ? NUMBER_COLUMNS - digits : 1;
    buf_addf(out, "%*s%s%*s%s\n", (int)indent, "", label, (int)pad, "", buf_str(&shown));
    buf_release(&shown);
}

static void totals_print(const struct packet_import *im)
{
    const struct packet_totals *t = &im->totals;
    struct buf *out = im->c->out;
    buf_addf(out, _("Packets of %s:"), im->path);
    buf_addc(out, '\n');
    count_print(im, 4, _("packets read"), t->read);
    count_print(im, 4, _("stored"), t->stored);
    count_print(im, 6, _("readings accepted"), t->accepted);
    count_print(im, 6, _("readings held for a supervisor"), t->held);
    count_print(im, 4, _("stored before"), t->known);
    count_print(im, 4, _("refused"), t->refused);
    for (size_t i = PACKET_TAKEN + 1; i < PACKET_REFUSAL_COUNT; i++) {
        if (t->refused_by[i] > 0) {
            count_print(im, 6, packet_refusal_title((enum packet_refusal)i), t->refused_by[i]);
        }
    }
    count_print(im, 4, _("windows"), t->windows);
    for (size_t i = 0; i < im->first_count; i++) {
        const struct refused_line *r = &im->first[i];
        if (r->device[0] != '\0') {
            buf_addf(out, _("    line %" PRIu64 ", device %s: %s"), r->line, r->device,
                     r->text);
        } else {
            buf_addf(out, _("    line %" PRIu64 ": %s"), r->line, r->text);
        }
        buf_addc(out, '\n');
    }
    if (t->refused > im->first_count) {
        buf_addf(out, _("    and %" PRIu64 " more"), t->refused - im->first_count);
        buf_addc(out, '\n');
    }
}

static void text_member(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, ",\"%s\":", name);
    json_add_string(out, text, strlen(text));
}

static void totals_json(const struct packet_import *im)
{
    const struct packet_totals *t = &im->totals;
    struct buf *out = im->c->out;
    buf_addf(out,
             "{\"read\":%" PRIu64 ",\"stored\":%" PRIu64 ",\"accepted\":%" PRIu64
             ",\"held\":%" PRIu64 ",\"known\":%" PRIu64 ",\"refused\":%" PRIu64
             ",\"windows\":%" PRIu64 ",\"refused_by\":{",
             t->read, t->stored, t->accepted, t->held, t->known, t->refused, t->windows);
    bool first = true;
    for (size_t i = PACKET_TAKEN + 1; i < PACKET_REFUSAL_COUNT; i++) {
        if (t->refused_by[i] > 0) {
            buf_addf(out, "%s\"%s\":%" PRIu64, first ? "" : ",",
                     packet_refusal_name((enum packet_refusal)i), t->refused_by[i]);
            first = false;
        }
    }
    buf_adds(out, "},\"first_refused\":[");
    for (size_t i = 0; i < im->first_count; i++) {
        const struct refused_line *r = &im->first[i];
        buf_addf(out, "%s{\"line\":%" PRIu64, i == 0 ? "" : ",", r->line);
        text_member(out, "device", r->device);
        text_member(out, "reason", packet_refusal_name(r->why));
        text_member(out, "text", r->text);
        buf_addc(out, '}');
    }
    buf_adds(out, "]}\n");
}

static enum err_code verdict(const struct packet_import *im, struct err *e)
{
    const struct packet_totals *t = &im->totals;
    if (t->refused == 0) {
        return ERR_OK;
    }
    return t->refused == t->read
               ? err_set(e, ERR_PARSE,
                         _("%s: none of its packets (%" PRIu64 ") is stored: all were refused, "
                           "the first in line %" PRIu64 ": %s"),
                         im->path, t->refused, im->first[0].line, im->first[0].text)
               : err_set(e, ERR_PARSE,
                         ngettext("%s: %" PRIu64 " of %" PRIu64
                                  " packets was refused, in line %" PRIu64
                                  ": %s. The others are stored",
                                  "%s: %" PRIu64 " of %" PRIu64
                                  " packets were refused, the first in line %" PRIu64
                                  ": %s. The others are stored",
                                  (unsigned long)t->refused),
                         im->path, t->refused, t->read, im->first[0].line, im->first[0].text);
}

/* ---- the command ---- */

static enum err_code import_run(struct packet_import *im, struct err *e)
{
    TRY(intake_room(im->c->office, e));
    TRY(input_open(im, e));
    TRY(packet_intake_open(im->c, answered, im, &im->in, e));
    TRY(lines_take(im, e));
    im->totals = *packet_intake_totals(im->in);
    if (im->c->out != NULL && im->c->json) {
        totals_json(im);
    } else if (im->c->out != NULL) {
        totals_print(im);
    }
    (void)snprintf(im->c->message, sizeof im->c->message,
                   ngettext("%" PRIu64 " packet stored", "%" PRIu64 " packets stored",
                            (unsigned long)im->totals.stored),
                   im->totals.stored);
    return verdict(im, e);
}

enum err_code run_import_packets(struct command_ctx *c, struct err *e)
{
    struct packet_import *im = mem_alloc(sizeof *im);
    if (im == NULL) {
        return err_nomem(e);
    }
    im->c = c;
    im->path = arg_text(c, "file");
    im->fd = -1;
    buf_init(&im->line, PACKET_BYTES_MAX + 2);
    enum err_code code = import_run(im, e);
    packet_intake_close(im->in);
    if (im->fd > STDIN_FILENO) {
        (void)close(im->fd);
    }
    buf_release(&im->line);
    mem_free(im->chunk);
    mem_free(im);
    return code;
}

static const struct param import_packets_params[] = {
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("file of packets, one a line, JSON or OCMF; - reads standard input"), NULL, NULL},
    PARAM_END};
const struct command cmd_import_packets = {"import packets",
                                           N_("take in signed packets of devices"),
                                           CMD_BULK,
                                           import_packets_params,
                                           NULL,
                                           run_import_packets};
