/* Functions of one input over the whole range of float32, or a part: `every_float NAME FIRST LAST STEP` prints a checksum of
 * the results for each block of a million inputs from one to another; of their bits, each STEP-th is tried. All machines
 * print the same. There are 4096 blocks. */
#include "checksum.h"
#include <relu_ufunc.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BITS = 20, BLOCK = 1 << BLOCK_BITS, ARGUMENTS = 5 };
static float x[BLOCK], y[BLOCK];

int main(int argc, char **argv)
{
    const struct relu_ufunc_api *ru = relu_ufunc_get_api();
    const relu_ufunc_function *function = argc == ARGUMENTS ? ru->find(argv[1], RELU_UFUNC_FLOAT32) : NULL;
    if (function == NULL) {
        fprintf(stderr, "every_float NAME FIRST LAST STEP\n");
        return 2;
    }
    const uint32_t first = (uint32_t)atoi(argv[2]), last = (uint32_t)atoi(argv[3]), step = (uint32_t)atoi(argv[4]);
    const float one = 1; /* the default of alpha and beta */
    for (uint32_t block = first; block <= last; block++) {
        size_t count = 0;
        for (uint32_t i = 0; i < BLOCK; i += step) {
            const uint32_t bits = block << BLOCK_BITS | i;
            memcpy(&x[count++], &bits, sizeof bits);
        }
        const void *inputs[] = {x, &one};
        void *outputs[] = {y};
        if (ru->apply(function, count, inputs, 1u << 1, outputs) != RELU_UFUNC_OK) {
            return 1;
        }
        printf("%s %u %016llx\n", argv[1], block,
               (unsigned long long)checksum_of(CHECKSUM_OF_NOTHING, (const char *)y, count, sizeof *y));
        fflush(stdout);
    }
    return 0;
}
