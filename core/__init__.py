"""Everything true without a screen: the maths, the network, the training loop and its records.

No module of this package imports streamlit. ``core.config`` needs the standard library alone.
"""

__version__ = "0.7.0"
