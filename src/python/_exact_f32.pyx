"""Functions of float32, rounded correctly by the C library's long double: the reference of the exhaustive proof.

It shares no code with the kernels. Where long double is too close to a rounding boundary to tell, the caller decides,
with more digits.
"""

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_WRITABLE,
    PyBuffer_Release,
    PyObject_GetBuffer,
)

cdef extern from "float.h":
    const int LDBL_MANT_DIG

cdef extern from "math.h" nogil:
    long double expm1l(long double)
    long double expl(long double)
    long double erfcl(long double)
    long double log1pl(long double)
    long double fabsl(long double)
    long double ldexpl(long double, int)

cdef extern from *:
    """
    static const long double LAMBDA = 1.0507009873554804934193349852946L;
    static const long double ALPHA = 1.6732632423543772848170429916717L;
    static const long double ROOT_OF_HALF = 0.707106781186547524400844362104849L;
    static const long double ROOT_OF_2_PI = 2.50662827463100050241576528481105L;
    static const long double CUBIC = 0.044715L;
    """
    const long double LAMBDA, ALPHA, ROOT_OF_HALF, ROOT_OF_2_PI, CUBIC

# A function, and the size of the terms that it was added up from, in proportion to which it is in doubt: 0 where it is
# not, as where e^-|x| is far below the last bit of all else.
ctypedef long double (*function_of)(long double x, long double *terms) noexcept nogil

cdef enum:
    FAR = 150  # e^-150 is less than half the least float32, and x e^-x is
    GELU_FAR = 20  # as x e^(-x^2/2) is from here on, and what gelu_tanh has instead


cdef bint is_tiny(long double x) noexcept nogil:
    return fabsl(x) < ldexpl(1, -26)


cdef long double above_half(long double x) noexcept nogil:
    """x/2 + c x^2 of a tiny x, for any c from 1/8 to 1/2: above x/2 by less than a quarter of its last bit."""
    return x / 2 + fabsl(x) * ldexpl(1, -40) if x != 0 else x


cdef long double exp(long double x, long double *terms) noexcept nogil:
    terms[0] = expl(x)
    return terms[0]


cdef long double expm1(long double x, long double *terms) noexcept nogil:
    cdef long double y = expm1l(x)
    terms[0] = fabsl(y)
    return y


cdef long double sigmoid(long double x, long double *terms) noexcept nogil:
    cdef long double e
    if fabsl(x) > FAR:
        terms[0] = 0
        return 1 if x > 0 else 0
    e = expl(-fabsl(x))
    terms[0] = (1 if x > 0 else e) / (1 + e)
    return terms[0]


cdef long double sigmoid_grad(long double x, long double *terms) noexcept nogil:
    cdef long double e
    terms[0] = 0
    if fabsl(x) > FAR:
        return 0
    e = expl(-fabsl(x))
    terms[0] = e / ((1 + e) * (1 + e))
    return terms[0]


cdef long double silu(long double x, long double *terms) noexcept nogil:
    cdef long double e, y
    terms[0] = 0
    if fabsl(x) > FAR:
        return x if x > 0 else -0.0
    if is_tiny(x):
        return above_half(x)
    e = expl(-fabsl(x))
    y = x * (1 if x > 0 else e) / (1 + e)
    terms[0] = fabsl(y)
    return y


cdef long double silu_grad(long double x, long double *terms) noexcept nogil:
    cdef long double e, square
    terms[0] = 0
    if fabsl(x) > FAR:
        return 1 if x > 0 else -0.0
    e = expl(-fabsl(x))
    square = (1 + e) * (1 + e)
    if x > 0:
        terms[0] = (1 + e * (1 + x)) / square
        return terms[0]
    terms[0] = e * (e + fabsl(1 + x)) / square
    return e * (e + (1 + x)) / square


cdef long double softplus(long double x, long double *terms) noexcept nogil:
    cdef long double rest
    terms[0] = 0
    if fabsl(x) > FAR:
        return x if x > 0 else 0
    rest = log1pl(expl(-fabsl(x)))
    terms[0] = x + rest if x > 0 else rest
    return terms[0]


cdef long double mish(long double x, long double *terms) noexcept nogil:
    cdef long double e, y
    terms[0] = 0
    if fabsl(x) > FAR:
        return x if x > 0 else -0.0
    e = expl(-fabsl(x))
    if x > 0:
        y = x * ((1 + 2 * e) / (1 + 2 * e * (1 + e)))
    else:
        y = x * (e * (e + 2) / (e * (e + 2) + 2))
    terms[0] = fabsl(y)
    return y


cdef long double mish_grad(long double x, long double *terms) noexcept nogil:
    cdef long double e, square
    terms[0] = 0
    if fabsl(x) > FAR:
        return 1 if x > 0 else -0.0
    e = expl(-fabsl(x))
    if x > 0:
        square = 1 + 2 * e * (1 + e)
        square *= square
        terms[0] = (1 + e * (4 + e * (4 * x + 6 + e * 4 * (x + 1)))) / square
        return terms[0]
    square = e * (e + 2) + 2
    square *= square
    terms[0] = e * (4 * fabsl(x + 1) + e * (fabsl(4 * x + 6) + e * (4 + e))) / square
    return e * (4 * (x + 1) + e * (4 * x + 6 + e * (4 + e))) / square


cdef long double selu(long double x, long double *terms) noexcept nogil:
    cdef long double y = LAMBDA * x if x > 0 else LAMBDA * ALPHA * expm1l(x)
    terms[0] = fabsl(y) if fabsl(y) < 1e39 else 0
    return y


cdef long double selu_grad(long double x, long double *terms) noexcept nogil:
    terms[0] = 0
    if x < -FAR:
        return 0
    terms[0] = LAMBDA if x > 0 else LAMBDA * ALPHA * expl(x)
    return terms[0]


cdef long double celu(long double x, long double *terms) noexcept nogil:
    terms[0] = 0
    return x if x > 0 else expm1(x, terms)


cdef long double celu_grad(long double x, long double *terms) noexcept nogil:
    terms[0] = 0
    if x < -FAR:
        return 0
    return 1 if x > 0 else exp(x, terms)


cdef long double normal(long double x) noexcept nogil:
    """The normal distribution. Its relative error is that of x times 1 + x^2, or less."""
    return erfcl(-x * ROOT_OF_HALF) / 2


cdef long double gelu(long double x, long double *terms) noexcept nogil:
    cdef long double y
    terms[0] = 0
    if fabsl(x) > GELU_FAR:
        return x if x > 0 else -0.0
    if is_tiny(x):
        return above_half(x)
    y = x * normal(x)
    terms[0] = fabsl(y) * (1 + x * x)
    return y


cdef long double gelu_grad(long double x, long double *terms) noexcept nogil:
    cdef long double below, density
    terms[0] = 0
    if fabsl(x) > GELU_FAR:
        return 1 if x > 0 else -0.0
    below, density = normal(x), expl(-x * x / 2) / ROOT_OF_2_PI
    terms[0] = (below + fabsl(x) * density) * (1 + x * x)
    return below + x * density


cdef long double tanh_argument(long double x) noexcept nogil:
    """Twice the argument of the tanh in gelu_tanh, so that (1 + tanh) / 2 is the sigmoid of it."""
    return 4 / ROOT_OF_2_PI * (x + CUBIC * x * x * x)


cdef long double gelu_tanh(long double x, long double *terms) noexcept nogil:
    cdef long double v, y
    terms[0] = 0
    if fabsl(x) > GELU_FAR:
        return x if x > 0 else -0.0
    if is_tiny(x):
        return above_half(x)
    v = tanh_argument(x)
    y = x * sigmoid(v, terms)
    terms[0] = fabsl(y) * (1 + fabsl(v))
    return y


cdef long double gelu_tanh_grad(long double x, long double *terms) noexcept nogil:
    cdef long double v, rise, s, rest
    terms[0] = 0
    if fabsl(x) > GELU_FAR:
        return 1 if x > 0 else -0.0
    v, rise = tanh_argument(x), 4 / ROOT_OF_2_PI * (1 + 3 * CUBIC * x * x)
    s, rest = sigmoid(v, terms), sigmoid(-v, terms)
    terms[0] = s * (1 + fabsl(x) * rise * rest) * (1 + fabsl(v))
    return s * (1 + x * rise * rest)


cdef long double hardswish(long double x, long double *terms) noexcept nogil:
    cdef long double y
    terms[0] = 0
    if fabsl(x) >= 3:
        return x if x > 0 else -0.0
    if is_tiny(x):
        return above_half(x)
    y = x * (x + 3) / 6
    terms[0] = fabsl(y)
    return y


# The next two are never in doubt. Of a tiny x they round to 1/2. Else the sum is exact, in units of 2^-49; a sixth of
# it that is no tie is far from one, by 2^-53 of it or more.

cdef long double hardswish_grad(long double x, long double *terms) noexcept nogil:
    terms[0] = 0
    return 0 if x <= -3 else 1 if x > 3 else (2 * x + 3) / 6


cdef long double hardsigmoid(long double x, long double *terms) noexcept nogil:
    terms[0] = 0
    return 0 if x <= -3 else 1 if x >= 3 else (x + 3) / 6


# The addresses of the functions, by name.
FUNCTIONS = {
    "exp": <size_t>exp,
    "expm1": <size_t>expm1,
    "sigmoid": <size_t>sigmoid,
    "sigmoid_grad": <size_t>sigmoid_grad,
    "silu": <size_t>silu,
    "silu_grad": <size_t>silu_grad,
    "softplus": <size_t>softplus,
    "softplus_grad": <size_t>sigmoid,
    "mish": <size_t>mish,
    "mish_grad": <size_t>mish_grad,
    "selu": <size_t>selu,
    "selu_grad": <size_t>selu_grad,
    "celu": <size_t>celu,
    "celu_grad": <size_t>celu_grad,
    "gelu": <size_t>gelu,
    "gelu_grad": <size_t>gelu_grad,
    "gelu_tanh": <size_t>gelu_tanh,
    "gelu_tanh_grad": <size_t>gelu_tanh_grad,
    "hardswish": <size_t>hardswish,
    "hardswish_grad": <size_t>hardswish_grad,
    "hardsigmoid": <size_t>hardsigmoid,
}


cdef list round_all(function_of f, const float *x, float *y, Py_ssize_t n):
    # The C library's error is a few units in the last place; 64 of them are allowed for.
    cdef long double doubt = ldexpl(1, 6 - LDBL_MANT_DIG), value, terms
    cdef float above, below
    cdef Py_ssize_t i
    cdef list undecided = []
    with nogil:
        for i in range(n):
            value = f(x[i], &terms)
            y[i] = <float>value
            if terms == 0:
                continue
            above = <float>(value + terms * doubt)
            below = <float>(value - terms * doubt)
            if above != below:
                with gil:
                    undecided.append(i)
    return undecided


# Typed memoryviews would bring a tenth of a megabyte of code.
cdef class Floats:
    cdef Py_buffer buffer

    def __cinit__(self, name, array, int flags=0):
        PyObject_GetBuffer(array, &self.buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | flags)
        if self.buffer.format != b"f":
            raise TypeError(f"{name}: must be float32")

    def __dealloc__(self):
        PyBuffer_Release(&self.buffer)


def round_exactly(str function, x, y):
    """Write the float32 nearest to a function of x into y, and return the indices of those left undecided.

    `function` is "exp" or "expm1", for an x that is not above 0, or the name of a ufunc; x is not NaN.
    """
    cdef Floats given = Floats("x", x), results = Floats("y", y, PyBUF_WRITABLE)
    if given.buffer.len != results.buffer.len:
        raise ValueError("y: must be as long as x")
    return round_all(
        <function_of><size_t>FUNCTIONS[function],
        <const float *>given.buffer.buf,
        <float *>results.buffer.buf,
        given.buffer.len // <Py_ssize_t>sizeof(float),
    )
