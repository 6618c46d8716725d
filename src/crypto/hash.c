#include <config.h>

/* Short texts are hashed by the million: EVP's bookkeeping around each took as long as hashing
 * a node of a tree. SHA256_*() is the same code below, and OpenSSL's own, though it is called
 * deprecated. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hash.h"

#include "crypto/ossl.h"

#include <openssl/sha.h>

void sha256(const void *data, size_t len_bytes, struct hash *out)
{
    sha256_2(data, len_bytes, NULL, 0, out);
}

void sha256_2(const void *a, size_t a_len, const void *b, size_t b_len, struct hash *out)
{
    SHA256_CTX ctx;
    int done = SHA256_Init(&ctx);

    done &= SHA256_Update(&ctx, a, a_len);
    done &= b_len == 0 ? 1 : SHA256_Update(&ctx, b, b_len);
    done &= SHA256_Final(out->b, &ctx);
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
