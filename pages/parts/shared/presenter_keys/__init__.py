"""The keys of the presenter's view: next, back, and out of it. It draws nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pages.parts.shared.front_end import front_end

Turn = Literal["next", "back"]


def presenter_keys(*, buttons: dict[Turn, str], links: dict[Turn, str], leave: str, key: str) -> None:
    """Listen while it is on the page.

    buttons: keys of those that a page has for its own steps; one that is there and enabled is pressed.
    links: else selectors of the links that are followed; what finds none leads nowhere.
    leave: the key of the button that Escape presses.
    """
    front_end(Path(__file__).parent)(key=key, data={"buttons": buttons, "links": links, "leave": leave})
