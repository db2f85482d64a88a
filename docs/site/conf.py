"""Sphinx's settings for the site, whose pages build.py puts together."""

import relu_ufunc

project = "relu_ufunc"
author = "the relu_ufunc developers"
copyright = "the relu_ufunc developers"
version = release = relu_ufunc.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
myst_heading_anchors = 4  # a link to a heading, as in "threads.md#how-many"
highlight_language = "none"  # of blocks that name none: commands, mostly
numpydoc_show_class_members = False
autodoc_typehints = "none"  # numpydoc has them
add_module_names = False

html_theme = "pydata_sphinx_theme"
html_title = f"relu_ufunc {version}"
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": ["sphinx-version"],
}
