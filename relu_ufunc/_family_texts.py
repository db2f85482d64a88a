"""What is written by hand for relu6 and its kin, gelu, hardswish, hardsigmoid and gated units."""

from ._text import AT_THE_END, Text

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
HENDRYCKS = """\
D. Hendrycks, K. Gimpel, "Gaussian error linear units (GELUs)", 2016."""
HOWARD = """\
A. Howard et al., "Searching for MobileNetV3", ICCV 2019."""
COURBARIAUX = """\
M. Courbariaux, Y. Bengio, J.-P. David, "BinaryConnect: training deep neural networks with binary
weights during propagations", NeurIPS 2015."""

MOVES = "Exact: values are selected or moved as they are."
WRAPS = "Integers wrap as they do in NumPy."
ONCE = """\
float32, float16 and bfloat16 are correctly rounded for every input, float64 is within {ulp} ULP,
longdouble is as good as the C library. There is no threshold from where on the result is 0 or
`x`: it is exact in the tails too, and the infinities give the limits."""
PRODUCT = f"The product of `dy` and the derivative, each rounded once.\n{AT_THE_END}"
GATED = f"A function of `gate` times `up`, each rounded once.\n{AT_THE_END}"
GATED_BACKWARD = f"""\
``dgate`` is ``dy * (up * f'(gate))`` and ``dup`` is ``dy * f(gate)``, each operation rounded
once. {AT_THE_END}"""
SIXTH = """\
Formed in double and rounded once. An `alpha` that is 1/6, as near as its dtype has it, stands for
the real number 1/6."""

TERMS = {"x": "First term.", "y": "Second term; broadcasts against the first."}
LINE = {
    "alpha": "Slope of the line, any real number; broadcasts against the others.",
    "beta": "Value of the line at 0, any real number; broadcasts against the others.",
}

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
        "reglu_backward : Both gradients in one pass.\ngeglu : The same with `gelu`.",
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
    "gelu": Text(
        "Gaussian error linear unit, elementwise: `x` times the normal distribution.",
        "The value of the formula; ``-0.0`` at minus infinity.",
        ONCE.format(ulp=0.6),
        "gelu_tanh : An approximation, of which networks were trained with.\n"
        "gelu_backward : The gradient in one pass.",
        HENDRYCKS,
        """\
>>> relu_ufunc.gelu(np.array([-1.0, 0.0, 2.0]))
array([-0.15865525,  0.        ,  1.95449974])""",
    ),
    "gelu_grad": Text(
        "Derivative of `gelu`, elementwise.",
        "The value of the formula; at the infinities its limits, ``-0.0`` and 1.",
        ONCE.format(ulp="1.0"),
        "gelu_backward : The product with the gradient of the loss, in one pass.",
        HENDRYCKS,
        """\
>>> relu_ufunc.gelu_grad(np.array([-1.0, 0.0, 2.0]))
array([-0.08331547,  0.5       ,  1.0852318 ])""",
    ),
    "gelu_backward": Text(
        "Gradient of the loss with respect to the input of `gelu`, elementwise.",
        "The product of `dy` and the derivative; NaN where `x` is NaN.",
        PRODUCT,
        "gelu_grad : The derivative alone.",
        HENDRYCKS,
        """\
>>> relu_ufunc.gelu_backward(np.array([2.0, 2.0]), np.array([-1.0, 0.0]))
array([-0.16663094,  1.        ])""",
    ),
    "gelu_tanh": Text(
        "Gaussian error linear unit in its approximation by tanh, elementwise.",
        "The value of the formula; ``-0.0`` at minus infinity.",
        ONCE.format(ulp=0.55) + "\nThe constants are the real numbers, not their float32. It is "
        'gelu in PyTorch with\n``approximate="tanh"``, in Keras with ``approximate=True``.',
        "gelu : What it approximates.\ngelu_tanh_backward : The gradient in one pass.",
        HENDRYCKS,
        """\
>>> relu_ufunc.gelu_tanh(np.array([-1.0, 0.0, 2.0]))
array([-0.15880801,  0.        ,  1.95459769])""",
    ),
    "gelu_tanh_grad": Text(
        "Derivative of `gelu_tanh`, elementwise.",
        "The value of the formula; at the infinities its limits, ``-0.0`` and 1.",
        ONCE.format(ulp="1.0"),
        "gelu_tanh_backward : The product with the gradient of the loss, in one pass.",
        HENDRYCKS,
        """\
>>> relu_ufunc.gelu_tanh_grad(np.array([-1.0, 0.0, 2.0]))
array([-0.08296408,  0.5       ,  1.08609926])""",
    ),
    "gelu_tanh_backward": Text(
        "Gradient of the loss with respect to the input of `gelu_tanh`, elementwise.",
        "The product of `dy` and the derivative; NaN where `x` is NaN.",
        PRODUCT,
        "gelu_tanh_grad : The derivative alone.",
        HENDRYCKS,
        """\
>>> relu_ufunc.gelu_tanh_backward(np.array([2.0, 2.0]), np.array([-1.0, 0.0]))
array([-0.16592817,  1.        ])""",
    ),
    "geglu": Text(
        "Gated linear unit with `gelu`, elementwise.",
        "The product; NaN where `gate` or `up` is NaN.",
        GATED,
        "geglu_backward : Both gradients in one pass.\nreglu : The same with `relu`.",
        SHAZEER,
        """\
>>> h = np.array([[-1.0, 2.0, 3.0, 4.0]])  # gate and up are halves of one array
>>> relu_ufunc.geglu(h[..., :2], h[..., 2:])
array([[-0.47596576,  7.81799894]])""",
    ),
    "geglu_backward": Text(
        "Gradients of the loss with respect to both inputs of `geglu`, elementwise.",
        "Both NaN where `gate` or `dy` is NaN; where `up` is, `dgate` alone.",
        GATED_BACKWARD,
        "geglu : The function.",
        SHAZEER,
        """\
>>> relu_ufunc.geglu_backward(np.array([2.0]), np.array([-1.0]), np.array([3.0]))
(array([-0.49989282]), array([-0.31731051]))""",
    ),
    "geglu_tanh": Text(
        "Gated linear unit with `gelu_tanh`, elementwise.",
        "The product; NaN where `gate` or `up` is NaN.",
        GATED,
        "geglu_tanh_backward : Both gradients in one pass.\ngeglu : The same with `gelu`.",
        SHAZEER,
        """\
>>> h = np.array([[-1.0, 2.0, 3.0, 4.0]])  # gate and up are halves of one array
>>> relu_ufunc.geglu_tanh(h[..., :2], h[..., 2:])
array([[-0.47642403,  7.81839078]])""",
    ),
    "geglu_tanh_backward": Text(
        "Gradients of the loss with respect to both inputs of `geglu_tanh`, elementwise.",
        "Both NaN where `gate` or `dy` is NaN; where `up` is, `dgate` alone.",
        GATED_BACKWARD,
        "geglu_tanh : The function.",
        SHAZEER,
        """\
>>> relu_ufunc.geglu_tanh_backward(np.array([2.0]), np.array([-1.0]), np.array([3.0]))
(array([-0.4977845]), array([-0.31761602]))""",
    ),
    "hardswish": Text(
        "`x` times a sigmoid of straight lines, elementwise.",
        "The value of the formula; ``-0.0`` from -3 down, minus infinity included. It does not\n"
        "overflow.",
        "float32, float16 and bfloat16 are correctly rounded for every input: formed in double,\n"
        "and rounded once. float64 is within 1.0 ULP.",
        "hardswish_backward : The gradient in one pass.",
        HOWARD,
        """\
>>> relu_ufunc.hardswish(np.array([-4.0, -1.5, 1.0, 4.0]))
array([-0.        , -0.375     ,  0.66666667,  4.        ])""",
    ),
    "hardswish_grad": Text(
        "Derivative of `hardswish`, elementwise.",
        "The value of the formula. At the kinks it is that of the left side: 0 at -3, 1.5 at 3.",
        "float32, float16 and bfloat16 are correctly rounded for every input, float64 is within\n"
        "1.0 ULP.",
        "hardswish_backward : The product with the gradient of the loss, in one pass.",
        HOWARD,
        """\
>>> relu_ufunc.hardswish_grad(np.array([-3.0, 0.0, 3.0, 4.0]))
array([0. , 0.5, 1.5, 1. ])""",
    ),
    "hardswish_backward": Text(
        "Gradient of the loss with respect to the input of `hardswish`, elementwise.",
        "The product of `dy` and the derivative, and 0 where that is 0, whatever `dy` is; NaN\n"
        "where `x` is NaN. At 3 the derivative is 1.5, at -3 it is 0.",
        PRODUCT,
        "hardswish_grad : The derivative alone.",
        HOWARD,
        """\
>>> relu_ufunc.hardswish_backward(np.array([2.0, np.inf]), np.array([3.0, -3.0]))
array([3., 0.])""",
    ),
    "hardsigmoid": Text(
        "Sigmoid of straight lines, elementwise.",
        "The sum cut to the interval from 0 to 1; NaN where an input is NaN.",
        f"{SIXTH} ONNX has an `alpha` of 0.2 by default, as Keras had before version 3.",
        "hardsigmoid_backward : The gradient in one pass.",
        COURBARIAUX,
        """\
>>> relu_ufunc.hardsigmoid(np.array([-4.0, 0.0, 1.5, 4.0]))
array([0.  , 0.5 , 0.75, 1.  ])
>>> relu_ufunc.hardsigmoid(np.array([-1.0, 1.0]), alpha=0.2)
array([0.3, 0.7])""",
        inputs=LINE,
    ),
    "hardsigmoid_grad": Text(
        "Derivative of `hardsigmoid` with respect to x, elementwise.",
        "`alpha` or 0; NaN where an input is NaN. At the kinks it is that of the left side: at\n"
        "the defaults 0 at -3, 1/6 at 3.",
        SIXTH + " Which it is, the sum says that is formed in double.",
        "hardsigmoid_backward : The product with the gradient of the loss, in one pass.",
        COURBARIAUX,
        """\
>>> relu_ufunc.hardsigmoid_grad(np.array([-3.0, 0.0, 3.0, 4.0]))
array([0.        , 0.16666667, 0.16666667, 0.        ])""",
        inputs=LINE,
    ),
    "hardsigmoid_backward": Text(
        "Gradient of the loss with respect to the input of `hardsigmoid`, elementwise.",
        "The product of `dy` and the derivative, and 0 where that is 0, whatever `dy` is; NaN\n"
        "where another input is NaN. At a kink the derivative is that of the left side.",
        f"{PRODUCT} {SIXTH}",
        "hardsigmoid_grad : The derivative alone.",
        COURBARIAUX,
        """\
>>> relu_ufunc.hardsigmoid_backward(np.array([3.0, np.inf]), np.array([1.0, 4.0]))
array([0.5, 0. ])""",
        inputs=LINE,
    ),
}
