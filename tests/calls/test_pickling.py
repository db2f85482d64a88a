"""Ufuncs and functions pickle by name, and ufuncs copy to themselves."""

import copy
import pickle
import pickletools

import oracle
import pytest
from cases import in_turn
from processes import ROOT, output, python

import relu_ufunc


@in_turn("protocol", [2, 3, 4, 5])
@in_turn("name", oracle.NAMES)
def test_pickle(name, protocol):
    function = getattr(relu_ufunc, name)
    data = pickle.dumps(function, protocol)
    assert b"relu_ufunc" in data and name.encode() in data
    assert pickle.loads(data) is function


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
@in_turn("name", oracle.NAMES)
def test_copy(name, duplicate):
    function = getattr(relu_ufunc, name)
    assert duplicate(function) is function
    assert duplicate([function])[0] is function


@in_turn("protocol", [2, 3, 4, 5])
@in_turn("name", [name for name in relu_ufunc.__all__ if name != "__version__"])
def test_everything_public_pickles_by_its_public_name(name, protocol):
    thing = getattr(relu_ufunc, name)
    data = pickle.dumps(thing, protocol)
    assert pickle.loads(data) is thing
    words = [argument for _, argument, _ in pickletools.genops(data) if isinstance(argument, str)]
    assert set(" ".join(words).split()) == {"relu_ufunc", name}
    assert thing.__module__ == "relu_ufunc"


@pytest.mark.parametrize("where", [None, ROOT], ids=["installed", "from the source folder"])
def test_unpickling_beside_an_import(where, tmp_path):
    """Another thread begins to unpickle when the import is slow, at any of its modules."""
    things = [getattr(relu_ufunc, name) for name in relu_ufunc.__all__ if name != "__version__"]
    data = [pickle.dumps(thing) for thing in things]
    code = f"""
import importlib, pickle, sys, threading, time
import numpy

class Slow:
    begun = threading.Event()

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "relu_ufunc":
            self.begun.set()
            time.sleep(0.02)

def unpickle(data):
    Slow.begun.wait()
    loaded = pickle.loads(data)
    assert getattr(sys.modules["relu_ufunc"], loaded.__name__) is loaded

def use(name, attribute):
    Slow.begun.wait()
    assert getattr(importlib.import_module(name), attribute)

failed = []
def run(function, *arguments):
    try:
        function(*arguments)
    except BaseException as error:
        failed.append((arguments, error))

sys.meta_path.insert(0, Slow())
jobs = [(unpickle, data) for data in {data}]
jobs += [(use, "relu_ufunc.testing", "same_bits"), (use, "relu_ufunc", "show_config")] * 2
threads = [threading.Thread(target=run, args=job) for job in jobs]
for thread in threads:
    thread.start()
import relu_ufunc
for thread in threads:
    thread.join(60)
    assert not thread.is_alive()
assert not failed, failed
"""
    output(python("-c", code, cwd=where or tmp_path))


def test_the_number_of_threads_pickles_as_a_number():
    """What set_num_threads returns stands for the default, in this process."""
    before = relu_ufunc.set_num_threads(1)
    relu_ufunc.set_num_threads(before)
    copy = pickle.loads(pickle.dumps(before))
    assert (type(copy), copy) == (int, before)
