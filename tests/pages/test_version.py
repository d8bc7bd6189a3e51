"""Every page says which version of the app it is."""

from __future__ import annotations

import pytest

from core import __version__
from tests.pages.conftest import ROOT

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("with_runs", [False, True], ids=["empty", "with runs"])
def test_the_last_line_of_a_page_is_the_version(open_page, request, name, with_runs):
    if with_runs:  # without any, Compare and Misclassified stop early
        request.getfixturevalue("trained")
    app = open_page(name)
    assert list(app.main)[-1].value == f"NormLens {__version__}"
    assert [c.value for c in app.caption].count(f"NormLens {__version__}") == 1
