/* Field papers: what is filled in and signed where a meter stands. Each template is a command
 * of its own, whose parameters are its fields; the entry keeps what was filled in, the photos
 * of the signed sheet are attached to it. */
#ifndef AFORO_APP_FIELD_PAPER_H
#define AFORO_APP_FIELD_PAPER_H

#include "app/command.h"
#include "base/arena.h"

#define PAPER_VALUES_MAX 16

struct paper_template {
    const struct command *command; /* "paper TEMPLATE": fields and their labels */
    const char *title;             /* N_("Installation act") */
    const char *statement;         /* N_(...): what those who sign it declare */
    int due_months; /* until the next one of its kind, where nobody says otherwise; 0: none */
};

/* "installation" ...; NULL: no such template. */
const struct paper_template *paper_template_find(const char *code);
const char *paper_template_code(const struct paper_template *t);

struct paper_value {
    const char *name, *label; /* of the parameter; label in the language of the messages */
    const char *text;         /* choices translated */
};

/* A paper as it is printed, read from the tables alone. Texts "" where there is none. */
struct field_paper {
    int64_t number, work, seq;
    const struct paper_template *template;
    bool is_void;
    const char *void_reason;
    const char *date, *due;
    const char *office, *serial, *kind, *place, *account, *customer;
    const char *signer; /* who signed for the customer, or that it was erased */
    const char *author; /* name of who recorded it */
    struct paper_value values[PAPER_VALUES_MAX];
    size_t value_count;
    const char *leaf; /* of the entry, hexadecimal */
};

/* Texts live in arena. ERR_NOT_FOUND naming the number; ERR_NOMEM. */
enum err_code field_paper_load(struct office *o, int64_t number, struct arena *arena,
                               struct field_paper *out, struct err *e) MUST_CHECK;

#endif
