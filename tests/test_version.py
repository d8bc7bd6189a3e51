"""One version: in the package's description, in the code, in every record."""

from __future__ import annotations

import tomllib
from pathlib import Path

from core import __version__
from core.records import store as runs
from tests.former_recipe import former_runs

ROOT = Path(__file__).parents[1]


def test_the_code_and_the_package_say_the_same():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == __version__


def test_the_changelog_begins_with_it():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changes.split("\n## [", 1)[1].startswith(f"{__version__}] - ")


def test_a_record_says_which_version_made_it(record, record_folder):
    assert record.environment["normlens"] == __version__
    assert runs.load(record_folder).environment["normlens"] == __version__


def test_a_record_from_before_loads():
    assert "normlens" not in former_runs()[0].environment
