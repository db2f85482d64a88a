#include "fpu.h"
#include <xmmintrin.h>

/* The same bits in both registers of flags: that of the vector unit, and that of x87, which long double is computed on. */
static const int FLAGS = 0x3F;

static uint16_t x87_control(void)
{
    uint16_t control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    return control;
}

static uint16_t x87_status(void)
{
    uint16_t status;
    __asm__ volatile("fnstsw %0" : "=m"(status));
    return status;
}

void fpu_get_modes(struct fpu_modes *modes)
{
    modes->x86.sse = _mm_getcsr();
    modes->x86.x87 = x87_control();
}

void fpu_set_modes(const struct fpu_modes *modes)
{
    _mm_setcsr(modes->x86.sse & ~(uint32_t)FLAGS);
    if (x87_status() & FLAGS) {
        __asm__ volatile("fnclex");
    }
    if (x87_control() != modes->x86.x87) {
        __asm__ volatile("fldcw %0" : : "m"(modes->x86.x87));
    }
}

int fpu_get_flags(void) { return ((int)_mm_getcsr() | x87_status()) & FLAGS; }

/* fetestexcept looks into both registers. */
void fpu_raise_flags(int flags) { _mm_setcsr(_mm_getcsr() | (uint32_t)flags); }
