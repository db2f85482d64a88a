"""meson-python, with one thing settled: a wheel has no times in it.

So the same sources give the same bytes. A wheel is a zip file, which has a time for each file;
meson-python takes them from the clock unless SOURCE_DATE_EPOCH is set. Here it is, to the first
time that such a file knows, unless the caller has set it.
"""

import os

from mesonpy import *  # noqa: F403

os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800")  # 1980-01-01
