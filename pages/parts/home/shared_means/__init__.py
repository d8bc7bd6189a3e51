"""A batch as tiles, once for each norm: point at one, and all tiles that share its mean light up in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.catalogue import NORMS, SetNorm
from core.normalization import product_in_words
from pages.parts.shared.front_end import front_end

SIZES = {"N": 4, "C": 8, "G": 4}
"""What the picture starts from."""
LIMITS = {"N": (1, 6), "C": (1, 12)}
"""The least and the most of each; G takes the divisors of C."""
NAMES = {"N": "Images N", "C": "Channels C", "G": "Groups G"}
PLACE = {"n": 1, "c": 2}
"""Row and column of the tile that is lit at first, from 0."""

WORDS = {
    "lead": "Rows are images, columns are channels, each tile is H × W numbers. Point at one: its set lights up, all "
    "numbers that share its mean.",
    "means": "**{title}**: {formula} = {means} means, each of {numbers} numbers",
    "mean": "**{title}**: {formula} = 1 mean, of {numbers} numbers",
    "board": "{count}. {n} by {c} tiles: rows are images, columns are channels. Arrow keys move.",
    "said": "The mean of image {image}, channel {channel} is taken over {sets} tiles.",
    "less": "{title}: less",
    "more": "{title}: more",
}
"""Templates that the browser fills: it alone knows which tile is pointed at."""
IN_GROUPS = {
    "one": "One mean per image and **group of channels**, here one group of all: as LayerNorm.",
    "each": "One mean per image and **group of channels**, here every channel by itself: as InstanceNorm.",
}
"""Instead of the sentence of the catalogue, where the number of groups is 1 or C."""
ONE_IMAGE = "One mean per channel, here of **the only image**: as InstanceNorm."
"""Instead of the sentence of a norm whose sets hold all images, where there is only one."""
OF_ONE_NORM = "{{{name}}} ({title})"


def shared_means(norms: Sequence[SetNorm], *, key: str) -> None:
    """Draw the tiles of ``norms``, none of which may have sets within a tile, with steppers for N, C and G.

    Nothing comes back from the browser: what is pointed at and stepped through matters to nothing else.
    """
    rows = [NORMS[norm] for norm in norms]
    sets = [OF_ONE_NORM.format(name=row.name, title=row.title) for row in rows]
    data = {
        "norms": [
            {
                "name": row.name,
                "title": row.title,
                "color": row.color,
                "grouping": row.grouping,
                "numbering": list(row.numbering),
                "formula": product_in_words(norm, row.numbering),
                "numbers": product_in_words(norm, row.shared),
                "short": row.in_short,
                **(IN_GROUPS if row.grouping == "chosen" else {}),
                **({"alone": ONE_IMAGE} if row.crosses_images else {}),
            }
            for norm, row in zip(norms, rows, strict=True)
        ],
        "sizes": SIZES,
        "limits": LIMITS,
        "names": NAMES,
        "place": PLACE,
        "words": WORDS | {"said": WORDS["said"].replace("{sets}", f"{', '.join(sets[:-1])} and {sets[-1]}")},
    }
    # in a list: of a dictionary Streamlit looks at each value for a table, and imports pandas to do so
    front_end(Path(__file__).parent)(key=key, data=[data])
