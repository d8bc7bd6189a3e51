"""The live parts of the lab by themselves, on images of digits, with the study that comes with the app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.catalogue import QUICK
from core.data.datasets import Dataset
from core.experiments.ahead import Ahead
from core.experiments.listed import EXPERIMENTS
from core.records.store import SHIPPED_ENV
from tests.pages.conftest import PATIENCE

OpenPart = Callable[..., AppTest]
SHARED = {"forgot_eval": "pages.parts.shared.eval_curves"}
"""Which module reads the images, where it is not the part's own."""
LIVE = [found.name.replace("-", "_") for found in EXPERIMENTS if found.live]


def _page(name: str) -> None:
    import importlib

    from pages.parts.shared.address import read_address

    part = importlib.import_module(f"pages.parts.lab.{name}")
    read_address(part.PARAMETERS)
    part.live()


@pytest.fixture(autouse=True)
def ahead(monkeypatch) -> Callable[[], None]:
    """Nothing is measured ahead, until this is called: a test that counts measures counts those that it asks for."""
    want = Ahead.want
    monkeypatch.setattr(Ahead, "want", lambda *args: None)
    return lambda: monkeypatch.setattr(Ahead, "want", want)


@pytest.fixture
def small(digits) -> Dataset:
    """1,438 images to test on and 359 to train on, as if they were small MNIST."""
    return replace(
        digits,
        name=QUICK,
        train_images=digits.test_images,
        train_labels=digits.test_labels,
        test_images=digits.train_images,
        test_labels=digits.train_labels,
    )


@pytest.fixture
def open_part(nothing_ships, small, monkeypatch) -> OpenPart:
    """Open a live part by its module's name, with URL parameters, and make sure that it shows no exception, or one."""
    monkeypatch.delenv(SHIPPED_ENV)
    for name in LIVE:
        monkeypatch.setattr(f"{SHARED.get(name, f'pages.parts.lab.{name}')}.load", lambda name: small)

    def open_named(name: str, *, fails: bool = False, **parameters: str) -> AppTest:
        app = AppTest.from_function(_page, default_timeout=PATIENCE, args=(name,))
        for key, value in parameters.items():
            app.query_params[key] = value
        app.run()
        assert bool(app.exception) == fails
        return app

    return open_named
