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
    package = os.path.dirname(__file__)
    installed = os.path.join(package, "include")
    # An editable install is the source tree, which has it beside the package.
    return installed if os.path.isdir(installed) else os.path.join(package, "..", "include")
