/* Suites of the ledger floor, and a small ledger made entry by entry, so that a test can make
 * each of them wrong. */
#ifndef AFORO_TESTS_CHECK_LEDGER_H
#define AFORO_TESTS_CHECK_LEDGER_H

#include <check.h>

#include "base/env.h"
#include "ledger/audit.h"
#include "ledger/chain.h"
#include "ledger/ledger.h"
#include "store/db.h"

Suite *suite_audit(void);
Suite *suite_chain(void);
Suite *suite_clock(void);
Suite *suite_entry(void);
Suite *suite_entry_scan(void);
Suite *suite_export(void);
Suite *suite_items(void);
Suite *suite_keyring(void);
Suite *suite_kinds(void);
Suite *suite_ledger(void);
Suite *suite_schema(void);
Suite *suite_tree(void);
Suite *suite_verified(void);
Suite *suite_verify(void);
Suite *suite_verify_flip(void);
Suite *suite_verify_pool(void);

#define MINI_PATH 512
/* What fits the schemas: a commitment, the data of limit.set, and of readings.batch. */
#define MINI_HASH "0000000000000000000000000000000000000000000000000000000000000000"
#define MINI_LIMIT "{\"limit\":1,\"meter\":1,\"start\":\"2026-11-02\",\"value\":20}"
#define MINI_BATCH(count, root)                                                                \
    "{\"batch\":1,\"count\":" count ",\"first\":1,\"root\":\"" root "\",\"run\":1}"
#define MINI_START_MS INT64_C(1793628000000)

/* Office SJ01 with user 1; tables projected by nobody. */
struct mini {
    char dir[MINI_PATH], db_path[MINI_PATH], clock_path[MINI_PATH], gate_path[MINI_PATH],
        state_path[MINI_PATH];
    struct env_fake clock;
    struct db *db;
    struct sign_key *office, *user;
    struct ledger ledger;
    struct arena arena;
    struct ledger_head head; /* of what mini_put wrote */
};
/* Entries 1 (office.created) and 2 (user.created). */
void mini_make(struct mini *m);
void mini_free(struct mini *m);

/* A proper next entry, to be made wrong; data is JSON text. */
struct entry mini_next(struct mini *m, const char *kind, const char *actor, const char *data);
/* Encode, sign with key, store, whatever it says. Returns its seq. */
int64_t mini_put(struct mini *m, const struct entry *en, struct sign_key *key);
/* `count` acts of user 1. */
void mini_acts(struct mini *m, int count);
/* Item `index` of such a batch; returns its length. */
#define MINI_ITEM 160
int mini_item(char out[MINI_ITEM], int64_t index);
/* MINI_LIMIT as data of a draft; NULL when memory is out. */
struct json *mini_limit(struct arena *arena);
/* A batch of user 1 with `count` items; returns its seq. */
int64_t mini_batch(struct mini *m, uint32_t count);
/* Data of user.created with that key; of office.created where user is 0. */
const char *mini_key_data(struct mini *m, const struct sign_key *key, int64_t user);
void mini_exec(struct mini *m, const char *sql);

/* verify_ledger from the first entry, threads 2. */
enum err_code mini_verify(struct mini *m, struct audit *a);
/* It fails, the first fault is this check of this entry, and the sentence names the entry. */
void assert_fault(struct mini *m, const char *check, int64_t seq);
void assert_holds(struct mini *m);

bool soak(void);

#define assert_ok(call)                                                                        \
    do {                                                                                       \
        struct err e = ERR_INIT;                                                               \
        enum err_code code_ = (call);                                                          \
        ck_assert_msg(code_ == ERR_OK, "%s: %s", #call, e.text);                               \
    } while (0)
#define assert_error(call, wanted, word)                                                       \
    do {                                                                                       \
        struct err e = ERR_INIT;                                                               \
        enum err_code code_ = (call);                                                          \
        ck_assert_msg(code_ == (wanted), "%s: %s (%s)", #call, err_code_name(code_), e.text);  \
        ck_assert_msg(strstr(e.text, (word)) != NULL, "%s: %s", #call, e.text);                \
    } while (0)

#endif
