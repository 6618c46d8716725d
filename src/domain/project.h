/* Projectors: copy what entries and items record into the office's tables. Pure by contract:
 * the same ledger gives the same rows forever. Source: ledger.md, What the ledger is. */
#ifndef AFORO_DOMAIN_PROJECT_H
#define AFORO_DOMAIN_PROJECT_H

#include "domain/rules.h"
#include "ledger/ledger.h"

extern const struct projector office_projector;

/* What every projector gets. */
struct projection {
    struct db *db;
    const struct entry *entry;
    struct arena *arena;
    struct err *e;
};

/* Members of an entry's data; a missing or mistyped one is ERR_TAMPERED: it was checked when it
 * was written. */
enum err_code take_int(struct projection *p, const struct json *o, const char *name,
                       int64_t *out) MUST_CHECK;
enum err_code take_text(struct projection *p, const struct json *o, const char *name,
                        const char **out) MUST_CHECK;
enum err_code take_hash(struct projection *p, const struct json *o, const char *name,
                        struct hash *out) MUST_CHECK;
enum err_code take_array(struct projection *p, const struct json *o, const char *name,
                         const struct json **out) MUST_CHECK;
enum err_code take_object(struct projection *p, const struct json *o, const char *name,
                          const struct json **out) MUST_CHECK;

/* Members that may be missing, as a value for the database: NULL then. The text is borrowed. */
struct val optional_int(const struct json *o, const char *name);
struct val optional_text(const struct json *o, const char *name);

/* A reading as its item says it, where that has nothing but these: no note, no estimate. */
struct reading_row {
    int64_t id, reg, utc, local, value, line;
    int64_t run; /* 0: none */
    const char *state, *source;
    const struct finding *findings; /* what the rules said of it; borrowed */
    size_t finding_count;
    int64_t alert, meter;        /* of a held one; 0: none */
    const struct finding *worst; /* that its alert is named after */
};
enum err_code project_reading_row(struct db *db, const struct entry *en,
                                  const struct reading_row *r, struct err *e) MUST_CHECK;

/* A packet of a window with at most one reading, which has no finding. */
struct packet_row {
    int64_t device, lane, nonce, utc, item;
    struct hash hash;
    bool has_reading;
    struct reading_row reading;
};
enum err_code project_packet_row(struct db *db, const struct entry *en,
                                 const struct packet_row *r, struct err *e) MUST_CHECK;

/* A bill whose item need not be read again; what the item's text says, for a rebuild (its lists
 * in p->arena). */
struct bill_row;
enum err_code project_bill_row(struct db *db, const struct entry *en, const struct bill_row *r,
                               struct err *e) MUST_CHECK;
enum err_code bill_row_take(struct projection *p, const struct json *item, int64_t index,
                            struct bill_row *r) MUST_CHECK;

/* Record a public key of an entry's object (keyid, spki), valid from that position on. */
enum err_code project_key_insert(struct projection *p, const struct json *d, const char *owner,
                                 const char *purpose, int64_t from) MUST_CHECK;
/*
 * For the kinds of acts that need two persons: the entry's member "request" names an approved
 * request of that command, which is done with this entry. ERR_TAMPERED when it does not.
 */
enum err_code project_request_done(struct projection *p, const struct json *d,
                                   const char *command) MUST_CHECK;

/* Families, a file each. */
#define KIND(ident, name, version, signer)                                                     \
    enum err_code project_##ident(struct projection *p, const struct json *d) MUST_CHECK;
#include "ledger/kinds.def"
#undef KIND
enum err_code project_meter_item(struct projection *p, const struct json *item) MUST_CHECK;
enum err_code project_record_item(struct projection *p, const struct json *item) MUST_CHECK;
enum err_code project_reading_item(struct projection *p, const struct json *item) MUST_CHECK;
enum err_code project_bank_item(struct projection *p, const struct json *item) MUST_CHECK;
enum err_code project_note_item(struct projection *p, const struct json *item) MUST_CHECK;
enum err_code project_credits_item(struct projection *p, const struct json *item) MUST_CHECK;
enum err_code project_packet_item(struct projection *p, const struct json *item,
                                  int64_t index) MUST_CHECK;
/* An alert that an entry raises: {"id","meter","observed","rule","threshold"}. */
enum err_code project_alert(struct projection *p, const struct json *alert) MUST_CHECK;
enum err_code project_bill_item(struct projection *p, const struct json *item,
                                int64_t index) MUST_CHECK;

#endif
