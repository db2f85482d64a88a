"""Where the header of the C API is."""

import os


def get_include():
    """
    Name the folder of the C header, for compilers of extension modules.

    Returns
    -------
    str
        The folder that has ``relu_ufunc.h``.

    See Also
    --------
    numpy.get_include : NumPy's.

    Examples
    --------
    >>> import os
    >>> import relu_ufunc
    >>> os.listdir(relu_ufunc.get_include())
    ['relu_ufunc.h']
    """
    return os.path.join(os.path.dirname(__file__), "include")
