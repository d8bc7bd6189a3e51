"""Where the focus goes when a control that was pressed by a key goes away. It draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pages.parts.shared.front_end import front_end


def keep_focus(places: Sequence[str], *, name: str, key: str) -> None:
    """Watch while it is on the page.

    places: keys of containers; the first that is there gets the focus.  name: what it is called then.
    """
    front_end(Path(__file__).parent)(key=key, data={"places": list(places), "name": name})
