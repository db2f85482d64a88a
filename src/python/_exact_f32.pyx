"""expm1 and exp of float32, rounded correctly by the C library's long double: the reference of the exhaustive proof.

It shares no code with the kernels. Where long double is too close to a rounding boundary to tell, the caller decides,
with more digits.
"""

cdef extern from "float.h":
    const int LDBL_MANT_DIG

cdef extern from "math.h" nogil:
    long double expm1l(long double)
    long double expl(long double)
    long double ldexpl(long double, int)


def round_exactly(str function, const float[::1] x, float[::1] y):
    """Write the float32 nearest to expm1(x) or exp(x) into y, and return the indices of those left undecided.

    `function` is "expm1" or "exp"; x is neither NaN nor larger than 0.
    """
    cdef bint is_expm1 = {"expm1": True, "exp": False}[function]
    # The C library's error is a few units in the last place; 64 of them are allowed for.
    cdef long double doubt = ldexpl(1, 6 - LDBL_MANT_DIG), value
    cdef float above, below
    cdef Py_ssize_t i
    cdef list undecided = []
    if y.shape[0] != x.shape[0]:
        raise ValueError("y: must be as long as x")
    with nogil:
        for i in range(x.shape[0]):
            value = expm1l(x[i]) if is_expm1 else expl(x[i])
            above = <float>(value * (1 + doubt))
            below = <float>(value * (1 - doubt))
            y[i] = <float>value
            if above != below:
                with gil:
                    undecided.append(i)
    return undecided
