/* Prints the options of inexact arithmetic, a line each, that this program shows to be in force. check_flags.py compiles and
 * runs it. Whatever is computed here comes out of a volatile variable, so that it is done as the options say. */
#include <float.h>
#include <stdbool.h>
#include <stdio.h>

static volatile double minus_zero = -0.0, three = 3, tiny = DBL_MIN, huge = DBL_MAX, zero = 0, half = 0.5;
static volatile double square = (1 + DBL_EPSILON) * (1 + DBL_EPSILON);

static double get(volatile double *x) { return *x; }

static bool keeps_signed_zeros(void)
{
    const double x = get(&minus_zero);
    return 1 / (x + 0.0) > 0;
}

static bool keeps_nans(void)
{
    const double nan = get(&zero) / get(&zero);
    return nan != nan;
}

static bool keeps_order(void)
{
    const double x = get(&three), y = get(&huge);
    return x + y - y == 0;
}

static bool divides(void) { return get(&three) / 10.0 == 0.3; }

static bool rounds_products(void)
{
    const double x = get(&half) + get(&half) + DBL_EPSILON;
    return x * x - get(&square) == 0;
}

static bool keeps_subnormals(void) { return get(&tiny) / 2 > 0; }

int main(void)
{
    const struct {
        bool holds;
        const char *option;
    } checks[] = {
        {keeps_signed_zeros(), "-fno-signed-zeros"                       },
        {keeps_nans(),         "-ffinite-math-only"                      },
        {keeps_order(),        "-fassociative-math"                      },
        {rounds_products(),    "-ffp-contract=fast"                      },
        {divides(),            "-freciprocal-math"                       },
        {keeps_subnormals(),   "-mdaz-ftz, or -ffast-math for the linker"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (!checks[i].holds) {
            puts(checks[i].option);
        }
    }
}
