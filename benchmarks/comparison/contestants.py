"""Everybody who may take part, in the order of the tables."""

from .frameworks import Jax, Onnxruntime, Torch
from .peers import Numba, Numexpr, NumPy

PEERS = (NumPy, Numexpr, Numba, Torch, Onnxruntime, Jax)
NAMES = tuple(peer.name for peer in PEERS)
