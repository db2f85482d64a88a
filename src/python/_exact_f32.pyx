"""Functions of float32, rounded correctly by the C library's long double: the reference of the exhaustive proof.

It shares no code with the kernels. Where long double is too close to a rounding boundary to tell, the caller decides,
with more digits.
"""

cdef extern from "float.h":
    const int LDBL_MANT_DIG

cdef extern from "math.h" nogil:
    long double expm1l(long double)
    long double expl(long double)
    long double log1pl(long double)
    long double fabsl(long double)
    long double ldexpl(long double, int)

cdef extern from *:
    """
    static const long double LAMBDA = 1.0507009873554804934193349852946L;
    static const long double ALPHA = 1.6732632423543772848170429916717L;
    """
    const long double LAMBDA, ALPHA

# A function, and the size of the terms that it was added up from, in proportion to which it is in doubt: 0 where it is
# not, as where e^-|x| is far below the last bit of all else.
ctypedef long double (*function_of)(long double x, long double *terms) noexcept nogil

cdef enum:
    FAR = 150  # e^-150 is less than half the least float32, and x e^-x is


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
    if fabsl(x) < ldexpl(1, -26):  # x/2 + x^2/4: above x/2 by less than a quarter of its last bit
        return x / 2 + fabsl(x) * ldexpl(1, -40) if x != 0 else x
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
    terms[0] = LAMBDA if x > 0 else LAMBDA * ALPHA * expl(x)
    return terms[0]


cdef long double celu(long double x, long double *terms) noexcept nogil:
    terms[0] = 0
    return x if x > 0 else expm1(x, terms)


cdef long double celu_grad(long double x, long double *terms) noexcept nogil:
    terms[0] = 0
    return 1 if x > 0 else exp(x, terms)


cdef function_of function_named(str name) except NULL:
    if name == "exp":
        return exp
    if name == "expm1":
        return expm1
    if name == "sigmoid" or name == "softplus_grad":
        return sigmoid
    if name == "sigmoid_grad":
        return sigmoid_grad
    if name == "silu":
        return silu
    if name == "silu_grad":
        return silu_grad
    if name == "softplus":
        return softplus
    if name == "mish":
        return mish
    if name == "mish_grad":
        return mish_grad
    if name == "selu":
        return selu
    if name == "selu_grad":
        return selu_grad
    if name == "celu":
        return celu
    if name == "celu_grad":
        return celu_grad
    raise KeyError(name)


def round_exactly(str function, const float[::1] x, float[::1] y):
    """Write the float32 nearest to a function of x into y, and return the indices of those left undecided.

    `function` is "exp" or "expm1", for an x that is not above 0, or the name of a ufunc; x is not NaN.
    """
    cdef function_of f = function_named(function)
    # The C library's error is a few units in the last place; 64 of them are allowed for.
    cdef long double doubt = ldexpl(1, 6 - LDBL_MANT_DIG), value, terms
    cdef float above, below
    cdef Py_ssize_t i
    cdef list undecided = []
    if y.shape[0] != x.shape[0]:
        raise ValueError("y: must be as long as x")
    with nogil:
        for i in range(x.shape[0]):
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
