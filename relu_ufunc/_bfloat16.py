"""bfloat16 for those who have ml_dtypes, whichever of the two packages is imported first."""

import numpy as np

from ._relu_ufunc import register_bfloat16
from ._when_imported import when_imported


def register_with_ml_dtypes():
    """Register bfloat16 now if ml_dtypes has been imported, and whenever it is.

    Imported a second time, it brings a second dtype of that name.
    """
    when_imported("ml_dtypes", _register)


def _register(ml_dtypes):
    scalar = getattr(ml_dtypes, "bfloat16", None)
    if isinstance(scalar, type) and issubclass(scalar, np.generic):
        dtype = np.dtype(scalar)
        if dtype.isbuiltin == 2:  # defined by a package: no stand-in among NumPy's own
            register_bfloat16(dtype)
