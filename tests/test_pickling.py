"""Ufuncs pickle by name and copy to themselves."""

import copy
import pickle

import oracle
import pytest

import relu_ufunc


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("name", oracle.NAMES)
def test_pickle(name, protocol):
    function = getattr(relu_ufunc, name)
    data = pickle.dumps(function, protocol)
    assert b"relu_ufunc" in data and name.encode() in data
    assert pickle.loads(data) is function


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("name", oracle.NAMES)
def test_copy(name, duplicate):
    function = getattr(relu_ufunc, name)
    assert duplicate(function) is function
    assert duplicate([function])[0] is function
