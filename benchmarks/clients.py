"""Measure other libraries with and without relu_ufunc, for docs/clients.md.

    python benchmarks/clients.py
    python benchmarks/clients.py --only onnx thinc    # of these alone

Each prints tables. Both ways take turns in one process, on one thread, BLAS included; a time is the
median of many, in the processor's time.
"""

import argparse
import sys
import warnings
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))
SECONDS = 1.0  # for each row, but for what takes longer once


def compare(plain, ours):
    """The medians of both in seconds; they take turns, after one call each that is not counted."""
    times = [], []
    for f in (plain, ours):
        f()
    end = perf_counter() + SECONDS
    while perf_counter() < end or len(times[0]) < 3:
        for f, taken in zip((plain, ours), times, strict=True):
            begin = thread_time()
            f()
            taken.append(thread_time() - begin)
    return [median(taken) for taken in times]


def row(name, plain, ours):
    before, after = compare(plain, ours)
    print(f"| {name} | {before * 1e3:.3g} | {after * 1e3:.3g} | {before / after:.2f} |", flush=True)


def table(what, unit="ms"):
    print(f"\n| {what} | before, {unit} | with ours, {unit} | times as fast |\n|---|---|---|---|")


def onnx():
    import light_models
    import onnxruntime
    from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
    from onnx.reference import ReferenceEvaluator

    from relu_ufunc.onnx import new_ops

    x = np.random.default_rng(0).standard_normal((1000, 1000), np.float32)
    table("ONNX's reference evaluator: one node, float32, 1,000,000 elements")
    for op in sorted(op.__name__ for op in new_ops()):
        inputs = {"x": x, "slope": x[0]} if op == "PRelu" else {"x": x}
        *given, y = (make_tensor_value_info(name, 1, [None]) for name in (*inputs, "y"))
        graph = make_graph([make_node(op, list(inputs), ["y"])], "one node", given, [y])
        one = make_model(graph, opset_imports=[make_opsetid("", 24)])
        evaluators = [ReferenceEvaluator(one, new_ops=ops) for ops in (None, new_ops())]
        row(op, *(lambda e=e, i=inputs: e.run(None, i) for e in evaluators))

    model = light_models.model("squeezenet")
    image = light_models.image(model)
    evaluators = [ReferenceEvaluator(model, new_ops=ops) for ops in (None, new_ops())]
    table("SqueezeNet, an image of 224 x 224")
    row("all of it", *(lambda e=e: e.run(None, image) for e in evaluators))
    row("its 26 Relu", *(lambda e=e: relus(e) for e in map(recorded, evaluators, [image] * 2)))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    taken, _ = compare(lambda: session.run(None, image), lambda: None)
    print(f"ONNX Runtime takes {taken * 1e3:.3g} ms for all of it.")


def recorded(evaluator, image):
    """The nodes of Relu, each with the input that it has."""
    calls = []
    for node in evaluator.rt_nodes_:
        if node.op_type == "Relu":
            run = node.run

            def remember(x, *args, run=run, **kwargs):
                calls.append((run, x))
                return run(x, *args, **kwargs)

            node.run = remember
    evaluator.run(None, image)
    return calls


def relus(calls):
    for run, x in calls:
        run(x)


def thinc():
    from thinc.api import (
        Adam,
        Gelu,
        Mish,
        NumpyOps,
        Relu,
        Softmax,
        Swish,
        chain,
        fix_random_seed,
        use_ops,
    )

    from relu_ufunc.thinc import ReluUfuncOps

    x, dy = np.random.default_rng(0).standard_normal((2, 1000, 1000)).astype(np.float32)
    both = NumpyOps(), ReluUfuncOps()
    table("thinc: an activation and its backprop, float32, 1,000,000 elements")
    for name in ("relu", "relu_k", "hard_sigmoid", "swish", "gelu", "gelu_approx", "mish"):
        extra = (x,) if name == "swish" else ()

        def there_and_back(ops, name=name, extra=extra):
            getattr(ops, name)(x)
            getattr(ops, f"backprop_{name}")(dy, x, *extra)

        row(name, *(lambda o=o, f=there_and_back: f(o) for o in both))

    table("thinc: a step of training, batch of 512, two hidden layers of 512")
    features = x[:512, :300]
    labels = np.eye(10, dtype=np.float32)[np.arange(512) % 10]
    for layer in (Relu, Swish, Gelu, Mish):

        def step_of(ops, layer=layer):
            fix_random_seed(0)
            with use_ops(ops):
                model = chain(layer(nO=512), layer(nO=512), Softmax())
                model.initialize(X=features, Y=labels)
            optimizer = Adam(0.001)

            def step():
                yh, backprop = model.begin_update(features)
                backprop(yh - labels)
                model.finish_update(optimizer)

            return step

        row(layer.__name__, *map(step_of, ("numpy", "relu_ufunc")))


def sklearn():
    from sklearn.neural_network import MLPClassifier

    from relu_ufunc.sklearn import accelerated

    warnings.simplefilter("ignore")  # of trainings that end early
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4000, 64)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    for activation in ("relu", "logistic"):

        def fit(activation=activation):
            model = MLPClassifier((256, 256), activation=activation, max_iter=2, random_state=0)
            return model.fit(x, y)

        model = fit()
        table(f"scikit-learn: `MLPClassifier`, {activation}, two hidden layers of 256, float32")
        row("two epochs of 4,000 samples", fit, accelerated()(fit))
        row(
            "`predict` of 4,000 samples",
            lambda m=model: m.predict(x),
            accelerated()(lambda m=model: m.predict(x)),
        )


LIBRARIES = {"onnx": onnx, "thinc": thinc, "sklearn": sklearn}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=LIBRARIES, default=[*LIBRARIES])
    wanted = parser.parse_args().only
    with threadpool_limits(1):
        for name in wanted:
            LIBRARIES[name]()


if __name__ == "__main__":
    main()
