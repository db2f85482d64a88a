"""What is written by hand for relu6 and its kin."""

from ._text import Text

KRIZHEVSKY = """\
A. Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010."""
KONDA = """\
K. Konda, R. Memisevic, D. Krueger, "Zero-bias autoencoders and the benefits of co-adapting
features", ICLR 2015."""
SO = """\
D. R. So, W. Manke, H. Liu, Z. Dai, N. Shazeer, Q. V. Le, "Primer: searching for efficient
transformers for language modeling", NeurIPS 2021."""
HE = """\
K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016."""
SHAZEER = """\
N. Shazeer, "GLU variants improve transformer", 2020."""

MOVES = "Exact: values are selected or moved as they are."
WRAPS = "Integers wrap as they do in NumPy."

TERMS = {"x": "First term.", "y": "Second term; broadcasts against the first."}

TEXTS = {
    "relu6": Text(
        "Rectified linear unit with a ceiling of 6, elementwise.",
        "`x` between 0 and 6, else the nearer of the two; NaN is kept.",
        MOVES,
        "clipped_relu : The same with any ceiling.",
        KRIZHEVSKY,
        """\
>>> relu_ufunc.relu6(np.array([-1.5, 2.0, 7.0, np.nan]))
array([ 0.,  2.,  6., nan])""",
    ),
    "relu6_grad": Text(
        "Derivative of `relu6`, elementwise.",
        "1 or 0; NaN where `x` is NaN. At the kinks it is that of the left side: 0 at 0, 1 at 6.",
        MOVES,
        "relu6_backward : The product with the gradient of the loss, in one pass.",
        KRIZHEVSKY,
        """\
>>> relu_ufunc.relu6_grad(np.array([0.0, 2.0, 6.0, 7.0]))
array([0., 1., 1., 0.])""",
    ),
    "relu6_backward": Text(
        "Gradient of the loss with respect to the input of `relu6`, elementwise.",
        "`dy` or 0, selected and not multiplied; NaN where `x` is NaN. `dy` at 6, 0 at 0.",
        MOVES,
        "relu6_grad : The derivative alone.",
        KRIZHEVSKY,
        """\
>>> relu_ufunc.relu6_backward(np.array([5.0, 5.0, np.inf]), np.array([2.0, 6.0, 7.0]))
array([5., 5., 0.])""",
    ),
    "clipped_relu": Text(
        "Rectified linear unit with a ceiling, elementwise.",
        "The positive part of `x`, but no more than `max_value`; NaN where either is NaN.",
        f"{MOVES} A ceiling below 0 is the value everywhere.",
        "relu6 : The same with a ceiling of 6.",
        KRIZHEVSKY,
        """\
>>> relu_ufunc.clipped_relu(np.array([-1.5, 2.0, 7.0]), 4.0)
array([0., 2., 4.])
>>> relu_ufunc.clipped_relu(np.array([-3, 2, 7], dtype=np.int8), max_value=4)
array([0, 2, 4], dtype=int8)""",
    ),
    "clipped_relu_grad": Text(
        "Derivative of `clipped_relu` with respect to x, elementwise.",
        "1 or 0; NaN where `x` or `max_value` is NaN. At the kinks it is that of the left side: 0\n"
        "at 0, 1 at `max_value`.",
        MOVES,
        "clipped_relu_backward : The product with the gradient of the loss, in one pass.",
        KRIZHEVSKY,
        """\
>>> relu_ufunc.clipped_relu_grad(np.array([0.0, 2.0, 4.0, 7.0]), 4.0)
array([0., 1., 1., 0.])""",
    ),
    "clipped_relu_backward": Text(
        "Gradient of the loss with respect to the input of `clipped_relu`, elementwise.",
        "`dy` or 0, selected and not multiplied; NaN where `x` or `max_value` is NaN. `dy` at\n"
        "`max_value`, 0 at 0.",
        MOVES,
        "clipped_relu_grad : The derivative alone.",
        KRIZHEVSKY,
        """\
>>> relu_ufunc.clipped_relu_backward(np.array([5.0, 5.0]), np.array([2.0, 7.0]), 4.0)
array([5., 0.])""",
    ),
    "thresholded_relu": Text(
        "Thresholded rectified linear unit, elementwise.",
        "`x` where it is above `theta`, else 0; NaN where either is NaN.",
        MOVES,
        "relu : The same with a threshold of 0.",
        KONDA,
        """\
>>> relu_ufunc.thresholded_relu(np.array([-1.5, 1.0, 2.0]))
array([0., 0., 2.])
>>> relu_ufunc.thresholded_relu(np.array([-1.5, 1.0, 2.0]), theta=0.5)
array([0., 1., 2.])""",
    ),
    "thresholded_relu_grad": Text(
        "Derivative of `thresholded_relu` with respect to x, elementwise.",
        "1 or 0; NaN where `x` or `theta` is NaN. At `theta`, where the function jumps, it is 0,\n"
        "that of the left side.",
        MOVES,
        "thresholded_relu_backward : The product with the gradient of the loss, in one pass.",
        KONDA,
        """\
>>> relu_ufunc.thresholded_relu_grad(np.array([0.5, 1.0, 2.0]))
array([0., 0., 1.])""",
    ),
    "thresholded_relu_backward": Text(
        "Gradient of the loss with respect to the input of `thresholded_relu`, elementwise.",
        "`dy` or 0, selected and not multiplied; NaN where `x` or `theta` is NaN. 0 at `theta`.",
        MOVES,
        "thresholded_relu_grad : The derivative alone.",
        KONDA,
        """\
>>> relu_ufunc.thresholded_relu_backward(np.array([5.0, 5.0]), np.array([0.5, 2.0]))
array([0., 5.])""",
    ),
    "relu_squared": Text(
        "Square of the rectified linear unit, elementwise.",
        "The square of the positive part of `x`; NaN is kept.",
        f"Exact but for the rounding of one product. {WRAPS}",
        "relu_squared_backward : The gradient in one pass.",
        SO,
        """\
>>> relu_ufunc.relu_squared(np.array([-1.5, 0.5, 3.0]))
array([0.  , 0.25, 9.  ])""",
    ),
    "relu_squared_grad": Text(
        "Derivative of `relu_squared`, elementwise.",
        "Twice the positive part of `x`; NaN is kept.",
        f"Exact, unless it overflows. {WRAPS}",
        "relu_squared_backward : The product with the gradient of the loss, in one pass.",
        SO,
        """\
>>> relu_ufunc.relu_squared_grad(np.array([-1.5, 0.5, 3.0]))
array([0., 1., 6.])""",
    ),
    "relu_squared_backward": Text(
        "Gradient of the loss with respect to the input of `relu_squared`, elementwise.",
        "Twice the product of `dy` and `x` where that is positive, else 0; NaN where `x` is NaN.",
        f"Exact but for the rounding of one product, which is doubled. {WRAPS}",
        "relu_squared_grad : The derivative alone.",
        SO,
        """\
>>> relu_ufunc.relu_squared_backward(np.array([5.0, np.inf]), np.array([3.0, -1.0]))
array([30.,  0.])""",
    ),
    "add_relu": Text(
        "Rectified linear unit of a sum, elementwise: bias or residual in one pass.",
        "The positive part of ``x + y``; NaN where that is NaN.",
        f"Exact but for the rounding of the sum. {WRAPS}",
        "add_relu_backward : The gradient in one pass.",
        HE,
        """\
>>> relu_ufunc.add_relu(np.array([[-1.0, 2.0], [3.0, -4.0]]), np.array([0.5, 1.0]))
array([[0. , 3. ],
       [3.5, 0. ]])""",
        inputs=TERMS,
    ),
    "add_relu_backward": Text(
        "Gradient of the loss with respect to either term of `add_relu`, elementwise.",
        "`dy` or 0, selected by the sum; NaN where that is NaN. It is the gradient of `x`, and of\n"
        "`y`: sum it over the axes that were broadcast.",
        "Exact: values are selected as they are. The sum is formed again, with its warnings. From\n"
        f"the output `z` of `add_relu`, ``relu_backward(dy, z)`` gives the same. {WRAPS}",
        "relu_backward : The same from the output.",
        HE,
        """\
>>> x, y = np.array([-1.0, 2.0]), np.array([0.5, 1.0])
>>> relu_ufunc.add_relu_backward(np.array([5.0, 5.0]), x, y)
array([0., 5.])""",
        inputs=TERMS,
    ),
    "reglu": Text(
        "Gated linear unit with `relu`, elementwise.",
        "``gate * up`` where the gate is open, that is positive, else 0, whatever `up` is; NaN\n"
        "where `gate` is NaN.",
        f"Exact but for the rounding of one product. {WRAPS}",
        "reglu_backward : Both gradients in one pass.",
        SHAZEER,
        """\
>>> h = np.array([[1.0, -2.0, 3.0, np.inf]])  # gate and up are halves of one array
>>> relu_ufunc.reglu(h[..., :2], h[..., 2:])
array([[3., 0.]])""",
    ),
    "reglu_backward": Text(
        "Gradients of the loss with respect to both inputs of `reglu`, elementwise.",
        "Both 0 where the gate is closed, NaN where `gate` is NaN.",
        f"Exact but for the rounding of one product each. {WRAPS}",
        "reglu : The function.",
        SHAZEER,
        """\
>>> relu_ufunc.reglu_backward(np.array([5.0, 5.0]), np.array([2.0, -2.0]), np.array([3.0, 3.0]))
(array([15.,  0.]), array([10.,  0.]))""",
    ),
}
