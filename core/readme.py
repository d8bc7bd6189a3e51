"""Parts of a Markdown file that a command writes: they stand between two lines that name them."""

from __future__ import annotations

from pathlib import Path

from core.config import ConfigError


def marks(name: str) -> tuple[str, str]:
    """The lines before and after the part ``name``; Markdown does not show them."""
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def check_readme(readme: Path | None) -> None:
    """Raise ``ConfigError`` where ``readme`` is given and is not a file."""
    if readme is not None and not readme.is_file():
        raise ConfigError(f"readme={readme} is not a file")


def read_between(readme: Path, name: str) -> str:
    """The part ``name``. Raises ``ConfigError`` where its marks are missing."""
    begin, end = marks(name)
    _, found, rest = readme.read_text(encoding="utf-8").partition(f"{begin}\n")
    text, closed, _ = rest.partition(end)
    if not found or not closed:
        raise ConfigError(f"{readme} has no place for the part; put the lines {begin} and {end} into it")
    return text


def write_between(readme: Path, name: str, text: str) -> None:
    """Put ``text`` in place of the part ``name``. Raises ``ConfigError`` where its marks are missing."""
    begin, end = marks(name)
    old = read_between(readme, name)
    whole = readme.read_text(encoding="utf-8")
    readme.write_text(whole.replace(f"{begin}\n{old}{end}", f"{begin}\n{text}\n{end}", 1), encoding="utf-8")
