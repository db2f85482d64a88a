"""The search for relu_ufunc's largest errors in float64, at many more points."""

import numpy as np

import relu_ufunc

from .exact import RNG_SEED, Exact

CHUNK = 1 << 20
CELLS = 16  # of an octave; the worst are searched again
CONFIRMED = 256  # errors are estimated in long double, and the largest computed anew in MPFR
LN2 = np.log(2)


def neighbours(x, reach):
    """Each number, and those up to `reach` places before and after it."""
    steps = np.arange(-reach, reach + 1)
    return (x.view(np.int64)[:, np.newaxis] + steps).ravel().view(np.float64)


def hard_cases(function):
    """Neighbours of everything where a kernel may change its mind."""
    least = {"elu": -38.0, "elu_grad": -745.2}[function]
    sixteenths = np.arange(1, int(-least / LN2 * 32) + 1) * (-LN2 / 32)  # steps and half-way points
    fractions = np.concatenate([-LN2 / 2.0**j * np.arange(1, 257) for j in range(12)])
    powers = -np.exp2(np.arange(-1022.0, 10.0))
    thresholds = np.array([-(2.0**-54), -37.43, -38.0, -708.3964185322641, -745.1332191019411])
    x = [
        neighbours(sixteenths, 16),
        neighbours(fractions, 16),
        neighbours(powers, 16),
        neighbours(thresholds, 2048),
    ]
    return np.concatenate(x)


def draw(function, size, rng):
    """Random inputs: from all binades, and from the range where the results are subnormal."""
    highest = {"elu": 6, "elu_grad": 10}[function]
    exponents = rng.integers(-60, highest, size)
    x = -np.ldexp(1 + rng.random(size), exponents)
    if function == "elu_grad":
        x[: size // 8] = rng.uniform(-745.2, -708.3, size // 8)
    return x


def float64_errors(function, x):
    """The errors in ULP: estimated in long double."""
    y = {"elu": relu_ufunc.elu, "elu_grad": relu_ufunc.elu_grad}[function](x)
    f = {"elu": np.expm1, "elu_grad": np.exp}[function]
    want = f(x.astype(np.longdouble))
    exponent = np.maximum(np.frexp(want)[1] - 53, -1074)
    return np.ldexp(np.abs(y - want), -exponent).astype(np.float64)


def float64_study(function, points):
    """The number of points, the share of the random ones that is not correctly rounded, the worst
    error and where it is."""
    if np.finfo(np.longdouble).nmant < 63:
        raise SystemExit("the float64 study needs a long double wider than double")
    rng = np.random.default_rng(RNG_SEED)
    suspects, cells, seen, misrounded = [], {}, 0, []

    def look(x):
        nonlocal seen
        error = float64_errors(function, x)
        seen += len(x)
        suspects.append(x[np.argpartition(error, -CONFIRMED)[-CONFIRMED:]])
        return error

    hard = hard_cases(function)
    for start in range(0, len(hard), CHUNK):
        look(hard[start : start + CHUNK])
    while seen < points / 2 or not misrounded:
        x = draw(function, CHUNK, rng)
        error = look(x)
        misrounded.append(np.mean(error > 0.5))
        cell = np.floor(np.log2(-x) * CELLS).astype(int)
        for c in np.unique(cell):
            cells[c] = max(cells.get(c, 0), error[cell == c].max())
    worst_cells = np.array(sorted(cells, key=cells.get)[-CELLS:])
    while seen < points:
        cell = rng.choice(worst_cells, CHUNK)
        look(-np.exp2((cell + rng.random(CHUNK)) / CELLS))
    x = np.unique(np.concatenate(suspects))
    error = Exact(function, x).error(
        {"elu": relu_ufunc.elu, "elu_grad": relu_ufunc.elu_grad}[function](x)
    )
    i = np.argmax(error)
    return seen, np.mean(misrounded), error[i], x[i]
