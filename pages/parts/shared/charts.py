"""What charts of several pages have in common."""

NO_TOOLBAR = {"displayModeBar": False}
"""Plotly's toolbar would lie on the numbers of small charts, always so on a touch screen."""
