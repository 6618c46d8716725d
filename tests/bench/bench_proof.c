/* How long the check of a bill's proof file takes. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/proof_check.h"
#include "tests/bench/bench.h"
#include "tests/lib/office_busy.h"
#include "tests/lib/proof_sample.h"

#define ROUNDS 15
#define CHECKS 200

static struct buf proof;

static uint64_t ours(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < CHECKS; i++) {
        struct err e = ERR_INIT;
        struct proof_checked c;
        proof_checked_init(&c);
        enum err_code code = proof_check(proof.data, proof.len, NULL, 0, &c, &e);
        proof_checked_release(&c);
        if (code != ERR_OK) {
            (void)fprintf(stderr, "bench_proof: %s\n", e.text);
            return 0;
        }
    }
    return CHECKS;
}

int main(int argc, char **argv)
{
    static struct office_fixture f;
    struct bench_pair pair;
    (void)bench_quick(argc, argv);
    buf_init(&proof, PROOF_SIZE_MAX);
    fixture_template();
    fixture_init(&f);
    fixture_busy(&f);
    sample_checkpoint(&f);
    sample_proof(&f, "bill", 1, &proof);
    printf("# proof of a bill of one meter: %zu bytes, from the file's bytes to the answer\n",
           proof.len);
    bool ok = bench_alternate(ours, NULL, NULL, ROUNDS, &pair);
    if (ok) {
        bench_print_value("proof_check", "ms", 1000.0 / pair.ours, "value<=2");
    }
    buf_release(&proof);
    fixture_free(&f);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
