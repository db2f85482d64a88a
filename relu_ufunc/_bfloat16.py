"""bfloat16 for those who have ml_dtypes, whichever of the two packages is imported first."""

import numpy as np

from ._relu_ufunc import register_bfloat16
from ._when_imported import when_imported


def register_with_ml_dtypes():
    """Register bfloat16 now if ml_dtypes has been imported, else whenever it is."""
    when_imported("ml_dtypes", _register)


def _register(ml_dtypes):
    if hasattr(ml_dtypes, "bfloat16"):
        register_bfloat16(np.dtype(ml_dtypes.bfloat16))
