"""The examples for PyTorch and for gradients in the style of micrograd are right."""

import runpy

import numpy as np
import pytest
from processes import ROOT

import relu_ufunc as ru

EXAMPLES = ROOT / "examples"


def test_the_gradients_of_pytorch():
    pytest.importorskip("torch")
    runpy.run_path(str(EXAMPLES / "torch_function.py"))["check"]()


def test_the_gradients_of_micrograd():
    example = runpy.run_path(str(EXAMPLES / "micrograd.py"))
    data, a, h = np.array([-1.0, 2.0, -0.5]), 0.5, 1e-6
    x, alpha = example["Value"](data), example["Value"](a)
    example["apply"](ru.silu, example["apply"](ru.elu, x, alpha)).backward(np.ones(3))

    def loss(data, a):
        return ru.silu(ru.elu(data, a)).sum()

    np.testing.assert_allclose(alpha.grad, (loss(data, a + h) - loss(data, a - h)) / (2 * h), 1e-8)
    for i, step in enumerate(h * np.eye(3)):
        want = (loss(data + step, a) - loss(data - step, a)) / (2 * h)
        np.testing.assert_allclose(x.grad[i], want, 1e-8)


def test_micrograd_prints(capsys):
    runpy.run_path(str(EXAMPLES / "micrograd.py"), run_name="__main__")
    assert "dalpha" in capsys.readouterr().out


def test_the_means_of_dask_are_those_of_numpy(tmp_path):
    pytest.importorskip("distributed")
    example = runpy.run_path(str(EXAMPLES / "dask_inference.py"))
    rows, path = 20_000, tmp_path / "rows.npy"
    example["write"](path, rows)
    got, _ = example["means"](path, rows, 2, "1GiB")
    want = example["network"](np.load(path), *example["weights"]()).mean(axis=0)
    np.testing.assert_allclose(got, want, 1e-4, 1e-5)
