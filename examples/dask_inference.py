"""Run a network over an array that is larger than a limit of memory, chunk by chunk, with Dask.

    pip install '.[dask]' && python examples/dask_inference.py

Two layers, silu and swiglu, read rows of a file that the workers map into memory, and only the
outputs' column means come back. Each worker is a process with one thread, and relu_ufunc and BLAS
have one thread in it: there are as many threads as processors, and no more. A limit of memory holds
for each worker, of a fraction of the file.
"""

import argparse
import tempfile
from pathlib import Path
from time import perf_counter

import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster, progress

import relu_ufunc as ru

# The environment of the workers, which Dask sets before they import anything.
ONE_THREAD = dict.fromkeys(
    ("RELU_UFUNC_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1"
)
FEATURES, HIDDEN = 256, 128
ROWS_OF_A_CHUNK = 8_192


def write(path, rows):
    """A file of random rows, a chunk at a time."""
    rng = np.random.default_rng(0)
    file = np.lib.format.open_memmap(path, "w+", np.float32, (rows, FEATURES))
    for begin in range(0, rows, ROWS_OF_A_CHUNK):
        part = file[begin : begin + ROWS_OF_A_CHUNK]
        part[:] = rng.standard_normal(part.shape, np.float32)


def weights():
    rng = np.random.default_rng(1)
    first = rng.standard_normal((FEATURES, HIDDEN), np.float32) / 16
    second = rng.standard_normal((HIDDEN, 2 * FEATURES), np.float32) / 32
    return first, second


def network(x, first, second):
    """The outputs for some rows. What is new here is overwritten."""
    h = x @ first
    ru.silu(h, out=h)
    gate, up = np.split(h @ second, 2, axis=1)
    return ru.swiglu(gate, up, out=gate)


def rows_of(path, chunks):
    """The file as a lazy array: each worker maps it, and reads its chunks alone."""

    def read(block_info=None):
        begin, end = block_info[None]["array-location"][0]
        return np.load(path, mmap_mode="r")[begin:end]

    return da.map_blocks(read, chunks=chunks, dtype=np.float32, meta=np.empty((0, 0), np.float32))


def means(path, rows, workers, memory):
    """The column means of the network's outputs, and how long they took."""
    options = {"n_workers": workers, "threads_per_worker": 1, "memory_limit": memory}
    options |= {"env": ONE_THREAD, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        threads = client.run(ru.get_num_threads)
        assert set(threads.values()) == {1}, "a worker's functions have more than its thread"
        x = rows_of(path, da.core.normalize_chunks((ROWS_OF_A_CHUNK, -1), (rows, FEATURES)))
        begin = perf_counter()
        future = client.compute(x.map_blocks(network, *weights(), dtype=x.dtype).mean(axis=0))
        progress(future)
        print()
        return future.result(), perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gib", type=float, default=1.0, help="size of the file (default: 1)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="400MiB", help="limit of a worker (default: 400MiB)")
    arguments = parser.parse_args()
    rows = int(arguments.gib * (1 << 30)) // (4 * FEATURES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npy"
        write(path, rows)
        got, seconds = means(path, rows, arguments.workers, arguments.memory)
    print(
        f"{rows:,} rows of {FEATURES}, {arguments.gib:g} GiB, by {arguments.workers} workers of "
        f"{arguments.memory}: {seconds:.1f} s, {rows / seconds:,.0f} rows a second"
    )
    print("means of the first outputs:", got[:4])


if __name__ == "__main__":
    main()
