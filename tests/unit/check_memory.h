/* Readers of outside bytes, each behind the same call, so that what they take of memory can be
 * measured over the same worst cases. */
#ifndef AFORO_TESTS_UNIT_CHECK_MEMORY_H
#define AFORO_TESTS_UNIT_CHECK_MEMORY_H

#include <stddef.h>

#include "base/err.h"

/* Read it and release all. `text` is NUL-terminated behind len. */
typedef enum err_code (*reader_fn)(const char *text, size_t len, struct err *e);

enum err_code read_json(const char *text, size_t len, struct err *e);
enum err_code read_json_entry(const char *text, size_t len, struct err *e);
enum err_code read_packet(const char *text, size_t len, struct err *e);
enum err_code read_dsse(const char *text, size_t len, struct err *e);
enum err_code read_entry(const char *text, size_t len, struct err *e);
enum err_code read_schema(const char *text, size_t len, struct err *e);
enum err_code read_segment(const char *text, size_t len, struct err *e);
enum err_code read_export(const char *text, size_t len, struct err *e);
enum err_code read_note(const char *text, size_t len, struct err *e);
enum err_code read_checkpoint(const char *text, size_t len, struct err *e);
enum err_code read_cosigned(const char *text, size_t len, struct err *e);
enum err_code read_vkey(const char *text, size_t len, struct err *e);
enum err_code read_tlog_proof(const char *text, size_t len, struct err *e);
enum err_code read_witness_request(const char *text, size_t len, struct err *e);
enum err_code read_witness_memory(const char *text, size_t len, struct err *e);
enum err_code read_proof(const char *text, size_t len, struct err *e);
enum err_code read_bill_code(const char *text, size_t len, struct err *e);
enum err_code read_pdf(const char *text, size_t len, struct err *e);
enum err_code read_camt(const char *text, size_t len, struct err *e);
enum err_code read_mt940(const char *text, size_t len, struct err *e);
enum err_code read_csv(const char *text, size_t len, struct err *e);
enum err_code read_tariff(const char *text, size_t len, struct err *e);
enum err_code read_urdb(const char *text, size_t len, struct err *e);
enum err_code read_mapping(const char *text, size_t len, struct err *e);
enum err_code read_erasures(const char *text, size_t len, struct err *e);
enum err_code read_high_water(const char *text, size_t len, struct err *e);
enum err_code read_verified(const char *text, size_t len, struct err *e);
enum err_code read_age(const char *text, size_t len, struct err *e);
enum err_code read_keyfile(const char *text, size_t len, struct err *e);
enum err_code read_sealed(const char *text, size_t len, struct err *e);
enum err_code read_spki(const char *text, size_t len, struct err *e);
enum err_code read_private_key(const char *text, size_t len, struct err *e);
enum err_code read_recovery(const char *text, size_t len, struct err *e);
enum err_code read_zone(const char *text, size_t len, struct err *e);

#endif
