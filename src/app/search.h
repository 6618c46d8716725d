/* The index behind the filter of a million meters: state/search.db, made in the background from
 * the office's tables and never changed once it is there. What changed after it was made is
 * known from the ledger (`dirty`) and looked at row by row; when that is too much it is made
 * anew. An answer never depends on it, only how long the answer takes.
 *
 * Three letters and more are found anywhere (trigrams), one or two at the beginnings of words.
 * The index holds places, which are personal data: an erasure removes the file. */
#ifndef AFORO_APP_SEARCH_H
#define AFORO_APP_SEARCH_H

#include "app/office.h"
#include "base/progress.h"

/* Meters that changed since the index was made; with more it is made anew. */
#define SEARCH_DIRTY_MAX 256u
/* Letters from which on a term is found anywhere in the text. */
#define SEARCH_ANYWHERE 3u

struct search;

/* A handle for one thread. Nothing is opened yet. Errors: ERR_NOMEM. */
enum err_code search_new(const struct office *o, struct search **out, struct err *e) MUST_CHECK;
void search_free(struct search *s); /* NULL is fine */

/*
 * May the index answer for this connection's state of the office? Opens a newer file when one
 * is there, and notes which meters are dirty.
 *
 * readings: the answer depends on readings too, not on serial, place, route and account alone.
 */
enum err_code search_usable(struct search *s, struct db *office, bool readings, bool *usable,
                            struct err *e) MUST_CHECK;
struct db *search_db(struct search *s);
/* Ascending by id. */
const int64_t *search_dirty(const struct search *s, size_t *count);
bool search_is_dirty(const struct search *s, int64_t meter);
/*
 * All meters in the order of a column of the list, as it was when the index was made.
 *
 * ids: owned by the handle, valid until the next call for another column or search_usable().
 * Errors: ERR_TAMPERED when it does not hold what it should.
 */
enum err_code search_order(struct search *s, int column, const int64_t **ids, size_t *count,
                           struct err *e) MUST_CHECK;

/*
 * The first meters of that order (the last ones for `down`, still in ascending order) without
 * reading the rest: for the first screenful.
 *
 * ids: room for `room` of them; *count: how many there are, 0 when the whole order is in memory
 * anyway.
 */
enum err_code search_order_head(struct search *s, int column, bool down, int64_t *ids,
                                size_t room, size_t *count, struct err *e) MUST_CHECK;

/* What a meter's cells of few different words showed when the index was made. An open alert
 * makes another word of "ok"; it is not in here. */
enum search_condition {
    SEARCH_LOOK, /* only its row can tell */
    SEARCH_OUT,
    SEARCH_HELD,
    SEARCH_NONE,
    SEARCH_OK,
    SEARCH_HIGH, /* these three are told by alerts alone */
    SEARCH_LOW,
    SEARCH_ZERO,
    SEARCH_CONDITIONS
};
#define SEARCH_KINDS 3
extern const char *const search_kinds[SEARCH_KINDS];
/* Days since 1970 and one more; 0: never. */
#define SEARCH_DAYS 65536
struct search_facts {
    size_t count;   /* documents: meters in the order of their serials */
    uint16_t *days; /* of the last reading */
    uint8_t *conditions, *kinds;
};
/* Owned by the handle, valid until the next search_usable(). Errors: ERR_TAMPERED. */
enum err_code search_facts(struct search *s, const struct search_facts **out,
                           struct err *e) MUST_CHECK;

/*
 * Make the index if there is none that is usable with few dirty meters; nothing to do when
 * another program is at it. o is read as it is, personal data unmasked.
 *
 * Errors: ERR_CANCELLED; disk errors, after which the old state stands.
 */
enum err_code search_build(struct office *o, const struct progress *progress,
                           struct err *e) MUST_CHECK;
/* Remove the index and what is left of one being made. */
enum err_code search_forget(const struct office *o, struct err *e) MUST_CHECK;

#endif
