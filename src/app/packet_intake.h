/* The intake of device packets: bytes in, a durable answer for each out. Files, the poller and
 * the HTTPS API feed the same: submit what came, push, and be told of each packet once what
 * became of it cannot be lost any more. Signatures are checked on all cores while the window
 * before is being written. One intake an office at a time. */
#ifndef AFORO_APP_PACKET_INTAKE_H
#define AFORO_APP_PACKET_INTAKE_H

#include "app/command.h"
#include "app/packet_store.h"

struct packet_intake;

enum packet_outcome { PACKET_IS_STORED, PACKET_IS_KNOWN, PACKET_IS_REFUSED };

struct packet_answer {
    uint64_t tag; /* as submitted */
    enum packet_outcome outcome;
    enum packet_refusal why;
    const char *detail; /* the sentence of a refusal; borrowed for the call; "" otherwise */
    const char *device; /* its name; "" when nobody's */
    int64_t seq, item;  /* where it is stored; 0 unless PACKET_IS_STORED */
    bool held;          /* stored, but a rule holds its reading */
};
typedef void (*packet_answer_fn)(void *ctx, const struct packet_answer *a);

/*
 * Open the intake: takes its lock, and closes the window that a killed one left open.
 *
 * c:      its session signs the windows; borrowed, as answer's ctx is.
 * answer: called for each packet in the order of submission, from packet_intake_push and
 * _drain; may be NULL. Errors: ERR_CONFLICT when another intake is at work in this office.
 */
enum err_code packet_intake_open(struct command_ctx *c, packet_answer_fn answer, void *ctx,
                                 struct packet_intake **out, struct err *e) MUST_CHECK;
/* Without packet_intake_drain before it, what was not answered is forgotten. NULL is fine. */
void packet_intake_close(struct packet_intake *in);

/* Copy one packet in, as it came (no line's end). ERR_LIMIT when it is full: push first. */
enum err_code packet_intake_submit(struct packet_intake *in, const char *text, size_t len,
                                   uint64_t tag, struct err *e) MUST_CHECK;
bool packet_intake_full(const struct packet_intake *in);
/* Begin checking what was submitted; record, and answer, what was pushed before. */
enum err_code packet_intake_push(struct packet_intake *in, struct err *e) MUST_CHECK;
/* Push, and record and answer all of it. */
enum err_code packet_intake_drain(struct packet_intake *in, struct err *e) MUST_CHECK;
const struct packet_totals *packet_intake_totals(const struct packet_intake *in);

#endif
