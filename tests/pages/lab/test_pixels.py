from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.parts.shared.pixels import as_url


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_the_address_holds_the_pixels(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    start, coded = as_url(pixels).split(",")
    assert start == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(coded)))), pixels)


def test_the_page_sends_it_as_it_is():
    def script():
        import numpy as np
        import streamlit as st

        from pages.parts.shared.pixels import as_url

        st.image(as_url(np.zeros((2, 2), dtype=np.uint8)))

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.main[0].proto.imgs[0].url == as_url(np.zeros((2, 2), dtype=np.uint8))
