/* "No file may make us allocate more than a small multiple of its size." Every reader of bytes
 * from outside is given inputs built to cost it most - very many of the smallest values it
 * knows, nesting to the limit, very many members, one long string, the same name again and
 * again - and the most memory it ever held is compared with the input's size. What counts is
 * all memory of the process, that of the libraries underneath included. */
#include <config.h>

#include <check.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "app/files.h"
#include "base/buf.h"
#include "tests/lib/alloc_meter.h"
#include "tests/unit/check_memory.h"

/* A reader may hold so many times its input, and so many bytes whatever the input: arenas begin
 * with one block and have at most one mebibyte to spare; zlib, expat and stdio have buffers. */
struct reader {
    const char *name;
    reader_fn read;
    unsigned times;
    size_t bytes;    /* beside it */
    size_t max_size; /* of an input */
};

#define KIB ((size_t)1024)
#define MIB ((size_t)1024 * 1024)
#define SMALL (16 * KIB)

static const struct reader readers[] = {
    {"JSON", read_json, 36, 1 * MIB, 1 * MIB},
    {"JSON of an entry", read_json_entry, 36, 64 * KIB, 65535},
    {"packet", read_packet, 36, 64 * KIB, 16 * KIB},
    {"DSSE envelope", read_dsse, 2, 64 * KIB, 65535},
    {"entry", read_entry, 44, 128 * KIB, 48000},
    {"canonical form", read_schema, 2, 64 * KIB, 65535},
    {"segment of packets", read_segment, 4, 768 * KIB, 1 * MIB},
    {"export of the ledger", read_export, 4, 256 * KIB, 1 * MIB},
    {"signed note", read_note, 2, 256 * KIB, 256 * KIB},
    {"checkpoint", read_checkpoint, 2, 64 * KIB, 256 * KIB},
    {"cosigned note", read_cosigned, 6, 64 * KIB, 256 * KIB},
    {"verifier key", read_vkey, 2, 64 * KIB, 64 * KIB},
    {"tlog-proof", read_tlog_proof, 2, 64 * KIB, 64 * KIB},
    {"request to a witness", read_witness_request, 2, 64 * KIB, 256 * KIB},
    {"memory of a witness", read_witness_memory, 2, 64 * KIB, 64 * KIB},
    {"proof", read_proof, 14, 1 * MIB, 1 * MIB},
    {"bill's code", read_bill_code, 2, 64 * KIB, 64 * KIB},
    {"PDF", read_pdf, 2, 9 * MIB, 1 * MIB},
    {"camt.053", read_camt, 32, 4 * MIB, 1 * MIB},
    {"MT940", read_mt940, 32, 4 * MIB, 1 * MIB},
    {"CSV", read_csv, 0, 4 * MIB, 1 * MIB},
    {"tariff", read_tariff, 48, 1 * MIB, 64 * KIB},
    {"URDB", read_urdb, 48, 1 * MIB, 1 * MIB},
    {"mapping", read_mapping, 40, 256 * KIB, 32 * KIB},
    {"list of erasures", read_erasures, 8, 64 * KIB, 1 * MIB},
    {"high-water", read_high_water, 2, 64 * KIB, 64 * KIB},
    {"what was verified", read_verified, 8, 64 * KIB, 1 * MIB},
    {"backup", read_age, 2, 512 * KIB, 1 * MIB},
    {"key file", read_keyfile, 2, 128 * KIB, 64 * KIB},
    {"sealed key", read_sealed, 2, 128 * KIB, 64 * KIB},
    {"public key", read_spki, 2, 128 * KIB, 64 * KIB},
    {"private key", read_private_key, 2, 128 * KIB, 64 * KIB},
    {"recovery key", read_recovery, 2, 64 * KIB, 64 * KIB},
    {"time zone", read_zone, 8, 256 * KIB, 256 * KIB},
};
#define READERS (sizeof readers / sizeof readers[0])

/* head, unit again and again, tail. In a unit '#' stands for a number that grows. */
struct shape {
    const char *name, *head, *unit, *tail;
    unsigned units; /* at most; 0: as many as fit */
};

static const struct shape shapes[] = {
    {"zeros", "", "0", "", 0},
    {"NULs", "", "", "", 0},
    {"lines", "", "\n", "", 0},
    {"spaces", "", " ", "1", 0},
    {"numbers", "[1", ",1", "]", 0},
    {"fractions", "[1", ",.5", "]", 0},
    {"doubles", "[1", ",1e1", "]", 0},
    {"empty strings", "[1", ",\"\"", "]", 0},
    {"short strings", "[1", ",\"a\"", "]", 0},
    {"empty arrays", "[1", ",[]", "]", 0},
    {"empty objects", "[1", ",{}", "]", 0},
    {"arrays of one", "[1", ",[1]", "]", 0},
    {"objects of one", "[1", ",{\"\":1}", "]", 0},
    {"objects of arrays", "[1", ",{\"\":[]}", "]", 0},
    {"arrays of five", "[1", ",[1,1,1,1,1]", "]", 0},
    {"deep arrays", "[1", ",[[[[[[[[[[1]]]]]]]]]]", "]", 0},
    {"deep objects", "[1", ",{\"\":{\"\":{\"\":{\"\":{\"\":1}}}}}", "]", 0},
    {"too deep", "", "[", "", 0},
    {"too deep objects", "", "{\"\":", "", 0},
    {"members", "{\"\":1", ",\"#\":1", "}", 0},
    {"canonical members", "{", "\"a#\":1,", "\"b\":1}", 0},
    {"same member", "{\"a\":1", ",\"a\":1", "}", 0},
    {"string", "\"", "a", "\"", 0},
    {"escapes", "\"", "\\n", "\"", 0},
    {"unicode", "\"", "\\u00e9", "\"", 0},
    {"not UTF-8", "\"", "\xff", "\"", 0},
    {"packet, long name", "{\"device_id\":\"", "A", "\"}", 0},
    {"packet, escapes", "{\"device_id\":\"a\",\"x\":\"", "\\u0041", "\"}", 0},
    {"packet, members", "{\"device_id\":\"a\"", ",\"m#\":1", "}", 0},
    {"OCMF, nothing", "OCMF|{", "\"A#\":1,", "\"B\":1}|{\"SD\":\"00\"}", 0},
    {"OCMF, readings", "OCMF|{\"FV\":\"1.0\",\"PG\":\"T1\",\"RD\":[{}", ",{}",
     "]}|{\"SD\":\"00\"}", 0},
    {"OCMF, signature", "OCMF|{\"FV\":\"1.0\"}|{\"SD\":\"", "00", "\"}", 0},
    {"envelope", "{\"payload\":\"", "AAAA", "\",\"payloadType\":\"t\",\"signatures\":[]}", 0},
    {"envelope, type", "{\"payload\":\"\",\"payloadType\":\"", "t", "\"}", 0},
    {"entry, members", "{\"actor\":\"user:1\",\"data\":{\"\":1", ",\"#\":1",
     "},\"date\":\"2026-01-01\",\"kind\":\"limit.set\",\"office\":\"A\",\"prev\":"
     "\"0000000000000000000000000000000000000000000000000000000000000000\",\"seq\":1,"
     "\"time\":\"2026-01-01T00:00:00.000Z\",\"v\":1}",
     0},
    {"entry, numbers", "{\"actor\":\"user:1\",\"data\":{\"a\":[1", ",1",
     "]},\"date\":\"2026-01-01\",\"kind\":\"limit.set\",\"office\":\"A\",\"prev\":"
     "\"0000000000000000000000000000000000000000000000000000000000000000\",\"seq\":1,"
     "\"time\":\"2026-01-01T00:00:00.000Z\",\"v\":1}",
     0},
    {"export, entries", "aforo-ledger-export 1 A\n", "E 10\n0123456789\n", "", 0},
    {"export, items", "aforo-ledger-export 1 A\nE 1\nx\n", "I 1\nx\n", "", 0},
    {"export, promises", "aforo-ledger-export 1 A\n", "E 65535\n", "", 0},
    {"segment, frames", "aforo-segment 1 A 1\n", "C 1\na\n",
     "end 0 0 0000000000000000000000000000000000000000000000000000000000000000\n", 0},
    {"segment, promises", "aforo-segment 1 A 1\n", "B 256 17825792\n", "", 0},
    {"segment, entries", "aforo-segment 1 A 1\nC 1\na\n", "E 1 10\n0123456789\n", "", 0},
    {"segment, note", "aforo-segment 1 A 1\nC 100000\n", "aforo.office/A\n", "\n", 0},
    {"note, text", "", "line of a text\n", "\n\xe2\x80\x94 PeterNeumann AAAA\n", 0},
    {"note, signatures", "a\n\n",
     "\xe2\x80\x94 PeterNeumann "
     "x08go/ZJkuBS9UG/"
     "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
     "", 0},
    {"note, strangers", "a\n\n", "\xe2\x80\x94 s# AAAAAAAA\n", "", 0},
    {"checkpoint", "aforo.office/A\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "x\n",
     "", 0},
    {"checkpoint, origin", "", "o", "\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 0},
    {"verifier key", "", "n", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", 0},
    {"verifier key, bytes", "n+c74f20a3+", "AAAA", "", 0},
    {"tlog-proof", "c2sp.org/tlog-proof@v1\nindex 5\n",
     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "\n", 0},
    {"request", "old 5\n", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "\na\n", 0},
    {"request, note", "old 0\n\n", "a\n", "", 0},
    {"witness, keys", "aforo-witness-log 1\norigin a\n", "key a+00000000+AAAA\n", "\n", 0},
    {"proof, entries",
     "{\"aforo_proof\":1,\"checkpoint\":null,\"entries\":[{\"envelope\":\"\",\"inclusion\":"
     "null,\"items\":[]}",
     ",{\"envelope\":\"\",\"inclusion\":null,\"items\":[]}",
     "],\"keys\":[],\"missing\":[],\"office\":\"A\",\"target\":{\"kind\":\"entry\",\"number\":"
     "1}}\n",
     0},
    {"proof, items",
     "{\"aforo_proof\":1,\"checkpoint\":null,\"entries\":[{\"envelope\":\"\",\"inclusion\":"
     "null,\"items\":[{\"index\":0,\"item\":\"\",\"path\":[]}",
     ",{\"index\":0,\"item\":\"\",\"path\":[]}",
     "]}],\"keys\":[],\"missing\":[],\"office\":\"A\",\"target\":{\"kind\":\"entry\","
     "\"number\":1}}\n",
     0},
    {"proof, full of items",
     "{\"aforo_proof\":1,\"checkpoint\":null,\"entries\":[{\"envelope\":\"\",\"inclusion\":"
     "null,\"items\":[{\"index\":0,\"item\":\"\",\"path\":[]}",
     ",{\"index\":0,\"item\":\"\",\"path\":[]}",
     "]}],\"keys\":[],\"missing\":[],\"office\":\"A\",\"target\":{\"kind\":\"entry\","
     "\"number\":1}}\n",
     4095},
    {"proof, missing",
     "{\"aforo_proof\":1,\"checkpoint\":null,\"entries\":[],\"keys\":[],\"missing\":[\"\"",
     ",\"\"", "],\"office\":\"A\",\"target\":{\"kind\":\"entry\",\"number\":1}}\n", 0},
    {"bill's code", "AFORO1 A 1 CRC ", "1", "", 0},
    {"PDF, bytes", "%PDF-1.4\n", "0", "", 0},
    {"PDF, objects", "%PDF-1.4\n", "# 0 obj\n<</Type/EmbeddedFile>>stream\n", "", 0},
    {"camt, entries",
     "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt>",
     "<Ntry/>", "</Stmt></BkToCstmrStmt></Document>", 0},
    {"camt, whole entries",
     "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt>",
     "<Ntry><Amt "
     "Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><ValDt><Dt>2026-01-01</Dt></ValDt></Ntry>",
     "</Stmt></BkToCstmrStmt></Document>", 0},
    {"camt, transactions of an entry",
     "<Document "
     "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt><Ntry><Amt "
     "Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><ValDt><Dt>2026-01-01</Dt></"
     "ValDt><NtryDtls>",
     "<TxDtls><Amt Ccy=\"EUR\">1</Amt></TxDtls>",
     "</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>", 0},
    {"camt, transactions without an amount",
     "<Document "
     "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt><Ntry><Amt "
     "Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><ValDt><Dt>2026-01-01</Dt></"
     "ValDt><NtryDtls>",
     "<TxDtls/>", "</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>", 0},
    {"camt, remittance in lines",
     "<Document "
     "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt><Ntry><Amt "
     "Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><ValDt><Dt>2026-01-01</Dt></"
     "ValDt><NtryDtls><TxDtls><RmtInf>",
     "<Ustrd>a</Ustrd>",
     "</RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>", 0},
    {"camt, one member again",
     "<Document "
     "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt><Ntry><Amt "
     "Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><ValDt><Dt>2026-01-01</Dt></ValDt>",
     "<NtryRef/>", "</Ntry></Stmt></BkToCstmrStmt></Document>", 0},
    {"camt, statements",
     "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>",
     "<Stmt/>", "</BkToCstmrStmt></Document>", 0},
    {"camt, a name",
     "<Document "
     "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt><Id>",
     "n", "</Id></Stmt></BkToCstmrStmt></Document>", 0},
    {"XML, elements", "<a>", "<b/>", "</a>", 0},
    {"XML, names", "<a>", "<b#/>", "</a>", 0},
    {"XML, one name", "<", "b", "/>", 0},
    {"XML, attributes", "<a ", "a#=\"\" ", "/>", 0},
    {"XML, name spaces", "<a>", "<b xmlns:n#=\"u#\"/>", "</a>", 0},
    {"XML, name spaces inherited", "<a ", "xmlns:n#=\"u#\" ", "/>", 0},
    {"XML, one attribute", "<a b=\"", "c", "\"/>", 0},
    {"XML, too deep", "", "<a>", "", 0},
    {"XML, comment", "<!--", "c", "--><a/>", 0},
    {"XML, entities", "<a>", "&amp;", "</a>", 0},
    {"XML, entity bomb", "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbbbbbbbb\">",
     "<!ENTITY c# \"&b;&b;&b;&b;\">", "]><a>&c1;</a>", 0},
    {"MT940, rows", ":20:A\n:25:1\n:28C:1\n:60F:D070903EUR1,\n", ":61:0709040904CR1,NTRFA\n",
     ":62F:D070904EUR1,\n-\n", 0},
    {"MT940, shortest rows", ":20:A\n:25:1\n:28C:1\n:60F:D070903EUR1,\n", ":61:070904C1,NTRF\n",
     ":62F:D070904EUR1,\n-\n", 0},
    {"MT940, statements", "", ":20:A\n:25:1\n:28C:1\n:60F:D070903EUR1,\n:62F:D070904EUR1,\n-\n",
     "", 0},
    {"MT940, opened", "", ":20:A\n", "", 0},
    {"MT940, a text", ":20:A\n:25:1\n:28C:1\n:60F:D070903EUR1,\n:61:0709040904CR1,NTRFA\n:86:",
     "abc\n", ":62F:D070904EUR1,\n-\n", 0},
    {"MT940, parts of a text",
     ":20:A\n:25:1\n:28C:1\n:60F:D070903EUR1,\n:61:0709040904CR1,NTRFA\n:86:166", "?20a",
     "\n:62F:D070904EUR1,\n-\n", 0},
    {"CSV, fields", "", "a;", "\n", 0},
    {"CSV, a field", "\"", "a", "\"\n", 0},
    {"CSV, quotes", "\"", "\"\"", "\"\n", 0},
    {"tariff, components", "{\"components\":[{}", ",{}", "]}", 0},
    {"tariff, unknown members", "{\"components\":[{\"type\":\"fixed\"", ",\"x#\":1", "}]}", 0},
    {"tariff, holidays", "{\"tou\":{\"holidays\":[\"2026-01-01\"", ",\"2026-01-01\"", "]}}", 0},
    {"URDB, tiers", "{\"energyratestructure\":[[{\"rate\":0}", ",{\"rate\":0}", "]]}", 0},
    {"URDB, periods", "{\"energyratestructure\":[[{}]", ",[{}]", "]}", 0},
    {"mapping, columns", "{\"kind\":\"readings\",\"columns\":{\"a\":1", ",\"#\":1", "}}", 0},
    {"erasures", "aforo erasures 1\n",
     "# customer 7 name 0123456789012345678901234567890123456789012345678901234567890123\n", "",
     0},
    {"erasures, short", "aforo erasures 1\n",
     "# c 7 n 0123456789012345678901234567890123456789012345678901234567890123\n", "", 0},
    {"high-water", "aforo-high-water 1\ncosignatures 1\n\n", "a\n", "", 0},
    {"high-water, strangers",
     "aforo-high-water 1\ncosignatures "
     "1\n\naforo.office/A\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
     "\xe2\x80\x94 s# AAAAAAAA\n", "", 0},
    {"verified", "aforo-verified 1\n",
     "key 0123456789012345678901234567890123456789012345678901234567890123 user:1 entry 1 5 "
     "AAAA\n",
     "", 0},
    {"age, stanzas", "age-encryption.org/v1\n",
     "-> X25519 "
     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
     "\n",
     "--- AAAA\n", 0},
    {"key file", "aforo-key 1\nstore file\nalgorithm p256\nplace ", "a", "\n", 0},
    {"sealed", "aforo-secret-v1 ", "A", "", 0},
    {"DER, long", "0\x82\xff\xff", "0", "", 0},
    {"DER, deep", "", "0\x80", "", 0},
    {"recovery", "", "0000 ", "", 0},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

/* The unit once more, its '#' filled in. */
static void unit_add(struct buf *b, const struct shape *s, unsigned number)
{
    if (s->unit[0] == '\0') {
        buf_addc(b, '\0');
    }
    for (const char *c = s->unit; *c != '\0'; c++) {
        if (*c == '#') {
            buf_add_int(b, (int64_t)number);
        } else {
            buf_addc(b, *c);
        }
    }
}

/* A text of about `size` bytes, not more. */
static void shape_build(struct buf *b, const struct shape *s, size_t size)
{
    size_t tail = strlen(s->tail);
    size_t unit = strlen(s->unit) + 20;
    buf_clear(b);
    buf_adds(b, s->head);
    for (unsigned n = 1; b->len + unit + tail <= size && (s->units == 0 || n <= s->units);
         n++) {
        unit_add(b, s, n);
    }
    buf_adds(b, s->tail);
    ck_assert(!b->failed);
}

struct worst {
    int64_t peak;
    size_t size;
    char input[64];
    unsigned taken; /* inputs that were read through */
};

/* What it held, after comparing that with what it may. */
static int64_t measure(const struct reader *r, const char *input, const struct buf *b,
                       struct worst *w)
{
    struct err e = ERR_INIT;
    alloc_meter_start();
    enum err_code code = r->read(buf_str(b), b->len, &e);
    int64_t peak = alloc_meter_stop().peak_bytes;
    ck_assert_msg(code == ERR_OK || e.text[0] != '\0', "%s, %s: refused without a reason",
                  r->name, input);
    ck_assert_msg(peak <= (int64_t)(r->times * b->len + r->bytes),
                  "%s, %s: %zu bytes made it hold %lld, more than %u times as much and %zu",
                  r->name, input, b->len, (long long)peak, r->times, r->bytes);
    w->taken += code == ERR_OK;
    if (peak > w->peak) {
        w->peak = peak;
        w->size = b->len;
        (void)snprintf(w->input, sizeof w->input, "%s", input);
    }
    return peak;
}

static void shapes_measure(const struct reader *r, struct buf *b, struct worst *w)
{
    for (size_t i = 0; i < SHAPES; i++) {
        unsigned taken = w->taken;
        shape_build(b, &shapes[i], 512);
        (void)measure(r, shapes[i].name, b, w);
        shape_build(b, &shapes[i], SMALL);
        int64_t peak = measure(r, shapes[i].name, b, w);
        /* What is refused at the first byte is refused so at any size. */
        if (peak > (int64_t)SMALL / 2 || taken < w->taken) {
            shape_build(b, &shapes[i], r->max_size);
            (void)measure(r, shapes[i].name, b, w);
        }
    }
}

/* 4 MiB of nothing in a few kilobytes: as zlib's stream, as gzip's. */
static struct buf bombs[2];

static void bombs_make(void)
{
    static const Bytef nothing[4 << 20];
    for (int gzip = 0; gzip < 2; gzip++) {
        z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)nothing,
                      .avail_in = sizeof nothing,
                      .avail_out = 64 << 10};
        buf_init(&bombs[gzip], 64 << 10);
        z.next_out = (Bytef *)buf_reserve(&bombs[gzip], z.avail_out);
        CHECK(deflateInit2(&z, 6, Z_DEFLATED, gzip ? 31 : 15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
        CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END && deflateEnd(&z) == Z_OK);
        bombs[gzip].len += z.total_out;
    }
}

static void bombs_measure(const struct reader *r, struct buf *b, struct worst *w)
{
    (void)measure(r, "gzip bomb", &bombs[1], w);
    buf_clear(b);
    buf_adds(b, "%PDF-1.4\n1 0 obj\n<</Type /EmbeddedFile>>\nstream\n");
    buf_add(b, bombs[0].data, bombs[0].len);
    (void)measure(r, "bomb in a PDF", b, w);
}

/* What the fuzzers keep: for each reader some of it is whole and sound. w NULL: only read, so
 * that what a process makes once (OpenSSL's algorithms, the compiled schemas) is there. */
static void corpus_measure(const struct reader *r, struct buf *b, struct worst *w)
{
    char pattern[1024];
    glob_t found;
    const char *top = getenv("AFORO_SRCDIR");
    (void)snprintf(pattern, sizeof pattern, "%s/tests/fuzz/corpus/*/*",
                   top != NULL ? top : ".");
    ck_assert_msg(glob(pattern, 0, NULL, &found) == 0, "no corpus in %s", pattern);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct err e = ERR_INIT;
        buf_clear(b);
        ck_assert_msg(file_read(found.gl_pathv[i], b, &e) == ERR_OK, "%s", e.text);
        if (b->len > 0 && w == NULL) {
            (void)!r->read(buf_str(b), b->len, &e);
        } else if (b->len > 0) {
            (void)measure(r, strrchr(found.gl_pathv[i], '/') + 1, b, w);
        }
    }
    globfree(&found);
}

START_TEST(no_input_takes_more_than_a_small_multiple_of_its_size)
{
    const struct reader *r = &readers[_i];
    struct worst w = {0};
    struct buf b;
    buf_init(&b, 16 * MIB);
    corpus_measure(r, &b, NULL);
    shapes_measure(r, &b, &w);
    bombs_measure(r, &b, &w);
    corpus_measure(r, &b, &w);
    buf_release(&b);
    printf("# memory %s: at most %lld bytes, for %zu of %s; %u inputs were sound\n", r->name,
           (long long)w.peak, w.size, w.input, w.taken);
    ck_assert_msg(w.taken > 0, "%s: no input got to its end", r->name);
}
END_TEST

/* The measure itself: what is held at once counts, what was given back does not. */
START_TEST(the_meter_counts_what_is_held_at_once)
{
    void *volatile p;
    alloc_meter_start();
    for (int i = 0; i < 100; i++) {
        p = malloc(10000);
        free(p);
    }
    struct alloc_measure m = alloc_meter_stop();
    ck_assert(m.count == 100 && m.total_bytes >= 1000000);
    ck_assert(m.peak_bytes >= 10000 && m.peak_bytes < 20000);
    alloc_meter_start();
    char *volatile a = strdup("in the system's library too");
    p = malloc(1000); /* through memory, or a compiler makes one call of the two */
    p = realloc(p, 50000);
    m = alloc_meter_stop();
    ck_assert(m.count == 3 && m.peak_bytes >= 50000 && m.peak_bytes < 60000);
    free(a);
    free(p);
}
END_TEST

int main(void)
{
    bombs_make();
    Suite *s = suite_create("memory");
    TCase *tc = tcase_create("readers");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_meter_counts_what_is_held_at_once);
    tcase_add_loop_test(tc, no_input_takes_more_than_a_small_multiple_of_its_size, 0,
                        (int)READERS);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    buf_release(&bombs[0]);
    buf_release(&bombs[1]);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
