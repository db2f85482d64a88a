#include "fpu.h"
#include <xmmintrin.h>

/* The same bits in both registers of flags: that of the vector unit, and that of x87, which long double is computed on. */
static const int FLAGS = 0x3F;

static const uint32_t SSE_MODES = 0xE040; /* the rounding, flush-to-zero, denormals-are-zero */
static const uint16_t X87_ROUNDING = 0x0C00;

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

static void set_x87_control(uint16_t control)
{
    if (x87_control() != control) {
        __asm__ volatile("fldcw %0" : : "m"(control));
    }
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
    set_x87_control(modes->x86.x87);
}

void fpu_change_modes(const struct fpu_modes *modes)
{
    _mm_setcsr((modes->x86.sse & ~(uint32_t)FLAGS) | (_mm_getcsr() & (uint32_t)FLAGS));
    set_x87_control(modes->x86.x87);
}

bool fpu_change_to_default(struct fpu_modes *before)
{
    fpu_get_modes(before);
    struct fpu_modes pythons = *before;
    pythons.x86.sse &= ~SSE_MODES;
    pythons.x86.x87 = (uint16_t)(pythons.x86.x87 & ~X87_ROUNDING);
    if (pythons.x86.sse == before->x86.sse && pythons.x86.x87 == before->x86.x87) {
        return false;
    }
    fpu_change_modes(&pythons);
    return true;
}

int fpu_get_flags(void) { return ((int)_mm_getcsr() | x87_status()) & FLAGS; }

/* fetestexcept looks into both registers. */
void fpu_raise_flags(int flags) { _mm_setcsr(_mm_getcsr() | (uint32_t)flags); }
