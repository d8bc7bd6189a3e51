"""Parts of a Markdown file that a command writes: they stand between two lines that name them."""

from __future__ import annotations

import re
from pathlib import Path

from core.config import ConfigError
from core.quoting import shortened
from core.records.whole_file import write_whole


def marks(name: str) -> tuple[str, str]:
    """The lines before and after the part ``name``; Markdown does not show them."""
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def check_readme(readme: Path | None, name: str) -> None:
    """Raise ``ConfigError`` where ``readme`` is given and is not a text file with a place for the part ``name``."""
    if readme is None:
        return
    if not readme.is_file():
        raise ConfigError(f"readme={shortened(readme)} is not a file")
    read_between(readme, name)


def read_between(readme: Path, name: str) -> str:
    """The part ``name``. Raises ``ConfigError`` where its marks are missing."""
    text, part = _find(readme, name)
    return text[part.end("begin") : part.start("end")].replace("\r\n", "\n")


def write_between(readme: Path, name: str, text: str) -> None:
    """Put ``text`` in place of the part ``name``, and change nothing else. Raises ``ConfigError`` as above."""
    old, part = _find(readme, name)
    new = f"{text}\n".replace("\n", part["line_end"])
    write_whole(readme, (old[: part.end("begin")] + new + old[part.start("end") :]).encode())


def _find(readme: Path, name: str) -> tuple[str, re.Match[str]]:
    """The text of the file with its own line ends, and where in it the part ``name`` stands."""
    begin, end = marks(name)
    try:
        text = readme.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"readme={shortened(readme)} is not a text in UTF-8") from error
    except OSError as error:  # what fails in the middle of a file does not name it
        raise OSError(error.errno, error.strerror, str(readme)) from error
    part = re.search(rf"(?P<begin>{re.escape(begin)}(?P<line_end>\r?\n)).*?(?P<end>{re.escape(end)})", text, re.DOTALL)
    if part is None:
        raise ConfigError(f"{shortened(readme)} has no place for the part; put the lines {begin} and {end} into it")
    return text, part
