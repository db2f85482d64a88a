"""The gallery tells of every example, and of what it found when it last ran."""

import re
import sys

import numpy as np
import pytest
from processes import ROOT

sys.path.append(str(ROOT / "benchmarks"))

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def gallery():
    pytest.importorskip("rich")
    import gallery

    return gallery


@pytest.fixture(scope="module")
def page():
    return (ROOT / "docs" / "gallery.md").read_text("utf-8")


def scripts():
    return {path.stem: path.read_text("utf-8") for path in sorted(EXAMPLES.glob("*.py"))}


def test_every_example_is_on_the_page(page):
    for name in (*scripts(), "extension"):
        assert re.search(rf"examples/{name}\b", page), name


def test_every_script_that_claims_is_run(gallery):
    """CI finds them by the call of networks.main, the page by a list."""
    claiming = [name for name, text in scripts().items() if "networks.main(" in text]
    assert sorted(gallery.NAMES) == claiming
    assert r"grep -l 'networks\.main('" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_page_says_what_they_found(gallery, page):
    """A docstring, a figure or a claim that has changed since is missing there."""
    for part in gallery.parts().values():
        assert part in page
    for name in gallery.NAMES:
        for theme in ("light", "dark"):
            assert (gallery.GALLERY / f"{name}-{theme}.png").stat().st_size < 80_000


def test_layers_carry_gradients_back():
    """Of what they learn, and of what came in: by finite differences, along a random direction."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    sys.path.append(str(EXAMPLES))
    import networks

    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=5)
    for name in [name for name in networks.COLOURS if name != "swiglu"]:
        network = networks.perceptron(rng, name, 6, 4, 3)
        for layer in network.layers:
            layer.parameters = tuple(each.astype(float) for each in layer.parameters)
        x = rng.standard_normal((5, 6))
        _, dlogits = networks.cross_entropy(network.forward(x), labels)
        gradients = network.backward(dlogits), *network.gradients
        for values, gradient in zip((x, *network.parameters), gradients, strict=True):
            step = 1e-6 * rng.standard_normal(values.shape)
            values += step
            there, _ = networks.cross_entropy(network.forward(x), labels)
            values -= 2 * step
            back, _ = networks.cross_entropy(network.forward(x), labels)
            values += step
            np.testing.assert_allclose(np.sum(gradient * step), (there - back) / 2, 1e-4, 1e-10)


def test_layers_of_pictures_and_texts_do_so_too():
    """Convolutions, a transformer's, an autoencoder, and the loss by which digits are found."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    sys.path.append(str(EXAMPLES))
    import detect_digits
    import generate_digits
    import networks
    import transformer
    from convolution import Convolution, Reshape

    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=5)
    pictures = rng.standard_normal((5, 6, 6, 2), dtype=np.float32)
    texts = rng.integers(9, size=(5, 4))
    convolutions = (
        Convolution(rng, 2, 3),
        networks.Activation("elu", 3),
        Convolution(rng, 3, 2, 3, 2),
    )
    rows = (pictures, networks.Network(*convolutions, Reshape(18), networks.Affine(rng, 18, 3)))
    cases = [rows]
    for name in ("swiglu", "gelu"):
        embedding, block = (
            transformer.Embedding(rng, 9, 4, 8),
            transformer.block(rng, name, 4, 8, 2, 12),
        )
        last = transformer.Mean(4), networks.Affine(rng, 8, 3)
        cases.append((texts, networks.Network(embedding, block, *last)))

    for x, network in cases:

        def loss(x=x, network=network):
            return networks.cross_entropy(network.forward(x), labels)

        dx = network.backward(loss()[1])
        if x is pictures:
            assert_is_slope(loss, x, dx)
        for values, gradient in zip(network.parameters, network.gradients, strict=True):
            assert_is_slope(loss, values, gradient)

    autoencoder = generate_digits.Autoencoder(rng, "gelu")
    scans = rng.random((5, generate_digits.PIXELS), dtype=np.float32)

    def bound():
        autoencoder.rng = np.random.default_rng(1)
        return (autoencoder.loss(scans),)

    bound()
    autoencoder.backward()
    for values, gradient in zip(autoencoder.parameters, autoencoder.gradients, strict=True):
        assert_is_slope(bound, values, gradient)

    scenes = detect_digits.Composer(rng, (rng.random((5, 64), dtype=np.float32), labels)).scenes(3)
    found = rng.standard_normal((3, 8, 8, 15))
    assert_is_slope(
        lambda: detect_digits.loss(found, scenes), found, detect_digits.loss(found, scenes)[1]
    )


def assert_is_slope(loss, values, gradient):
    """The gradient of what loss gives first, by finite differences along a random direction."""
    before, gradient = values.copy(), gradient.copy()
    step = (2e-3 * np.random.default_rng(2).standard_normal(values.shape)).astype(values.dtype)
    values += step
    there = loss()[0]
    values[...] = before - step
    back = loss()[0]
    values[...] = before
    expected = np.sum(gradient * step, dtype=float)
    assert abs(there - back - 2 * expected) < 0.02 * abs(2 * expected) + 1e-5 * abs(there)
