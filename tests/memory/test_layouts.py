"""Where operands lie shows in nothing but time: not their strides, order, alignment or size.

Each call is compared with the kernel's own answer for the same elements in a row, a few at a time:
so no block, tile or unit is cut for it. Outputs are given, with guards around and between their
elements.
"""

from itertools import permutations, product

import numpy as np
import oracle
import pytest
from cuts import LINE_BYTES, SHORT_ROW, TILE_WIDTH, always_shared, block, tile_height
from doors import door
from kinds import DTYPES_OF, FEW_LOOPS, LOOPS, each_dtype, every_loop
from placed import C, F, Layout, assert_same_answer, each_alone, operands_of, plain_answer

import relu_ufunc
from relu_ufunc.testing import as_tuple, assert_same_bits

# A dtype of each size of items; prelu_backward, which has the most operands, takes no integers.
DTYPE_OF_SIZE = {1: "b", 2: "e", 4: "f", 8: "d", 16: "g"}
SIZES = [
    *(("relu", dtype) for dtype in DTYPE_OF_SIZE.values()),
    *(("prelu_backward", dtype) for dtype in ("bfloat16", "f", "d", "g")),
]
TWO_OUTPUTS = [
    (name, dtype)
    for name in FEW_LOOPS
    for dtype in ("bfloat16", "f", "g")
    if oracle.OUTPUTS[name] == 2 and dtype in DTYPES_OF[name]
]
FEW_NAMES = ("relu", "elu_grad", "prelu_backward")

# Through NumPy's door a few: it asks for rows, whatever the kernel.
every_loop_by_both_doors = pytest.mark.parametrize(
    ("name", "which_door"),
    [*((name, True) for name in LOOPS), *((name, False) for name in FEW_LOOPS)],
    indirect=["which_door"],
)
every_size = pytest.mark.parametrize(("name", "dtype"), SIZES)

CROPPED = Layout(gap=3)
REVERSED = Layout(step=-1)
EVERY_OTHER = Layout(step=2)
EVERY_THIRD_BACKWARDS = Layout(step=-3)
ODD = Layout(odd=1)
STRIDED = (REVERSED, EVERY_OTHER, EVERY_THIRD_BACKWARDS, ODD)
ROTATED = Layout(step=(-1, -1))
EVERY_OTHER_ROW = Layout(step=(2, 1))
IN_PLANES = (C, F, CROPPED, F._replace(gap=1), ROTATED, EVERY_OTHER_ROW, EVERY_OTHER, ODD)


@pytest.fixture(autouse=True)
def which_door(request):
    """The direct one, where a test does not ask for both: NumPy asks for rows, never for planes."""
    with door(getattr(request, "param", True)):
        yield


both_doors = pytest.mark.parametrize(
    "which_door", [True, False], ids=["direct", "numpy"], indirect=True
)


def operand_count(name):
    return len(oracle.OPERANDS[name]) + oracle.OUTPUTS[name]


def assert_same_answers(name, inputs, all_layouts):
    want = plain_answer(name, inputs)
    for layouts in all_layouts:
        assert_same_answer(name, inputs, layouts, want)


# Planes


@every_loop_by_both_doors
@each_dtype
def test_operands_that_lie_across(name, dtype):
    """Each in turn, beside others in C order and in Fortran order."""
    count = operand_count(name)
    for shape in ((67, 71), (64, 130)):
        layouts = [*each_alone(count, F), *each_alone(count, C, rest=F)]
        assert_same_answers(name, operands_of(name, dtype, shape), layouts)


@every_size
def test_tiles_of_partial_width_and_height(name, dtype):
    count, edges = operand_count(name), (-1, 0, 1)
    widths = [k * TILE_WIDTH + edge for k in (1, 2) for edge in edges]
    heights = [k * tile_height(name, dtype, TILE_WIDTH) + edge for k in (1, 2) for edge in edges]
    for width, height in product(widths, heights):
        if width < 2 * TILE_WIDTH or height < 2 * tile_height(name, dtype, TILE_WIDTH):
            inputs = operands_of(name, dtype, (height, width))
            # the inputs across, all outputs across, the last output alone
            assert_same_answers(
                name,
                inputs,
                [
                    [*[F] * len(inputs), *[C] * (count - len(inputs))],
                    [*[C] * len(inputs), *[F] * (count - len(inputs))],
                    [*[C] * (count - 1), F],
                ],
            )


@every_loop_by_both_doors
def test_planes_of_all_kinds(name):
    """The layout of each operand is another one; every pair of them meets."""
    count = operand_count(name)
    inputs = operands_of(name, "f", (70, 131))
    kinds = len(IN_PLANES)
    layouts = [
        [IN_PLANES[(first + i * step) % kinds] for i in range(count)]
        for first, step in product(range(kinds), range(kinds))
    ]
    assert_same_answers(name, inputs, layouts)


@pytest.mark.parametrize(("name", "dtype"), TWO_OUTPUTS)
@pytest.mark.parametrize("shape", [(66, 67), (300, 5), (3, 700)], ids=str)
def test_two_outputs_that_lie_differently(name, dtype, shape):
    inputs = operands_of(name, dtype, shape)
    pairs = product(IN_PLANES, repeat=2)
    assert_same_answers(name, inputs, ([*[C] * len(inputs), *outputs] for outputs in pairs))


# Rows


@every_size
@pytest.mark.parametrize("lengths", [range(1, 36), range(36, SHORT_ROW + 7)], ids=["short", "long"])
def test_short_rows(name, dtype, lengths):
    """As many as a tile takes, and one more; cropped, so that they do not make one long row."""
    for length in lengths:
        height = tile_height(name, dtype, length) if length < SHORT_ROW else 9
        for rows in (2, height + 1) if length % 7 == 3 else (height + 1,):
            inputs = operands_of(name, dtype, (rows, length))
            assert_same_answer(name, inputs, CROPPED)


@every_loop
def test_short_rows_of_each_operand(name):
    layouts = [Layout(gap=2), Layout(step=-1, gap=1), Layout(step=2), Layout(step=(-2, 1))]
    for length, layout in product((1, 2, 3, 15, 17, SHORT_ROW - 1, SHORT_ROW), layouts):
        inputs = operands_of(name, "f", (tile_height(name, "f", length) + 1, length))
        assert_same_answers(name, inputs, each_alone(operand_count(name), layout))


@every_size
def test_strided_rows_about_the_length_of_blocks(name, dtype):
    for length in (1, 2, *(k * block(dtype) + edge for k in (1, 2, 3) for edge in (-1, 0, 1))):
        inputs = operands_of(name, dtype, (length,))
        for layout in STRIDED:
            assert_same_answers(name, inputs, each_alone(operand_count(name), layout))


@every_loop_by_both_doors
@each_dtype
def test_strided_rows(name, dtype):
    inputs = operands_of(name, dtype, (2 * block(dtype) + 5,))
    assert_same_answers(name, inputs, [EVERY_OTHER, REVERSED, ODD])


@every_loop_by_both_doors
@each_dtype
def test_any_offset(name, dtype):
    """Rows, blocks, tiles: of operands that are all off by so much, or by different amounts."""
    size, count = np.dtype(dtype).itemsize, operand_count(name)
    offsets = (1, size // 2 + 1, size - 1, 31)
    for shape, order in (((300,), "C"), ((SHORT_ROW + 3, 67), "F"), ((67, 11), "C")):
        layouts = [Layout(offset=offset) for offset in offsets]
        layouts += ([Layout(order, offset=size + 1), *(Layout(offset=i) for i in range(1, count))],)
        assert_same_answers(name, operands_of(name, dtype, shape), layouts)


@pytest.mark.parametrize("name", ["relu", "prelu_backward"])
def test_every_offset(name):
    """In rows, and across others; all operands off by so much, or by different amounts."""
    inputs, count = operands_of(name, "f", (70, 66)), operand_count(name)
    want = plain_answer(name, inputs)
    for offset in range(64):
        layout = Layout(offset=offset)
        alone = list(each_alone(count, layout, rest=F))
        assert_same_answer(name, inputs, layout, want)
        assert_same_answer(name, inputs, alone[1 + offset % count], want)
        assert_same_answer(name, inputs, [Layout(offset=offset * i) for i in range(count)], want)


# More axes


MANY_AXES = [(5, 4, 6), (3, 70, 5), (2, 3, 66), (2, 3, 4, 5), (3, 2, 2, 3, 4), (2, 3, 2, 2, 3, 2)]


@every_loop_by_both_doors
def test_axes_that_cannot_be_joined(name):
    for shape in MANY_AXES:
        assert_right_for_axes_that_cannot_be_joined(name, shape)


def assert_right_for_axes_that_cannot_be_joined(name, shape):
    inputs = operands_of(name, "f", shape)
    count, axes = operand_count(name), len(shape)
    rotated = Layout(tuple(range(axes)[::-2]) + tuple(range(axes)[-2::-2]), gap=1)
    turned = Layout(step=tuple((-1) ** axis for axis in range(axes)), gap=2)
    spread = Layout(step=tuple(1 + axis % 2 for axis in range(axes)))
    layouts = [CROPPED, rotated, turned, spread]
    assert_same_answers(
        name,
        inputs,
        [*layouts, *([layouts[(i + k) % 4] for i in range(count)] for k in range(4))],
    )


@pytest.mark.parametrize(("name", "dtype"), [("relu", "h"), ("elu", "f"), ("prelu_backward", "d")])
@np.errstate(all="ignore")
def test_permuted_axes(name, dtype):
    """Into every order, into C order, and into new outputs."""
    for order, shape in product(permutations(range(4)), ((3, 5, 4, 7), (2, 66, 3, 65))):
        inputs, count = operands_of(name, dtype, shape), operand_count(name)
        want, permuted = plain_answer(name, inputs), Layout(order)
        layouts = [permuted, *each_alone(count, permuted), *each_alone(count, C, rest=permuted)]
        for layout in layouts[:: 1 if shape[0] == 3 else 3]:
            assert_same_answer(name, inputs, layout, want)
        turned = [a.transpose(order) for a in inputs]
        for ins in (turned, [turned[0], *map(np.ascontiguousarray, turned[1:])]):
            got = getattr(relu_ufunc, name)(*ins)
            assert_same_bits(got, tuple(w.transpose(order) for w in want), f"{shape}, {order}")


# Parameters that broadcast


OVER_AXES = [
    ((1400, 3), (3,)),
    ((1400, 3), (1400, 1)),
    ((5, 7, 1, 1), (7, 1, 1)),
    ((300, 7, 1, 1), (7, 1, 1)),
    ((40, 5, 2, 2), (5, 1, 1)),
    ((9, 6, 7, 7), (6, 1, 1)),
    ((9, 6, 7, 7), (7,)),
    ((9, 6, 7, 7), (7, 1)),
    ((3, 2, 9, 9), (2, 1, 1)),
    ((70, 130), (130,)),
    ((70, 130), (70, 1)),
    ((3, 70, 66), (70, 1)),
    ((3, 70, 66), (3, 1, 66)),
    ((3, 70, 66), (3, 1, 1)),
    ((2, 3000), (3000,)),
    ((2, 3000), (2, 1)),
    ((2, 3000), ()),
]


@both_doors
@pytest.mark.parametrize("name", [name for name in LOOPS if oracle.PARAMETERS[name]])
def test_parameters_over_any_axis(name):
    count = operand_count(name)
    layouts = [CROPPED, F, *each_alone(count, F), [*[F] * (count - 1), C]]
    for shape, parameter in OVER_AXES:
        inputs = operands_of(name, "f", shape, *[parameter] * len(oracle.PARAMETERS[name]))
        assert_same_answers(name, inputs, layouts)


@both_doors
@pytest.mark.parametrize("dtype", oracle.FLOATS)
@pytest.mark.parametrize("parameter", [(), (3,), (5, 1), (70, 1, 3), (70, 5, 1)], ids=str)
def test_parameters_of_any_dtype(dtype, parameter):
    for name in ("leaky_relu", "prelu_backward"):
        inputs = operands_of(name, dtype, (70, 5, 3), parameter)
        assert_same_answers(name, inputs, [C, CROPPED, F])


@both_doors
def test_all_operands_broadcast():
    table = operands_of("prelu_backward", "f", (70, 66, 5))
    for shapes in (
        ((70, 1, 5), (66, 1), (5,)),
        ((70, 1, 1), (66, 1), (1, 1, 5)),
        ((70, 66, 1), (1, 5), (66, 5)),
        ((1,), (70, 66, 5), (1, 1)),
        ((70, 66, 5), (70, 1, 1), (70, 66, 1)),
    ):
        inputs = [np.resize(a, s) for a, s in zip(table, shapes, strict=True)]
        assert_same_answers("prelu_backward", inputs, [C, CROPPED, F, *each_alone(5, F)])


# Threads


@pytest.fixture
def threads():
    before = relu_ufunc.get_num_threads()
    with always_shared():
        yield relu_ufunc.set_num_threads
    relu_ufunc.set_num_threads(before)


@every_loop_by_both_doors
def test_few_elements_for_many_threads(name, threads):
    """Less than a line for each, and more by a few; in rows that are cut, and planes."""
    threads(4)
    size = LINE_BYTES // np.dtype("f").itemsize
    for length in (2, 3, 4, 5, size, *(k * size + edge for k in (4, 33) for edge in (-1, 0, 1))):
        inputs = operands_of(name, "f", (length,))
        assert_same_answers(name, inputs, [C, EVERY_OTHER, Layout(offset=12)])
    planes = [(3, 299), (2, 301), (37, 65), (65, 37), (2, 2), (90, 3), (3, 1000)]
    for shape in planes:
        inputs = operands_of(name, "f", shape)
        assert_same_answers(name, inputs, [CROPPED, [*[C] * (operand_count(name) - 1), F]])
    for shape in ((7, 3, 16), (50, 2, 3), (2, 100, 3), (2, 3, 2, 2, 5), (1, 5, 1, 7)):
        assert_same_answer(name, operands_of(name, "f", shape), CROPPED)


def of_size(size):
    """Shapes of a little more than so many elements, and how operands may lie in them."""
    tall = size // 100 + 1
    return [
        ((size + 1,), [C, EVERY_OTHER]),
        ((tall, 101), [CROPPED, F, ROTATED]),
        ((101, tall), [F]),
        ((size // 3 + 1, 3), [CROPPED]),
        ((3, tall, 35), [Layout((1, 2, 0)), Layout((2, 0, 1), gap=1)]),
    ]


@both_doors
@pytest.mark.parametrize("dtype", ["f", "g"])
@pytest.mark.parametrize("name", FEW_NAMES)
def test_any_number_of_threads(name, dtype, threads):
    count = operand_count(name)
    for shape, layouts in of_size(12_000):
        inputs = operands_of(name, dtype, shape)
        want = plain_answer(name, inputs)
        for number in (2, 3) if dtype == "f" else (1, 2, 3, 4):
            threads(number)
            for layout in layouts:
                assert_same_answer(name, inputs, [*[layout] * (count - 1), C], want)


@both_doors
@pytest.mark.parametrize("name", ["prelu", "prelu_backward"])
@np.errstate(all="ignore")
def test_any_number_of_threads_with_a_parameter_by_channel(name, threads):
    inputs = operands_of(name, "f", (4, 5, 20, 50), (1, 20, 1))
    want = plain_answer(name, inputs)
    for number in (1, 2, 3, 4):
        threads(number)
        assert_same_bits(as_tuple(getattr(relu_ufunc, name)(*inputs)), want)
