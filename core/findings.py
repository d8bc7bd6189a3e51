"""Sentences and numbers computed from records."""

from __future__ import annotations

import math


def standard_error(accuracy: float, images: int) -> float:
    """Standard error of an accuracy in percent measured on ``images`` test images, in points.

    100 * sqrt(p (1 - p) / n): how far one network's accuracy would scatter over other test sets of this size.
    Raises ``ValueError`` for no images or an accuracy outside 0..100.
    """
    if images < 1 or not 0 <= accuracy <= 100:
        raise ValueError(f"accuracy={accuracy}, images={images}; use 0 to 100 percent of at least one image")
    p = accuracy / 100
    return 100 * math.sqrt(p * (1 - p) / images)
