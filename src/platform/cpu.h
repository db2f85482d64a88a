/* What this machine can run, its operating system's part included: AVX and AVX-512 registers are of use only where the
 * system saves them. One function an ISA. */
#ifndef RELU_UFUNC_CPU_H
#define RELU_UFUNC_CPU_H

#include <stdbool.h>
#include <stddef.h>

bool cpu_runs_scalar(void);
bool cpu_runs_sse2(void);
bool cpu_runs_avx2(void);
bool cpu_runs_avx512(void);
bool cpu_runs_neon(void);

/* Writes who has made the processor: "GenuineIntel", say, or "" where it does not tell. */
enum { VENDOR_ROOM = 13 };
void cpu_vendor(char *name);

/* The size of the largest cache that the processor tells of, or 0. */
size_t cpu_cache_bytes(void);

#endif
