#include "cpu.h"
#include <stdint.h>
#include <string.h>

bool cpu_runs_scalar(void) { return true; }

/* Part of the base of aarch64, and only compiled for it. */
bool cpu_runs_neon(void) { return true; }

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>

struct registers {
    uint32_t a, b, c, d;
};

/* all zero where the processor has no such leaf */
static struct registers cpuid_part(uint32_t leaf, uint32_t part)
{
    struct registers r = {0};
    return __get_cpuid_count(leaf, part, &r.a, &r.b, &r.c, &r.d) ? r : (struct registers){0};
}

static struct registers cpuid(uint32_t leaf) { return cpuid_part(leaf, 0); }

static bool has(uint32_t word, int bit) { return word >> bit & 1; }

/* whether the system saves all register states in `wanted`, bits of XCR0 */
static bool system_saves(uint32_t wanted)
{
    const int OSXSAVE = 27;
    if (!has(cpuid(1).c, OSXSAVE)) {
        return false;
    }
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & wanted) == wanted;
}

bool cpu_runs_sse2(void)
{
    const int SSE2 = 26;
    return has(cpuid(1).d, SSE2);
}

bool cpu_runs_avx2(void)
{
    const int FMA = 12, F16C = 29, AVX2 = 5; /* leaf 1 c, c; leaf 7 b */
    const uint32_t SSE_STATE = 1 << 1, AVX_STATE = 1 << 2;
    uint32_t c = cpuid(1).c, b = cpuid(7).b;
    return system_saves(SSE_STATE | AVX_STATE) && has(c, FMA) && has(c, F16C) && has(b, AVX2);
}

bool cpu_runs_avx512(void)
{
    const int F = 16, DQ = 17, BW = 30, VL = 31; /* leaf 7 b */
    const uint32_t MASK_STATE = 1 << 5, UPPER_HALVES = 1 << 6, UPPER_REGISTERS = 1 << 7;
    uint32_t b = cpuid(7).b;
    return cpu_runs_avx2() && system_saves(MASK_STATE | UPPER_HALVES | UPPER_REGISTERS) && has(b, F) && has(b, DQ) &&
           has(b, BW) && has(b, VL);
}

void cpu_vendor(char *name)
{
    const struct registers r = cpuid(0);
    memcpy(name, &r.b, 4);
    memcpy(name + 4, &r.d, 4);
    memcpy(name + 8, &r.c, 4);
    name[12] = '\0';
}

/* The largest of the caches that a leaf lists, one a part, up to one of no type. */
static size_t largest_cache(uint32_t leaf)
{
    size_t largest = 0;
    for (uint32_t part = 0; part < 16; part++) {
        const struct registers r = cpuid_part(leaf, part);
        const size_t ways = (r.b >> 22) + 1, partitions = (r.b >> 12 & 0x3ff) + 1, line = (r.b & 0xfff) + 1;
        const size_t bytes = ways * partitions * line * ((size_t)r.c + 1);
        if ((r.a & 0x1f) == 0) {
            break;
        }
        largest = bytes > largest ? bytes : largest;
    }
    return largest;
}

size_t cpu_cache_bytes(void)
{
    const uint32_t INTEL = 4, AMD = 0x8000001d;
    const size_t intel = largest_cache(INTEL);
    return intel > 0 ? intel : largest_cache(AMD);
}

#else

void cpu_vendor(char *name) { *name = '\0'; }
size_t cpu_cache_bytes(void) { return 0; }
bool cpu_runs_sse2(void) { return false; }
bool cpu_runs_avx2(void) { return false; }
bool cpu_runs_avx512(void) { return false; }

#endif
