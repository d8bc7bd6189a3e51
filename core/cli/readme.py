"""Parts of a Markdown file that a command writes: they stand between two lines that name them."""

from __future__ import annotations

from pathlib import Path

from core.config import ConfigError


def marks(name: str) -> tuple[str, str]:
    """The lines before and after the part ``name``; Markdown does not show them."""
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def check_readme(readme: Path | None, name: str) -> None:
    """Raise ``ConfigError`` where ``readme`` is given and is not a text file with a place for the part ``name``."""
    if readme is None:
        return
    if not readme.is_file():
        raise ConfigError(f"readme={readme} is not a file")
    read_between(readme, name)


def _read(readme: Path) -> str:
    try:
        return readme.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"readme={readme} is not a text in UTF-8") from error


def read_between(readme: Path, name: str) -> str:
    """The part ``name``. Raises ``ConfigError`` where its marks are missing."""
    begin, end = marks(name)
    _, found, rest = _read(readme).partition(f"{begin}\n")
    text, closed, _ = rest.partition(end)
    if not found or not closed:
        raise ConfigError(f"{readme} has no place for the part; put the lines {begin} and {end} into it")
    return text


def write_between(readme: Path, name: str, text: str) -> None:
    """Put ``text`` in place of the part ``name``. Raises ``ConfigError`` where its marks are missing."""
    begin, end = marks(name)
    old = read_between(readme, name)
    readme.write_text(_read(readme).replace(f"{begin}\n{old}{end}", f"{begin}\n{text}\n{end}", 1), encoding="utf-8")
