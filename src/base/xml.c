#include <config.h>

#include "xml.h"

#include <expat.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "buf.h"
#include "i18n.h"
#include "text.h"

/* A name and its name space arrive as "space|name". */
#define SPACE_MARK '|'

struct xml_stream {
    const struct xml_reader *reader;
    XML_Parser parser;
    char path[XML_PATH_MAX];
    size_t lens[XML_DEPTH_MAX]; /* length of the path without its last element */
    size_t depth;
    struct buf text;
    enum err_code code;
    struct err *e;
};

static void stop(struct xml_stream *r, enum err_code code)
{
    if (r->code == ERR_OK) {
        r->code = code;
        (void)XML_StopParser(r->parser, XML_FALSE);
    }
}

static const char *local_name(const char *name)
{
    const char *mark = strrchr(name, SPACE_MARK);
    return mark != NULL ? mark + 1 : name;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(local_name(attributes[i]), name) == 0) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct xml_stream *r = ctx;
    size_t used = strlen(r->path);
    const char *local = local_name(name);
    if (r->code != ERR_OK) {
        return;
    }
    if (r->depth == XML_DEPTH_MAX || used + strlen(local) + 2 > sizeof r->path) {
        stop(r, err_set(r->e, ERR_LIMIT, _("line %lu: elements are nested too deep"),
                        (unsigned long)XML_GetCurrentLineNumber(r->parser)));
        return;
    }
    r->lens[r->depth++] = used;
    (void)snprintf(r->path + used, sizeof r->path - used, "%s%s", used > 0 ? "/" : "", local);
    buf_clear(&r->text);
    enum err_code code =
        r->reader->start == NULL
            ? ERR_OK
            : r->reader->start(r->reader->ctx, r->path, (const char *const *)attributes, r->e);
    if (code != ERR_OK) {
        stop(r, code);
    }
}

static const char *trimmed(struct buf *b)
{
    static const char space[] = " \t\r\n";
    while (b->len > 0 && strchr(space, b->data[b->len - 1]) != NULL) {
        b->data[--b->len] = '\0';
    }
    const char *text = buf_str(b);
    return text + strspn(text, space);
}

static void on_end(void *ctx, const XML_Char *name)
{
    struct xml_stream *r = ctx;
    (void)name;
    if (r->code != ERR_OK) {
        return;
    }
    enum err_code code = buf_status(&r->text, r->path, r->e);
    if (code == ERR_OK) {
        code = r->reader->end(r->reader->ctx, r->path, trimmed(&r->text), r->e);
    }
    if (code != ERR_OK) {
        (void)err_wrap(r->e, _("line %lu"), (unsigned long)XML_GetCurrentLineNumber(r->parser));
        stop(r, code);
        return;
    }
    r->path[r->lens[--r->depth]] = '\0';
    buf_clear(&r->text); /* text between elements belongs to none of ours */
}

static void on_text(void *ctx, const XML_Char *text, int len)
{
    struct xml_stream *r = ctx;
    buf_add(&r->text, text, (size_t)len);
}

/* A document type could define entities that grow without bound; no bank and no spreadsheet
 * sends one. */
static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int internal)
{
    struct xml_stream *r = ctx;
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)internal;
    stop(r,
         err_set(r->e, ERR_PARSE, _("it declares a document type; such files are not read")));
}

/* Windows-1252 and ISO 8859-15, which expat does not know by itself.
 * Source: Unicode's 8859-15.TXT. */
static int on_encoding(void *ctx, const XML_Char *name, XML_Encoding *info)
{
    static const struct {
        unsigned char byte;
        int cp;
    } latin9[] = {{0xA4, 0x20AC}, {0xA6, 0x0160}, {0xA8, 0x0161}, {0xB4, 0x017D},
                  {0xB8, 0x017E}, {0xBC, 0x0152}, {0xBD, 0x0153}, {0xBE, 0x0178}};
    bool windows = strcasecmp(name, "windows-1252") == 0 || strcasecmp(name, "cp1252") == 0;
    (void)ctx;
    if (!windows && strcasecmp(name, "iso-8859-15") != 0) {
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        info->map[i] = windows ? (int)latin1_decode((unsigned char)i) : i;
    }
    for (size_t i = 0; !windows && i < sizeof latin9 / sizeof latin9[0]; i++) {
        info->map[latin9[i].byte] = latin9[i].cp;
    }
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    return XML_STATUS_OK;
}

static enum err_code status_take(struct xml_stream *r, enum XML_Status status, bool *paused)
{
    *paused = status == XML_STATUS_SUSPENDED;
    if (status != XML_STATUS_ERROR || r->code != ERR_OK) {
        return r->code;
    }
    enum XML_Error why = XML_GetErrorCode(r->parser);
    return why == XML_ERROR_NO_MEMORY
               ? err_nomem(r->e)
               : err_set(r->e, ERR_PARSE,
                         _("line %lu, column %lu: no well-formed XML (%s); is the file "
                           "whole?"),
                         (unsigned long)XML_GetCurrentLineNumber(r->parser),
                         (unsigned long)XML_GetCurrentColumnNumber(r->parser),
                         XML_ErrorString(why));
}

enum err_code xml_stream_new(const struct xml_reader *reader, struct err *e,
                             struct xml_stream **out)
{
    struct xml_stream *r = mem_alloc(sizeof *r);
    *out = r;
    if (r == NULL) {
        return err_nomem(e);
    }
    r->reader = reader;
    r->e = e;
    buf_init(&r->text, XML_TEXT_MAX);
    r->parser = XML_ParserCreateNS(NULL, SPACE_MARK);
    if (r->parser == NULL) {
        return err_nomem(e);
    }
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    XML_SetUnknownEncodingHandler(r->parser, on_encoding, NULL);
    (void)XML_SetParamEntityParsing(r->parser, XML_PARAM_ENTITY_PARSING_NEVER);
    return ERR_OK;
}

void xml_stream_free(struct xml_stream *s)
{
    if (s == NULL) {
        return;
    }
    buf_release(&s->text);
    if (s->parser != NULL) {
        XML_ParserFree(s->parser);
    }
    mem_free(s);
}

void *xml_stream_room(struct xml_stream *s, size_t size)
{
    CHECK(size <= INT_MAX);
    return XML_GetBuffer(s->parser, (int)size);
}

enum err_code xml_stream_feed(struct xml_stream *s, size_t len, bool last, bool *paused)
{
    return status_take(s, XML_ParseBuffer(s->parser, (int)len, last), paused);
}

enum err_code xml_stream_go(struct xml_stream *s, bool *paused)
{
    return status_take(s, XML_ResumeParser(s->parser), paused);
}

void xml_stream_pause(struct xml_stream *s)
{
    (void)XML_StopParser(s->parser, XML_TRUE);
}

enum err_code xml_read(const char *data, size_t len, const struct xml_reader *reader,
                       struct err *e)
{
    struct xml_stream *s = NULL;
    bool paused = false;
    if (len > INT_MAX) {
        return err_set(e, ERR_LIMIT, _("the file is too large"));
    }
    enum err_code code = xml_stream_new(reader, e, &s);
    if (code == ERR_OK) {
        code = status_take(s, XML_Parse(s->parser, data, (int)len, XML_TRUE), &paused);
    }
    xml_stream_free(s);
    return code;
}

/* Source: XML 1.0, 2.2 (Char); a tab or line break would not survive in an attribute. */
static bool xml_char(uint32_t cp)
{
    return cp >= 0x20 && cp != 0x7F && cp != 0xFFFE && cp != 0xFFFF;
}

void xml_add_text(struct buf *out, const char *s)
{
    size_t len = strlen(s);
    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        size_t n = utf8_decode(s + at, len - at, &cp);
        if (n == 0 || !xml_char(cp)) {
            buf_adds(out, cp == '\n' || cp == '\t' ? " " : "\xEF\xBF\xBD");
        } else if (strchr("&<>\"'", s[at]) != NULL) {
            buf_addf(out, "&#%u;", (unsigned)cp);
        } else {
            buf_add(out, s + at, n);
        }
        at += n > 0 ? n : 1;
    }
}
