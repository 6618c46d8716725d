#include <config.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/rebuild.h"
#include "base/buf.h"
#include "crypto/hash.h"
#include "domain/project.h"
#include "ledger/export.h"
#include "tests/unit/check_faults.h"

#define PATH_SIZE (FIXTURE_PATH_MAX + 64)

const char *const flow_names[FLOW_COUNT] = {"act",    "import",  "billing",    "rebuild",
                                            "verify", "packets", "attachment", "work"};

static struct {
    char fresh[FIXTURE_PATH_MAX]; /* meters, a mapping */
    char read[FIXTURE_PATH_MAX];  /* readings too */
    char signs[FIXTURE_PATH_MAX]; /* meters, and devices that sign */
    char files[FIXTURE_PATH_MAX]; /* what is imported; an export */
    int64_t wall, boot;
    pid_t owner;
} rig;

bool soak(void)
{
    const char *s = getenv("AFORO_SOAK");
    return s != NULL && strcmp(s, "1") == 0;
}

uint64_t points_of(uint64_t all, uint64_t reduced, uint64_t full)
{
#ifdef AFORO_SANITIZED /* each point takes three times as long there */
    reduced = (reduced + 2) / 3;
#endif
    uint64_t most = soak() ? full : reduced;
    return all < most ? all : most;
}

uint64_t point(uint64_t i, uint64_t count, uint64_t all)
{
    return count == all ? i : 1 + (i - 1) * (all - 1) / (count > 1 ? count - 1 : 1);
}

static _Noreturn void broken(const char *what, const struct err *e)
{
    (void)fprintf(stderr, "faults_rig: %s: %s\n", what, e != NULL ? e->text : "");
    abort();
}

static void must(enum err_code code, const char *what, const struct err *e)
{
    if (code != ERR_OK) {
        broken(what, e);
    }
}

static void path_of(char out[PATH_SIZE], const char *dir, const char *name)
{
    if (snprintf(out, PATH_SIZE, "%s/%s", dir, name) >= PATH_SIZE) {
        broken("the path is too long", NULL);
    }
}

/* ---- a command, as a process would run it
 * ------------------------------------------------------- */

static int acks = -1;
static void (*at_ack)(void);

static void durable(const struct entry *en)
{
    if (at_ack != NULL) {
        at_ack();
    }
    if (acks >= 0 && dprintf(acks, "%" PRId64 "\n", en->seq) < 0) {
        broken("the log of acknowledgements", NULL);
    }
}

void rig_acks(int fd)
{
    acks = fd;
}

void rig_at_ack(void (*look)(void))
{
    at_ack = look;
}

void rig_clock(struct env_fake *clock, unsigned salt)
{
    env_fake_init(clock, rig.wall, 5000 + (uint64_t)salt);
    clock->boot = rig.boot;
}

static enum err_code client_list(const char *dir, const char *who, unsigned salt, struct err *e,
                                 const char *command, va_list pairs)
{
    char token[PATH_SIZE];
    struct env_fake clock;
    struct office *office = NULL;
    struct session *session = NULL;
    struct ticket t;
    struct command_ctx c = {.command = command_find(command), .durable = durable};
    rig_clock(&clock, salt);
    (void)snprintf(token, sizeof token, "%s/state/token-%s", dir, who);
    enum err_code code = office_open(dir, DB_WRITE, &clock.env, &office, e);
    if (code == ERR_OK) {
        code = session_resume(office, token, &session, e);
    }
    for (const char *name = va_arg(pairs, const char *); name != NULL && code == ERR_OK;
         name = va_arg(pairs, const char *)) {
        code = arg_set(&c, name, va_arg(pairs, const char *), e);
    }
    if (code == ERR_OK) {
        c.office = office;
        c.session = session;
        code = command_run(&c, &t, e);
    }
    session_free(session);
    office_close(office);
    return code;
}

enum err_code rig_client(const char *dir, const char *who, unsigned salt, struct err *e,
                         const char *command, ...)
{
    va_list pairs;
    va_start(pairs, command);
    enum err_code code = client_list(dir, who, salt, e, command, pairs);
    va_end(pairs);
    return code;
}

#define ANA "ana"
#define MARTA "marta"

static enum err_code import_file(const char *dir, int number, unsigned salt, struct err *e)
{
    char path[PATH_SIZE];
    char name[32];
    (void)snprintf(name, sizeof name, "readings-%d.csv", number);
    path_of(path, rig.files, name);
    return rig_client(dir, ANA, salt, e, "import readings", "file", path, "mapping", "meses",
                      NULL);
}

/* Where the second file was cut off, it goes first, as the program asks for. */
static enum err_code import_files(const char *dir, unsigned salt, struct err *e)
{
    enum err_code code = import_file(dir, 1, salt, e);
    if (code == ERR_STATE && import_file(dir, 2, salt, e) == ERR_OK) {
        code = import_file(dir, 1, salt, e);
    }
    return code == ERR_OK ? import_file(dir, 2, salt, e) : code;
}

static enum err_code bill_months(const char *dir, unsigned salt, struct err *e)
{
    enum err_code code = rig_client(dir, MARTA, salt, e, "bill run", "from", "2026-08-01", "to",
                                    "2026-09-01", NULL);
    return code == ERR_OK ? rig_client(dir, MARTA, salt, e, "bill run", "from", "2026-09-01",
                                       "to", "2026-10-01", NULL)
                          : code;
}

static enum err_code verify_now(const char *dir, enum verify_level level, struct audit *a,
                                struct err *e)
{
    struct verify_request q = {.dir = dir, .level = level, .threads = 2, .env = &env_system};
    return verify_office(&q, a, e);
}

enum err_code rig_run(enum flow flow, const char *dir, unsigned salt, struct err *e)
{
    static struct audit a;
    char export[PATH_SIZE];
    char target[PATH_SIZE];
    enum err_code code = ERR_OK;
    *e = (struct err)ERR_INIT;
    switch (flow) {
    case FLOW_ACT:
        return rig_client(dir, ANA, salt, e, "customer add", "name", "Zoila Paz", "phone",
                          "+506 8888 7777", NULL);
    case FLOW_IMPORT:
        return import_files(dir, salt, e);
    case FLOW_BILL:
        return bill_months(dir, salt, e);
    case FLOW_REBUILD:
        path_of(export, rig.files, "ledger.export");
        path_of(target, dir, "rebuilt");
        return rebuild(export, target, &office_projector, NULL, &a, e);
    case FLOW_VERIFY:
        return verify_now(dir, VERIFY_DEEP, &a, e);
    case FLOW_PACKETS:
        path_of(target, rig.files, "packets.jsonl");
        return rig_client(dir, ANA, salt, e, "import packets", "file", target, NULL);
    case FLOW_ATTACH:
        path_of(target, rig.files, "photo.txt");
        return rig_client(dir, ANA, salt, e, "attach", "file", target, "meter", "W00001", NULL);
    case FLOW_WORK:
        code = import_files(dir, salt, e);
        return code == ERR_OK ? bill_months(dir, salt, e) : code;
    case FLOW_COUNT:
        break;
    }
    return ERR_OK;
}

/* ---- the office
 * ----------------------------------------------------------------------------- */

static void write_file(const char *name, const char *text)
{
    char path[PATH_SIZE];
    path_of(path, rig.files, name);
    FILE *out = fopen(path, "w");
    if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0) {
        broken(path, NULL);
    }
}

static const char mapping[] =
    "{\"kind\":\"readings\",\"separator\":\",\",\"heading_lines\":1,"
    "\"columns\":{\"serial\":\"serial\",\"time\":\"time\",\"value\":\"value\"},"
    "\"time_format\":\"%Y-%m-%d %H:%M\",\"time_zone\":\"America/Costa_Rica\","
    "\"decimal\":\".\",\"unit\":\"m3\",\"as_of\":\"newest\"}";

/* Daily readings of August and September of two meters a file; in a soak one every ten minutes,
 * so that an import has more than one batch and the work more than 5,000 calls to the disk:
 * with the kills before a call and those in it, 10,000 points. */
static void readings_write(const char *name, int meter)
{
    struct buf b;
    int a_day = soak() ? 144 : 2;
    buf_init(&b, 1 << 20);
    buf_adds(&b, "serial,time,value\n");
    for (int m = meter; m < meter + 2; m++) {
        for (int day = 0; day <= 61; day++) {
            for (int k = 0; k < a_day; k++) {
                int month = day < 31 ? 8 : day < 61 ? 9 : 10;
                int minute = k * (1440 / a_day);
                int value = (day * a_day + k + 1) * (400 + 100 * m) / a_day;
                buf_addf(&b, "W%05d,2026-%02d-%02d %02d:%02d,%d.%03d\n", m, month,
                         day < 31   ? day + 1
                         : day < 61 ? day - 30
                                    : 1,
                         minute / 60, minute % 60, value / 1000, value % 1000);
            }
        }
    }
    write_file(name, buf_str(&b));
    buf_release(&b);
}

static void export_make(const char *dir)
{
    struct err e = ERR_INIT;
    struct db *db = NULL;
    struct export_counts counts;
    char path[PATH_SIZE];
    path_of(path, rig.files, "ledger.export");
    FILE *out = fopen(path, "wb");
    path_of(path, dir, "office.db");
    must(db_open(path, DB_READ, &db, &e), path, &e);
    must(out == NULL ? ERR_IO : export_write(db, "SJ01", out, NULL, &counts, &e), path, &e);
    if (fclose(out) != 0) {
        broken(path, NULL);
    }
    db_close(db);
}

/* A packet with the canonical members in order; the register rises by 0.25 each time. */
static void packet_add(struct buf *out, struct sign_key *key, int device, int number)
{
    struct buf b;
    struct signature sig;
    struct err e = ERR_INIT;
    int thousandths = 100000 + 250 * number;
    buf_init(&b, 1024);
    buf_addf(&b, "{\"delta\":0.25,\"device_id\":\"AKM-%d\",\"nonce\":%d,\"register\":%d",
             device, number, thousandths / 1000);
    if (thousandths % 1000 != 0) { /* a canonical number has no zeros at its end */
        buf_addf(&b, ".%s",
                 thousandths % 1000 == 500   ? "5"
                 : thousandths % 1000 == 250 ? "25"
                                             : "75");
    }
    size_t upto = b.len;
    buf_addf(&b,
             ",\"timestamp\":\"2026-11-%02dT%02d:00:00Z\",\"tipo_medida\":\"agua\",\"unidad\":"
             "\"m3\"}",
             1 + number / 24, number % 24);
    must(sign_data(key, b.data, b.len, &sig, &e), "packet", &e);
    buf_add(out, b.data, upto);
    buf_adds(out, ",\"signature\":\"");
    buf_add_base64(out, sig.der, sig.len);
    buf_addc(out, '"');
    buf_add(out, b.data + upto, b.len - upto);
    buf_addc(out, '\n');
    buf_release(&b);
}

/* Two devices, on meters 1 and 2, and what they sent. */
static void devices_make(struct office_fixture *f)
{
    struct buf packets, text;
    buf_init(&packets, 1 << 20);
    buf_init(&text, 4096);
    for (int device = 1; device <= 2; device++) {
        char path[PATH_SIZE], name[32], serial[32];
        struct sign_key *key = NULL;
        struct buf spki;
        struct err e = ERR_INIT;
        buf_init(&spki, 256);
        buf_clear(&text);
        must(sign_key_generate(&key, &e), "key", &e);
        must(sign_key_public(key, &spki, &e), "key", &e);
        buf_add_base64(&text, spki.data, spki.len);
        (void)snprintf(name, sizeof name, "AKM-%d", device);
        (void)snprintf(serial, sizeof serial, "W%05d", device);
        write_file(name, buf_str(&text));
        path_of(path, rig.files, name);
        (void)fixture_run(f, f->ana, "device add", "name", name, "key", path, "meter", serial,
                          NULL);
        for (int n = 1; n <= RIG_PACKETS / 2; n++) {
            packet_add(&packets, key, device, n);
        }
        sign_key_free(key);
        buf_release(&spki);
    }
    write_file("packets.jsonl", buf_str(&packets));
    write_file("photo.txt", buf_str(&packets));
    buf_release(&packets);
    buf_release(&text);
}

static void rig_remove(void)
{
    if (rig.owner == getpid()) {
        fixture_remove_folder(rig.signs);
        fixture_remove_folder(rig.fresh);
        fixture_remove_folder(rig.read);
        fixture_remove_folder(rig.files);
    }
}

void rig_make(void)
{
    static struct office_fixture f;
    struct err e = ERR_INIT;
    char path[PATH_SIZE];
    rig.owner = getpid();
    (void)atexit(rig_remove);
    fixture_temp_folder(rig.files);
    fixture_temp_folder(rig.fresh);
    fixture_temp_folder(rig.read);
    fixture_temp_folder(rig.signs);
    write_file("mapping.json", mapping);
    readings_write("readings-1.csv", 1);
    readings_write("readings-2.csv", 3);
    fixture_init(&f);
    fixture_meters(&f, 4);
    path_of(path, rig.files, "mapping.json");
    (void)fixture_run(&f, f.ana, "mapping save", "name", "meses", "file", path, NULL);
    fixture_close(&f);
    rig.wall = f.clock.wall + 60000;
    rig.boot = f.clock.boot + 60000;
    fixture_copy_folder(f.dir, rig.fresh);
    must(rig_run(FLOW_IMPORT, f.dir, 1, &e), "import", &e);
    fixture_copy_folder(f.dir, rig.read);
    export_make(rig.read);
    fixture_remove_folder(f.dir);
    fixture_init(&f);
    fixture_meters(&f, 2);
    devices_make(&f);
    fixture_close(&f);
    fixture_copy_folder(f.dir, rig.signs);
    fixture_remove_folder(f.dir);
}

void rig_copy(enum flow flow, const char *dir)
{
    disk_watch(NULL);
    fixture_remove_folder(dir);
    if (flow == FLOW_PACKETS || flow == FLOW_ATTACH) {
        fixture_copy_folder(rig.signs, dir);
        return;
    }
    fixture_copy_folder(
        flow == FLOW_BILL || flow == FLOW_REBUILD || flow == FLOW_VERIFY ? rig.read : rig.fresh,
        dir);
}

/* ---- what must hold afterwards
 * ------------------------------------------------------------------ */

int64_t rig_acked(const char *path)
{
    int64_t last = 0;
    FILE *in = fopen(path, "r");
    while (in != NULL && fscanf(in, "%" SCNd64, &last) == 1) {
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    return last;
}

static struct db *database(const char *dir)
{
    struct err e = ERR_INIT;
    struct db *db = NULL;
    char path[PATH_SIZE];
    path_of(path, dir, "office.db");
    must(db_open(path, DB_READ, &db, &e), path, &e);
    return db;
}

int64_t rig_count(const char *dir, const char *sql)
{
    struct err e = ERR_INIT;
    int64_t n = 0;
    struct db *db = database(dir);
    must(db_get_int(db, &n, NULL, &e, sql, NO_VALS), dir, &e);
    db_close(db);
    return n;
}

int64_t rig_entries(const char *dir)
{
    return rig_count(dir, "SELECT max(seq) FROM entry");
}

int64_t rig_packets(const char *dir)
{
    return rig_count(dir, "SELECT count(*) FROM reading WHERE source = 'automatic'");
}

int64_t rig_attachments(const char *dir)
{
    return rig_count(dir, "SELECT count(*) FROM attachment");
}

void rig_work_digest(const char *dir, char hex[65])
{
    static const char *const queries[] = {
        "SELECT register, utc, value, state, source, line FROM reading ORDER BY register, utc, "
        "id",
        "SELECT account, start_date, end_date, total FROM bill ORDER BY account, start_date, "
        "id",
        "SELECT bill, line, component, quantity, amount FROM bill_line ORDER BY bill, line"};
    struct err e = ERR_INIT;
    struct db *db = database(dir);
    struct buf all;
    struct hash h;
    buf_init(&all, 16 << 20);
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct stmt *q = NULL;
        bool row = false;
        must(db_query(db, &q, &e, queries[i], NO_VALS), dir, &e);
        while (stmt_next(q, &row, &e) == ERR_OK && row) {
            for (int k = 0; k < stmt_columns(q); k++) {
                buf_addf(&all, "%s|", stmt_text(q, k));
            }
            buf_addc(&all, '\n');
        }
        stmt_done(q);
    }
    sha256(buf_str(&all), all.len, &h);
    hash_hex(&h, hex);
    buf_release(&all);
    db_close(db);
}

void rig_holds(const char *dir, enum verify_level level, const char *after)
{
    static struct audit a;
    struct err e = ERR_INIT;
    enum err_code code = verify_now(dir, level, &a, &e);
    ck_assert_msg(code == ERR_OK, "after %s: %s: %s", after, err_code_name(code), e.text);
}

const char *rig_calm(void)
{
    static char calm[65];
    struct err e = ERR_INIT;
    char dir[FIXTURE_PATH_MAX];
    if (calm[0] == '\0') {
        fixture_temp_folder(dir);
        rig_copy(FLOW_WORK, dir);
        must(rig_run(FLOW_WORK, dir, 7, &e), "work", &e);
        rig_work_digest(dir, calm);
        fixture_remove_folder(dir);
    }
    return calm;
}

void rig_finishes(const char *dir, int64_t acked, const char *after)
{
    struct err e = ERR_INIT;
    char digest[65];
    int64_t there = rig_entries(dir);
    ck_assert_msg(there >= acked,
                  "%s: entry %" PRId64 " was acknowledged, %" PRId64 " are there", after, acked,
                  there);
    rig_holds(dir, VERIFY_DEEP, after);
    enum err_code code = rig_run(FLOW_WORK, dir, 8, &e);
    ck_assert_msg(code == ERR_OK, "%s: the same commands do not finish: %s", after, e.text);
    rig_work_digest(dir, digest);
    ck_assert_msg(strcmp(digest, rig_calm()) == 0, "%s: other readings or bills", after);
}
