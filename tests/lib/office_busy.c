#include <config.h>

#include "tests/lib/office_busy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cosign.h"
#include "crypto/note_line.h"
#include "ledger/checkpoints.h"
#include "tests/lib/office_segments.h"

/* What the office's database says. */
static int64_t number(const struct office_fixture *f, const char *sql)
{
    struct err e = ERR_INIT;
    int64_t value = 0;
    if (db_get_int(f->office->db, &value, NULL, &e, sql, NO_VALS) != ERR_OK) {
        abort();
    }
    return value;
}

static void write_file(const struct office_fixture *f, const char *name, const char *text,
                       char path[FIXTURE_PATH_MAX + 32])
{
    (void)snprintf(path, FIXTURE_PATH_MAX + 32, "%s/%s", f->dir, name);
    FILE *out = fopen(path, "w");
    if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0) {
        (void)fprintf(stderr, "office fixture: cannot write %s\n", path);
        abort();
    }
}

static const char mapping[] =
    "{\"kind\":\"readings\",\"separator\":\",\",\"heading_lines\":1,"
    "\"columns\":{\"serial\":\"serial\",\"time\":\"time\",\"value\":\"value\"},"
    "\"time_format\":\"%Y-%m-%d %H:%M\",\"time_zone\":\"America/Costa_Rica\","
    "\"decimal\":\".\",\"unit\":\"m3\",\"as_of\":\"newest\"}";

/* Monthly readings of four meters; W00002 falls back, so that readings are held. */
static const char readings_1[] = "serial,time,value\n"
                                 "W00001,2026-07-31 08:00,118.500\n"
                                 "W00002,2026-07-31 08:05,97.250\n"
                                 "W00003,2026-07-31 08:10,64.000\n"
                                 "W00001,2026-08-31 08:00,158.700\n"
                                 "W00002,2026-08-31 08:05,91.000\n"
                                 "W00003,2026-08-31 08:10,104.125\n";
static const char readings_2[] = "serial,time,value\n"
                                 "W00004,2026-07-31 09:00,40.000\n"
                                 "W00004,2026-08-31 09:00,12.000\n";

static void import_both(struct office_fixture *f)
{
    char path[FIXTURE_PATH_MAX + 32];
    write_file(f, "mapping.json", mapping, path);
    (void)fixture_run(f, f->ana, "mapping save", "name", "meses", "file", path, NULL);
    (void)fixture_run(f, f->ana, "mapping save", "name", "otra", "file", path, NULL);
    write_file(f, "readings-1.csv", readings_1, path);
    (void)fixture_run(f, f->ana, "import readings", "file", path, "mapping", "meses", NULL);
    write_file(f, "readings-2.csv", readings_2, path);
    (void)fixture_run(f, f->ana, "import readings", "file", path, "mapping", "meses", NULL);
}

/* Notes by hand; one reading falls, and stays held. */
static void read_by_hand(struct office_fixture *f)
{
    (void)fixture_run(f, f->olga, "reading add", "serial", "W00001", "value", "201.300", "time",
                      "2026-09-30 10:00", "note", "tapa rota", NULL);
    (void)fixture_run(f, f->olga, "reading add", "serial", "W00003", "value", "150.000", "time",
                      "2026-09-30 10:20", "note", "perro suelto", NULL);
    (void)fixture_run(f, f->olga, "reading add", "serial", "W00003", "value", "149.000", "time",
                      "2026-10-01 10:20", NULL);
}

/* One held reading corrected, one rejected; others stay held. */
static void decide(struct office_fixture *f)
{
    char id[32];
    int64_t held = number(f, "SELECT min(id) FROM reading WHERE state='held'");
    (void)snprintf(id, sizeof id, "%lld", (long long)held);
    (void)fixture_run(f, f->luis, "reading decide", "ids", id, "action", "correct", "value",
                      "111.000", "reason", "mal copiada", NULL);
    (void)fixture_run(f, f->luis, "reading decide", "serial", "W00004", "action", "reject",
                      "reason", "contador cambiado", NULL);
}

/* The database put back to before its newest checkpoint, and that admitted. */
static void lose_entries(struct office_fixture *f)
{
    char before[FIXTURE_PATH_MAX];
    char state[FIXTURE_PATH_MAX + 32];
    char kept[FIXTURE_PATH_MAX + 32];
    (void)fixture_run(f, f->ana, "checkpoint sign", NULL);
    fixture_close(f);
    fixture_temp_folder(before);
    fixture_copy_folder(f->dir, before);
    fixture_reopen(f);
    (void)fixture_run(f, f->ana, "customer add", "name", "Nadie", NULL);
    (void)fixture_run(f, f->ana, "checkpoint sign", NULL);
    fixture_close(f);
    (void)snprintf(kept, sizeof kept, "%s/state/high-water", f->dir);
    (void)snprintf(state, sizeof state, "%s/state/high-water", before);
    if (rename(kept, state) != 0) {
        abort();
    }
    fixture_copy_folder(before, f->dir);
    fixture_remove_folder(before);
    fixture_reopen(f);
    (void)fixture_run(f, f->ana, "checkpoint resolve", "reason", "disco perdido", NULL);
}

static void cosign_newest(struct office_fixture *f, const char *name)
{
    char path[FIXTURE_PATH_MAX + 32];
    struct err e = ERR_INIT;
    struct sign_key *key = NULL;
    struct checkpoint_row c;
    struct buf note;
    struct buf vkey;
    bool found = false;
    buf_init(&note, NOTE_SIZE_MAX);
    buf_init(&vkey, 1024);
    bool ok = sign_key_generate_as(KEY_ED25519, &key, &e) == ERR_OK &&
              cosigner_vkey(name, key, &vkey, &e) == ERR_OK;
    (void)fixture_run(f, f->ana, "witness add", "vkey", buf_str(&vkey), NULL);
    (void)fixture_run(f, f->ana, "checkpoint sign", NULL);
    ok = ok && checkpoint_newest(f->office->db, &c, &found, &e) == ERR_OK && found;
    buf_add(&note, c.note, c.note_len);
    ok = ok && cosign(c.note, note_text_len(c.note, c.note_len), FIXTURE_START_MS / 1000, name,
                      key, &note, &e) == ERR_OK;
    if (!ok) {
        (void)fprintf(stderr, "office fixture: %s\n", e.text);
        abort();
    }
    write_file(f, "cosigned", buf_str(&note), path);
    (void)fixture_run(f, f->ana, "checkpoint add-cosignature", "file", path, NULL);
    sign_key_free(key);
    buf_release(&note);
    buf_release(&vkey);
}

void fixture_busy_long(struct office_fixture *f)
{
    for (int i = 0; i < 256; i++) {
        char start[32];
        (void)snprintf(start, sizeof start, "2027-%02d-%02d", 1 + i / 28, 1 + i % 28);
        (void)fixture_run(f, f->ana, "limit set", "serial", "W00003", "value", "25", "start",
                          start, NULL);
    }
}

/* An energy meter with a register for the peak hours, billed by both, with a price that changes
 * in the middle of September. */
static const char two_registers[] =
    "{\"aforo_tariff\":1,\"code\":\"dos-registros\",\"version\":%d,\"name\":{\"es\":\"Punta\","
    "\"en\":\"Peak\"},\"kind\":\"energy\",\"currency\":\"USD\",\"valid_from\":\"%s\","
    "\"unit\":\"kWh\",\"components\":["
    "{\"type\":\"blocks\",\"id\":\"energy\",\"label\":{\"es\":\"Energía\",\"en\":\"Energy\"},"
    "\"price\":\"%s\"},"
    "{\"type\":\"blocks\",\"id\":\"peak\",\"label\":{\"es\":\"Punta\",\"en\":\"Peak\"},"
    "\"register\":\"1.8.1\",\"price\":\"0.05\"}]}";

static void publish_two_registers(struct office_fixture *f, int version, const char *valid_from,
                                  const char *price)
{
    char path[FIXTURE_PATH_MAX + 32];
    char text[sizeof two_registers + 64];
    (void)snprintf(text, sizeof text, two_registers, version, valid_from, price);
    write_file(f, "two-registers.json", text, path);
    (void)fixture_run(f, f->ana, "tariff publish", "file", path, NULL);
}

static void measure_peak(struct office_fixture *f)
{
    publish_two_registers(f, 1, "2026-01-01", "0.10");
    publish_two_registers(f, 2, "2026-09-16", "0.20");
    (void)fixture_run(f, f->ana, "meter add", "serial", "E00001", "kind", "energy", "installed",
                      "2026-09-01", "initial", "1000", "account", "E-1", "customer",
                      "Rosa Vega", "tariff", "dos-registros", NULL);
    (void)fixture_run(f, f->ana, "meter register", "serial", "E00001", "obis", "1-0:1.8.1",
                      "unit", "kWh", "installed", "2026-09-01", "initial", "400", NULL);
    (void)fixture_run(f, f->olga, "reading add", "serial", "E00001", "value", "1300", "time",
                      "2026-09-30 18:00", NULL);
    (void)fixture_run(f, f->olga, "reading add", "serial", "E00001", "register", "1-0:1.8.1",
                      "value", "490", "time", "2026-09-30 18:00", NULL);
}

/* Payments of every kind, one reversed; credit laid against a bill; drawers counted. */
static void pay(struct office_fixture *f)
{
    (void)fixture_run(f, f->olga, "drawer open", "drawer", "caja 1", "float", "50", NULL);
    (void)fixture_run(f, f->olga, "payment take", "account", "A00001", "amount", "600", NULL);
    (void)fixture_run(f, f->olga, "payment take", "account", "A00002", "amount", "25.50",
                      "method", "card", "slip", "0001", NULL);
    (void)fixture_run(f, f->olga, "payment take", "account", "A00003", "amount", "500",
                      "method", "card", "slip", "0002", NULL);
    (void)fixture_run(f, f->olga, "drawer hand-over", "to", "marta", "counted", "650", NULL);
    (void)fixture_run(f, f->marta, "payment reverse", "receipt", "2", "reason", "otra cuenta",
                      NULL);
    (void)fixture_run(f, f->marta, "drawer close", "counted", "649", "reason", "falta", NULL);
}

/* Evidence; a customer who moved, and asked for what was before to be forgotten. */
static void forget(struct office_fixture *f)
{
    char path[FIXTURE_PATH_MAX + 32];
    write_file(f, "carta.txt", "La tapa está rota.\n", path);
    (void)fixture_run(f, f->olga, "attach", "file", path, "meter", "W00001", NULL);
    (void)fixture_run(f, f->olga, "attach", "file", path, "customer", "5", NULL);
    (void)fixture_run(f, f->olga, "attach", "file", path, "reading", "1", NULL);
    (void)fixture_run(f, f->olga, "customer edit", "customer", "5", "address", "San Pedro",
                      "phone", "+506 4444 5555", NULL);
    (void)fixture_run(f, f->olga, "customer edit", "customer", "1", "name", "Otra Persona",
                      NULL);
    (void)fixture_run(f, f->ana, "personal erase", "customer", "5", "field", "phone", "reason",
                      "derecho de supresión", NULL);
    (void)fixture_run(f, f->ana, "personal erase", "customer", "5", "field", "attachment",
                      "reason", "derecho de supresión", NULL);
}

/* Two keys of devices, and packets that the first of them signed: made once, for signatures
 * would be others each time. */
static const char device_key_1[] =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnCjwlcvAxuO0rPRyoyEBYZuKYICgd2dJxO3kqYi1Looh"
    "QEMFcAHsWQ8HpEuFICLQiRnWdYQRa9HTlcmDuPjGMA==";
static const char device_key_2[] =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExx8JFSpU7ANTHsolIVSUhRE+kCetIM2ctOO/cfXIHX5F"
    "Rg2/XJt4nVoqxVFdqA4DKNTz5xkNzIv5vuzWeZ+gBA==";
static const char device_key_3[] =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2M46VrrWOrkvSLRAZ7G4wHo54SBeaDj55/KI21fTeIBp"
    "QBh2UobmrPryoxUNSr6cN/FoxjS0uQsvodKjxv2klg==";
static const char packets[] =
    "{\"delta\":0.25,\"device_id\":\"AKM-0001\",\"firmware\":\"v1.2.3\",\"nonce\":1,"
    "\"register\":138.5,\"signature\":\"MEYCIQC1oOt38MmSmAeF5ELT5S3yrwer911TytHceahix"
    "H4IQQIhAL3z2vnIdEgX2YKgjyRmq+om9hyphvExdGhPwakGjjGZ\",\"timestamp\":\"2026-11-02"
    "T12:00:00Z\",\"tipo_medida\":\"agua\",\"unidad\":\"m3\"}\n{\"delta\":0.25,\"devi"
    "ce_id\":\"AKM-0001\",\"firmware\":\"v1.2.3\",\"nonce\":2,\"register\":138.75,\"s"
    "ignature\":\"MEUCIDDt11vSeU+gvNRtLp6lw8EYk34SMyb/UZ60TZV8IxB0AiEAmXB/hOMfPDeMmi+"
    "TNyRyHlM1GBtzB4LUK4N5rZtcoU0=\",\"timestamp\":\"2026-11-02T13:00:00Z\",\"tipo_me"
    "dida\":\"agua\",\"unidad\":\"m3\"}\n";

static void take_packets(struct office_fixture *f)
{
    char others[sizeof packets];
    char key_1[FIXTURE_PATH_MAX + 32], key_2[FIXTURE_PATH_MAX + 32];
    char path[FIXTURE_PATH_MAX + 32];
    struct err e = ERR_INIT;
    write_file(f, "device-1.pub", device_key_1, key_1);
    write_file(f, "device-2.pub", device_key_2, key_2);
    (void)fixture_run(f, f->ana, "device curves", "curves", "secp256r1,secp256k1", NULL);
    (void)fixture_run(f, f->ana, "device add", "name", "AKM-0001", "key", key_1, "meter",
                      "W00001", NULL);
    fixture_windows(f, packets);
    (void)fixture_run(f, f->ana, "device revoke", "name", "AKM-0001", "reason", "robado", NULL);
    memcpy(others, packets, sizeof others);
    for (char *at = others; (at = strstr(at, "nonce")) != NULL; at++) {
        at[strlen("nonce\":")] = '9'; /* a number that was not used */
    }
    write_file(f, "packets.jsonl", others, path);
    if (fixture_try(f, f->ana, NULL, &e, "import packets", "file", path, NULL) != ERR_PARSE) {
        abort(); /* its key is not valid any more */
    }
    (void)fixture_run(f, f->ana, "device rotate", "name", "AKM-0001", "key", key_2, NULL);
    (void)fixture_run(f, f->ana, "device place", "name", "AKM-0001", "meter", "W00003", NULL);
    write_file(f, "device-3.pub", device_key_3, key_1);
    (void)fixture_run(f, f->ana, "device add", "name", "AKM-0002", "key", key_1, "meter",
                      "W00002", NULL);
}

/* Requests that a second must still approve. */
static void ask(struct office_fixture *f)
{
    (void)fixture_run(f, f->ana, "request policy", "command", "user recover", "needed", "2",
                      NULL);
    for (int i = 1; i <= 2; i++) {
        (void)fixture_run(f, f->ana, "user recover", "login", "olga", "reason", "olvido",
                          "password", FIXTURE_PASSWORD, NULL);
        (void)fixture_run(f, f->luis, "request approve", "request", i == 1 ? "1" : "2", NULL);
    }
}

/* A row in every table of notes, deposits and plans. */
static void note(struct office_fixture *f)
{
    char path[FIXTURE_PATH_MAX + 32];
    write_file(f, "mora.json",
               "{\"grace_days\":0,\"every_days\":30,\"fixed\":150,\"percent\":\"2\"}", path);
    (void)fixture_run(f, f->marta, "note issue", "type", "credit", "bill", "1", "amount", "20",
                      "reason", "cortesía", NULL);
    (void)fixture_run(f, f->marta, "document register", "type", "credit_note", "number", "1",
                      "external", "CR-1", "authority", "Hacienda", NULL);
    (void)fixture_run(f, f->olga, "deposit take", "account", "A00002", "amount", "90", "method",
                      "card", NULL);
    (void)fixture_run(f, f->marta, "deposit apply", "deposit", "1", "amount", "40", NULL);
    (void)fixture_run(f, f->olga, "plan make", "account", "A00002", "parts", "3", "first",
                      "2026-12-01", NULL);
    (void)fixture_run(f, f->ana, "policy set", "policy", "late_fee", "file", path, NULL);
    write_file(f, "banco.json", "{\"accounts\":[\"CR05015202001026284066\"]}", path);
    (void)fixture_run(f, f->ana, "policy set", "policy", "bank", "file", path, NULL);
    (void)fixture_run(f, f->marta, "document register", "type", "bill", "number", "1",
                      "external", "CR-2", "authority", "Hacienda", NULL);
    (void)fixture_run(f, f->olga, "receipt print", "receipt", "1", NULL);
    (void)fixture_run(f, f->olga, "receipt print", "receipt", "1", NULL);
    (void)fixture_run(f, f->olga, "deposit take", "account", "A00003", "amount", "15", "method",
                      "card", NULL);
    (void)fixture_run(f, f->olga, "plan make", "account", "A00001", "parts", "2", "first",
                      "2026-12-01", NULL);
}

/* Two files of a bank: money that is matched, that waits, and that goes out. */
static void bank(struct office_fixture *f)
{
    static const char mt940[] = ":20:%s\n:25:CR05015202001026284066\n:28C:1/1\n"
                                ":60F:C261101USD100,\n"
                                ":61:2611021102C%s,NTRFNONREF//%sA\n"
                                ":86:166?20EREF+A00001?30BANK?31CR99?32Rosa Vega\n"
                                ":61:2611021102C7,NTRFNONREF//%sB\n"
                                ":86:166?20SVWZ+nadie?31CR98?32Nadie\n"
                                ":62F:C261102USD%s,\n-\n";
    static const char *const part[2][2] = {{"5", "112"}, {"6", "113"}};
    char path[FIXTURE_PATH_MAX + 32];
    char text[1024];
    for (int i = 0; i < 2; i++) {
        const char *id = i == 0 ? "UNO" : "DOS";
        (void)snprintf(text, sizeof text, mt940, id, part[i][0], id, id, part[i][1]);
        write_file(f, i == 0 ? "uno.sta" : "dos.sta", text, path);
        (void)fixture_run(f, f->marta, "bank import", "file", path, NULL);
    }
}

/* Two cycles, each with a route and an account of its own. */
static void cycle(struct office_fixture *f)
{
    char serial[32];
    char account[32];
    int64_t meters = number(f, "SELECT count(*) FROM meter");
    (void)snprintf(serial, sizeof serial, "W%05lld", (long long)meters + 1);
    (void)snprintf(account, sizeof account, "A%05lld", (long long)meters + 1);
    (void)fixture_run(f, f->ana, "meter add", "serial", serial, "kind", "water", "place",
                      "Barrio Norte 1", "route", "R2", "order", "1", "digits", "5", "decimals",
                      "3", "installed", "2026-01-01", "initial", "0", "account", account,
                      "customer", "Cliente del Norte", "tariff", "doc07-water", NULL);
    (void)fixture_run(f, f->marta, "cycle set", "cycle", "centro", "months", "1", "day", "15",
                      "routes", "R1", "accounts", "A00001", NULL);
    (void)fixture_run(f, f->marta, "cycle set", "cycle", "norte", "months", "2", "routes", "R2",
                      "accounts", "A00002", NULL);
}

static void gas_meter(struct office_fixture *f, const char *serial, const char *account)
{
    /* A NULL ends the pairs: a sub-meter without an account stops before them. */
    (void)fixture_run(f, f->ana, "meter add", "serial", serial, "kind", "gas", "place",
                      "Barrio Norte 2", "route", "R3", "order", "1", "digits", "5", "decimals",
                      "0", "installed", "2026-09-01", "initial", "0",
                      account != NULL ? "account" : (char *)NULL, account, "customer",
                      "Cliente del Gas", "tariff", "gas-kwh", NULL);
}

/* A gas meter with a sub-meter below it, billed by energy. */
static void burn(struct office_fixture *f)
{
    char path[FIXTURE_PATH_MAX + 32];
    char serial[2][32];
    char account[32];
    int64_t meters = number(f, "SELECT count(*) FROM meter");
    write_file(
        f, "gas.json",
        "{\"aforo_tariff\":1,\"code\":\"gas-kwh\",\"version\":1,\"name\":{\"es\":\"Gas\","
        "\"en\":\"Gas\"},\"kind\":\"gas\",\"currency\":\"USD\",\"valid_from\":"
        "\"2025-01-01\",\"unit\":\"kWh\",\"rounding\":{\"mode\":\"half_up\",\"level\":"
        "\"line\"},\"components\":[{\"type\":\"blocks\",\"id\":\"energy\",\"label\":{"
        "\"es\":\"Energía\",\"en\":\"Energy\"},\"price\":\"0.06\"}]}",
        path);
    (void)fixture_run(f, f->ana, "tariff publish", "file", path, NULL);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(serial[i], sizeof serial[i], "W%05lld", (long long)meters + 1 + i);
        (void)snprintf(account, sizeof account, "A%05lld", (long long)meters + 1 + i);
        gas_meter(f, serial[i], i == 0 ? account : NULL);
    }
    (void)snprintf(account, sizeof account, "A%05lld", (long long)meters + 1);
    (void)fixture_run(f, f->ana, "meter link", "serial", serial[1], "above", serial[0], "start",
                      "2026-09-01", "deduct", "yes", NULL);
    (void)fixture_run(f, f->ana, "gas zone", "zone", "norte", "route", "R3", "start",
                      "2026-01-01", NULL);
    (void)fixture_run(f, f->ana, "gas zone", "zone", "sur", "route", "R9", "start",
                      "2026-01-01", NULL);
    (void)fixture_run(f, f->marta, "gas factor", "kind", "volume", "pressure", "1026.12",
                      "temperature", "12.2", "start", "2026-01-01", "source", "SI 1996/439",
                      NULL);
    (void)fixture_run(f, f->marta, "gas factor", "kind", "calorific", "value", "39.5", "zone",
                      "norte", "start", "2026-01-01", "source", "boletín 8", NULL);
    (void)fixture_run(f, f->marta, "cycle set", "cycle", "gas", "months", "1", "accounts",
                      account, NULL);
    static const struct {
        const char *value[2], *time, *period;
    } months[] = {{{"60", "20"}, "2026-09-30 23:00", "2026-09"},
                  {{"120", "45"}, "2026-10-31 23:00", "2026-10"}};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < 2; i++) {
            (void)fixture_run(f, f->olga, "reading add", "serial", serial[i], "value",
                              months[k].value[i], "time", months[k].time, NULL);
        }
        (void)fixture_run(f, f->marta, "bill run", "period", months[k].period, "cycle", "gas",
                          NULL);
    }
}

/* Two files that go out, by one layout. */
static void charge(struct office_fixture *f)
{
    char path[FIXTURE_PATH_MAX + 32];
    write_file(f, "charges.json",
               "{\"kind\":\"charges\",\"format\":\"csv\",\"record\":[{\"value\":\"reference\"},"
               "{\"value\":\"amount\"}]}",
               path);
    (void)fixture_run(f, f->ana, "mapping save", "name", "agencia", "file", path, NULL);
    (void)fixture_run(f, f->marta, "charges send", "layout", "agencia", NULL);
    (void)fixture_run(f, f->marta, "charges send", "layout", "agencia", "due-by", "2030-01-01",
                      NULL);
}

/* Work for the field, and bills that customers do not agree with. */
static void complain(struct office_fixture *f)
{
    (void)fixture_run(f, f->ana, "user roles", "login", "luis", "roles", "supervisor,installer",
                      NULL);
    (void)fixture_run(f, f->olga, "work open", "kind", "inspect", "serial", "W00001", "reason",
                      "fuga", NULL);
    (void)fixture_run(f, f->ana, "work assign", "work", "1", "to", "luis", NULL);
    (void)fixture_run(f, f->luis, "work close", "work", "1", "outcome", "failed", "result",
                      "nadie en casa", NULL);
    (void)fixture_run(f, f->olga, "dispute open", "bill", "1", "reason", "no vivo ahí", NULL);
    (void)fixture_run(f, f->olga, "dispute open", "bill", "3", "amount", "1", "reason",
                      "mal leído", NULL);
}

/* What the installer wrote and had signed; one of them counts no more. */
static void papers(struct office_fixture *f)
{
    (void)fixture_run(f, f->luis, "paper calibration", "serial", "W00001", "laboratory",
                      "Banco 2", "standard", "P-7, certificado 88", "error-nominal", "-0.8",
                      "limit", "2.0", "verdict", "fit", "due", "2031-11-21", NULL);
    (void)fixture_run(f, f->luis, "paper seals", "serial", "W00001", "finding", "tampered",
                      "seals", "S-101", "signer", "Rosa Vega", NULL);
    (void)fixture_run(f, f->ana, "paper void", "paper", "2", "reason", "otro contador", NULL);
}

/* Two who do not pay: told three times, and ordered to be cut off; one is protected later. */
static void collect(struct office_fixture *f)
{
    char path[FIXTURE_PATH_MAX + 32];
    char name[2][32];
    write_file(f, "collection.json",
               "{\"notice_1\":0,\"notice_2\":0,\"notice_3\":0,\"cut_days\":0,\"minimum\":100,"
               "\"from_hour\":0,\"to_hour\":24,\"last_weekday\":7}",
               path);
    fixture_meters(f, 2);
    (void)fixture_run(f, f->ana, "policy set", "policy", "collection", "file", path, NULL);
    int64_t last = number(f, "SELECT count(*) FROM meter");
    for (int64_t i = last - 1; i <= last; i++) {
        (void)snprintf(name[0], sizeof name[0], "A%05lld", (long long)i);
        (void)fixture_run(f, f->marta, "account opening", "account", name[0], "amount", "30",
                          "due", "2026-01-31", NULL);
    }
    for (int i = 0; i < 3; i++) {
        (void)fixture_run(f, f->marta, "collection run", NULL);
    }
    for (int i = 0; i < 2; i++) {
        (void)snprintf(name[0], sizeof name[0], "W%05lld", (long long)(last - 1 + i));
        (void)snprintf(name[1], sizeof name[1], "%d", 3 + i);
        (void)fixture_run(f, f->marta, "cut order", "serial", name[0], NULL);
        (void)fixture_run(f, f->luis, "request approve", "request", name[1], NULL);
    }
    (void)fixture_run(f, f->olga, "account pin", "account", "A00001", "pin", "271828", NULL);
    (void)fixture_run(f, f->olga, "account pin", "account", "A00002", "pin", "314159", NULL);
    (void)fixture_run(f, f->olga, "account protect", "account", "A00002", "until", "2026-12-31",
                      NULL);
    (void)fixture_run(f, f->olga, "account protect", "account", "A00001", "until", "2026-12-31",
                      NULL);
}

/* What came from an earlier system: (kind of file, its mapping, its rows). */
static const struct {
    const char *kind, *mapping, *rows;
} earlier[] = {
    {"customers",
     "{\"kind\":\"customers\",\"columns\":{\"customer_number\":\"no\",\"name\":\"name\","
     "\"phone\":\"phone\"}}",
     "no,name,phone\nV-10,Ofelia Rojas,2222 1010\nV-11,Tomás Vega,2222 1111\n"},
    {"accounts",
     "{\"kind\":\"accounts\",\"columns\":{\"account\":\"account\",\"old_account\":\"old\","
     "\"customer_number\":\"no\",\"opened\":\"opened\"}}",
     "account,old,no,opened\nV-1,00-17,V-10,2019-02-01\nV-2,00-18,V-11,2020-05-01\n"},
    {"assignments",
     "{\"kind\":\"assignments\",\"columns\":{\"serial\":\"serial\",\"old_account\":\"old\","
     "\"start\":\"start\",\"end\":\"end\"},\"constants\":{\"tariff\":\"doc07-water\"}}",
     "serial,old,start,end\nW00003,00-17,2024-01-01,2025-01-01\n"},
    {"balances",
     "{\"kind\":\"balances\",\"columns\":{\"old_account\":\"old\",\"amount\":\"amount\","
     "\"due\":\"due\",\"reference\":\"bill\"}}",
     "old,amount,due,bill\n00-17,41.50,2026-09-15,F-990\n00-18,-3.25,,\n"},
    {"bills",
     "{\"kind\":\"bills\",\"columns\":{\"old_account\":\"old\",\"number\":\"number\","
     "\"issued\":\"issued\",\"start\":\"start\",\"end\":\"end\",\"amount\":\"amount\","
     "\"serial\":\"serial\",\"use\":\"use\"},\"constants\":{\"unit\":\"m3\"}}",
     "old,number,issued,start,end,amount,serial,use\n"
     "00-17,F-988,2024-07-02,2024-06-01,2024-07-01,40.10,W00003,21\n"
     "00-17,F-990,2024-08-02,2024-07-01,2024-08-01,41.50,,\n"},
    {"visits",
     "{\"kind\":\"visits\",\"columns\":{\"serial\":\"serial\",\"day\":\"day\",\"skip\":"
     "\"skip\",\"note\":\"note\"}}",
     "serial,day,skip,note\nW00001,2026-10-30,perro,\nW00002,2026-10-30,,sin tapa\n"},
};

static void bring_earlier(struct office_fixture *f)
{
    for (size_t i = 0; i < sizeof earlier / sizeof earlier[0]; i++) {
        char path[FIXTURE_PATH_MAX + 32];
        char command[64];
        (void)snprintf(command, sizeof command, "import %s", earlier[i].kind);
        write_file(f, "mapping.json", earlier[i].mapping, path);
        (void)fixture_run(f, f->ana, "mapping save", "name", earlier[i].kind, "file", path,
                          NULL);
        write_file(f, "earlier.csv", earlier[i].rows, path);
        (void)fixture_run(f, f->ana, command, "file", path, "mapping", earlier[i].kind, NULL);
    }
}

/* Two that were read in June are estimated for October. */
static void estimate(struct office_fixture *f)
{
    char serial[32];
    int64_t last =
        number(f, "SELECT max(CAST(substr(serial, 2) AS INTEGER)) FROM meter WHERE serial "
                  "LIKE 'W0%' AND state = 'in_service'");
    for (int64_t i = last - 1; i <= last; i++) {
        (void)snprintf(serial, sizeof serial, "W%05lld", (long long)i);
        (void)fixture_run(f, f->olga, "reading add", "serial", serial, "value", "50", "time",
                          "2026-06-01 08:00", NULL);
        (void)fixture_run(f, f->luis, "reading estimate", "serial", serial, "time",
                          "2026-10-01 00:00", "reason", "portón cerrado", NULL);
    }
}

void fixture_busy(struct office_fixture *f)
{
    lose_entries(f);
    lose_entries(f);
    cosign_newest(f, "auditor.example/1");
    cosign_newest(f, "regulador.example/2");
    (void)fixture_run(f, f->ana, "witness remove", "name", "regulador.example/2", "reason",
                      "otra clave", NULL);
    fixture_meters(f, 4);
    (void)fixture_run(f, f->ana, "customer add", "name", "Rosa Vega", "tax-id", "1-0234-0567",
                      "phone", "+506 2222 3333", "email", "rosa@example.org", "address",
                      "Barrio Luján", NULL);
    (void)fixture_run(f, f->ana, "account open", "number", "B-1", "customer", "5", NULL);
    (void)fixture_run(f, f->marta, "account close", "number", "B-1", NULL);
    (void)fixture_run(f, f->ana, "limit set", "serial", "W00002", "value", "25", "start",
                      "2026-10-01", NULL);
    import_both(f);
    read_by_hand(f);
    decide(f);
    measure_peak(f);
    (void)fixture_run(f, f->marta, "account opening", "account", "A00003", "amount", "-10",
                      NULL);
    (void)fixture_run(f, f->marta, "bill run", "from", "2026-08-01", "to", "2026-09-01", NULL);
    (void)fixture_run(f, f->marta, "bill run", "from", "2026-09-01", "to", "2026-10-01", NULL);
    pay(f);
    note(f);
    bank(f);
    charge(f);
    take_packets(f);
    ask(f);
    (void)fixture_run(f, f->ana, "meter state", "serial", "W00004", "state", "removed",
                      "reason", "demolición", NULL);
    forget(f);
    complain(f);
    collect(f);
    (void)fixture_run(f, f->ana, "rule set", "rule", "too_old", "kind", "gas", "limits", "900",
                      "reason", "lectura anual", NULL);
    (void)fixture_run(f, f->ana, "rule set", "rule", "spike", "kind", "water", "hold", "no",
                      "reason", "estación seca", NULL);
    bring_earlier(f);
    estimate(f);
    (void)fixture_run(f, f->ana, "meter link", "serial", "W00001", "above", "W00003", "start",
                      "2026-08-01", NULL);
    (void)fixture_run(f, f->ana, "meter link", "serial", "W00002", "above", "W00003", "start",
                      "2026-08-01", NULL);
    papers(f);
    cycle(f);
    burn(f);
    struct err e = ERR_INIT;
    if (fixture_try(f, f->olga, NULL, &e, "limit set", "serial", "W00001", "value", "9",
                    NULL) != ERR_DENIED) {
        abort();
    }
}
