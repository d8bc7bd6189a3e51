"""Colours of sets, lines of norms, and the contrast of text on a colour. Standard library only."""

from __future__ import annotations

from core.catalogue import NORMS, NormName

TWIN_DASHES = ("dot", "dash", "longdashdot", "dashdot", "longdash")
"""Of the second, third, ... line of one norm, where they differ from the norm's own dash."""


def line_style(norm: NormName, twin: int = 0) -> dict[str, dict[str, object]]:
    """Line and marker of a norm; ``twin`` counts the lines of the same norm before, which change dash and marker."""
    row = NORMS[norm]
    others = [dash for dash in TWIN_DASHES if dash != row.dash]
    return {
        "line": {
            "color": row.color,
            "dash": row.dash if twin == 0 else others[(twin - 1) % len(others)],
            "width": 2.5 if twin == 0 else 1.5,
        },
        "marker": {
            "symbol": row.marker + ("-open" if twin % 2 else ""),
            "size": 7,
            "color": row.color,
        },
    }


def band_color(line: str) -> str:
    """Of the band around a line of this colour, "#rrggbb"."""
    return "rgba({}, {}, {}, 0.16)".format(*(int(line[i : i + 2], 16) for i in (1, 3, 5)))


HUES = ("#5b9bd5", "#e8a33d", "#5cb88a", "#d97fb0", "#9a86d9", "#c9b42f", "#e07b62", "#4fb6c2")
HUES_DARK = ("#2f6ea8", "#a86a14", "#2b8259", "#a04a7c", "#6a54b3", "#8a7a12", "#ad4d36", "#1f808c")
"""The same on a dark page."""
HUES_PALE = ("#cfe2f3", "#fbe5c0", "#cdeadb", "#f4d6e6", "#ddd6f3", "#eee7b5", "#f5cfc5", "#c8e8ec")
"""The same behind black numbers."""


AROUND_ZERO = ("#1f8a83", "#c0732b")
"""What lies below and above zero, where zero has the colour of the page."""
AROUND_ZERO_DARK = ("#2d9c94", "#c98544")
"""The same on a dark page."""


def hue_number(number: int) -> int:
    """Which of the hues a set has: all in turn, shifted after every eight so that neighbours differ."""
    return (number + 3 * (number // len(HUES))) % len(HUES)


def hue(number: int) -> str:
    """The colour of a set."""
    return HUES[hue_number(number)]


INKS = ("#000000", "#ffffff")
"""One of them reaches 4.5 to 1 on any colour whatever."""


def shade(t: float, ends: tuple[str, str]) -> str:
    """The colour at ``t`` of 0..1 between two, as "#rrggbb"."""
    low, high = ([int(end[i : i + 2], 16) for i in (1, 3, 5)] for end in ends)
    return "#" + "".join(f"{round(a + t * (b - a)):02x}" for a, b in zip(low, high, strict=True))


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb", 0..1, as WCAG 2 defines it."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1..21: text needs 4.5."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink_on(color: str) -> str:
    """The text colour that is easier to read on ``color``."""
    return max(INKS, key=lambda ink: contrast(ink, color))
