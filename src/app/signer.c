#include <config.h>

#include "app/signer.h"

#include <pthread.h>

#include "base/i18n.h"
#include "store/db.h"

/* Entries on their way. The signer begins when a few wait, and the writer goes on when a few
 * places are free again, so that neither is woken for each entry. */
#define PLACES 64
#define FEW 8

struct place {
    struct prepared p;
    struct sign_key *key;
    struct err err; /* why it could not be signed */
};

struct signer {
    pthread_t thread;
    pthread_mutex_t lock; /* of all until `places` */
    pthread_cond_t work, progress;
    uint64_t given, made; /* counts; the places between them belong to the thread */
    bool hurry;           /* the writer waits: begin with a single one */
    bool stop;
    struct place places[PLACES];
    struct ledger *ledger; /* from here on the writer's */
    uint64_t stored, seen; /* rows that are written; `made` at the last look */
    bool storing;
    struct hash last; /* leaf of the last one stored, or what signer_begin said */
    struct hash prev; /* the thread's while anything is given: leaf of the last one made */
    bool failed;      /* as prev: nothing more is signed in this transaction */
};

/* ---- the thread ---- */

/* After one that failed no other can follow. */
static void place_sign(struct signer *s, struct place *at)
{
    at->err = (struct err)ERR_INIT;
    if (!s->failed) {
        ledger_follow(&at->p, &s->prev);
        s->failed = ledger_sign(&at->p, at->key, &at->err) != ERR_OK;
        s->prev = at->p.leaf;
    }
}

static void *signer_main(void *arg)
{
    struct signer *s = arg;
    (void)pthread_mutex_lock(&s->lock);
    while (!s->stop) {
        uint64_t given = s->given;
        uint64_t made = s->made;
        if (given - made < (s->hurry ? 1 : FEW)) {
            (void)pthread_cond_wait(&s->work, &s->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&s->lock);
        for (; made < given; made++) {
            place_sign(s, &s->places[made % PLACES]);
        }
        (void)pthread_mutex_lock(&s->lock);
        s->made = made;
        (void)pthread_cond_signal(&s->progress);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* ---- the writer ---- */

static uint64_t wait_for(struct signer *s, uint64_t least)
{
    (void)pthread_mutex_lock(&s->lock);
    s->hurry = s->made < least;
    while (s->made < least) {
        (void)pthread_cond_signal(&s->work);
        (void)pthread_cond_wait(&s->progress, &s->lock);
    }
    s->hurry = false;
    uint64_t made = s->made;
    (void)pthread_mutex_unlock(&s->lock);
    return made;
}

static enum err_code rows_store(struct signer *s, uint64_t made, struct err *e)
{
    enum err_code code = ERR_OK;
    s->storing = true;
    while (code == ERR_OK && s->stored < made) {
        const struct place *at = &s->places[s->stored % PLACES];
        code = at->err.code == ERR_OK ? ledger_store(s->ledger, &at->p, e)
                                      : err_set(e, at->err.code, "%s", at->err.text);
        if (code == ERR_OK) {
            s->last = at->p.leaf;
            s->stored++;
        }
    }
    s->storing = false;
    return code;
}

/* A statement is about to read entries: those on their way must be there. */
static enum err_code entries_wanted(void *ctx, struct err *e)
{
    struct signer *s = ctx;
    return s->storing ? ERR_OK : rows_store(s, wait_for(s, s->given), e);
}

enum err_code signer_start(struct ledger *l, struct signer **out, struct err *e)
{
    *out = NULL;
    struct signer *s = mem_alloc(sizeof *s);
    if (s == NULL) {
        return err_nomem(e);
    }
    s->ledger = l;
    for (size_t i = 0; i < PLACES; i++) {
        prepared_init(&s->places[i].p);
    }
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->work, NULL);
    (void)pthread_cond_init(&s->progress, NULL);
    if (pthread_create(&s->thread, NULL, signer_main, s) != 0) {
        enum err_code code = err_errno(e, _("cannot start a thread"));
        mem_free(s);
        return code;
    }
    db_before_read(l->db, "entry", "seq", entries_wanted, s);
    *out = s;
    return ERR_OK;
}

void signer_stop(struct signer *s)
{
    if (s == NULL) {
        return;
    }
    db_before_read(s->ledger->db, NULL, NULL, NULL, NULL);
    (void)pthread_mutex_lock(&s->lock);
    s->stop = true;
    (void)pthread_cond_signal(&s->work);
    (void)pthread_mutex_unlock(&s->lock);
    (void)pthread_join(s->thread, NULL);
    (void)pthread_cond_destroy(&s->progress);
    (void)pthread_cond_destroy(&s->work);
    (void)pthread_mutex_destroy(&s->lock);
    for (size_t i = 0; i < PLACES; i++) {
        prepared_release(&s->places[i].p);
    }
    mem_free(s);
}

void signer_begin(struct signer *s, const struct hash *prev)
{
    CHECK(s->stored == s->given);
    s->last = *prev;
    s->prev = *prev;
    s->failed = false;
}

enum err_code signer_place(struct signer *s, struct prepared **out, struct err *e)
{
    bool full = s->given - s->stored == PLACES;
    TRY(rows_store(s, full ? wait_for(s, s->given - PLACES / 2) : s->seen, e));
    *out = &s->places[s->given % PLACES].p;
    return ERR_OK;
}

void signer_give(struct signer *s, struct sign_key *key)
{
    s->places[s->given % PLACES].key = key;
    (void)pthread_mutex_lock(&s->lock);
    s->given++;
    s->seen = s->made;
    if (s->given - s->made == FEW) {
        (void)pthread_cond_signal(&s->work);
    }
    (void)pthread_mutex_unlock(&s->lock);
}

enum err_code signer_finish(struct signer *s, struct hash *leaf, struct err *e)
{
    TRY(rows_store(s, wait_for(s, s->given), e));
    *leaf = s->last;
    return ERR_OK;
}

void signer_abandon(struct signer *s)
{
    s->stored = wait_for(s, s->given);
}
