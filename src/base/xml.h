/* XML read as a stream of elements, over expat: no document type, so no entities to expand and
 * nothing fetched; bounded depth, text and size. */
#ifndef AFORO_BASE_XML_H
#define AFORO_BASE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

#define XML_DEPTH_MAX 64
#define XML_TEXT_MAX 65535 /* of one element */
#define XML_PATH_MAX 1024

struct xml_reader {
    void *ctx;
    /* path: names of the elements from the root, without name spaces ("Document/Stmt/Id").
     * attribute: `name` of an attribute -> its value, NULL when absent; for the call only. */
    enum err_code (*start)(void *ctx, const char *path, const char *const *attributes,
                           struct err *e);
    /* text: of the element itself, white space at both ends taken off. */
    enum err_code (*end)(void *ctx, const char *path, const char *text, struct err *e);
};

/* Value of an attribute in the pairs that `start` gets; NULL when absent. */
const char *xml_attribute(const char *const *attributes, const char *name);

/*
 * Read a whole document.
 *
 * Errors: ERR_PARSE with line and column (not well formed, cut off, a document type),
 * ERR_LIMIT, ERR_NOMEM; whatever the callbacks return.
 */
enum err_code xml_read(const char *data, size_t len, const struct xml_reader *reader,
                       struct err *e) MUST_CHECK;

/*
 * The same piece by piece, for what is too large to hold: as many bytes as there are at a time.
 *
 * reader, e: borrowed until xml_stream_free; e gets the error of any call.
 */
struct xml_stream;
enum err_code xml_stream_new(const struct xml_reader *reader, struct err *e,
                             struct xml_stream **out) MUST_CHECK;
void xml_stream_free(struct xml_stream *s); /* NULL is fine */
/* Room for the next piece of at most `size` bytes; NULL when memory is out. */
void *xml_stream_room(struct xml_stream *s, size_t size);
/* Read `len` bytes that were put there; last: nothing follows. *paused: a callback asked for a
 * pause, and xml_stream_go comes before the next piece. */
enum err_code xml_stream_feed(struct xml_stream *s, size_t len, bool last,
                              bool *paused) MUST_CHECK;
enum err_code xml_stream_go(struct xml_stream *s, bool *paused) MUST_CHECK;
/* For callbacks: stop behind the element that is at work. */
void xml_stream_pause(struct xml_stream *s);

/* Append a text as an element's content or an attribute's value: markup escaped; what XML 1.0
 * has no place for (controls, broken UTF-8, U+FFFE) becomes U+FFFD. */
void xml_add_text(struct buf *out, const char *s);

#endif
