/* Text from outside: what the sanitiser gives out has no byte that a terminal obeys, and is a
 * fixed point. */
#include <config.h>

#include "base/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_MAX ((size_t)64 << 20)

static void check_safe(const struct buf *b)
{
    int marks = 0;
    for (size_t i = 0; i < b->len;) {
        uint32_t cp;
        size_t n = utf8_decode(b->data + i, b->len - i, &cp);
        CHECK(n > 0);
        CHECK(cp >= 0x20 && !(cp >= 0x7F && cp < 0xA0));
        CHECK(!(cp >= 0x2028 && cp <= 0x202E) && !(cp >= 0x2060 && cp <= 0x206F));
        CHECK(!(cp >= 0x200B && cp <= 0x200F) && cp != 0xFEFF && cp != 0x061C);
        marks = cp_width(cp) == 0 ? marks + 1 : 0;
        CHECK(marks <= 2);
        i += n;
    }
}

static void check_sanitize(const char *s, size_t size)
{
    struct buf once, twice;
    char fixed[37];
    buf_init(&once, OUT_MAX);
    buf_init(&twice, OUT_MAX);
    text_sanitize(s, size, &once);
    check_safe(&once);
    text_sanitize(buf_str(&once), once.len, &twice);
    CHECK(strcmp(buf_str(&once), buf_str(&twice)) == 0);
    text_sanitize_to(s, size, fixed, sizeof(fixed));
    CHECK(strncmp(fixed, buf_str(&once), strlen(fixed)) == 0);
    buf_release(&once);
    buf_release(&twice);
}

static void check_fold(const char *s, size_t size)
{
    struct buf once, twice;
    buf_init(&once, OUT_MAX);
    buf_init(&twice, OUT_MAX);
    text_fold(s, size, &once);
    CHECK(!utf8_valid(s, size) || utf8_valid(buf_str(&once), once.len));
    if (utf8_valid(s, size)) {
        text_fold(buf_str(&once), once.len, &twice);
        CHECK(once.len == twice.len && memcmp(buf_str(&once), buf_str(&twice), once.len) == 0);
    }
    buf_release(&once);
    buf_release(&twice);
}

static void check_base64(const char *s, size_t size)
{
    struct buf bytes, again;
    buf_init(&bytes, OUT_MAX);
    buf_init(&again, OUT_MAX);
    if (base64_decode(s, size, &bytes, NULL) == ERR_OK) {
        buf_add_base64(&again, buf_str(&bytes), bytes.len);
        CHECK(again.len == size && memcmp(buf_str(&again), s, size) == 0);
    }
    buf_release(&bytes);
    buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *s = size > 0 ? (const char *)data : "";
    size_t used;
    size_t bytes = text_fit(s, size, 20, &used);
    CHECK(bytes <= size && used <= 20 && used <= text_width(s, size));
    check_sanitize(s, size);
    check_fold(s, size);
    check_base64(s, size);
    return 0;
}
