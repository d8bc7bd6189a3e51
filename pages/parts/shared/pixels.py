"""A picture that changes with a slider, inside the page itself.

``st.image`` gives the browser an address to fetch an array from, and the server forgets it at the next run: a slider
that moves on meanwhile would leave a broken picture for a moment, and an error in the browser's console.
"""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def as_url(pixels: NDArray[np.uint8]) -> str:
    """A picture of grey (H, W) or coloured (H, W, 3) pixels as a ``data:`` address, for ``st.image``."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
