"""`relu-ufunc bench`: a minute's measurement on this machine, beside NumPy and PyTorch."""

import platform
from argparse import ArgumentTypeError
from math import isfinite, log
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np

from . import __version__, _peers, _proof, _terminal
from ._check import number_of_threads
from ._relu_ufunc import KERNELS, get_isa, ufuncs_of
from ._signatures import operands, parameters
from ._system_files import read
from ._threads import get_num_threads, set_num_threads

OURS = "relu_ufunc"
FUNCTIONS = (
    *("relu", "leaky_relu", "elu", "sigmoid", "silu", "gelu_tanh", "softplus"),
    *("swiglu", "elu_backward"),
)
# A derivative alone is seldom called, and NumPy's `where` makes integers of ones and zeros.
CHOICES = [kernel.name for kernel in KERNELS if not kernel.name.endswith("_grad")]
SIZES = (1_000, 100_000, 4_000_000)
SAMPLE_SECONDS = 0.001
LEAST_ROUNDS = 5
BAR_WIDTH = 36
COLOURS = ("blue", "red")  # of the bars of the first library, and of the second


def add_arguments(parser):
    parser.add_argument(
        "--function",
        nargs="+",
        choices=CHOICES,
        metavar="NAME",
        default=list(FUNCTIONS),
        help=f"functions to measure (default: {' '.join(FUNCTIONS)})",
    )
    sizes = " ".join(map(str, SIZES))
    parser.add_argument(
        "--size",
        nargs="+",
        type=_positive(int),
        default=list(SIZES),
        help=f"elements of the arrays (default: {sizes})",
    )
    parser.add_argument(
        "--dtype",
        choices=["float16", "float32", "float64"],
        default="float32",
        help="their type (default: %(default)s)",
    )
    parser.add_argument(
        "--threads",
        type=number_of_threads,
        default=get_num_threads(),
        help="threads of relu_ufunc and of PyTorch (default: %(default)s); NumPy has one",
    )
    parser.add_argument(
        "--seconds",
        type=_positive(float),
        default=45.0,
        help="how long to measure in all, or about so (default: %(default)g)",
    )
    parser.add_argument("--chart", action="store_true", help="draw bars below the table")
    _terminal.add_json(parser)
    parser.set_defaults(trouble=2)


def _positive(kind):
    def number(text):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not (value > 0 and isfinite(value)):
            raise ArgumentTypeError(f"{text!r}: must be a number above 0")
        return value

    return number


class Row(NamedTuple):
    """The seconds that a call takes, by library, and those of the others in terms of ours."""

    function: str
    size: int
    seconds: dict[str, float]
    ratios: dict[str, float]
    differs: list[str]  # the libraries that compute something else, and are not measured


def run(arguments):
    """Measure functions on this machine beside NumPy's expressions, and PyTorch's own functions."""
    console = None if arguments.json else _terminal.console("bench")
    before = set_num_threads(arguments.threads)
    try:
        peers = _peers.installed(arguments.threads)
        if console:
            console.print("\n".join(_conditions(arguments, peers)), highlight=False)
        kernels = [kernel for kernel in KERNELS if kernel.name in arguments.function]
        sizes = sorted(set(arguments.size))
        each = arguments.seconds / (len(kernels) * len(sizes))
        rows = []
        with _terminal.progress(console, len(kernels) * len(sizes)) as advance:
            for kernel in kernels:
                for size in sizes:
                    rows.append(_row(kernel, size, arguments.dtype, peers, each))
                    advance(1)
    finally:
        set_num_threads(before)
    if console:
        _show(console, rows, kernels, peers, arguments.chart)
    else:
        _terminal.print_json(_answer(arguments, peers, kernels, rows))
    return 0


def _conditions(arguments, peers):
    yield (
        f"relu_ufunc {__version__} with {get_isa()} on {arguments.threads} thread(s), "
        f"{', '.join(peer.about for peer in peers)}"
    )
    yield f"{_processor()}; {arguments.dtype}, a new output in each call, medians"


def _processor():
    """The processor's name, as far as the system tells it."""
    for line in read("/proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


# Measure


def _row(kernel, size, dtype, peers, seconds):
    inputs = _inputs(kernel, size, np.dtype(dtype))
    ufunc = ufuncs_of(get_isa())[kernel.name]
    given = list(inputs.values())
    calls = {OURS: lambda: ufunc(*given)}
    differs = []
    with np.errstate(all="ignore"):  # NumPy's expressions overflow on their way
        ours = ufunc(*given)
        for peer in peers:
            if code := peer.code(kernel):
                call = peer.call(code, inputs)
                if _agree(ours, call(), peer):
                    calls[peer.name] = call
                else:
                    differs.append(peer.name)
        rounds = _rounds(calls, seconds)
    times = {name: [each[name] for each in rounds] for name in calls}
    # Within a round, so that what slows the machine for a while slows both.
    ratios = {name: [each[name] / each[OURS] for each in rounds] for name in calls if name != OURS}
    medians = ({name: median(values) for name, values in each.items()} for each in (times, ratios))
    return Row(kernel.name, size, *medians, differs)


def _inputs(kernel, size, dtype):
    """Normal numbers for the arrays, and a number for each parameter."""
    rng = np.random.default_rng(0)
    given = parameters(kernel)
    return {
        name: (_proof.REQUIRED[name] if given[name] is None else given[name])
        if name in given
        else rng.standard_normal(size).astype(dtype)
        for name in operands(kernel)
    }


def _agree(ours, theirs, peer):
    """Whether a library has computed the same, but for rounding, in the same type."""
    ours, theirs = ([*each] if isinstance(each, tuple) else [each] for each in (ours, theirs))
    for a, b in zip(ours, map(peer.array, theirs), strict=True):
        close = 64 * float(np.finfo(a.dtype).eps)
        if a.dtype != b.dtype or not np.allclose(a, b, rtol=close, atol=close):
            return False
    return True


def _rounds(calls, seconds):
    """Samples of each in turn, until the seconds are over: for each round, the time of a call."""
    numbers = {name: _calls_in_a_sample(call) for name, call in calls.items()}
    end = perf_counter() + seconds
    rounds = []
    while len(rounds) < LEAST_ROUNDS or perf_counter() < end:
        rounds.append({name: _sample(call, numbers[name]) for name, call in calls.items()})
    return rounds


def _calls_in_a_sample(call):
    number = 1
    while _sample(call, number) * number < SAMPLE_SECONDS:
        number *= 2
    return number


def _sample(call, number):
    began = perf_counter()
    for _ in range(number):
        call()
    return (perf_counter() - began) / number


# Show


def _answer(arguments, peers, kernels, rows):
    return {
        "relu_ufunc": __version__,
        "isa": get_isa(),
        "threads": arguments.threads,
        "processor": _processor(),
        "dtype": arguments.dtype,
        "peers": [peer.about for peer in peers],
        "code": {
            kernel.name: {peer.name: peer.code(kernel) for peer in peers} for kernel in kernels
        },
        "results": [row._asdict() for row in rows],
    }


def _show(console, rows, kernels, peers, chart):
    console.print(_table(rows, peers))
    if chart:
        console.print(_chart(rows, peers))
    for peer in peers:
        console.print()
        console.print(_codes(kernels, peer))


def _table(rows, peers):
    from rich.table import Table

    table = Table("function", title="Time of a call, and its ratio to that of relu_ufunc")
    table.add_column("elements", justify="right")
    for name in (OURS, *(heading for peer in peers for heading in (peer.name, "ratio"))):
        table.add_column(name, justify="right")
    several = len({row.size for row in rows}) > 1
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        cells = [row.function, f"{row.size:,}", _time(row.seconds[OURS])]
        for peer in peers:
            nothing = "differs" if peer.name in row.differs else "-"
            measured = peer.name in row.seconds
            cells += [
                _time(row.seconds[peer.name]) if measured else nothing,
                _ratio(row.ratios[peer.name]) if measured else nothing,
            ]
        last = following is None or following.function != row.function
        table.add_row(*cells, end_section=last and several)
    return table


def _codes(kernels, peer):
    """What has been measured of a library, in its own words."""
    from rich.table import Table
    from rich.text import Text

    codes = Table.grid(padding=(0, 1))
    codes.title, codes.title_justify = f"In {peer.name}", "left"
    for kernel in kernels:
        codes.add_row(kernel.name, Text(peer.code(kernel) or "not measured"))
    return codes


def _time(seconds):
    for unit, length in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _ratio(ratio):
    colour = "green" if ratio >= 1 else "red"
    return f"[{colour}]{ratio:.1f}[/{colour}]"


def _chart(rows, peers):
    """A bar for each library and row, as long as its time beside that of relu_ufunc."""
    from rich.bar import Bar
    from rich.table import Table

    longest = max(2, *(ratio for row in rows for ratio in row.ratios.values()))
    chart = Table.grid(padding=(0, 1))
    chart.title = "Ratios to the time of relu_ufunc, on a logarithmic scale from 1"
    for row in rows:
        for peer, colour in zip(peers, COLOURS, strict=False):
            if ratio := row.ratios.get(peer.name):
                bar = Bar(log(longest), 0, log(max(ratio, 1)), width=BAR_WIDTH, color=colour)
                chart.add_row(row.function, f"{row.size:,}", peer.name, bar, f"{ratio:.1f}")
    return chart
