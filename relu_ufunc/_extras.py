"""What the modules for other libraries share: they say which extra brings the package they need."""

from contextlib import contextmanager


@contextmanager
def from_extra(extra):
    """
    Import packages inside that an extra brings, and say so where they are missing.

    Parameters
    ----------
    extra : str
        The extra, which is named as the module of this package that needs it.

    Raises
    ------
    ImportError
        If a package is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise ImportError(
            f"relu_ufunc.{extra} needs the package {package}: pip install 'relu_ufunc[{extra}]'"
        ) from error
