"""Derive the constants of fast parts, which are sums of two floats; print `pair_constants.h`.

    python src/math/pair_constants.py > src/math/pair_constants.h

Needs mpmath and NumPy. Every number is computed here from ln 2, 2^(-j/N), the function
(e^-r - 1 + r) / r^2 and the normal distribution, in 200-bit arithmetic; nothing is taken from
another library. A test checks that the committed header is what this script prints.
"""

import math
import struct
from itertools import pairwise

import numpy as np
from mpmath import chebyfit, erfc, exp, frexp, ldexp, log, mp, mpf, nint, pi, sqrt
from smooth_constants import ALPHA, LAMBDA

mp.prec = 200

NODES = 128  # of the ratio, for each 1 of t: a cubic between them leaves 2^-35
LAST_NODE = 9.5
ROOM_OF_NODES = 2048  # a power of 2
RATIO_SCALE = mpf("1.5625")  # 1 + so many t, below 16, tells the piece
RATIO_DEGREE = 6
CENTRES = 8  # of a piece are tried, for one at which a2 is nearly a float too
TINY = -(mpf(2) ** -100)  # for 0, to which what underflows may be added
DEGREES = {8: 3, 32: 2}  # by the powers of a table: as many as one instruction looks up
LOG_DEGREES = {8: 5, 32: 3}  # the same of logarithms


def to_float(value):
    """The float32 nearest to `value`; to round to double before would round twice."""
    mantissa, exponent = frexp(value)
    return float(ldexp(nint(ldexp(mantissa, 24)), exponent - 24))


def bits_of(value):
    (bits,) = struct.unpack("<I", struct.pack("<f", to_float(value)))
    return bits


def show_float(value):
    if value == 0:
        return "0.0F"
    digits, exponent = to_float(value).hex().split("p")
    return f"{digits.rstrip('0') if '.' in digits else digits}p{exponent}F".replace(".p", ".0p")


def exp_quotient(r):
    """(e^-r - 1 + r) / r^2, continued into 0 by its series."""
    if abs(r) < mpf(2) ** -40:
        return mpf(1) / 2 - r / 6 + r * r / 24
    return (exp(-r) - 1 + r) / (r * r)


def quotient(half_width, degree):
    """Chebyshev (near-minimax) coefficients of exp_quotient, constant first, on ±half_width."""
    return list(reversed(chebyfit(exp_quotient, [-half_width, half_width], degree + 1)))


def show_fields(name, values):
    print(f"    .{name} = {{")
    for value in values:
        print(f"        {value},")
    print("    },")


def show_exponential(size, degree):
    step = log(mpf(2)) / size
    places = 24 - size.bit_length()  # of a float's bits, below those of a multiple of the step
    powers = [mpf(2) ** (-mpf(j) / size) for j in range(size)]
    print(f"static const struct pair_exponential f32_pair_of_{size} = {{")
    print(f"    .inverse_step = {show_float(1 / step)},")
    print(f"    .step = {show_float(step)},")
    print(f"    .step_rest = {show_float(step - to_float(step))},")
    print(f"    .places = {places},")
    words = [(bits_of(power) + (j << places)) % 2**32 for j, power in enumerate(powers)]
    show_fields("power", [f"{word:#010x}" for word in words])
    rests = [log(power / to_float(power)) for power in powers]
    show_fields("rest", [show_float(rest or TINY) for rest in rests])
    coefficients = quotient(step / 2 * (1 + mpf(2) ** -10), degree)
    show_fields("quotient", [show_float(c) for c in coefficients])
    print("};")


def nearly_float_logarithm(w):
    """The float c nearest to 1/w of which -log(c) is almost a float."""
    middle, spacing = to_float(1 / w), 2**-24
    for k in range(1 << 16):
        c = middle - k * spacing
        roughly = -math.log(c)  # to 2^-50: most c are out by that
        if abs(roughly - to_float(roughly)) <= roughly * 2**-36:
            exact = -log(mpf(c))
            if abs(exact - to_float(exact)) <= exact * mpf(2) ** -37:
                return mpf(c)
    raise ValueError(w)


def log_series(r):
    """(log(1 + r) - r + r^2/2) / r^3, continued into 0 by its series."""
    if abs(r) < mpf(2) ** -40:
        return mpf(1) / 3 - r / 4 + r * r / 5
    return (log(1 + r) - r + r * r / 2) / r**3


# Where the place is not 0, c e is more than half of 1 - c, so that their difference is exact.
def show_logarithm(size, degree):
    inverses = [nearly_float_logarithm(1 + mpf(j) / (size - 1)) for j in range(size)]
    print(f"static const struct pair_logarithm f32_pair_log_of_{size} = {{")
    print(f"    .steps = {show_float((size - 1) * (1 - mpf(2) ** -8))},")
    show_fields("inverse", [show_float(c) for c in inverses])
    show_fields("logarithm", [show_float(-log(c)) for c in inverses])
    half_width = mpf(1) / (2 * (size - 1)) * (1 + mpf(2) ** -7)
    series = chebyfit(log_series, [-half_width, half_width], degree + 1)
    show_fields("series", [show_float(c) for c in reversed(series)])
    print("};")


def normal_ratio(t):
    """Phi(-t) e^(t^2/2), Phi being the normal distribution."""
    return exp(t * t / 2) * erfc(t / sqrt(mpf(2))) / 2


def ratio_coefficients(t):
    """The coefficients of the ratio about t, by R' = t R - phi(0)."""
    a0 = normal_ratio(t)
    a1 = t * a0 - 1 / sqrt(2 * pi)
    a2 = (t * a1 + a0) / 2
    return a0, a1, a2, (t * a2 + a1) / 3


def node_near(t):
    """A float c near t at which the ratio is within 2^-33 of a float, most of them within 2^-36.

    2^-35 of the ratio counts as much as 2^-11 from t.
    """
    spacing, reach = 2.0 ** (math.frexp(t)[1] - 24), 1 << 14
    u = spacing * np.arange(
        -reach, 1 if t == 1 / NODES else reach + 1
    )  # the first is below t, so that t - c is exact
    a0, a1, a2, a3 = map(float, ratio_coefficients(mpf(t)))
    ratios = a0 + u * (a1 + u * (a2 + u * a3))
    missed = np.abs(ratios - ratios.astype(np.float32)) / ratios
    best = np.argmin(missed * 2**35 + np.abs(u) * 2**11)
    if missed[best] > 2**-33:
        raise ValueError(t)
    return t + float(u[best])


def centres(low, high):
    """Floats c near the middle of low and high at which the ratio is within 2^-37 of a float."""
    spacing, reach = 2.0 ** (math.frexp(high)[1] - 24), 1 << 15
    u = spacing * np.arange(-reach, reach + 1)
    middle = to_float(mpf(low + high) / 2)
    a0, a1, a2, a3 = map(float, ratio_coefficients(mpf(middle)))
    ratios = a0 + u * (a1 + u * (a2 + u * a3))
    missed = np.abs(ratios - ratios.astype(np.float32)) / ratios
    close = u[missed <= 2**-37]
    return [middle + float(v) for v in sorted(close, key=abs)[:CENTRES]]


def ratio_slope(c, u):
    """(R(c + u) - a0) / u, a0 being the float nearest to R(c)."""
    if abs(u) < mpf(2) ** -30:
        _, a1, a2, _ = ratio_coefficients(mpf(c))
        return a1 + u * a2
    return (normal_ratio(c + u) - to_float(normal_ratio(mpf(c)))) / u


def ratio_piece(c, low, high):
    """c, a0, a1, … of a polynomial that is within 2^-33 of the ratio from low to high."""
    fit = chebyfit(lambda u: ratio_slope(mpf(c), u), [low - c, high - c], RATIO_DEGREE)
    return c, normal_ratio(mpf(c)), *reversed(fit)


def missed_of_second(piece):
    return abs(piece[3] - to_float(piece[3]))


def show_ratio_in_32():
    print(
        "/* the same in 32 pieces, told by the bits of 1 + RATIO_SCALE t: a polynomial about c */"
    )
    print(f"#define RATIO_SCALE {show_float(RATIO_SCALE)}")
    print(f"enum {{ RATIO_DEGREE = {RATIO_DEGREE} }};")
    print("static const struct {")
    print("    float centre[32]; /* c */")
    print("    float value[32], slope[32], slope_rest[32]; /* a0, nearly a float, and a1 */")
    print("    float higher[RATIO_DEGREE - 1][32]; /* from a2 on */")
    print("} f32_normal_ratio_in_32 = {")
    ends = [(2.0 ** (j // 8) * (1 + j % 8 / 8) - 1) / float(RATIO_SCALE) for j in range(33)]
    pieces = []
    for low, high in pairwise(ends):
        tried = centres(low, high) if low > 0 else [0.0]
        pieces.append(min((ratio_piece(c, low, high) for c in tried), key=missed_of_second))
    pieces = pieces[8:] + pieces[:8]  # the exponent of 1 is 127, of which the last two bits are 3
    columns = list(zip(*pieces, strict=True))
    show_fields("centre", map(show_float, columns[0]))
    show_fields("value", map(show_float, columns[1]))
    show_fields("slope", map(show_float, columns[2]))
    show_fields("slope_rest", [show_float(a1 - to_float(a1)) for a1 in columns[2]])
    print("    .higher = {")
    for column in columns[3:]:
        print("        {")
        for value in column:
            print(f"            {show_float(value)},")
        print("        },")
    print("    },")
    print("};")


def show_sum(name, value, comment):
    print(f"/* {comment} */")
    print(f"#define {name} {show_float(value)}")
    print(f"#define {name}_REST {show_float(value - to_float(value))}")


def show_ratio():
    print(f"#define NODES {NODES} /* of Phi(-t) e^(t^2/2), for each 1 of t */")
    print(f"enum {{ ROOM_OF_NODES = {ROOM_OF_NODES} }}; /* the last is what NaN looks up */")
    print("/* c near a multiple of 1 / NODES, and the ratio there, which is nearly a float */")
    count = int(LAST_NODE * NODES) + 1
    print("static const float f32_normal_ratio[2 * ROOM_OF_NODES] = {")
    for c in (0, *(node_near(i / NODES) for i in range(1, count))):
        print(f"    {show_float(c)}, {show_float(normal_ratio(mpf(c)))},")
    print("};")
    show_sum("NORMAL_DENSITY", 1 / sqrt(2 * pi), "1 / sqrt(2 pi), as a sum of two")


def show_tanh():
    linear = 2 * sqrt(2 / pi)
    show_sum("TANH_LINEAR", linear, "2 sqrt(2/pi)")
    cubic = mpf("0.044715") * linear
    show_sum("TANH_CUBIC", cubic, "and 0.044715 times that")
    show_sum("TANH_CUBIC_BY_3", 3 * cubic, "and thrice this")


def show_selu():
    show_sum("SELU_ON", LAMBDA, "lambda of selu")
    show_sum("SELU_OFF", LAMBDA * ALPHA, "and lambda alpha")


def main():
    print("/* Generated by pair_constants.py, which derives every number: do not edit. */")
    print("/* clang-format off */")
    print("#ifndef RELU_UFUNC_PAIR_CONSTANTS_H")
    print("#define RELU_UFUNC_PAIR_CONSTANTS_H")
    print()
    print("#include <stdint.h>")
    print()
    print("/* e^-x by x = k ln2/N + r: N powers in a table, and a polynomial of r */")
    print("struct pair_exponential {")
    print("    float inverse_step, step, step_rest; /* N / ln2; ln2 / N as a sum of two */")
    print("    int places; /* by which the bits of k are shifted to take k / N from an exponent */")
    print(
        "    uint32_t power[32]; /* of 2^(-j/N), as a float32, the bits, with j added so shifted */"
    )
    print("    float rest[32]; /* the logarithm of what that float32 leaves */")
    print("    float quotient[4]; /* (e^-r - 1 + r) / r^2, constant first */")
    print("};")
    for size, degree in DEGREES.items():
        print()
        show_exponential(size, degree)
    print()
    print("/* log1p(e) for 0 <= e <= 1: N numbers c near 1 / (1 + e), and a polynomial */")
    print("struct pair_logarithm {")
    print("    float steps; /* e times this is c's place; a little less than N - 1 */")
    print("    float inverse[32], logarithm[32]; /* c and -log(c) */")
    print("    float series[6]; /* (log(1 + r) - r + r^2/2) / r^3, constant first */")
    print("};")
    for size, degree in LOG_DEGREES.items():
        print()
        show_logarithm(size, degree)
    print()
    show_ratio()
    print()
    show_ratio_in_32()
    print()
    show_tanh()
    print()
    show_selu()
    print()
    print("#endif")


if __name__ == "__main__":
    main()
