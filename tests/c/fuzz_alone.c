/* The fuzzer's calls without a fuzzer: `fuzz_alone COUNT SEED` makes so many of random bytes, `fuzz_alone FILE...` those of
 * files that a fuzzer has left. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_BYTES = 160 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t random_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static void try_random(unsigned long count, unsigned long seed)
{
    uint8_t bytes[MOST_BYTES];
    uint64_t state = 0x9e3779b97f4a7c15u + seed;
    for (; count > 0; count--) {
        for (int i = 0; i < MOST_BYTES; i++) {
            bytes[i] = (uint8_t)(random_bits(&state) >> 32);
        }
        LLVMFuzzerTestOneInput(bytes, (size_t)(random_bits(&state) >> 32) % (MOST_BYTES + 1));
    }
}

static void try_file(const char *name)
{
    uint8_t bytes[4 * MOST_BYTES];
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        exit(2);
    }
    LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof bytes, file));
    fclose(file);
}

int main(int argc, char **argv)
{
    char *end = argv[0];
    const unsigned long count = argc == 3 ? strtoul(argv[1], &end, 10) : 0;
    if (count > 0 && *end == 0) {
        try_random(count, strtoul(argv[2], NULL, 10));
    } else {
        for (int i = 1; i < argc; i++) {
            try_file(argv[i]);
        }
    }
    return 0;
}
