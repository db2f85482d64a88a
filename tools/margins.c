/* How large the errors of fast parts are beside what the test of their certainty allows: started by margins.py, which compiles it
 * for each instruction set that has them.
 *
 *     margins FIRST STEP
 *
 * tries the inputs whose bits are FIRST, FIRST + STEP, …, and prints for each function the largest ratio of error to allowance, the
 * input where it is, and how many were certain. Below 1, no such result can be wrong; the exact value is the C library's in long
 * double.
 *
 * The tests are replaced by others that also note what they are given. Vectors in which a flag is raised are left out: the loop has
 * them in doubt. */
#include VOCABULARY
#include "loops/lift.h"

#define ELEMENT f32
#include "simd/float32.h"

#include "math/pair_f32.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_LANES = SPLAT_BYTES / 4 };
static struct {
    float y[MOST_LANES], rest[MOST_LANES], error[MOST_LANES];
    float margin[MOST_LANES]; /* of the distance from y to the middle; 0 where the error is given */
} noted;

static mask note_by_margin(f32_vec y, f32_vec l, float margin)
{
    f32_store((char *)noted.y, y, f32_lanes());
    f32_store((char *)noted.rest, l, f32_lanes());
    f32_store((char *)noted.margin, f32_set1(margin), f32_lanes());
    return f32_in_doubt(y, l, margin);
}

static mask note_by_error(f32_vec y, f32_vec l, f32_vec error)
{
    f32_store((char *)noted.y, y, f32_lanes());
    f32_store((char *)noted.rest, l, f32_lanes());
    f32_store((char *)noted.error, error, f32_lanes());
    f32_store((char *)noted.margin, f32_zero(), f32_lanes());
    return f32_in_doubt_by(y, l, error);
}

static f32_vec note_within(struct f32_sum y, f32_vec error, mask *doubtful)
{
    note_by_error(y.high, y.low, error);
    return f32_settled_within(y, error, doubtful);
}

static f32_vec note_by_product(struct f32_sum y, f32_vec a, f32_vec b, mask *doubtful)
{
    note_by_error(y.high, y.low, f32_absolute(f32_mul(a, b)));
    return f32_settled_by(y, a, b, doubtful);
}

static void note_quotient(f32_vec n, struct f32_sum d, f32_vec inverse, f32_vec q, float error)
{
    f32_vec residual = f32_fused(q, d.low, f32_fused_less(q, d.high, n)), y = f32_less_fused(residual, inverse, q);
    note_by_error(y, f32_less_fused(residual, inverse, f32_sub(q, y)), f32_absolute(f32_mul(y, f32_set1(error))));
}

static f32_vec note_by_quotient(f32_vec n, struct f32_sum d, float error, mask *doubtful)
{
    f32_vec inverse = f32_div(f32_set1(1), f32_add(d.high, d.low));
    note_quotient(n, d, inverse, f32_mul(n, inverse), error);
    return f32_settled_quotient(n, d, error, doubtful);
}

static f32_vec note_by_inverse(struct f32_sum d, float error, mask *doubtful)
{
    f32_vec one = f32_set1(1), inverse = f32_div(one, f32_add(d.high, d.low));
    note_quotient(one, d, inverse, inverse, error);
    return f32_settled_inverse(d, error, doubtful);
}

#define f32_in_doubt note_by_margin
#define f32_settled_quotient note_by_quotient
#define f32_settled_inverse note_by_inverse
#define f32_in_doubt_by note_by_error
#define f32_settled_within note_within
#define f32_settled_by note_by_product
INLINE f32_vec f32_signed_as(f32_vec x, f32_vec y)
{
    return f32_of_bits(bits_or(bits_and(f32_bits(y), set1_32(INT32_MAX)), bits_and(f32_bits(x), set1_32(INT32_MIN))));
}
#include "math/expm1_fast_f32.h"
#include "math/gelu_fast_f32.h"
#include "math/sigmoid_fast_f32.h"
#include "math/softplus_fast_f32.h"

/* What the test leaves to the error: l (1 + margin) stays within half the distance to the next float. */
static double allowance(size_t lane)
{
    if (noted.margin[lane] == 0) {
        return noted.error[lane];
    }
    const float y = noted.y[lane], next = nextafterf(y, noted.rest[lane] > 0 ? INFINITY : -INFINITY);
    return fabs((double)next - y) / 2 * noted.margin[lane] / (1 + noted.margin[lane]);
}

struct largest {
    double ratio;
    float at;
    long certain;
};

typedef f32_vec fast_function(f32_vec x, mask *doubtful);
typedef long double exact_function(long double x);

static void measure(struct largest *largest, exact_function *exact, const float *x, const float *y, const int *doubtful)
{
    for (size_t i = 0; i < f32_lanes(); i++) {
        const long double sum = (long double)noted.y[i] + noted.rest[i];
        if (doubtful[i] || (float)sum != y[i] || y[i] == 0) {
            continue; /* what is not this sum was not decided by it */
        }
        const long double value = exact((long double)x[i]);
        const long double slack = fabsl(value) * 0x1p-60L + fabsl((long double)noted.rest[i]) * 0x1p-24L;
        const double ratio = (double)((fabsl(sum - value) - slack) / allowance(i));
        largest->certain++;
        if (ratio > largest->ratio) {
            largest->ratio = ratio;
            largest->at = x[i];
        }
    }
}

#define IN_TWO(name, begin)                                             \
    static f32_vec fast_##name(f32_vec x, mask *doubtful)               \
    {                                                                   \
        return f32_fast_##name(x, f32_begin_##begin(x), doubtful);      \
    }
IN_TWO(sigmoid, sigmoid)
IN_TWO(sigmoid_slope, sigmoid_slope)
IN_TWO(sigmoid_beside, sigmoid_slope)
IN_TWO(silu, sigmoid)
IN_TWO(silu_slope, sigmoid)
IN_TWO(gelu, gelu)
IN_TWO(gelu_slope, gelu_slope)
IN_TWO(gelu_tanh, gelu_tanh)
IN_TWO(gelu_tanh_slope, gelu_tanh_slope)
IN_TWO(softplus, softplus)
IN_TWO(mish, mish)
IN_TWO(selu, selu)
IN_TWO(selu_slope, exp_off)
IN_TWO(celu, celu)
IN_TWO(celu_slope, exp_off)

/* The exact values: of x, which is a float where a fast part is certain. */

static const long double LAMBDA = 1.0507009873554804934193349852946L, ALPHA = 1.6732632423543772848170429916717L;

static long double sigmoid(long double x) { return 1 / (1 + expl(-x)); }
static long double sigmoid_slope(long double x) { return expl(-x) / ((1 + expl(-x)) * (1 + expl(-x))); }
static long double silu(long double x) { return x / (1 + expl(-x)); }
static long double silu_slope(long double x) { return (1 + expl(-x) * (1 + x)) / ((1 + expl(-x)) * (1 + expl(-x))); }
static long double below(long double x) { return erfcl(-x / sqrtl(2)) / 2; } /* the normal distribution */
static long double density(long double x) { return expl(-x * x / 2) / sqrtl(2 * acosl(-1)); }
static long double gelu(long double x) { return x * below(x); }
static long double gelu_slope(long double x) { return below(x) + x * density(x); }
static long double tanh_polynomial(long double x, long double cubic) { return 2 * sqrtl(2 / acosl(-1)) * (x + cubic * x * x * x); }
static long double gelu_tanh(long double x) { return x * sigmoid(tanh_polynomial(x, 0.044715L)); }
static long double gelu_tanh_slope(long double x)
{
    const long double s = sigmoid(tanh_polynomial(x, 0.044715L));
    return s + tanh_polynomial(x, 3 * 0.044715L) * sigmoid_slope(tanh_polynomial(x, 0.044715L));
}
static long double softplus(long double x) { return fmaxl(x, 0) + log1pl(expl(-fabsl(x))); }
static long double mish(long double x) { return x * expl(x) * (expl(x) + 2) / (expl(x) * (expl(x) + 2) + 2); }
static long double celu(long double x) { return x > 0 ? x : expm1l(x); }
static long double celu_slope(long double x) { return x > 0 ? 1 : expl(x); }
static long double selu(long double x) { return LAMBDA * (x > 0 ? x : ALPHA * expm1l(x)); }
static long double selu_slope(long double x) { return LAMBDA * (x > 0 ? 1 : ALPHA * expl(x)); }

static void try_inputs(const char *name, fast_function *fast, exact_function *exact, bool off, uint32_t first, uint32_t step)
{
    struct largest largest = {0, 0, 0};
    const size_t lanes = f32_lanes();
    for (uint64_t at = first; at + step * lanes <= (uint64_t)UINT32_MAX; at += step * lanes) {
        float x[MOST_LANES], y[MOST_LANES];
        for (size_t i = 0; i < lanes; i++) {
            const uint32_t word = (uint32_t)(at + i * step);
            memcpy(x + i, &word, 4);
        }
        if (isnan(x[0]) || isnan(x[lanes - 1]) || (off && x[0] > 0)) {
            continue;
        }
        mask doubtful;
        int doubts[MOST_LANES];
        takes_flags(FE_ALL_EXCEPT);
        f32_store((char *)y, fast(f32_load((const char *)x, lanes), &doubtful), lanes);
        if (takes_flags(FE_INVALID | FE_OVERFLOW | FE_UNDERFLOW) && !off) {
            continue; /* all of them are in doubt, but in what is packed (loops/fast.h) */
        }
        bits_store((char *)doubts, select_32(doubtful, set1_32(1), set1_32(0)), 4 * lanes);
        measure(&largest, exact, x, y, doubts);
    }
    printf("%s %.4f %a %ld\n", name, largest.ratio, (double)largest.at, largest.certain);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 2;
    }
    const uint32_t first = (uint32_t)strtoul(argv[1], NULL, 0), step = (uint32_t)strtoul(argv[2], NULL, 0);
#define TRY(name) try_inputs(#name, fast_##name, name, false, first, step)
    TRY(sigmoid);
    TRY(sigmoid_slope);
    try_inputs("sigmoid_beside", fast_sigmoid_beside, sigmoid, false, first, step);
    TRY(silu);
    TRY(silu_slope);
    TRY(gelu);
    TRY(gelu_slope);
    TRY(gelu_tanh);
    TRY(gelu_tanh_slope);
    TRY(softplus);
    TRY(mish);
    TRY(selu);
    TRY(selu_slope);
    TRY(celu);
    TRY(celu_slope);
    try_inputs("elu", f32_fast_expm1_off, celu, true, first, step);
    try_inputs("elu_slope", f32_fast_exp_off, celu_slope, true, first, step);
    return 0;
}
