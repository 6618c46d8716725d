#include <config.h>

#include "crypto/hash.h"

#include <pthread.h>

#include "crypto/ossl.h"

/* One context a thread: making one for each hash costs as much as hashing a tree node. */
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_ctx;

static void free_ctx(void *ctx)
{
    EVP_MD_CTX_free(ctx);
}

static void free_own_ctx(void)
{
    /* Key destructors do not run for the thread that leaves main(). */
    EVP_MD_CTX_free(pthread_getspecific(thread_ctx));
    (void)pthread_setspecific(thread_ctx, NULL);
}

static void make_key(void)
{
    CHECK(pthread_key_create(&thread_ctx, free_ctx) == 0);
    (void)OPENSSL_atexit(free_own_ctx);
}

static EVP_MD_CTX *own_ctx(void)
{
    const EVP_MD *md = ossl_sha256();
    EVP_MD_CTX *ctx = NULL;

    CHECK(pthread_once(&key_once, make_key) == 0);
    ctx = pthread_getspecific(thread_ctx);
    if (ctx == NULL) {
        /* A hash that cannot be computed has no answer to give, and the context is made once a
         * thread. */
        ctx = EVP_MD_CTX_new();
        CHECK(ctx != NULL && pthread_setspecific(thread_ctx, ctx) == 0);
    }
    CHECK(EVP_DigestInit_ex2(ctx, md, NULL) == 1);
    return ctx;
}

void sha256(const void *data, size_t len_bytes, struct hash *out)
{
    sha256_2(data, len_bytes, NULL, 0, out);
}

void sha256_2(const void *a, size_t a_len, const void *b, size_t b_len, struct hash *out)
{
    EVP_MD_CTX *ctx = own_ctx();

    int done = EVP_DigestUpdate(ctx, a, a_len);

    done &= EVP_DigestUpdate(ctx, b, b_len);
    done &= EVP_DigestFinal_ex(ctx, out->b, NULL);
    CHECK(done == 1);
}

/* The handle is OpenSSL's own context. */
struct hasher *hasher_new(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx != NULL && EVP_DigestInit_ex2(ctx, ossl_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(ctx);
        ctx = NULL;
    }
    return (struct hasher *)ctx;
}

void hasher_add(struct hasher *h, const void *data, size_t len_bytes)
{
    CHECK(EVP_DigestUpdate((EVP_MD_CTX *)h, data, len_bytes) == 1);
}

void hasher_end(struct hasher *h, struct hash *out)
{
    if (h != NULL && out != NULL) {
        CHECK(EVP_DigestFinal_ex((EVP_MD_CTX *)h, out->b, NULL) == 1);
    }
    EVP_MD_CTX_free((EVP_MD_CTX *)h);
}

int hash_equal(const struct hash *a, const struct hash *b)
{
    return CRYPTO_memcmp(a->b, b->b, HASH_SIZE) == 0;
}

void hash_hex(const struct hash *h, char out[65])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < HASH_SIZE; i++) {
        out[2 * i] = digits[h->b[i] >> 4];
        out[2 * i + 1] = digits[h->b[i] & 15];
    }
    out[64] = '\0';
}

void secure_wipe(void *p, size_t len_bytes)
{
    if (len_bytes > 0) {
        OPENSSL_cleanse(p, len_bytes);
    }
}

void commitment(const uint8_t salt[SALT_SIZE], const void *value, size_t len_bytes,
                struct hash *out)
{
    sha256_2(salt, SALT_SIZE, value, len_bytes, out);
}
